"""The app that Flower is started with: Python stubs of the example tasks.

Flower looks a task up in its own app before it applies it or changes its limits, so tasks that are not Python's need
stubs there. Nobody calls their bodies.
"""
import os

from celery import Celery
from celery.contrib.abortable import AbortableTask

app = Celery("flower_app", broker=os.environ["STUB_BROKER"], backend=os.environ["STUB_BACKEND"])
app.conf.task_default_queue = os.environ["STUB_QUEUE"]
app.conf.task_send_sent_event = True                 # only task-sent tells Flower the exchange and the routing key


@app.task(name="examples.add")
def add(x, y):
    raise NotImplementedError


@app.task(name="examples.echo")
def echo(value):
    raise NotImplementedError


@app.task(name="examples.sleep", base=AbortableTask)
def sleep(seconds):
    raise NotImplementedError


@app.task(name="examples.fail")
def fail(message):
    raise NotImplementedError
