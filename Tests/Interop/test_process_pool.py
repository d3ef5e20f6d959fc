"""Tasks in child processes: limits that really end them, crashes that harm nobody else, and nothing left behind."""
import os
import random
import re
import signal
import time

import pytest
from celery.exceptions import TimeLimitExceeded, WorkerLostError
from celery.result import AsyncResult

from support import catalogue, loglines
from support.pool import children, is_alive, kind, top
from support.waiting import eventually

WAIT = 30
pytestmark = pytest.mark.chard


@pytest.fixture
def start(worker, queue, make_app):
    """start(...) -> (worker, app), with the example tasks in children."""
    def make(*options, tasks=None, names=(), settings=None, **worker_settings):
        process = worker({queue: catalogue.queue(**{"routes": ["examples.*"], "concurrency": 4, **(settings or {})})},
                         top=top(*names, tasks=tasks, **worker_settings), options=options)
        return process, make_app(queue)
    return make


def test_results_and_arguments(start):
    """A child runs the task as the worker would, and there is none before it is needed."""
    process, app = start(processes=2)
    assert children(process.pid) == []
    assert app.send_task("examples.add", (20, 22)).get(timeout=WAIT) == 42
    value = {"text": "ü\n", "list": [1, 2.5, None], "big": "x" * 3_000_000}
    assert app.send_task("examples.echo", (value,)).get(timeout=WAIT) == value
    pid = app.send_task("examples.block", (0,)).get(timeout=WAIT)
    assert pid != process.pid and children(process.pid) == [pid]
    with pytest.raises(ValueError, match="wrong"):
        app.send_task("examples.fail", ("wrong",)).get(timeout=WAIT)
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'y'"):
        app.send_task("examples.add", (1,)).get(timeout=WAIT)
    results = [app.send_task("examples.add", (n, n)) for n in range(200)]
    assert [result.get(timeout=WAIT) for result in results] == [2 * n for n in range(200)]
    assert len(children(process.pid)) <= 2


def test_what_a_child_stores_and_sends(start):
    """Progress, retries and children of a task that runs in a child process."""
    process, app = start(processes=2)
    result = app.send_task("examples.progress", (20,))
    info = eventually(lambda: result.state == "PROGRESS" and result.info, WAIT, what="the state PROGRESS")
    assert info["total"] == 20
    assert result.get(timeout=WAIT) == 20
    assert app.send_task("examples.retry", (2,)).get(timeout=WAIT) == 3
    parent = app.send_task("examples.fanout", (3,))
    ids = parent.get(timeout=WAIT)
    assert [child.id for child in parent.children] == ids
    assert [AsyncResult(id, app=app).get(timeout=WAIT) for id in ids] == [0, 2, 4]
    rejected = app.send_task("examples.reject", ())
    eventually(lambda: rejected.state == "FAILURE", WAIT, what="the rejected task's state")


@pytest.mark.parametrize("task", ["examples.block", "examples.sleep"])
def test_the_hard_limit_ends_the_body(start, task):
    """Whether it blocks its thread or waits: the process is gone, the next task gets a new one."""
    process, app = start(settings={"time_limit": 1}, processes=1)
    warm = app.send_task("examples.block", (0,)).get(timeout=WAIT)
    result = app.send_task(task, (60,))
    with pytest.raises(TimeLimitExceeded):
        result.get(timeout=WAIT)
    process.wait_for_log(re.compile(rf"Hard time limit \(1s\) exceeded for {task}\[{result.id}\]$", re.M))
    eventually(lambda: not is_alive(warm), WAIT, what="the end of the child")
    assert app.send_task("examples.block", (0,)).get(timeout=WAIT) != warm
    assert "exited with" not in process.log(), "what was wanted is not an error"


def test_the_hard_limit_ends_a_burning_body(start):
    process, app = start(settings={"time_limit": 1}, processes=1)
    result = app.send_task("examples.burn", (60,))
    with pytest.raises(TimeLimitExceeded):
        result.get(timeout=WAIT)
    eventually(lambda: not children(process.pid), WAIT, what="the end of the child")
    before = process.cpu_seconds()
    assert app.send_task("examples.add", (1, 2)).get(timeout=WAIT) == 3
    assert process.cpu_seconds() - before < 1, "something still burns"


def test_the_soft_limit_cancels_the_body(start):
    process, app = start(settings={"soft_time_limit": 1, "time_limit": 20}, processes=1)
    warm = app.send_task("examples.block", (0,)).get(timeout=WAIT)
    for task in ("examples.sleep", "examples.burn"):
        with pytest.raises(Exception) as caught:
            app.send_task(task, (60,)).get(timeout=WAIT)
        assert kind(caught) == "SoftTimeLimitExceeded"
    process.wait_for_log("Soft time limit (1s) exceeded for examples.sleep")
    assert app.send_task("examples.block", (0,)).get(timeout=WAIT) == warm, "the process lives on"


def test_waiting_for_a_child_is_not_running_time(start):
    """One child, four slots: those that wait are not over their limit when their turn comes."""
    _, app = start(settings={"time_limit": 2}, processes=1)
    app.send_task("examples.block", (0,)).get(timeout=WAIT)
    results = [app.send_task("examples.block", (1.2,)) for _ in range(4)]
    assert len({result.get(timeout=WAIT) for result in results}) == 1


@pytest.mark.parametrize("how, text", [
    (int(signal.SIGSEGV), "Worker exited prematurely: signal 11 (SIGSEGV) Job: 1."),
    (int(signal.SIGKILL), "Worker exited prematurely: signal 9 (SIGKILL) Job: 1."),
    (-3, "Worker exited prematurely: exitcode 3 Job: 1."),
])
def test_a_crash_fails_the_task(start, bare, queue, how, text):
    """reject_on_worker_lost: false, as Celery's default."""
    process, app = start(tasks={"examples.crash": {"reject_on_worker_lost": False}})
    with pytest.raises(WorkerLostError) as caught:
        app.send_task("examples.crash", (how,)).get(timeout=WAIT)
    assert str(caught.value) == text
    process.wait_for_log(re.compile(r"Process 'PoolWorker-1' pid:\d+ exited with "))
    assert app.send_task("examples.add", (1, 2)).get(timeout=WAIT) == 3
    process.stop()
    assert bare.ready(queue) == 0


def test_a_crash_of_an_at_most_once_task_fails_it(start):
    process, app = start(settings={"delivery": "at_most_once"})
    with pytest.raises(WorkerLostError, match="SIGSEGV"):
        app.send_task("examples.crash", (int(signal.SIGSEGV),)).get(timeout=WAIT)
    assert process.running


def test_a_crash_gives_the_message_back(start, bare, queue, tmp_path):
    """By default it is delivered again, and dead-lettered when it has crashed max_deliveries times."""
    process, app = start(settings={"max_deliveries": 3})
    result = app.send_task("examples.crash", (int(signal.SIGSEGV),))
    properties, _ = bare.take(f"{queue}.dead", timeout=WAIT)
    assert properties.headers["x-chard-reason"] == "max-deliveries"
    with pytest.raises(WorkerLostError):
        result.get(timeout=WAIT)
    crashes = process.counted(re.compile(r"exited with 'signal 11 \(SIGSEGV\)'"))
    assert crashes in (3, 4), "once for each start"
    assert app.send_task("examples.add", (1, 2)).get(timeout=WAIT) == 3


def test_a_child_that_is_killed_costs_no_task(start):
    """From outside, as the kernel does when memory runs out."""
    process, app = start(processes=1)
    pid = app.send_task("examples.block", (0,)).get(timeout=WAIT)
    result = app.send_task("examples.block", (1,))
    process.wait_for_log(loglines.received(result.id))
    os.kill(pid, signal.SIGKILL)
    assert result.get(timeout=WAIT) != pid
    idle = result.get()
    os.kill(idle, signal.SIGKILL)
    process.wait_for_log(re.compile(rf"pid:{idle} exited with 'signal 9"))
    assert app.send_task("examples.block", (0,)).get(timeout=WAIT) not in (pid, idle)


def test_children_do_not_heed_signals_to_the_group(start):
    """systemd and shells signal every process; only the worker decides when a child ends."""
    process, app = start(processes=1)
    pid = app.send_task("examples.block", (0,)).get(timeout=WAIT)
    result = app.send_task("examples.block", (1,))
    process.wait_for_log(loglines.received(result.id))
    for number in (signal.SIGTERM, signal.SIGINT):
        os.kill(pid, number)
    assert result.get(timeout=WAIT) == pid


def test_max_tasks_per_child(start):
    process, app = start("--max-tasks-per-child", "3", processes=1)
    pids = [app.send_task("examples.block", (0,)).get(timeout=WAIT) for _ in range(9)]
    assert [len(set(pids[n:n + 3])) for n in (0, 3, 6)] == [1, 1, 1]
    assert len(set(pids)) == 3
    eventually(lambda: not any(is_alive(pid) for pid in pids), WAIT, what="the end of the replaced")


def test_max_memory_per_child(start):
    process, app = start("--max-memory-per-child", "150000", processes=1)
    small = [app.send_task("examples.hog", (1,)).get(timeout=WAIT) for _ in range(3)]
    assert len(set(small)) == 1
    assert app.send_task("examples.hog", (200,)).get(timeout=WAIT) == small[0], "its own task still counts"
    process.wait_for_log(re.compile(r"child process exiting after exceeding memory limit \(\d+KiB / 150000KiB\)"))
    assert app.send_task("examples.hog", (1,)).get(timeout=WAIT) != small[0]


def test_the_worker_stays_responsive(start):
    """All children burn; tasks of its own threads are answered at once."""
    process, app = start(names=("burn",), settings={"concurrency": 8}, processes=2)
    for _ in range(2):
        app.send_task("examples.burn", (20,))
    eventually(lambda: len(children(process.pid)) == 2, WAIT, what="two children")
    for _ in range(5):
        begin = time.monotonic()
        assert app.send_task("examples.add", (1, 2)).get(timeout=WAIT) == 3
        assert time.monotonic() - begin < 5
    process.kill()


def test_nothing_is_left_when_the_worker_ends(start):
    process, app = start(processes=2)
    results = [app.send_task("examples.block", (0.3,)) for _ in range(4)]
    pids = {result.get(timeout=WAIT) for result in results}
    process.stop()
    assert not any(map(is_alive, pids))


def test_nothing_is_left_when_the_worker_is_killed(start, bare, queue, worker):
    """Neither idle children nor those whose body never ends by itself; the task is not lost."""
    process, app = start(processes=2)
    results = [app.send_task("examples.block", (60,)), app.send_task("examples.add", (1, 2))]
    assert results[1].get(timeout=WAIT) == 3
    pids = eventually(lambda: len(children(process.pid)) == 2 and children(process.pid), WAIT, what="two children")
    process.kill()
    eventually(lambda: not any(map(is_alive, pids)), 5, what="the end of the children")
    eventually(lambda: bare.ready(queue) == 1, WAIT, what="the message at the broker")


def test_a_warm_shutdown_lets_a_child_finish(start, bare, queue):
    process, app = start(processes=1)
    app.send_task("examples.block", (0,)).get(timeout=WAIT)
    result = app.send_task("examples.block", (2,))
    process.wait_for_log(loglines.received(result.id))
    process.stop()
    assert result.get(timeout=WAIT)
    assert bare.ready(queue) == 0


def test_the_end_of_the_grace_period_cancels(start, bare, queue):
    """What has not ended goes back to the broker, and its process is gone."""
    process, app = start(processes=2, grace_period=1)
    results = [app.send_task("examples.block", (60,)), app.send_task("examples.sleep", (60,))]
    for result in results:
        process.wait_for_log(loglines.received(result.id))
    pids = eventually(lambda: len(children(process.pid)) == 2 and children(process.pid), WAIT, what="two children")
    process.stop()
    assert not any(map(is_alive, pids))
    eventually(lambda: bare.ready(queue) == 2, WAIT, what="both messages at the broker")


def test_a_cold_shutdown_ends_the_children(start, bare, queue):
    process, app = start(processes=1)
    result = app.send_task("examples.block", (60,))
    process.wait_for_log(loglines.received(result.id))
    pids = eventually(lambda: children(process.pid), WAIT, what="a child")
    process.signal(signal.SIGTERM)
    process.wait_for_log(loglines.ANY_WARM_SHUTDOWN)
    process.signal(signal.SIGTERM)
    process.wait()
    eventually(lambda: not any(map(is_alive, pids)), 5, what="the end of the child")
    eventually(lambda: bare.ready(queue) == 1, WAIT, what="the message at the broker")


def test_children_that_cannot_start(start, tmp_path):
    """Here because their settings are gone. The tasks wait, tries get rarer, and nothing is lost."""
    process, app = start(processes=2)
    settings = tmp_path / "queues-1.yaml"
    text = settings.read_text()
    settings.write_text("nonsense: 1")
    results = [app.send_task("examples.add", (n, n)) for n in range(5)]
    process.wait_for_log(re.compile(r"exited with 'exitcode 1' before it took tasks; they wait until one does"), count=2)
    assert process.counted(re.compile("before it took tasks")) < 10, "it does not try without a pause"
    settings.write_text(text)
    assert [result.get(timeout=WAIT) for result in results] == [0, 2, 4, 6, 8]


def test_a_stuck_body_is_reported(worker, queue, make_app):
    """In the worker's own process a body that does not listen goes on: that is said, and when it ends."""
    process = worker({queue: catalogue.queue(time_limit=1)})
    app = make_app(queue)
    result = app.send_task("examples.block", (13,))
    with pytest.raises(TimeLimitExceeded):
        result.get(timeout=WAIT)
    process.wait_for_log(re.compile(rf"Task examples.block\[{result.id}\] is stuck: it goes on 10 s after"))
    process.wait_for_log(re.compile(rf"Task examples.block\[{result.id}\] ended 1\d s after it was given up"))


def test_no_variable_reaches_other_programs(start, worker):
    """A child's membership is its own: its environment does not make its children take themselves for pool workers."""
    process, app = start(processes=1)
    pid = app.send_task("examples.block", (0,)).get(timeout=WAIT)
    assert b"CHARD_POOL_CHILD=" in open(f"/proc/{pid}/environ", "rb").read(), "as it was started"
    stranger = worker("stranger", wait=False, program=["env", f"CHARD_POOL_CHILD=3:{process.pid}:1",
                                                       process.command[0]])
    assert stranger.wait() == 1
    assert "is no child of a worker" in stranger.log()


def test_any_worker_has_the_pool(worker, queue, make_app):
    """Also `chard worker`, whose command line has a subcommand."""
    from conftest import CHARD
    process = worker({queue: catalogue.queue(routes=["celery.*"])}, program=[CHARD, "worker"],
                     top={"tasks": {"celery.ping": {"pool": "processes"}}})
    assert make_app(queue).send_task("celery.ping").get(timeout=WAIT) == "pong"
    assert len(children(process.pid)) == 1


@pytest.mark.limit(180)
def test_random_kills_lose_nothing(start, tmp_path):
    """Children are replaced every few tasks and killed at random meanwhile; every task succeeds."""
    process, app = start("--max-tasks-per-child", "7", processes=3, settings={"max_deliveries": 100, "prefetch": 8})
    rng = random.Random(os.environ.get("CHARD_TEST_SEED", "pool"))
    results = [app.send_task("examples.block", (rng.choice((0, 0, 0.02)),)) for _ in range(400)]
    kills = 0
    while not all(result.ready() for result in results[-20:]) and kills < 60:
        for pid in children(process.pid)[:1]:
            try:
                os.kill(pid, signal.SIGKILL)
                kills += 1
            except ProcessLookupError:
                pass
        time.sleep(rng.random() * 0.2)
    assert all(isinstance(result.get(timeout=WAIT), int) for result in results)
    assert kills > 0
    pids = children(process.pid)
    process.stop()
    assert not any(map(is_alive, pids))


# --- remote control ---------------------------------------------------------------------------------------------------

def test_terminate_kills_the_process(start):
    """`revoke(terminate=True)` ends a body that heeds nothing, at once; the next task gets a new process."""
    process, app = start(processes=1)
    result = app.send_task("examples.block", (60,))
    process.wait_for_log(loglines.received(result.id))
    pid, = eventually(lambda: children(process.pid), WAIT, what="a child")
    node = process.wait_for_log(loglines.READY)[0].group(1)
    info, = eventually(lambda: app.control.inspect([node], timeout=10).active()[node], WAIT)
    assert info["worker_pid"] == pid
    app.control.revoke(result.id, terminate=True, signal="SIGKILL")
    eventually(lambda: not is_alive(pid), 10, what="the end of the process")
    eventually(lambda: result.state == "REVOKED", 10, what="REVOKED")
    assert app.send_task("examples.block", (0,)).get(timeout=WAIT) != pid


def test_pool_restart_replaces_the_children(start):
    process, app = start(processes=1, pool_restarts=True)
    node = process.wait_for_log(loglines.READY)[0].group(1)
    before = app.send_task("examples.block", (0,)).get(timeout=WAIT)
    answer, = app.control.pool_restart(reply=True, destination=[node], timeout=10)
    assert list(answer.values()) == [{"ok": "reload started"}]
    assert app.send_task("examples.block", (0,)).get(timeout=WAIT) != before
    eventually(lambda: not is_alive(before), WAIT, what="the end of the replaced child")
