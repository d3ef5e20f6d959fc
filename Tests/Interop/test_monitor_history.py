"""What the monitor remembers: events of Python's and Chard's workers over the real broker, merged by Celery's rules,
through restarts, SIGKILL, lost connections, and with two monitors on one file. The truth is what was sent, and Redis."""
import json
import random
import re
import sqlite3
import time
import uuid

import pika
import pytest
import yaml
from celery.events.state import State

from conftest import CHARD, clean_environment
from support import catalogue
from support.process import WorkerProcess
from support.waiting import eventually

pytestmark = [pytest.mark.chard, pytest.mark.limit(120)]
TYPES = ("sent", "received", "started", "succeeded", "failed", "retried", "revoked", "rejected")


class Remembering:
    """A monitor process and its history, read as SQLite by anybody may be."""

    def __init__(self, folder, broker, backend, **settings):
        self.folder, self.number = folder, 0
        folder.mkdir(exist_ok=True)
        self.path = folder / "monitor.sqlite"
        self.config = folder / "monitor.yaml"
        self.config.write_text(yaml.safe_dump({"monitor": {"history": str(self.path), **settings}}))
        self.command = [CHARD, "monitor", "--config", str(self.config), "--port", "0", "--broker", broker,
                        "--result-backend", backend]
        self.all = []

    def start(self, wait=True):
        self.number += 1
        process = WorkerProcess(self.command, self.folder / f"monitor-{self.number}.log", clean_environment())
        self.all.append(process)
        process.wait_for_log("The monitor is at")
        process.wait_for_log("connected to amqp")
        return process

    def end(self):
        for process in self.all:
            if process.running:
                process.kill()

    # --- what is there ------------------------------------------------------------------------------------------------

    def rows(self, sql, *values):
        with sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=30) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(sql, values)]

    def task(self, id):
        return next(iter(self.rows("SELECT * FROM tasks t LEFT JOIN texts x USING (number) WHERE id = ?", id)), {})

    def counted(self, step=3600):
        columns = ", ".join(f"coalesce(sum({type}), 0) AS {type}" for type in TYPES)
        return self.rows(f"SELECT {columns} FROM series WHERE step = ? AND kind = 0", step)[0]

    def tasks(self):
        return {row["id"]: row for row in self.rows("SELECT * FROM tasks")}


@pytest.fixture
def remembering(tmp_path, vhost, backend_url, request):
    """remembering(**settings) -> Remembering on a vhost of its own, where nobody else's events are."""
    made = []

    def make(**settings):
        made.append(Remembering(tmp_path / f"monitor-{len(made)}", vhost, backend_url, **settings))
        return made[-1]

    yield make
    for one in made:
        one.end()


@pytest.fixture
def tell_events(vhost):
    """Publishes events as a worker does."""
    connection = pika.BlockingConnection(pika.URLParameters(vhost))
    channel = connection.channel()
    channel.exchange_declare("celeryev", "topic", durable=True)

    def publish(events, key="task.multi"):
        channel.basic_publish("celeryev", key, json.dumps(events).encode(), pika.BasicProperties(
            content_type="application/json", content_encoding="utf-8"))

    yield publish
    connection.close()


def task_event(type, id, at, hostname="celery@one", **fields):
    return {"type": f"task-{type}", "uuid": id, "timestamp": at, "hostname": hostname, "pid": 1, "clock": 1, "utcoffset": 0,
            **fields}


def life(id, at, rng):
    """The events of one task that did not retry."""
    events = [task_event("received", id, at, name="n", args="(1,)", kwargs="{}", root_id=id, parent_id=None, retries=0,
                         eta=None, expires=None)]
    if rng.random() < 0.3:
        events.append(task_event("sent", id, at - 1, "gen@x", name="n", args="(1,)", kwargs="{}", queue="q", routing_key="q"))
    if rng.random() < 0.9:
        events.append(task_event("started", id, at + 1))
    events += rng.choice([
        [task_event("succeeded", id, at + 2, result="4", runtime=0.5)],
        [task_event("failed", id, at + 2, exception="E()", traceback="T")],
        [task_event("revoked", id, at + 2, terminated=False, signum=None, expired=True)],
        [task_event("failed", id, at + 2, exception="E()", traceback="T"), task_event("succeeded", id, at + 3, result="4", runtime=1)],
        [],
    ])
    rng.shuffle(events)
    return events


def test_events_in_any_order_become_what_celery_makes_of_them(remembering, tell_events):
    rng, now, state = random.Random(5), time.time() - 60, State(max_tasks_in_memory=10_000)
    history = remembering(enable_events=False)
    history.start()
    lives = [life(str(uuid.uuid4()), now + n / 100, rng) for n in range(300)]
    events = [event for one in lives for event in one]
    expected = len(events)
    rng.shuffle(events)
    for start in range(0, len(events), 40):
        tell_events(events[start:start + 40])
    tell_events(events[:100])                                  # told again: counts for nothing
    for event in events:
        state.event({**event, "local_received": now})
    eventually(lambda: sum(history.counted().values()) >= expected, 20, what="all events in the history")
    found = history.tasks()
    assert len(found) == len(state.tasks) == 300
    for id, task in state.tasks.items():
        mine = {**found[id], **history.task(id)}
        for key in ("state", "name", "args", "kwargs", "result", "exception", "traceback", "retries", "sent", "received",
                    "succeeded", "failed", "revoked"):
            theirs = getattr(task, key)
            assert (mine[key] or None) == (theirs or None), f"{key} of {id}: {mine[key]!r}, Celery has {theirs!r}"
        assert (mine["started"] if mine["started"] >= 0 else None) == task.started
        assert mine["worker"] == task.worker.hostname and mine["client"] == task.client
    truth = {type: sum(event["type"] == f"task-{type}" for event in events) for type in TYPES}
    assert history.counted() == history.counted(60) == history.counted(10) == truth


@pytest.mark.parametrize("kind", ["python", "chard"])
def test_a_monitor_that_is_killed_goes_on_where_it_was(remembering, worker, make_app, vhost, new_queue, redis, kind):
    """SIGKILL in the middle of a load, and a new one: outside of the gap everything is right, and nothing is active."""
    history, queue = remembering(), new_queue()
    first = history.start()
    process = worker(queue, broker=vhost, kind=kind, options=["-E"], concurrency=2)
    app = make_app(queue, broker=vhost)

    def send(count):
        return [app.send_task("examples.add", (n, n)).id for n in range(count)]

    before = send(200)
    eventually(lambda: len(ended(history, before)) == 200, 30, what="the tasks before the gap")
    middle = send(200)
    first.kill()
    killed = time.time()
    assert [list(row.values()) for row in history.rows("PRAGMA quick_check")] == [["ok"]]
    eventually(lambda: redis.exists(*(f"celery-task-meta-{id}" for id in middle)) == 200, 30, what="results of the middle")
    eventually(lambda: time.time() > killed + 3.5, 10, what="a gap that is worth a note")
    history.start()
    gap = eventually(lambda: history.rows("SELECT * FROM gaps"), 15, what="the note of the gap")[0]
    assert gap["begins"] <= killed <= gap["ends"] <= time.time()
    after = send(200)
    eventually(lambda: len(ended(history, after)) == 200, 30, what="the tasks after the gap")
    assert len(ended(history, before)) == 200, "what was there before is still there"
    for id in before + after:
        task = history.task(id)
        result = json.loads(redis.get(f"celery-task-meta-{id}"))
        assert (task["state"], task["result"]) == (result["status"], str(result["result"]))
    counted = history.counted()
    seen = ended(history, before + middle + after)
    assert counted["succeeded"] == len(seen), "each was counted once"
    assert all(value >= 0 for value in counted.values())
    rows = history.rows("SELECT * FROM workers WHERE name = ?", process.name)
    assert rows[0]["succeeded"] == len(seen), "the counts of the worker survived"
    # What the gap has swallowed can't seem to run for ever: its worker goes, and then nobody has it.
    process.stop()
    eventually(lambda: not history.rows("SELECT 1 FROM tasks WHERE state IN ('RECEIVED', 'STARTED') AND orphaned = 0"), 20,
               what="no task that seems to run")


def ended(history, ids):
    found = history.tasks()
    return {id for id in ids if found.get(id, {}).get("state") == "SUCCESS"}


def test_of_two_monitors_one_writes_and_the_other_takes_over(remembering, tell_events):
    history = remembering(enable_events=False)
    first, second = history.start(), history.start()
    rng, sent = random.Random(1), []

    def send(count):
        events = [task_event("received", str(uuid.uuid4()), time.time(), name="n") for _ in range(count)]
        sent.extend(event["uuid"] for event in events)
        tell_events(events)

    send(100)
    eventually(lambda: history.counted()["received"] == 100, 15, what="events counted once")
    first.kill()
    send(100)                                                  # heard by the second before it writes
    eventually(lambda: history.counted()["received"] == 200, 20, what="the second writes, with what nobody wrote")
    send(100)
    eventually(lambda: history.counted()["received"] == 300, 15)
    assert set(history.tasks()) == set(sent)
    second.wait_for_log("this monitor writes the history from now on")


def test_a_lost_connection_is_noted(remembering, proxy, vhost, backend_url, tmp_path, tell_events):
    """Counts have a hole there, and nobody dies of it."""
    between = proxy(vhost)
    history = Remembering(tmp_path / "cut", between.url, backend_url, enable_events=False)
    try:
        process = history.start()
        tell_events({"type": "worker-heartbeat", "hostname": "celery@one", "timestamp": time.time(), "freq": 2, "pid": 1,
                     "active": 0, "processed": 0}, "worker.heartbeat")
        tell_events([task_event("started", "runs", time.time())])
        eventually(lambda: history.task("runs"), 15)
        between.cut()
        process.wait_for_log("no events are heard")
        process.wait_for_log("connected to amqp", count=2)
        tell_events([task_event("succeeded", "runs", time.time(), result="1", runtime=1.0)])
        eventually(lambda: history.task("runs")["state"] == "SUCCESS", 15)
        assert history.task("runs")["orphaned"] == 0
    finally:
        history.end()


def test_what_is_no_history_is_said_in_one_line(remembering):
    history = remembering()
    history.path.write_bytes(b"this is no database " * 500)
    process = WorkerProcess(history.command, history.folder / "refused.log", clean_environment())
    assert process.process.wait(30) != 0
    assert re.search(r"opening the history .*monitor\.sqlite: .*move it away", process.log())
