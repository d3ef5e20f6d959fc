"""Sends tasks to all four queues without Celery: an AMQP message in, a JSON document in Redis out.

    python Examples/pika_client.py               exit status 1 if a result is not what it should be

This is all that a client in any language has to do. Broker and Redis come from CELERY_BROKER_URL and
CELERY_RESULT_BACKEND.
"""
import hashlib
import json
import os
import sys
import time
import uuid

import pika
import redis

BROKER = os.environ.get("CELERY_BROKER_URL", "amqp://guest:guest@localhost:5672//")
BACKEND = os.environ.get("CELERY_RESULT_BACKEND", "redis://localhost:6379/0")
SECONDS = 60
TEXT = "no Celery here"
CHECKSUM = {"sha256": hashlib.sha256(TEXT.encode()).hexdigest(), "size": len(TEXT.encode())}

# queue, task, args, kwargs, what the result must be: a value, or a function that says whether it is right
TASKS = [
    ("inference", "ai.inference.echo", [{"answer": 42}], {}, {"answer": 42}),
    ("health", "system.health.ping", [], {}, lambda it: it == "pong" or it == {"ok": "pong"}),
    ("processing", "data.processing.checksum", [], {"text": TEXT}, CHECKSUM),
    ("training", "ai.training.countdown", [], {"steps": 2}, {"steps": 2}),
]


def publish(channel, queue, task, args, kwargs):
    """One message of Celery's protocol 2, as small as it may be. Returns the task's id."""
    task_id = str(uuid.uuid4())
    channel.basic_publish(
        exchange="", routing_key=queue, mandatory=True,           # raises when there is no such queue
        body=json.dumps([args, kwargs, None]),
        properties=pika.BasicProperties(
            content_type="application/json", content_encoding="utf-8", delivery_mode=2, correlation_id=task_id,
            headers={"task": task, "id": task_id},
        ),
    )
    return task_id


def wait(store, task_id):
    """The result document, once the task has come to an end. Subscribes first, so that no announcement is missed."""
    key = f"celery-task-meta-{task_id}"
    with store.pubsub(ignore_subscribe_messages=True) as announcements:
        announcements.subscribe(key)
        document, deadline = store.get(key), time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            meta = json.loads(document) if document else {"status": "PENDING"}
            if meta["status"] in ("SUCCESS", "FAILURE", "REVOKED"):
                return meta
            message = announcements.get_message(timeout=1)
            document = message["data"] if message else document
    return {"status": "PENDING", "result": f"no result within {SECONDS} s"}


def main():
    # Celery writes the virtual host "/" as "//", pika as "/%2F".
    parameters = pika.URLParameters(BROKER[:-1] + "%2F" if BROKER.endswith("//") else BROKER)
    store = redis.Redis.from_url(BACKEND)
    right = []
    with pika.BlockingConnection(parameters) as connection:
        channel = connection.channel()
        channel.confirm_delivery()                                # a publish returns once the broker has the message
        for queue, task, args, kwargs, expected in TASKS:
            begun = time.monotonic()
            meta = wait(store, publish(channel, queue, task, args, kwargs))
            ok = meta["status"] == "SUCCESS" and (
                expected(meta["result"]) if callable(expected) else meta["result"] == expected)
            right.append(ok)
            print(f" {'✓' if ok else '✗'} [{queue}] {task} {json.dumps(args)} {json.dumps(kwargs)}\n"
                  f"     {meta['status']} after {(time.monotonic() - begun) * 1000:.0f} ms: {json.dumps(meta['result'])}",
                  flush=True)
    print(f"{sum(right)} of {len(right)} results are right")
    return 0 if all(right) else 1


if __name__ == "__main__":
    sys.exit(main())
