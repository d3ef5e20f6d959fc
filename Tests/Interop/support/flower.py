"""Flower, as its users start it, and its REST interface. Flower lives in a virtualenv of its own: `scripts/install tests`."""
import json
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from .services import ROOT
from .waiting import eventually

HERE = Path(__file__).resolve().parent
VENV = ROOT / ".run" / "flower-venv"
LISTENING = re.compile(r"Visit me at http://127\.0\.0\.1:(\d+)")


def missing():
    """Why there can be no Flower here, or None."""
    return None if (VENV / "bin" / "celery").exists() else f"no Flower in {VENV}: scripts/install tests"


class Flower:
    """One Flower on a port that the kernel chose. `queue` is where its own app sends tasks."""

    def __init__(self, folder, broker, backend, management, queue, environment):
        self.log_path = folder / "flower.log"
        environment = {**environment, "FLOWER_UNAUTHENTICATED_API": "true", "STUB_BROKER": broker, "STUB_BACKEND": backend,
                       "STUB_QUEUE": queue}
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [VENV / "bin" / "celery", "--workdir", HERE, "-A", "flower_app", "flower", "--address=127.0.0.1",
                 "--port=0", f"--broker_api={management.rstrip('/')}/api/"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, cwd=folder)
        try:
            port = eventually(self._port, 60, what="Flower's port")
            self.url = f"http://127.0.0.1:{port}"
            eventually(self._healthy, 30, what="Flower's health check")
        except AssertionError as error:
            self.close()
            raise AssertionError(f"{error}\n--- log of Flower ---\n{self.log()}") from None

    def log(self):
        return self.log_path.read_text("utf-8", "replace")

    def _port(self):
        assert self.process.poll() is None, f"Flower ended with {self.process.returncode}"
        found = LISTENING.search(self.log())
        return found and found[1]

    def _healthy(self):
        try:
            return self.request("GET", "/healthcheck") == (200, "OK")
        except OSError:
            return False

    # --- HTTP ---------------------------------------------------------------------------------------------------------

    def request(self, method, path, body=None, **query):
        """Returns the status and what was answered: JSON as a value, anything else as text."""
        if query:
            path += "?" + urllib.parse.urlencode(query)
        request = urllib.request.Request(self.url + urllib.parse.quote(path, safe="/?&=%+@"), method=method)
        data = None
        if method == "POST":
            request.add_header("content-type", "application/json")
            data = json.dumps(body).encode() if body is not None else b""
        try:
            with urllib.request.urlopen(request, data, timeout=40) as answer:
                return answer.status, decoded(answer)
        except urllib.error.HTTPError as error:
            return error.code, decoded(error)

    def get(self, path, **query):
        status, answer = self.request("GET", path, **query)
        assert status == 200, f"GET {path} {query}: {status} {answer}\n{self.log()[-2000:]}"
        return answer

    def post(self, path, body=None, **query):
        status, answer = self.request("POST", path, body, **query)
        assert status == 200, f"POST {path} {query} {body}: {status} {answer}\n{self.log()[-2000:]}"
        return answer

    # --- what tests ask most ------------------------------------------------------------------------------------------

    def worker(self, node):
        """Everything that Flower has of a worker, asked of the worker anew; empty before it answers."""
        status, answer = self.request("GET", "/api/workers", refresh=1, workername=node)
        return answer[node] if status == 200 else {}

    def send(self, task, *args, **options):
        """send-task; returns the id."""
        return self.post(f"/api/task/send-task/{task}", {"args": list(args), **options})["task-id"]

    def result(self, task_id, timeout=20):
        """(state, result) once the task has ended. Flower reads the state before it waits, hence the second look."""
        self.get(f"/api/task/result/{task_id}", timeout=timeout)
        found = self.get(f"/api/task/result/{task_id}")
        return found["state"], found.get("result")

    def info(self, task_id):
        """What Flower's events tell of a task; empty while it knows nothing."""
        status, answer = self.request("GET", f"/api/task/info/{task_id}")
        return answer if status == 200 else {}

    def wait_state(self, task_id, *states, timeout=20):
        """Waits until events say that state; returns the task's information."""
        def look():
            found = self.info(task_id)
            return found if found.get("state") in states else None
        try:
            return eventually(look, timeout, every=0.05, what=f"{task_id} to be {' or '.join(states)} in Flower")
        except AssertionError as error:
            raise AssertionError(f"{error}; Flower has {self.info(task_id)}") from None

    def metric(self, name, **labels):
        """The value of a sample of /metrics whose labels include these; None when there is none."""
        for line in self.get("/metrics").splitlines():
            found = re.fullmatch(r"(\w+)\{(.*)\} (\S+)", line)
            if found and found[1] == name:
                have = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', found[2]))
                if labels.items() <= have.items():
                    return float(found[3])
        return None

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def decoded(answer):
    text = answer.read().decode("utf-8", "replace")
    return json.loads(text) if "json" in answer.headers.get("content-type", "") else text
