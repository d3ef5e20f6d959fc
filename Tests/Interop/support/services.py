"""The servers under test: those the environment names, or an instance of scripts/services of our own."""
import os
import shlex
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "scripts" / "services"


class Services:
    def __init__(self):
        self.command = shlex.split(os.environ.get("CHARD_TEST_SERVICES", ""))
        self.environment = {key: value for key, value in os.environ.items() if key.startswith("CHARD_TEST_")}
        self._ours = False
        name, lane = os.environ.get("CHARD_INSTANCE", "interop"), os.environ.get("PYTEST_XDIST_WORKER", "gw0")
        if lane != "gw0":
            name, self.command = f"{name}-{int(lane[2:]) + 1}", []
        if not self.command:
            self.command = [str(SCRIPT), name]
            self._ours = self("status", check=False) != 0
            stores = ["all"] if (ROOT / ".run" / "stores-venv").exists() else []
            for line in self.output("up", *stores).splitlines():
                key, _, value = line.removeprefix("export ").partition("=")
                self.environment[key] = shlex.split(value)[0]

    def __call__(self, *words, check=True, timeout=240):
        """Runs one command of scripts/services, e.g. ("restart", "rabbit"), and returns its exit status."""
        done = subprocess.run([*self.command, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=timeout)
        assert not check or done.returncode == 0, f"services {' '.join(words)}: {done.stdout}"
        return done.returncode

    def output(self, *words, timeout=240):
        return subprocess.run([*self.command, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              text=True, timeout=timeout, check=True).stdout

    @property
    def broker(self):
        return self.environment["CHARD_TEST_BROKER_URL"]

    @property
    def backend(self):
        return self.environment["CHARD_TEST_REDIS_URL"]

    @property
    def management(self):
        return self.environment["CHARD_TEST_MANAGEMENT_URL"]

    def close(self):
        if self._ours:
            self("down")
