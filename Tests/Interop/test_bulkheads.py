"""One queue's trouble is not another's; user code never holds up heartbeats (DESIGN §3, §6)."""
import threading

import pytest
from celery.result import AsyncResult

from support import catalogue, loglines
from support.waiting import eventually

WAIT = 60


def results(app, ids):
    return [AsyncResult(task_id, app=app) for task_id in ids]


@pytest.mark.parametrize("limit", [1, 3])
def test_concurrency_is_respected(worker, queue, bare, make_app, limit):
    """`limit` sleepers at a time: any `limit` + 1 of them in a row need one whole sleep more than `limit` do."""
    seconds, count = 0.5, 3 * limit + 1
    worker(queue, concurrency=limit, options=["-c", str(limit)])
    app = make_app(queue)
    sent = [bare.send_task(queue, "examples.sleep", (seconds,)) for _ in range(count)]
    assert [one.get(timeout=WAIT) for one in results(app, sent)] == [seconds] * count
    done = sorted(one.date_done for one in results(app, sent))
    for early, late in zip(done, done[limit:]):
        assert (late - early).total_seconds() > 0.8 * seconds, "more ran at a time than allowed"
    spread = (done[-1] - done[0]).total_seconds()
    assert spread < seconds * (count - 1) / limit + 3 * seconds, "fewer ran at a time than allowed"


@pytest.mark.chard
@pytest.mark.parametrize("task,count", [("examples.sleep", 20), ("examples.burn", 4)])
def test_a_saturated_queue_leaves_the_other_flowing(worker, new_queue, bare, make_app, task, count):
    busy, free = new_queue("busy"), new_queue("free")
    worker({busy: catalogue.queue(concurrency=2), free: catalogue.queue(concurrency=2)})
    app = make_app(free)
    blockers = [bare.send_task(busy, task, (3,)) for _ in range(count)]
    eventually(lambda: bare.ready(busy) is not None and bare.consumers(busy), WAIT)
    quick = [bare.send_task(free, "examples.add", (number, 1)) for number in range(200)]
    assert [one.get(timeout=WAIT) for one in results(app, quick)] == list(range(1, 201))
    still = [one for one in results(app, blockers) if not one.ready()]
    assert len(still) >= count - 4, "the quick ones waited for the blockers"
    assert [one.get(timeout=WAIT) for one in results(app, blockers)] == [3] * count


@pytest.mark.chard
def test_no_ops_flow_between_sleepers_and_burners_of_one_queue(worker, queue, bare, make_app):
    """Slots are there: a few slow bodies of any kind must not hold up the rest of their batch."""
    worker(queue, concurrency=10, prefetch=100)
    app = make_app(queue)
    slow, quick = [], []
    for number in range(300):
        if number % 100 == 10:
            slow.append(bare.send_task(queue, "examples.burn", (4,)))
        if number % 100 == 20:
            slow.append(bare.send_task(queue, "examples.sleep", (4,)))
        quick.append(bare.send_task(queue, "examples.add", (number, 0)))
    assert [one.get(timeout=WAIT) for one in results(app, quick)] == list(range(300))
    last = max(one.date_done for one in results(app, quick))
    ends = [one for one in results(app, slow) if one.get(timeout=WAIT) and one.date_done > last]
    assert ends, "no slow task outlived the quick ones: they waited for it"


def test_burning_does_not_stop_heartbeats(worker, queue, bare, make_app, broker_url, tell):
    """Heartbeat 2 s, ten seconds of a burnt core with one slot: the broker never misses a beat."""
    process = worker(queue, concurrency=1, options=["-c", "1"], broker=f"{broker_url}?heartbeat=2")
    app = make_app(queue)
    task_id = bare.send_task(queue, "examples.burn", (10,))
    assert AsyncResult(task_id, app=app).get(timeout=WAIT) == 10
    after = bare.send_task(queue, "examples.add", (1, 1))
    assert AsyncResult(after, app=app).get(timeout=WAIT) == 2
    assert process.counted(loglines.received(task_id)) == 1, "it was delivered again: the connection was lost"
    assert not loglines.BROKER_LOST.search(process.log())


@pytest.mark.chard
def test_higher_queues_first_but_the_lowest_is_not_starved(worker, new_queue, bare, make_app, tmp_path):
    """One slot in all (`-c 1`), so that the queues compete for it; a burning task in front lets both pile up."""
    high, low = new_queue("high"), new_queue("low")
    order = tmp_path / "order"
    config = {high: catalogue.queue(priority=10, concurrency=1, prefetch=1000),
              low: catalogue.queue(priority=3, concurrency=1, prefetch=1000)}
    worker(config).stop()                                      # declares the queues
    count = 300
    bare.send_task(high, "examples.burn", (2.0,))
    for number in range(count):
        bare.send_task(high, "examples.append", (str(order), "high"))
        bare.send_task(low, "examples.append", (str(order), "low"))
    worker(config, options=["-c", "1"])
    eventually(lambda: order.exists() and len(order.read_text().split()) == 2 * count, WAIT, what="all lines")
    lines = order.read_text().split()
    mean = {name: sum(place for place, line in enumerate(lines) if line == name) / count for name in ("high", "low")}
    assert mean["high"] + count / 2 < mean["low"], mean
    last_high = max(place for place, line in enumerate(lines) if line == "high")
    assert "low" in lines[:last_high], "the low queue waited to the end"


@pytest.mark.chard
@pytest.mark.limit(120)
def test_the_lowest_queue_moves_under_lasting_load(worker, new_queue, broker_url, bare, make_app):
    """The high queue never runs dry; a task of the low one still gets its turn."""
    from support.broker import Bare
    high, low = new_queue("high"), new_queue("low")
    worker({high: catalogue.queue(priority=10, concurrency=2), low: catalogue.queue(priority=3, concurrency=1)})
    stop = threading.Event()

    def pour():
        client = Bare(broker_url)
        while not stop.is_set():
            for _ in range(50):
                client.send_task(high, "examples.sleep", (0.01,))
            eventually(lambda: stop.is_set() or client.ready(high) < 500, 60)
        client.close()

    thread = threading.Thread(target=pour)
    thread.start()
    try:
        eventually(lambda: bare.ready(high) > 100, WAIT, what="a backlog in the high queue")
        app = make_app(low)
        for number in range(5):
            assert AsyncResult(bare.send_task(low, "examples.add", (number, 1)), app=app).get(timeout=10) == number + 1
    finally:
        stop.set()
        thread.join(30)
        bare.channel.queue_purge(high)


# --- the pool changes while it runs -----------------------------------------------------------------------------------

@pytest.mark.chard
def test_a_grown_pool_runs_more_and_a_shrunk_one_fewer(worker, queue, make_app):
    process = worker(queue, concurrency=2, prefetch=2)
    app, node = make_app(queue), process.name
    running = lambda: len(app.control.inspect([node], timeout=10).active()[node])
    for _ in range(12):
        app.send_task("examples.sleep", (4,))
    eventually(lambda: running() == 2, WAIT, what="two tasks")
    app.control.pool_grow(4, destination=[node], reply=True, timeout=10)
    eventually(lambda: running() == 6, WAIT, what="six tasks, beyond the old prefetch")
    app.control.pool_shrink(5, destination=[node], reply=True, timeout=10)
    eventually(lambda: running() == 1, WAIT, what="one task")


@pytest.mark.chard
def test_autoscale_follows_the_work(worker, queue, make_app):
    process = worker(queue, concurrency=10, prefetch=20, options=["--autoscale", "5,1"])
    app, node = make_app(queue), process.name
    size = lambda: app.control.inspect([node], timeout=10).stats()[node]["autoscaler"]["current"]
    assert size() == 1
    for _ in range(10):
        app.send_task("examples.sleep", (2,))
    eventually(lambda: size() == 5, WAIT, what="five at once")
    process.wait_for_log("Scaling up")
    answer, = app.control.autoscale(3, 1, destination=[node], reply=True, timeout=10)
    assert answer[node] == {"ok": "autoscale now max=3 min=1"} and size() == 3


@pytest.mark.chard
def test_consumers_are_added_and_cancelled(worker, new_queue, make_app, bare):
    first, second = new_queue(), new_queue()
    process = worker(first, concurrency=2)
    app, node = make_app(second), process.name
    app.control.add_consumer(second, destination=[node], reply=True, timeout=10)
    assert app.send_task("examples.add", (1, 2)).get(timeout=WAIT) == 3
    app.control.cancel_consumer(second, destination=[node], reply=True, timeout=10)
    eventually(lambda: bare.consumers(second) == 0, WAIT, what="the end of the consumer")
    late = app.send_task("examples.add", (2, 2))
    assert make_app(first).send_task("examples.add", (3, 3)).get(timeout=WAIT) == 6
    assert bare.ready(second) == 1 and late.state == "PENDING"
    app.control.add_consumer(second, destination=[node], reply=True, timeout=10)
    assert late.get(timeout=WAIT) == 4
