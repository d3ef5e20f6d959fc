"""The monitor's API: Flower's REST interface as Flower 2.2 answers it beside the same worker, metrics, OpenAPI, events."""
import http.client
import json
import re
import subprocess
import sys
import threading
import time
import urllib.parse
import uuid

import pytest
from conftest import clean_environment
from support import catalogue
from support.flower import VENV
from support.flower_fixtures import QUEUE, _node, busy, flower, new_node, node, place  # noqa: F401 fixtures
from support.monitor import Monitor
from support.waiting import eventually

pytestmark = pytest.mark.chard

#: As Flower, the monitor lets nobody use the API without credentials unless it is told to.
OPEN = {"FLOWER_UNAUTHENTICATED_API": "true"}


@pytest.fixture(scope="module")
def chard(place, services, tmp_path_factory):
    """Chard's monitor in the vhost of Flower and its worker."""
    from conftest import CHARD
    monitor = Monitor(CHARD, tmp_path_factory.mktemp("monitor"), {**clean_environment(), **OPEN}, place, services.backend,
                      services.management, queues={QUEUE: catalogue.queue(["examples.*"], concurrency=1)})
    yield monitor
    monitor.stop()


def ask(server, method, path, body=None, **query):
    """(status, answer) of Flower or of the monitor."""
    if not isinstance(server, Monitor):
        return server.request(method, path, body, **query)
    path = urllib.parse.quote(path, safe="/?&=%+@")
    data = None if method == "GET" else json.dumps(body) if body is not None else ""
    answer = server.request(method, path, data, {"Content-Type": "application/json"}, **query)
    is_json = "json" in answer.headers.get("content-type", "")
    return answer.status, answer.json if is_json else answer.text


def shape(value):
    """What a value looks like: types and keys at any depth; numbers are one type."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    if isinstance(value, bool):
        return "bool"
    return "number" if isinstance(value, (int, float)) else type(value).__name__


#: Where the shapes may differ, and why: (path, reason).
EXCEPTIONS = {
    "retries": "events of a task without task-received have no retries; Chard says 0, Flower null",
    "clock": "both are Lamport times of their own receivers",
    "sent": "only one of the two may have been there when a task was sent",
    "client": "as sent",
}


def same_shape(ours, theirs, path=""):
    """Asserts that keys and types agree, but for EXCEPTIONS and for null on one side where both may be null."""
    name = path.split(".")[-1]
    if name in EXCEPTIONS:
        return
    assert type(ours) is type(theirs) or {type(ours), type(theirs)} <= {int, float}, f"{path}: {ours!r} {theirs!r}"
    if isinstance(ours, dict):
        assert set(ours) == set(theirs), f"{path}: ours {sorted(ours)}, Flower's {sorted(theirs)}"
        for key in ours:
            same_shape(ours[key], theirs[key], f"{path}.{key}")
    elif isinstance(ours, list) and ours and theirs:
        same_shape(ours[0], theirs[0], f"{path}[0]")


@pytest.fixture(scope="module")
def tasks(flower, chard, _node):
    """Ids of a task that succeeded and of one that failed, which both monitors have seen to their end."""
    eventually(lambda: chard.get("/api/workers?status=1").json.get(_node.name), 20,
               what="the worker in Chard's monitor")
    done = flower.send("examples.add", 2, 3)
    failed = flower.send("examples.fail", "on purpose")
    flower.wait_state(done, "SUCCESS")
    flower.wait_state(failed, "FAILURE")
    for task_id in (done, failed):
        eventually(lambda: ended(chard, task_id), 20, what="the task in Chard's monitor")

    class Tasks:
        pass
    Tasks.done, Tasks.failed = done, failed
    return Tasks


def ended(chard, task_id):
    status, task = ask(chard, "GET", f"/api/task/info/{task_id}")
    return status == 200 and task["state"] in ("SUCCESS", "FAILURE", "REVOKED")


# --- Flower's shapes ------------------------------------------------------------------------------------------------

def both(flower, chard, method, path, body=None, **query):
    """Asks both; returns (ours, Flower's) once the statuses are the same and the shapes are."""
    ours, theirs = ask(chard, method, path, body, **query), ask(flower, method, path, body, **query)
    assert ours[0] == theirs[0], f"{method} {path} {query}: ours {ours}, Flower's {theirs}"
    if theirs[0] == 200:
        same_shape(ours[1], theirs[1])
    return ours[1], theirs[1]


def test_workers(flower, chard, node, tasks):
    ours, theirs = both(flower, chard, "GET", "/api/workers", refresh=1, workername=node.name)
    assert ours[node.name]["registered"] == theirs[node.name]["registered"]
    assert ours[node.name]["active_queues"] == theirs[node.name]["active_queues"]
    both(flower, chard, "GET", "/api/workers", workername=node.name)
    both(flower, chard, "GET", "/api/workers", refresh=1)
    ours, theirs = both(flower, chard, "GET", "/api/workers", status=1)
    assert ours[node.name] is True and theirs[node.name] is True


@pytest.mark.parametrize("query", [
    {}, {"limit": 1}, {"limit": 1, "offset": 1}, {"sort_by": "name"}, {"sort_by": "-received"}, {"sort_by": "started"},
    {"state": "SUCCESS"}, {"state": "FAILURE"}, {"taskname": "examples.add"}, {"workername": "nobody@nowhere"},
    {"search": "state:FAILURE"}, {"search": "name:examples.add AND state:SUCCESS"}, {"search": "(purpose OR nonsense)"},
    {"search": "examples.fail"}, {"received_start": "2020-01-01 00:00"}, {"received_end": "2020-01-01 00:00"},
    {"limit": 0}, {"offset": -3, "limit": 2}, {"state": "All", "taskname": "All"},
])
def test_tasks(flower, chard, tasks, query):
    ours, theirs = ask(chard, "GET", "/api/tasks", **query), ask(flower, "GET", "/api/tasks", **query)
    assert ours[0] == theirs[0] == 200, (ours, theirs)
    wanted = {tasks.done, tasks.failed}
    if "limit" not in query:
        assert wanted & set(ours[1]) == wanted & set(theirs[1])
    else:
        assert len(ours[1]) == len(theirs[1])
    for task_id in wanted & set(ours[1]) & set(theirs[1]):
        same_shape(ours[1][task_id], theirs[1][task_id])


@pytest.mark.parametrize("query", [
    {"sort_by": "magic"}, {"limit": "many"}, {"offset": "x"}, {"received_start": "yesterday"}, {"search": '"open'},
    {"search": "ab"}, {"search": "name:"}, {"search": "(one OR"}, {"search": "NOT this"}, {"search": "-this"},
    {"search": "()"}, {"search": "one OR OR two"}, {"search": "((((((deep))))))"},
])
def test_tasks_refused(flower, chard, query):
    ours, theirs = ask(chard, "GET", "/api/tasks", **query), ask(flower, "GET", "/api/tasks", **query)
    assert ours[0] == theirs[0] == 400
    assert ours[1] == theirs[1], "Flower's words"


def test_task_info(flower, chard, tasks):
    for task_id in (tasks.done, tasks.failed):
        ours, theirs = both(flower, chard, "GET", f"/api/task/info/{task_id}")
        for key in ("uuid", "name", "state", "args", "kwargs", "worker", "result", "exception", "traceback", "root_id",
                    "parent_id", "children", "received", "started", "runtime"):
            assert ours[key] == theirs[key], key


def test_task_types(flower, chard, tasks):
    ours, theirs = both(flower, chard, "GET", "/api/task/types")
    assert {"examples.add", "examples.fail"} <= set(ours["task-types"]) & set(theirs["task-types"])


def test_task_result(flower, chard, tasks):
    for task_id in (tasks.done, tasks.failed, str(uuid.uuid4())):
        ours, theirs = both(flower, chard, "GET", f"/api/task/result/{task_id}")
        assert ours == theirs
    both(flower, chard, "GET", f"/api/task/result/{tasks.done}", timeout=2)
    both(flower, chard, "GET", f"/api/task/result/{uuid.uuid4()}", timeout=0.2)
    assert both(flower, chard, "GET", f"/api/task/result/{tasks.done}", timeout="soon")


def test_sending(flower, chard, node):
    body = {"args": [4, 5]}
    ours, theirs = both(flower, chard, "POST", "/api/task/apply/examples.add", body)
    assert ours["result"] == theirs["result"] == 9 and ours["state"] == theirs["state"] == "SUCCESS"
    both(flower, chard, "POST", "/api/task/apply/examples.add", {**body, "countdown": 30, "timeout": 0.1})
    for way in ("async-apply", "send-task"):
        ours, _ = both(flower, chard, "POST", f"/api/task/{way}/examples.echo", {"args": ["x"], "kwargs": {}})
        assert eventually(lambda: ask(chard, "GET", f"/api/task/result/{ours['task-id']}")[1].get("result") == "x")
    options = {"args": [1, 2], "countdown": 0.1, "expires": 60, "queue": QUEUE}
    both(flower, chard, "POST", "/api/task/async-apply/examples.add", options)
    both(flower, chard, "POST", "/api/task/send-task/nobody.knows", {"queue": "nobody-" + uuid.uuid4().hex[:6]})


@pytest.mark.parametrize("path, body", [
    ("/api/task/apply/no.such.task", {}), ("/api/task/async-apply/no.such.task", {}),
    ("/api/task/apply/examples.add", []), ("/api/task/apply/examples.add", {"args": 3}),
    ("/api/task/apply/examples.add", {"args": [], "timeout": "soon"}),
    ("/api/task/async-apply/examples.add", {"args": [1, 1], "eta": "tomorrow"}),
    ("/api/task/async-apply/examples.add", {"args": [1, 1], "countdown": "soon"}),
])
def test_sending_refused(flower, chard, node, path, body):
    both(flower, chard, "POST", path, body)


def test_controls(flower, chard, node):
    name = node.name
    both(flower, chard, "POST", f"/api/worker/pool/grow/{name}", n=1)
    both(flower, chard, "POST", f"/api/worker/pool/shrink/{name}", n=1)
    queue = "more-" + uuid.uuid4().hex[:6]
    both(flower, chard, "POST", f"/api/worker/queue/add-consumer/{name}", queue=queue)
    both(flower, chard, "POST", f"/api/worker/queue/cancel-consumer/{name}", queue=queue)
    both(flower, chard, "POST", "/api/task/rate-limit/examples.echo", workername=name, ratelimit="100/s")
    both(flower, chard, "POST", "/api/task/timeout/examples.echo", workername=name, soft=30, hard=60)
    both(flower, chard, "POST", f"/api/task/revoke/{uuid.uuid4()}", terminate="true", signal="SIGKILL")
    both(flower, chard, "POST", f"/api/task/abort/{uuid.uuid4()}")


@pytest.mark.parametrize("path, query", [
    ("/api/worker/shutdown/nobody@nowhere", {}), ("/api/worker/pool/restart/nobody@nowhere", {}),
    ("/api/worker/pool/grow/nobody@nowhere", {}), ("/api/worker/pool/autoscale/nobody@nowhere", {"min": 1, "max": 2}),
    ("/api/worker/queue/add-consumer/nobody@nowhere", {"queue": "q"}),
    ("/api/task/rate-limit/no.such.task", {"workername": "w", "ratelimit": "1/s"}),
    ("/api/task/rate-limit/examples.add", {"workername": "nobody@nowhere", "ratelimit": "1/s"}),
    ("/api/task/rate-limit/examples.add", {"workername": "w"}), ("/api/task/timeout/examples.add", {"soft": 1}),
    ("/api/task/revoke/some-id", {"terminate": "perhaps"}),
])
def test_controls_refused(flower, chard, node, path, query):
    both(flower, chard, "POST", path, **query)


def test_control_arguments(flower, chard, node):
    both(flower, chard, "POST", f"/api/worker/pool/grow/{node.name}", n="many")
    both(flower, chard, "POST", f"/api/worker/pool/autoscale/{node.name}", min=1)
    both(flower, chard, "POST", f"/api/worker/queue/add-consumer/{node.name}")


def test_unknown_worker_and_task(flower, chard):
    for path in ("/api/workers?workername=nobody@nowhere", "/api/task/info/no-such-id"):
        both(flower, chard, "GET", path)


def test_queue_lengths(flower, chard, node):
    eventually(lambda: ask(chard, "GET", "/api/queues/length")[0] == 200, what="the broker's figures")
    flowers = {queue["name"] for queue in flower.get("/api/queues/length")["active_queues"]}
    ours = eventually(lambda: {queue["name"]: queue for queue in
                               ask(chard, "GET", "/api/queues/length")[1]["active_queues"]})
    assert set(ours) == flowers
    # Flower passes the whole of RabbitMQ's answer on; its documentation has name and messages.
    assert all(isinstance(queue["messages"], int) for queue in ours.values())


def test_health(flower, chard):
    assert ask(chard, "GET", "/healthcheck") == ask(flower, "GET", "/healthcheck") == (200, "OK")


# --- metrics --------------------------------------------------------------------------------------------------------

def families(text):
    """name -> type; and {(name, labels): value}. Asserts that each family stands together."""
    types, samples, current, closed = {}, {}, None, set()
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ", 3)
            assert name not in types, f"{name} twice"
            types[name], current = kind, name
        elif line and not line.startswith("#"):
            found = re.fullmatch(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)", line)
            assert found, line
            assert found[1].startswith(current), f"{found[1]} in the family {current}"
            labels = re.findall(r'(\w+)="((?:[^"\\\n]|\\.)*)"', found[2] or "")
            key = (found[1], frozenset(labels))
            assert key not in samples, f"{line} twice"
            samples[key] = float(found[3])
    return types, samples


def test_metrics_agree(flower, chard, node, tasks):
    for number in range(5):
        flower.result(flower.send("examples.echo", number))

    def look():
        one, two = families(chard.get("/metrics").text), families(flower.get("/metrics"))
        return (one, two) if events(one[1], node.name) == events(two[1], node.name) else None

    def events(samples, worker):
        # What came before the other monitor was there, it can't know.
        return {labels: value for (name, labels), value in samples.items()
                if name == "flower_events_total" and ("worker", worker) in labels and ("task", "examples.echo") in labels}

    try:
        (types, samples), (flower_types, flower_samples) = eventually(look, 20, every=0.3, what="the same counts")
    except AssertionError:
        print(events(families(chard.get("/metrics").text)[1], node.name))
        print(events(families(flower.get("/metrics"))[1], node.name))
        raise
    ours = {name: kind for name, kind in types.items() if name.startswith("flower_")}
    theirs = {name: kind for name, kind in flower_types.items()
              if name.startswith("flower_") and not name.endswith("_created")}  # when a series began: no longer written
    assert ours == theirs
    for name in theirs:
        def labels(all_samples):
            return {frozenset(key for key, _ in found) for (sample, found) in all_samples if sample.startswith(name)
                    and not sample.endswith("_created")}
        assert labels(samples) == labels(flower_samples), name
    count = ("flower_task_runtime_seconds_count", frozenset({("task", "examples.echo"), ("worker", node.name)}))
    assert samples[count] == flower_samples[count] >= 5
    bounds = [{dict(found)["le"] for (sample, found) in all_samples if sample == "flower_task_runtime_seconds_bucket"}
              for all_samples in (samples, flower_samples)]
    assert bounds[0] == bounds[1]
    assert samples["flower_worker_online", frozenset({("worker", node.name)})] == 1


def test_own_metrics(chard, node):
    types, samples = families(chard.get("/metrics").text)
    assert {"chard_queue_messages", "chard_queue_consumers", "chard_workers", "chard_alerts_firing",
            "chard_monitor_events_total", "chard_monitor_events_dropped_total", "chard_history_tasks",
            "process_cpu_seconds_total", "process_resident_memory_bytes"} <= set(types)
    assert samples["chard_workers", frozenset({("state", "alive")})] >= 1
    assert chard.get("/metrics").headers["content-type"].startswith("text/plain; version=0.0.4")


def test_metrics_survive_a_restart(place, services, flower, node, tmp_path):
    """Counters go on where they were after TERM, and never go back after KILL."""
    from conftest import CHARD

    settings = {"history": str(tmp_path / "history.sqlite")}

    def start():
        return Monitor(CHARD, tmp_path / uuid.uuid4().hex, {**clean_environment(), **OPEN}, place, services.backend,
                       services.management, settings)

    def count(monitor):
        samples = families(monitor.get("/metrics").text)[1]
        return sum(value for (name, labels), value in samples.items()
                   if name == "flower_events_total" and ("task", "examples.add") in labels)

    monitor = start()
    try:
        eventually(lambda: node.name in monitor.json("/api/workers?refresh=1"), 20)
        flower.result(flower.send("examples.add", 1, 1))
        before = eventually(lambda: count(monitor) >= 3 and count(monitor), 20, what="the events in the metrics")
        monitor.stop()
        monitor = start()
        assert count(monitor) >= before
        flower.result(flower.send("examples.add", 1, 1))
        before = eventually(lambda: count(monitor) >= before + 3 and count(monitor), 20, what="more events")
        monitor.process.kill()
        monitor = start()
        assert eventually(lambda: count(monitor) >= before, 10, what="the counters of before")
    finally:
        monitor.process.kill()


# --- the document ---------------------------------------------------------------------------------------------------

def test_openapi(chard):
    document = chard.json("/api/openapi.json")
    check = subprocess.run(
        [str(VENV / "bin" / "python"), "-c", "import json, sys; from openapi_spec_validator import validate; "
         "validate(json.load(sys.stdin))"], input=json.dumps(document), text=True, capture_output=True)
    assert check.returncode == 0, check.stderr[-2000:]
    routes = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    flowers = {("GET", path) for path in (
        "/api/workers", "/api/tasks", "/api/task/types", "/api/task/info/{id}", "/api/task/result/{id}",
        "/api/queues/length", "/metrics", "/healthcheck")} | {("POST", path) for path in (
            "/api/worker/shutdown/{name}", "/api/worker/pool/restart/{name}", "/api/worker/pool/grow/{name}",
            "/api/worker/pool/shrink/{name}", "/api/worker/pool/autoscale/{name}",
            "/api/worker/queue/add-consumer/{name}", "/api/worker/queue/cancel-consumer/{name}",
            "/api/task/apply/{name}", "/api/task/async-apply/{name}", "/api/task/send-task/{name}",
            "/api/task/abort/{id}", "/api/task/timeout/{name}", "/api/task/rate-limit/{name}",
            "/api/task/revoke/{id}")}
    assert flowers <= routes
    for method, path in routes:                  # every route of the document is there: it answers something else than 404
        if method == "GET" and "{" not in path and path != "/api/events":
            assert chard.get(path, status=None).status in (200, 503), path


# --- ours -----------------------------------------------------------------------------------------------------------

def test_pages_of_tasks(chard, tasks):
    seen, after = [], None
    while True:
        page = chard.json("/api/v1/tasks", limit=2, **({"after": after} if after else {}))
        seen += [task["uuid"] for task in page["tasks"]]
        after = page["next"]
        if after is None:
            break
        assert len(page["tasks"]) == 2
    assert len(seen) == len(set(seen)) and {tasks.done, tasks.failed} <= set(seen)
    found = chard.json("/api/v1/tasks", state="FAILURE", name="examples.*")["tasks"]
    assert tasks.failed in [task["uuid"] for task in found] and all(task["state"] == "FAILURE" for task in found)
    assert chard.get("/api/v1/tasks", 400, limit=0).json["error"]
    assert chard.get("/api/v1/tasks", 400, order="magic").json["error"]


@pytest.mark.parametrize("path", ["overview", "queues", "findings", "alerts", "audit"])
def test_own_endpoints(chard, tasks, path):
    """Each answers what the document promises."""
    document = chard.json("/api/openapi.json")
    schema = document["paths"][f"/api/v1/{path}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    answer = chard.json(f"/api/v1/{path}")
    assert set(schema["required"]) <= set(answer)
    for name, items in answer.items():
        if isinstance(items, list) and items:
            required = schema["properties"][name]["items"]["required"]
            assert set(required) == set(items[0]), name


def test_everything_that_changes_is_audited(chard):
    task_id = str(uuid.uuid4())
    chard.post(f"/api/task/revoke/{task_id}", data={})
    found = eventually(lambda: [entry for entry in chard.json("/api/v1/audit")["entries"]
                                if entry["subject"] == task_id], what="the entry")
    assert found[0]["action"] == "api-task-revoke" and not found[0]["is_error"]


class Listener:
    """Reads /api/events in a thread: `.messages` are (event, data)."""

    def __init__(self, monitor, **query):
        self.messages, self.error = [], None
        self.connection = http.client.HTTPConnection(monitor.host, monitor.port, timeout=30)
        self.connection.request("GET", "/api/events?" + urllib.parse.urlencode(query))
        self.response = self.connection.getresponse()
        assert self.response.status == 200 and self.response.headers["content-type"] == "text/event-stream"
        assert self.response.readline().startswith(b":"), "it follows"
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        event = None
        try:
            for line in self.response:
                text = line.decode().rstrip("\n")
                if text.startswith("event: "):
                    event = text[7:]
                elif text.startswith("data: "):
                    self.messages.append((event, json.loads(text[6:])))
        except (OSError, ValueError, AttributeError) as error:
            self.error = error

    def close(self):
        self.connection.sock and self.connection.sock.shutdown(2)
        self.connection.close()


def test_events_as_they_come(chard, flower, node):
    everything = Listener(chard, type="task-*", name="examples.*")
    failures = Listener(chard, state="FAILURE")
    workers = Listener(chard, type="worker-heartbeat", worker=node.name)
    try:
        good, bad = flower.send("examples.echo", "seen"), flower.send("examples.fail", "seen")
        eventually(lambda: [d for e, d in failures.messages if d["uuid"] == bad], what="the failure")
        eventually(lambda: {"task-received", "task-started", "task-succeeded"}
                   <= {e for e, d in everything.messages if d["uuid"] == good}, what="all events of the task")
        assert all(d["name"] == "examples.echo" for e, d in everything.messages if d["uuid"] == good)
        assert {e for e, _ in failures.messages} == {"task-failed"}
        eventually(lambda: workers.messages, what="a heartbeat")
        assert {d["hostname"] for _, d in workers.messages} == {node.name}
    finally:
        for listener in (everything, failures, workers):
            listener.close()


def test_secrets_are_not_streamed(chard, flower, node):
    listener = Listener(chard, type="task-received")
    try:
        task_id = flower.post("/api/task/send-task/examples.echo", {"kwargs": {"value": {"password": "hunter2"}}})["task-id"]
        eventually(lambda: [d for _, d in listener.messages if d["uuid"] == task_id], what="the event")
        assert "hunter2" not in json.dumps(listener.messages) and "***" in json.dumps(listener.messages)
    finally:
        listener.close()


def test_read_only(place, services, tmp_path):
    from conftest import CHARD
    monitor = Monitor(CHARD, tmp_path, {**clean_environment(), **OPEN}, place, services.backend, services.management,
                      settings={"read_only": True})
    try:
        for path in ("/api/task/send-task/examples.add", "/api/worker/shutdown/nobody@nowhere", "/api/task/revoke/x"):
            answer = monitor.post(path, status=403, data={})
            assert "read" in answer.text.lower()
    finally:
        monitor.stop()
