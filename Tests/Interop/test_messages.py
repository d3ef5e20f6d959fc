"""Python Celery client -> worker: every form a message comes in."""
import datetime
import decimal
import json
import math
import uuid

import pytest
from celery.result import AsyncResult
from kombu import compression, serialization

from support import loglines, messages
from support.waiting import eventually

WAIT = 30
SERIALIZERS = ["json", "msgpack", "yaml"]
COMPRESSIONS = [None, "zlib", "gzip", "bzip2", "lzma", "xz", "zstd"]


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("serializer", SERIALIZERS)
def test_serializer_and_compression(app, serializer, compression):
    value = {"text": "Grüße, 世界 🌱", "numbers": [1, -2, 3.5, 2 ** 40], "none": None, "long": "x" * 5000}
    result = app.send_task("examples.echo", (value,), serializer=serializer, compression=compression)
    assert result.get(timeout=WAIT) == value


@pytest.mark.parametrize("serializer", SERIALIZERS)
def test_serializer_with_keyword_arguments(app, serializer):
    assert app.send_task("examples.add", kwargs={"x": 2, "y": 3}, serializer=serializer).get(timeout=WAIT) == 5
    assert app.send_task("examples.add", (2,), {"y": 4}, serializer=serializer).get(timeout=WAIT) == 6


def test_msgpack_bytes(app):
    """msgpack's bin type arrives as bytes; the JSON result gives them back as bytes."""
    assert app.send_task("examples.echo", (b"\x00\xffraw",), serializer="msgpack").get(timeout=WAIT) == b"\x00\xffraw"


@pytest.mark.parametrize("protocol", [1, 2])
@pytest.mark.parametrize("serializer", SERIALIZERS)
def test_protocol(make_app, shared, protocol, serializer):
    app = make_app(shared.queue, task_protocol=protocol)
    assert app.send_task("examples.add", (2, 3), serializer=serializer).get(timeout=WAIT) == 5
    with pytest.raises(ValueError, match="old"):
        app.send_task("examples.fail", ("old",), serializer=serializer).get(timeout=WAIT)
    assert app.send_task("examples.retry", (1,), serializer=serializer).get(timeout=WAIT) == 2


def test_protocol_1_countdown_and_compression(make_app, shared):
    app = make_app(shared.queue, task_protocol=1)
    sent = datetime.datetime.now(datetime.timezone.utc)
    result = app.send_task("examples.add", (2, 3), countdown=1, compression="zlib")
    assert result.get(timeout=WAIT) == 5
    assert result.date_done >= sent + datetime.timedelta(seconds=0.9)


def test_hybrid_message(app, bare, shared):
    """A `task` header over a body of protocol 1, as Celery 3.1 clients in transition sent it."""
    task_id = messages.new_id()
    bare.publish(shared.queue, messages.body_v1(task_id, "examples.add", (20, 22)),
                 {"task": "examples.add", "id": task_id}, content_type="application/json", content_encoding="utf-8")
    assert AsyncResult(task_id, app=app).get(timeout=WAIT) == 42


def test_bare_pika_message(app, bare, shared):
    """No Celery at the sender: three headers and a JSON body."""
    assert AsyncResult(bare.send_task(shared.queue, "examples.add", (2, 3)), app=app).get(timeout=WAIT) == 5


@pytest.mark.parametrize("embed", [None, {}, {"callbacks": None}], ids=["null", "empty", "partial"])
def test_bare_message_with_a_meagre_embed(app, bare, shared, embed):
    task_id = messages.new_id()
    bare.publish(shared.queue, json.dumps([[2, 3], {}, embed]), {"lang": "py", "task": "examples.add", "id": task_id},
                 content_type="application/json", content_encoding="utf-8")
    assert AsyncResult(task_id, app=app).get(timeout=WAIT) == 5


def test_bare_message_that_is_not_persistent_and_has_foreign_headers(app, bare, shared):
    task_id = messages.new_id()
    headers = {"lang": "js", "task": "examples.add", "id": task_id, "trace": {"span": [1, None, {"deep": True}]}}
    bare.publish(shared.queue, messages.body(), headers, content_type="application/json", delivery_mode=1,
                 message_id="m1", timestamp=1767225600, type="t", app_id="a")
    assert AsyncResult(task_id, app=app).get(timeout=WAIT) == 5


def test_an_id_need_not_be_a_uuid(app, bare, shared):
    task_id = f"order/42 ünï {messages.new_id()}"
    bare.send_task(shared.queue, "examples.add", (2, 3), task_id=task_id)
    assert AsyncResult(task_id, app=app).get(timeout=WAIT) == 5


def test_header_table_with_every_type(app, bare, shared):
    from support.broker import RawProperties
    task_id = messages.new_id()
    bare.publish(shared.queue, messages.body(), properties=RawProperties(messages.table_with_every_type(task_id)))
    assert AsyncResult(task_id, app=app).get(timeout=WAIT) == 5


def test_apply_async_headers(app):
    result = app.send_task("examples.add", (1, 2), headers={"tenant": "acme", "n": 7, "flag": True, "list": [1, "a"]})
    assert result.get(timeout=WAIT) == 3


VALUES = {
    "datetime": datetime.datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=datetime.timezone.utc),
    "naive": datetime.datetime(2026, 1, 2, 3, 4, 5),
    "date": datetime.date(2026, 1, 2),
    "time": datetime.time(3, 4, 5),
    "decimal": decimal.Decimal("1234567890.12345678901234567890"),
    "uuid": uuid.UUID("12345678-1234-5678-1234-567812345678"),
    "text-bytes": b"plain",
    "bytes": bytes(range(256)),
    "nested": {"at": [datetime.date(2026, 1, 2), {"d": decimal.Decimal("0.10")}]},
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_kombus_types_round_trip(app, value):
    got = app.send_task("examples.echo", (value,)).get(timeout=WAIT)
    assert got == value and type(got) is type(value)


PLAIN = {
    "unicode": "Grüße 世界 🌱 \u2028 \x7f \\ \" ' / end",
    "escapes": "\b\f\n\r\t\x01\x1f",
    "nul": "a\x00b",
    "lone-key": {"": 1, "ключ": "значение"},
    "big-int": 2 ** 200,
    "negative-big-int": -(10 ** 50),
    "int64-edges": [2 ** 63 - 1, -(2 ** 63), 2 ** 63, 2 ** 64 - 1, 2 ** 53 + 1],
    "floats": [0.1, 1e300, -1e-300, 5e-324, 1.7976931348623157e308, 100.0, -0.0],
    "empty": [[], {}, ""],
    "nested": {"a": [{"b": [[[{"c": None}]]]}, [1, [2, [3, [4]]]]]},
    "like-a-type": {"__type__": "datetime", "more": 1},
    "many": list(range(5000)),
}


@pytest.mark.parametrize("value", PLAIN.values(), ids=PLAIN.keys())
def test_plain_values_round_trip(app, value):
    got = app.send_task("examples.echo", (value,)).get(timeout=WAIT)
    assert got == value and repr(got) == repr(value)


def test_nan_and_infinity(app):
    nan, plus, minus = app.send_task("examples.echo", ([math.nan, math.inf, -math.inf],)).get(timeout=WAIT)
    assert math.isnan(nan) and plus == math.inf and minus == -math.inf


def test_tuples_become_lists(app):
    assert app.send_task("examples.echo", ((1, (2, 3)),)).get(timeout=WAIT) == [1, [2, 3]]


def test_polymorphic_numbers(app):
    assert app.send_task("examples.add", (2, -5)).get(timeout=WAIT) == -3


WRONG = {
    "too few": ((1,), {}, "missing 1 required positional argument: 'y'"),
    "none": ((), {}, "missing 2 required positional arguments: 'x' and 'y'"),
    "too many": ((1, 2, 3), {}, "takes 2 positional arguments but 3 were given"),
    "unknown keyword": ((1, 2), {"z": 3}, "unexpected keyword argument 'z'"),
    "twice": ((1, 2), {"x": 3}, "multiple values for argument 'x'"),
}


@pytest.mark.parametrize("args,kwargs,text", WRONG.values(), ids=WRONG.keys())
def test_wrong_arguments_are_a_type_error(app, shared, args, kwargs, text):
    result = app.send_task("examples.add", args, kwargs)
    with pytest.raises(TypeError) as caught:
        result.get(timeout=WAIT)
    assert text in str(caught.value)
    shared.process.wait_for_log(loglines.raised(result.id))


def test_argument_of_a_wrong_type_fails_at_the_client(app):
    """Python finds it while adding, Swift while binding: TypeError for both."""
    with pytest.raises(TypeError):
        app.send_task("examples.add", ("one", 2)).get(timeout=WAIT)
