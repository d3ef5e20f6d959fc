"""Flower 2.2 has everything to show of a worker and its tasks: over its REST interface.

test_flower_actions.py changes something with it; test_flower_pages.py looks at its pages in a browser.
"""
import uuid

import pytest

from support.flower_fixtures import (  # noqa: F401
    PREFETCH, QUEUE, SLOTS, _node, busy, flower, new_node, node, place)
from support.waiting import eventually

WAIT = 20
QUEUE_KEYS = {"name", "exclusive", "exchange", "durable", "routing_key", "no_ack", "alias", "queue_arguments",
              "binding_arguments", "auto_delete"}
REQUEST_KEYS = {"id", "name", "args", "kwargs", "type", "hostname", "time_start", "acknowledged", "delivery_info",
                "worker_pid"}
POOL_KEYS = {"implementation", "max-concurrency", "processes", "max-tasks-per-child", "put-guarded-by-semaphore",
             "timeouts", "writes"}


# --- what Flower has to show ------------------------------------------------------------------------------------------

def test_the_worker_is_alive(flower, node):
    eventually(lambda: flower.get("/api/workers", status=1).get(node.name), WAIT, what="the worker in Flower")

    def row():
        return next((row for row in flower.get("/workers", json=1)["data"] if row["hostname"] == node.name), {})
    found = eventually(lambda: row().get("loadavg") and row(), WAIT, what="a heartbeat")
    assert found["status"] is True and found["active"] == 0
    assert len(found["loadavg"]) == 3 and all(isinstance(value, (int, float)) for value in found["loadavg"])
    assert found["pid"] == node.process.pid and found["freq"] == 2.0
    assert found["sw_ident"] and found["sw_ver"] and found["sw_sys"] == "Linux"


def test_stats_fill_the_tabs_pool_broker_system_and_other(flower, node, place):
    flower.wait_state(flower.send("examples.add", 1, 2), "SUCCESS")
    stats = flower.worker(node.name)["stats"]
    assert POOL_KEYS <= stats["pool"].keys() and stats["pool"]["max-concurrency"] == SLOTS
    assert all(isinstance(pid, int) for pid in stats["pool"]["processes"]) and stats["pool"]["processes"]
    assert stats["pid"] == node.process.pid
    assert stats["prefetch_count"] == PREFETCH
    assert stats["total"]["examples.add"] >= 1
    assert int(stats["clock"]) > 0 and isinstance(stats["clock"], str)
    assert isinstance(stats["uptime"], int)
    assert stats["rusage"]["utime"] > 0 and stats["rusage"]["maxrss"] > 0
    broker = stats["broker"]
    assert broker["transport"] == "amqp" and broker["hostname"] == "127.0.0.1" and broker["userid"] == "guest"
    assert broker["virtual_host"] == place.rsplit("/", 1)[1] and f":{broker['port']}/" in place
    assert "password" not in broker


def test_queues_limits_and_config_are_filled(flower, node):
    found = flower.worker(node.name)
    assert [queue["name"] for queue in found["active_queues"]] == [QUEUE]
    assert QUEUE_KEYS <= found["active_queues"][0].keys()
    assert found["active_queues"][0]["durable"] is True and found["active_queues"][0]["no_ack"] is False
    assert found["active_queues"][0]["exchange"]["type"] == "direct"
    assert {"examples.add", "examples.sleep", "examples.fail"} <= {task.split(" [")[0] for task in found["registered"]}
    assert not [task for task in found["registered"] if task.startswith("celery.")]
    shown = {key: value for key, value in found["conf"].items() if value is not None}
    assert shown["broker_url"].startswith("amqp://guest:****") and "redis://" in shown["result_backend"]
    assert "guest:guest" not in str(found)


def test_active_reserved_and_revoked_tasks_are_listed(flower, node, busy):
    found = flower.worker(node.name)
    assert {task["id"] for task in found["active"]} == set(busy.running)
    for task in found["active"]:
        assert REQUEST_KEYS <= task.keys()
        assert task["name"] == "examples.sleep" and task["hostname"] == node.name and task["acknowledged"] is False
        assert isinstance(task["worker_pid"], int) and task["time_start"] > 0
        assert task["args"] == f"[{60 + busy.running.index(task['id'])}]" and task["kwargs"] == "{}"
        assert task["delivery_info"]["routing_key"] == QUEUE and task["delivery_info"]["redelivered"] is False
    assert {task["id"] for task in found["reserved"]} >= set(busy.waiting)
    for task in found["reserved"]:
        assert REQUEST_KEYS <= task.keys()
    add = next(task for task in found["reserved"] if task["id"] == busy.waiting[1])
    assert (add["name"], add["args"], add["kwargs"]) == ("examples.add", [1, 1], {})
    stranger = str(uuid.uuid4())
    flower.post(f"/api/task/revoke/{stranger}")
    eventually(lambda: stranger in flower.worker(node.name)["revoked"], WAIT, what="the revoked id")


def test_scheduled_tasks_are_listed(flower, node):
    """Chard holds only what is due within two seconds, the rest waits in the broker: so a fresh one for each look."""
    def look():
        task_id = flower.send("examples.add", 1, 2, countdown=1.8)
        return next((item for item in flower.worker(node.name)["scheduled"] if item["request"]["id"] == task_id), None)
    found = eventually(look, WAIT, what="a scheduled task")
    assert found["eta"] and found["priority"] == 6
    assert REQUEST_KEYS <= found["request"].keys()
    assert found["request"]["name"] == "examples.add" and found["request"]["args"] == [1, 2]
    assert flower.info(found["request"]["id"])["eta"]


# --- tasks ------------------------------------------------------------------------------------------------------------

def test_a_task_that_succeeded(flower, node):
    task_id = flower.send("examples.echo", {"a": [1, None, "ü"]})
    found = flower.wait_state(task_id, "SUCCESS")
    assert found["uuid"] == task_id and found["name"] == "examples.echo" and found["worker"] == node.name
    assert found["args"] == "[{'a': [1, None, 'ü']}]" and found["kwargs"] == "{}"
    assert found["result"] == "{'a': [1, None, 'ü']}"
    assert found["received"] <= found["started"] <= found["succeeded"] and 0 < found["runtime"] < WAIT
    assert found["root_id"] == task_id and not found["parent_id"] and found["retries"] == 0
    assert found["exchange"] == "" and found["routing_key"] == QUEUE and found["clock"] > 0
    assert not found["eta"] and not found["expires"] and not found["exception"]


def test_a_task_that_waits_for_a_slot(flower, node, busy):
    """Celery tells of it at once. Only then Flower offers to revoke it, and counts it as prefetched."""
    assert flower.wait_state(busy.waiting[0], "RECEIVED", timeout=3)["worker"] == node.name
    assert flower.metric("flower_worker_prefetched_tasks", worker=node.name, task="examples.add") == 2


def test_a_task_that_failed(flower, node):
    task_id = flower.send("examples.fail", "it's over")
    found = flower.wait_state(task_id, "FAILURE")
    assert "ValueError" in found["exception"] and "it's over" in found["exception"]
    assert "it's over" in found["traceback"] and found["failed"] >= found["started"]
    assert not found["result"]


def test_a_task_that_was_tried_again(flower, node):
    task_id = flower.send("examples.retry", 2)
    # A retry without delay may run, and end, before the run that asked for it has been told of.
    flower.wait_state(task_id, "SUCCESS", "RETRY")
    found = eventually(lambda: (now := flower.info(task_id))["succeeded"] and now, WAIT, what="the end")
    assert found["retries"] == 2 and found["result"] == "3"
    assert found["retried"] and found["exception"]
    eventually(lambda: flower.metric("flower_events_total", worker=node.name, type="task-retried",
                                     task="examples.retry") == 2, WAIT, what="two retries in the metrics")


def test_a_task_that_expired_or_is_unknown(flower, node):
    expired = flower.send("examples.add", 1, 2, expires=-5)
    assert flower.wait_state(expired, "REVOKED")["revoked"]
    assert flower.result(expired)[0] == "REVOKED"
    unknown = flower.send("examples.nobody_knows", 1)
    assert flower.result(unknown)[0] == "FAILURE"


def test_a_rejected_task(flower, node):
    found = flower.wait_state(flower.send("examples.reject", False), "REJECTED", "FAILURE")
    eventually(lambda: flower.info(found["uuid"])["rejected"], WAIT, what="task-rejected")


def test_parents_and_children(flower, node):
    """Flower draws the family from the root_id and parent_id of events."""
    parent = flower.send("examples.fanout", 3)
    _, children = flower.result(parent)
    for child in children:
        found = flower.wait_state(child, "SUCCESS")
        assert found["parent_id"] == parent and found["root_id"] == parent
    assert set(flower.info(parent)["children"]) == set(children)


def test_lists_of_tasks(flower, node):
    added, failed = flower.send("examples.add", 3, 4), flower.send("examples.fail", "for the list")
    flower.wait_state(added, "SUCCESS")
    flower.wait_state(failed, "FAILURE")
    succeeded = flower.get("/api/tasks", state="SUCCESS", taskname="examples.add", workername=node.name)
    assert succeeded[added]["result"] == "7" and failed not in succeeded
    assert {task["name"] for task in succeeded.values()} == {"examples.add"}
    assert failed in flower.get("/api/tasks", state="FAILURE", received_start="2020-01-01 00:00")
    assert list(flower.get("/api/tasks", search="for the list")) == [failed]
    newest = list(flower.get("/api/tasks", sort_by="-received", limit=2).values())
    assert len(newest) == 2 and newest[0]["received"] >= newest[1]["received"]
    assert {"examples.add", "examples.fail"} <= set(flower.get("/api/task/types")["task-types"])


# --- figures ----------------------------------------------------------------------------------------------------------

def test_queue_lengths(flower, node):
    flower.worker(node.name)

    def length():
        queues = flower.get("/api/queues/length")["active_queues"]
        return next(queue for queue in queues if queue["name"] == QUEUE).get("messages")
    eventually(lambda: length() is not None, WAIT, every=0.5, what="a count, which RabbitMQ has only after seconds")


def test_metrics(flower, node, busy):
    name = node.name
    assert flower.get("/healthcheck") == "OK"
    before = flower.metric("flower_events_total", worker=name, type="task-failed", task="examples.fail") or 0
    flower.post(f"/api/task/revoke/{busy.running.pop()}", terminate="true")
    for task_id in busy.waiting:
        flower.wait_state(task_id, "SUCCESS")
    busy.waiting = []
    flower.wait_state(flower.send("examples.fail", "for the metrics"), "FAILURE")
    assert flower.metric("flower_events_total", worker=name, type="task-failed", task="examples.fail") == before + 1
    for event in ("task-received", "task-started", "task-succeeded"):
        assert flower.metric("flower_events_total", worker=name, type=event, task="examples.add") >= 2, event
    assert flower.metric("flower_task_runtime_seconds_count", worker=name, task="examples.add") >= 2
    assert flower.metric("flower_task_runtime_seconds_sum", worker=name, task="examples.add") > 0
    assert flower.metric("flower_worker_online", worker=name) == 1
    assert flower.metric("flower_task_prefetch_time_seconds", worker=name, task="examples.sleep") >= 0
    eventually(lambda: flower.metric("flower_worker_number_of_currently_executing_tasks", worker=name) == SLOTS - 1,
               WAIT, what="the number of running tasks")
    eventually(lambda: flower.metric("flower_worker_prefetched_tasks", worker=name, task="examples.add") == 0, WAIT,
               what="no prefetched task")
