"""What the simpler servers have in common: one process, one port, a folder for its data."""
import re

from servers.ports import LOOPBACK
from servers.process import Account, Failure, Process, last_lines, wait_for


class Server:
    """A server that runs in the foreground; a subclass says how it is started and when it is ready."""

    user = "nobody"
    seconds = 60                                             # until it is ready

    def __init__(self, instance, name):
        self.name, self.instance = name, instance
        self.port = instance.ports[name]
        self.folder = instance.folder / name
        self.process = Process(instance.folder / f"{name}.pid")

    def start(self):
        account = Account(self.user, self.folder.parent)
        account.folder(self.folder)
        self.prepare(account)
        child = account.spawn(self.command(), self.log, cwd=self.folder, env=self.environment())
        self.process.remember(child.pid)
        wait_for(lambda: self.answers() or child.poll() is not None, self.seconds, f"{self.name} answers")
        if child.poll() is not None:
            raise Failure(f"{self.name} ended while starting, {self.log} ends with:{last_lines(self.log)}")

    @property
    def variable(self):
        """The name by which tests learn where it is, e.g. CHARD_TEST_POSTGRES_1."""
        return "CHARD_TEST_" + re.sub(r"(\d)$", r"_\1", self.name).upper()

    @property
    def log(self):
        return self.folder.parent / f"{self.name}.log"

    def prepare(self, account):
        """Makes what must be there before the first start."""

    def environment(self):
        return {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}

    def stop(self):
        self.process.end(15)

    def kill(self):
        self.process.kill()

    def signal(self, number):
        self.process.signal(number)

    def describe(self):
        return f"{LOOPBACK}:{self.port}"
