"""Captures what real Celery's control client, worker mailbox and event dispatcher put on the wire, as control.json.

Run (needs no broker; deterministic for given versions):

    .run/venv/bin/python Tests/CeleryProtocolTests/Fixtures/control/generate.py

The event dispatcher, the mailbox and the control client are Celery's own; only clock, time, ids and channel are ours.
Properties are as py-amqp serializes them, in hex; bodies are text.
"""
import json
import pathlib

import amqp
import celery.events.event
import kombu.pidbox
from celery import Celery
from celery.app.control import Control
from kombu import Producer
from kombu.transport.virtual import Channel as VirtualChannel

HERE = pathlib.Path(__file__).parent
NOW = 1767323045.678901
app = Celery("fixtures", broker="memory://", set_as_current=False)
app.conf.update(task_publish_retry=False)
published = []


def publish(self, body, exchange=None, routing_key=None, headers=None, serializer=None, delivery_mode=None, **options):
    """What kombu's producer and py-amqp make of a message."""
    body, content_type, content_encoding = self._prepare(body, serializer, None, None, None, headers or {})
    properties = {"delivery_mode": {"transient": 1, None: 1}.get(delivery_mode, delivery_mode)}
    message = amqp.Message(body, priority=0, content_type=content_type, content_encoding=content_encoding,
                           application_headers=headers, **properties)
    published.append({"exchange": getattr(exchange, "name", exchange), "key": routing_key or "",
                      "properties": message._serialize_properties().hex(), "body": body})


Producer.publish = publish
celery.events.event.Event.__defaults__ = (None, dict, lambda: NOW)
kombu.pidbox.time = lambda: NOW


def events():
    description = dict(name="t.add", args="(1, 'é\"')", kwargs="{}", root_id="r", parent_id=None, retries=2,
                       eta="2026-01-02T03:04:05+00:00", expires=None)
    dispatcher = app.events.Dispatcher(app.connection(), hostname="w@h")
    dispatcher.pid = 42
    sent = dict(root_id="r", parent_id=None, **{key: description[key] for key in (
        "name", "args", "kwargs", "retries", "eta", "expires")}, queue="q", exchange="", routing_key="q")
    cases = [
        ("task-sent", sent), ("task-received", description), ("task-started", {}),
        ("task-succeeded", dict(result="'x'", runtime=0.25)), ("task-failed", dict(exception="V('x')", traceback="T\n")),
        ("task-failed", dict(exception="NotRegistered('x')")), ("task-retried", dict(exception="None", traceback="")),
        ("task-revoked", dict(terminated=True, signum="SIGTERM", expired=False)),
        ("task-revoked", dict(terminated=False, signum=None, expired=True)), ("task-rejected", dict(requeue=True)),
        ("task-cancelled", {}), ("worker-heartbeat", dict(freq=2.0, active=1, processed=7, loadavg=(0.5, 1.0, 0.01))),
    ]
    for clock, (type, fields) in enumerate(cases, 5):
        app.clock.value = clock - 1
        if type.startswith("task-"):
            fields = dict(uuid="id-1", **fields)
        dispatcher.send(type, **fields)
        yield {"type": type, "clock": clock, **published.pop()}


def requests():
    app.clock.value = 8
    control = Control(app)
    control.mailbox.serializer = "json"
    mailbox = control.mailbox(app.connection())
    mailbox.producer_pool = None
    cases = [
        dict(type="ping", arguments={}), dict(type="revoke", arguments={"task_id": "a", "terminate": False}),
        dict(type="ping", arguments={}, destination=["w@h", "x@h"]),
        dict(type="ping", arguments={}, pattern="w*", matcher="glob"),
        dict(type="clock", arguments={}, reply_ticket="ticket", timeout=1.5),
    ]
    for case in cases:
        producer = Producer(VirtualChannel.__new__(VirtualChannel), auto_declare=False)
        mailbox._publish(producer=producer, **case)
        yield published.pop()


def replies():
    app.clock.value = 19
    mailbox = Control(app).mailbox(app.connection())
    mailbox.producer_pool = None
    for value, ticket in (({"ok": "pong"}, "ticket"), (None, None), ({"error": "KeyError('x')"}, "t")):
        producer = Producer(VirtualChannel.__new__(VirtualChannel), auto_declare=False)
        mailbox._publish_reply({"w@h": value}, "reply.celery.pidbox", "key", ticket, producer=producer,
                               serializer="json", channel=object())
        yield {"value": value, "ticket": ticket, **published.pop()}


kombu.pidbox.Mailbox.oid = "oid-1"
found = {"events": list(events()), "requests": list(requests()), "replies": list(replies())}
(HERE / "control.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
