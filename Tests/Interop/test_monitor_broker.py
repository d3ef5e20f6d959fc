"""What the monitor says of broker and queues against the broker's own word, and what it does to them."""
import json
import uuid
from datetime import datetime, timedelta, timezone

import pytest

from support import catalogue, messages
from support.tables import read
from support.waiting import eventually, stays

pytestmark = pytest.mark.chard

QUICK = {"broker_interval": "200ms"}


@pytest.fixture
def watch(new_monitor):
    """A monitor that asks the broker five times a second."""
    def make(*queues, **more):
        mapping = {name: catalogue.queue([f"{name}.*"], concurrency=1) for name in queues} or None
        return new_monitor(QUICK, queues=mapping, **more)
    return make


def row(monitor, queue, **wanted):
    """The queue's row on the page, when it says what is wanted."""
    def look():
        found = read(monitor.get("/queues?all=1")).rows.get(queue)
        return found if found and all(found.get(key) == value for key, value in wanted.items()) else None
    return eventually(look, 20, 0.1, what=f"{queue} with {wanted}")


def act(monitor, name, status=200, page=None, **fields):
    """Does an action with the token of the queue's page."""
    return monitor.act(name, page or f"/queues/{fields['queue']}", status, **fields)


def dead_letter(bare, queue, number=0, reason="unknown-task", task="gone.task", **more):
    """A dead letter as Chard writes it."""
    task_id = str(uuid.uuid4())
    headers = messages.headers(task_id, task, **{
        "x-chard-reason": reason, "x-chard-error": f"Received unregistered task of type '{task}'. ({number})",
        "x-chard-queue": queue, "x-chard-exchange": queue, "x-chard-routing-key": queue, "x-chard-worker": "w@here",
        "x-chard-time": datetime.now(timezone.utc).isoformat(), **more})
    bare.publish(f"{queue}.dead", messages.body([number]), headers, content_type="application/json",
                 content_encoding="utf-8", correlation_id=task_id)
    return task_id


@pytest.fixture
def graveyard(bare, queue):
    """A queue nobody consumes, and its queue of dead letters."""
    bare.declare(queue)
    bare.declare(f"{queue}.dead")
    return queue


def letters(monitor, queue):
    return read(monitor.get(f"/dead-letters/{queue}.dead")).rows


def ids_in(bare, queue):
    """The ids of the messages in a queue, in order; takes them."""
    found = []
    while bare.ready(queue):
        properties, body = bare.take(queue)
        found.append(properties.headers["id"])
    return found


# --- figures ----------------------------------------------------------------------------------------------------------

def test_depths_and_consumers_are_the_brokers(watch, bare, queue, worker, management):
    monitor = watch()
    bare.declare(queue)
    for number in range(12):
        bare.publish(queue, messages.body(), messages.headers(f"x{number}", "nobody.knows"))
    found = row(monitor, queue, Ready="12", Unacked="0", Consumers="0", State="no consumer")
    assert found["In"] != "–"
    bare.channel.basic_qos(prefetch_count=5)
    bare.channel.basic_consume(queue, lambda *_: None)
    found = row(monitor, queue, Ready="7", Unacked="5", Consumers="1", State="consumed")
    truth = management.queue("/", queue)
    assert (truth["messages_ready"], truth["messages_unacknowledged"], truth["consumers"]) == (7, 5, 1)
    page = read(monitor.get(f"/queues/{queue}"))
    assert (page.figures["Ready"], page.figures["Unacknowledged"], page.figures["Consumers"]) == ("7", "5", "1")
    assert "2 consumers" not in page.text and "1 consumer" in page.text


def test_internal_queues_are_shown_on_request_only(watch, shared):
    monitor = watch()
    internal = f"{shared.process.name}.celery.pidbox"
    assert row(monitor, internal)
    assert internal not in read(monitor.get("/queues")).rows
    assert "internal queue" in monitor.get("/queues").text


def test_the_broker_page_knows_its_nodes(watch, management):
    monitor = watch()
    truth = management.call("GET", "/nodes")
    overview = management.call("GET", "/overview")
    page = read(monitor.eventually("/broker", lambda answer: "running" in answer.text))
    for node in truth:
        assert page.rows[node["name"]]["State"] == "running"
    assert page.figures["RabbitMQ"] == overview["rabbitmq_version"]
    assert page.figures["Cluster"] == overview["cluster_name"]


def test_an_alarm_is_the_gravest_finding(watch, services, bare, queue, alone):
    monitor = watch()
    free = services.output("ctl", "-q", "eval", "rabbit_disk_monitor:get_disk_free_limit().").strip()
    services.output("ctl", "-q", "set_disk_free_limit", "100000GB")
    try:
        found = eventually(
            lambda: [one for one in monitor.json("/api/v1/findings")["findings"] if "short of disk space" in one["text"]],
            20, what="the alarm")
        assert found[0]["severity"] == "critical"
        assert "short of disk space" in monitor.eventually(
            "/broker", lambda answer: "short of disk space" in answer.text).text
    finally:
        services.output("ctl", "-q", "set_disk_free_limit", free)
    eventually(lambda: not any("disk" in one["text"] for one in monitor.json("/api/v1/findings")["findings"]), 20, what="its end")


def test_without_management_api_depths_come_over_amqp(watch, bare, new_queue):
    queue = new_queue()
    bare.declare(queue)
    bare.publish(queue, b"{}")
    monitor = watch(queue, management="http://guest:guest@127.0.0.1:9")
    assert row(monitor, queue, Ready="1", Unacked="–", In="–")["Consumers"] == "0"
    page = monitor.get("/queues").text
    assert "management API does not answer" in page and "depths that AMQP tells" in page
    assert "guest:guest" not in page


def test_a_broker_that_goes_and_comes_is_told(watch, services, bare, queue, alone):
    bare.declare(queue)
    bare.publish(queue, b"{}", delivery_mode=2)
    bare.close()
    monitor = watch()
    row(monitor, queue, Ready="1")
    services("stop", "rabbit")
    try:
        answer = monitor.eventually("/queues", lambda answer: "broker does not answer" in answer.text, 30)
        assert queue in answer.text, "the last figures stay"
        assert any(one["severity"] == "critical" for one in monitor.json("/api/v1/findings")["findings"])
    finally:
        services("start", "rabbit")
    monitor.eventually("/queues", lambda answer: "does not answer" not in answer.text, 30)
    row(monitor, queue, Ready="1")


# --- findings ---------------------------------------------------------------------------------------------------------

def test_messages_without_consumer_are_a_finding(watch, bare, queue):
    monitor = watch()
    bare.declare(queue)
    bare.publish(queue, b"{}")
    found = eventually(lambda: [one for one in monitor.json("/api/v1/findings")["findings"] if queue in one["text"]], 20)
    assert found[0]["severity"] == "critical" and "nobody consumes it" in found[0]["text"]
    assert found[0]["link"] == f"/queues/{queue}" and f"-Q {queue}" in found[0]["advice"]


# --- pause, resume, purge ---------------------------------------------------------------------------------------------

def test_pause_and_resume_change_exactly_the_consumers(watch, worker, new_queue, make_app, redis):
    queue, other = new_queue(), new_queue()
    worker(queue)
    worker({queue: catalogue.queue(["examples.*"]), other: catalogue.queue(["others.*"])})
    worker(other)
    app = make_app(queue)
    monitor = watch()
    row(monitor, queue, Consumers="2")
    said = act(monitor, "queue-pause", queue=queue)
    assert "paused at 2 workers" in said["message"]
    row(monitor, queue, Consumers="0", State="paused")
    row(monitor, other, Consumers="2")
    result = app.send_task("examples.add", (1, 2), queue=queue)
    row(monitor, queue, Ready="1")
    # A monitor that is started anew knows of it, and who is to get it back.
    monitor.stop()
    again = watch()
    row(again, queue, State="paused")
    late = worker(queue)
    shown = again.eventually(f"/queues/{queue}", lambda answer: late.name in answer.text, 40).text
    assert "consumes it all the same" in shown
    assert result.get(timeout=20) == 3
    act(again, "queue-pause", queue=queue)
    row(again, queue, Consumers="0")
    said = act(again, "queue-resume", queue=queue)
    assert "resumed at 3 workers" in said["message"]
    row(again, queue, Consumers="3", State="consumed")
    row(again, other, Consumers="2")
    assert app.send_task("examples.add", (2, 2), queue=queue).get(timeout=20) == 4
    assert act(again, "queue-resume", status=400, queue=queue)["error"].endswith("it is not paused")


def test_purge_wants_the_name_and_tells_how_many(watch, bare, queue):
    monitor = watch()
    bare.declare(queue)
    for number in range(7):
        bare.publish(queue, b"{}")
    refused = act(monitor, "queue-purge", status=400, queue=queue, confirm="other")
    assert "nothing was done" in refused["error"]
    assert bare.ready(queue) == 7
    assert act(monitor, "queue-purge", queue=queue, confirm=queue)["message"] == f"7 messages of queue {queue} dropped."
    assert bare.ready(queue) == 0
    row(monitor, queue, Ready="0")


# --- dead letters -----------------------------------------------------------------------------------------------------

def test_real_dead_letters_are_grouped_and_shown(watch, worker, bare, queue, make_app):
    worker(queue)
    monitor = watch()
    for number in range(3):
        bare.send_task(queue, "never.heard", [number], {"password": "hush", "plain": number})
    bare.publish(queue, b"\x00\xffnot json", {"task": "a.b", "id": "broken"}, content_type="application/json",
                 content_encoding="utf-8")
    row(monitor, f"{queue}.dead", Ready="4")
    page = read(monitor.eventually("/dead-letters", lambda answer: "never.heard" in answer.text))
    groups = {found["name"]: found for found in page.rows.values() if "Messages" in found}
    assert groups["never.heard"]["Messages"] == "3" and groups["never.heard"]["Reason"] == "unknown-task"
    rows = letters(monitor, queue)
    keys = [key for key, found in rows.items() if "Size" in found and found["Task"] == "never.heard"]
    assert len(keys) == 3
    one = monitor.get(f"/dead-letters/{queue}.dead/{keys[0]}").text
    assert "unknown-task" in one and "***" in one and "plain" in one
    assert "hush" not in one.split("Body, as")[0], "the secret is shown beside the raw bytes only"
    raw = monitor.get(f"/api/v1/dead-letters/{queue}.dead/{keys[0]}/body").body
    assert json.loads(raw)[1]["password"] == "hush"
    broken = [key for key, found in rows.items() if "Size" in found and found["Task"] == "a.b"]
    shown = monitor.get(f"/dead-letters/{queue}.dead/{broken[0]}").text
    assert "00 ff 6e 6f 74" in shown and "be decoded" in shown


def test_looking_changes_neither_number_nor_order(watch, bare, graveyard):
    monitor = watch()
    sent = [dead_letter(bare, graveyard, number) for number in range(30)]
    for _ in range(3):
        assert "30 messages" in read(monitor.get(f"/dead-letters/{graveyard}.dead")).text
        row(monitor, f"{graveyard}.dead", Ready="30", Unacked="0")
        act(monitor, "dead-drop", status=404, queue=f"{graveyard}.dead", key="none", confirm=f"{graveyard}.dead")
    assert ids_in(bare, f"{graveyard}.dead") == sent


def test_looking_at_a_quorum_queue_never_uses_up_its_delivery_limit(watch, bare, new_queue):
    queue = new_queue()
    bare.declare(queue)
    bare.declare(f"{queue}.dead", **{"x-queue-type": "quorum", "x-delivery-limit": 4})
    sent = {dead_letter(bare, queue, number) for number in range(5)}
    monitor = watch()
    row(monitor, f"{queue}.dead", Ready="5")
    for _ in range(12):
        act(monitor, "dead-requeue", status=404, queue=f"{queue}.dead", key="none")
        eventually(lambda: bare.ready(f"{queue}.dead") == 5, 10, what="all five back")
    assert set(ids_in(bare, f"{queue}.dead")) == sent


def test_requeue_one_a_group_and_all(watch, bare, graveyard):
    monitor = watch()
    first = [dead_letter(bare, graveyard, number, task="tasks.one") for number in range(4)]
    second = [dead_letter(bare, graveyard, number, task="tasks.two", reason="rejected") for number in range(3)]
    dead = f"{graveyard}.dead"
    row(monitor, dead, Ready="7")
    rows = letters(monitor, graveyard)
    key = next(key for key, found in rows.items() if found["name"] == first[1])
    assert act(monitor, "dead-requeue", queue=dead, key=key)["message"] == f"1 message requeued to {graveyard}."
    properties, body = bare.take(graveyard)
    assert properties.headers["id"] == first[1] and json.loads(body)[0] == [1]
    left = [name for name in properties.headers if name.startswith("x-chard")]
    assert left == ["x-chard-requeues"] and properties.headers["x-chard-requeues"] == 1
    assert properties.correlation_id == first[1] and properties.delivery_mode == 2
    group = next(key for key, found in rows.items() if found["name"] == "tasks.two" and "Messages" in found)
    assert "3 messages requeued" in act(monitor, "dead-requeue", queue=dead, group=group)["message"]
    assert ids_in(bare, graveyard) == second
    assert "3 messages requeued" in act(monitor, "dead-requeue", queue=dead)["message"]
    assert ids_in(bare, graveyard) == [first[0], first[2], first[3]]
    assert bare.ready(dead) == 0


def test_edit_and_requeue(watch, bare, graveyard):
    monitor = watch()
    dead_letter(bare, graveyard, 1)
    dead = f"{graveyard}.dead"
    row(monitor, dead, Ready="1")
    key = next(key for key, found in letters(monitor, graveyard).items() if "Size" in found)
    headers = {"task": "right.name", "id": "new-id", "retries": 2}
    refused = act(monitor, "dead-edit", status=400, queue=dead, key=key, headers=json.dumps(headers), body="[1, ")
    assert "not JSON" in refused["error"]
    refused = act(monitor, "dead-edit", status=400, queue=dead, key=key, headers=json.dumps(headers), body='{"a": 1}')
    assert "arguments" in refused["error"] and bare.ready(dead) == 1
    body = '[[7], {"x": 1}, {}]'
    act(monitor, "dead-edit", queue=dead, key=key, headers=json.dumps(headers), body=body)
    properties, sent = bare.take(graveyard)
    assert sent.decode() == body and properties.headers["task"] == "right.name"
    assert properties.headers["id"] == "new-id" and properties.headers["retries"] == 2
    assert bare.ready(dead) == 0


def test_drop_wants_the_name(watch, bare, graveyard):
    monitor = watch()
    sent = [dead_letter(bare, graveyard, number) for number in range(4)]
    dead = f"{graveyard}.dead"
    row(monitor, dead, Ready="4")
    assert "nothing was done" in act(monitor, "dead-drop", status=400, queue=dead)["error"]
    key = next(key for key, found in letters(monitor, graveyard).items() if found["name"] == sent[2])
    assert act(monitor, "dead-drop", queue=dead, key=key, confirm=dead)["message"] == "1 message dropped."
    assert ids_in(bare, dead) == [sent[0], sent[1], sent[3]]
    assert bare.ready(graveyard) == 0


def test_dead_letters_of_a_policy_are_read_by_x_death(watch, bare, new_queue):
    """As Python's Celery leaves them, whose workers know nothing of dead letters."""
    queue = new_queue()
    dead = f"{queue}.dead"
    bare.declare(dead)
    bare.declare(queue, **{"x-dead-letter-exchange": "", "x-dead-letter-routing-key": dead})
    task = bare.send_task(queue, "python.task", [5])
    method, _, _ = bare.channel.basic_get(queue)
    bare.channel.basic_reject(method.delivery_tag, requeue=False)
    monitor = watch()
    row(monitor, dead, Ready="1")
    found = next(found for found in letters(monitor, queue).values() if "Size" in found)
    assert found["name"] == task and found["Reason"] == "rejected" and found["Task"] == "python.task"
    assert act(monitor, "dead-requeue", queue=dead)["message"] == f"1 message requeued to {queue}."
    properties, _ = bare.take(queue)
    assert not [name for name in properties.headers if "death" in name]


def test_a_missing_queue_leaves_the_message_where_it_is(watch, bare, graveyard, new_queue):
    monitor = watch()
    dead_letter(bare, graveyard, 1, **{"x-chard-queue": new_queue("absent")})
    dead = f"{graveyard}.dead"
    row(monitor, dead, Ready="1")
    refused = act(monitor, "dead-requeue", status=503, queue=dead)
    assert "their queue is not there" in refused["error"]
    row(monitor, dead, Ready="1", Unacked="0")


def test_live_queues_are_neither_read_nor_touched(watch, bare, queue):
    monitor = watch()
    bare.declare(queue)
    bare.publish(queue, b"{}")
    row(monitor, queue, Ready="1")
    assert "no queue of dead letters" in monitor.get(f"/dead-letters/{queue}", 400).text
    for action in ("dead-requeue", "dead-drop"):
        assert "no queue of dead letters" in act(monitor, action, status=400, queue=queue, confirm=queue)["error"]
    assert bare.ready(queue) == 1


def test_a_rate_holds_and_a_job_can_be_cancelled(watch, bare, graveyard):
    monitor = watch()
    for number in range(200):
        dead_letter(bare, graveyard, number)
    dead = f"{graveyard}.dead"
    row(monitor, dead, Ready="200")
    said = act(monitor, "dead-requeue", queue=dead, rate="20")["message"]
    assert said.startswith("Under way")
    page = monitor.eventually(f"/dead-letters/{dead}", lambda answer: "<progress" in answer.text).text
    assert bare.ready(graveyard) < 100
    assert "another job" in act(monitor, "dead-requeue", status=400, queue=dead)["error"]
    job = page.split('name="job" value="')[1].split('"')[0]
    act(monitor, "dead-cancel", job=job, page=f"/queues/{dead}")
    monitor.eventually(f"/dead-letters/{dead}", lambda answer: "; cancelled" in answer.text)
    assert eventually(lambda: bare.ready(dead) + bare.ready(graveyard) == 200, 10, what="all of them")
    assert bare.ready(dead) > 50


@pytest.mark.parametrize("kind", ["classic", "quorum"])
def test_sigkill_in_the_middle_of_a_requeue_loses_nothing(watch, bare, new_queue, kind):
    queue = new_queue()
    dead = f"{queue}.dead"
    for name in (queue, dead):
        bare.declare(name, **{"x-queue-type": kind})
    sent = {dead_letter(bare, queue, number) for number in range(1000)}
    monitor = watch()
    row(monitor, dead, Ready="1,000")
    said = act(monitor, "dead-requeue", queue=dead, rate="300")["message"]
    assert said.startswith("Under way")
    eventually(lambda: bare.ready(queue) >= 400, 20, 0.01, what="the middle")
    monitor.process.kill()
    eventually(lambda: bare.ready(queue) + bare.ready(dead) >= 1000, 20, what="what it held to come back")
    moved = ids_in(bare, queue)
    rest = ids_in(bare, dead)
    assert set(moved) | set(rest) == sent
    assert len(moved) + len(rest) - 1000 <= 50, "duplicates of one batch at most"
    assert len(set(moved)) >= 400 and rest


# --- where is it? -----------------------------------------------------------------------------------------------------

def test_where_is_a_task(watch, worker, new_queue, make_app, bare, redis):
    queue, idle = new_queue(), new_queue()
    bare.declare(idle)
    process = worker(queue, concurrency=1, prefetch=4)
    app = make_app(queue, task_send_sent_event=True)
    monitor = watch(queue, idle)
    row(monitor, queue, Consumers="1")

    def where(task_id, wanted):
        def look():
            found = monitor.json(f"/api/v1/whereabouts/{task_id}")
            return found if wanted in found["verdict"] else None
        return eventually(look, 30, 0.2, what=f"{wanted!r}, said: {monitor.json(f'/api/v1/whereabouts/{task_id}')}")

    done = app.send_task("examples.add", (1, 1))
    done.get(timeout=20)
    where(done.id, "has ended: SUCCESS")
    running = app.send_task("examples.sleep", (600,))
    where(running.id, f"running at {process.name}")
    held = app.send_task("examples.add", (1, 2))
    where(held.id, f"{process.name} has fetched it")
    later = app.send_task("examples.add", (1, 2), countdown=300)
    where(later.id, "waits")
    waiting = app.send_task("examples.add", (1, 2), queue=idle)
    found = where(waiting.id, f"queue {idle}, which nobody consumes")
    assert any(one["source"] == f"queue {idle}" and "1 message waits there" in one["text"] for one in found["evidence"])
    act(monitor, "queue-pause", queue=idle)
    where(waiting.id, "which is paused")
    lost = app.send_task("never.registered", (1,))
    where(str(uuid.uuid4()), "Nobody knows it")
    app.control.revoke(waiting.id)
    where(waiting.id, "revoked")
    app.control.revoke(running.id, terminate=True)
    where(lost.id, "dead letters")


# --- schedules --------------------------------------------------------------------------------------------------------

def test_schedules_tell_last_next_and_who_sends(new_monitor, chard, services, redis, tmp_path):
    beat = {"key_prefix": f"beat-{uuid.uuid4().hex[:8]}:", "entries": {
        "tick": {"task": "some.tick", "schedule": "1h"},
        "weekly": {"task": "some.report", "schedule": {"crontab": "0 4 * * mon"}}}}
    monitor = new_monitor(QUICK, top={"beat": beat})
    page = read(monitor.get("/schedules"))
    assert page.rows["weekly"]["When"] == "every Monday at 04:00" and page.rows["tick"]["When"] == "every h"
    assert page.rows["tick"]["Last run"] == "never" and "no beat sends" in page.text
