"""Every action of Flower 2.2 works: over its REST interface."""
import uuid

from conftest import KIND

from support.flower_fixtures import (  # noqa: F401
    QUEUE, SLOTS, _node, busy, flower, new_node, node, place)
from support.waiting import eventually

WAIT = 20


# --- actions on tasks -------------------------------------------------------------------------------------------------

def test_apply_waits_for_the_result(flower, node):
    found = flower.post("/api/task/apply/examples.add", {"args": [20], "kwargs": {"y": 22}})
    assert found["state"] == "SUCCESS" and found["result"] == 42
    found = flower.post("/api/task/apply/examples.fail", {"args": ["no"]})
    assert found["state"] == "FAILURE" and "no" in str(found["result"]) and found["traceback"]


def test_async_apply_and_its_result(flower, node):
    found = flower.post("/api/task/async-apply/examples.add", {"args": [1, 2], "countdown": 0.5})
    assert found["state"] == "PENDING"
    assert flower.result(found["task-id"]) == ("SUCCESS", 3)


def test_revoke_ends_a_running_task(flower, node, busy):
    task_id = busy.running[0]
    assert flower.post(f"/api/task/revoke/{task_id}", terminate="true")["message"] == f"Revoked '{task_id}'"
    found = flower.wait_state(task_id, "REVOKED")
    assert found["revoked"] >= found["started"]
    assert flower.result(task_id)[0] == "REVOKED"
    flower.wait_state(busy.waiting[0], "SUCCESS")
    flower.wait_state(busy.waiting[1], "SUCCESS")
    busy.waiting, busy.running = [], busy.running[1:]


def test_revoke_keeps_a_waiting_task_from_running(flower, node, busy):
    task_id = busy.waiting[0]
    flower.post(f"/api/task/revoke/{task_id}")
    flower.post(f"/api/task/revoke/{busy.running[0]}", terminate="true")
    assert "started" not in {key for key, value in flower.wait_state(task_id, "REVOKED").items() if value}
    flower.wait_state(busy.waiting[1], "SUCCESS")
    busy.waiting, busy.running = [], busy.running[1:]


def test_abort_sets_the_state(flower, node, busy):
    task_id = busy.running[0]
    assert flower.post(f"/api/task/abort/{task_id}")["message"] == f"Aborted '{task_id}'"
    assert flower.get(f"/api/task/result/{task_id}")["state"] == "ABORTED"


def test_a_new_time_limit_holds(flower, node):
    found = flower.post("/api/task/timeout/examples.sleep", workername=node.name, soft=1, hard=30)
    assert found["message"] == "time limits set successfully"
    if KIND == "chard":                              # Celery's running worker goes on with the limits of its start
        task_id = flower.send("examples.sleep", 20)
        assert "SoftTimeLimitExceeded" in flower.wait_state(task_id, "FAILURE")["exception"]
    flower.post("/api/task/timeout/examples.sleep", workername=node.name)
    flower.wait_state(flower.send("examples.sleep", 1.2), "SUCCESS")


def test_a_new_rate_limit_holds(flower, node):
    found = flower.post("/api/task/rate-limit/examples.echo", workername=node.name, ratelimit="30/m")
    assert found["message"] == "new rate limit set successfully"
    eventually(lambda: any("examples.echo" in task and "30/m" in task for task in flower.worker(node.name)["registered"]),
               WAIT, what="the limit in the list of registered tasks")
    sent = [flower.send("examples.echo", n) for n in range(3)]
    started = sorted(flower.wait_state(task_id, "SUCCESS")["started"] for task_id in sent)
    assert all(later - earlier > 1.5 for earlier, later in zip(started, started[1:])), started
    found = flower.post("/api/task/rate-limit/examples.echo", workername=node.name, ratelimit="0")
    # Celery's answer to a text "0", as Flower sends it, and the one to a number.
    assert found["message"] in ("new rate limit set successfully", "rate limit disabled successfully")
    sent = [flower.send("examples.echo", n) for n in range(3)]
    started = sorted(flower.wait_state(task_id, "SUCCESS")["started"] for task_id in sent)
    assert started[-1] - started[0] < 1.5, started


def test_refusals_name_the_reason(flower, node):
    assert flower.request("POST", "/api/task/rate-limit/examples.add", workername=node.name, ratelimit="often") == (
        403, "Failed to set rate limit: 'Invalid rate limit string: ValueError(\"could not convert string to float: "
             "'often'\")'")
    assert flower.request("POST", "/api/task/apply/examples.nobody_knows")[0] == 404
    assert flower.request("POST", "/api/worker/pool/grow/nobody@nowhere")[0] == 404


# --- actions on the worker --------------------------------------------------------------------------------------------

def concurrency(flower, node):
    """Celery's max-concurrency stays what it was at the start; its processes tell."""
    pool = flower.worker(node.name)["stats"]["pool"]
    return len(pool["processes"]) if KIND == "python" else pool["max-concurrency"]


def test_the_pool_grows_and_shrinks(flower, node):
    found = flower.post(f"/api/worker/pool/grow/{node.name}", n=2)
    assert found["message"] == f"Growing '{node.name}' worker's pool by 2"
    eventually(lambda: concurrency(flower, node) == SLOTS + 2, WAIT, what="the larger pool")
    sleeping = [flower.send("examples.sleep", 60) for _ in range(SLOTS + 2)]
    for task_id in sleeping:
        flower.wait_state(task_id, "STARTED")
    for task_id in sleeping:
        flower.post(f"/api/task/revoke/{task_id}", terminate="true")
    for task_id in sleeping:
        flower.wait_state(task_id, "REVOKED")
    # Celery refuses while the processes that were killed are not replaced.
    eventually(lambda: flower.request("POST", f"/api/worker/pool/shrink/{node.name}", n=2)[0] == 200, WAIT,
               what="the pool to shrink")
    eventually(lambda: concurrency(flower, node) == SLOTS, WAIT, what="the smaller pool")


def test_autoscaling_is_refused_where_it_is_off(flower, node):
    status, text = flower.request("POST", f"/api/worker/pool/autoscale/{node.name}", min=2, max=5)
    assert (status, text) == (403, f"Failed to autoscale '{node.name}' worker: ValueError('Autoscale not enabled')")


def test_autoscaling_takes_a_new_range(flower, new_node):
    node = new_node("flower-scaled", ["-E", "--autoscale", "3,1"])
    eventually(lambda: flower.worker(node.name).get("stats", {}).get("autoscaler"), WAIT, what="the autoscaler's stats")
    found = flower.post(f"/api/worker/pool/autoscale/{node.name}", min=2, max=5)
    assert found["message"] == f"Autoscaling '{node.name}' worker (min=2, max=5)"
    scaler = flower.worker(node.name)["stats"]["autoscaler"]
    assert (scaler["min"], scaler["max"]) == (2, 5)
    node.process.stop()


def test_the_pool_restarts_where_that_is_enabled(flower, node):
    """Celery refuses by default (`worker_pool_restarts`); both answers are legitimate, and the worker goes on."""
    status, answer = flower.request("POST", f"/api/worker/pool/restart/{node.name}")
    if status == 200:
        assert answer["message"] == f"Restarting '{node.name}' worker's pool"
    else:
        assert (status, answer) == (
            403, f"Failed to restart the '{node.name}' pool: ValueError('Pool restarts not enabled')")
    assert flower.post("/api/task/apply/examples.add", {"args": [1, 2]})["result"] == 3


def test_a_queue_is_consumed_and_no_longer(flower, node, management, place):
    more, vhost = f"more-{uuid.uuid4().hex[:6]}", place.rsplit("/", 1)[1]
    found = flower.post(f"/api/worker/queue/add-consumer/{node.name}", queue=more)
    assert found["message"] == f"add consumer {more}"

    def consumed():
        return [queue["name"] for queue in flower.worker(node.name)["active_queues"]]
    eventually(lambda: consumed() == [QUEUE, more], WAIT, what="the second queue")
    assert flower.result(flower.send("examples.add", 5, 6, queue=more)) == ("SUCCESS", 11)
    found = flower.post(f"/api/worker/queue/cancel-consumer/{node.name}", queue=more)
    assert found["message"] == f"no longer consuming from {more}"
    eventually(lambda: consumed() == [QUEUE], WAIT, what="one queue again")
    eventually(lambda: management.queue(vhost, more).get("consumers") == 0, WAIT, what="no consumer at the broker")
    left = flower.send("examples.add", 7, 8, queue=more)
    eventually(lambda: management.queue(vhost, more).get("messages_ready") == 1, WAIT, what="a message nobody takes")
    assert not flower.info(left).get("received")


def test_shutdown_ends_the_worker(flower, new_node):
    node = new_node("flower-short")
    eventually(lambda: flower.get("/api/workers", status=1).get(node.name), WAIT, what="the worker online")
    assert flower.post(f"/api/worker/shutdown/{node.name}")["message"] == "Shutting down!"
    assert node.process.wait(WAIT) == 0
    eventually(lambda: flower.get("/api/workers", status=1)[node.name] is False, WAIT, what="the worker offline")
    eventually(lambda: flower.metric("flower_worker_online", worker=node.name) == 0, WAIT, what="its metric")


def test_flower_switches_task_events_on(flower, new_node):
    """Flower broadcasts enable_events every five seconds, for workers that were started without -E."""
    node = new_node("flower-quiet", [])
    eventually(lambda: flower.get("/api/workers", status=1).get(node.name), WAIT, what="the worker's heartbeat")

    def seen():
        task_id = flower.send("examples.add", 1, 2, queue="flower-quiet")
        flower.result(task_id)
        return flower.info(task_id).get("received")
    eventually(seen, WAIT, every=0.5, what="a task event")
    node.process.stop()
