"""The Celery application that the benchmarks run beside Chard: the same queues, task, prefetch and late acknowledgement."""
import os
import time

from celery import Celery
from kombu import Queue

app = Celery("bench", broker=os.environ["CELERY_BROKER_URL"], backend=os.environ["CELERY_RESULT_BACKEND"])
# Only the queue that is consumed is known: for a known quorum queue Celery declares 28 more quorum queues.
QUEUE = os.environ["BENCH_QUEUE"]
ARGUMENTS = {"x-queue-type": "quorum"} if QUEUE.endswith("quorum") else None
app.conf.update(
    task_queues=[Queue(QUEUE, queue_arguments=ARGUMENTS)],
    task_acks_late=True,
    worker_prefetch_multiplier=500,                  # × 2 processes = 1000
    broker_connection_retry_on_startup=True,
    broker_native_delayed_delivery_queue_type="classic",
)


@app.task(name="examples.add")
def add(x, y):
    return x + y


@app.task(name="examples.echo")
def echo(value):
    return value


@app.task(name="examples.burn")
def burn(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass
    return seconds
