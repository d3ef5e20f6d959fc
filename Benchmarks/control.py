"""How soon does a worker answer remote control while its queue is full and all its slots burn CPU?

Two slots for each worker, for the machine's other cores are the broker's. The time is from just before a request's
publish to its reply, over a plain AMQP connection, so that no client's own work is in it.
"""
import json
import time
import uuid

import pika

from workers import running

QUEUE, SECONDS, COMMANDS = "bench-classic", 0.1, ("ping", "active")
NODE = "control@bench"
REPLIES = "reply.celery.pidbox"


class Mailbox:
    """Requests and replies as kombu's pidbox has them (kombu/pidbox.py)."""

    def __init__(self, servers):
        self.connection, self.channel = servers.channel()
        self.channel.exchange_declare("celery.pidbox", "fanout", durable=False)
        self.channel.exchange_declare(REPLIES, "direct", durable=False)
        self.key = str(uuid.uuid4())
        queue = self.channel.queue_declare("", exclusive=True).method.queue
        self.channel.queue_bind(queue, REPLIES, self.key)
        self.replies = {}
        self.channel.basic_consume(queue, self.take, auto_ack=True)

    def take(self, _channel, _method, properties, body):
        self.replies[properties.headers["ticket"]] = (time.perf_counter(), json.loads(body))

    def ask(self, command, seconds):
        """Returns (milliseconds, reply), or None when there was no reply within `seconds`."""
        ticket = str(uuid.uuid4())
        request = {"method": command, "arguments": {}, "destination": [NODE], "pattern": None, "matcher": None,
                   "ticket": ticket, "reply_to": {"exchange": REPLIES, "routing_key": self.key}}
        begun = time.perf_counter()
        self.channel.basic_publish("celery.pidbox", "", json.dumps(request), properties(seconds))
        while ticket not in self.replies and time.perf_counter() - begun < seconds:
            self.connection.process_data_events(0.1)
        if ticket not in self.replies:
            return None
        at, reply = self.replies.pop(ticket)
        return (at - begun) * 1000, reply[NODE]

    def close(self):
        self.connection.close()


def properties(seconds):
    return pika.BasicProperties(content_type="application/json", content_encoding="utf-8", delivery_mode=1,
                                headers={"clock": 1, "expires": int(time.time() + seconds) + 1})


def wait_busy(mailbox, process):
    """Until the worker answers and says that its slots are taken."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if not process.alive():
            raise RuntimeError("the worker ended by itself")
        answer = mailbox.ask("active", 1)
        if answer and isinstance(answer[1], list) and len(answer[1]) == 2:
            return
    raise TimeoutError("the worker's slots were never both busy")


def ask_all(mailbox, count):
    """The commands take turns; a pause keeps requests apart. Returns their times in ms, and how many went unanswered."""
    times, lost = {command: [] for command in COMMANDS}, 0
    for _ in range(count):
        for command in COMMANDS:
            answer = mailbox.ask(command, 10)
            if answer is None or command == "active" and len(answer[1]) > 2:
                lost += 1
            else:
                times[command].append(answer[0])
            time.sleep(0.01)
    return times, lost


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))]


def one(bench, worker):
    servers, count, found = bench.servers, bench.options.control_requests, {"worker": worker.name}
    servers.delete_all()
    servers.results.clear()
    # Enough for ten times as long as a request should take.
    servers.fill(QUEUE, "classic", 2000 + 20 * count, "-k", "examples.burn", "-a", f"[{SECONDS}]")
    servers.settle()
    mailbox = Mailbox(servers)
    with running(worker, servers, QUEUE, "classic", options=["-c", "2", "-n", NODE]) as process:
        try:
            wait_busy(mailbox, process)
            times, lost = ask_all(mailbox, count)
            problem = process.end() or (f"{lost} of {count * len(COMMANDS)} requests had no answer" if lost else None)
        except (RuntimeError, TimeoutError) as error:
            problem = f"{error}: {process.end() or ''}"
    mailbox.close()
    if problem:
        bench.found["discarded"].append(f"{worker.name}, control: {problem}")
        return found | {"problem": problem}
    return found | {command: {"p50": percentile(ms, 0.5), "p99": percentile(ms, 0.99)} for command, ms in times.items()}


def control(bench, progress):
    found = []
    for number in range(1, bench.options.control_runs + 1):
        for worker in bench.tasks_workers():
            found.append(one(bench, worker))
            said = found[-1].get("problem") or ", ".join(
                f"{command} p50 {found[-1][command]['p50']:.1f} p99 {found[-1][command]['p99']:.1f} ms" for command in COMMANDS)
            progress(f"control, round {number}: {worker.title:13} {said}")
    return found
