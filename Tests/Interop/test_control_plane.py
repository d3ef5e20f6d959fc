"""Remote control's transport: who is asked, what is answered, and that nothing delays it."""
import json
import re
import statistics
import time
import uuid

import pika
import pytest

from support import loglines
from support.waiting import eventually

WAIT = 30


def node_of(process):
    return process.wait_for_log(loglines.READY)[0].group(1)


def ask(app, node, method, timeout=10, **arguments):
    (answer,) = app.control.broadcast(method, arguments, destination=[node], reply=True, timeout=timeout, limit=1)
    return answer[node]


@pytest.fixture
def node(worker, queue):
    """A worker's node name."""
    return node_of(worker(queue))


@pytest.mark.chard
def test_answers(node, make_app):
    app = make_app()
    assert ask(app, node, "ping") == {"ok": "pong"}
    first = ask(app, node, "clock")["clock"]
    assert ask(app, node, "clock")["clock"] > first
    assert ask(app, node, "heartbeat") is None
    assert ask(app, node, "ping", whatever=1) == {"ok": "pong"}
    assert ask(app, node, "no_such") == {"error": "KeyError('no_such')"}
    assert ask(app, node, "enable_events", x=1) == {
        "error": repr(TypeError("enable_events() got an unexpected keyword argument 'x'"))}
    assert ask(app, node, "hello") == {
        "error": repr(TypeError("hello() missing 1 required positional argument: 'from_node'"))}
    assert ask(app, node, "hello", from_node=node) is None
    hello = ask(app, node, "hello", from_node="w@elsewhere", revoked={"a": [12.5, "a"]})
    assert hello["clock"] > first and isinstance(hello["revoked"], list)


@pytest.mark.chard
@pytest.mark.parametrize("pattern, matcher, meant", [
    ("{node}", "glob", True), ("*@interop", "glob", True), ("*@elsewhere", "glob", False), ("?1-*", "glob", True),
    ("w1-[!z]*", "glob", True), ("w\\d+-.*@", "pcre", True), ("interop", "pcre", False), ("(", "pcre", False),
    ("*", "nonsense", False)])
def test_patterns(node, make_app, pattern, matcher, meant):
    app = make_app()
    answers = app.control.broadcast("ping", reply=True, timeout=2 if not meant else 5, limit=1 if meant else None,
                                    pattern=pattern.format(node=node), matcher=matcher) or []
    assert (node in {name for answer in answers for name in answer}) == meant
    assert ask(app, node, "ping") == {"ok": "pong"}


@pytest.mark.chard
def test_broken_requests_do_no_harm(worker, queue, make_app, bare):
    process = worker(queue)
    node, app, channel = node_of(process), make_app(), bare.channel

    def publish(body, headers=None, content_type="application/json"):
        channel.basic_publish("celery.pidbox", "", body, pika.BasicProperties(
            headers=headers, content_type=content_type, content_encoding="utf-8"))

    bodies = [b"", b"{", b"\xff\xfe", b"null", b"[]", b"{}", b'"x"', b'{"method": 1}', b'{"method": "ping"}',
              b'{"method": "ping", "arguments": [1]}', b'{"method": "ping", "reply_to": 1}',
              b'{"method": "ping", "reply_to": {"exchange": "x"}}', b"[" * 5000,
              b'{"method": "ping", "destination": 12, "pattern": [], "matcher": {}}',
              json.dumps({"method": "ping", "reply_to": {"exchange": "x" * 300, "routing_key": "k"}}).encode(),
              json.dumps({"method": "ping", "reply_to": {"exchange": "amq.topic", "routing_key": "k"}}).encode(),
              json.dumps({"method": "ping", "reply_to": {"exchange": "amq.nosuch", "routing_key": "k"}}).encode(),
              json.dumps({"method": "ping", "arguments": {str(n): n for n in range(5000)}}).encode()]
    for body in bodies:
        publish(body)
        assert ask(app, node, "ping") == {"ok": "pong"}, body
    publish(b"cposix\nsystem\n", content_type="application/x-python-serialize")
    publish(b'{"method": "ping"}', {"clock": 2**62})
    publish(b'{"method": "ping"}', {"clock": "soon"})
    assert ask(app, node, "ping") == {"ok": "pong"}
    assert ask(app, node, "clock")["clock"] < 2**40
    process.wait_for_log("Control command error", count=5)
    assert process.running


@pytest.mark.chard
def test_replies(node, bare):
    """On the wire: the ticket comes back, the message is transient, the body names the node."""
    channel = bare.channel
    name, ticket = f"reply-{uuid.uuid4().hex}", uuid.uuid4().hex
    channel.exchange_declare("reply.celery.pidbox", "direct", durable=False)
    channel.queue_declare(name, exclusive=True)
    channel.queue_bind(name, "reply.celery.pidbox", name)
    channel.basic_publish("celery.pidbox", "", json.dumps({
        "method": "ping", "arguments": {}, "destination": [node], "ticket": ticket,
        "reply_to": {"exchange": "reply.celery.pidbox", "routing_key": name}}), pika.BasicProperties(
            headers={"clock": 1000}, content_type="application/json", content_encoding="utf-8"))
    properties, body = bare.take(name)
    assert json.loads(body) == {node: {"ok": "pong"}}
    assert properties.headers["ticket"] == ticket and properties.headers["clock"] > 1000
    assert properties.delivery_mode == 1 and properties.content_type == "application/json"


@pytest.mark.chard
def test_the_queue_of_a_worker(node, management):
    queue = management.queue("/", f"{node}.celery.pidbox")
    assert queue["exclusive"] and queue["auto_delete"] and not queue["durable"]
    assert queue["arguments"] == {"x-expires": 10000, "x-message-ttl": 300000}


def ping_times(app, node, count=100):
    """Milliseconds, sorted."""
    ask(app, node, "ping")
    times = []
    for _ in range(count):
        begin = time.monotonic()
        assert ask(app, node, "ping") == {"ok": "pong"}
        times.append((time.monotonic() - begin) * 1000)
    return sorted(times)


@pytest.mark.chard
def test_a_busy_worker_answers_at_once(worker, queue, make_app, tell):
    """Every slot burns CPU and the queue is full. An idle worker says what client, broker and machine need."""
    process = worker(queue, concurrency=4, options=["-E"])
    node, app = node_of(process), make_app(queue)
    idle = ping_times(app, node)
    with app.producer_pool.acquire() as producer:
        for _ in range(8):
            app.send_task("examples.burn", (30,), producer=producer)
        for _ in range(300):
            app.send_task("examples.add", (1, 2), producer=producer)
    process.wait_for_log("received", count=4)
    busy = ping_times(app, node)
    tell(f"ping of an idle worker: median {statistics.median(idle):.1f} ms, p99 {idle[98]:.1f} ms; of a busy one: "
         f"median {statistics.median(busy):.1f} ms, p99 {busy[98]:.1f} ms")
    # Client and broker compete with four burning threads for the cores as well.
    assert statistics.median(busy) < statistics.median(idle) + 100
    process.kill()


@pytest.mark.chard
def test_a_worker_that_ends_still_answers(worker, queue, make_app):
    import signal
    process = worker(queue)
    node, app = node_of(process), make_app(queue)
    result = app.send_task("examples.sleep", (3,))
    process.wait_for_log("received")
    process.signal(signal.SIGTERM)
    process.wait_for_log("Warm shutdown")
    assert ask(app, node, "ping") == {"ok": "pong"}
    assert result.get(timeout=WAIT) == 3
    assert process.wait() == 0


@pytest.mark.chard
def test_two_workers_mingle(worker, new_queue, make_app):
    first = worker(new_queue())
    app = make_app()
    ask(app, node_of(first), "hello", from_node="x@y")
    for _ in range(30):
        clock = ask(app, node_of(first), "clock")["clock"]
    second = worker(new_queue())
    first.wait_for_log(f"sync with {node_of(second)}")
    second.wait_for_log("mingle: sync with")
    second.wait_for_log("mingle: sync complete")
    assert ask(app, node_of(second), "clock")["clock"] > clock


@pytest.mark.chard
def test_election(worker, new_queue, make_app):
    """One of the workers wins, and only it sends the task."""
    queue = new_queue()
    workers = [worker(queue), worker(queue)]
    app = make_app(queue)
    nodes = [node_of(process) for process in workers]
    task_id = str(uuid.uuid4())
    action = app.signature("examples.add", (1, 2), task_id=task_id, queue=queue)
    app.control.election(str(uuid.uuid4()), "task", action)
    assert app.AsyncResult(task_id).get(timeout=WAIT) == 3
    eventually(lambda: sum("I won the election" in process.log() for process in workers) == 1 and
               sum("elected for" in process.log() for process in workers) == 1, WAIT, what=f"one of {nodes}")
    assert sum(process.log().count(f"[{task_id}] received") for process in workers) == 1


@pytest.mark.chard
def test_a_python_worker_beside_it(worker, new_queue, make_app):
    """They mingle, both ways round, and Python's worker sees the other one in its gossip."""
    first, queue = worker(new_queue()), new_queue()
    python = worker(queue, kind="python", options=["--neighbours", "-l", "debug"])
    first.wait_for_log(f"sync with {node_of(python)}")
    python.wait_for_log(re.compile(r"mingle: sync with \d+ nodes"))
    python.wait_for_log(f"{node_of(first)} joined the party")
    third = worker(new_queue())
    third.wait_for_log(re.compile(r"mingle: sync with ([2-9]|\d\d+) nodes"))
    python.wait_for_log(f"sync with {node_of(third)}")
    app = make_app()
    answers = app.control.ping(timeout=3)
    assert {node_of(one) for one in (first, python, third)} <= {name for answer in answers for name in answer}
    first.stop()
    python.wait_for_log(f"{node_of(first)} left")


@pytest.mark.chard
def test_a_name_that_is_taken(worker, queue, new_queue, make_app):
    """The second one says so once, works all the same, and takes the queue over when it is free."""
    first = worker(queue)
    node, app = node_of(first), make_app()
    other = new_queue()
    second = worker(other, options=["-n", node])
    second.wait_for_log("already using this process mailbox")
    assert make_app(other).send_task("examples.add", (1, 2)).get(timeout=WAIT) == 3
    first.stop()
    eventually(lambda: app.control.ping([node], timeout=1, limit=1), WAIT, what="an answer of the second")
    assert second.log().count("already using this process mailbox") == 1


@pytest.mark.chard
def test_remote_control_switched_off(worker, queue, make_app):
    process = worker(queue, top={"worker": {"remote_control": False}})
    assert not make_app().control.ping([node_of(process)], timeout=1)
