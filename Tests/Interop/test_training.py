"""Trainings: leases instead of unacknowledged messages, checkpoints, recipes under limits; real workers that die."""
import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from celery import chain, chord, signature
from celery.exceptions import TimeLimitExceeded, WorkerLostError

from conftest import CHARD
from support import trainings
from support.load import SEED
from support.trainings import LEASES, SLOW, WAIT, epoch, gone, python, started, starts, top
from support.waiting import eventually

pytestmark = [pytest.mark.chard, pytest.mark.limit(120)]


@pytest.fixture
def start(worker, queue):
    """start(...) -> a worker of the queue with `trainings.top(...)`"""
    def make(recipes=None, tasks=None, env=None, checkpoint_dir=None, wait=True, lease=None, **settings):
        return worker({queue: trainings.queue(**settings)}, program=[CHARD, "worker"], env=env, wait=wait,
                      top=top(recipes, tasks, checkpoint_dir, **(lease or {})))
    return make


@pytest.fixture
def app(make_app, queue):
    return make_app(queue)


@pytest.fixture
def train(app):
    def send(recipe="logistic", parameters=None, **options):
        kwargs = {} if parameters is None else {"parameters": parameters}
        return app.send_task("ai.training.train", (recipe,), kwargs, **options)
    return send


def unacknowledged(services, queue):
    lines = services.output("ctl", "-q", "list_queues", "name", "messages_unacknowledged").splitlines()
    return [int(line.split()[1]) for line in lines if line.split()[:1] == [queue]][0]


def lease(redis, id, retries=0):
    key = f"chard-lease-{{celery-task-meta-{id}}}.{retries}"
    names = ("state", "fence", "starts", "worker")
    return {**dict(zip(names, redis.hmget(key, names))), "has_message": bool(redis.hexists(key, "body"))}


def reference(parameters):
    """What the recipe answers when nobody disturbs it."""
    done = subprocess.run([sys.executable, str(trainings.RECIPE)], text=True, capture_output=True, check=True,
                          input=json.dumps({"parameters": {**parameters, "seconds_per_epoch": 0}}))
    return json.loads(done.stdout.splitlines()[-1])["result"]


# --- recipes ----------------------------------------------------------------------------------------------------------

def test_a_training_reports_and_answers(start, train, redis, tell):
    start()
    result = train(parameters=SLOW)
    epoch(result)
    assert lease(redis, result.id)["state"] == "held"
    answer = result.get(timeout=WAIT)
    assert answer == reference(SLOW) and answer["accuracy"] > 0.9
    eventually(lambda: lease(redis, result.id)["state"] == "ended", WAIT)
    eventually(lambda: not redis.exists(f"chard-checkpoint-{{celery-task-meta-{result.id}}}"), WAIT)
    assert not lease(redis, result.id)["has_message"]
    tell(f"accuracy {answer['accuracy']} after {answer['epochs']} epochs")


def test_the_message_is_not_held_at_the_broker(start, train, services, queue, redis, tmp_path):
    """RabbitMQ's consumer_timeout has nothing to count."""
    gate = tmp_path / "gate"
    process = start({"gated": python(f"print('begun', file=sys.stderr, flush=True)\n"
                                     f"while not os.path.exists({str(gate)!r}): time.sleep(0.02)\nsay(result='over')")})
    result = train("gated")
    process.wait_for_log(f"[{result.id}]: begun")
    assert unacknowledged(services, queue) == 0 and lease(redis, result.id)["has_message"]
    gate.touch()
    assert result.get(timeout=WAIT) == "over"


def test_the_clear_failures(start, train, app):
    start({"strict": python("say(result=request['parameters'])", parameters=["epochs", "rate"]),
           "absent": {"command": ["no-such-program-anywhere"]}},
          env={"CHARD_TRAINING_PARAMETERS_LIMIT": "1KiB"})
    for arguments, error, text in [
        (("logistik",), ValueError, r"unknown recipe 'logistik'; did you mean \"logistic\"\?"),
        (("../../bin/sh",), ValueError, r"unknown recipe '../../bin/sh'; known: absent, logistic, strict"),
        (("logistic", 7), TypeError, r"parameters must be a dict"),
        (("strict", {"epoch": 1}), TypeError, r"recipe strict takes no parameter 'epoch'; did you mean \"epochs\"\?"),
        (("strict", {"rate": "x" * 2000}), ValueError, r"the parameters have 2\d+ bytes as JSON, and training.parameters"),
        (("logistic", {"epochs": -1}), ValueError, r"epochs must be a number of at least 0, not -1"),
        ((), TypeError, r"missing 1 required positional argument: 'recipe'"),
        (("absent",), Exception, r"starting no-such-program-anywhere: No such file or directory"),
    ]:
        with pytest.raises(error, match=text):
            app.send_task("ai.training.train", arguments).get(timeout=WAIT)
    assert train("strict", {"rate": 0.5}).get(timeout=WAIT) == {"rate": 0.5}


def test_the_limits_of_a_recipe(start, train, tmp_path):
    """Memory, CPU time, processors, time by the clock; what it has started dies with it."""
    note = tmp_path / "pid"
    start({
        "hog": python("x = bytearray(1 << 30)", memory="256MiB"),
        "busy": python("\nwhile True: pass", cpu_time=1),
        "narrow": python("say(result=len(os.sched_getaffinity(0)))", cpus=1),
        "slow": python(f"import subprocess; inner = subprocess.Popen(['sleep', '60']);"
                       f" open({str(note)!r}, 'w').write(str(inner.pid)); time.sleep(60)", time_limit="500ms"),
    })
    hog, busy, narrow, slow = [train(name) for name in ("hog", "busy", "narrow", "slow")]
    with pytest.raises(Exception, match=r"^exit status 1: MemoryError; a process may have 268435456 bytes of memory$"):
        hog.get(timeout=WAIT)
    with pytest.raises(Exception, match=r"signal 24 \(SIGXCPU\): more than 1 s of CPU time"):
        busy.get(timeout=WAIT)
    assert narrow.get(timeout=WAIT) == 1
    with pytest.raises(TimeLimitExceeded):
        slow.get(timeout=WAIT)
    gone(int(note.read_text()))


def test_settings_that_cannot_work(chard, tmp_path, queue):
    path = tmp_path / "queues.yaml"
    path.write_text("training:\n  recipes:\n    a: {cpus: 0}\n    b: {command: [x], memory: 1, tim_limit: 3}\n"
                    "tasks:\n  x: {leased: true, pool: processes}\n  y: {leased: true, delivery: at_most_once}\n")
    output = "".join(chard("check", "--config", path, status=1))
    for text in ("training.recipes.a.command", "b.memory", 'did you mean "time_limit"',
                 "tasks.x.leased: does not go with `pool: processes`",
                 "tasks.y.leased: does not go with `delivery: at_most_once`"):
        assert text in output, output


# --- workers that die, hang and leave ---------------------------------------------------------------------------------

def test_a_killed_worker_s_training_goes_on_elsewhere(start, train, redis, bare, queue, tell):
    """SIGKILL in the middle: the recipe and what it has started die too; the next one begins at the last checkpoint."""
    first = start()
    result = train(parameters=SLOW)
    begun, _ = started(first, result.id)
    before = epoch(result, 10)
    first.kill()
    gone(begun)
    second = start()
    _, resumed = started(second, result.id)
    assert before - 1 <= resumed < SLOW["epochs"], f"from epoch {resumed}, and {before} had been reported"
    assert result.get(timeout=WAIT) == reference(SLOW)
    assert lease(redis, result.id)["starts"] == "2" and len(starts(second, result.id)) == 1
    assert bare.ready(queue) == 0 and bare.ready(f"{queue}.dead") == 0
    tell(f"epoch {before} reported, worker killed, resumed from epoch {resumed}")


def test_all_that_a_recipe_has_started_dies_with_a_killed_worker(start, train, tmp_path):
    note = tmp_path / "pids"
    process = start({"family": python(
        f"import subprocess; inner = subprocess.Popen(['sleep', '60']);"
        f" open({str(note)!r} + '.part', 'w').write(f'{{os.getpid()}} {{inner.pid}} ' + os.environ['CHARD_CHECKPOINT']);"
        f" os.rename({str(note)!r} + '.part', {str(note)!r}); time.sleep(60)")})
    train("family")
    eventually(note.exists, WAIT, what="the recipe's note")
    leader, inner, checkpoint = note.read_text().split()
    process.kill()
    gone(int(leader))
    gone(int(inner))
    eventually(lambda: not Path(checkpoint).parent.exists(), WAIT, what="the end of its folder")


def test_a_frozen_worker_comes_back_too_late(start, train, redis):
    """SIGSTOP beyond its lease: another resumes; of the half-dead nothing counts, and its recipe is ended."""
    first = start(concurrency=1)
    result = train(parameters={**SLOW, "epochs": 80})
    begun, _ = started(first, result.id)
    epoch(result, 5)
    first.signal(signal.SIGSTOP)
    try:
        second = start()
        started(second, result.id)
        assert lease(redis, result.id)["worker"] == second.name
        assert lease(redis, result.id)["starts"] == "2"
    finally:
        first.signal(signal.SIGCONT)
    first.wait_for_log("has lost its lease")
    gone(begun)
    assert result.get(timeout=WAIT) == reference({**SLOW, "epochs": 80})
    logs = first.log() + second.log()
    assert logs.count(f"ai.training.train[{result.id}] succeeded") == 1
    assert f"[{result.id}] succeeded" not in first.log()
    # It is whole again.
    second.stop()
    assert train(parameters={"epochs": 1}).get(timeout=WAIT)["epochs"] == 1


def test_a_drained_worker_hands_its_training_over(start, train, redis, tell):
    """At once, with a last checkpoint; and the start does not count."""
    first, second = start(concurrency=1), None
    result = train(parameters={**SLOW, "checkpoint_every": 1000})
    started(first, result.id)
    before = epoch(result, 10)
    first.signal(signal.SIGTERM)
    second = start()
    _, resumed = started(second, result.id)
    assert first.wait() == 0 and resumed >= before
    assert result.get(timeout=WAIT) == reference({**SLOW, "checkpoint_every": 1000})
    assert lease(redis, result.id)["starts"] == "1"


def test_a_training_that_kills_its_worker_is_dead_lettered(start, train, bare, queue):
    code = "os.kill(os.getppid(), signal.SIGKILL); time.sleep(60)"
    recipes = {"murder": python(code)}
    first = start(recipes, max_deliveries=2)
    result = train("murder")
    first.wait()
    start(recipes, max_deliveries=2).wait()
    start(recipes, max_deliveries=2)
    with pytest.raises(WorkerLostError, match="the task was started 2 times and never ended"):
        result.get(timeout=WAIT)
    properties, _ = bare.take(f"{queue}.dead", timeout=WAIT)
    assert properties.headers["x-chard-reason"] == "max-deliveries"


def test_a_recipe_that_crashes_begins_again(start, train):
    code = ("path = os.environ['CHARD_CHECKPOINT']\n"
            "if os.path.exists(path): say(result=open(path).read())\n"
            "else: open(path, 'w').write('here'); say(checkpoint=1); time.sleep(0.3); os.kill(os.getpid(), 11)")
    start({"crash": python(code)})
    assert train("crash").get(timeout=WAIT) == "here"


def test_checkpoints_in_a_shared_folder(start, train, redis, tmp_path):
    folder = tmp_path / "shared"
    folder.mkdir()
    old, other = folder / "x.1.checkpoint", folder / "notes"
    for file in (old, other):
        file.touch()
        os.utime(file, (1e9, 1e9))
    first = start(checkpoint_dir=folder)
    result = train(parameters=SLOW)
    started(first, result.id)
    before = epoch(result, 5)
    first.kill()
    assert len(list(folder.glob("*.checkpoint"))) in (1, 2) and not old.exists() and other.exists()
    second = start(checkpoint_dir=folder)
    assert started(second, result.id)[1] >= before - 1
    assert result.get(timeout=WAIT) == reference(SLOW)
    # Killed between the two steps of keeping one, the first worker may have left one behind.
    eventually(lambda: len(list(folder.glob("*.checkpoint"))) <= 1, WAIT, what="an empty folder")


def test_a_checkpoint_that_is_too_large(start, train):
    start({"big": python("open(os.environ['CHARD_CHECKPOINT'], 'wb').write(b'x' * 2000); say(checkpoint=1); time.sleep(60)")},
          lease={"checkpoint_limit": "1KiB"})
    with pytest.raises(Exception, match="the checkpoint has 2000 bytes, and checkpoint_limit allows 1024"):
        train("big").get(timeout=WAIT)


def test_a_worker_that_cannot_reach_redis_loses_its_training(worker, queue, train, proxy, backend_url, redis):
    """A partition: the others cannot know that it is well. When it is back, it finds out."""
    between = proxy(backend_url)
    settings = {"config": None, "program": [CHARD, "worker"], "top": top()}
    first = worker({queue: trainings.queue(concurrency=1)}, backend=between.url, **settings)
    result = train(parameters={**SLOW, "epochs": 100})
    begun, _ = started(first, result.id)
    epoch(result, 5)
    between.change(mode="hang")
    second = worker({queue: trainings.queue()}, **settings)
    started(second, result.id)
    between.up()
    first.wait_for_log("has lost its lease")
    gone(begun)
    assert result.get(timeout=WAIT) == reference({**SLOW, "epochs": 100})
    assert f"[{result.id}] succeeded" not in first.log()


# --- servers that go away ---------------------------------------------------------------------------------------------

@pytest.mark.faults
@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("server", ["rabbit", "redis"])
def test_a_server_is_killed_during_a_training(start, train, services, server, redis):
    """Longer than a lease holds; but nobody else can take it meanwhile."""
    process = start()
    result = train(parameters=SLOW)
    started(process, result.id)
    epoch(result, 5)
    services("kill", server)
    if server == "redis":
        process.wait_for_log("renewing the lease", count=2)
    services("start", server)
    assert eventually(lambda: answer(redis, result.id), WAIT + 20, what="the result") == reference(SLOW)
    assert len(starts(process, result.id)) == 1, "it was started again although its worker was well"


def answer(redis, id):
    document = json.loads(redis.get(f"celery-task-meta-{id}") or "{}")
    return document.get("result") if document.get("status") == "SUCCESS" else None


@pytest.mark.usefixtures("alone")
def test_a_redis_that_has_lost_its_data(start, train, redis):
    process = start()
    result = train(parameters=SLOW)
    started(process, result.id)
    epoch(result, 5)
    redis.delete(f"chard-lease-{{celery-task-meta-{result.id}}}.0")
    process.wait_for_log("Redis has lost the lease")
    assert result.get(timeout=WAIT) == reference(SLOW)


# --- control ----------------------------------------------------------------------------------------------------------

def test_revoke_terminate(start, train, app, redis, bare, queue):
    process = start()
    result = train(parameters=SLOW)
    begun, _ = started(process, result.id)
    epoch(result)
    active = app.control.inspect([process.name], timeout=10).active()
    [task] = active[process.name]
    assert task["id"] == result.id and task["acknowledged"] is True
    app.control.revoke(result.id, terminate=True)
    gone(begun)
    eventually(lambda: result.state == "REVOKED", WAIT, what="the state REVOKED")
    eventually(lambda: lease(redis, result.id)["state"] == "ended", WAIT)
    process.stop()
    assert bare.ready(queue) == 0


def test_the_hard_time_limit(start, train, redis):
    process = start()
    result = train(parameters=SLOW, time_limit=0.7)
    begun, _ = started(process, result.id)
    with pytest.raises(TimeLimitExceeded):
        result.get(timeout=WAIT)
    gone(begun)
    eventually(lambda: lease(redis, result.id)["state"] == "ended", WAIT)


def test_no_message_waits_behind_trainings(start, train, management, queue, bare):
    """While all slots are taken the worker consumes nothing: what waits, waits at the broker, for anybody."""
    first = start(concurrency=1, prefetch=4)
    long = train(parameters={**SLOW, "epochs": 60})
    started(first, long.id)
    short = [train(parameters={"epochs": 1}) for _ in range(3)]
    eventually(lambda: bare.consumers(queue) == 0 and bare.ready(queue) == 3, WAIT, what="three messages at the broker")
    second = start(concurrency=1)
    assert [one.get(timeout=WAIT)["epochs"] for one in short] == [1, 1, 1]
    assert all(starts(second, one.id) for one in short)
    assert long.get(timeout=WAIT) == reference({**SLOW, "epochs": 60})
    eventually(lambda: bare.consumers(queue) == 2, WAIT, what="two consumers")


def test_a_chord_of_trainings(start, app, queue, make_app):
    """What follows follows once, also when a part has moved."""
    first = start()
    part = lambda **more: signature("ai.training.train", ("logistic",), {"parameters": {**SLOW, **more}}, app=app)
    body = signature("celery.accumulate", app=app)
    result = chord([part(seed=1), part(seed=2)], body).apply_async()
    for one in result.parent.results:
        started(first, one.id)
    epoch(result.parent.results[0], 5)
    first.kill()
    start()
    values = result.get(timeout=WAIT)
    assert values == [[reference({**SLOW, "seed": seed}) for seed in (1, 2)]]


# --- Swift tasks ------------------------------------------------------------------------------------------------------

@pytest.fixture
def resumable(worker, queue):
    def make(tasks=None, **settings):
        return worker({queue: trainings.queue(routes=["examples.*"], **settings)},
                      top={"worker": LEASES, "tasks": tasks or {}})
    return make


@pytest.mark.parametrize("leased", [True, False])
def test_a_swift_task_goes_on_from_its_checkpoint(resumable, app, leased):
    tasks = {"examples.resumable": {"leased": leased}}
    first = resumable(tasks)
    result = app.send_task("examples.resumable", (20, 0.05))
    eventually(lambda: result.state == "PROGRESS" and result.info["step"] >= 5, WAIT, what="five steps")
    first.kill()
    resumable(tasks)
    assert result.get(timeout=WAIT) == [20, 2]


def test_a_swift_task_is_handed_over_at_a_shutdown(resumable, app, redis):
    first = resumable()
    result = app.send_task("examples.resumable", (20, 0.05))
    eventually(lambda: result.state == "PROGRESS" and result.info["step"] >= 5, WAIT, what="five steps")
    first.stop()
    assert "goes back to queue" in first.log()
    resumable()
    assert result.get(timeout=WAIT) == [20, 2]
    assert lease(redis, result.id)["starts"] == "1"


def test_every_ending_of_a_task_with_a_lease(worker, queue, app, bare, redis):
    """What a run causes, stores and answers is the same as for every other task."""
    first = worker({queue: trainings.queue(routes=["examples.*"], concurrency=4, prefetch=8,
                                           retry={"max_retries": 3, "backoff": ["100ms"]})},
                   top={"worker": LEASES, "tasks": {"examples.*": {"leased": True}}})
    task = lambda name, *args, **more: signature(f"examples.{name}", args, app=app, **more)
    results = [task("add", i, i).apply_async() for i in range(20)]
    assert [one.get(timeout=WAIT) for one in results] == [2 * i for i in range(20)]
    assert chain(task("add", 1, 2), task("add", 3)).apply_async().get(timeout=WAIT) == 6
    assert chord([task("add", i, 1) for i in range(5)], task("echo")).apply_async().get(timeout=WAIT) == [1, 2, 3, 4, 5]
    failed = task("fail", "no", link_error=task("echo")).apply_async()
    with pytest.raises(Exception, match="no"):
        failed.get(timeout=WAIT)
    retried = task("retry", 2).apply_async()
    retried.get(timeout=WAIT)
    rejected = task("reject").apply_async()
    properties, _ = bare.take(f"{queue}.dead", timeout=WAIT)
    assert properties.headers["id"] == rejected.id and properties.headers["x-chard-reason"] == "rejected"
    for attempt in range(3):
        eventually(lambda: lease(redis, retried.id, attempt)["state"] == "ended", WAIT, what=f"end of attempt {attempt}")
    eventually(lambda: redis.zcard(f"chard-leases-{queue}@/") == 0, WAIT, what="no lease")
    first.stop()
    assert bare.ready(queue) == 0


LEASED, KILLS = int(os.environ.get("CHARD_TEST_LEASES", "80")), int(os.environ.get("CHARD_TEST_LEASE_KILLS", "4"))


@pytest.mark.faults
@pytest.mark.limit(60 + LEASED + 20 * KILLS)
def test_nothing_is_lost_when_workers_with_leases_are_killed(resumable, app, bare, queue, redis, tell):
    """G2 and G4 without the broker's help: SIGKILL at any instant, also while watchers move what others have left."""
    dice = random.Random(SEED)
    settings = {"concurrency": 8, "prefetch": 16, "max_deliveries": 100}
    workers = [resumable(**settings), resumable(**settings)]
    results = [app.send_task("examples.resumable", (10, 0.05)) for _ in range(LEASED)]
    for _ in range(KILLS):
        some = dice.choice(results)
        eventually(lambda: some.state in ("PROGRESS", "SUCCESS"), WAIT, what="progress")
        victim = dice.randrange(2)
        workers[victim].kill()
        workers[victim] = resumable(**settings)
    answers = [one.get(timeout=WAIT + LEASED) for one in results]
    assert [steps for steps, _ in answers] == [10] * LEASED
    eventually(lambda: redis.zcard(f"chard-leases-{queue}@/") == 0, WAIT, what="no lease")
    for process in workers:
        process.stop()
    assert bare.ready(queue) == 0 and bare.ready(f"{queue}.dead") == 0
    tell(f"{LEASED} tasks, {KILLS} kills (seed {SEED}): {sum(1 for _, starts in answers if starts > 1)} were resumed")
