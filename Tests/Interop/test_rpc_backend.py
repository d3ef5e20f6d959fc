"""Celery's rpc:// backend: results are messages to the sender's own queue."""
import json

import pika
import pytest
from celery.exceptions import TimeLimitExceeded

from support import messages
from support.waiting import eventually

WAIT = 30
pytestmark = pytest.mark.chard


@pytest.fixture
def rpc(worker, queue, make_app):
    """A worker with rpc:// and a client of it."""
    def make(**options):
        process = worker(queue, backend="rpc://", **options)
        return process, make_app(queue, backend="rpc://")
    return make


def test_values_and_failures_come_back(rpc):
    _, app = rpc()
    assert app.send_task("examples.add", (1, 2)).get(timeout=WAIT) == 3
    many = [app.send_task("examples.add", (number, 1)) for number in range(50)]
    assert [one.get(timeout=WAIT) for one in many] == list(range(1, 51))
    with pytest.raises(Exception) as caught:
        app.send_task("examples.fail", ("boom",)).get(timeout=WAIT)
    assert "boom" in str(caught.value)
    with pytest.raises(Exception) as caught:
        app.send_task("examples.no_such_task").get(timeout=WAIT)
    assert type(caught.value).__name__ == "NotRegistered"


def test_retries_come_back_too(rpc):
    _, app = rpc()
    assert app.send_task("examples.retry", (3,)).get(timeout=WAIT) == 4


def test_a_hard_time_limit_comes_back(rpc):
    _, app = rpc(time_limit=1)
    with pytest.raises(TimeLimitExceeded):
        app.send_task("examples.sleep", (60,)).get(timeout=WAIT)


def test_progress_is_a_message_each(worker, queue, bare):
    """Every state is sent; the properties are Celery's."""
    worker(queue, backend="rpc://", top={"worker": {"track_started": True}})
    replies = f"{queue}-replies"
    bare.channel.queue_declare(replies, auto_delete=True)
    task_id = messages.new_id()
    bare.publish(queue, messages.body((2,)), messages.headers(task_id, "examples.progress"),
                 content_type="application/json", content_encoding="utf-8", reply_to=replies, correlation_id="mine")
    got = [bare.take(replies) for _ in range(4)]
    assert [json.loads(body)["status"] for _, body in got] == ["STARTED", "PROGRESS", "PROGRESS", "SUCCESS"]
    for properties, body in got:
        assert properties.correlation_id == "mine" and properties.delivery_mode == 1
        assert properties.content_type == "application/json" and properties.content_encoding == "utf-8"
        assert json.loads(body)["task_id"] == task_id
    bare.delete(replies)


def test_persistent_results(worker, queue, bare):
    worker(queue, backend="rpc://", top={"result_backend": {"persistent": True}})
    replies = f"{queue}-replies"
    bare.channel.queue_declare(replies, auto_delete=True)
    bare.send_task(queue, "examples.add", (1, 2), reply_to=replies)
    assert bare.take(replies)[0].delivery_mode == 2
    bare.delete(replies)


def test_nobody_to_answer_is_no_problem(rpc, bare, queue):
    """No reply_to, one of a queue that is gone, an ignored result: the task runs and the message is acknowledged."""
    process, app = rpc()
    bare.send_task(queue, "examples.add", (1, 2))
    bare.send_task(queue, "examples.add", (1, 2), reply_to="no-such-queue")
    app.send_task("examples.add", (1, 2), ignore_result=True)
    assert app.send_task("examples.add", (2, 3)).get(timeout=WAIT) == 5
    process.wait_for_log("succeeded", count=4)
    process.stop()
    assert bare.ready(queue) == 0


def test_the_result_comes_before_the_acknowledgement(services, worker, queue, bare, alone):
    """While the broker takes no messages, the result cannot be sent, and so the task stays unacknowledged."""
    process = worker(queue, backend="rpc://")
    replies = f"{queue}-replies"
    bare.channel.queue_declare(replies, durable=True)
    bare.send_task(queue, "examples.sleep", (1.5,), reply_to=replies)
    process.wait_for_log("received")
    services("ctl", "set_disk_free_limit", "100000GB")
    try:
        process.wait_for_log("succeeded")
        process.kill()
    finally:
        services("ctl", "set_disk_free_limit", "50MB")
    worker(queue, backend="rpc://")
    assert json.loads(bare.take(replies)[1])["status"] == "SUCCESS"
    bare.delete(replies)
