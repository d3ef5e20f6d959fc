"""Rate limits: the right number of starts in time, and nobody else waits for them."""
import os
import time

import pytest

from support import catalogue
from support.waiting import eventually

WAIT = 60
pytestmark = pytest.mark.chard
SECONDS = float(os.environ.get("CHARD_TEST_RATE_SECONDS", "10"))


def config(path, *queues, rate="10/s", task="examples.append", **more):
    return catalogue.write(path, {name: catalogue.queue(["examples.*"] if name == queues[0] else None, concurrency=4)
                                  for name in queues}, tasks={task: {"rate_limit": rate, **more}})



def watch(file, seconds):
    """When lines came in the file, seen every few milliseconds; starts with the first."""
    seen, count = [], 0
    eventually(lambda: file.exists() and file.stat().st_size, WAIT, what="the first start")
    begin = time.monotonic()
    while time.monotonic() - begin < seconds:
        now = file.read_text().count("\n")
        seen += [time.monotonic() - begin] * (now - count)
        count = now
        time.sleep(0.005)
    return seen


def send(app, file, count):
    for number in range(count):
        app.send_task("examples.append", (str(file), str(number)), ignore_result=True)


@pytest.mark.parametrize("rate, share", [("10/s", 0.05), ("100/s", 0.08)])
def test_the_rate_is_met_and_others_do_not_wait(worker, queue, bare, make_app, tmp_path, tell, rate, share):
    """A backlog far beyond the prefetch window is spread out, and other tasks of the queue pass it by."""
    per_second = int(rate.split("/")[0])
    app, file = make_app(queue), tmp_path / "lines"
    bare.declare(queue)
    send(app, file, int(per_second * SECONDS * 1.3) + 100)
    worker(config=config(tmp_path / "rate.yaml", queue, rate=rate))     # now: a busy client may not send as fast as it runs
    eventually(lambda: bare.ready(queue) == 0, WAIT, what="the backlog to leave the queue")
    begin = len(file.read_text().split()) if file.exists() else 0
    start, latencies = time.monotonic(), []
    while time.monotonic() - start < SECONDS:
        sent = time.monotonic()
        assert app.send_task("examples.add", (1, 2)).get(timeout=WAIT) == 3
        latencies.append(time.monotonic() - sent)
        time.sleep(0.1)
    count = len(file.read_text().split()) - begin
    elapsed = time.monotonic() - start
    latencies.sort()
    tell(f"{rate}: {count / elapsed:.2f}/s over {elapsed:.1f} s; others wait {latencies[len(latencies) // 2] * 1000:.0f}"
         f" ms, at most {latencies[-1] * 1000:.0f} ms")
    assert abs(count / elapsed - per_second) <= share * per_second + 1 / elapsed
    assert latencies[int(len(latencies) * 0.9)] < 0.5


def test_starts_are_spread_evenly(worker, queue, make_app, tmp_path):
    """A bucket of capacity 1: no bursts."""
    worker(config=config(tmp_path / "rate.yaml", queue, rate="5/s"))
    app, file = make_app(queue), tmp_path / "lines"
    send(app, file, 40)
    seen = watch(file, 5)
    assert 22 <= len(seen) <= 28, seen
    for second in range(4):
        assert 3 <= sum(second <= one < second + 1 for one in seen) <= 7, seen


def test_a_limit_of_the_cluster_holds_for_two_workers(worker, queue, make_app, tmp_path, redis):
    """Both together, not each: one ledger in Redis."""
    path = config(tmp_path / "rate.yaml", queue, rate="10/s", rate_limit_scope="cluster")
    first, second = worker(config=path), worker(config=path)
    app, file = make_app(queue), tmp_path / "lines"
    send(app, file, 120)
    seen = watch(file, 6)
    assert abs(len(seen) / 6 - 10) <= 1, seen
    assert redis.get("chard-rate-examples.append")
    ran = [process.log().count("succeeded") for process in (first, second)]
    assert min(ran) > 0, ran


def test_a_limit_of_each_worker_counts_by_itself(worker, queue, make_app, tmp_path):
    path = config(tmp_path / "rate.yaml", queue, rate="5/s")
    worker(config=path), worker(config=path)
    app, file = make_app(queue), tmp_path / "lines"
    send(app, file, 120)
    seen = watch(file, 6)
    assert abs(len(seen) / 6 - 10) <= 2, seen


def test_nothing_is_lost_when_the_worker_dies(worker, queue, make_app, tmp_path):
    path = config(tmp_path / "rate.yaml", queue, rate="20/s")
    process = worker(config=path)
    app, file = make_app(queue), tmp_path / "lines"
    send(app, file, 100)
    eventually(lambda: file.exists() and len(file.read_text().split()) >= 10, WAIT, what="ten starts")
    process.kill()
    worker(config=path)
    eventually(lambda: len(set(file.read_text().split())) == 100, WAIT, what="all of them")


def test_a_queue_with_a_window_of_one(worker, queue, make_app, tmp_path):
    """Whoever may hold one message only must not hold a limited one."""
    path = catalogue.write(tmp_path / "one.yaml", {queue: catalogue.queue(["examples.*"], concurrency=1, prefetch=1)},
                           tasks={"examples.append": {"rate_limit": "30/m"}})
    worker(config=path)
    app, file = make_app(queue), tmp_path / "lines"
    send(app, file, 5)
    for _ in range(10):
        begin = time.monotonic()
        assert app.send_task("examples.add", (1, 2)).get(timeout=WAIT) == 3
        assert time.monotonic() - begin < 1.5


def test_killers_are_given_up_although_their_rate_is_limited(worker, queue, bare, redis, tmp_path):
    """Waiting in the broker must not make them forget that they were delivered before: their starts still count."""
    path = catalogue.write(tmp_path / "kill.yaml", {
        queue: catalogue.queue(["examples.*"], concurrency=3, prefetch=3, max_deliveries=2)},
        tasks={"examples.sleep": {"rate_limit": "2/s"}})
    bare.declare(queue)
    ids = [bare.send_task(queue, "examples.sleep", (60,)) for _ in range(3)]
    for _ in range(2):
        process = worker(config=path)
        process.wait_for_log("received", count=3)
        process.kill()
    worker(config=path)
    eventually(lambda: bare.ready(f"{queue}.dead") == 3, WAIT, what="all among the dead letters")
    for one in ids:
        eventually(lambda: "WorkerLostError" in (redis.get(f"celery-task-meta-{one}") or ""), WAIT, what="the failure")
