"""A worker in a process of its own, on the suite's broker: Chard's, or Celery's for the control run."""
import ctypes
import os
import pathlib
import signal
import subprocess
import sys
import time

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)
HERE = pathlib.Path(__file__).resolve().parent


def die_with_parent():
    """Should the suite be killed, no worker stays behind."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class ExternalWorker:
    """One worker of the given node name; restarted when a test may have left it in disorder."""

    def __init__(self, kind, nodename, log):
        self.kind, self.nodename, self.log = kind, nodename, pathlib.Path(log)
        self.process = None

    @property
    def command(self):
        same = ["-n", self.nodename, "-E", "--without-mingle", "--without-gossip", "--without-heartbeat"]
        if self.kind == "celery":
            return [sys.executable, "-m", "celery", "-A", "celery_worker:app", "worker", "-c", "1", "-P", "prefork", *same]
        return [os.environ["CONFORMANCE_WORKER"], "--config", str(HERE / "queues.yaml"), "-b", os.environ["TEST_BROKER"],
                "--result-backend", os.environ["TEST_BACKEND"], *same]

    def start(self, answers):
        """Returns when it is ready: Chard's worker logs that, Celery's is asked again and again by `answers`."""
        begun = self.position()
        with open(self.log, "ab") as log:
            # A session of its own: a signal to the suite's group must not reach it before the suite is done.
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                preexec_fn=die_with_parent)
        end = time.monotonic() + 30
        while not (" ready." in self.since(begun) if self.kind == "chard" else answers()):
            time.sleep(0.02)
            if self.process.poll() is not None:
                raise RuntimeError(f"the worker ended with status {self.process.returncode}; its log is {self.log}")
            if time.monotonic() > end:
                self.stop()
                raise RuntimeError(f"the worker was not ready within 30 s; its log is {self.log}")

    def stop(self, seconds=10):
        """Ends it, by force after `seconds`, and then what it has forked, too."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.process = None

    def position(self):
        return self.log.stat().st_size if self.log.exists() else 0

    def since(self, position, most=6000):
        """What it has logged since then, the end of it."""
        with open(self.log, "rb") as log:
            log.seek(max(position, self.position() - most))
            return log.read().decode(errors="replace")
