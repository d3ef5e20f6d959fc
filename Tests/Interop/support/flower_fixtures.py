"""The fixtures of the tests with Flower, for import by them: a vhost, a worker and a Flower for each module."""
import uuid

import pytest
from conftest import KIND, Workers, clean_environment

from . import flower as flower_module
from .waiting import eventually

#: The queue of the module's worker. The vhost is the module's own, so names may be fixed.
QUEUE = "flower-tasks"
SLOTS, PREFETCH = 2, 8


class Node:
    """A worker as Flower knows it: `.name`, and `.process`."""

    def __init__(self, process):
        self.process, self.name = process, process.command[process.command.index("-n") + 1]


@pytest.fixture(scope="module")
def place(broker_url, management):
    """The URL of a vhost, where no other test's worker answers Flower's broadcasts."""
    name = f"flower-{uuid.uuid4().hex[:8]}"
    management.make_vhost(name)
    yield f"{broker_url.rstrip('/')}/{name}"
    management.drop_vhost(name)


@pytest.fixture(scope="module")
def flower(place, services, tmp_path_factory):
    if reason := flower_module.missing():
        pytest.skip(reason)
    server = flower_module.Flower(tmp_path_factory.mktemp("flower"), place, services.backend, services.management, QUEUE,
                                  clean_environment())
    yield server
    server.close()


@pytest.fixture(scope="module")
def new_node(flower, place, backend_url, tmp_path_factory):
    """new_node(queue, options) -> Node: more workers in Flower's vhost, that it knows; ended after the module."""
    workers = Workers(tmp_path_factory.mktemp("flower-workers"), place, backend_url)
    always = ["--remote-control"] if KIND == "python" else []

    def start(queue=QUEUE, options=("-E",)):
        node = Node(workers(queue, options=[*options, *always], concurrency=SLOTS, prefetch=PREFETCH))
        eventually(lambda: "stats" in flower.worker(node.name), 20, what="the worker in Flower")
        return node

    yield start
    workers.end()


@pytest.fixture(scope="module")
def _node(new_node):
    return new_node()


@pytest.fixture
def node(_node, request):
    """The module's worker, sending task events; its log is shown when a test fails."""
    request.node.workers = [_node.process]
    return _node


@pytest.fixture
def busy(flower, node):
    """All slots are taken by `.running`, and `.waiting` wait here for one. Whatever is left is revoked afterwards."""
    class Busy:
        running = [flower.send("examples.sleep", 60 + n) for n in range(SLOTS)]
        waiting = []

        def end(self, *task_ids):
            for task_id in task_ids:
                flower.post(f"/api/task/revoke/{task_id}", terminate="true")
            for task_id in task_ids:
                flower.wait_state(task_id, "REVOKED")

    made = Busy()
    try:
        for task_id in made.running:
            flower.wait_state(task_id, "STARTED")
        made.waiting = [flower.send("examples.add", n, n) for n in range(2)]
        eventually(lambda: set(made.waiting) <= {task["id"] for task in flower.worker(node.name)["reserved"]}, 20,
                   what="two reserved tasks")
        yield made
    finally:
        made.end(*made.waiting, *made.running)
