"""The three that are compared. Each consumes one queue with prefetch 1000, stores results, and acknowledges late."""
import contextlib
import os
import pathlib
import signal
import subprocess
import sys

from servers import log_tail

HERE = pathlib.Path(__file__).resolve().parent


class Yardstick:
    """C on the same two libraries, without tasks or JSON."""
    name, title = "yardstick", "C yardstick"

    def command(self, servers, queue, type, latency):
        batch = ["-b", "1"] if latency else ["-b", "100"]
        return [servers.bin / "yardstick", "-q", queue, "-t", type, "-p", "1000", *batch,
                servers.amqp_port, servers.redis_port]


class Chard:
    """The example worker, built for release."""
    name, title = "chard", "Chard"

    def command(self, servers, queue, type, latency):
        return [os.environ["CHARD_WORKER"], "--config", HERE / "queues.yaml", "-Q", queue, "-l", "warning"]


class PythonCelery:
    """Celery 5.7 with two processes."""
    name, title = "celery", "Python Celery"

    def command(self, servers, queue, type, latency):
        return [sys.executable, "-m", "celery", "--workdir", HERE, "-A", "celery_app", "worker", "-P", "prefork", "-c", "2",
                "-l", "WARNING"]


ALL = [Yardstick(), Chard(), PythonCelery()]


class Running:
    """A worker process, ended by TERM as its users would end it. `options`: more words for its command line."""

    def __init__(self, worker, servers, queue, type, latency=False, options=()):
        self.log = servers.folder / f"{worker.name}.log"
        command = [str(word) for word in (*worker.command(servers, queue, type, latency), *options)]
        environment = dict(os.environ, BENCH_QUEUE=queue, PYTHONDONTWRITEBYTECODE="1")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment,
                                            start_new_session=True)
        self.pid = self.process.pid

    def alive(self):
        return self.process.poll() is None

    def end(self, seconds=30):
        """Returns an error text unless it ended by itself, with status 0, after TERM."""
        if not self.alive():
            return f"ended by itself with status {self.process.returncode}:\n{log_tail(self.log)}"
        self.process.terminate()
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)          # the group is this worker's own session
            self.process.wait()
            return f"did not stop within {seconds} s after TERM"
        return None if status == 0 else f"ended with status {status} after TERM:\n{log_tail(self.log)}"


@contextlib.contextmanager
def running(*arguments, **options):
    worker = Running(*arguments, **options)
    try:
        yield worker
    finally:
        if worker.alive():
            worker.end(10)
