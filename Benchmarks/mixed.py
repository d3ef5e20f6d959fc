"""Do no-ops keep flowing through a queue that also holds tasks which suspend and tasks which burn CPU?"""
import json
import subprocess
import threading
import time
import uuid

import pika

from observe import Observer
from workers import running

QUEUE = "bench-mixed"
NO_OPS = 20_000
# Beside every thousand no-ops: five tasks that suspend for a second, and two that burn a core for a tenth of one.
EVERY, HEAVY = 1000, 5 * [("examples.sleep", "[1.0]")] + 2 * [("examples.burn", "[0.1]")]
# While the latency of no-ops is measured: 20 suspending tasks each second (each half a second long: 10 at any time),
# and two burning ones (each a fifth of a second: 40 % of a core).
BACKGROUND = {"examples.sleep": ("[0.5]", 0.05), "examples.burn": ("[0.2]", 0.5)}


def publish(channel, task, arguments):
    task_id = str(uuid.uuid4())
    channel.basic_publish("", QUEUE, f"[{arguments}, {{}}, null]", pika.BasicProperties(
        content_type="application/json", content_encoding="utf-8", delivery_mode=2, correlation_id=task_id,
        headers={"task": task, "id": task_id, "lang": "py", "ignore_result": task != "examples.add"}))


def fill(servers, with_heavy):
    """Heavy tasks are spread evenly through the no-ops. Only no-ops store results, so that results count no-ops."""
    connection, channel = servers.channel()
    channel.queue_declare(QUEUE, durable=True)
    for n in range(NO_OPS):
        if with_heavy and n % EVERY == 0:
            for task, arguments in HEAVY:
                publish(channel, task, arguments)
        publish(channel, "examples.add", "[1, 2]")
    connection.close()                                       # answered only after all publishes were handled


def throughput(bench, chard, with_heavy):
    servers = bench.servers
    servers.delete_all()
    servers.results.clear()
    fill(servers, with_heavy)
    servers.settle()
    with running(chard, servers, QUEUE, "classic") as process:
        observer = Observer(servers.results, process.pid, servers.broker_pid, servers.redis_pid)
        observer.watch(NO_OPS, 120, process.alive)
        problem = process.end(60)
    if problem:
        raise RuntimeError(problem)
    return observer.between(NO_OPS)["rate"]


class Background(threading.Thread):
    """Sends the background tasks at their pace, on a connection of its own, until stopped."""

    def __init__(self, servers):
        super().__init__(daemon=True)
        self.servers, self.stopped = servers, threading.Event()

    def run(self):
        connection, channel = self.servers.channel()
        due = {task: time.monotonic() for task in BACKGROUND}
        while not self.stopped.is_set():
            task = min(due, key=due.get)
            self.stopped.wait(max(0.0, due[task] - time.monotonic()))
            arguments, interval = BACKGROUND[task]
            publish(channel, task, arguments)
            due[task] += interval
        connection.close()


def latency(bench, chard, with_background):
    servers = bench.servers
    servers.delete_all()
    servers.results.clear()
    servers.fill(QUEUE, "classic", 50)
    background = Background(servers)
    with running(chard, servers, QUEUE, "classic") as process:
        Observer(servers.results, process.pid, servers.broker_pid, servers.redis_pid).watch(50, 60, process.alive)
        if with_background:
            background.start()
        try:
            client = subprocess.run([servers.bin / "latency", "-q", QUEUE, "-n", "1000", "-r", str(servers.next_run()),
                                     str(servers.amqp_port), str(servers.redis_port)],
                                    check=True, capture_output=True, text=True)
        finally:
            background.stopped.set()
        if with_background:
            background.join()
        problem = process.end(60)
    if problem:
        raise RuntimeError(problem)
    return json.loads(client.stdout)


def mixed(bench, progress):
    chard, found = bench.worker("chard"), {}
    try:
        for name, heavy in (("alone", False), ("mixed", True)):
            rate, times = throughput(bench, chard, heavy), latency(bench, chard, heavy)
            found[name] = {"rate": rate} | times
            progress(f"mixed load, no-ops {name}: {rate:,.0f} no-ops/s, p50 {times.get('p50', 0) / 1000:.2f} ms, "
                     f"p99 {times.get('p99', 0) / 1000:.2f} ms, {times['seen']} of {times['sent']} seen")
    except (RuntimeError, TimeoutError, subprocess.CalledProcessError) as error:
        bench.found["discarded"].append(f"chard, mixed load: {error}")
    return found
