"""`chard shards vectors`: collections on two Chroma servers, moved while the command is killed."""
import hashlib
import json
import subprocess
import uuid

import pytest

from conftest import CHARD
from support.vector_stores import Chroma
from support.waiting import eventually

pytestmark = pytest.mark.chard

COLLECTIONS = [f"tenant-{number}-docs" for number in range(12)]
POINTS = 150


@pytest.fixture
def stores(services):
    if "CHARD_TEST_CHROMA_1" not in services.environment:
        pytest.skip("no Chroma: scripts/install stores, then scripts/services NAME up all")
    return {name: Chroma(services.environment[f"CHARD_TEST_CHROMA_{number}"]) for number, name in ((1, "one"), (2, "two"))}


@pytest.fixture
def command(stores, backend_url, redis, tmp_path):
    """command(settings of the stores, words...): starts `chard shards vectors` with them."""
    prefix = f"test-{uuid.uuid4().hex[:10]}:"

    def start(settings, *words):
        section = {"stores": {name: {"url": stores[name].url, **more} for name, more in settings.items()},
                   "timeout": "1s", "state_lifetime": "50ms", "key_prefix": prefix, "spread": ["spread-*"]}
        file = tmp_path / "queues.yaml"
        file.write_text(json.dumps({"vectors": section, "result_backend": {"url": backend_url}}))
        return subprocess.Popen([CHARD, "shards", "vectors", *words, "--config", str(file)], text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run(settings, *words, status=0):
        process = start(settings, *words)
        output = process.communicate(timeout=60)[0]
        assert process.returncode == status, output
        return output

    start.run = run
    yield start
    for key in redis.scan_iter(prefix + "*"):
        redis.delete(key)


def owner(name, stores):
    """As deployments in Python compute it."""
    return stores[int(hashlib.md5(name.encode()).hexdigest(), 16) % len(stores)]


def check(stores, names):
    """Every point is where md5 wants it, once, and with its document."""
    found = {name: store.everything() for name, store in stores.items()}
    for collection in COLLECTIONS:
        assert [name for name in stores if collection in found[name]] == [owner(collection, names)], collection
        kept = found[owner(collection, names)][collection]
        assert kept == {f"{collection}#{number}": f"{collection}#{number}" for number in range(POINTS)}
    spread = {point: [name for name in stores if point in found[name].get("spread-1", {})]
              for point in (f"spread-1#{number}" for number in range(POINTS))}
    assert spread == {point: [owner(point, names)] for point in spread}


def test_a_killed_rebalance_goes_on(stores, command):
    for collection in [*COLLECTIONS, "spread-1"]:
        stores["one"].fill(collection, {f"{collection}#{n}": [1.0, n % 7, n % 5] for n in range(POINTS)})
    status = json.loads(command.run({"one": {}}, "status", "--json"))
    assert status["in_force"]["stores"] == ["one"] and status["pending"] is None
    assert sum(c["points"] for c in status["stores"][0]["collections"]) == POINTS * (len(COLLECTIONS) + 1)

    both = {"one": {}, "two": {}}
    rebalance = command(both, "rebalance")
    eventually(lambda: sum(map(len, stores["two"].everything().values())) > 100, what="points at the new store")
    rebalance.kill()
    rebalance.communicate()
    status = json.loads(command.run(both, "status", "--json"))
    assert status["pending"]["stores"] == ["one", "two"], "the kill came too late to show anything"
    assert "with the settings it began with" in command.run({"two": {}, "one": {}}, "rebalance", status=1)

    assert "done: " in command.run(both, "rebalance")
    check(stores, ["one", "two"])
    assert "nothing to do" in command.run(both, "rebalance")

    leaving = {"one": {"leaving": "true"}, "two": {}}
    assert "settings: two by md5_modulo" in command.run(leaving, "status")
    command.run(leaving, "rebalance")
    check(stores, ["two"])
    assert stores["one"].everything() == {}
    assert "in force: two by md5_modulo" in command.run({"two": {}}, "status")


def test_what_is_wrong_is_said(stores, command, services):
    assert "vectors.stores" in command.run({}, "status", status=1)
    everybody_leaves = command.run({"one": {"leaving": "true"}}, "status", status=1)
    assert "at least one store must not be leaving" in everybody_leaves
    assert "chroma://host" in command.run({"one": {"url": "http://127.0.0.1:1"}}, "status", status=1)
    command.run({"one": {}}, "status")
    gone = command.run({"one": {"url": "chroma://127.0.0.1:1"}}, "status", status=1)
    assert "PROBLEM: vector store one" in gone and "does it run?" in gone
    missing = command.run({"two": {}}, "rebalance", status=1)
    assert 'vector store "one" belongs to the layout in force' in missing
