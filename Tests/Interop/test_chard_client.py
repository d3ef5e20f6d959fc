"""Chard client -> Python Celery worker, through `chard call` and `chard result`; the same against Chard's worker."""
import json
import re

import pytest

from support import loglines, messages
from support.waiting import eventually

pytestmark = pytest.mark.chard
WAIT = "--wait=40"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Caller:
    def __init__(self, chard, queue, process, kind):
        self.chard, self.queue, self.process, self.kind = chard, queue, process, kind

    def call(self, task, *args, kwargs=None, options=(), wait=WAIT, status=0):
        """`chard call`; returns (stdout, stderr)."""
        words = ["call", task, "--args", json.dumps(list(args)), "--queue", self.queue, *options]
        words += ["--kwargs", json.dumps(kwargs)] if kwargs else []
        return self.chard(*words, *([wait] if wait else []), status=status)

    def value(self, task, *args, **more):
        """What the task returned: the last line of stdout, as JSON."""
        out, _ = self.call(task, *args, **more)
        return json.loads(out.strip().splitlines()[-1])

    def send(self, task, *args, **more):
        """Without waiting: stdout is the id."""
        out, _ = self.call(task, *args, wait=None, **more)
        return UUID.search(out)[0]


@pytest.fixture(scope="module", params=["python", "chard"])
def served(request, tmp_path_factory, broker_url, backend_url):
    """One worker of each kind for all tests here."""
    import uuid
    from conftest import Workers, remove
    queue = f"client-{uuid.uuid4().hex[:10]}"
    workers = Workers(tmp_path_factory.mktemp("client"), broker_url, backend_url)
    process = workers(queue, kind=request.param)
    yield queue, process, request.param
    workers.end()
    remove(broker_url, [queue])


@pytest.fixture
def caller(request, served, chard):
    queue, process, kind = served
    request.node.workers = [process]
    return Caller(chard, queue, process, kind)


def test_success(caller):
    assert caller.value("examples.add", 2, 3) == 5
    assert caller.value("examples.add", 2, kwargs={"y": 5}) == 7


VALUES = ["Grüße 🌱 \u0000", None, True, 1.5, 2 ** 70, [], {}, {"a": [1, {"b": None}]}, ["x" * 10000]]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: repr(value)[:30])
def test_values(caller, value):
    assert caller.value("examples.echo", value) == value


def test_failure(caller):
    out, err = caller.call("examples.fail", "no such thing", status=1)
    error, = [line for line in err.splitlines() if line.startswith("error: ")]
    assert "ValueError" in error and "no such thing" in error


def test_wrong_arguments(caller):
    _, err = caller.call("examples.add", 1, status=1)
    assert "TypeError" in err and "'y'" in err


def test_unknown_task(caller):
    _, err = caller.call("no.such.task", status=1)
    assert "NotRegistered" in err and "no.such.task" in err


def test_retry(caller):
    assert caller.value("examples.retry", 2) == 3


def test_fanout(caller):
    assert len(set(caller.value("examples.fanout", 4))) == 4


def test_ignore(caller):
    """No result ever comes: waiting ends with an error that says so."""
    _, err = caller.call("examples.ignore", wait="--wait=1", status=1)
    assert err.startswith("error: ") or "\nerror: " in err


def test_progress(caller):
    assert caller.value("examples.progress", 3) == 3


def test_reject(caller):
    _, err = caller.call("examples.reject", False, status=1)
    assert "Reject" in err


def test_send_then_ask_for_the_result(caller):
    task_id = caller.send("examples.add", 20, 22)
    out, _ = caller.chard("result", task_id, WAIT)
    assert json.loads(out.strip().splitlines()[-1]) == 42


def test_result_of_a_failure(caller):
    task_id = caller.send("examples.fail", "later")
    _, err = caller.chard("result", task_id, WAIT, status=1)
    assert "ValueError" in err and "later" in err


def test_result_of_an_unknown_id(caller):
    out, err = caller.chard("result", "00000000-0000-4000-8000-000000000000", "--wait=1", status=1)
    assert "error: " in err


def test_countdown(caller):
    """Waited for: the worker holds it back, the client gets it afterwards."""
    import time
    begun = time.monotonic()
    assert caller.value("examples.add", 1, 2, options=["--countdown", "2"]) == 3
    assert time.monotonic() - begun > 1.8


def test_expiry(worker, new_queue, chard, broker_url):
    """Behind a task that takes longer than it lives, in the worker's hands: REVOKED, and the client says so."""
    queue = new_queue()
    process = worker(queue, kind="python", concurrency=1)
    caller = Caller(chard, queue, process, "python")
    caller.send("examples.sleep", 2.5)
    _, err = caller.call("examples.add", 1, 2, options=["--expires", "1"], status=1)
    assert "expired" in err or "TaskRevokedError" in err or "REVOKED" in err


def test_not_expired(caller):
    assert caller.value("examples.add", 1, 2, options=["--expires", "600"]) == 3


def test_priority(worker, new_queue, bare, chard, tmp_path):
    queue, file = new_queue(), tmp_path / "order"
    bare.declare(queue, **{"x-max-priority": 10})
    caller = Caller(chard, queue, None, "python")
    for priority in (1, 9, 5):
        caller.send("examples.append", str(file), str(priority), options=["--priority", str(priority)])
    worker(queue, kind="python", concurrency=1, options=["--prefetch-multiplier", "1", "-c", "1"])
    eventually(lambda: file.exists() and len(file.read_text().split()) == 3, 30, what="three lines")
    assert file.read_text().split() == ["9", "5", "1"]


@pytest.mark.parametrize("serializer", ["json", "msgpack", "yaml"])
def test_serializer(caller, serializer):
    if "--serializer" not in caller.chard("call", "--help")[0]:
        pytest.skip("`chard call` has no --serializer")
    value = {"a": [1, 2.5, None, "Grüße"], "b": True}
    assert caller.value("examples.echo", value, options=["--serializer", serializer]) == value


def test_the_worker_sees_an_ordinary_message(worker, new_queue, chard, bare):
    """Headers and properties of what Chard publishes, as Celery 5.7's own."""
    queue = new_queue()
    bare.declare(queue)
    task_id = Caller(chard, queue, None, None).send("examples.add", 2, 3, kwargs={"z": None})
    properties, body = bare.take(queue)
    headers = properties.headers
    assert set(messages.headers("")) <= set(headers)
    assert (headers["id"], headers["root_id"], headers["parent_id"]) == (task_id, task_id, None)
    assert (headers["argsrepr"], headers["kwargsrepr"], headers["timelimit"]) == ("(2, 3)", "{'z': None}", [None, None])
    assert (headers["retries"], headers["replaced_task_nesting"], headers["stamps"]) == (0, 0, {})
    assert (properties.content_type, properties.content_encoding) == ("application/json", "utf-8")
    assert properties.delivery_mode == 2
    assert (properties.correlation_id, properties.priority) == (task_id, 0)
    assert json.loads(body) == [[2, 3], {"z": None},
                                {"callbacks": None, "errbacks": None, "chain": None, "chord": None}]


def test_progress_is_seen_while_it_runs(caller):
    """`chard result` without waiting tells the state; the last one is the end."""
    task_id = caller.send("examples.progress", 200)
    seen = []
    def look():
        out, err = caller.chard("result", task_id, status=None)
        seen.append(out + err)
        return "SUCCESS" in out or json_or_none(out) == 200
    eventually(look, 40, every=0, what="the end of the task")


def json_or_none(text):
    try:
        return json.loads(text.strip().splitlines()[-1])
    except (ValueError, IndexError):
        return None


def test_the_log_of_both_workers_reads_alike(caller):
    task_id = caller.send("examples.add", 1, 1)
    caller.process.wait_for_log(loglines.received(task_id))
    caller.process.wait_for_log(loglines.succeeded(task_id))
    failed = caller.send("examples.fail", "x")
    line, = caller.process.wait_for_log(loglines.raised(failed))
    assert "raised unexpected: ValueError('x')" in caller.process.log()
