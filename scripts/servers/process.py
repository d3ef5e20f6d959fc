"""Processes that outlive the script that started them: known by pid and birth, so that a reused pid is never signalled."""
import contextlib
import os
import pathlib
import pwd
import signal
import subprocess
import sys
import time


class Failure(Exception):
    """What went wrong and how to mend it, in one line for a person."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def wait_for(condition, seconds, what):
    """Polls until `condition()` is true; quick at first, because most things are."""
    deadline, pause = time.monotonic() + seconds, 0.01
    while not condition():
        if time.monotonic() > deadline:
            raise Failure(f"gave up after {seconds} s waiting until {what}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.2)


def birth(pid):
    """The kernel's start time of a live process, or None. A zombie is dead."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]


class Process:
    """A process that outlives this script, remembered in a file."""

    def __init__(self, file):
        self.file = file

    @property
    def pid(self):
        try:
            pid, born = self.file.read_text().split()
        except (OSError, ValueError):
            return None
        return int(pid) if birth(pid) == born else None

    def remember(self, pid):
        born = birth(pid)
        if born:
            self.file.write_text(f"{pid} {born}\n")

    def signal(self, number):
        pid = self.pid
        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        return pid

    def end(self, seconds):
        """TERM (and CONT, should it be frozen), then KILL when that did not help."""
        if self.signal(signal.SIGTERM):
            self.signal(signal.SIGCONT)
            try:
                wait_for(lambda: not self.pid, seconds, "it stops")
            except Failure:
                say(f"{self.file.stem} did not stop within {seconds} s, killing it")
                self.kill()
        self.file.unlink(missing_ok=True)

    def kill(self):
        if self.signal(signal.SIGKILL):
            wait_for(lambda: not self.pid, 15, f"{self.file.stem} is gone")
        self.file.unlink(missing_ok=True)


class Account:
    """Who a server runs as: the package's user when we are root and that user can reach the folder, else ourselves."""

    def __init__(self, name, folder):
        self.drop = {}
        if os.geteuid() != 0:
            return
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            return
        drop = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        if subprocess.run(["/usr/bin/test", "-x", folder], **drop).returncode == 0:
            self.drop = drop

    def give(self, *paths):
        for path in paths if self.drop else ():
            os.chown(path, self.drop["user"], self.drop["group"])

    def folder(self, path, mode=0o755):
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(mode)
        self.give(path)
        return path

    def spawn(self, command, log, **options):
        with open(log, "ab") as output:
            child = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=output,
                                     stderr=output, start_new_session=True, **self.drop, **options)
        return child


def last_lines(path, count=15):
    try:
        lines = path.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    return "".join(f"\n    {line}" for line in lines[-count:])


def read(path):
    try:
        return path.read_text().strip()
    except OSError:
        return ""
