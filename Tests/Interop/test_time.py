"""Delays wait in the broker, and time limits end tasks."""
import re
import time

import pytest
from celery.exceptions import TimeLimitExceeded
from celery.result import AsyncResult

from support import catalogue, loglines
from support.waiting import eventually

WAIT = 30
pytestmark = pytest.mark.chard


def waiting(bare, level):
    """Messages on the detour of 2**level seconds; None before anybody needed it."""
    return bare.ready(f"chard.delay.{level}") or 0


def test_a_long_countdown_waits_in_the_broker(worker, queue, bare, management, make_app):
    """An hour from now costs the worker nothing: no unacknowledged message, no memory."""
    worker(queue)
    app = make_app(queue)
    before = waiting(bare, 11)
    for _ in range(50):
        app.send_task("examples.add", (1, 2), countdown=3600)
    eventually(lambda: waiting(bare, 11) == before + 50, WAIT, what="all in the delay queue of 2048 s")
    assert bare.ready(queue) == 0
    eventually(lambda: management.queue("/", queue).get("messages_unacknowledged") == 0, WAIT, what="nothing held")
    bare.channel.queue_purge("chard.delay.11")


def test_a_countdown_takes_the_detour_and_comes_back_in_time(worker, queue, bare, make_app):
    """Six seconds are four on the detour and two held; the task survives the worker that sent it there."""
    process = worker(queue)
    app, begin = make_app(queue), time.monotonic()
    result = app.send_task("examples.add", (20, 22), countdown=6)
    eventually(lambda: waiting(bare, 2) >= 1, WAIT, what="the message on its detour")
    process.kill()
    worker(queue)
    assert result.get(timeout=WAIT) == 42
    assert 6 <= time.monotonic() - begin < 16


def test_a_soft_time_limit_cancels_the_task(worker, queue, make_app):
    process = worker({queue: catalogue.queue(soft_time_limit=1)})
    app = make_app(queue)
    result = app.send_task("examples.sleep", (60,))
    with pytest.raises(Exception) as caught:
        result.get(timeout=WAIT)
    assert type(caught.value).__name__ == "SoftTimeLimitExceeded"
    process.wait_for_log(re.compile(r"Soft time limit \(1s\) exceeded for examples.sleep"))


def test_a_message_may_carry_its_own_limit(worker, queue, make_app):
    worker(queue)
    app = make_app(queue)
    result = app.send_task("examples.burn", (60,), soft_time_limit=1, time_limit=20)
    with pytest.raises(Exception) as caught:
        result.get(timeout=WAIT)
    assert type(caught.value).__name__ == "SoftTimeLimitExceeded"


def test_a_hard_time_limit_settles_the_task(worker, queue, bare, make_app):
    """The sender is told and the message is gone, although a thread cannot be killed."""
    process = worker({queue: catalogue.queue(time_limit=1)})
    app = make_app(queue)
    result = app.send_task("examples.sleep", (60,))
    with pytest.raises(TimeLimitExceeded):
        result.get(timeout=WAIT)
    process.wait_for_log(re.compile(r"Hard time limit \(1s\) exceeded for examples.sleep"))
    assert app.send_task("examples.add", (1, 2)).get(timeout=WAIT) == 3
    process.stop()
    assert bare.ready(queue) == 0


def test_waiting_for_redis_is_not_running_time(services, worker, queue, bare, redis, make_app):
    """A redelivered task asks Redis whether it may run. While Redis hangs, no limit passes, and nothing is settled."""
    app = make_app(queue)
    process = worker(queue)
    task_id = bare.send_task(queue, "examples.sleep", (0.5,))
    process.wait_for_log(loglines.received(task_id))
    process.kill()
    services("freeze", "redis")
    try:
        process = worker(queue, soft_time_limit=1, time_limit=2, top={"result_backend": {"timeout": 4}})
        eventually(lambda: bare.ready(queue) == 0, WAIT, what="the message at the second worker")
        process.wait_for_log(re.compile("result backend is away"))     # 4 s and more: both limits would have passed
    finally:
        services("thaw", "redis")
    assert AsyncResult(task_id, app=app).get(timeout=WAIT) == 0.5
    assert "time limit" not in process.log()
    process.stop()
    assert bare.ready(queue) == 0
