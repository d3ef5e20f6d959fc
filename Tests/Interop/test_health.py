"""`system.health.*`: what a Python client learns of servers, machines and the fleet."""
import os
import signal
import time

import pytest

from conftest import CHARD
from support import catalogue
from support.waiting import eventually

pytestmark = pytest.mark.chard

WAIT = 60
PROBE = {"ok", "latency_ms", "error", "measured"}
#: A machine that runs tests may well be too busy: only servers must be well.
MACHINE = {"disk", "memory", "load"}


@pytest.fixture
def health(worker, new_queue, make_app, vhost):
    """health(**options) starts a `chard worker` for `system.health.*` in a vhost of the test's own; its process, and
    ask(task, **kwargs), which returns what the task answers."""
    def start(**options):
        queue = new_queue("health")
        process = worker({queue: catalogue.queue(["system.health.*"], concurrency=4)}, program=[CHARD, "worker"],
                         broker=vhost, **options)
        app = make_app(queue, broker=vhost)

        def ask(task, **kwargs):
            return app.send_task(f"system.health.{task}", kwargs=kwargs).get(timeout=WAIT)

        return process, ask

    return start


# --- check ------------------------------------------------------------------------------------------------------------

def test_check_reports_every_server_with_its_latency(health):
    process, ask = health()
    report = ask("check")
    assert report["worker"] == process.name and report["ok"] == all(one["ok"] for one in report["checks"].values())
    assert list(report["checks"]) == ["broker", "redis", "disk", "memory", "load", "state"]
    for name, probe in report["checks"].items():
        assert PROBE - set(probe) <= {"error"} and probe["latency_ms"] >= 0, (name, probe)
        assert probe["ok"] or name in MACHINE and probe["error"], (name, probe)
    assert report["checks"]["redis"]["measured"] == {"configured": True}
    memory = report["checks"]["memory"]["measured"]
    assert memory["total_bytes"] == meminfo("MemTotal") and 0 < memory["free_bytes"] <= memory["total_bytes"]


def test_a_server_that_is_down_is_named_and_the_others_are_not_blamed(health, proxy, backend_url):
    """The shared state is behind a proxy that refuses; the results are not."""
    state = proxy(backend_url)
    _, ask = health(top={"state": {"url": state.url}})
    assert ask("check")["checks"]["state"]["ok"]
    state.change(mode="refuse", reset=True)
    report = eventually(lambda: not (found := ask("check"))["checks"]["state"]["ok"] and found, WAIT)
    assert not report["ok"] and "127.0.0.1" in report["checks"]["state"]["error"]
    assert {name for name, probe in report["checks"].items() if not probe["ok"]} - MACHINE == {"state"}
    assert report["checks"]["state"]["latency_ms"] < 15_000
    state.change(mode="up")
    eventually(lambda: ask("check")["checks"]["state"]["ok"], WAIT)


# --- node -------------------------------------------------------------------------------------------------------------

def meminfo(name):
    for line in open("/proc/meminfo"):
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    raise KeyError(name)


def test_node_measures_machine_and_process(health):
    process, ask = health()
    report = ask("node")
    assert report["ok"] == all(one["ok"] for one in report["checks"].values())
    assert report["worker"] == process.name and report["host"] == os.uname().nodename
    assert list(report["checks"]) == ["cpu", "disk", "memory", "load"]
    assert report["checks"]["memory"]["measured"]["total_bytes"] == meminfo("MemTotal")
    space = os.statvfs(process.log_path.parent)
    assert report["checks"]["disk"]["measured"]["total_bytes"] == space.f_blocks * space.f_frsize
    cpu = report["checks"]["cpu"]["measured"]
    assert cpu["cores"] == os.cpu_count() and 0 <= cpu["busy_percent"] <= 100
    assert report["checks"]["cpu"]["latency_ms"] >= 200
    assert report["process"]["ok"], report["process"]
    measured = report["process"]["measured"]
    assert measured["pid"] == process.pid
    assert 1 << 20 < measured["resident_bytes"] <= process.peak_memory()
    assert 2 <= measured["threads"] < 1_000 and 5 <= measured["open_files"] < 1_000
    assert 0 < measured["cpu_seconds"] <= process.cpu_seconds() + 0.1
    assert 0 < measured["uptime_seconds"] < 600
    assert ask("node")["process"]["measured"]["uptime_seconds"] > measured["uptime_seconds"]


# --- fleet ------------------------------------------------------------------------------------------------------------

def test_fleet_asks_chard_and_python_workers(health, worker, new_queue, bare, vhost, make_app):
    process, ask = health()
    busy, idle = new_queue("busy"), new_queue("python")
    second = worker(busy, broker=vhost, concurrency=3)
    third = worker(idle, broker=vhost, kind="python", concurrency=2, options=["--remote-control"])
    app = make_app(busy, broker=vhost)
    blocker = app.send_task("examples.sleep", (8,))
    eventually(lambda: app.control.inspect([second.name], timeout=2).active()[second.name], WAIT)
    report = ask("fleet", timeout=3)
    assert report["ok"] and report["missing"] == [] and report["worker"] == process.name, report
    assert list(report["workers"]) == sorted([process.name, second.name, third.name])
    members = report["workers"]
    assert members[second.name]["queues"] == [busy] and members[third.name]["queues"] == [idle]
    assert members[second.name]["running"] == 1 and members[third.name]["running"] == 0
    assert members[process.name]["running"] == 1, "the survey itself"
    assert members[second.name]["concurrency"] == 3 and members[third.name]["concurrency"] == 2
    assert members[second.name]["total"] == 1 and members[second.name]["pid"] == second.pid
    for member in members.values():
        assert 0 < member["latency_ms"] < 3_000 and member["uptime_seconds"] >= 0, member
    assert report["took_ms"] < 7_000
    assert blocker.get(timeout=WAIT) == 8


def test_fleet_misses_who_hangs_who_dies_and_who_never_came(health, worker, new_queue, vhost):
    asking, ask = health(options=["-l", "debug"])
    hanging = worker(new_queue(), broker=vhost)
    dying = worker(new_queue(), broker=vhost, options=["--heartbeat-interval", "0.5"])
    leaving = worker(new_queue(), broker=vhost)
    for process in (hanging, dying, leaving):
        asking.wait_for_log(f"{process.name} joined the party")
    assert ask("fleet")["ok"]
    leaving.stop()
    dying.kill()
    hanging.signal(signal.SIGSTOP)
    try:
        start = time.monotonic()
        report = ask("fleet", timeout=1, expected=["ghost@nowhere"])
        assert time.monotonic() - start < 10 and report["took_ms"] < 3_000
        assert not report["ok"] and list(report["workers"]) == [asking.name]
        missing = {one["node"]: one for one in report["missing"]}
        assert set(missing) == {hanging.name, dying.name, "ghost@nowhere"}, "who said good-bye is not missed"
        assert "sends heartbeats" in missing[hanging.name]["reason"]
        assert missing["ghost@nowhere"]["last_heard_seconds"] is None
        assert 0 <= missing[hanging.name]["last_heard_seconds"] < 60
        asking.wait_for_log(f"missed heartbeat from {dying.name}")
        gone = {one["node"]: one["reason"] for one in ask("fleet", timeout=1)["missing"]}
        assert gone[dying.name] == "its heartbeats have stopped"
    finally:
        hanging.signal(signal.SIGCONT)
    eventually(lambda: hanging.name in ask("fleet", timeout=2)["workers"], WAIT)


def test_wrong_arguments_are_refused(health):
    _, ask = health()
    for wrong in ({"timeout": 0}, {"timeout": 1e9}, {"timeout": "soon"}, {"expected": "celery@a"}, {"expectd": []}):
        with pytest.raises((ValueError, TypeError)):
            ask("fleet", **wrong)
