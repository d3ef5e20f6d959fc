"""Revoked tasks: known to all workers by Redis, turned away whenever they come."""
import json
import re
import signal
import time
import uuid

import pytest
from celery.contrib.abortable import AbortableAsyncResult
from celery.exceptions import TaskRevokedError

from support import messages
from support.waiting import eventually, stays

WAIT = 30
pytestmark = pytest.mark.chard
LIFETIME = 10_800


@pytest.fixture
def revoke(redis):
    """Revokes as a worker does that carries out the command: keeps it in Redis and tells the others."""
    mine = []

    def revoke(*ids, stamps=(), tell=True):
        now = time.time()
        with redis.pipeline() as pipe:
            for one in ids:
                pipe.zadd("chard-revoked", {one: now + LIFETIME})
            for pair in stamps:
                pipe.zadd("chard-revoked-stamps", {json.dumps(list(pair)): now + LIFETIME})
            if tell:
                pipe.publish("chard-revoked", json.dumps({"ids": ids, "stamps": stamps, "time": now}))
            pipe.execute()
        mine.extend(("chard-revoked", one) for one in ids)
        mine.extend(("chard-revoked-stamps", json.dumps(list(pair))) for pair in stamps)

    yield revoke
    for key, member in mine:
        redis.zrem(key, member)


def discarded(task_id):
    return re.compile(rf"Discarding revoked task: examples\.\w+\[{re.escape(task_id)}\]")


def is_revoked(result):
    with pytest.raises(TaskRevokedError) as caught:
        result.get(timeout=WAIT)
    return caught.value.args == ("revoked",) and result.state == "REVOKED"


def test_a_worker_that_was_away_knows(worker, queue, bare, make_app, revoke):
    """Revoked while no worker ran: the task is not run when one comes, and its caller is told."""
    app, task_id = make_app(queue), messages.new_id()
    bare.declare(queue)
    result = app.send_task("examples.add", (1, 2), task_id=task_id)
    other = app.send_task("examples.add", (2, 3))
    revoke(task_id, tell=False)
    process = worker(queue)
    assert is_revoked(result)
    assert other.get(timeout=WAIT) == 5
    process.wait_for_log(discarded(task_id))
    assert "received" not in "".join(line for line in process.log().splitlines() if task_id in line)
    process.stop()
    assert bare.ready(queue) == 0


def test_it_outlives_a_restart(worker, queue, make_app, revoke):
    process, task_id = worker(queue), messages.new_id()
    revoke(task_id)
    process.kill()
    worker(queue)
    assert is_revoked(make_app(queue).send_task("examples.add", (1, 2), task_id=task_id))


def test_a_running_worker_is_told(worker, queue, make_app, redis, revoke):
    """The broadcast may have missed it: Pub/Sub has not. What waits for a free slot is not run."""
    process = worker(queue, concurrency=1)
    app, task_id = make_app(queue), messages.new_id()
    blocker = app.send_task("examples.sleep", (1,))
    process.wait_for_log("received")
    waiting = app.send_task("examples.add", (1, 2), task_id=task_id)
    revoke(task_id)
    assert is_revoked(waiting)
    assert blocker.get(timeout=WAIT) == 1


def test_what_waits_for_its_time_is_caught_when_it_comes(worker, queue, bare, make_app, revoke):
    """Held by the worker, or in the broker: both were let through once, before they were revoked."""
    process = worker(queue)
    app, ids = make_app(queue), [messages.new_id() for _ in range(2)]
    held = app.send_task("examples.add", (1, 2), task_id=ids[0], countdown=1.5)
    delayed = app.send_task("examples.add", (1, 2), task_id=ids[1], countdown=5)
    eventually(lambda: bare.ready("chard.delay.2"), WAIT, what="the message on its detour")
    revoke(*ids)
    assert is_revoked(held) and is_revoked(delayed)
    process.wait_for_log(discarded(ids[1]))


def test_a_draining_worker_starts_nothing_revoked(worker, queue, bare, make_app, revoke):
    """It finishes what runs; what it gives back is turned away by the next one."""
    process = worker(queue, concurrency=1)
    app, task_id = make_app(queue), messages.new_id()
    running = app.send_task("examples.sleep", (1.5,))
    process.wait_for_log("received")
    waiting = app.send_task("examples.add", (1, 2), task_id=task_id)
    process.signal(signal.SIGTERM)
    revoke(task_id)
    assert process.wait() == 0
    assert running.get(timeout=WAIT) == 1.5
    worker(queue)
    assert is_revoked(waiting)


def test_after_redis_was_away(worker, queue, make_app, redis, proxy, backend_url, revoke):
    """What was revoked while the worker had no Redis is read when it has one again."""
    front = proxy(backend_url)
    process = worker(queue, backend=front.url)
    app, task_id = make_app(queue), messages.new_id()
    assert app.send_task("examples.add", (1, 2)).get(timeout=WAIT) == 3
    front.refuse()
    process.wait_for_log("the result backend is away")
    revoke(task_id, tell=False)
    front.up()

    def is_turned_away():
        try:
            app.send_task("examples.add", (1, 2), task_id=task_id).get(timeout=WAIT)
        except TaskRevokedError:
            return True
        redis.delete(f"celery-task-meta-{task_id}")
    eventually(is_turned_away, WAIT, every=0.2, what="the worker to know of it")


def test_by_stamp_and_type(worker, queue, bare, redis, revoke):
    """1234 is not "1234", and one of a list is enough."""
    process = worker(queue)
    header = f"h-{uuid.uuid4().hex[:8]}"
    revoke(stamps=[(header, 1234), (header, "v")])

    def send(stamp):
        task_id = messages.new_id()
        bare.publish(queue, messages.body(), messages.headers(
            task_id, stamped_headers=[header], stamps={header: stamp}), content_type="application/json",
            content_encoding="utf-8")
        key = f"celery-task-meta-{task_id}"
        eventually(lambda: redis.get(key), WAIT, what="a state")
        return json.loads(redis.get(key))["status"], task_id

    eventually(lambda: send(1234)[0] == "REVOKED", WAIT, what="the worker to know of the stamp")
    assert send("1234")[0] == "SUCCESS"
    assert send(["x", 7])[0] == "SUCCESS"
    state, task_id = send(["x", "v"])
    assert state == "REVOKED"
    process.wait_for_log(f"[{task_id}] (revoked by header: {{'{header}': 'v'}})")


def test_an_ignored_result_is_not_stored(worker, queue, make_app, redis, revoke):
    process, task_id = worker(queue), messages.new_id()
    revoke(task_id)
    app = make_app(queue)

    def is_discarded():
        app.send_task("examples.add", (1, 2), task_id=task_id, ignore_result=True)
        return discarded(task_id).search(process.log())
    eventually(is_discarded, WAIT, every=0.2, what="the worker to know of it")
    redis.delete(f"celery-task-meta-{task_id}")
    app.send_task("examples.add", (1, 2), task_id=task_id, ignore_result=True)
    process.wait_for_log(discarded(task_id), count=2)
    assert app.send_task("examples.add", (1, 2)).get(timeout=WAIT) == 3
    assert redis.get(f"celery-task-meta-{task_id}") is None


def test_a_redelivered_task_is_caught(worker, queue, bare, make_app, revoke):
    """It ran when its worker died; revoked meanwhile, it does not start again."""
    app, task_id = make_app(queue), messages.new_id()
    first = worker(queue)
    result = app.send_task("examples.sleep", (60,), task_id=task_id)
    first.wait_for_log(f"[{task_id}] received")
    first.kill()
    revoke(task_id)
    second = worker(queue)
    assert is_revoked(result)
    second.stop()
    assert bare.ready(queue) == 0


def test_an_abortable_task_reads_the_wish(worker, queue, make_app):
    process = worker(queue)
    app, task_id = make_app(queue), messages.new_id()
    result = app.send_task("examples.abortable", (60,), task_id=task_id)
    process.wait_for_log(f"[{task_id}] received")
    AbortableAsyncResult(task_id, app=app).abort()
    assert result.get(timeout=WAIT) == "aborted"
    assert app.send_task("examples.abortable", (0.2,)).get(timeout=WAIT) == "done"


def test_nothing_revoked_is_nothing_kept(worker, queue, make_app, redis):
    """A worker that nobody tells anything writes nothing of the kind."""
    worker(queue)
    assert make_app(queue).send_task("examples.add", (1, 2)).get(timeout=WAIT) == 3
    stays(lambda: redis.ttl("chard-revoked") <= LIFETIME + 1, 0.2, what="an expiry")


def test_mingle_exchanges_what_is_revoked(worker, queue, make_app):
    """What a neighbour says with `hello` counts here, and is told to the next one: ids only, as Celery 5.7 does."""
    worker(queue)
    app, task_id = make_app(queue), messages.new_id()

    def knows():
        replies = app.control.inspect(timeout=1).hello(f"other@{queue}", [task_id]) or {}
        return any(task_id in (reply.get("revoked") or []) for reply in replies.values())
    eventually(knows, WAIT, what="a reply that names the id")
    assert is_revoked(app.send_task("examples.add", (1, 2), task_id=task_id))
