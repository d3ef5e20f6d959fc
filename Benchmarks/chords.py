"""Chords a second: ten no-ops and a body that gets their results, all filled in advance, counted by finished bodies.

The clock runs from the first result to the last body's. The queue is one, and a body is published behind all headers
that still wait in it, so bodies bunch at the end: only the whole of a run says how many chords a second were done.
"""
import json
import time

import pika

from observe import cpu_seconds, family
from workers import running

QUEUE, SIZE, BLOCK = "bench-classic", 10, 100


class Bodies:
    """Counts the finished ones by EXISTS of a hundred at a time; a block that was complete is not asked for again."""

    def __init__(self, results, ids):
        self.results = results
        self.blocks = [ids[first:first + BLOCK] for first in range(0, len(ids), BLOCK)]
        self.complete = 0

    def count(self):
        """Bodies end almost in the order of their headers, so one incomplete block ends the count."""
        while self.blocks:
            found = self.results.command("EXISTS", *[f"celery-task-meta-{each}" for each in self.blocks[0]])
            if found < len(self.blocks[0]):
                return self.complete + found
            self.complete += len(self.blocks.pop(0))
        return self.complete


def publish(channel, run, n):
    """One chord's header; returns the id of its body. The messages are what Celery's own canvas sends."""
    group, body = f"{run:08x}-0000-4001-8000-{n:012x}", f"{run:08x}-0000-4002-8000-{n:012x}"
    chord = {"task": "examples.echo", "args": [], "kwargs": {}, "subtask_type": None, "immutable": False,
             "options": {"task_id": body, "queue": QUEUE, "root_id": group}, "chord_size": SIZE}
    content = json.dumps([[1, 2], {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": chord}])
    for index in range(SIZE):
        task_id = f"{run:08x}-0000-4000-8000-{n * SIZE + index:012x}"
        channel.basic_publish("", QUEUE, content, pika.BasicProperties(
            content_type="application/json", content_encoding="utf-8", delivery_mode=2, priority=0,
            correlation_id=task_id, reply_to="11111111-1111-1111-1111-111111111111",
            headers={"lang": "py", "task": "examples.add", "id": task_id, "shadow": None, "eta": None, "expires": None,
                     "group": group, "group_index": index, "retries": 0, "timelimit": [None, None], "root_id": task_id,
                     "parent_id": None, "argsrepr": "(1, 2)", "kwargsrepr": "{}", "origin": "gen1@bench",
                     "ignore_result": False, "replaced_task_nesting": 0, "stamped_headers": None, "stamps": {}}))
    return group, body


def fill(servers, chords):
    """The sizes are in Redis before the first message, as Celery does it. Returns the bodies' ids."""
    connection, channel = servers.channel()
    channel.queue_declare(QUEUE, durable=True)
    run, bodies = servers.next_run(), []
    for n in range(chords):
        group, body = publish(channel, run, n)
        servers.results.command("SET", f"celery-taskset-meta-{group}.s", SIZE, "EX", 3600)
        bodies.append(body)
    connection.close()                                       # answered only after all publishes were handled
    return bodies


def measure(servers, bodies, process):
    """Watches until the last body is done. Returns the rate of chords and the CPU that each took."""
    before, first = servers.results.count(), None
    deadline, counter = time.monotonic() + 60 + len(bodies) / 20, Bodies(servers.results, bodies)
    while True:
        if first is None and servers.results.count() > before:
            members = family(process.pid)
            first, begun = sum(map(cpu_seconds, members)), time.monotonic()
        done = counter.count() if first is not None else 0
        if done == len(bodies):
            seconds, used = time.monotonic() - begun, sum(map(cpu_seconds, members)) - first
            return {"rate": done / seconds, "cpu_us": used / done * 1e6, "window_s": seconds}
        if not process.alive():
            raise RuntimeError(f"the worker ended after {done} of {len(bodies)} chords")
        if time.monotonic() > deadline:
            raise TimeoutError(f"{done} of {len(bodies)} chords were done in time")
        time.sleep(0.010)


def one(bench, worker):
    servers = bench.servers
    chords = bench.options.celery_chords if worker.name == "celery" else bench.options.chords
    servers.delete_all()
    servers.results.clear()
    bodies, found = fill(servers, chords), {"worker": worker.name, "chords": chords}
    servers.settle()
    with running(worker, servers, QUEUE, "classic") as process:
        try:
            found |= measure(servers, bodies, process)
            time.sleep(0.3)                                  # the last acknowledgements
            problem = process.end()
        except (RuntimeError, TimeoutError) as error:
            problem = f"{error}: {process.end() or ''}"
    lacking = servers.results.missing(bodies, b'"result": [3' + b", 3" * (SIZE - 1) + b"]")
    if not problem and (lacking or servers.waiting(QUEUE)):
        problem = f"{lacking} of {chords} bodies are wrong, {servers.waiting(QUEUE)} messages are left in the queue"
    if problem:
        found["problem"] = problem
        bench.found["discarded"].append(f"{worker.name}, chords: {problem}")
    return found


def chords(bench, progress):
    found = []
    for number in range(1, bench.options.runs + 1):
        for worker in bench.tasks_workers():
            found.append(one(bench, worker))
            said = found[-1].get("problem") or "{rate:,.0f} chords/s, {cpu_us:,.0f} µs CPU a chord".format(**found[-1])
            progress(f"chords, run {number}: {worker.title:13} {said}")
    return found
