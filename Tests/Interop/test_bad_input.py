"""What can't be run: what its sender sees, what the log says, and where the message ends. The worker goes on."""
import datetime
import json
import pickle
import zlib

import pytest
from celery.result import AsyncResult

from support import bombs, loglines, messages
from support.broker import RawProperties
from support.waiting import eventually

WAIT = 30
JSON = {"content_type": "application/json", "content_encoding": "utf-8"}
chard_only = pytest.mark.chard


class Case:
    """One worker on one queue; sends a message and asserts where it ends."""

    def __init__(self, worker, queue, bare, app):
        self.worker, self.queue, self.bare, self.app = worker, queue, bare, app
        self.process = worker(queue)

    def send(self, body, headers=None, properties=None, **basic):
        self.sent = body if isinstance(body, bytes) else body.encode()
        self.bare.publish(self.queue, body, headers, properties, **basic)

    def is_dead(self, reason, error=None):
        """The message is in the dead-letter queue as it was sent, with Chard's headers; returns its headers."""
        properties, body = self.bare.take(f"{self.queue}.dead")
        headers = properties.headers
        assert headers["x-chard-reason"] == reason, headers
        assert body == self.sent
        assert headers["x-chard-queue"] == self.queue and headers["x-chard-routing-key"] == self.queue
        assert headers["x-chard-exchange"] == "" and "@interop" in headers["x-chard-worker"]
        assert datetime.datetime.fromisoformat(headers["x-chard-time"]).tzinfo is not None
        assert headers["x-chard-error"]
        if error:
            assert error in headers["x-chard-error"]
        return headers

    def sender_sees(self, task_id, *types):
        result = AsyncResult(task_id, app=self.app)
        eventually(result.ready, WAIT, what=f"the result of {task_id}")
        assert result.state == "FAILURE"
        assert type(result.result).__name__ in types, repr(result.result)
        return result.result

    def log_says(self, text):
        self.process.wait_for_log(text)

    def goes_on(self):
        """The worker still runs and took the message: nothing ready, nothing unacknowledged."""
        task_id = self.bare.send_task(self.queue, "examples.add", (20, 22))
        assert AsyncResult(task_id, app=self.app).get(timeout=WAIT) == 42
        assert self.process.running and self.bare.ready(self.queue) == 0
        assert len(self.process.log()) < 1_000_000, "the log must not repeat what was sent"

    def returns_nothing_at_its_end(self):
        """Stopped, the worker leaves an empty queue: every message was acknowledged."""
        self.process.stop()
        assert eventually(lambda: self.bare.consumers(self.queue) == 0, 10) and self.bare.ready(self.queue) == 0


@pytest.fixture
def case(worker, queue, bare, make_app):
    return Case(worker, queue, bare, make_app(queue))


UNDECODABLE = {
    "not-json": b"this is no JSON",
    "truncated": messages.body()[:-9],
    "truncated-escape": b'[["\\u12',
    "trailing": messages.body() + b" extra",
    "blank": b"   ",
    "not-utf8": b'[["\xff\xfe"], {}, null]',
    "raw-nul": b'[[1, 2], {}, null]\x00',
    "nul-bytes": b"\x00" * 100,
    "bare-brackets": b"[" * 5000,
    "bad-number": b"[[1e, 2], {}, null]",
}


@chard_only
@pytest.mark.parametrize("body", UNDECODABLE.values(), ids=UNDECODABLE.keys())
def test_undecodable(case, body):
    task_id = messages.new_id()
    case.send(body, messages.headers(task_id), **JSON)
    headers = case.is_dead("undecodable")
    assert headers["id"] == task_id and headers["task"] == "examples.add"
    case.log_says("Can't decode message body")
    case.sender_sees(task_id, "DecodeError", "JSONDecodeError", "ValueError")
    case.goes_on()
    case.returns_nothing_at_its_end()


INVALID = {
    "empty": b"",                                              # kombu hands an empty body on without decoding it
    "a string": b'"text"',
    "a number": b"42",
    "null": b"null",
    "one element": b"[[1, 2]]",
    "four elements": b"[[1, 2], {}, null, 1]",
    "args not a list": b'[5, {}, null]',
    "args a string": b'["ab", {}, null]',
    "kwargs a list": b'[[1, 2], [], null]',
    "kwargs a string": b'[[1, 2], "x", null]',
    "kwargs a number": b'[[1, 2], 7, null]',
    "embed a list": b'[[1, 2], {}, [1]]',
}


@chard_only
@pytest.mark.parametrize("body", INVALID.values(), ids=INVALID.keys())
def test_invalid_body(case, body):
    """Proper JSON, but no [args, kwargs, embed]."""
    task_id = messages.new_id()
    case.send(body, messages.headers(task_id), **JSON)
    headers = case.is_dead("invalid")
    assert headers["id"] == task_id
    case.log_says("invalid task message")
    case.sender_sees(task_id, "InvalidTaskError", "TypeError", "ValueError")
    case.goes_on()
    case.returns_nothing_at_its_end()


@chard_only
def test_protocol_1_kwargs_not_a_map(case):
    task_id = messages.new_id()
    case.send(messages.body_v1(task_id, "examples.add", [1, 2], kwargs="oops"), {}, **JSON)
    case.is_dead("invalid")
    case.sender_sees(task_id, "InvalidTaskError", "TypeError", "ValueError")
    case.goes_on()


@chard_only
def test_body_that_is_no_task_at_all(case):
    """Somebody else's message in our queue: no `task` anywhere, nobody to tell."""
    case.send(b'{"event": "user-created", "id": 7}', None, **JSON)
    case.is_dead("invalid")
    case.goes_on()
    case.returns_nothing_at_its_end()


@chard_only
def test_message_without_any_property(case):
    case.send(messages.body(), None)
    case.is_dead("invalid")
    case.goes_on()


@chard_only
def test_missing_id(case):
    headers = messages.headers("")
    del headers["id"]
    case.send(messages.body(), headers, **JSON)
    case.is_dead("invalid")
    case.log_says("invalid task message")
    case.goes_on()
    case.returns_nothing_at_its_end()


@chard_only
def test_empty_id(case):
    case.send(messages.body(), messages.headers(""), **JSON)
    case.is_dead("invalid")
    case.goes_on()


@chard_only
@pytest.mark.parametrize("content_type", ["application/x-python-serialize", "pickle"])
def test_pickle_is_refused(case, content_type):
    task_id = messages.new_id()
    body = pickle.dumps(([2, 3], {}, None), 4)
    case.send(body, messages.headers(task_id), content_type=content_type, content_encoding="binary")
    case.is_dead("content-disallowed", "Refusing to deserialize")
    case.log_says("Refusing to deserialize")
    error = case.sender_sees(task_id, "ContentDisallowed")
    assert "pickle" in str(error)
    case.goes_on()
    case.returns_nothing_at_its_end()


@chard_only
def test_pickle_of_a_celery_client(case, make_app):
    """As a Celery user meets it: task_serializer = 'pickle'."""
    result = make_app(case.queue, task_serializer="pickle").send_task("examples.add", (1, 2))
    case.sender_sees(result.id, "ContentDisallowed")
    eventually(lambda: case.bare.ready(f"{case.queue}.dead") == 1, WAIT)
    case.goes_on()


@chard_only
@pytest.mark.parametrize("content_type", ["application/x-unheard-of", "text/html", "\x01"])
def test_unknown_content_type(case, content_type):
    task_id = messages.new_id()
    case.send(messages.body(), messages.headers(task_id), content_type=content_type, content_encoding="utf-8")
    case.is_dead("content-disallowed")
    case.sender_sees(task_id, "ContentDisallowed")
    case.goes_on()


@chard_only
def test_wrong_content_type(case):
    """Says msgpack, is JSON: 0x5b is msgpack's integer 91 followed by rubbish."""
    task_id = messages.new_id()
    case.send(messages.body(), messages.headers(task_id), content_type="application/x-msgpack")
    reason = case.bare.take(f"{case.queue}.dead")[0].headers["x-chard-reason"]
    assert reason in ("undecodable", "invalid")
    case.sender_sees(task_id, "DecodeError", "InvalidTaskError", "ValueError", "TypeError")
    case.goes_on()


@chard_only
@pytest.mark.parametrize("content_encoding", ["latin-1", "no-such-encoding", None])
def test_content_encoding(case, content_encoding):
    """Known or not, plain ASCII JSON says what it is: it either runs or is undecodable, and the worker goes on."""
    task_id = messages.new_id()
    case.send(messages.body(), messages.headers(task_id), content_type="application/json",
              content_encoding=content_encoding)
    result = AsyncResult(task_id, app=case.app)
    eventually(result.ready, WAIT, what="the result")
    if result.state != "SUCCESS":
        case.is_dead("undecodable")
    case.goes_on()


@chard_only
def test_unknown_task(case):
    task_id = messages.new_id()
    case.send(messages.body(), messages.headers(task_id, "no.such.task"), **JSON)
    headers = case.is_dead("unknown-task", "no.such.task")
    assert headers["task"] == "no.such.task"
    case.log_says("Received unregistered task of type")
    error = case.sender_sees(task_id, "NotRegistered")
    assert error.args == ("no.such.task",)
    case.goes_on()
    case.returns_nothing_at_its_end()


def test_unknown_task_at_the_client(app):
    """The same with any worker: get() raises NotRegistered."""
    from celery.exceptions import NotRegistered
    with pytest.raises(NotRegistered) as caught:
        app.send_task("no.such.task").get(timeout=WAIT)
    assert caught.value.args == ("no.such.task",)


NAMES = {"long": "x" * 60000, "nul": "examples.\x00add", "empty": "", "unicode": "aufgaben.größe.🌱",
         "newline": "a\nb: forged"}


@chard_only
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_odd_task_name(case, name):
    task_id = messages.new_id()
    case.send(messages.body(), messages.headers(task_id, name), **JSON)
    reason = case.bare.take(f"{case.queue}.dead")[0].headers["x-chard-reason"]
    assert reason in ({"unknown-task", "invalid"} if name == "" else {"unknown-task"})
    case.sender_sees(task_id, "NotRegistered", *(["InvalidTaskError"] if name == "" else []))
    assert "\nb: forged" not in case.process.log(), "a name must not forge log lines"
    case.goes_on()


@chard_only
def test_task_header_of_another_type(case):
    case.send(messages.body(), messages.headers(messages.new_id(), 42), **JSON)
    case.is_dead("unknown-task")                               # to Celery, too, it is a name that nobody has registered
    case.goes_on()


@chard_only
@pytest.mark.parametrize("header", ["eta", "expires"])
@pytest.mark.parametrize("value", ["tomorrow", "2026-13-45T99:99:99", "9999999999-01-01", "2026-01-01T00:00:00+99:99", 5,
                                   [1], True], ids=repr)
def test_bad_eta_or_expires(case, header, value):
    task_id = messages.new_id()
    case.send(messages.body(), messages.headers(task_id, **{header: value}), **JSON)
    case.is_dead("invalid")
    case.log_says("invalid task message")
    case.sender_sees(task_id, "InvalidTaskError", "ValueError", "TypeError")
    case.goes_on()


ODD_HEADERS = {
    "retries text": {"retries": "many"}, "retries negative": {"retries": -5}, "retries huge": {"retries": 2 ** 62},
    "timelimit text": {"timelimit": "soon"}, "timelimit short": {"timelimit": [1]},
    "timelimit negative": {"timelimit": [-1, -1]}, "timelimit huge": {"timelimit": [2 ** 62, 2 ** 62]},
    "group number": {"group": 7}, "group_index text": {"group_index": "first"}, "stamps list": {"stamps": [1]},
    "stamped_headers text": {"stamped_headers": "x"}, "ignore_result text": {"ignore_result": "perhaps"},
    "root_id null": {"root_id": None}, "shadow number": {"shadow": 5}, "origin list": {"origin": []},
    "nesting text": {"replaced_task_nesting": "deep"}, "argsrepr number": {"argsrepr": 5},
    "lang table": {"lang": {"a": 1}},
    "compression unknown": {"compression": "application/x-sevenzip"}, "compression number": {"compression": 5},
}


@chard_only
@pytest.mark.parametrize("odd", ODD_HEADERS.values(), ids=ODD_HEADERS.keys())
def test_odd_headers_end_somewhere(case, odd):
    """Whether it runs is the worker's choice; it ends with a result, and in the dead-letter queue if it did not run."""
    task_id = messages.new_id()
    case.send(messages.body(), messages.headers(task_id, **odd), **JSON)
    result = AsyncResult(task_id, app=case.app)
    if odd == {"ignore_result": "perhaps"}:
        case.process.wait_for_log(loglines.received(task_id))
    else:
        eventually(result.ready, WAIT, what="the result")
    if result.state == "FAILURE" and type(result.result).__name__ not in ("TimeLimitExceeded", "SoftTimeLimitExceeded"):
        assert case.bare.take(f"{case.queue}.dead")[0].headers["x-chard-reason"] in ("invalid", "undecodable")
    case.goes_on()


@chard_only
def test_deep_nesting(case):
    task_id = messages.new_id()
    deep = b"[" * 10000 + b"]" * 10000
    case.send(b"[[" + deep + b"], {}, null]", messages.headers(task_id, "examples.echo"), **JSON)
    case.is_dead("undecodable")
    case.sender_sees(task_id, "DecodeError", "RecursionError", "ValueError")
    case.goes_on()
    case.returns_nothing_at_its_end()


@chard_only
@pytest.mark.parametrize("content_type,body", [
    ("application/x-msgpack", b"\x93\x91" + b"\x91" * 10000 + b"\xc0\x80\xc0"),
    ("application/x-yaml", b"[[" + b"[" * 10000 + b"]" * 10000 + b"], {}, null]"),
    ("application/json", b'[[' + b'{"a":' * 10000 + b"1" + b"}" * 10000 + b'], {}, null]'),
    ("application/json", b'[[1], {}, ' + b'{"chain":[' * 5000 + b"]}" * 5000 + b']'),
], ids=["msgpack", "yaml", "json-objects", "json-embed"])
def test_deep_nesting_elsewhere(case, content_type, body):
    task_id = messages.new_id()
    case.send(body, messages.headers(task_id, "examples.echo"), content_type=content_type)
    case.is_dead("undecodable")
    case.goes_on()


@chard_only
@pytest.mark.parametrize("body", [
    b"\x93\xdd\xff\xff\xff\xff", b"\x93\x91\xdb\xff\xff\xff\xff", b"\x93\xdf\xff\xff\xff\xff\x01",
    b"\x93\x91\xc6\x7f\xff\xff\xff", b"\xc1", b"\x93\x90\x80",
], ids=["array", "text", "map", "bin", "reserved", "cut"])
def test_msgpack_that_promises_more_than_it_has(case, body):
    before = case.process.peak_memory()
    case.send(body, messages.headers(messages.new_id()), content_type="application/x-msgpack")
    case.is_dead("undecodable")
    assert case.process.peak_memory() - before < 64 << 20
    case.goes_on()


@chard_only
def test_yaml_aliases_do_not_multiply(case):
    """Billion laughs."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    body = "- []\n- " + "\n  ".join(lines) + "\n- null\n"
    before = case.process.peak_memory()
    case.send(body, messages.headers(messages.new_id()), content_type="application/x-yaml")
    case.bare.take(f"{case.queue}.dead", timeout=60)
    assert case.process.peak_memory() - before < 200 << 20
    case.goes_on()


@chard_only
def test_large_body_is_just_a_task(case, tmp_path):
    """64 MiB is within the limits: it runs, whole."""
    size = 64 << 20
    file = tmp_path / "large"
    task_id = messages.new_id()
    case.send(json.dumps([[str(file), "x" * size], {}, None]), messages.headers(task_id, "examples.append"), **JSON)
    assert AsyncResult(task_id, app=case.app).get(timeout=60) is None
    assert file.stat().st_size == size + 1
    case.goes_on()
    assert case.process.peak_memory() < 600 << 20
    file.unlink()


@chard_only
def test_large_wrong_body(case):
    """64 MiB of what is no task's argument: a TypeError, no dead letter, no copy of it in the log or the result."""
    task_id = messages.new_id()
    case.send(json.dumps([[1, 2], {"junk": "x" * (64 << 20)}, None]), messages.headers(task_id), **JSON)
    error = case.sender_sees(task_id, "TypeError")
    assert "junk" in str(error) and len(str(error)) < 10_000
    case.goes_on()
    assert not case.bare.ready(f"{case.queue}.dead")


@chard_only
def test_large_body_of_brackets(case):
    """Many small things in 32 MiB must not take memory out of proportion."""
    task_id = messages.new_id()
    case.send(b"[[[" + b"[]," * (10 << 20) + b"[]]], {}, null]", messages.headers(task_id, "examples.ignore"), **JSON)
    result = AsyncResult(task_id, app=case.app)
    eventually(lambda: result.ready() or case.bare.ready(f"{case.queue}.dead"), 60, what="its end")
    case.goes_on()
    assert case.process.peak_memory() < 1500 << 20


@chard_only
@pytest.mark.parametrize("compression", bombs.BOMBS)
def test_compressed_bomb(case, compression):
    body, task_id = bombs.BOMBS[compression](), messages.new_id()
    case.send(body, messages.headers(task_id, compression=compression), **JSON)
    case.is_dead("undecodable")
    case.sender_sees(task_id, "DecodeError", "ValueError")
    assert case.process.peak_memory() < 500 << 20
    case.goes_on()
    case.returns_nothing_at_its_end()


@chard_only
@pytest.mark.parametrize("compression", bombs.BOMBS)
@pytest.mark.parametrize("body", [b"", b"no compressed data", zlib.compress(messages.body())[:-6]],
                         ids=["empty", "rubbish", "cut"])
def test_broken_compression(case, compression, body):
    task_id = messages.new_id()
    case.send(body, messages.headers(task_id, compression=compression), **JSON)
    case.is_dead("undecodable")
    case.sender_sees(task_id, "DecodeError", "ValueError", "InvalidTaskError")
    case.goes_on()


@chard_only
def test_dead_letter_of_a_table_with_every_type(case):
    """What is dead-lettered keeps its headers, whatever their types."""
    task_id = messages.new_id()
    table = messages.table_with_every_type(task_id, "no.such.task")
    case.send(messages.body(), properties=RawProperties(table))
    headers = case.is_dead("unknown-task")
    assert headers["x-type-0"] == "text" and headers["x-type-3"] is True and headers["x-type-9"] == -70000
    assert headers["x-type-16"] == {"k": "v"}
    case.sender_sees(task_id, "NotRegistered")
    case.goes_on()


@chard_only
def test_wrong_arguments_are_not_dead_letters(case):
    """As in Celery: the sender gets TypeError, the message is done."""
    task_id = messages.new_id()
    case.send(messages.body((1, 2, 3)), messages.headers(task_id), **JSON)
    case.sender_sees(task_id, "TypeError")
    case.goes_on()
    assert not case.bare.ready(f"{case.queue}.dead")


@chard_only
def test_a_thousand_bad_messages_in_a_row(case):
    """A whole backlog of rubbish between good ones: all rubbish kept, all good ones run."""
    good = []
    for number in range(1000):
        if number % 10 == 0:
            good.append(case.bare.send_task(case.queue, "examples.add", (number, 1)))
        case.send(list(UNDECODABLE.values())[number % len(UNDECODABLE)], messages.headers(messages.new_id()), **JSON)
    for number, task_id in enumerate(good):
        assert AsyncResult(task_id, app=case.app).get(timeout=WAIT) == number * 10 + 1
    eventually(lambda: case.bare.ready(f"{case.queue}.dead") == 1000, WAIT, what="a thousand dead letters")
    case.returns_nothing_at_its_end()


# --- settings ---------------------------------------------------------------------------------------------------------

@chard_only
def test_wrong_password(worker, queue, broker_url):
    process = worker(queue, broker=broker_url.replace("guest:guest", "guest:t0p-s3cret"), wait=False)
    assert process.wait(30) != 0
    errors = [line for line in process.log().splitlines() if line.startswith("error: ")]
    assert len(errors) == 1 and ("password" in errors[0].lower() or "refused" in errors[0].lower())
    assert "t0p-s3cret" not in process.log()


@chard_only
def test_unknown_vhost(worker, queue, broker_url):
    process = worker(queue, broker=broker_url.rstrip("/") + "/no-such-vhost", wait=False)
    assert process.wait(30) != 0
    assert [line for line in process.log().splitlines() if line.startswith("error: ") and "no-such-vhost" in line]


@chard_only
@pytest.mark.parametrize("option,value", [
    ("broker", "amqp:/nonsense"), ("broker", "http://localhost/"), ("broker", "amqp://localhost:port"),
    ("backend", "memcached://x"), ("backend", "redis://localhost:port/0")])
def test_bad_url(worker, queue, option, value):
    process = worker(queue, wait=False, **{option: value})
    assert process.wait(30) != 0
    errors = [line for line in process.log().splitlines() if line.startswith("error: ")]
    assert len(errors) == 1


SETTINGS = {
    "unknown key": ("queues:\n  q1:\n    concurency: 4\n", 3, "concurency", "concurrency"),
    "wrong type": ("queues:\n  q1:\n    concurrency: four\n", 3, "concurrency", None),
    "negative": ("queues:\n  q1:\n    concurrency: -1\n", 3, "concurrency", None),
    "zero deliveries": ("queues:\n  q1:\n    max_deliveries: 0\n", 3, "max_deliveries", None),
    "unknown top key": ("queue:\n  q1: {}\n", 1, "queue", "queues"),
    "priority text": ("queues:\n  q1:\n    routes: ['a.*']\n    priority: high\n", 4, "priority", None),
}


@chard_only
@pytest.mark.parametrize("text,line,key,hint", SETTINGS.values(), ids=SETTINGS.keys())
def test_wrong_queues_yaml(worker, tmp_path, text, line, key, hint):
    file = tmp_path / "wrong.yaml"
    file.write_text(text)
    process = worker(config=file, wait=False)
    assert process.wait(30) != 0
    error, = [one for one in process.log().splitlines() if one.startswith("error: ")]
    assert f"wrong.yaml:{line}" in error and key in error
    assert hint is None or hint in error


@chard_only
@pytest.mark.parametrize("text", ["queues: [", "just text", "queues:\n\tq1: {}\n", "queues: {}\n"],
                         ids=["unclosed", "text", "tab", "none"])
def test_broken_queues_yaml(worker, tmp_path, text):
    file = tmp_path / "broken.yaml"
    file.write_text(text)
    process = worker(config=file, wait=False)
    assert process.wait(30) != 0
    error, = [one for one in process.log().splitlines() if one.startswith("error: ")]
    assert "broken.yaml" in error


@chard_only
def test_missing_queues_yaml(worker, tmp_path):
    process = worker(config=tmp_path / "none.yaml", wait=False)
    assert process.wait(30) != 0
    assert [line for line in process.log().splitlines() if line.startswith("error: ") and "none.yaml" in line]
