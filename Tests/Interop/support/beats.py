"""Beats under test: started with settings of their own, and judged by the ids of what they sent."""
import hashlib
import re
import time
import uuid

import pika.exceptions
import yaml

from .process import WorkerProcess
from .waiting import eventually

LEADING = re.compile(r"beat: Leading, with the fencing number (\d+)")
LOST = re.compile(r"beat: The lock is lost")
SENDING = re.compile(r"Scheduler: Sending due task (\S+) \(")


class Beats:
    """Beats that share one Redis prefix, and the messages they send to one queue."""

    def __init__(self, program, folder, queue, bare, redis, broker, backend, environment):
        self.program, self.folder, self.queue, self.bare, self.redis = program, folder, queue, bare, redis
        self.broker, self.backend, self.environment = broker, backend, environment
        self.prefix, self.all, self.settings = f"beat-{uuid.uuid4().hex[:10]}:", [], {}

    def configure(self, entries, **settings):
        """`entries` as in queues.yaml; their queue is the test's."""
        entries = {name: {"queue": self.queue, "task": "examples.echo", "args": [name], **entry}
                   for name, entry in entries.items()}
        self.settings = {"key_prefix": self.prefix, "timezone": "Europe/Berlin", **settings, "entries": entries}
        return self

    def config(self):
        path = self.folder / "beat.yaml"
        path.write_text(yaml.safe_dump({"beat": self.settings, "queues": {self.queue: {}}}, sort_keys=False), "utf-8")
        return path

    def start(self, *options, broker=None, backend=None):
        command = [self.program, "beat", "--config", str(self.config()), "-b", broker or self.broker,
                   "--result-backend", backend or self.backend, "-l", "debug", *options]
        log = self.folder / f"beat-{len(self.all) + 1}.log"
        process = WorkerProcess(command, log, self.environment)
        self.all.append(process)
        process.wait_for_log("beat: Starting...")         # from here on TERM ends it in order
        return process

    def stop(self):
        for process in self.all:
            if process.running:
                process.stop()

    def end(self):
        for process in self.all:
            if process.running:
                process.kill()
        for key in self.redis.keys(self.prefix + "*"):
            self.redis.delete(key)

    # --- what Redis remembers -----------------------------------------------------------------------------------------

    def ran_at(self, entry, seconds_ago, fingerprint):
        """Pretends that the entry ran then; returns the time in microseconds."""
        micros = int((time.time() - seconds_ago) * 1_000_000)
        self.redis.hset(self.prefix + "last", entry, f"{micros} {fingerprint} Europe/Berlin")
        return micros

    def last(self, entry):
        value = self.redis.hget(self.prefix + "last", entry)
        return value and int(value.split()[0])

    def pending(self):
        return self.redis.hgetall(self.prefix + "pending")

    def wait_for_runs(self, entry, base, every, count, timeout=40):
        eventually(lambda: (self.last(entry) or 0) >= base + count * every, timeout, what=f"{count} runs of {entry}")

    # --- what was sent ------------------------------------------------------------------------------------------------

    def id(self, entry, micros):
        digits = list(hashlib.sha1(f"{self.prefix}\n{entry}\n{micros}".encode()).hexdigest()[:32])
        digits[12], digits[16] = "5", "89ab"[int(digits[16], 16) & 3]
        return str(uuid.UUID("".join(digits)))

    def messages(self):
        """All that is in the queue, taken out."""
        taken = []
        while True:
            try:
                method, properties, _ = self.bare.channel.basic_get(self.queue, auto_ack=True)
            except pika.exceptions.ChannelClosedByBroker as error:
                assert error.reply_code == 404, error
                return taken
            if method is None:
                return taken
            taken.append(properties)

    def each_run_once(self, entry, base, every):
        """Every run from `base` to the last one is there; one that comes twice says so. Returns how many came twice."""
        assert not self.pending()
        runs = [self.id(entry, micros) for micros in range(base + every, self.last(entry) + 1, every)]
        sent = [(one.headers["id"], one.headers.get("x-chard-again", False)) for one in self.messages()]
        ids = [one for one, _ in sent]
        assert set(ids) == set(runs), (f"lost {[n for n, one in enumerate(runs) if one not in ids]} of {len(runs)}, "
                                       f"unknown {len(set(ids) - set(runs))}")
        first = [one for one, again in sent if not again]
        assert len(first) == len(set(first)), "a run was sent twice, and the second does not say so"
        return len(ids) - len(runs)
