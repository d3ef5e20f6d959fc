"""Looking at processes and Redis from outside, cheaply: CPU time to the nanosecond, memory, and tasks done over time."""
import pathlib
import socket
import time
from dataclasses import dataclass


def cpu_seconds(pid):
    """CPU time of a process with all its threads, also ended ones, without its children.

    The kernel's CPU clock of another process (clock_getcpuclockid(3)); /proc/PID/stat has only ticks of 10 ms.
    """
    return time.clock_gettime((~pid << 3) | 2)


def family(pid):
    """The process and all its descendants that live."""
    found = [pid]
    for parent in found:
        for task in pathlib.Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found += [int(child) for child in task.read_text().split()]
            except OSError:
                pass
    return found


def memory_mb(pid, field="VmHWM"):
    """A field of /proc/PID/status in MB, summed over the process and its descendants (shared pages count for each)."""
    total = 0
    for each in family(pid):
        for line in pathlib.Path(f"/proc/{each}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                total += int(line.split()[1])
    return total / 1024


class Results:
    """The result documents in Redis, counted over one plain connection: 30 µs of Redis's time for each look."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")

    def command(self, *words):
        self.send(words)
        return self.reply()

    def send(self, words):
        parts = [str(word).encode() for word in words]
        self.socket.sendall(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%b\r\n" % (len(part), part) for part in parts))

    def reply(self):
        line = self.file.readline()[:-2]
        kind, rest = line[:1], line[1:]
        if kind == b"-":
            raise RuntimeError(f"Redis: {rest.decode()}")
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self.file.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return [self.reply() for _ in range(int(rest))]
        return rest.decode()

    def count(self):
        return self.command("DBSIZE")

    def clear(self):
        self.command("FLUSHDB")

    def missing(self, ids, document=b'"status": "SUCCESS"'):
        """How many of the tasks have no document in Redis that says SUCCESS."""
        lacking = 0
        for first in range(0, len(ids), 500):
            keys = [f"celery-task-meta-{each}" for each in ids[first:first + 500]]
            lacking += sum(value is None or document not in value for value in self.command("MGET", *keys))
        return lacking


@dataclass
class Sample:
    at: float            # seconds, monotonic
    done: int            # results in Redis
    worker: float        # CPU seconds of the worker and its children
    broker: float
    redis: float


class Observer:
    """Samples how many results there are and what CPU was used, every 10 ms.

    A look costs about 60 µs of CPU, so it takes below one percent of a core from what it measures, and the same from
    every worker.
    """
    INTERVAL = 0.010

    def __init__(self, results, worker, broker, redis):
        self.results, self.worker, self.broker, self.redis = results, worker, broker, redis
        self.members, self.samples = [worker], []

    def sample(self):
        done = self.results.count()
        self.samples.append(Sample(time.monotonic(), done, sum(map(cpu_seconds, self.members)),
                                   cpu_seconds(self.broker), cpu_seconds(self.redis)))
        return done

    def watch(self, tasks, seconds, alive):
        """Until that many results are there. Raises TimeoutError, or RuntimeError when the worker is gone."""
        deadline, known = time.monotonic() + seconds, 0
        while True:
            done = self.sample()
            if done >= tasks:
                return
            if done and not known:
                # All processes of a prefork worker exist before the first result.
                self.members, self.samples, known = family(self.worker), [], 1
            if not alive():
                raise RuntimeError(f"the worker ended after {done} of {tasks} tasks")
            if time.monotonic() > deadline:
                raise TimeoutError(f"{done} of {tasks} tasks were done after {seconds:.0f} s")
            time.sleep(self.INTERVAL)

    def between(self, tasks, low=0.1, high=0.9):
        """Rates over the middle of the run, from 10 % to 90 % of the tasks, interpolated between samples.

        So neither start-up (an interpreter's seconds, the first fill of the prefetch) nor the last, thin batches count,
        whichever worker it is.
        """
        first, last = self.moment(low * tasks), self.moment(high * tasks)
        done, seconds = last.done - first.done, last.at - first.at
        return {
            "rate": done / seconds,
            "cpu_us": (last.worker - first.worker) / done * 1e6,
            "broker_us": (last.broker - first.broker) / done * 1e6,
            "redis_us": (last.redis - first.redis) / done * 1e6,
            "window_s": seconds,
        }

    def moment(self, done):
        """The sample that would have been taken when exactly that many results were there."""
        before = max((s for s in self.samples if s.done <= done), key=lambda s: s.at)
        after = min((s for s in self.samples if s.done > done), key=lambda s: s.at)
        share = (done - before.done) / (after.done - before.done)

        def mix(name):
            start, end = getattr(before, name), getattr(after, name)
            return start + share * (end - start)
        return Sample(mix("at"), done, mix("worker"), mix("broker"), mix("redis"))
