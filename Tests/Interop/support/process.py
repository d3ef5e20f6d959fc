"""One worker process: started, watched through its log, ended by its own pid."""
import os
import re
import signal
import subprocess

from . import loglines
from .waiting import eventually


class WorkerProcess:
    def __init__(self, command, log_path, env, own_group=False):
        self.command, self.log_path, self.own_group = command, log_path, own_group
        with open(log_path, "ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env, start_new_session=own_group,
                cwd=log_path.parent)

    @property
    def pid(self):
        return self.process.pid

    @property
    def running(self):
        return self.process.poll() is None

    @property
    def name(self):
        """The node name, as the worker says it."""
        return loglines.READY.search(self.log())[1]

    def log(self):
        return self.log_path.read_text("utf-8", "replace")

    def tail(self, lines=40):
        return "\n".join(line[:300] for line in self.log().splitlines()[-lines:])

    def wait_for_log(self, wanted, timeout=30.0, count=1):
        """Waits until the log holds `wanted` (a text or a compiled regex) `count` times; returns the matches."""
        pattern = re.compile(re.escape(wanted)) if isinstance(wanted, str) else wanted

        def look():
            running = self.running                # asked first: what an ended worker wrote is all there
            found = list(pattern.finditer(self.log()))
            assert running or len(found) >= count, f"worker ended with {self.process.returncode}"
            return found if len(found) >= count else None
        try:
            return eventually(look, timeout, what=f"log line {pattern.pattern!r}")
        except AssertionError as error:
            raise AssertionError(f"{error}\n--- log of the worker ---\n{self.tail()}") from None

    def wait_ready(self, timeout=60.0):
        self.wait_for_log(loglines.READY, timeout)
        return self

    def counted(self, pattern):
        return len(pattern.findall(self.log()))

    def cpu_seconds(self):
        """User and system time of the process and its children that still run."""
        def ticks(pid):
            try:
                fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
                children = open(f"/proc/{pid}/task/{pid}/children").read().split()
            except OSError:
                return 0
            return int(fields[11]) + int(fields[12]) + sum(ticks(int(child)) for child in children)
        return ticks(self.pid) / os.sysconf("SC_CLK_TCK")

    def peak_memory(self):
        """VmHWM in bytes: the most that was ever resident."""
        for line in open(f"/proc/{self.pid}/status"):
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        return 0

    def signal(self, number):
        os.kill(self.pid, number)

    def wait(self, timeout=60.0):
        """Waits for the end and returns the exit status."""
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"worker {self.pid} still runs after {timeout:g} s:\n{self.tail()}") from None

    def stop(self, timeout=60.0):
        """TERM, and it must end with status 0."""
        if self.running:
            self.signal(signal.SIGTERM)
        status = self.wait(timeout)
        assert status == 0, f"worker ended with {status}:\n{self.tail()}"

    def kill(self):
        """SIGKILL; a Python worker's children go with it, for without their parent they would linger."""
        if self.running:
            if self.own_group:
                os.killpg(self.pid, signal.SIGKILL)
            else:
                os.kill(self.pid, signal.SIGKILL)
        return self.process.wait(30)
