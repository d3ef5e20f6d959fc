"""Python Celery client -> worker: what the client sees of every outcome."""
import datetime
import json

import pytest
from celery import group, states
from celery.exceptions import Reject, TaskRevokedError, TimeoutError as NoResult
from celery.result import AsyncResult
from kombu import Queue

from support import loglines, messages
from support.waiting import eventually, stays

WAIT = 30


class Watch:
    """Everything that is published for one task id: the metas in order."""

    def __init__(self, redis, task_id):
        self.channel, self.metas = redis.pubsub(), []
        self.channel.subscribe(f"celery-task-meta-{task_id}")
        eventually(lambda: self.channel.get_message(timeout=1), 10, what="the subscription")

    def until(self, *last):
        def look():
            message = self.channel.get_message(timeout=0.2)
            if message and message["type"] == "message":
                self.metas.append(json.loads(message["data"]))
            return self.metas and self.metas[-1]["status"] in last
        eventually(look, WAIT, what=f"state {last} of {[meta['status'] for meta in self.metas]}")
        self.channel.close()
        return self.metas


def meta(redis, task_id):
    stored = redis.get(f"celery-task-meta-{task_id}")
    return stored and json.loads(stored)


def test_success(app, shared, redis):
    result = app.send_task("examples.add", (2, 3))
    assert result.get(timeout=WAIT) == 5
    assert (result.state, result.result, result.info, result.traceback) == ("SUCCESS", 5, 5, None)
    assert result.successful() and result.ready() and not result.failed()
    assert result.children == [] or result.children is None
    assert shared.process.wait_for_log(loglines.received(result.id))
    assert shared.process.wait_for_log(loglines.succeeded(result.id))


def test_stored_document_has_celerys_keys_in_celerys_order(app, redis):
    before = datetime.datetime.now(datetime.timezone.utc)
    result = app.send_task("examples.add", (2, 3))
    result.get(timeout=WAIT)
    stored = meta(redis, result.id)
    assert list(stored) == ["status", "result", "traceback", "children", "date_done", "task_id"]
    assert stored["children"] == [] and stored["task_id"] == result.id
    after = datetime.datetime.now(datetime.timezone.utc)
    assert result.date_done.tzinfo is not None
    slack = datetime.timedelta(milliseconds=1)
    assert before - slack <= result.date_done <= after + slack


def test_called_through_a_registered_task(app):
    @app.task(name="examples.add")
    def add(x, y):
        raise AssertionError("runs in the worker, not here")
    assert add.delay(40, y=2).get(timeout=WAIT) == 42
    assert add.s(1).delay(2).get(timeout=WAIT) == 3


def test_failure(app, shared):
    result = app.send_task("examples.fail", ("no such thing",))
    with pytest.raises(ValueError) as caught:
        result.get(timeout=WAIT)
    assert caught.type is ValueError and caught.value.args == ("no such thing",)
    assert result.state == "FAILURE" and result.failed()
    assert isinstance(result.info, ValueError) and str(result.info) == "no such thing"
    assert "ValueError: no such thing" in result.traceback
    assert result.date_done is not None
    shared.process.wait_for_log(loglines.raised(result.id))


def test_failure_document(app, redis):
    result = app.send_task("examples.fail", ("x",))
    result.get(timeout=WAIT, propagate=False)
    expected = {"exc_type": "ValueError", "exc_message": ["x"], "exc_module": "builtins"}
    assert meta(redis, result.id)["result"] == expected


def test_client_waiting_on_pubsub_is_woken(make_app, shared, redis):
    """The payload of PUBLISH is the document itself; a client that subscribed before never has to poll."""
    task_id = messages.new_id()
    watch = Watch(redis, task_id)
    make_app(shared.queue).send_task("examples.add", (1, 1), task_id=task_id)
    metas = watch.until("SUCCESS")
    assert metas[-1] == meta(redis, task_id)


def test_result_expires_in_a_day(app, redis):
    result = app.send_task("examples.add", (1, 2))
    result.get(timeout=WAIT)
    assert 86000 < redis.ttl(f"celery-task-meta-{result.id}") <= 86400


def test_retry(app, shared, redis):
    task_id = messages.new_id()
    watch = Watch(redis, task_id)
    result = app.send_task("examples.retry", (2,), task_id=task_id)
    assert result.get(timeout=WAIT) == 3
    # The retry is sent before RETRY is stored, so the next run may overtake it; SUCCESS is never overwritten by it.
    seen = [one["status"] for one in watch.until("SUCCESS")]
    assert set(seen[:-1]) <= {"RETRY"} and len(seen) <= 3
    assert shared.process.wait_for_log(loglines.retried(task_id), count=2)
    assert len(shared.process.wait_for_log(loglines.received(task_id), count=3)) == 3


def test_retry_zero_times(app):
    assert app.send_task("examples.retry", (0,)).get(timeout=WAIT) == 1


def test_retry_keeps_custom_headers_and_ids(make_app, worker, queue, bare, redis):
    """The retry is published by the worker: another worker on the same queue must still see the same task."""
    process = worker(queue)
    app = make_app(queue)
    result = app.send_task("examples.retry", (1,), headers={"x-mine": "kept"}, priority=3)
    assert result.get(timeout=WAIT) == 2
    assert process.counted(loglines.received(result.id)) == 2


def test_ignore_stores_nothing(app, shared, redis):
    result = app.send_task("examples.ignore")
    shared.process.wait_for_log(loglines.ignored(result.id))
    assert result.state == "PENDING" and meta(redis, result.id) is None
    with pytest.raises(NoResult):
        result.get(timeout=0.3)


def test_ignore_result_of_the_task(app, shared, redis):
    result = app.send_task("examples.nothing")
    shared.process.wait_for_log(loglines.succeeded(result.id))
    stays(lambda: meta(redis, result.id) is None, 0.3, what="no result stored")


def test_ignore_result_of_the_message(app, shared, redis):
    result = app.send_task("examples.add", (1, 2), ignore_result=True)
    shared.process.wait_for_log(loglines.succeeded(result.id))
    stays(lambda: meta(redis, result.id) is None, 0.3, what="no result stored")


def test_reject_without_requeue(app, shared):
    result = app.send_task("examples.reject", (False,))
    with pytest.raises(Reject):
        result.get(timeout=WAIT)
    assert result.state == "FAILURE"


@pytest.mark.chard
def test_rejected_message_is_in_the_dead_letter_queue(make_app, worker, queue, bare):
    worker(queue)
    result = make_app(queue).send_task("examples.reject", (False,))
    properties, body = bare.take(f"{queue}.dead")
    assert properties.headers["x-chard-reason"] == "rejected"
    assert properties.headers["id"] == result.id and json.loads(body)[0] == [False]


def test_reject_with_requeue_is_delivered_again(make_app, worker, queue, bare):
    """Requeued at least once, and not for ever: it either succeeds later or ends after max_deliveries."""
    process = worker(queue)
    result = make_app(queue).send_task("examples.reject", (True,))
    eventually(result.ready, WAIT, what="the end of the rejected task")
    runs = process.counted(loglines.received(result.id))
    assert 2 <= runs <= 6
    eventually(lambda: bare.ready(queue) == 0, 10, what="an empty queue")


def test_expired_before_it_runs(app, bare, shared, redis):
    """Sent without the broker's own expiration, so that the worker has to see that it is late."""
    task_id = messages.new_id()
    past = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=5)).isoformat()
    bare.publish(shared.queue, messages.body(), messages.headers(task_id, expires=past), correlation_id=task_id,
                 content_type="application/json", content_encoding="utf-8")
    result = AsyncResult(task_id, app=app)
    eventually(result.ready, WAIT, what="REVOKED")
    assert result.state == states.REVOKED and isinstance(result.info, TaskRevokedError)
    assert str(result.info) == "expired"
    with pytest.raises(TaskRevokedError):
        result.get(timeout=WAIT)


def test_expires_while_it_waits_in_the_worker(make_app, worker, queue):
    """The way a Celery user meets it: `expires=1` behind a task that takes longer."""
    worker(queue, concurrency=1, options=["-c", "1"])
    app = make_app(queue)
    busy = app.send_task("examples.sleep", (2.5,))
    late = app.send_task("examples.add", (1, 2), expires=1)
    assert busy.get(timeout=WAIT) == 2.5
    eventually(lambda: late.state in ("REVOKED", "SUCCESS"), WAIT, what="the end of the late task")
    assert late.state == "REVOKED"


def test_not_expired_runs(app):
    assert app.send_task("examples.add", (1, 2), expires=600).get(timeout=WAIT) == 3


def test_progress_is_seen_by_the_client(app):
    seen = []
    result = app.send_task("examples.progress", (4,))
    result.get(timeout=WAIT, on_message=seen.append)
    progress = [one["result"] for one in seen if one["status"] == "PROGRESS"]
    assert progress, [one["status"] for one in seen]
    assert all(one["total"] == 4 and 0 <= one["current"] <= 4 for one in progress)
    assert [one["current"] for one in progress] == sorted(one["current"] for one in progress)
    assert result.state == "SUCCESS"


def test_every_progress_state_is_published(app, redis):
    task_id = messages.new_id()
    watch = Watch(redis, task_id)
    app.send_task("examples.progress", (3,), task_id=task_id)
    metas = watch.until("SUCCESS")
    assert [one["status"] for one in metas] == ["PROGRESS"] * (len(metas) - 1) + ["SUCCESS"]
    assert {"current": 3, "total": 3} in [one["result"] for one in metas] and len(metas) >= 3
    assert metas[0]["date_done"] is None


def test_children(app):
    result = app.send_task("examples.fanout", (3,))
    ids = result.get(timeout=WAIT)
    assert len(set(ids)) == 3
    assert [child.id for child in result.children] == ids
    assert sorted(child.get(timeout=WAIT) for child in result.children) == [0, 2, 4]


def test_children_know_their_parent(app, redis):
    result = app.send_task("examples.fanout", (1,))
    child, = result.get(timeout=WAIT)
    eventually(lambda: meta(redis, child), WAIT, what="the child's result")
    assert meta(redis, child)["parent_id"] == result.id


def test_group_of_a_hundred(app):
    job = group((app.signature("examples.add", args=(number, number)) for number in range(100)), app=app)
    assert job.apply_async().get(timeout=60) == [2 * number for number in range(100)]


def test_group_id_is_stored(app, redis):
    result = group([app.signature("examples.add", args=(1, 1))], app=app).apply_async()
    result.get(timeout=WAIT)
    assert meta(redis, result.children[0].id)["group_id"] == result.id


@pytest.mark.parametrize("how", ["countdown", "eta"])
def test_countdown_and_eta_are_honoured(app, how):
    sent = datetime.datetime.now(datetime.timezone.utc)
    due = sent + datetime.timedelta(seconds=1.5)
    result = app.send_task("examples.add", (1, 2), **({"eta": due} if how == "eta" else {"countdown": 1.5}))
    assert result.get(timeout=WAIT) == 3
    assert due - datetime.timedelta(milliseconds=60) <= result.date_done < due + datetime.timedelta(seconds=5)


def test_eta_in_the_past_runs_at_once(app):
    past = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
    assert app.send_task("examples.add", (1, 2), eta=past).get(timeout=WAIT) == 3


def test_forget(app, redis):
    result = app.send_task("examples.add", (1, 2))
    result.get(timeout=WAIT)
    result.forget()
    assert meta(redis, result.id) is None


def test_success_is_never_overwritten(app, redis, shared, bare):
    """A late duplicate of the same task must not change a stored SUCCESS."""
    task_id = messages.new_id()
    app.send_task("examples.add", (1, 2), task_id=task_id).get(timeout=WAIT)
    first = meta(redis, task_id)
    bare.publish(shared.queue, json.dumps([["late"], {}, None]), messages.headers(task_id, "examples.fail"),
                 content_type="application/json", content_encoding="utf-8")
    shared.process.wait_for_log(loglines.received(task_id), count=2)
    app.send_task("examples.add", (5, 5)).get(timeout=WAIT)
    stays(lambda: meta(redis, task_id) == first, 0.5, what="the first result")


def test_priorities_within_a_queue(make_app, worker, queue, bare, tmp_path):
    """x-max-priority: the higher number first (RabbitMQ), seen by the order of the lines."""
    bare.declare(queue, **{"x-max-priority": 10})
    file = tmp_path / "order"
    for number, priority in enumerate([0, 1, 9, 5, 0, 9, 2]):
        bare.send_task(queue, "examples.append", (str(file), f"{priority}"), priority=priority)
    worker(queue, concurrency=1, prefetch=1, options=["-c", "1", "--prefetch-multiplier", "1"])
    eventually(lambda: file.exists() and len(file.read_text().split()) == 7, WAIT, what="seven lines")
    assert file.read_text().split() == ["9", "9", "5", "2", "1", "0", "0"]


def test_priority_of_a_celery_client(make_app, worker, queue, bare):
    bare.declare(queue, **{"x-max-priority": 10})
    worker(queue)
    app = make_app(queue, task_queues=[Queue(queue, queue_arguments={"x-max-priority": 10})])
    assert app.send_task("examples.add", (1, 2), priority=7).get(timeout=WAIT) == 3
