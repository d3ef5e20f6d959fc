"""Tells the suite's process what it would see if the worker ran in it.

Some tests connect to the signal `task_received`, or look at `celery.worker.state`. Both are in the worker's process,
which is another one here. So the broker's tracer (rabbitmqctl trace_on) shows every message that it delivers to the
worker, and the signal is sent for it, with Celery's own Request made from the very same headers and body: these tests
then check the messages that the worker under test has published. Task events say which tasks have succeeded.
"""
import threading
import time

import kombu
from celery.result import AsyncResult, ResultSet
from celery.signals import task_received
from celery.worker import state
from celery.worker.request import Request

CONTENT = ("application/json", "application/x-python-serialize", "application/x-yaml", "application/x-msgpack")


class Bridge(threading.Thread):
    """One thread with one connection of its own, until `close`."""

    def __init__(self, app, nodename):
        super().__init__(daemon=True, name="bridge")
        self.app, self.nodename = app, nodename
        self.received = {}
        self.ready, self.ended = threading.Event(), threading.Event()
        self.own_gets = {cls: cls.get for cls in (AsyncResult, ResultSet)}
        # Nobody sees a result before the signal of its task.
        for cls, get in self.own_gets.items():
            cls.get = self._waiting(get)
        self.start()
        self.ready.wait(10)

    def run(self):
        with kombu.Connection(self.app.conf.broker_url) as connection:
            channel = connection.default_channel
            trace = kombu.Exchange("amq.rabbitmq.trace", "topic", durable=True, no_declare=True)
            events = kombu.Exchange("celeryev", "topic")
            deliveries = kombu.Queue("", trace, "deliver.celery", exclusive=True, durable=False)
            successes = kombu.Queue("", events, "task.#", exclusive=True, durable=False)
            tapped = kombu.Consumer(channel, deliveries, no_ack=True)
            tapped.receive = self.on_delivery                     # as it comes: a body need not be what its type says
            told = kombu.Consumer(channel, successes, no_ack=True, accept=["json"], callbacks=[self.on_events])
            with tapped, told:
                self.ready.set()
                while not self.ended.is_set():
                    try:
                        connection.drain_events(timeout=0.2)
                    except TimeoutError:
                        pass

    def close(self):
        for cls, get in self.own_gets.items():
            cls.get = get
        self.ended.set()
        self.join(5)

    def on_delivery(self, _body, traced):
        properties = dict(traced.headers["properties"])
        headers = properties.pop("headers", None) or {}
        task = self.app.tasks.get(headers.get("task"))
        if task is None:
            return
        message = kombu.Message(
            body=traced.body, content_type=properties.get("content_type"), headers=headers, properties=properties,
            content_encoding=properties.get("content_encoding"), accept=set(CONTENT),
            delivery_info={"exchange": traced.headers["exchange_name"], "routing_key": "celery",
                           "redelivered": bool(traced.headers.get("redelivered"))})
        task_received.send(sender=None, request=Request(message, app=self.app, task=task, hostname=self.nodename))
        self.received[headers["id"]] = self.received.get(headers["id"], 0) + 1

    def on_events(self, body, _message):
        for event in body if isinstance(body, list) else [body]:
            if event.get("type") == "task-succeeded":
                state.successful_requests.add(event["uuid"])

    def wait_for(self, ids):
        """Until the deliveries of these tasks have been seen, which is shortly after their results, if at all."""
        end = time.monotonic() + 1
        while not all(task_id in self.received for task_id in ids) and time.monotonic() < end:
            time.sleep(0.005)

    def _waiting(self, get):
        def waiting_get(result, *args, **kwargs):
            try:
                return get(result, *args, **kwargs)
            finally:
                if threading.current_thread() is threading.main_thread():
                    self.wait_for([r.id for r in getattr(result, "results", [result]) if isinstance(r, AsyncResult)])
        return waiting_get


class RevokedStamps(dict):
    """In place of `celery.worker.state.revoked_stamps`, which the suite empties between its own revocations."""

    def __init__(self, forget):
        self.forget = forget

    def clear(self):
        self.forget()
