"""Settings of the Redis backend that a Python client must have alike."""
import pytest

from support.waiting import eventually

WAIT = 30
pytestmark = pytest.mark.chard


@pytest.mark.parametrize("prefix, before", [("app", "app_"), ("app:", "app:")])
def test_key_prefix_and_results_for_ever(worker, queue, make_app, redis, prefix, before):
    worker(queue, top={"result_backend": {"key_prefix": prefix, "expires": "none"}})
    app = make_app(queue, result_backend_transport_options={"global_keyprefix": prefix}, result_expires=None)
    result = app.send_task("examples.add", (1, 2))
    assert result.get(timeout=WAIT) == 3
    key = f"{before}celery-task-meta-{result.id}"
    assert redis.ttl(key) == -1
    assert app.AsyncResult(result.id).state == "SUCCESS"
    result.forget()
    assert redis.get(key) is None


def test_results_expire(worker, queue, make_app, redis):
    worker(queue, top={"result_backend": {"expires": 2}})
    result = make_app(queue).send_task("examples.add", (1, 2))
    assert result.get(timeout=WAIT) == 3
    assert 0 < redis.pttl(f"celery-task-meta-{result.id}") <= 2000
    eventually(lambda: redis.get(f"celery-task-meta-{result.id}") is None, WAIT, what="the result to expire")


def test_without_a_backend(worker, queue, bare):
    """`none`: tasks run, nothing is stored."""
    process = worker(queue, backend="none")
    bare.send_task(queue, "examples.add", (1, 2), reply_to="nobody")
    process.wait_for_log("succeeded")
    process.stop()
    assert bare.ready(queue) == 0
