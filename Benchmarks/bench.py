"""Measures Chard beside the C yardstick and Python's Celery: throughput, CPU per task, latency, memory, mixed load.

    make bench                                     the standard set, about a quarter of an hour
    make bench BENCH='--only throughput --queues classic --runs 9'
    make bench BENCH='--help'

How it is done, so that the figures can be trusted:

* One broker and one Redis on this machine, for all workers. A run starts with a queue that holds all its tasks, once
  broker and Redis have become quiet: right after a fill, a broker does half its rate.
* Runs interleave: yardstick, Chard, yardstick, Celery, Chard, yardstick, ... Machines change speed over minutes, so each
  Chard run is compared with the mean of the yardstick runs before and after it. Medians of all runs are reported.
* Rate and CPU are taken over the middle of a run, from 10 % to 90 % of its tasks, by counting results in Redis from
  outside every 10 ms: see observe.py. Start-up and shutdown of the worker do not count, for none of them.
* A run counts only if every task's result is in Redis, says SUCCESS, and no message is left or comes back to the queue
  when the worker has ended. Others are reported as discarded.
* Latency is from just before a publish to hearing of the result over Redis Pub/Sub, 100 tasks/s, by one C client.
* Rows, vectors, sessions and the cache of inferences are measured by the Swift program store-bench: see stores.py.
* Events, chords and replies to remote control are measured for Chard and Celery, taking turns: see events.py, chords.py
  and control.py.
"""
import argparse
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import time

import monitor
import report
from chords import chords
from control import control
from events import events
from mixed import mixed
from observe import Observer, memory_mb
from servers import Servers
from stores import stores
from workers import ALL, running

SOAK_TASKS, SOAK_PART, SOAK_EARLY = 1_000_000, 100_000, 200_000


def progress(text):
    print(text, file=sys.stderr, flush=True)


class Bench:
    def __init__(self, options, servers):
        self.options, self.servers = options, servers
        self.workers = [worker for worker in ALL if worker.name in options.workers]
        self.found = {"machine": report.machine(), "options": vars(options), "throughput": [], "latency": [],
                      "discarded": []}

    def worker(self, name):
        return next((worker for worker in self.workers if worker.name == name), None)

    def tasks_workers(self):
        """Those that run real tasks."""
        return [worker for worker in self.workers if worker.name != "yardstick"]

    # --- throughput, CPU, peak memory ---------------------------------------------------------------------------------

    def order(self):
        """Yardstick first and after each Chard run; Celery, which is far slower, after every yardstick."""
        yardstick, chard, celery = map(self.worker, ("yardstick", "chard", "celery"))
        runs = [yardstick]
        for _ in range(self.options.runs):
            runs += [chard, yardstick, celery] if chard else [celery, yardstick]
        return [worker for worker in runs if worker]

    def throughput(self, type):
        order = self.order()
        for number, worker in enumerate(order, 1):
            found = self.one_throughput(worker, type)
            self.found["throughput"].append(found)
            progress(f"throughput, {type} queue, {number} of {len(order)}: {report.run_line(worker, found)}")

    def one_throughput(self, worker, type, options=(), beside=contextlib.nullcontext()):
        """`options` of the worker's command line; `beside` is entered before it starts, and left after its end."""
        servers, queue = self.servers, f"bench-{type}"
        tasks = self.options.celery_tasks if worker.name == "celery" else self.options.tasks
        servers.delete_all()
        servers.results.clear()
        ids = servers.fill(queue, type, tasks)
        settled = servers.settle()
        found = {"worker": worker.name, "queue": type, "tasks": tasks, "settled_s": settled, "load": os.getloadavg()[0]}
        with beside, running(worker, servers, queue, type, options=options) as process:
            observer = Observer(servers.results, process.pid, servers.broker_pid, servers.redis_pid)
            try:
                observer.watch(tasks, 30 + tasks / 500, process.alive)
                time.sleep(0.3)                              # the last acknowledgements
                found["peak_mb"] = memory_mb(process.pid)
                problem = process.end()
            except (RuntimeError, TimeoutError) as error:
                problem = f"{error}: {process.end() or ''}"
        return self.judge(found, problem, queue, ids, observer)

    def judge(self, found, problem, queue, ids, observer):
        """Adds the figures, or the reason why they do not count."""
        missing, left = self.servers.results.missing(ids), self.servers.waiting(queue)
        if not problem and (missing or left):
            problem = f"{missing} of {len(ids)} results are not there, {left} messages are left in the queue"
        if problem:
            found["problem"] = problem
            self.found["discarded"].append(f"{found['worker']}, {found['queue']} queue: {problem}")
            return found
        return found | observer.between(len(ids))

    # --- latency ------------------------------------------------------------------------------------------------------

    def latency(self, type):
        for round in range(self.options.latency_runs):
            for worker in self.workers:
                found = {"worker": worker.name, "queue": type} | self.one_latency(worker, type)
                self.found["latency"].append(found)
                progress(f"latency, {type} queue, round {round + 1}: {report.latency_line(worker, found)}")

    def one_latency(self, worker, type):
        servers, queue = self.servers, f"bench-{type}"
        servers.delete_all()
        servers.results.clear()
        servers.fill(queue, type, 50)                        # its answers say that the worker is ready
        with running(worker, servers, queue, type, latency=True) as process:
            try:
                Observer(servers.results, process.pid, servers.broker_pid, servers.redis_pid).watch(50, 60, process.alive)
                servers.settle(10)
                client = subprocess.run([servers.bin / "latency", "-q", queue, "-n", str(self.options.latency_tasks),
                                         "-r", str(servers.next_run()), str(servers.amqp_port), str(servers.redis_port)],
                                        check=True, capture_output=True, text=True)
                found = json.loads(client.stdout)
                problem = process.end()
            except (RuntimeError, TimeoutError, subprocess.CalledProcessError) as error:
                return self.no_latency(worker, type, str(error))
        if not problem and found["seen"] < found["sent"]:
            problem = f"{found['sent'] - found['seen']} of {found['sent']} results were never announced"
        return self.no_latency(worker, type, problem) if problem else found

    def no_latency(self, worker, type, problem):
        self.found["discarded"].append(f"{worker.name}, latency, {type} queue: {problem}")
        return {"problem": problem}

    # --- memory -------------------------------------------------------------------------------------------------------

    def memory(self):
        """A million tasks through one Chard worker, in parts, because the backlog and the results need room too."""
        servers, queue, chard = self.servers, "bench-classic", self.worker("chard")
        servers.delete_all()
        servers.results.clear()
        tasks, done, found = self.options.soak_tasks, 0, {"tasks": self.options.soak_tasks}
        early = min(SOAK_EARLY, tasks // 5)
        servers.fill(queue, "classic", 1)
        with running(chard, servers, queue, "classic") as process:
            try:
                while done < tasks:
                    part = min(SOAK_PART, tasks - done, early - done if done < early else tasks)
                    servers.results.clear()
                    ids = servers.fill(queue, "classic", part)
                    self.wait_for(ids, process)
                    done += part
                    resident = memory_mb(process.pid, "VmRSS")
                    found.setdefault("resident_mb", []).append([done, round(resident, 2)])
                    progress(f"memory: {done:,} tasks done, {resident:.1f} MB resident")
                found |= {"early_mb": dict(found["resident_mb"])[early], "late_mb": resident,
                          "peak_mb": memory_mb(process.pid), "early_tasks": early}
                found["problem"] = process.end()
            except (RuntimeError, TimeoutError) as error:
                found["problem"] = str(error)
        if found["problem"]:
            self.found["discarded"].append(f"chard, memory: {found['problem']}")
        self.found["memory"] = found

    def wait_for(self, ids, process):
        deadline = time.monotonic() + 60 + len(ids) / 2000
        while lacking := self.servers.results.missing(ids) if self.servers.results.count() >= len(ids) else len(ids):
            if not process.alive() or time.monotonic() > deadline:
                raise RuntimeError(f"up to {lacking} of {len(ids)} results did not come")
            time.sleep(0.2)

    # --- all ----------------------------------------------------------------------------------------------------------

    def run(self):
        parts = self.options.only
        for type in self.options.queues:
            if "throughput" in parts:
                self.throughput(type)
            if "latency" in parts:
                self.latency(type)
        for name, part in (("events", events), ("chords", chords), ("control", control)):
            if name in parts:
                self.found[name] = part(self, progress)
        if "stores" in parts:
            self.found["stores"] = stores(self.options.store_runs)
        if "monitor" in parts:
            self.found["monitor"] = monitor.monitor(self.options, self.servers.folder, progress)
            self.found["discarded"] += monitor.faults(self.found["monitor"])
        if self.worker("chard"):
            if "memory" in parts:
                self.memory()
            if "mixed" in parts:
                self.found["mixed"] = mixed(self, progress)
        return self.found


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = ["throughput", "latency", "events", "chords", "control", "memory", "mixed", "stores", "monitor"]
    queues, names = ["classic", "quorum"], [each.name for each in ALL]

    def some_of(choices):
        def parse_list(text):
            chosen = text.split(",")
            if unknown := set(chosen) - set(choices):
                raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: choose from {', '.join(choices)}")
            return chosen
        return parse_list

    parser.add_argument("--only", type=some_of(parts), default=[part for part in parts if part != "monitor"], metavar="PARTS", help=",".join(parts) + "; default all but monitor, which takes a quarter of an hour of its own")
    parser.add_argument("--queues", type=some_of(queues), default=queues, help=",".join(queues))
    parser.add_argument("--workers", type=some_of(names), default=names, help=",".join(names))
    parser.add_argument("--runs", type=int, default=5, help="Chard and Celery runs for each queue (5)")
    parser.add_argument("--tasks", type=int, default=60_000, help="tasks in a run (60000)")
    parser.add_argument("--celery-tasks", type=int, default=10_000, help="tasks in a run of Python's Celery (10000)")
    parser.add_argument("--latency-runs", type=int, default=3, help="rounds of latency (3)")
    parser.add_argument("--latency-tasks", type=int, default=1000, help="tasks in a latency run (1000)")
    parser.add_argument("--chords", type=int, default=5000, help="chords of ten in a run (5000)")
    parser.add_argument("--celery-chords", type=int, default=800, help="chords in a run of Python's Celery (800)")
    parser.add_argument("--control-runs", type=int, default=3, help="rounds of remote control (3)")
    parser.add_argument("--control-requests", type=int, default=200, help="requests of each command in a round (200)")
    parser.add_argument("--store-runs", type=int, default=5, help="rounds of rows, vectors and sessions (5)")
    parser.add_argument("--soak-tasks", type=int, default=SOAK_TASKS, help="tasks of the memory run (1000000)")
    monitor.add_options(parser)
    parser.add_argument("--output", type=pathlib.Path, default=".run/bench/results.json", help="every figure as JSON")
    return parser.parse_args()


def main():
    options = parse()
    servers = Servers(pathlib.Path(".run/bench"))
    servers.compile()
    bench = Bench(options, servers)
    begun = time.monotonic()
    try:
        bench.run()
    except KeyboardInterrupt:
        progress("interrupted: what follows is what was measured until then")
    bench.found["seconds"] = time.monotonic() - begun
    options.output.write_text(json.dumps(bench.found, indent=1, default=str) + "\n")
    print(report.text(bench.found))
    return 1 if bench.found["discarded"] else 0


if __name__ == "__main__":
    sys.exit(main())
