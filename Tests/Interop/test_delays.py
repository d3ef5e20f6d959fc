"""Tasks for later wait in the broker: Celery's native delayed delivery, and Chard's own detours, many and often."""
import os
import time
from datetime import datetime, timezone

import pika
import pytest
from kombu import Exchange, Queue

from support import catalogue, messages
from support.broker import Bare
from support.waiting import eventually

WAIT = 60
pytestmark = pytest.mark.chard
#: Tasks for tomorrow; a million is the same test with more patience.
FUTURE = int(os.environ.get("CHARD_TEST_FUTURE", "50000"))


def quorum_app(make_app, queue, vhost, **conf):
    """A Celery app as its manual says for quorum queues: topic exchange, quorum queue."""
    queues = [Queue(queue, Exchange(queue, type="topic"), routing_key=queue,
                    queue_arguments={"x-queue-type": "quorum"})]
    return make_app(queue, broker=vhost, task_queues=queues, task_default_exchange=queue,
                    task_default_exchange_type="topic", task_default_routing_key=queue, **conf)


def resident(process):
    for line in open(f"/proc/{process.pid}/status"):
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024


@pytest.fixture
def quorum_worker(worker, queue, vhost):
    return worker({queue: catalogue.queue(["examples.*"], concurrency=8, type="quorum", exchange_type="topic")},
                  broker=vhost)


def test_native_delayed_delivery(quorum_worker, queue, vhost, make_app):
    """A Python client's countdown waits in celery_delayed_*, and the task starts in time."""
    app, bare = quorum_app(make_app, queue, vhost), Bare(vhost)
    begin, results = datetime.now(timezone.utc), {}
    for countdown in (2, 3.5, 6):
        results[countdown] = app.send_task("examples.add", (1, 2), countdown=countdown)
    eventually(lambda: bare.ready("celery_delayed_2"), WAIT, what="a message at the level of four seconds")
    bare.close()
    for countdown, result in results.items():
        assert result.get(timeout=WAIT) == 3
        late = (result.date_done - begin).total_seconds() - countdown
        assert 0 <= late < 1, f"countdown={countdown}: {late:.2f} s late"


def test_the_levels_are_those_of_celery(quorum_worker, vhost, management):
    """Declared as kombu does, so that a Python worker's declarations do not clash."""
    from kombu import Connection
    from kombu.transport.native_delayed_delivery import declare_native_delayed_delivery_exchanges_and_queues
    with Connection(vhost) as connection:
        declare_native_delayed_delivery_exchanges_and_queues(connection, "quorum")
    name = vhost.rsplit("/", 1)[1]
    lowest = management.queue(name, "celery_delayed_0")
    assert lowest["type"] == "quorum" and lowest["arguments"]["x-dead-letter-exchange"] == "celery_delayed_delivery"


def test_without_quorum_queues_nothing_is_declared(worker, queue, vhost, management):
    worker({queue: catalogue.queue(["examples.*"])}, broker=vhost)
    name = vhost.rsplit("/", 1)[1]
    assert management.call("GET", f"/exchanges/{name}/celery_delayed_delivery") is None


def test_asked_for_it_is_there_for_classic_queues(worker, queue, vhost, make_app):
    """A client that knows other quorum queues delays tasks of this classic one in the same way."""
    worker({queue: catalogue.queue(["examples.*"], exchange_type="topic")}, broker=vhost,
           top={"worker": {"native_delayed_delivery": True}})
    queues = [Queue(queue, Exchange(queue, type="topic"), routing_key=queue),
              Queue("another", Exchange("another", type="topic"), routing_key="another",
                    queue_arguments={"x-queue-type": "quorum"})]
    app = make_app(queue, broker=vhost, task_queues=queues)
    begin = time.monotonic()
    assert app.send_task("examples.add", (1, 2), queue=queue, countdown=3).get(timeout=WAIT) == 3
    assert 2.9 <= time.monotonic() - begin < 4


@pytest.mark.parametrize("kind", ["classic", "quorum"])
def test_many_delayed_retries(worker, queue, vhost, make_app, kind):
    """RabbitMQ drops what it believes to go in circles; eight rounds over the same queues do not look like it."""
    worker({queue: catalogue.queue(["examples.*"], type=kind)}, broker=vhost)
    app = make_app(queue, broker=vhost)
    begin = time.monotonic()
    args = {"x-queue-type": "quorum"} if kind == "quorum" else None
    app.conf.task_queues = [Queue(queue, Exchange(queue), routing_key=queue, queue_arguments=args)]
    result = app.send_task("examples.retry", (8, 2.1), queue=queue)
    assert result.get(timeout=WAIT) == 9
    assert 8 * 2.1 <= time.monotonic() - begin < 8 * 2.1 + 5


def test_a_long_way_of_hops(worker, queue, make_app):
    """Seven seconds are four, two, and one that is held."""
    worker(queue)
    begin = time.monotonic()
    assert make_app(queue).send_task("examples.add", (1, 2), countdown=7).get(timeout=WAIT) == 3
    assert 7 <= time.monotonic() - begin < 8.5


@pytest.mark.limit(300)
def test_tasks_for_tomorrow_cost_nothing(worker, queue, vhost, management, tell):
    """They pass through the worker once, into the broker; afterwards it holds none and does nothing for them."""
    process = worker({queue: catalogue.queue(["examples.*"], concurrency=16)}, broker=vhost,
                     options=["-l", "warning"], wait=False)
    name = vhost.rsplit("/", 1)[1]
    eventually(lambda: (management.queue(name, queue) or {}).get("consumers"), WAIT, what="the consumer")
    memory, cpu = resident(process), process.cpu_seconds()
    connection = pika.BlockingConnection(pika.URLParameters(vhost))
    channel = connection.channel()
    tomorrow = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() + 86_400))
    begin = time.monotonic()
    for _ in range(FUTURE):
        task_id = messages.new_id()
        channel.basic_publish("", queue, messages.body(), pika.BasicProperties(
            headers=messages.headers(task_id, eta=tomorrow), content_type="application/json",
            content_encoding="utf-8", delivery_mode=2))
    look = connection.channel()

    def waiting():
        try:
            return look.queue_declare("chard.delay.16", passive=True).method.message_count >= FUTURE
        except pika.exceptions.ChannelClosedByBroker:
            return None
    def arrived():
        nonlocal look
        if not look.is_open:
            look = connection.channel()
        return waiting()
    eventually(arrived, 280, every=0.2, what="all in the broker")
    elapsed = time.monotonic() - begin
    spent = process.cpu_seconds() - cpu
    eventually(lambda: management.queue(name, queue).get("messages_unacknowledged") == 0, WAIT, what="nothing held")
    after, idle = resident(process), process.cpu_seconds()
    time.sleep(2)
    idle = process.cpu_seconds() - idle
    tell(f"{FUTURE} tasks for tomorrow: {FUTURE / elapsed:.0f}/s, {spent / FUTURE * 1e6:.0f} us each; memory"
         f" {memory >> 20} -> {after >> 20} MiB; idle {idle / 2 * 100:.1f} % of a core")
    assert after - memory < 100 << 20
    assert idle < 0.2
    connection.close()
