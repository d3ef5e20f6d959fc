"""scripts/fault_proxy.py in front of one server, told what to do over its HTTP control."""
import json
import subprocess
import sys
import urllib.request
from urllib.parse import urlsplit

from .services import ROOT


class FaultProxy:
    """`url` is the same server through the proxy. It ends with the test: it watches its standard input."""

    def __init__(self, target):
        parts = urlsplit(target)
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "scripts" / "fault_proxy.py"), "--until-eof",
             f"x={parts.hostname}:{parts.port}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        told = json.loads(self.process.stdout.readline())
        self.control = told["control"] + "/x"
        login = f"{parts.username}:{parts.password}@" if parts.username else ""
        path = target.split(parts.netloc, 1)[1]        # as it stands: Celery's "//" is the vhost "/"
        self.url = f"{parts.scheme}://{login}127.0.0.1:{told['x']}{path}"

    def change(self, **wanted):
        request = urllib.request.Request(self.control, json.dumps(wanted).encode(), method="PUT")
        urllib.request.urlopen(request, timeout=10).read()

    def connections(self):
        root = self.control.rpartition("/")[0]
        return json.loads(urllib.request.urlopen(root + "/", timeout=10).read())["x"]["connections"]

    def hold_what_the_client_sends(self):
        """Deliveries still arrive; acknowledgements and heartbeats do not get out."""
        self.change(mode="hang-upstream")

    def refuse(self):
        self.change(mode="refuse")

    def up(self):
        self.change(mode="up")

    def cut(self):
        """Resets the connections of the moment (what they still held is lost) and forwards new ones."""
        self.change(mode="up", reset=True)

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()
