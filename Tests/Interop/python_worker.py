"""The example tasks on a real Python Celery worker, with the command line of `example-worker`.

It proves the tests right where both workers must behave alike, and it is the worker in "Chard client -> Python worker".
"""
import argparse
import os
import socket
import time

import yaml
from amqp.exceptions import NotFound
from celery import Celery
from celery.exceptions import Ignore, Reject
from kombu import Exchange, Queue

from support import zstd

zstd.register()
app = Celery("examples", set_as_current=True)
app.conf.update(
    task_acks_late=True, task_reject_on_worker_lost=True, worker_deduplicate_successful_tasks=True,
    accept_content=["json", "msgpack", "yaml"], worker_enable_remote_control=True,
    worker_hijack_root_logger=True, broker_connection_retry_on_startup=True,
)


@app.task(name="examples.add")
def add(x, y):
    return x + y


@app.task(name="examples.sleep")
def sleep(seconds):
    time.sleep(seconds)
    return seconds


@app.task(name="examples.burn")
def burn(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass
    return seconds


@app.task(name="examples.fail")
def fail(message):
    raise ValueError(message)


@app.task(name="examples.progress", bind=True)
def progress(self, steps):
    for step in range(1, steps + 1):
        self.update_state(state="PROGRESS", meta={"current": step, "total": steps})
    return steps


@app.task(name="examples.retry", bind=True, max_retries=None)
def retry(self, times):
    if self.request.retries < times:
        raise self.retry(countdown=0)
    return self.request.retries + 1


@app.task(name="examples.append")
def append(path, line):
    with open(path, "a", encoding="utf-8") as file:
        file.write(line + "\n")


@app.task(name="examples.fanout")
def fanout(n):
    return [add.delay(number, number).id for number in range(n)]


@app.task(name="examples.reject", bind=True)
def reject(self, requeue):
    if requeue and self.request.delivery_info["redelivered"]:
        return "second delivery"
    raise Reject("rejected by examples.reject", requeue=requeue)


@app.task(name="examples.ignore")
def ignore():
    raise Ignore()


@app.task(name="examples.echo")
def echo(value):
    return value


@app.task(name="examples.nothing", ignore_result=True)
def nothing():
    return None


@app.task(name="examples.pair")
def pair(value, label):
    return [label, value]


@app.task(name="examples.fail_with")
def fail_with(value, message):
    raise ValueError(message)


@app.task(name="examples.replace", bind=True)
def replace(self, signature):
    return self.replace(app.signature(signature))


@app.task(name="examples.note", bind=True)        # bound: as an errback it is sent, not called
def note(self, value, path, line):
    append(path, line)
    return value


def routed(catalogue):
    """queues.yaml's routes in Celery's words."""
    routes = {}
    for name, queue in catalogue["queues"].items():
        for pattern in queue.get("routes", []):
            routes[pattern] = {"queue": name}
    return routes


def existing(url, names):
    """Queues that exist are used as found, like Chard does; Celery by itself would declare them and be refused."""
    found = []
    with Celery(broker=url, set_as_current=False).connection_for_read() as connection:
        for name in names:
            try:
                connection.channel().queue_declare(name, passive=True)
            except NotFound:
                continue
            found.append(name)
    return [Queue(name, Exchange(name), name, no_declare=name in found) for name in names]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--config")
    parser.add_argument("-b", "--broker", default=os.environ.get("CELERY_BROKER_URL"))
    parser.add_argument("--result-backend", default=os.environ.get("CELERY_RESULT_BACKEND"))
    parser.add_argument("-Q", "--queues")
    parser.add_argument("-n", "--hostname", default=f"python-{os.getpid()}@{socket.gethostname()}")
    parser.add_argument("-c", "--concurrency", default="2")
    parser.add_argument("-l", "--loglevel", default="info")
    parser.add_argument("--prefetch-multiplier", default="4")
    parser.add_argument("-E", "--task-events", action="store_true")
    parser.add_argument("--neighbours", action="store_true", help="mingle and gossip, which delay its start")
    parser.add_argument("--remote-control", action="store_true")
    parser.add_argument("--autoscale")
    options = parser.parse_args()
    queues = options.queues
    if options.config:
        with open(options.config, encoding="utf-8") as file:
            catalogue = yaml.safe_load(file)
        app.conf.task_routes = routed(catalogue)
        queues = queues or ",".join(catalogue["queues"])
    queues = queues or "celery"
    app.conf.update(broker_url=options.broker, result_backend=options.result_backend,
                    worker_enable_remote_control=options.remote_control or options.neighbours,
                    task_queues=existing(options.broker, queues.split(",")))
    app.worker_main([
        "worker", "-Q", queues, "-n", options.hostname, "-c", options.concurrency, "-l", options.loglevel,
        "--prefetch-multiplier", options.prefetch_multiplier, "-P", "prefork",
        *([] if options.neighbours else ["--without-gossip", "--without-mingle"]),
        *(["-E"] if options.task_events else []), *(["--autoscale", options.autoscale] if options.autoscale else []),
    ])


if __name__ == "__main__":
    main()
