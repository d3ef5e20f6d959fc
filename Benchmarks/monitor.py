"""The monitor under load: a million tasks in its history, then the events of a thousand workers, with Flower beside it
on the same stream.

    make bench BENCH='--only monitor'                          ten minutes at 5,000 task events a second
    make bench BENCH='--only monitor --monitor-seconds 120 --monitor-tasks 200000'

How it is done, so that the figures can be trusted: the events go over the real broker, made by monitor_load.py in a
process of its own. What is in the history afterwards is compared with what was sent, task by task and event by event.
Memory and CPU are those of the processes, from /proc, once a second. Pages are asked for all the time, one after the
other, over a connection of their own.
"""
import argparse
import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
import time

from monitor_load import TYPES, Load

ROOT = pathlib.Path(__file__).resolve().parent.parent
PATHS = ("/", "/tasks", "/tasks?state=FAILURE", "/tasks?name=shop.tasks.mail.send&order=runtime", "/tasks?text=customer",
         "/workers", "/api/tasks?limit=100", "/metrics")
FLOWER_PATHS = ("/workers", "/tasks", "/api/tasks?limit=100", "/metrics")
TICK = os.sysconf("SC_CLK_TCK")


def figure(pid, name):
    """A figure of /proc/PID/status in MB."""
    found = re.search(rf"{name}:\s*(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024


def cpu(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


class Served:
    """A process with pages, and what is measured of it in a thread for each kind."""

    def __init__(self, name, command, folder, pattern, environment, paths):
        self.name, self.paths, self.rss, self.times, self.failures = name, paths, [], {path: [] for path in paths}, {}
        self.log = folder / f"{name}.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, env=environment)
        deadline = time.monotonic() + 60
        while not (found := re.search(pattern, self.log.read_text("utf-8", "replace"))):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{name} did not start: {self.log.read_text('utf-8', 'replace')[-2000:]}")
            time.sleep(0.1)
        self.port, self.stopping = int(found[1]), threading.Event()

    def watch(self):
        self.cpu_before, self.since = cpu(self.process.pid), time.monotonic()
        self.threads = [threading.Thread(target=each, daemon=True) for each in (self.sample, self.ask)]
        for thread in self.threads:
            thread.start()

    def unwatch(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        self.cpu_share = (cpu(self.process.pid) - self.cpu_before) / (time.monotonic() - self.since)

    def sample(self):
        while not self.stopping.wait(1):
            with contextlib.suppress(OSError, TypeError):      # it has ended
                self.rss.append(figure(self.process.pid, "VmRSS"))

    def ask(self):
        while not self.stopping.is_set():
            for path in self.paths:
                begun, problem = time.monotonic(), None
                try:
                    connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
                    connection.request("GET", path)
                    answer = connection.getresponse()
                    answer.read()
                    problem = None if answer.status == 200 else answer.status
                    connection.close()
                except OSError as error:
                    problem = str(error)
                if problem:
                    self.failures[path] = problem
                self.times[path].append(time.monotonic() - begun)
                self.stopping.wait(0.05)

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def share(values, part):
    values = sorted(values)
    return values[min(len(values) - 1, int(part * len(values)))] if values else float("nan")


class History:
    def __init__(self, path):
        self.database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)

    def tasks(self):
        found = self.database.execute("SELECT value FROM facts WHERE name = 'tasks'").fetchone()
        return found[0] if found else 0

    def events(self):
        """What was counted by type."""
        columns = ", ".join(f"coalesce(sum({type}), 0)" for type in TYPES)
        row = self.database.execute(f"SELECT {columns} FROM series WHERE step = 3600 AND kind = 0").fetchone()
        return dict(zip(TYPES, row))

    def open(self, since):
        """Tasks that came since then and seem not to have ended."""
        return self.database.execute("SELECT count(*) FROM tasks WHERE state IN ('RECEIVED', 'STARTED') AND arrived >= ?",
                                     (since,)).fetchone()[0]

    def wait(self, tasks, seconds=120):
        deadline = time.monotonic() + seconds
        while self.tasks() < tasks:
            if time.monotonic() > deadline:
                raise RuntimeError(f"the history has {self.tasks():,} of {tasks:,} tasks after {seconds} s")
            time.sleep(0.05)


def wait_for(seconds, condition):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.2)


def monitor(options, folder, progress):
    """The figures of one run. `options`: monitor_seconds, monitor_tasks, monitor_rate, monitor_workers, with_flower."""
    folder = pathlib.Path(folder).resolve() / "monitor"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("monitor.sqlite*"):
        old.unlink()
    if options.monitor_from:
        shutil.copy(options.monitor_from, folder / "monitor.sqlite")
    url = os.environ["CELERY_BROKER_URL"]
    (folder / "queues.yaml").write_text(
        f"monitor:\n  history: {folder}/monitor.sqlite\n  max_tasks: {options.monitor_tasks}\n  port: 0\n"
        f"  assets: {ROOT}/monitor\n  enable_events: false\n")
    environment = {**os.environ, "CHARD_CONFIG": str(folder / "queues.yaml")}
    chard = os.environ.get("CHARD") or str(ROOT / ".build/release/chard")
    served = [Served("chard", [chard, "monitor", "--config", str(folder / "queues.yaml")], folder, r"http://[^:]+:(\d+)",
                     environment, PATHS)]
    found = {"tasks": options.monitor_tasks, "rate": options.monitor_rate, "seconds": options.monitor_seconds}
    try:
        time.sleep(1)                                          # until it listens
        history, load = History(folder / "monitor.sqlite"), Load(url, options.monitor_workers)
        begun, there = time.monotonic(), history.tasks()
        load.fill(options.monitor_tasks - there, lambda tasks: history.wait(min(there + tasks, options.monitor_tasks)))
        wait_for(60, lambda: sum(history.events().values()) >= sum(load.sent.values()))
        found["fill_events_per_s"] = sum(load.sent.values()) / (time.monotonic() - begun)
        progress(f"monitor: {history.tasks():,} tasks in the history, filled at {found['fill_events_per_s']:,.0f} events/s")
        load.connection.close()
        if options.with_flower:
            served.append(flower(folder))
        before, since = history.events(), time.time()
        for each in served:
            each.watch()
        output = subprocess.run([sys.executable, ROOT / "Benchmarks/monitor_load.py", url, "--rate", str(options.monitor_rate),
                                 "--seconds", str(options.monitor_seconds), "--workers", str(options.monitor_workers)],
                                check=True, stdout=subprocess.PIPE, text=True).stdout
        found["load"] = json.loads(output)
        sent = found["load"]["sent"]

        def counted():
            return {type: count - before[type] for type, count in history.events().items()}
        wait_for(60, lambda: counted() == sent)
        found |= {"counted": counted(), "sent": sent, "open": history.open(since), "tasks_kept": history.tasks()}
        for each in served:
            each.unwatch()
        if options.with_flower:
            found["flower_events"] = flower_events(served[1])
    finally:
        for each in served:
            each.close()
    found["served"] = [summary(each) for each in served]
    found["disk_mb"] = sum(path.stat().st_size for path in folder.glob("monitor.sqlite*")) / 1e6
    return found


def flower(folder):
    support = ROOT / "Tests/Interop/support"
    environment = {**os.environ, "FLOWER_UNAUTHENTICATED_API": "true", "STUB_BROKER": os.environ["CELERY_BROKER_URL"],
                   "STUB_BACKEND": os.environ["CELERY_RESULT_BACKEND"], "STUB_QUEUE": "celery"}
    return Served("flower", [ROOT / ".run/flower-venv/bin/celery", "--workdir", support, "-A", "flower_app", "flower",
                             "--address=127.0.0.1", "--port=0"], folder, r"Visit me at http://127\.0\.0\.1:(\d+)",
                  environment, FLOWER_PATHS)


def flower_events(served):
    """How many task events Flower has counted by the end; what it keeps of them is its newest 100,000 tasks at most."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=120)
    try:
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
    except OSError as error:
        return f"no answer: {error}"
    return int(sum(float(line.rpartition(" ")[2]) for line in text.splitlines()
                   if line.startswith("flower_events_total{") and 'type="task-' in line))


def summary(served):
    minute = served.rss[30:90] or served.rss
    return {"name": served.name, "rss_first_mb": share(minute, 0.5), "rss_last_mb": share(served.rss[-60:], 0.5),
            "rss_peak_mb": max(served.rss, default=0), "cpu": served.cpu_share, "failures": served.failures,
            "pages": {path: {"n": len(times), "p50_ms": share(times, 0.5) * 1000, "p99_ms": share(times, 0.99) * 1000,
                             "max_ms": max(times, default=0) * 1000} for path, times in served.times.items()}}


def add_options(parser):
    parser.add_argument("--monitor-seconds", type=float, default=600, help="seconds of load on the monitor (600)")
    parser.add_argument("--monitor-tasks", type=int, default=1_000_000, help="tasks in its history before that (1000000)")
    parser.add_argument("--monitor-rate", type=float, default=5000, help="task events a second (5000)")
    parser.add_argument("--monitor-workers", type=int, default=1000, help="workers that send them (1000)")
    parser.add_argument("--monitor-from", type=pathlib.Path, help="a history to begin with, instead of filling a new one")
    parser.add_argument("--no-flower", dest="with_flower", action="store_false", help="the monitor without Flower beside it")


def faults(found):
    """What was not as it must be, whatever the machine."""
    if found["sent"] == found["counted"] and not found["open"]:
        return []
    return [f"monitor: counted {found['counted']} of {found['sent']} events, {found['open']} tasks seem to be running"]


def text(found):
    """One table."""
    sent, counted = sum(found["sent"].values()), sum(found["counted"].values())
    lines = [f"the monitor: {found['tasks_kept']:,} tasks in its history ({found['disk_mb']:,.0f} MB), then {found['seconds']:.0f} s of "
             f"{found['rate']:,.0f} task events/s and {found['load']['heartbeats']:,} heartbeats",
             f"  sent {sent:,} task events, counted {counted:,}"
             + ("" if found["sent"] == found["counted"] else f"  NOT EQUAL: {found['sent']} {found['counted']}")
             + f"; {found['open']} tasks seem to be running (none is); filled at {found['fill_events_per_s']:,.0f} events/s",
             f"  the generator was {found['load']['behind_s']} s late at worst"]
    if "flower_events" in found:
        lines.append(f"  Flower's own count of the same {sent:,}: {found['flower_events']:,}" if isinstance(found["flower_events"], int)
                     else f"  Flower: {found['flower_events']}")
    for each in found["served"]:
        lines.append(f"  {each['name']:7} memory {each['rss_first_mb']:.0f} MB early, {each['rss_last_mb']:.0f} MB late, "
                     f"{each['rss_peak_mb']:.0f} MB peak; {each['cpu'] * 100:.0f} % of a core")
        for path, page in each["pages"].items():
            lines.append(f"    {path:48} {page['n']:6} times  p50 {page['p50_ms']:8.1f} ms  p99 {page['p99_ms']:8.1f} ms"
                         + (f"  FAILED: {each['failures'][path]}" if path in each["failures"] else ""))
    return "\n".join(lines)


def main():
    """Without the rest of the bench, on servers that are there: eval "$(scripts/services NAME env)"."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument("--folder", type=pathlib.Path, default=".run/bench")
    options = parser.parse_args()
    found = monitor(options, options.folder, lambda text: print(text, file=sys.stderr, flush=True))
    print(text(found))
    return 1 if faults(found) else 0


if __name__ == "__main__":
    sys.exit(main())
