"""What do task events cost? The throughput runs once more, with -E and one listener, beside runs without."""
import json
import subprocess

import report

TYPES = ("received", "started", "succeeded")


class Listener:
    """A monitor on celeryev, in C, so that listening costs as little as it can. `.counts` once it has ended."""

    def __init__(self, servers):
        self.command, self.counts = [servers.bin / "listen", str(servers.amqp_port)], {}

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "ready\n":
            raise RuntimeError("the listener did not start")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        answer, _ = self.process.communicate(timeout=60)
        self.counts = json.loads(answer or "{}")


def one(bench, worker, on):
    if not on:
        return bench.one_throughput(worker, "classic") | {"events": False}
    listener = Listener(bench.servers)
    found = bench.one_throughput(worker, "classic", ["-E"], listener) | {"events": True, "counts": listener.counts}
    if "problem" not in found and any(listener.counts.get(type) != found["tasks"] for type in TYPES):
        found["problem"] = f"the listener got {listener.counts} of {found['tasks']} tasks"
        bench.found["discarded"].append(f"{worker.name}, events: {found['problem']}")
    return found


def events(bench, progress):
    """Runs with and without take turns."""
    found = []
    for number in range(1, bench.options.runs + 1):
        for worker in bench.tasks_workers():
            for on in (False, True):
                found.append(one(bench, worker, on))
                progress(f"events {'on ' if on else 'off'}, run {number}: {report.run_line(worker, found[-1])}")
    return found
