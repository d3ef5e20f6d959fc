"""Many tasks at once, and the count of what became of them."""
import json
import os
import random
import threading
from collections import Counter

import pika

from . import messages
from .broker import Bare
from .waiting import eventually

#: Printed with each run; CHARD_TEST_SEED repeats it.
SEED = int(os.environ.get("CHARD_TEST_SEED", random.randrange(10 ** 6)))


class Load:
    """Tasks of one queue: adds, now and then a short sleep, and a share that appends its id to a file."""

    def __init__(self, queue, file, append_every=20, sleep_every=33):
        self.queue, self.file, self.append_every, self.sleep_every = queue, file, append_every, sleep_every
        self.ids, self.appended = [], []

    def next(self):
        """The next message as (id, headers, body)."""
        number, task_id = len(self.ids), messages.new_id()
        task, args = "examples.add", (number, 1)
        if number % self.append_every == 0:
            task, args = "examples.append", (str(self.file), task_id)
            self.appended.append(task_id)
        elif number % self.sleep_every == 0:
            task, args = "examples.sleep", (0.05,)
        self.ids.append(task_id)
        return task_id, messages.headers(task_id, task), messages.body(args)

    def send(self, channel, count):
        """Unconfirmed, for when the broker is not what fails."""
        for _ in range(count):
            task_id, headers, body = self.next()
            channel.basic_publish("", self.queue, body, pika.BasicProperties(
                headers=headers, content_type="application/json", content_encoding="utf-8", delivery_mode=2,
                correlation_id=task_id))

    def states(self, redis):
        found = Counter()
        for start in range(0, len(self.ids), 1000):
            part = self.ids[start:start + 1000]
            for stored in redis.mget([f"celery-task-meta-{one}" for one in part]):
                found[json.loads(stored)["status"] if stored else "PENDING"] += 1
        return found

    def all_succeed(self, redis, timeout=120):
        """Every task ends in SUCCESS and every appended line is there; returns how many lines are second runs."""
        last = Counter()

        def look():
            nonlocal last
            last = self.states(redis)
            return last["SUCCESS"] == len(self.ids)
        try:
            eventually(look, timeout, every=0.1)
        except AssertionError:
            raise AssertionError(f"of {len(self.ids)} tasks: {dict(last)}") from None
        lines = Counter(self.file.read_text().split()) if self.appended else Counter()
        assert set(lines) == set(self.appended), "a task says SUCCESS but its line is missing, or the other way round"
        return sum(lines.values()) - len(lines)


class Publisher(threading.Thread):
    """Sends `count` tasks, each confirmed by the broker, and again until it is: what a careful client does."""

    def __init__(self, url, load, count):
        super().__init__(daemon=True)
        self.client, self.load, self.count = Bare(url), load, count
        self.confirmed, self.stopped = 0, threading.Event()

    def run(self):
        for _ in range(self.count):
            task_id, headers, body = self.load.next()
            while not self.stopped.is_set():
                try:
                    self.client.publish(self.load.queue, body, headers, content_type="application/json",
                                        content_encoding="utf-8", correlation_id=task_id)
                    self.confirmed += 1
                    break
                except (pika.exceptions.AMQPError, OSError):
                    self.client.forget()
                    self.stopped.wait(0.1)
        self.client.close()

    def reaches(self, count, timeout=60):
        eventually(lambda: self.confirmed >= count, timeout, what=f"{count} confirmed publishes")

    def finish(self, timeout=120):
        self.join(timeout)
        self.stopped.set()
        assert self.confirmed == self.count, f"only {self.confirmed} of {self.count} were confirmed"
