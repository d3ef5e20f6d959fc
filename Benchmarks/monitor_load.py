"""Simulated events of many workers over the real broker, as Celery's workers send them: lists of task events
(`task.multi`), one for each worker and second, and heartbeats every two seconds.

    python Benchmarks/monitor_load.py URL --rate 5000 --seconds 60      prints what was sent, as JSON
"""
import argparse
import json
import os
import random
import re
import time
import uuid

import pika

NAMES = [f"shop.tasks.{noun}.{verb}" for noun in ("orders", "mail", "images", "reports") for verb in
         ("create", "update", "send", "index", "clean")]
TRACEBACK = "Traceback (most recent call last):\\n" + "".join(
    f"  File \\\"/app/shop/tasks/step{n}.py\\\", line {n * 17}, in run\\n    return follow(order, {n})\\n" for n in range(8))
TYPES = ("received", "started", "succeeded", "failed", "retried")
TICKS = 10                                                     # in a second


class Worker:
    def __init__(self, number):
        self.name, self.pid, self.clock, self.owed = f"celery@pod-{number:04}", 1000 + number, 0, random.random()
        self.processed, self.waiting, self.running = 0, [], []

    def head(self, type, at):
        self.clock += 1
        return (f'{{"hostname": "{self.name}", "utcoffset": 0, "pid": {self.pid}, "clock": {self.clock}, '
                f'"timestamp": {at:.6f}, "type": "{type}"')

    def heartbeat(self, at):
        return (f'{self.head("worker-heartbeat", at)}, "freq": 2.0, "active": {len(self.running)}, "processed": {self.processed}, '
                f'"loadavg": [0.5, 0.4, 0.3], "sw_ident": "py-celery", "sw_ver": "5.6.0", "sw_sys": "Linux"}}')


class Load:
    """`publish` sends; `sent` counts by type, `tasks` those that were begun."""

    def __init__(self, url, workers):
        self.connection = pika.BlockingConnection(pika.URLParameters(re.sub("//$", "/%2F", url)))
        self.channel = self.connection.channel()
        self.channel.exchange_declare("celeryev", "topic", durable=True)
        self.workers = [Worker(number) for number in range(workers)]
        self.sent, self.tasks, self.heartbeats = dict.fromkeys(TYPES, 0), 0, 0
        self.random = random.Random(1)

    def publish(self, key, body, worker):
        self.channel.basic_publish("celeryev", key, body.encode(), pika.BasicProperties(
            content_type="application/json", content_encoding="utf-8", delivery_mode=1, headers={"hostname": worker.name}))

    def event(self, worker, type, task, at, fields=""):
        self.sent[type] += 1
        return f'{worker.head("task-" + type, at)}, "uuid": "{task}"{fields}}}'

    def step(self, worker, at, fresh):
        """What the worker tells now: ends of what ran, starts of what waited, and new tasks."""
        found = []
        for task in worker.running:
            chance = self.random.random()
            if chance < 0.94:
                found.append(self.event(worker, "succeeded", task, at,
                             f', "result": "{{\'total\': {self.random.randrange(10 ** 6)}, \'ok\': True}}", "runtime": {0.05 + chance:.4f}'))
            else:
                type = "failed" if chance < 0.99 else "retried"
                found.append(self.event(worker, type, task, at,
                             f', "exception": "ValueError(\'order {self.random.randrange(1000)}\')", "traceback": "{TRACEBACK}"'))
            worker.processed += 1
        worker.running, worker.waiting = worker.waiting, []
        for task in worker.running:
            found.append(self.event(worker, "started", task, at))
        for _ in range(fresh):
            task = str(uuid.UUID(int=self.random.getrandbits(128), version=4))
            name = self.random.choice(NAMES)
            found.append(self.event(worker, "received", task, at, (
                f', "name": "{name}", "args": "({self.random.randrange(10 ** 7)}, \'customer-{self.random.randrange(5000)}\')", '
                f'"kwargs": "{{\'tenant_id\': \'t{self.random.randrange(200)}\', \'priority\': 5}}", "root_id": "{task}", '
                f'"parent_id": null, "retries": 0, "eta": null, "expires": null')))
            worker.waiting.append(task)
            self.tasks += 1
        return found

    def tell(self, worker, at, fresh):
        if found := self.step(worker, at, fresh):
            self.publish("task.multi", "[" + ", ".join(found) + "]", worker)

    def run(self, rate, seconds, heartbeats=True):
        """`rate` is of task events a second."""
        begun, behind, share = time.time(), 0.0, rate / 3 / len(self.workers)
        for tick in range(int(seconds * TICKS)):
            due = begun + tick / TICKS
            self.connection.process_data_events(max(0, due - time.time()))
            while time.time() < due:
                self.connection.process_data_events(max(0, due - time.time()))
            behind = max(behind, time.time() - due)
            now = time.time()
            for worker in self.workers[tick % TICKS::TICKS]:
                worker.owed += share
                fresh, worker.owed = int(worker.owed), worker.owed % 1
                self.tell(worker, now, fresh)
            if heartbeats:
                for worker in self.workers[tick % (2 * TICKS)::2 * TICKS]:
                    self.publish("worker.heartbeat", worker.heartbeat(now), worker)
                    self.heartbeats += 1
        for _ in range(2):                                     # all come to their end
            for worker in self.workers:
                self.tell(worker, time.time(), 0)
        return {"sent": self.sent, "tasks": self.tasks, "heartbeats": self.heartbeats, "behind_s": round(behind, 2),
                "seconds": time.time() - begun, "cpu_s": sum(os.times()[:2])}

    def fill(self, tasks, wait):
        """As quickly as it is taken: `wait(tasks)` returns when so many are there."""
        part = 20 * len(self.workers)
        while self.tasks < tasks:
            for _ in range(20):
                for worker in self.workers:
                    self.tell(worker, time.time(), 1)
            self.connection.process_data_events(0)
            wait(self.tasks - part)
        for _ in range(2):
            for worker in self.workers:
                self.tell(worker, time.time(), 0)
        wait(self.tasks)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--rate", type=float, default=5000, help="task events a second (5000)")
    parser.add_argument("--workers", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    load = Load(options.url, options.workers)
    load.random = random.Random()
    print(json.dumps(load.run(options.rate, options.seconds)))


if __name__ == "__main__":
    main()
