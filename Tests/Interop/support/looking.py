"""A monitor beside a worker in a vhost of their own, with a Celery client, for tests that look at pages."""
from celery import Celery
from conftest import CHARD, Workers, clean_environment, close

from . import catalogue
from .monitor import Monitor
from .waiting import eventually

QUEUE = "looked"
SLOTS = 4
WAIT = 20


class House:
    """`.monitor`, `.node` (the worker's name), `.app`; `send("add", 1, 2)` returns the task's id."""

    def __init__(self, folder, broker, backend, management):
        self.workers = Workers(folder / "workers", broker, backend)
        (folder / "workers").mkdir()
        self.monitor = Monitor(CHARD, folder / "monitor", clean_environment(), broker, backend, management,
                               {"broker_interval": "500ms"},
                               {QUEUE: catalogue.queue(["examples.*"], concurrency=SLOTS)})
        self.app = Celery("looking", broker=broker, backend=backend, set_as_current=False)
        self.app.conf.update(task_default_queue=QUEUE, task_send_sent_event=True)
        self.node = self.start(QUEUE)
        self.url = self.monitor.url.rstrip("/")

    def start(self, queue):
        """Another worker, with events; returns its name when the monitor has heard of it."""
        process = self.workers(queue, options=["-E"], concurrency=SLOTS, prefetch=8)
        name = process.command[process.command.index("-n") + 1]
        self.processes = {**getattr(self, "processes", {}), name: process}
        self.monitor.eventually("/workers", lambda answer: name in answer.text, WAIT, f"the worker {name}")
        return name

    def signature(self, name, *args, **kwargs):
        return self.app.signature(f"examples.{name}", args=args, kwargs=kwargs, queue=QUEUE)

    def send(self, name, *args, **options):
        return self.app.send_task(f"examples.{name}", args, queue=options.pop("queue", QUEUE), **options).id

    def seen(self, task_id, state):
        """Until the monitor's page of the task shows that state."""
        self.monitor.eventually(f"/tasks/{task_id}", lambda answer: f"\">{state}</span></h1>" in answer.text, WAIT,
                                f"{task_id} as {state}")
        return task_id

    def result(self, task_id):
        return self.app.AsyncResult(task_id)

    def inspect(self):
        return self.app.control.inspect([self.node], timeout=2)

    def eventually(self, condition, what):
        return eventually(condition, WAIT, every=0.1, what=what)

    def close(self):
        self.monitor.stop()
        self.workers.end()
        close(self.app)
