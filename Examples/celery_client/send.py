"""Sends real tasks to all four queues with Celery and prints each result as Celery got it from Redis.

    python Examples/celery_client/send.py        exit status 1 if a result is not what it should be

Broker and result backend come from CELERY_BROKER_URL and CELERY_RESULT_BACKEND.
"""
import hashlib
import sys
import time

from celery import group

from celery_app import app

SECONDS = 60                     # more than any of these tasks should ever need
TEXT = "the quick brown fox jumps over the lazy dög"
VALUE = {"prompt": "Grüße, 世界", "temperature": 0.5, "stop": [None, True, 1]}


def is_pong(result):
    return result == "pong" or isinstance(result, dict) and result.get("ok") == "pong"


def is_health(result):
    """Broker and Redis must be well; disk, memory and load are the machine's own affair."""
    checks = result.get("checks", {}) if isinstance(result, dict) else {}
    return all(name in checks for name in ("disk", "memory", "load")) and all(
        checks.get(name, {}).get("ok") is True for name in ("broker", "redis"))


def checksum_of(text):
    data = text.encode()
    return {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}


# task, args, kwargs, what the result must be: a value, or a function that says whether it is right
TASKS = [
    ("ai.inference.echo", [VALUE], {}, VALUE),
    ("ai.inference.echo", [], {"value": "by keyword"}, "by keyword"),
    ("system.health.ping", [], {}, is_pong),
    ("system.health.check", [], {}, is_health),
    ("data.processing.checksum", [], {"text": TEXT}, checksum_of(TEXT)),
    ("ai.training.countdown", [], {"steps": 3}, {"steps": 3}),
]


def short(value, width=96):
    text = repr(value)
    return text if len(text) <= width else text[:width - 1] + "…"


def call_text(name, args, kwargs):
    return f"{name}({', '.join([short(arg, 40) for arg in args] + [f'{key}={short(arg, 40)}' for key, arg in kwargs.items()])})"


def report(call, state, result, seconds, right):
    mark = "✓" if right else "✗"
    print(f" {mark} {call}\n     {state} after {seconds * 1000:.0f} ms: {short(result)}", flush=True)
    return right


def run(name, args, kwargs, expected):
    """Sends one task and waits for it, printing the states in between (the training task reports progress)."""
    queue = app.amqp.router.route({}, name)["queue"].name
    call = f"[{queue}] {call_text(name, args, kwargs)}"
    begun = time.monotonic()
    sent = app.signature(name, args, kwargs).apply_async()

    def on_message(meta):
        if meta["status"] == "PROGRESS":
            print(f"   {call}: PROGRESS {meta['result']}", flush=True)

    try:
        result = sent.get(timeout=SECONDS, on_message=on_message)
    except Exception as error:                      # a task's own error, or a timeout: shown, and counted as wrong
        return report(call, sent.state, error, time.monotonic() - begun, False)
    right = expected(result) if callable(expected) else result == expected
    return report(call, sent.state, result, time.monotonic() - begun, right)


def run_group(count):
    begun = time.monotonic()
    results = group(app.signature("ai.inference.echo", [n]) for n in range(count)).apply_async().get(timeout=SECONDS)
    call = f"[inference] a group of {count} × ai.inference.echo"
    return report(call, "SUCCESS", results, time.monotonic() - begun, results == list(range(count)))


def main():
    right = [run(*task) for task in TASKS]
    right.append(run_group(100))
    print(f"{sum(right)} of {len(right)} results are right")
    return 0 if all(right) else 1


if __name__ == "__main__":
    sys.exit(main())
