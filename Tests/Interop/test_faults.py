"""What breaks, breaks: nothing is lost, and the worker goes on by itself. Counts are told at the end of the run."""
import json
import random
import signal

import pytest
from celery.result import AsyncResult

from support import loglines
from support.load import SEED, Load, Publisher
from support.waiting import eventually

pytestmark = [pytest.mark.chard, pytest.mark.faults, pytest.mark.usefixtures("alone")]
WAIT = 60


@pytest.fixture
def load(queue, tmp_path):
    return Load(queue, tmp_path / "lines")


def nothing_dead(bare, queue):
    assert not bare.ready(f"{queue}.dead"), bare.take(f"{queue}.dead")[0].headers


def emptied(bare, process, queue):
    """Stopped in good order, the worker leaves nothing: every message was acknowledged."""
    process.stop()
    eventually(lambda: bare.ready(queue) == 0 and bare.consumers(queue) == 0, 15, what="an empty queue")
    nothing_dead(bare, queue)


# --- the worker dies --------------------------------------------------------------------------------------------------

@pytest.mark.limit(420)
def test_sigkill_twenty_times_while_20000_tasks_run(worker, queue, bare, redis, load, management, tell):
    """G2, G4. Killed while tasks come in, and killed while it works off what came in while it was dead."""
    dice, kills, count = random.Random(SEED), 20, 20_000
    process = worker(queue, prefetch=200, concurrency=8)
    for round_ in range(kills):
        if round_ % 2 == 0:
            part = dice.randrange(1, count // kills)
            load.send(bare.channel, part)
            process.kill()
            load.send(bare.channel, count // kills - part)
        else:
            load.send(bare.channel, count // kills)
            target = dice.randrange(1, count // kills)
            eventually(lambda: bare.ready(queue) <= target, WAIT, every=0.001)
            process.kill()
        process = worker(queue, prefetch=200, concurrency=8)
    again = load.all_succeed(redis, 180)
    emptied(bare, process, queue)
    stats = eventually(lambda: (management.queue("/", queue) or {}).get("message_stats"), 15)
    assert stats.get("redeliver", 0) > 0, "no kill hit a running task: the test shows nothing"
    tell(f"{kills} kills (seed {SEED}), {count} tasks, all SUCCESS; {stats['redeliver']} redelivered, "
         f"{again} second runs among {len(load.appended)} tasks whose runs are counted")


@pytest.mark.limit(240)
def test_a_message_that_kills_its_worker_is_dead_lettered(worker, queue, bare, make_app):
    """G5: after max_deliveries starts; those that were merely with it in the worker are not blamed."""
    app = make_app(queue)
    killer = bare_declared(bare, queue, "examples.burn", 600)
    others = [bare.send_task(queue, "examples.sleep", (0.01,)) for _ in range(5)]
    for start in range(5):
        process = worker(queue, concurrency=1, prefetch=10)
        process.wait_for_log(loglines.received(killer))
        before = process.cpu_seconds()
        eventually(lambda: process.cpu_seconds() > before + 0.3, WAIT, what="the task to burn")
        assert bare.ready(f"{queue}.dead") == 0, f"dead-lettered after only {start} starts"
        process.kill()
    process = worker(queue, concurrency=1, prefetch=10)
    properties, body = bare.take(f"{queue}.dead")
    assert properties.headers["x-chard-reason"] == "max-deliveries"
    assert properties.headers["id"] == killer and json.loads(body)[0] == [600]
    result = AsyncResult(killer, app=app)
    eventually(result.ready, WAIT, what="FAILURE at the sender")
    assert result.state == "FAILURE" and type(result.result).__name__ == "WorkerLostError"
    assert [AsyncResult(one, app=app).get(timeout=WAIT) for one in others] == [0.01] * 5
    emptied(bare, process, queue)


def bare_declared(bare, queue, task, *args):
    bare.declare(queue)
    return bare.send_task(queue, task, args)


def test_a_redelivered_task_whose_success_is_stored_is_not_run_again(
        worker, queue, bare, proxy, broker_url, redis, tmp_path):
    """G4, and "a connection is cut between result write and ack", without luck: the acks are held back, then lost."""
    front, file = proxy(broker_url), tmp_path / "lines"
    process = worker(queue, concurrency=1, prefetch=50, broker=front.url)
    first = bare.send_task(queue, "examples.sleep", (1.5,))
    lines = [bare.send_task(queue, "examples.append", (str(file), str(number))) for number in range(20)]
    eventually(lambda: bare.ready(queue) == 0, WAIT, every=0.005, what="all in the worker")
    front.hold_what_the_client_sends()
    stored = lambda: sum(redis.exists(f"celery-task-meta-{one}") for one in [first, *lines]) == 21
    eventually(stored, WAIT, what="all results stored")
    front.cut()
    eventually(lambda: bare.consumers(queue) == 1 and bare.ready(queue) == 0, WAIT, what="the worker back and done")
    emptied(bare, process, queue)
    assert sorted(file.read_text().split(), key=int) == [str(number) for number in range(20)]


@pytest.mark.limit(240)
@pytest.mark.parametrize("server", ["broker", "redis"])
def test_connection_cut_many_times(worker, queue, bare, proxy, broker_url, backend_url, redis, tmp_path, server, tell):
    """Resets at random moments of a running load, with results and acks on their way."""
    dice = random.Random(SEED)
    load = Load(queue, tmp_path / "lines", append_every=2, sleep_every=5)
    front = proxy(broker_url if server == "broker" else backend_url)
    process = worker(queue, prefetch=100, **{"broker" if server == "broker" else "backend": front.url})
    cuts = 20
    for _ in range(cuts):
        load.send(bare.channel, 200)
        target = dice.randrange(0, 200)
        eventually(lambda: bare.ready(queue) <= target, WAIT, every=0.001)
        front.cut()
        eventually(lambda: front.connections() > 0, WAIT, what="the worker to reconnect")
    again = load.all_succeed(redis)
    tell(f"{cuts} cuts (seed {SEED}) of the connection to {server}: "
         f"{again} second runs among {len(load.appended)} counted")
    emptied(bare, process, queue)


# --- a server goes away -----------------------------------------------------------------------------------------------

@pytest.mark.limit(240)
@pytest.mark.parametrize("how", ["restart", "kill"])
def test_broker_goes_and_comes_back_under_load(services, worker, queue, bare, broker_url, redis, load, how, tell):
    process = worker(queue)
    publisher = Publisher(broker_url, load, 6000)
    publisher.start()
    publisher.reaches(1500)
    try:
        services("stop" if how == "restart" else "kill", "rabbit")
    finally:
        bare.forget()
        services("start", "rabbit")
    publisher.finish()
    again = load.all_succeed(redis)
    assert process.running
    tell(f"broker {how}: {again} second runs among {len(load.appended)} counted")
    emptied(bare, process, queue)


@pytest.mark.limit(240)
def test_broker_hangs_longer_than_the_heartbeat(services, worker, queue, bare, broker_url, redis, load, tell):
    """SIGSTOP: no FIN, no RST, nothing answers. The worker has to notice by the missing heartbeats."""
    process = worker(queue, broker=f"{broker_url}?heartbeat=2")
    publisher = Publisher(broker_url, load, 4000)
    publisher.start()
    publisher.reaches(1000)
    services("freeze", "rabbit")
    try:
        process.wait_for_log(loglines.BROKER_LOST, 30)
    finally:
        services("thaw", "rabbit")
        bare.forget()
    publisher.finish()
    again = load.all_succeed(redis)
    tell(f"broker frozen beyond the heartbeat: {again} second runs among {len(load.appended)} counted")
    emptied(bare, process, queue)


@pytest.mark.limit(240)
@pytest.mark.parametrize("how", ["stop", "kill", "freeze"])
def test_redis_goes_and_comes_back_under_load(services, worker, queue, bare, broker_url, redis, load, how, tell):
    """Nothing is acknowledged whose result could not be stored."""
    process = worker(queue, top={"result_backend": {"timeout": 2}})
    publisher = Publisher(broker_url, load, 6000)
    publisher.start()
    publisher.reaches(1500)
    services(how, "redis")
    try:
        publisher.reaches(4000)
    finally:
        services(*({"freeze": ["thaw"]}.get(how, ["start"])), "redis")
    publisher.finish()
    again = load.all_succeed(redis)
    assert process.running
    tell(f"redis {how}: {again} second runs among {len(load.appended)} counted")
    emptied(bare, process, queue)


def test_broker_down_when_the_worker_starts(worker, queue, bare, proxy, broker_url, make_app):
    front = proxy(broker_url)
    front.refuse()
    process = worker(queue, broker=front.url, wait=False)
    process.wait_for_log(loglines.BROKER_WAITING, count=2)
    assert process.running and not loglines.READY.search(process.log())
    front.up()
    process.wait_ready()
    assert AsyncResult(bare.send_task(queue, "examples.add", (1, 2)), app=make_app(queue)).get(timeout=WAIT) == 3
    assert "guest:guest" not in process.log()


def test_redis_down_when_the_worker_starts(worker, queue, bare, proxy, backend_url, make_app):
    front = proxy(backend_url)
    front.refuse()
    bare.declare(queue)
    task_id = bare.send_task(queue, "examples.add", (1, 2))
    process = worker(queue, backend=front.url, wait=False)
    process.wait_for_log(loglines.BROKER_WAITING)
    assert process.running
    front.up()
    assert AsyncResult(task_id, app=make_app(queue)).get(timeout=WAIT) == 3
    emptied(bare, process, queue)


def test_failover_to_the_second_url(worker, queue, bare, proxy, broker_url, make_app):
    """`broker_url` as a list: the first is dead at the start, the second dies later, the first is back by then."""
    one, two = proxy(broker_url), proxy(broker_url)
    one.refuse()
    process = worker(queue, broker=f"{one.url};{two.url}")
    app = make_app(queue)
    assert AsyncResult(bare.send_task(queue, "examples.add", (1, 2)), app=app).get(timeout=WAIT) == 3
    one.up()
    two.refuse()
    assert AsyncResult(bare.send_task(queue, "examples.add", (3, 4)), app=app).get(timeout=WAIT) == 7
    emptied(bare, process, queue)


def test_broker_closes_the_connection(worker, queue, bare, management, make_app):
    """As an operator does in the management page."""
    process = worker(queue)
    named = lambda: [one["name"] for one in (management.queue("/", queue) or {}).get("consumer_details", [])
                     for one in [one["channel_details"]]]
    channel, = eventually(named, WAIT, what="the worker's consumer")
    connection = channel.rsplit(" (", 1)[0]
    management.call("DELETE", "/connections/" + connection.replace(" ", "%20").replace(">", "%3E"))
    process.wait_for_log(loglines.BROKER_LOST)
    task_id = bare.send_task(queue, "examples.add", (1, 2))
    assert AsyncResult(task_id, app=make_app(queue)).get(timeout=WAIT) == 3
    emptied(bare, process, queue)


def test_the_queue_is_deleted_under_the_worker(worker, queue, bare, make_app):
    """A server-sent basic.cancel: the queue and its consumer come back."""
    process = worker(queue)
    bare.delete(queue)
    eventually(lambda: bare.consumers(queue) == 1, WAIT, what="the queue and its consumer again")
    task_id = bare.send_task(queue, "examples.add", (1, 2))
    assert AsyncResult(task_id, app=make_app(queue)).get(timeout=WAIT) == 3
    emptied(bare, process, queue)


def test_the_dead_letter_queue_is_deleted_under_the_worker(worker, queue, bare):
    """G3: the reason to keep the message does not go away with the queue."""
    process = worker(queue)
    bare.delete(f"{queue}.dead")
    bare.send_task(queue, "no.such.task")
    properties, _ = bare.take(f"{queue}.dead")
    assert properties.headers["x-chard-reason"] == "unknown-task"
    process.stop()


ALARMS = {
    "memory": (["set_vm_memory_high_watermark", "0.0001"], ["set_vm_memory_high_watermark", "absolute", "2GB"]),
    "disk": (["set_disk_free_limit", "100000GB"], ["set_disk_free_limit", "50MB"]),
}


@pytest.mark.limit(180)
@pytest.mark.parametrize("alarm", ALARMS)
def test_connection_blocked_until_the_alarm_ends(services, worker, queue, bare, make_app, management, alarm):
    """Publishing waits while the broker takes nothing, and goes on when it does."""
    raise_, clear = ALARMS[alarm]
    parent = bare_declared(bare, queue, "examples.fanout", 5)
    services("ctl", *raise_)
    try:
        eventually(lambda: alarmed(management), WAIT, what="the alarm")
        process = worker(queue, wait=False)
        process.wait_for_log(loglines.BLOCKED)
    finally:
        services("ctl", *clear)
    app = make_app(queue)
    children = AsyncResult(parent, app=app).get(timeout=WAIT)
    assert [AsyncResult(one, app=app).get(timeout=WAIT) for one in children] == [0, 2, 4, 6, 8]
    emptied(bare, process, queue)


@pytest.mark.limit(180)
def test_connection_blocked_for_too_long(services, worker, queue, bare, make_app, management):
    """G1: the publish ends in a typed error, which is the task's failure; afterwards everything works."""
    raise_, clear = ALARMS["memory"]
    parent = bare_declared(bare, queue, "examples.fanout", 3)
    app = make_app(queue)
    services("ctl", *raise_)
    try:
        eventually(lambda: alarmed(management), WAIT, what="the alarm")
        process = worker(queue, wait=False, top={"broker": {"publish_timeout": 2}})
        result = AsyncResult(parent, app=app)
        eventually(result.ready, WAIT, what="the failure of the task that publishes")
        assert result.state == "FAILURE"
        text = str(result.result).lower()
        assert "blocked" in text or "timed out" in text or "confirm" in text, text
    finally:
        services("ctl", *clear)
    task_id = bare.send_task(queue, "examples.add", (1, 2))
    assert AsyncResult(task_id, app=app).get(timeout=WAIT) == 3
    emptied(bare, process, queue)


def alarmed(management):
    node, = management.call("GET", "/nodes")
    return node["mem_alarm"] or node["disk_free_alarm"]


# --- shutdown ---------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["TERM", "INT"])
def test_term_finishes_what_runs_and_returns_the_rest(worker, queue, bare, make_app, number):
    process = worker(queue, concurrency=2, prefetch=20)
    sent = [bare.send_task(queue, "examples.sleep", (2,)) for _ in range(12)]
    eventually(lambda: bare.ready(queue) == 0, WAIT, every=0.005, what="all in the worker")
    process.wait_for_log(loglines.received(sent[1]))
    process.signal(number)
    assert process.wait(30) == (1 if number == signal.SIGINT else 0)       # as Celery's worker
    report = loglines.WARM_SHUTDOWN.search(process.log())
    assert report, process.tail()
    app = make_app(queue)
    done = [one for one in sent if AsyncResult(one, app=app).ready()]
    assert (int(report[1]), int(report[2])) == (len(done), 12 - len(done)) and len(done) == 2
    eventually(lambda: bare.ready(queue) == 10, 10, what="ten returned messages")
    worker(queue, concurrency=10)
    assert [AsyncResult(one, app=app).get(timeout=WAIT) for one in sent] == [2] * 12
    nothing_dead(bare, queue)


COLD = {"INT INT": (signal.SIGINT, signal.SIGINT), "QUIT": (signal.SIGQUIT,), "TERM QUIT": (signal.SIGTERM, signal.SIGQUIT)}


@pytest.mark.parametrize("signals", COLD.values(), ids=COLD)
def test_cold_shutdown_stops_what_runs_and_loses_nothing(worker, queue, bare, make_app, signals):
    process = worker(queue, concurrency=1, prefetch=10)
    sent = [bare.send_task(queue, "examples.sleep", (20,)), bare.send_task(queue, "examples.add", (1, 2))]
    process.wait_for_log(loglines.received(sent[0]))
    eventually(lambda: bare.ready(queue) == 0, WAIT, every=0.005, what="both in the worker")
    for index, number in enumerate(signals):
        process.signal(number)
        if index + 1 < len(signals):
            eventually(lambda: bare.consumers(queue) == 0, 15, what="the end of consuming")
            assert process.running
    assert process.wait(10) == 1
    assert "Cold shutdown" in process.log()
    eventually(lambda: bare.ready(queue) == 2, 10, what="both messages back in the queue")
    nothing_dead(bare, queue)
    worker(queue, concurrency=2)
    assert AsyncResult(sent[1], app=make_app(queue)).get(timeout=WAIT) == 3
    bare.channel.queue_purge(queue)
    worker.all[-1].kill()                                  # it still sleeps; nothing more is asked of it


def test_third_signal_exits_at_once(worker, queue, bare):
    """A body that ignores its cancellation cannot hold the process."""
    process = worker(queue, concurrency=1, top={"worker": {"soft_shutdown_timeout": 60}})
    task_id = bare.send_task(queue, "examples.sleep", (60,))
    process.wait_for_log(loglines.received(task_id))
    process.signal(signal.SIGQUIT)
    process.wait_for_log("Initiating Soft Shutdown, terminating in 60 seconds")
    process.signal(signal.SIGQUIT)
    assert process.wait(5) == 1
    eventually(lambda: bare.ready(queue) == 1, 10, what="the message back")


def test_soft_shutdown_lets_tasks_end(worker, queue, bare, make_app):
    process = worker(queue, concurrency=1, top={"worker": {"soft_shutdown_timeout": 30}})
    task_id = bare.send_task(queue, "examples.sleep", (2,))
    process.wait_for_log(loglines.received(task_id))
    process.signal(signal.SIGQUIT)
    process.wait(20)
    assert AsyncResult(task_id, app=make_app(queue)).get(timeout=5) == 2


def test_remapped_term_is_cold(worker, queue, bare):
    process = worker(queue, concurrency=1, env={"REMAP_SIGTERM": "SIGQUIT"})
    task_id = bare.send_task(queue, "examples.sleep", (60,))
    process.wait_for_log(loglines.received(task_id))
    process.signal(signal.SIGTERM)
    assert process.wait(10) == 1
    eventually(lambda: bare.ready(queue) == 1, 10, what="the message back")


def test_hup_restarts_the_worker(worker, queue, make_app):
    process = worker(queue)
    process.signal(signal.SIGHUP)
    eventually(lambda: process.log().count(" ready.") == 2, WAIT, what="the second start")
    assert make_app(queue).send_task("examples.add", (1, 2)).get(timeout=WAIT) == 3
    process.signal(signal.SIGTERM)
    assert process.wait(10) == 0


def test_tasks_end_with_the_connection_when_told_so(worker, queue, proxy, broker_url, make_app):
    """`cancel_on_connection_loss`: no two copies of a long task run at once after a loss."""
    front = proxy(broker_url)
    process = worker(queue, broker=front.url, concurrency=2, top={"worker": {"cancel_on_connection_loss": True}})
    result = make_app(queue).send_task("examples.sleep", (3,))
    process.wait_for_log(loglines.received(result.id))
    front.cut()
    process.wait_for_log(f"examples.sleep[{result.id}] was cancelled with the connection")
    assert result.get(timeout=WAIT) == 3
    assert process.log().count(f"examples.sleep[{result.id}] succeeded") == 1


def test_grace_period_ends(worker, queue, bare):
    """What still runs when the grace period is over goes back to the broker."""
    process = worker(queue, concurrency=1, top={"worker": {"grace_period": 1}})
    task_id = bare.send_task(queue, "examples.sleep", (60,))
    process.wait_for_log(loglines.received(task_id))
    process.signal(signal.SIGTERM)
    process.wait(20)
    report = loglines.WARM_SHUTDOWN.search(process.log())
    assert report and report[1] == "0"
    eventually(lambda: bare.ready(queue) == 1, 10, what="the message back")


def test_term_of_an_idle_worker_is_quick(worker, queue):
    process = worker(queue)
    process.signal(signal.SIGTERM)
    assert process.wait(5) == 0


def test_term_while_the_broker_is_away(worker, queue, proxy, broker_url):
    """Nobody to return anything to; it ends all the same."""
    front = proxy(broker_url)
    process = worker(queue, broker=front.url)
    front.refuse()
    process.wait_for_log(loglines.BROKER_LOST)
    process.signal(signal.SIGTERM)
    assert process.wait(40) == 0


# --- what a task publishes --------------------------------------------------------------------------------------------

def test_retry_survives_a_kill_between_two_runs(worker, queue, bare, make_app):
    """The retry is a message of its own in the broker before the old one is acknowledged."""
    app, ids = make_app(queue), []
    process = worker(queue)
    for _ in range(5):
        ids.append(app.send_task("examples.retry", (10,)).id)
        process.kill()
        process = worker(queue)
    results = [AsyncResult(one, app=app).get(timeout=WAIT) for one in ids]
    assert results == [11] * 5
    nothing_dead(bare, queue)


def test_fanout_survives_kills(worker, queue, bare, make_app):
    """A task that publishes and dies before its result: run again, and every child that a result names exists."""
    app = make_app(queue)
    process = worker(queue)
    sent = [bare.send_task(queue, "examples.fanout", (20,)) for _ in range(20)]
    eventually(lambda: bare.ready(queue) is not None, WAIT)
    process.kill()
    worker(queue)
    for one in sent:
        children = AsyncResult(one, app=app).get(timeout=WAIT)
        values = [AsyncResult(child, app=app).get(timeout=WAIT) for child in children]
        assert values == [2 * number for number in range(20)]
    nothing_dead(bare, queue)
