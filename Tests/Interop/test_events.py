"""Events: what Python's monitors see of a worker. Tests without the mark `chard` run against a Python worker as well."""
import json
import re
import subprocess
import sys
import threading
import time

import pika
import pytest
from celery.events.state import State

from conftest import CHARD, HERE, clean_environment
from support.waiting import eventually, stays

WAIT = 30
COMMON = {"hostname", "utcoffset", "pid", "clock", "timestamp", "type", "local_received"}
DESCRIPTION = {"name", "args", "kwargs", "root_id", "parent_id", "retries", "eta", "expires"}
FIELDS = {
    "task-received": {"uuid", *DESCRIPTION},
    "task-started": {"uuid"},
    "task-succeeded": {"uuid", "result", "runtime"},
    "task-failed": {"uuid", "exception", "traceback"},
    "task-retried": {"uuid", "exception", "traceback"},
    "task-rejected": {"uuid", "requeue"},
    "task-revoked": {"uuid", "terminated", "signum", "expired"},
    "task-sent": {"uuid", *DESCRIPTION, "queue", "exchange", "routing_key"},
    "worker-heartbeat": {"freq", "active", "processed", "loadavg", "sw_ident", "sw_ver", "sw_sys"},
}
FIELDS["worker-online"] = FIELDS["worker-offline"] = FIELDS["worker-heartbeat"]


class Monitor(threading.Thread):
    """Python's own receiver; `events` in order of arrival."""

    def __init__(self, app, wakeup=False):
        super().__init__(daemon=True)
        self.app, self.wakeup, self.events, self.state = app, wakeup, [], State()
        self.ready, self.stopping = threading.Event(), False
        self.start()
        assert self.ready.wait(WAIT)

    def run(self):
        with self.app.connection_for_read() as connection:
            receiver = self.app.events.Receiver(connection, handlers={"*": self.take})
            with receiver.consumer_context(wakeup=self.wakeup) as (own, _, _):
                self.ready.set()
                while not self.stopping:
                    try:
                        own.drain_events(timeout=0.2)
                    except TimeoutError:
                        pass

    def take(self, event):
        self.events.append(dict(event))
        self.state.event(event)

    def of(self, uuid):
        return [event for event in self.events if event.get("uuid") == uuid]

    def types(self, uuid):
        return [event["type"] for event in self.of(uuid)]

    def wait(self, uuid, last, timeout=WAIT):
        eventually(lambda: last in self.types(uuid), timeout, what=f"{last} of {uuid}; seen {self.types(uuid)}")
        return self.of(uuid)

    def workers(self, process):
        return [event for event in self.events if event["type"].startswith("worker-") and event["pid"] == process.pid]

    def close(self):
        self.stopping = True
        self.join(WAIT)


@pytest.fixture
def monitor(make_app):
    made = []

    def make(**options):
        made.append(Monitor(make_app(), **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


def check_fields(event):
    assert set(event) == COMMON | FIELDS[event["type"]], event
    assert isinstance(event["timestamp"], float) and abs(event["timestamp"] - time.time()) < 120
    assert isinstance(event["clock"], int) and isinstance(event["utcoffset"], (int, float))


def told(monitor, result, *types):
    events = monitor.wait(result.id, types[-1])
    assert monitor.types(result.id) == list(types)
    for event in events:
        check_fields(event)
    return events


def test_success_and_failure(worker, queue, make_app, monitor):
    process = worker(queue, options=["-E"])
    watch, app = monitor(), make_app(queue)
    received, _, done = told(watch, app.send_task("examples.add", (1, 2)),
                             "task-received", "task-started", "task-succeeded")
    assert (received["name"], received["args"], received["kwargs"]) == ("examples.add", "(1, 2)", "{}")
    assert received["root_id"] == received["uuid"] and received["parent_id"] is None
    assert received["pid"] == process.pid and received["retries"] == 0 and received["eta"] is None
    assert done["result"] == "3" and done["runtime"] > 0
    *_, failed = told(watch, app.send_task("examples.fail", ("it's \"x\"\n",)),
                      "task-received", "task-started", "task-failed")
    assert failed["exception"] == repr(ValueError("it's \"x\"\n")) and "ValueError" in failed["traceback"]


@pytest.mark.parametrize("value", [None, True, 1.5, -3, "it's", "long " * 400, {"a": [1, {"b": [[], "é"]}]}, []])
def test_results_are_printed_as_python_prints_them(worker, queue, make_app, monitor, value):
    from celery.utils.saferepr import saferepr
    worker(queue, options=["-E"])
    watch = monitor()
    *_, done = told(watch, make_app(queue).send_task("examples.echo", (value,)),
                    "task-received", "task-started", "task-succeeded")
    assert done["result"] == saferepr(value, 1024)


@pytest.mark.chard                       # a Python worker may tell of the retry after the next try has begun
def test_retry(worker, queue, make_app, monitor):
    worker(queue, options=["-E"], retry={"backoff": [0]})
    watch = monitor()
    events = told(watch, make_app(queue).send_task("examples.retry", (1,)), "task-received", "task-started",
                  "task-retried", "task-received", "task-started", "task-succeeded")
    assert [event["retries"] for event in events if event["type"] == "task-received"] == [0, 1]


def test_reject(worker, queue, make_app, monitor):
    worker(queue, options=["-E"])
    watch, app = monitor(), make_app(queue)
    *_, failed, rejected = told(watch, app.send_task("examples.reject", (False,)),
                                "task-received", "task-started", "task-failed", "task-rejected")
    assert rejected["requeue"] is False and failed["exception"].startswith("reject requeue=False")
    again = app.send_task("examples.reject", (True,))
    events = watch.wait(again.id, "task-rejected")        # what the second delivery brings is the task's affair
    assert watch.types(again.id)[:3] == ["task-received", "task-started", "task-rejected"]
    assert next(event["requeue"] for event in events if "requeue" in event) is True


def test_expired(worker, queue, make_app, monitor):
    app = make_app(queue)
    worker(queue, options=["-E"])
    watch = monitor()
    result = app.send_task("examples.add", (1, 2), headers={"expires": "2020-01-01T00:00:00+00:00"})
    (revoked,) = told(watch, result, "task-revoked")
    assert (revoked["terminated"], revoked["signum"], revoked["expired"]) == (False, None, True)


def test_unknown_task(worker, queue, make_app, monitor):
    worker(queue, options=["-E"])
    watch = monitor()
    result = make_app(queue).send_task("no.such", (1,))
    (failed,) = watch.wait(result.id, "task-failed")
    assert set(failed) == COMMON | {"uuid", "exception"} and failed["exception"] == "NotRegistered('no.such')"


def test_ignored_task_ends_in_silence(worker, queue, make_app, monitor):
    worker(queue, options=["-E"])
    watch, app = monitor(), make_app(queue)
    ignored = app.send_task("examples.ignore")
    told(watch, app.send_task("examples.add", (1, 2)), "task-received", "task-started", "task-succeeded")
    assert eventually(lambda: watch.types(ignored.id)[1:], WAIT) == ["task-started"]


@pytest.mark.chard
def test_a_hard_time_limit_is_a_failure(worker, queue, make_app, monitor):
    worker(queue, options=["-E"], time_limit=1)
    watch = monitor()
    *_, failed = told(watch, make_app(queue).send_task("examples.sleep", (60,)),
                      "task-received", "task-started", "task-failed")
    assert failed["exception"] == "TimeLimitExceeded(1)"


@pytest.mark.chard
def test_order_and_clocks(worker, queue, make_app, monitor):
    """Thousands of events in lists: none missing, clocks rising, and the state that Python makes of them."""
    process = worker(queue, options=["-E"])
    watch, app = monitor(), make_app(queue)
    results = [app.send_task("examples.add", (n, 1), ignore_result=True) for n in range(1500)]
    for result in results:
        watch.wait(result.id, "task-succeeded", 60)
        assert watch.types(result.id) == ["task-received", "task-started", "task-succeeded"]
    clocks = [event["clock"] for event in watch.events if event["pid"] == process.pid and "uuid" in event]
    assert clocks == sorted(clocks) and len(set(clocks)) == len(clocks) == 4500
    assert all(watch.state.tasks[result.id].state == "SUCCESS" for result in results)


def test_worker_events(worker, queue, make_app, monitor):
    watch, app = monitor(), make_app(queue)
    process = worker(queue)
    assert app.send_task("examples.add", (1, 2)).get(timeout=WAIT) == 3
    eventually(lambda: any(event.get("processed") == 1 for event in watch.workers(process)), WAIT, what="a count")
    (name,) = {event["hostname"] for event in watch.workers(process)}
    assert watch.state.workers[name].alive
    process.stop()
    eventually(lambda: watch.workers(process)[-1]["type"] == "worker-offline", WAIT, what="the end")
    for event in watch.workers(process):
        check_fields(event)
    assert watch.workers(process)[0]["type"] == "worker-online"
    beats = [event["timestamp"] for event in watch.workers(process) if event["type"] == "worker-heartbeat"]
    assert all(1.5 < after - before < 3 for before, after in zip(beats, beats[1:]))


def test_without_the_option_there_are_only_heartbeats(worker, queue, make_app, monitor):
    process = worker(queue)
    watch, app = monitor(), make_app(queue)
    assert app.send_task("examples.add", (1, 2)).get(timeout=WAIT) == 3
    eventually(lambda: len(watch.workers(process)) >= 2, WAIT, what="heartbeats")
    assert {event["type"] for event in watch.events if event["pid"] == process.pid} <= {
        "worker-heartbeat", "worker-online"}


@pytest.mark.chard
def test_nothing_at_all_without_heartbeat(worker, queue, make_app, monitor):
    watch = monitor()
    process = worker(queue, options=["--without-heartbeat", "--without-gossip", "--without-mingle"])
    assert make_app(queue).send_task("examples.add", (1, 2)).get(timeout=WAIT) == 3
    stays(lambda: not watch.workers(process), 2.5, what="silence")
    process.stop()
    assert not watch.workers(process)


@pytest.mark.chard
def test_heartbeat_interval(worker, queue, monitor):
    watch = monitor()
    process = worker(queue, options=["--heartbeat-interval", "0.2"])
    eventually(lambda: len(watch.workers(process)) >= 8, 10, what="eight heartbeats")
    assert watch.workers(process)[-1]["freq"] == 0.2


@pytest.mark.chard                       # a Python worker may tell of a success after its result is there
def test_switched_at_run_time(worker, queue, make_app, monitor):
    process = worker(queue)
    watch, app = monitor(), make_app(queue)
    node = node_of(process)

    def ask(method):
        (answer,) = app.control.broadcast(method, destination=[node], reply=True, timeout=10, limit=1)
        return answer[node]

    def run():
        result = app.send_task("examples.add", (1, 2))
        assert result.get(timeout=WAIT) == 3
        return result.id

    assert ask("disable_events") == {"ok": "task events already disabled"}
    assert ask("enable_events") == {"ok": "task events enabled"}
    assert ask("enable_events") == {"ok": "task events already enabled"}
    watch.wait(run(), "task-succeeded")
    assert ask("disable_events") == {"ok": "task events disabled"}
    silent = run()
    assert ask("enable_events") == {"ok": "task events enabled"}
    watch.wait(run(), "task-succeeded")
    assert watch.types(silent) == []


def node_of(process):
    from support import loglines
    return process.wait_for_log(loglines.READY)[0].group(1)


@pytest.mark.chard
def test_sent_events_of_the_command_line(chard, queue, new_queue, monitor, tmp_path, bare):
    """`chard call` with send_sent_event tells what Python's sender tells."""
    bare.declare(queue)
    watch = monitor()
    config = tmp_path / "queues.yaml"
    config.write_text(f"broker: {{send_sent_event: true}}\nqueues: {{{queue}: {{routes: ['examples.*']}}}}\n")
    out, _ = chard("call", "--config", config, "examples.add", "--args", "[1, 2]")
    event = eventually(lambda: [one for one in watch.events if one["type"] == "task-sent"], WAIT)[0]
    assert event["uuid"] in out
    check_fields(event)
    assert (event["name"], event["args"], event["routing_key"]) == ("examples.add", "(1, 2)", queue)


@pytest.mark.chard
def test_lost_connection(worker, queue, broker_url, proxy, make_app, monitor):
    """Events, heartbeats and remote control come back by themselves; what had to be dropped is counted."""
    way = proxy(broker_url)
    process = worker(queue, broker=way.url, options=["-E"])
    node, app, watch = node_of(process), make_app(queue), monitor()
    way.cut()
    eventually(lambda: app.control.ping([node], timeout=1, limit=1), WAIT, what="an answer")
    result = app.send_task("examples.add", (1, 2))
    watch.wait(result.id, "task-succeeded")
    count = len(watch.workers(process))
    eventually(lambda: len(watch.workers(process)) > count + 1, WAIT, what="heartbeats")


@pytest.mark.chard
def test_chard_events(worker, queue, broker_url, make_app):
    process = worker(queue, options=["-E"])
    app = make_app(queue)
    for options, wanted in (([], re.compile(r"^\S+ \[\d{4}-\d\d-\d\d [\d:.]+\+00:00\] task succeeded: "
                                            r"examples.add\(\S+\) args=\(1, 2\) kwargs={} clock=\d+, pid=\d+, "
                                            r"result=3, runtime=[\d.e-]+, utcoffset=-?[\d.]+$", re.M)),
                            (["--json"], re.compile(r'^\{"hostname": .*"type": "task-succeeded"\}$', re.M))):
        command = subprocess.Popen([CHARD, "events", "-b", broker_url, *options], stdout=subprocess.PIPE, text=True,
                                   env=clean_environment())
        lines = []
        reader = threading.Thread(target=lambda: lines.extend(iter(command.stdout.readline, "")), daemon=True)
        reader.start()
        try:
            eventually(lambda: any("heartbeat" in line for line in lines), WAIT, what="the worker's heartbeat")
            app.send_task("examples.add", (1, 2))
            eventually(lambda: wanted.search("".join(lines)), WAIT, what=f"{wanted.pattern} in {lines[-3:]}")
        finally:
            command.kill()
            command.wait()
    assert all(json.loads(line) for line in lines)
    assert process.running


@pytest.mark.chard
def test_a_python_receiver_command_line(worker, queue, broker_url, make_app):
    """`celery events --dump` and `celery status` of an unchanged Celery."""
    process = worker(queue, options=["-E"])
    celery = [sys.executable, "-m", "celery", "-b", broker_url]
    done = subprocess.run([*celery, "status", "-t", "5"], capture_output=True, text=True, timeout=60,
                          env=clean_environment(), cwd=HERE)
    assert f"{node_of(process)}: OK" in done.stdout, done.stdout + done.stderr


@pytest.mark.chard
@pytest.mark.limit(180)
def test_dropped_events_are_counted(services, worker, queue, bare, management, make_app, monitor):
    """The broker takes no messages for a while: tasks go on, 20,000 events wait, the rest is dropped and said."""
    bare.declare(queue)
    for number in range(8000):
        bare.channel.basic_publish("", queue, json.dumps([[number, 1], {}, None]), pika.BasicProperties(
            headers={"lang": "py", "task": "examples.add", "id": f"{queue}-{number}", "ignore_result": True},
            content_type="application/json", content_encoding="utf-8"))
    eventually(lambda: bare.ready(queue) == 8000, WAIT, what="all of them in the queue")
    services("ctl", "set_vm_memory_high_watermark", "0.0001")
    try:
        eventually(lambda: management.call("GET", "/nodes")[0]["mem_alarm"], WAIT, what="the alarm")
        process = worker(queue, options=["-E"])
        eventually(lambda: process.log().count("succeeded in") == 8000, 90, every=0.5, what="the end of all tasks")
        assert "dropped" not in process.log()
    finally:
        services("ctl", "set_vm_memory_high_watermark", "absolute", "2GB")
    (line,) = process.wait_for_log(re.compile(r"(\d+) task events were dropped"))
    assert 3000 < int(line.group(1)) <= 4000          # what was sent before the broker said so is not among them
    watch, app = monitor(), make_app(queue)
    told(watch, app.send_task("examples.add", (1, 2)), "task-received", "task-started", "task-succeeded")
    assert app.control.ping([node_of(process)], timeout=5, limit=1)
