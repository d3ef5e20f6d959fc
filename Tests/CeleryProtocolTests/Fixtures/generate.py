"""Captures what real Celery puts on the wire, and how it reads it back, as fixtures for CeleryProtocolTests.

Run (needs no broker and no Redis; it is deterministic for given versions):

    python3 -m venv venv && venv/bin/pip install 'celery[redis]==5.7.0' msgpack pyyaml backports.zstd
    venv/bin/python Tests/CeleryProtocolTests/Fixtures/generate.py

It writes messages.json, retries.json and results.json beside itself. Messages are what kombu hands to the AMQP channel:
properties as py-amqp serializes them, and the body; both in hex. Expectations are what celery.worker.request makes of
them.
"""
import contextlib
import json
import os
import pathlib
import random
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID

randomness = random.Random(7)
os.urandom = randomness.randbytes

import amqp  # noqa: E402
import celery.app.amqp as celery_amqp  # noqa: E402
import kombu  # noqa: E402
from celery import Celery, chain, chord, group  # noqa: E402
from celery.app.task import Context  # noqa: E402
from celery.backends.redis import RedisBackend  # noqa: E402
from celery.exceptions import InvalidTaskError, Retry, TaskRevokedError  # noqa: E402
from celery.worker.request import Request  # noqa: E402
from celery.worker.strategy import hybrid_to_proto2, proto1_to_proto2  # noqa: E402
from kombu.exceptions import ContentDisallowed, DecodeError  # noqa: E402
from kombu.utils import json as kombu_json  # noqa: E402

HERE = pathlib.Path(__file__).parent
NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=timezone.utc)
ETA = datetime(2026, 2, 3, 4, 5, 6, 789, tzinfo=timezone.utc)
ACCEPT = {"application/json", "application/x-msgpack", "application/x-yaml"}

app = Celery("fixtures", broker="amqp://", backend="cache+memory://")
app.conf.update(task_publish_retry=False, result_extended=True)
app.now = lambda: NOW
Celery.thread_oid = "11111111-2222-3333-8444-555555555555"
celery_amqp.anon_nodename = lambda: "gen42@fixtures"


class Channel:
    """Takes what kombu publishes."""

    def __init__(self):
        self.published = []
        self.connection = None

    def prepare_message(self, body, priority=None, content_type=None, content_encoding=None, headers=None,
                        properties=None):
        return amqp.Message(body, priority=priority, content_type=content_type, content_encoding=content_encoding,
                            application_headers=headers, **properties or {})

    def basic_publish(self, message, exchange, routing_key, **_):
        body = message.body.encode() if isinstance(message.body, str) else message.body
        self.published.append((message._serialize_properties(), body, exchange, routing_key))


class Connection:
    @contextlib.contextmanager
    def _reraise_as_library_errors(self):
        yield


class Producer(kombu.Producer):
    connection = Connection()

    def maybe_declare(self, *args, **kwargs):
        pass


channel = Channel()
producer = Producer(channel, auto_declare=False)
app.producer_or_acquire = lambda producer_=None: contextlib.nullcontext(producer_ or producer)


@app.task(name="tasks.add", typing=False)
def add(x, y=0, **kwargs):
    return x + y


@app.task(name="tasks.sum", typing=False)
def tsum(numbers):
    return sum(numbers)


def capture(send):
    channel.published.clear()
    send()
    return list(channel.published)


def plain(value):
    """As kombu's JSON, parsed again, so that tuples are lists and dates are envelopes."""
    return json.loads(kombu_json.dumps(value))


def received(properties, body, accept=ACCEPT):
    """kombu's Message, as a consumer gets it (kombu/transport/pyamqp.py Channel.message_to_python)."""
    raw = amqp.Message()
    raw._load_properties(60, properties, 0)
    props = dict(raw.properties)
    headers = props.get("application_headers") or {}
    return kombu.Message(
        body=body, content_type=props.get("content_type"), content_encoding=props.get("content_encoding"),
        delivery_info={"exchange": "", "routing_key": "celery", "redelivered": False},
        properties=props, headers=headers, accept=accept,
    )


def expectation(properties, body, accept=ACCEPT):
    """What the worker makes of a message: celery/worker/consumer/consumer.py on_task_received, strategy.py default."""
    message = received(properties, body, accept)
    try:
        if message.errors:
            message._reraise_error()
        headers = message.headers
        if "task" not in headers:
            payload = message.decode()
            try:
                payload["task"]
            except (TypeError, KeyError):
                return {"error": "unknownMessage"}
            body, headers, decoded, utc = proto1_to_proto2(message, payload)
            version = 1
        elif "args" in message.payload:
            body, headers, decoded, utc = hybrid_to_proto2(message, message.payload)
            version = 12
        else:
            body, decoded, utc = message.body, False, True
            version = 2
        request = Request(message, app=app, task=add, body=body, headers=headers, decoded=decoded, utc=utc,
                          hostname="w@fixtures")
    except ContentDisallowed as exc:
        return {"error": "contentDisallowed", "text": str(exc)}
    except InvalidTaskError as exc:
        return {"error": "invalid", "text": str(exc)}
    except (DecodeError, Exception) as exc:
        return {"error": "undecodable", "text": repr(exc)}
    args, kwargs, embed = request._Request__payload
    context = Context(request.request_dict, args=args, kwargs=kwargs)
    hidden = {"application_headers"}
    return {
        "version": version,
        "id": request.id, "task": request.type, "name": request.name,
        "root_id": request.root_id, "parent_id": request.parent_id,
        "group": context.group, "group_index": context.group_index, "retries": context.retries,
        "eta": request.eta and request.eta.isoformat(), "expires": request.expires and request.expires.isoformat(),
        "hard": context.time_limit, "soft": context.soft_time_limit,
        "ignore_result": request.request_dict.get("ignore_result"),
        "reply_to": context.reply_to, "correlation_id": context.correlation_id,
        "priority": context.delivery_info["priority"],
        "argsrepr": request.argsrepr, "kwargsrepr": request.kwargsrepr, "origin": context.origin,
        "custom_headers": plain(context.headers),
        "stamped_headers": context.stamped_headers, "stamps": context.stamps,
        "replaced_task_nesting": context.replaced_task_nesting,
        "args": plain(args), "kwargs": plain(kwargs),
        "embed": plain({k: v for k, v in (embed or {}).items() if v}),
        "properties": {k: v for k, v in message.properties.items() if k not in hidden},
        "plain_body": message.body.hex(),
    }


messages = []


def record(name, properties, body, accept=ACCEPT):
    messages.append({
        "name": name, "properties": properties.hex(), "body": body.hex(), "expect": expectation(properties, body, accept),
    })


def sent(name, send):
    for index, (properties, body, _, _) in enumerate(capture(send)):
        record(name if index == 0 else f"{name}/{index}", properties, body)


def raw(name, body, headers=None, **properties):
    properties.setdefault("content_type", "application/json")
    properties.setdefault("content_encoding", "utf-8")
    message = amqp.Message(body, application_headers=headers if headers is not None else {}, **properties)
    record(name, message._serialize_properties(), body if isinstance(body, bytes) else body.encode())


def call(*args, **options):
    return lambda: add.apply_async(args, options.pop("kwargs", {}), **{"task_id": "t-1", **options})


TYPED = (datetime(2026, 1, 2, 3, 4, 5, 6), NOW, date(2026, 1, 2), time(3, 4, 5), Decimal("1.50"),
         UUID("12345678123456781234567812345678"), b"text", b"\xff\x00")
VALUES = (1, -1, 2**31, -2**40, 2**70, 1.5, -0.0, 1e300, 1e-7, "é\n\"\\ 𝄞 ", None, True, False, [], {}, [[1, [2]]],
          {"k": {"l": [None]}})
MSGPACK = (1, -1, 127, 128, -32, -33, 255, 256, 65535, 65536, 2**32, -2**31, -2**63, 2**63, 1.5, "é𝄞", "x" * 40,
           "y" * 300, b"\xff\x00", None, True, False, [], {}, list(range(20)), {str(i): i for i in range(20)})


def protocol2():
    sent("plain", call(1, 2))
    sent("no arguments", call())
    sent("uuid id", lambda: add.apply_async((2, 2)))
    sent("keywords", call(1, kwargs={"y": 2, "z": "é", "d": {"a": [1]}}))
    sent("values", call(*VALUES))
    sent("typed values", call(*TYPED))
    sent("eta", call(1, eta=ETA))
    sent("eta without fraction", call(1, eta=datetime(2026, 2, 3, 4, 5, 6, tzinfo=timezone.utc)))
    sent("naive eta", call(1, eta=datetime(2026, 2, 3, 4, 5, 6, 7)))
    sent("eta elsewhere", call(1, eta=ETA.astimezone(timezone(timedelta(hours=5, minutes=30)))))
    sent("countdown", call(1, countdown=10.5))
    sent("expires in seconds", call(1, expires=60))
    sent("expires at", call(1, expires=ETA))
    sent("expired", call(1, expires=NOW - timedelta(days=1)))
    sent("time limits", call(1, time_limit=60, soft_time_limit=50.5))
    sent("hard limit only", call(1, time_limit=3))
    sent("headers", call(1, headers={"x-a": 1, "x-b": "é", "x-c": [1, {"d": None}], "x-big": 2**40, "x-f": 1.5,
                                     "x-t": True, "x-min": -2**31}))
    sent("priority", call(1, priority=7))
    sent("ignore result", call(1, ignore_result=True))
    sent("shadow", call(1, shadow="shown.name"))
    sent("reprs", call(1, argsrepr="(secret)", kwargsrepr="{secret}"))
    sent("properties", call(1, app_id="app", message_id="m-1", type="kind", timestamp=1767323045))
    sent("ids", call(1, root_id="r-1", parent_id="p-1", group_id="g-1", group_index=3, retries=2,
                     replaced_task_nesting=1))
    sent("stamps", call(1, stamped_headers=["s1", "s2"], s1="v", s2=["a", "b"]))
    sent("reply to", call(1, reply_to="somebody"))
    for serializer in ("msgpack", "yaml", "pickle"):
        # PyYAML's safe_dump can't write signatures.
        link = None if serializer == "yaml" else add.s(5)
        sent(serializer, call(1, "é", None, [1.5, {"a": b"x"}], serializer=serializer, kwargs={"k": [True]}, link=link))
    sent("msgpack values", call(*MSGPACK, serializer="msgpack"))
    sent("yaml values", call(*VALUES, "yes", "1e5", "0o17", "~", "", " x ", "- a", "2026-01-02", "#c", "x: y", "'q'",
                             date(2026, 1, 2), NOW, datetime(2026, 1, 2, 3, 4, 5), b"\x00\xff", float("inf"),
                             serializer="yaml"))
    shared = [1, {"deep": [2]}]
    sent("yaml aliases", call(shared, shared, serializer="yaml"))
    for compression in ("zlib", "bzip2", "lzma", "zstd"):
        sent(f"compressed {compression}", call(1, "x" * 200, compression=compression))
    sent("compressed msgpack", call(1, "x" * 200, compression="gzip", serializer="msgpack"))


def canvas():
    sent("link", call(1, link=[add.s(5), add.si(1, 2)], link_error=add.s(6).set(queue="errors")))
    sent("chain", lambda: chain(add.s(1, 1), add.s(2), add.s(3)).apply_async(task_id="c-1"))
    sent("group", lambda: group(add.s(1, 1), add.s(2, 2)).apply_async())
    sent("chord", lambda: chord([add.s(1, 1), add.s(2, 2)], tsum.s()).apply_async())
    sent("chain of a group", lambda: chain(add.s(1, 1), group(add.s(2), add.s(3)), tsum.s()).apply_async())
    stamped = add.s(1, 1)
    stamped.stamp(mark="m", list_=["a"])
    sent("stamped signature", lambda: stamped.apply_async(task_id="s-1"))


def protocol1():
    app.conf.task_protocol = 1
    app.amqp.__dict__.pop("create_task_message", None)
    for serializer in ("json", "msgpack", "yaml", "pickle"):
        sent(f"v1 {serializer}", call(1, 2, kwargs={"k": "v"}, serializer=serializer))
    sent("v1 options", call(1, eta=ETA, expires=60, time_limit=5, soft_time_limit=4, link=add.s(1),
                            link_error=add.s(2), group_id="g", headers={"x-a": 1}, retries=3))
    sent("v1 compressed", call(1, "x" * 200, compression="zlib"))
    app.conf.task_protocol = 2
    app.amqp.__dict__.pop("create_task_message", None)
    raw("v1 minimal", '{"task": "tasks.add", "id": "1"}')
    raw("v1 nulls", '{"task": "t", "id": "1", "args": [], "kwargs": {}, "timelimit": null, "eta": null}')
    raw("v1 kwargs not a map", '{"task": "t", "id": "1", "args": [], "kwargs": []}')
    raw("v1 bad eta", '{"task": "t", "id": "1", "args": [], "kwargs": {}, "eta": "tomorrow"}')
    raw("v1 no headers", '{"task": "t", "id": "1", "args": [1], "kwargs": {}, "taskset": "g2", "group": "g1"}')
    raw("hybrid", '{"task": "old", "id": "1", "args": [1], "kwargs": {"a": 2}, "retries": 2, "eta": null,'
        ' "callbacks": [{"task": "cb"}], "root_id": "r"}', {"task": "tasks.add", "id": "2", "x-a": 1})
    raw("hybrid kwargs not a map", '{"args": [1], "kwargs": 3}', {"task": "tasks.add", "id": "2"})


def foreign():
    """Messages of other clients, and broken ones."""
    v2 = {"task": "tasks.add", "id": "i-1"}
    raw("only task and id", "[[1, 2], {}, null]", v2)
    raw("embed without keys", '[[1], {"a": 1}, {}]', v2)
    raw("spaces", ' [ [ 1 , 2 ] , { } , { "callbacks" : null } ] ', v2)
    raw("bytes header", "[[1], {}, null]", {"task": b"tasks.add", "id": b"i-1", "eta": b""})
    raw("bad eta", "[[], {}, null]", {**v2, "eta": "soon"})
    raw("bad expires", "[[], {}, null]", {**v2, "expires": "2026-13-01"})
    raw("numeric eta", "[[], {}, null]", {**v2, "eta": 5})
    raw("iso forms", "[[], {}, null]", {**v2, "eta": "20260102T030405Z", "expires": "2026-01-02 03:04"})
    raw("bad json", "[[1], {}, nul]", v2)
    raw("bad utf-8", b'[["\xff"], {}, null]', v2)
    raw("trailing", "[[], {}, null] x", v2)
    raw("unknown envelope v1", '{"task": "t", "id": "1", "args": [{"__type__": "no", "__value__": 1}]}')
    raw("unknown message", '{"hello": 1}')
    raw("unknown list", "[1, 2]")
    raw("not json at all", "hello")
    raw("bad compression", b"nonsense", {**v2, "compression": "application/x-gzip"})
    raw("unknown compression", b"nonsense", {**v2, "compression": "application/x-none"})
    raw("disallowed", b"x", v2, content_type="application/x-python-serialize", content_encoding="binary")
    raw("disallowed unknown", b"x", v2, content_type="application/x-other", content_encoding="binary")
    raw("disallowed v1", b"x", content_type="application/x-python-serialize", content_encoding="binary")
    raw("every AMQP type", "[[1], {}, null]", {
        **v2, "decimal": Decimal("12.50"), "time": datetime(2026, 1, 2, 3, 4, 5), "nested": {"a": [1, {"b": None}]},
        "float": 1.25, "bytes": b"\xff", "long": 2**33, "empty": {}, "list": [],
    })


retries = []


def retry_cases():
    cases = [m for m in messages if m["expect"].get("version") and m["name"] not in ("v1 pickle",)]
    names = {"plain", "keywords", "typed values", "expires in seconds", "expires at", "time limits", "headers",
             "priority", "ignore result", "shadow", "ids", "stamps", "link", "chain", "chord", "v1 options",
             "compressed zlib", "only task and id", "properties", "reply to"}
    for message in cases:
        if message["name"] not in names:
            continue
        properties, body = bytes.fromhex(message["properties"]), bytes.fromhex(message["body"])
        retries.append({"name": message["name"], "properties": message["properties"], "body": message["body"],
                        **retried(properties, body)})
    death = amqp.Message("[[1], {}, null]", content_type="application/json", content_encoding="utf-8", priority=0,
                         application_headers={"task": "tasks.add", "id": "i-1", "x-keep": 1, "x-death": [{"count": 1}],
                                              "x-first-death-queue": "q", "x-last-death-reason": "expired"})
    properties = death._serialize_properties()
    retries.append({"name": "x-death", "properties": properties.hex(), "body": death.body.encode().hex(),
                    **retried(properties, death.body.encode())})


def retried(properties, body):
    """What Task.retry publishes for a message."""
    message = received(properties, body)
    if "task" in message.headers:
        body, headers, decoded, utc = message.body, message.headers, False, True
    else:
        body, headers, decoded, utc = proto1_to_proto2(message, message.payload)
    request = Request(message, app=app, task=add, body=body, headers=headers, decoded=decoded, utc=utc,
                      hostname="w@fixtures")
    args, kwargs, embed = request._Request__payload
    embed = embed or {}
    context = {**request.request_dict, "args": args, "kwargs": kwargs, "called_directly": False,
               **{key: embed.get(key) for key in ("callbacks", "errbacks", "chain", "chord")}}
    add.push_request(**context)
    # The tracer builds the request's Context from the message alone, which is what finds the custom headers.
    add.request_stack.top.headers = Context(request.request_dict).headers
    try:
        [(new_properties, new_body, exchange, key)] = capture(lambda: retry(context))
    finally:
        add.pop_request()
    return {"retried_properties": new_properties.hex(), "retried_body": new_body.hex(), "exchange": exchange,
            "routing_key": key}


def retry(context):
    with contextlib.suppress(Retry):
        add.retry(eta=ETA, max_retries=99)


results = []


class Custom(Exception):
    pass


def result_cases():
    backend = RedisBackend(app=app, url="redis://localhost")

    def store(name, state, result, traceback=None, **request):
        context = Context(id="t-1", task="tasks.add", args=[1, 2], kwargs={"k": "v"}, hostname="w@fixtures",
                          delivery_info={"routing_key": "celery"}, **request) if request is not None else None
        meta = backend._get_result_meta(result=backend.encode_result(result, state), state=state, traceback=traceback,
                                        request=context)
        meta["task_id"] = "t-1"
        results.append({"name": name, "state": state, "extended": backend.app.conf.result_extended,
                        "meta": backend.encode(meta)})

    for extended in (False, True):
        app.conf.result_extended = extended
        store("success", "SUCCESS", 3)
        store("success values", "SUCCESS", list(VALUES))
        store("success typed", "SUCCESS", list(TYPED))
        store("success null", "SUCCESS", None, group="g-1", parent_id="p-1")
        store("success child", "SUCCESS", add.AsyncResult("child-1"))
        store("started", "STARTED", {"pid": 42, "hostname": "w@fixtures"})
        store("progress", "PROGRESS", {"current": 1, "total": 2})
        store("failure", "FAILURE", ValueError("deliberate", 1), "Traceback (most recent call last):\n…")
        store("failure custom", "FAILURE", Custom("é"), "Traceback")
        store("failure no arguments", "FAILURE", KeyError(), "Traceback")
        store("failure unserializable", "FAILURE", ValueError(NOW), "Traceback")
        store("retry", "RETRY", ValueError("again"), "Traceback")
        store("retry without error", "RETRY", None)
        store("revoked", "REVOKED", TaskRevokedError("revoked"))
        store("stamped", "SUCCESS", 1, stamped_headers=["mark"], stamps={"mark": "m"}, retries=2)


def write(name, cases):
    (HERE / name).write_text(json.dumps(cases, indent=1) + "\n")
    print(f"{name}: {len(cases)}")


if __name__ == "__main__":
    protocol2()
    canvas()
    protocol1()
    foreign()
    retry_cases()
    result_cases()
    write("messages.json", messages)
    write("retries.json", retries)
    write("results.json", results)
