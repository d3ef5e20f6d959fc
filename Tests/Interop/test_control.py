"""Remote control: Python's `app.control` and `celery` command line against Chard, and `chard status|inspect|control`
against both kinds of workers. What Chard answers is compared with a Python worker's answer where that makes sense."""
import json
import re
import subprocess
import sys
import time
import uuid

import pytest

from conftest import Workers, clean_environment, remove
from support.waiting import eventually

#: Keys of `stats` that both kinds of workers must have, beside those that depend on the pool.
STATS = {"total", "pid", "clock", "uptime", "pool", "broker", "prefetch_count", "rusage"}
UNAVAILABLE = re.compile(r"is not available in this worker")


class Node:
    """One worker, and a Python client that speaks to it alone."""

    def __init__(self, process, queue, app, kind):
        self.process, self.queue, self.app, self.kind = process, queue, app, kind
        self.name = process.command[process.command.index("-n") + 1]
        self.control = app.control

    def ask(self, method, **arguments):
        """What the node answers to `method`; arguments of any kind."""
        replies = self.control.broadcast(method, arguments=arguments, destination=[self.name], reply=True, timeout=10)
        assert len(replies) == 1, replies
        return replies[0][self.name]

    def inspect(self):
        return self.control.inspect(destination=[self.name], timeout=10)

    def send(self, task, *args, **options):
        return self.app.send_task(task, args, queue=self.queue, **options)


def plugged(answer):
    """A part of the worker that is built elsewhere."""
    if isinstance(answer, dict) and UNAVAILABLE.search(str(answer.get("error", ""))):
        pytest.skip(answer["error"])
    return answer


@pytest.fixture(scope="module")
def nodes(tmp_path_factory, broker_url, backend_url):
    """A Chard worker and a Python worker, both with two slots, each on a queue of its own."""
    from celery import Celery
    workers = Workers(tmp_path_factory.mktemp("control"), broker_url, backend_url)
    made, queues = {}, []
    for kind in ("chard", "python"):
        queue = f"control-{uuid.uuid4().hex[:10]}"
        queues.append(queue)
        process = workers(queue, kind=kind, concurrency=2, prefetch=8, wait=False,
                          options=["--remote-control"] if kind == "python" else [])
        app = Celery("control-client", broker=broker_url, backend=backend_url, set_as_current=False)
        made[kind] = Node(process, queue, app, kind)
    for node in made.values():
        node.process.wait_ready()
        eventually(lambda: node.inspect().ping(), what=f"an answer of {node.name}")
    yield made
    for node in made.values():
        node.app.close()
    workers.end()
    remove(broker_url, queues)


@pytest.fixture
def node(nodes, request):
    request.node.workers = [each.process for each in nodes.values()]
    return nodes["chard"]


@pytest.fixture
def both(nodes, node):
    return nodes["chard"], nodes["python"]


@pytest.fixture
def busy(node):
    """Two tasks that run, one that waits for a slot, two whose time has not come: one put off, one not looked at."""
    later = node.send("examples.add", 1, 2, countdown=600).id
    eventually(lambda: node.inspect().scheduled()[node.name], what="a scheduled task")
    running = [node.send("examples.sleep", 4).id for _ in range(2)]
    eventually(lambda: len(node.inspect().active()[node.name]) == 2, what="two running tasks")
    waiting = node.send("examples.sleep", 0).id
    early = node.send("examples.add", 3, 4, countdown=600).id
    eventually(lambda: node.inspect().reserved()[node.name] and len(node.inspect().scheduled()[node.name]) == 2,
               what="a waiting and two scheduled tasks")
    yield running, waiting, [later, early]
    eventually(lambda: not node.inspect().active()[node.name], 30, what="the end of the tasks")


def shape(value):
    """Keys and types, to compare two answers; a map of settings or counts by its keys, numbers all alike."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value[:1]]
    return "number" if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value).__name__


# --- inspect ----------------------------------------------------------------------------------------------------------

def test_ping(node):
    assert node.inspect().ping() == {node.name: {"ok": "pong"}}
    assert node.control.inspect(pattern=f"{node.name[:4]}*@interop", matcher="glob", timeout=2).ping()


def test_what_is_running_reserved_and_scheduled(node, busy):
    running, waiting, later = busy
    now = time.time()
    active = node.inspect().active()[node.name]
    assert {info["id"] for info in active} == set(running)
    for info in active:
        start = info.pop("time_start")
        assert now - 60 < start <= now + 1
        assert info.pop("id") in running and info.pop("worker_pid") == node.process.pid
        assert info == {
            "name": "examples.sleep", "type": "examples.sleep", "args": [4], "kwargs": {}, "hostname": node.name,
            "acknowledged": False, "delivery_info": {
                "exchange": "", "routing_key": node.queue, "priority": 0, "redelivered": False}}
    safe = node.inspect().active(safe=True)[node.name]
    assert safe[0]["args"] == "(4,)" and safe[0]["kwargs"] == "{}"

    reserved = node.inspect().reserved()[node.name]
    assert [info["id"] for info in reserved] == [waiting]
    assert reserved[0]["time_start"] is None and reserved[0]["worker_pid"] is None

    scheduled = node.inspect().scheduled()[node.name]
    assert [entry["request"]["id"] for entry in scheduled] == later
    assert scheduled[0]["priority"] == 6 and scheduled[0]["request"]["args"] == [1, 2]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+00:00", scheduled[0]["eta"])

    found = node.inspect().query_task(running[0], waiting, *later, "unknown")[node.name]
    assert {id: state for id, (state, _) in found.items()} == {
        running[0]: "active", waiting: "reserved", **dict.fromkeys(later, "scheduled")}


def test_a_finished_task_is_forgotten(node):
    result = node.send("examples.add", 1, 2)
    assert result.get(timeout=20) == 3
    eventually(lambda: node.inspect().query_task(result.id)[node.name] == {}, what="the finished task to be forgotten")


def test_task_info_is_shaped_as_pythons(both):
    infos = []
    for node in both:
        node.send("examples.sleep", 1.5)
        infos.append(eventually(lambda: node.inspect().active()[node.name], what="a running task")[0])
    assert shape(infos[0]) == shape(infos[1])
    assert list(infos[0]) == list(infos[1]), "the order of the keys"


def test_registered(both):
    chard, python = (node.inspect().registered()[node.name] for node in both)
    assert "examples.add" in chard and chard == sorted(chard) and not [n for n in chard if n.startswith("celery.")]
    assert set(chard) >= set(python)
    named = both[0].inspect().registered("name")[both[0].name]
    assert all(re.fullmatch(r"\S+ \[name=\S+\]", line) for line in named)
    assert "celery.ping" in both[0].ask("registered", builtins=True)
    assert both[0].ask("dump_tasks") == chard


def test_stats(both):
    chard, python = (node.inspect().stats()[node.name] for node in both)
    assert set(chard) - {"chard"} == set(python) == STATS
    for key in ("broker", "rusage"):
        assert shape(chard[key]) == shape(python[key])
        assert list(chard[key]) == list(python[key])
    assert set(chard["pool"]) == set(python["pool"]) and set(chard["pool"]["writes"]) == set(python["pool"]["writes"])
    assert chard["pid"] == both[0].process.pid and chard["pool"]["processes"] == [both[0].process.pid]
    assert chard["pool"]["max-concurrency"] == python["pool"]["max-concurrency"] == 2
    assert re.fullmatch(r"\S+:TaskPool", chard["pool"]["implementation"])
    assert "password" not in chard["broker"] and int(chard["clock"]) > 0 and chard["uptime"] >= 0


def test_stats_count_each_task(node):
    before = node.inspect().stats()[node.name]["total"].get("examples.echo", 0)
    for number in range(3):
        assert node.send("examples.echo", number).get(timeout=20) == number
    assert node.inspect().stats()[node.name]["total"]["examples.echo"] == before + 3


def test_active_queues(both):
    chard, python = (node.inspect().active_queues()[node.name] for node in both)
    assert len(chard) == len(python) == 1
    assert list(chard[0]) == list(python[0])
    name = both[0].queue
    assert chard[0] == {**python[0], "name": name, "routing_key": name, "no_declare": None,
                        "exchange": {**python[0]["exchange"], "name": name}}


def test_conf(both, broker_url):
    chard, python = (node.inspect().conf()[node.name] for node in both)
    for key in ("worker_hijack_root_logger", "worker_log_color", "accept_content", "enable_utc", "timezone",
                "broker_url", "result_backend", "broker_heartbeat", "deprecated_settings", "include"):
        assert key in chard
    assert chard["broker_url"] == python["broker_url"] and ":********@" in chard["broker_url"]
    assert chard["task_default_queue"] == "celery" and chard["task_routes"]["examples.*"] == {"queue": both[0].queue}
    chard, python = (node.inspect().conf(with_defaults=True)[node.name] for node in both)
    assert set(python) - set(chard) <= {"broker_read_url", "broker_write_url", "deprecated_settings"}
    masked = {key for key, value in python.items() if value == "********"}
    assert masked <= {key for key, value in chard.items() if value == "********"}


def test_report(node):
    text = node.inspect().report()[node.name]["ok"]
    assert "software -> celery:" in text and "chard:" in text and "transport:amqp" in text
    assert "guest:guest" not in text


def test_memory(node):
    assert re.fullmatch(r"[\d.]+(KB|MB|GB)", node.inspect().memsample()[node.name])
    assert re.search(r"- rss \(sample\):\n-    > [\d.]+MB,\n- rss \(end\): [\d.]+MB\.\n",
                     node.inspect().memdump()[node.name])
    assert node.ask("objgraph") == {"error": "ImportError('Requires the objgraph library')"}


# --- control ----------------------------------------------------------------------------------------------------------

#: Requests that both kinds of workers must answer with the same words.
WORDS = [
    ("rate_limit", {"task_name": "nope", "rate_limit": "1/s"}),
    ("rate_limit", {"task_name": "examples.add", "rate_limit": "x/s"}),
    ("rate_limit", {"task_name": "examples.add", "rate_limit": "5/x"}),
    ("rate_limit", {"task_name": "examples.add", "rate_limit": "100/s"}),
    ("rate_limit", {"task_name": "examples.add", "rate_limit": 0}),
    ("rate_limit", {"task_name": "examples.add"}),
    ("time_limit", {"task_name": "nope", "soft": 1, "hard": 2}),
    ("time_limit", {"task_name": "examples.nothing", "soft": 10, "hard": 20}),
    ("time_limit", {"task_name": "examples.nothing"}),
    ("revoke", {"task_id": "one-id"}),
    ("revoke", {"task_id": ["other-id"]}),
    ("revoke", {"task_id": []}),
    ("revoke", {"task_id": "one-id", "terminate": True}),
    ("revoke", {"task_id": "one-id", "terminate": True, "signal": "SIGFOO"}),
    ("terminate", {"task_id": "one-id", "signal": "term"}),
    ("terminate", {"task_id": "one-id"}),
    ("revoke_by_stamped_headers", {"headers": {"h": ["v"], "i": "w"}}),
    ("revoke_by_stamped_headers", {"headers": ["h=v"]}),
    ("revoke_by_stamped_headers", {"headers": ["h"]}),
    ("revoke_by_stamped_headers", {"headers": {"h": "v"}, "terminate": True}),
    ("pool_restart", {}),
    ("autoscale", {"max": 3, "min": 1}),
    ("autoscale", {"most": 3}),
    ("add_consumer", {}),
    ("cancel_consumer", {}),
    ("query_task", {"ids": ["nobody"]}),
    ("enable_events", {"x": 1}),
    ("no_such_command", {}),
    ("ping", {"x": 1}),
]


@pytest.mark.parametrize("method, arguments", WORDS, ids=lambda value: value if isinstance(value, str) else None)
def test_same_words(both, method, arguments):
    chard, python = (node.ask(method, **arguments) for node in both)
    assert plugged(chard) == python


def test_several_ids_in_a_set(node):
    words = plugged(node.ask("revoke", task_id=["a", "b"]))["ok"]
    assert words in ("tasks {'a', 'b'} flagged as revoked", "tasks {'b', 'a'} flagged as revoked")
    assert {"a", "b"} <= set(node.inspect().revoked()[node.name])


def test_who_waits_for_a_revoked_task_learns_of_it(node):
    """REVOKED is stored at once, though no message ever came."""
    result = node.app.AsyncResult(str(uuid.uuid4()))
    plugged(node.ask("revoke", task_id=result.id))
    eventually(lambda: result.state == "REVOKED", what="the state REVOKED")
    done = node.send("examples.add", 1, 1)
    assert done.get(timeout=20) == 2
    node.ask("revoke", task_id=done.id)
    other = node.app.AsyncResult(str(uuid.uuid4()))
    node.ask("revoke", task_id=other.id)
    eventually(lambda: other.state == "REVOKED", what="the later one's state")
    assert done.state == "SUCCESS"


def test_revoked_tasks_are_not_run(node, tmp_path):
    file = tmp_path / "ran"
    task_id = str(uuid.uuid4())
    plugged(node.ask("revoke", task_id=task_id))
    node.send("examples.append", str(file), "x", task_id=task_id)
    node.send("examples.append", str(file), "y").get(timeout=20)
    eventually(lambda: file.read_text() == "y\n")


def test_terminate(node):
    result = node.send("examples.sleep", 30)
    eventually(lambda: [i for i in node.inspect().active()[node.name] if i["id"] == result.id], what="the task to run")
    words = plugged(node.ask("revoke", task_id=result.id, terminate=True))
    assert words == {"ok": f"terminate: {result.id}"}
    eventually(lambda: result.state == "REVOKED", what="the state REVOKED")
    eventually(lambda: not node.inspect().active()[node.name], what="the end of the task")


@pytest.mark.parametrize("limit, state", [({"soft": 0.3}, "SoftTimeLimitExceeded"), ({"hard": 0.3}, "TimeLimitExceeded")])
def test_time_limit_holds_from_now_on(node, limit, state):
    assert node.ask("time_limit", task_name="examples.sleep", **limit) == {"ok": "time limits set successfully"}
    try:
        result = node.send("examples.sleep", 20)
        eventually(lambda: result.state == "FAILURE", what="the time limit")
        assert type(result.result).__name__ == state
    finally:
        node.ask("time_limit", task_name="examples.sleep")
    assert node.send("examples.sleep", 0.5).get(timeout=20) == 0.5


def test_rate_limit_shows(node):
    plugged(node.ask("rate_limit", task_name="examples.echo", rate_limit="100/m"))
    try:
        assert "examples.echo [rate_limit=100/m]" in node.inspect().registered()[node.name]
    finally:
        node.ask("rate_limit", task_name="examples.echo", rate_limit="0")
    assert "examples.echo" in node.inspect().registered()[node.name]


def test_pool_grows_and_shrinks(node):
    size = lambda: node.inspect().stats()[node.name]["pool"]["max-concurrency"]
    assert plugged(node.ask("pool_grow", n=2)) == {"ok": "pool will grow"}
    assert size() == 4
    assert node.ask("pool_shrink", n=2) == {"ok": "pool will shrink"}
    assert size() == 2


def test_consumers_come_and_go(node, new_queue):
    queue = new_queue()
    assert plugged(node.ask("add_consumer", queue=queue)) == {"ok": f"add consumer {queue}"}
    names = lambda: {item["name"] for item in node.inspect().active_queues()[node.name]}
    eventually(lambda: queue in names(), what="the new consumer")
    assert node.app.send_task("examples.add", (1, 2), queue=queue).get(timeout=20) == 3
    assert node.ask("cancel_consumer", queue=queue) == {"ok": f"no longer consuming from {queue}"}
    eventually(lambda: queue not in names(), what="the end of the consumer")


def test_shutdown_is_warm_and_silent(worker, queue, make_app):
    process = worker(queue, kind="chard")
    node = Node(process, queue, make_app(queue), "chard")
    result = node.send("examples.sleep", 1)
    eventually(lambda: node.inspect().active()[node.name], what="the task to run")
    assert node.control.broadcast("shutdown", destination=[node.name], reply=True, timeout=0.5) == []
    assert process.wait() == 0
    assert result.state == "SUCCESS"


# --- command lines ----------------------------------------------------------------------------------------------------

def celery(broker_url, *words):
    """Python's own command line."""
    done = subprocess.run([sys.executable, "-m", "celery", "-b", broker_url, *words], capture_output=True, text=True,
                          timeout=60, env=clean_environment(), cwd="/tmp")
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("words", [["status"], ["inspect", "ping"], ["inspect", "active"], ["inspect", "stats"],
                                   ["inspect", "conf"], ["inspect", "registered"], ["inspect", "report"],
                                   ["inspect", "active_queues"], ["control", "enable_events"],
                                   ["control", "time_limit", "examples.nothing", "10", "20"]], ids=" ".join)
def test_celerys_command_line(node, broker_url, words):
    status, out, err = celery(broker_url, *words, "-d", node.name, "-t", "10")
    assert status == 0, err
    assert f"->  {node.name}: OK" in out
    if words[0] != "control":
        assert out.endswith("\n1 node online.\n")


@pytest.mark.parametrize("kind", ["chard", "python"])
@pytest.mark.parametrize("words", [["status"], ["inspect", "ping"], ["inspect", "active_queues"],
                                   ["inspect", "registered"], ["inspect", "query_task", "nobody"],
                                   ["control", "rate_limit", "nope", "5/m"], ["control", "revoke", "some-id"],
                                   ["control", "time_limit", "examples.nothing", "10"]], ids=" ".join)
def test_chards_command_line_prints_what_celerys_does(nodes, chard, broker_url, kind, words, request):
    node = nodes[kind]
    request.node.workers = [node.process]
    status, expected, err = celery(broker_url, *words, "-d", node.name, "-t", "10")
    out, _ = chard(*words, "-d", node.name, "-t", "10", status=status)
    # Python colours a dict with pygments, which ends it with an empty line.
    assert out == re.sub(r"\n +\n", "\n", expected)


@pytest.mark.parametrize("kind", ["chard", "python"])
def test_json(nodes, chard, kind):
    node = nodes[kind]
    out, _ = chard("inspect", "ping", "-j", "-d", node.name, "-t", "10")
    assert json.loads(out) == {node.name: {"ok": "pong"}}
    out, _ = chard("control", "heartbeat", "--json", "-d", node.name, "-t", "10")
    assert json.loads(out) == [{node.name: None}]


def test_answers_stop_the_waiting(node, chard):
    """All that were named have answered: nobody waits for the rest of the time."""
    start = time.monotonic()
    chard("status", "-d", node.name, "-t", "30")
    assert time.monotonic() - start < 15


@pytest.mark.parametrize("words", [["status"], ["inspect", "stats"], ["control", "pool_grow", "1"]], ids=" ".join)
def test_nobody_answers(services, chard, words):
    from conftest import CHARD
    done = subprocess.run([CHARD, *words, "-d", "nobody@nowhere", "-t", "0.2"], capture_output=True, text=True,
                          env={**clean_environment(), "CELERY_BROKER_URL": services.broker}, timeout=30, cwd="/tmp")
    assert done.returncode == 69 and done.stderr == "Error: No nodes replied within time constraint\n"


@pytest.mark.parametrize("words", [
    ["inspect"], ["inspect", "no_such"], ["inspect", "pool_grow"], ["control", "ping"], ["inspect", "conf", "maybe"],
    ["control", "pool_grow", "many"], ["control", "rate_limit", "a", "1/s", "more"], ["status", "-t", "soon"]],
    ids=" ".join)
def test_wrong_use(chard, words):
    out, err = chard(*words, status=1)
    assert [line for line in err.splitlines() if line.startswith("Error: ")], err


@pytest.mark.parametrize("kind", ["inspect", "control"])
def test_help_lists_the_commands(chard, kind):
    listed = chard(kind, "--list")[0]
    for text in (listed, chard(kind, "--help")[0]):
        for name in {"inspect": ("active_queues", "query_task"), "control": ("add_consumer", "shutdown")}[kind]:
            assert re.search(rf"^\s*{name}\b", text, re.M)
    from celery.bin.control import _get_commands_of_type
    for name, info in _get_commands_of_type(kind).items():
        line = f"  {name} {info.signature}" if info.signature else f"  {name}"
        assert any(each.startswith(line) for each in listed.splitlines()), line


def test_the_broker_is_away(chard, proxy, broker_url):
    front = proxy(broker_url)
    front.refuse()
    out, err = chard("status", status=1, broker=front.url)
    assert err.startswith("Error: ") and len(err.splitlines()) == 1
