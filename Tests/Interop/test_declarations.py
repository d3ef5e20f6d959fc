"""Who declares what first must not matter: a plain client's declaration never fails (DESIGN §6)."""
import json

import pytest
from celery import Celery
from celery.result import AsyncResult
from kombu import Connection, Exchange, Queue

from support import catalogue, loglines, messages
from support.broker import Bare
from support.waiting import eventually

WAIT = 30


def celery_default(url, backend, name):
    """Celery declares exchange, queue and binding before its first publish."""
    with Celery(broker=url, backend=backend, set_as_current=False) as app:
        app.conf.task_default_queue = name
        return app.send_task("examples.add", (2, 3)).id


def celery_explicit_classic(url, backend, name):
    with Celery(broker=url, backend=backend, set_as_current=False) as app:
        app.conf.update(task_default_queue=name, task_default_queue_type="classic")
        return app.send_task("examples.add", (2, 3)).id


def celery_routed(url, backend, name):
    with Celery(broker=url, backend=backend, set_as_current=False) as app:
        app.conf.task_routes = {"examples.*": {"queue": name}}
        return app.send_task("examples.add", (2, 3)).id


def kombu_queue(url, backend, name):
    task_id = messages.new_id()
    with Connection(url) as connection:
        queue = Queue(name, Exchange(name, type="direct"), name)
        connection.Producer().publish([[2, 3], {}, None], exchange=queue.exchange, routing_key=name, declare=[queue],
                                      headers=messages.headers(task_id), serializer="json")
    return task_id


def kombu_simple(url, backend, name):
    task_id = messages.new_id()
    with Connection(url) as connection, connection.SimpleQueue(name) as queue:
        queue.put([[2, 3], {}, None], headers=messages.headers(task_id), serializer="json")
    return task_id


def pika_durable(url, backend, name):
    client = Bare(url)
    client.declare(name)
    task_id = client.send_task(name, "examples.add", (2, 3))
    client.close()
    return task_id


CLIENTS = [celery_default, celery_explicit_classic, celery_routed, kombu_queue, kombu_simple, pika_durable]


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.__name__)
@pytest.mark.parametrize("order", ["before", "after"])
def test_a_clients_own_declaration_never_fails(client, order, worker, queue, make_app, broker_url, backend_url):
    app = make_app(queue)
    if order == "after":
        process = worker(queue)
        task_id = client(broker_url, backend_url, queue)
    else:
        task_id = client(broker_url, backend_url, queue)
        process = worker(queue)
    assert AsyncResult(task_id, app=app).get(timeout=WAIT) == 5
    again = client(broker_url, backend_url, queue)
    assert AsyncResult(again, app=app).get(timeout=WAIT) == 5
    process.stop()


TASK_ROUTES = {
    'ai.inference.*':    {'queue': 'inference',  'routing_key': 'ai.inference'},
    'ai.training.*':     {'queue': 'training',   'routing_key': 'ai.training'},
    'data.processing.*': {'queue': 'processing', 'routing_key': 'data.proc'},
    'system.health.*':   {'queue': 'health',     'routing_key': 'system.health'},
}
ROUTED = [("ai.inference.echo", "inference"), ("ai.training.countdown", "training"),
          ("data.processing.checksum", "processing"), ("system.health.ping", "health")]


@pytest.mark.chard
@pytest.mark.parametrize("order", ["before", "after"])
def test_routing_only_app_reaches_the_queues(order, worker, vhost, make_app, tmp_path):
    """Celery publishes to the direct exchange named like the queue with the route's key, which Chard's topology binds.

    The tasks are unknown to this worker: that each ends NotRegistered shows that it arrived.
    """
    config = catalogue.write(tmp_path / "queues.yaml", catalogue.FOUR_QUEUES)
    app = make_app(broker=vhost, task_routes=TASK_ROUTES)
    first = worker(config=config, broker=vhost)
    if order == "before":                 # the topology stays when the worker goes; the client comes before the next
        first.stop()
    results = {name: app.send_task(name, ("x",)) for name, _ in ROUTED}
    if order == "before":
        worker(config=config, broker=vhost)
    client = Bare(vhost)
    for name, queue in ROUTED:
        eventually(lambda: results[name].ready(), WAIT, what=f"{name} arrived")
        assert type(results[name].result).__name__ == "NotRegistered"
        properties, _ = client.take(f"{queue}.dead")
        assert properties.headers["x-chard-reason"] == "unknown-task"
        # Celery 5.7 goes through the default exchange all the same; others use the exchange with the route's key.
        route = TASK_ROUTES[f"{name.rpartition('.')[0]}.*"]
        assert properties.headers["x-chard-routing-key"] in (queue, route["routing_key"])
        client.publish(route["routing_key"], messages.body(), messages.headers(messages.new_id(), name), exchange=queue)
        properties, _ = client.take(f"{queue}.dead")
        assert properties.headers["x-chard-exchange"] == queue
        assert properties.headers["x-chard-routing-key"] == route["routing_key"]
    client.close()


@pytest.mark.chard
def test_routing_only_app_runs_the_built_in_tasks(worker, vhost, make_app, tmp_path):
    """The same app against `chard worker`, whose own tasks answer."""
    from conftest import CHARD
    config = catalogue.write(tmp_path / "queues.yaml", catalogue.FOUR_QUEUES)
    worker(config=config, broker=vhost, program=[CHARD, "worker"])
    app = make_app(broker=vhost, task_routes=TASK_ROUTES)
    assert app.send_task("ai.inference.echo", ("hello",)).get(timeout=WAIT) == "hello"
    assert app.send_task("system.health.ping").get(timeout=WAIT) is not None
    checksum = app.send_task("data.processing.checksum", kwargs={"text": "abc"}).get(timeout=WAIT)
    assert "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" in json.dumps(checksum)
    seen = []
    app.send_task("ai.training.countdown", (2,)).get(timeout=WAIT, on_message=seen.append)
    assert any(one["status"] == "PROGRESS" for one in seen)


@pytest.mark.chard
def test_topology_of_a_queue(worker, queue, management):
    """Exchange Q (direct), queue Q without arguments, bindings with the route's key and Q; queue Q.dead."""
    process = worker({queue: catalogue.queue(["examples.*"], "some.key")})
    declared = management.queue("/", queue)
    assert declared["durable"] and not declared["auto_delete"] and declared["arguments"] == {}
    keys = {(one["source"], one["routing_key"]) for one in management.bindings("/", queue)}
    assert {(queue, "some.key"), (queue, queue)} <= keys
    dead = management.queue("/", f"{queue}.dead")
    assert dead["durable"] and dead["arguments"] == {}
    exchange = management.call("GET", f"/exchanges/%2F/{queue}")
    assert exchange["type"] == "direct" and exchange["durable"]
    process.stop()


FOUND = {
    # Python asks for global QoS and is cut off.
    "quorum": pytest.param({"x-queue-type": "quorum"}, marks=pytest.mark.chard),
    "priorities": {"x-max-priority": 5},
    "limits": {"x-max-length": 1000, "x-message-ttl": 600000},
    "lazy": {"x-queue-mode": "lazy"},
}


@pytest.mark.parametrize("arguments", FOUND.values(), ids=FOUND.keys())
def test_a_queue_with_other_arguments_is_used_as_found(arguments, worker, queue, bare, make_app):
    bare.declare(queue, **arguments)
    task_id = bare.send_task(queue, "examples.add", (2, 3))
    process = worker(queue)
    app = make_app(queue, task_queues=[Queue(queue, Exchange(queue), queue, queue_arguments=arguments)],
                   broker_native_delayed_delivery_queue_type="classic")
    assert AsyncResult(task_id, app=app).get(timeout=WAIT) == 5
    assert app.send_task("examples.retry", (1,)).get(timeout=WAIT) == 2
    process.stop()


@pytest.mark.chard
def test_dead_letters_of_a_quorum_queue(worker, queue, bare, make_app):
    bare.declare(queue, **{"x-queue-type": "quorum"})
    worker(queue)
    bare.send_task(queue, "no.such.task")
    properties, _ = bare.take(f"{queue}.dead")
    assert properties.headers["x-chard-reason"] == "unknown-task"


@pytest.mark.chard
def test_an_exchange_of_another_type_is_used_as_found(worker, queue, bare):
    """Somebody's existing app may have a topic exchange of that name; the worker must not die of it."""
    bare.channel.exchange_declare(queue, "topic", durable=True)
    process = worker(queue)
    task_id = bare.send_task(queue, "examples.add", (1, 1))
    process.wait_for_log(loglines.succeeded(task_id))
    process.stop()


def test_default_celery_queue_without_any_configuration(worker, vhost, make_app, tmp_path):
    """Plain Celery use: no queues.yaml, the queue `celery` of somebody's app."""
    app = make_app(broker=vhost)
    early = app.send_task("examples.add", (1, 1))
    config = catalogue.write(tmp_path / "queues.yaml", {"celery": catalogue.queue()})
    worker(config=config, broker=vhost)
    assert early.get(timeout=WAIT) == 2
    assert app.send_task("examples.add", (2, 2)).get(timeout=WAIT) == 4
