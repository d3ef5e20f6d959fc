"""`chard beat`: no run is sent twice and none is lost, whatever dies; what was missed is caught up as configured."""
import datetime
import json
import random
import re
import signal
import time

import pytest
from celery.beat import ScheduleEntry, Scheduler

from conftest import CHARD, clean_environment
from support.beats import LEADING, LOST, SENDING, Beats
from support.load import SEED
from support.waiting import eventually

pytestmark = pytest.mark.chard
EVERY = 200_000
FAST = {"tick": {"schedule": "200ms", "catch_up": "all", "catch_up_limit": 10_000}}


@pytest.fixture
def beats(request, tmp_path, queue, bare, redis, broker_url, backend_url):
    made = Beats(CHARD, tmp_path, queue, bare, redis, broker_url, backend_url, clean_environment())
    request.node.workers = made.all
    bare.declare(queue)
    yield made
    made.end()


@pytest.fixture
def fast(beats):
    """One entry every 200 ms; `beats` and the time its runs are counted from."""
    beats.configure(FAST, lock_ttl="2s", max_interval="1s")
    return beats, beats.ran_at("tick", 0, "every 200ms")


def leader(processes):
    """The one that leads now."""
    fences = {}
    for process in processes:
        found = LEADING.findall(process.log())
        if process.running and found:
            fences[int(found[-1])] = process
    return fences[max(fences)] if fences else None


# --- one sends --------------------------------------------------------------------------------------------------------

def test_two_beats_send_each_run_once(fast):
    beats, base = fast
    first, second = beats.start(), beats.start()
    beats.wait_for_runs("tick", base, EVERY, 25)
    leads, waits = (first, second) if leader([first, second]) is first else (second, first)
    waits.wait_for_log("beat: Another beat sends; waiting for its lock")
    assert not SENDING.search(waits.log())
    beats.stop()
    assert beats.each_run_once("tick", base, EVERY) == 0


def test_an_orderly_end_hands_over_at_once(fast):
    beats, base = fast
    beats.configure(FAST, lock_ttl="10m")
    first = beats.start()
    first.wait_for_log(LEADING)
    second = beats.start()
    second.wait_for_log("beat: Another beat sends")
    first.stop()
    second.wait_for_log(LEADING, timeout=5)
    beats.wait_for_runs("tick", base, EVERY, 15)
    beats.stop()
    assert beats.each_run_once("tick", base, EVERY) == 0


@pytest.mark.faults
@pytest.mark.limit(180)
def test_sigkill_of_the_leader(fast, tell):
    """The other takes over within the TTL; what it finds begun it sends again."""
    beats, base = fast
    dice, kills, twice = random.Random(SEED), 6, []
    processes = [beats.start(), beats.start()]
    for _ in range(kills):
        victim = eventually(lambda: leader(processes), 20, what="a leader")
        beats.wait_for_runs("tick", base, EVERY, (beats.last("tick") - base) // EVERY + 3)
        time.sleep(dice.uniform(0, 0.2))             # not a wait: kills it at any moment of its cycle
        victim.kill()
        died = time.monotonic()
        other = next(one for one in processes if one.running)
        before = len(LEADING.findall(other.log()))
        other.wait_for_log(LEADING, timeout=10, count=before + 1)
        assert time.monotonic() - died < 2 + 1, "it took over too late"
        processes = [other, beats.start()]
    beats.wait_for_runs("tick", base, EVERY, int((time.time() * 1e6 - base) / EVERY))
    beats.stop()
    again = beats.each_run_once("tick", base, EVERY)
    tell(f"{kills} kills (seed {SEED}): {(beats.last('tick') - base) // EVERY} runs, {again} sent again")


@pytest.mark.faults
@pytest.mark.parametrize("mode, arrives", [("hang-upstream", False), ("hang-downstream", True)])
def test_sigkill_between_claim_and_confirm(fast, proxy, broker_url, mode, arrives):
    """Not by luck: the broker's confirm is held back while it is killed, with the message lost or delivered."""
    beats, base = fast
    front = proxy(broker_url)
    first = beats.start(broker=front.url)
    first.wait_for_log(" sent. id->", count=2)
    front.change(mode=mode)
    eventually(beats.pending, what="a run begun and not confirmed")
    if arrives:
        first.wait_for_log(SENDING, count=first.counted(re.compile("sent. id->")) + 1)
        eventually(lambda: beats.bare.ready(beats.queue) > first.counted(re.compile("sent. id->")))
    first.kill()
    front.change(mode="refuse", reset=True)
    second = beats.start()
    second.wait_for_log(SENDING, count=5)
    beats.stop()
    assert beats.each_run_once("tick", base, EVERY) == (1 if arrives else 0)


@pytest.mark.faults
@pytest.mark.limit(120)
def test_a_leader_that_was_asleep_sends_nothing_more(fast):
    """SIGSTOP past its TTL, then SIGCONT: it notices before it sends."""
    beats, base = fast
    first = beats.start()
    first.wait_for_log(SENDING, count=3)
    second = beats.start()
    second.wait_for_log("beat: Another beat sends")
    first.signal(signal.SIGSTOP)
    try:
        second.wait_for_log(LEADING, timeout=10)
        second.wait_for_log(SENDING, count=5)
        sent = first.counted(SENDING)
    finally:
        first.signal(signal.SIGCONT)
    first.wait_for_log(LOST)
    first.wait_for_log("beat: Another beat sends")
    second.wait_for_log(SENDING, count=second.counted(SENDING) + 5)
    assert first.counted(SENDING) == sent
    beats.stop()
    beats.each_run_once("tick", base, EVERY)


def test_a_claim_under_an_old_fence_is_refused(fast, redis):
    """Somebody else has begun a later lease: the leader stops, although its lock has not run out."""
    beats, base = fast
    process = beats.start()
    process.wait_for_log(SENDING, count=2)
    redis.incr(beats.prefix + "fence")
    redis.set(beats.prefix + "leader", f"{int(redis.get(beats.prefix + 'fence'))} somebody-else")
    process.wait_for_log(LOST)
    process.wait_for_log(LEADING, count=2)           # a new lease, and it goes on
    beats.wait_for_runs("tick", base, EVERY, int((time.time() * 1e6 - base) / EVERY) + 2)
    beats.stop()
    assert beats.each_run_once("tick", base, EVERY) == 0


def test_a_redis_that_forgets_everything(fast, redis):
    """Lock, fence and last runs are gone: the leader steps down, leads anew, and goes on from what it knows itself."""
    beats, base = fast
    process = beats.start()
    process.wait_for_log(SENDING, count=3)
    redis.delete(*[beats.prefix + key for key in ("lock", "fence", "leader", "last", "pending")])
    process.wait_for_log(LEADING, count=2)
    beats.wait_for_runs("tick", base, EVERY, int((time.time() * 1e6 - base) / EVERY) + 5)
    beats.stop()
    assert beats.each_run_once("tick", base, EVERY) == 0


# --- what was missed --------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("policy, expected", [("skip", []), ("once", [5]), ("all", [1, 2, 3, 4, 5])])
def test_missed_runs(beats, policy, expected):
    beats.configure({"slow": {"schedule": "10m", "catch_up": policy}})
    base, every = beats.ran_at("slow", 5.5 * 600, "every 10m"), 600_000_000
    process = beats.start()
    if policy == "skip":
        process.wait_for_log("Scheduler: slow missed runs up to")
    else:
        process.wait_for_log(" sent. id->", count=len(expected))
        eventually(lambda: beats.last("slow") == base + 5 * every and not beats.pending())
    beats.stop()
    assert [one.headers["id"] for one in beats.messages()] == [beats.id("slow", base + n * every) for n in expected]
    beats.start().wait_for_log(LEADING)              # and not again after the next start
    beats.stop()
    assert not beats.messages()


def test_all_is_bounded(beats):
    beats.configure({"slow": {"schedule": "10m", "catch_up": "all", "catch_up_limit": 3}})
    base, every = beats.ran_at("slow", 1000.5 * 600, "every 10m"), 600_000_000
    beats.start().wait_for_log(" sent. id->", count=3)
    beats.stop()
    sent = [one.headers["id"] for one in beats.messages()]
    assert sent == [beats.id("slow", base + n * every) for n in (998, 999, 1000)]


def test_cron_starting_deadline(beats):
    minute = (datetime.datetime.now().minute + 30) % 60           # half an hour ago
    beats.configure({"hourly": {"schedule": {"crontab": f"{minute} * * * *"}}}, cron_starting_deadline="60s")
    beats.ran_at("hourly", 7200, f"crontab {minute} * * * *")
    beats.start().wait_for_log("Scheduler: hourly missed runs up to")
    beats.stop()
    assert not beats.messages()


def test_a_changed_schedule_starts_anew(beats):
    beats.configure({"slow": {"schedule": "10m"}})
    beats.ran_at("slow", 86400, "every 1h")
    began = time.time() * 1e6
    beats.start().wait_for_log(LEADING)
    eventually(lambda: beats.last("slow") >= began, what="counting from now")
    beats.stop()
    assert not beats.messages()


def test_a_disabled_entry_is_not_sent_and_not_caught_up_later(beats):
    beats.configure({"slow": {"schedule": "10m", "enabled": False}})
    beats.ran_at("slow", 86400, "every 10m")
    beats.start().wait_for_log(LEADING)
    eventually(lambda: beats.last("slow") is None)
    beats.stop()
    beats.configure({"slow": {"schedule": "10m"}})
    beats.start()
    eventually(lambda: beats.last("slow") is not None)
    beats.stop()
    assert not beats.messages()


def test_what_was_begun_and_not_confirmed_is_sent_again(beats, redis):
    """A crash between claim and publish: the same id, marked for workers. What a worker has seen is not sent again."""
    beats.configure({name: {"schedule": "1h"} for name in ("lost", "seen")})
    times = {name: beats.ran_at(name, 60, "every 1h") for name in ("lost", "seen")}
    for name, micros in times.items():
        redis.hset(beats.prefix + "pending", name, micros)
    seen = f"celery-task-meta-{beats.id('seen', times['seen'])}"
    redis.set(seen, json.dumps({"status": "SUCCESS", "result": 1, "traceback": None, "children": [],
                                "date_done": None, "task_id": beats.id("seen", times["seen"])}))
    beats.start()
    eventually(lambda: not beats.pending(), what="nothing pending")
    beats.stop()
    redis.delete(seen)
    sent = beats.messages()
    assert [one.headers["id"] for one in sent] == [beats.id("lost", times["lost"])]
    assert sent[0].headers["x-chard-again"] is True and sent[0].headers["celery_beat_task"] is True


def test_a_last_run_far_in_the_future(beats):
    """The clock had been wrong: it counts from now instead of waiting for years."""
    beats.configure({"soon": {"schedule": "200ms"}})
    beats.ran_at("soon", -1e8, "every 200ms")
    process = beats.start()
    process.wait_for_log("which is still to come; counting from now on")
    process.wait_for_log(" sent. id->", count=2)
    beats.stop()


# --- servers go away --------------------------------------------------------------------------------------------------

@pytest.mark.faults
@pytest.mark.limit(150)
@pytest.mark.parametrize("how", ["refuse", "hang-upstream", "hang-downstream"])
@pytest.mark.parametrize("server", ["broker", "redis"])
def test_a_server_away_for_a_while(fast, proxy, broker_url, backend_url, server, how, tell):
    beats, base = fast
    front = proxy(broker_url if server == "broker" else backend_url)
    process = beats.start(**{"broker" if server == "broker" else "backend": front.url})
    process.wait_for_log(SENDING, count=5)
    front.change(mode=how, reset=how == "refuse")
    trouble = {"broker": "could not be sent and will be sent again",
               "redis": re.compile("Cannot go on|Cannot renew|The lock is lost|Cannot get the lock")}[server]
    process.wait_for_log(trouble, timeout=40)
    front.cut()
    target = int((time.time() * 1e6 - base) / EVERY)
    beats.wait_for_runs("tick", base, EVERY, target + 5, timeout=80)
    beats.stop()
    again = beats.each_run_once("tick", base, EVERY)
    tell(f"{(beats.last('tick') - base) // EVERY} runs, {again} sent again")


# --- what is sent, and who runs it ------------------------------------------------------------------------------------

def test_the_message_is_that_of_celerys_beat(beats, bare, make_app):
    entry = {"schedule": "200ms", "task": "t.x", "args": [1, "two"], "kwargs": {"k": None}, "expires": 60,
             "headers": {"tenant": 7}, "priority": 4}
    beats.configure({"e": entry})
    beats.start().wait_for_log(" sent. id->")
    beats.stop()
    ours, body = bare.take(beats.queue)
    beats.messages()
    app = make_app(beats.queue)
    theirs = ScheduleEntry("e", "t.x", schedule=1, args=[1, "two"], kwargs={"k": None}, app=app,
                           options={"expires": 60, "headers": {"tenant": 7}, "priority": 4})
    Scheduler(app, lazy=True).apply_async(theirs, advance=False)
    wanted, wanted_body = bare.take(beats.queue)
    assert json.loads(body) == json.loads(wanted_body)
    ignored = {"id", "root_id", "origin", "expires", "argsrepr"}     # Celery's beat prints a list, its clients a tuple
    assert {k: v for k, v in ours.headers.items() if k not in ignored} == {
        k: v for k, v in wanted.headers.items() if k not in ignored}
    assert ours.headers["id"] == ours.headers["root_id"] and ours.headers["parent_id"] is None
    for name in ("content_type", "content_encoding", "delivery_mode", "priority"):
        assert getattr(ours, name) == getattr(wanted, name)


@pytest.mark.parametrize("kind", ["python", "chard"])
def test_a_worker_runs_the_tasks(fast, worker, redis, kind):
    beats, base = fast
    worker(beats.queue, kind=kind)
    beats.start()
    beats.wait_for_runs("tick", base, EVERY, 10)
    beats.stop()
    ids = [beats.id("tick", micros) for micros in range(base + EVERY, beats.last("tick") + 1, EVERY)]
    done = lambda: all(json.loads(redis.get(f"celery-task-meta-{one}") or "{}").get("result") == "tick" for one in ids)
    eventually(done, what="all results")


def test_a_worker_with_a_beat_inside(beats, worker, redis):
    beats.configure(FAST, lock_ttl="2s")
    base = beats.ran_at("tick", 0, "every 200ms")
    process = worker(config=beats.config(), options=["-B"])
    beats.wait_for_runs("tick", base, EVERY, 5)
    process.stop()
    assert "beat: Shutting down..." in process.log() and not redis.exists(beats.prefix + "lock")
    ids = [beats.id("tick", micros) for micros in range(base + EVERY, beats.last("tick") + 1, EVERY)]
    eventually(lambda: any(redis.exists(f"celery-task-meta-{one}") for one in ids), what="a result")


def test_without_a_lock(beats):
    beats.configure({"tick": {"schedule": "200ms"}})
    process = beats.start("--no-lock", backend="none")
    process.wait_for_log(" sent. id->", count=3)
    beats.stop()
    assert len(beats.messages()) >= 3


# --- the command line -------------------------------------------------------------------------------------------------

def test_list(beats, chard):
    beats.configure({
        "often": {"schedule": "10m"}, "off": {"schedule": 5, "enabled": False},
        "weekly": {"schedule": {"crontab": "30 4 * * mon"}, "timezone": "Asia/Tokyo", "catch_up": "skip"},
        "light": {"schedule": {"solar": {"event": "sunset", "latitude": 52.5, "longitude": 13.4}}}})
    micros = beats.ran_at("often", 60, "every 10m")
    rows = {row["name"]: row for row in json.loads(chard("beat", "list", "--json", "--config", beats.config())[0])}
    assert list(rows) == ["often", "off", "weekly", "light"]
    moment = lambda text: datetime.datetime.fromisoformat(text)
    assert int(moment(rows["often"]["last_run"]).timestamp()) == micros // 1_000_000
    assert moment(rows["often"]["next_run"]) - moment(rows["often"]["last_run"]) == datetime.timedelta(minutes=10)
    assert rows["off"]["next_run"] is None and rows["off"]["enabled"] is False and rows["off"]["last_run"] is None
    following = moment(rows["weekly"]["next_run"])
    assert (following.weekday(), following.hour, following.minute) == (0, 4, 30)
    assert following.utcoffset() == datetime.timedelta(hours=9) and rows["weekly"]["timezone"] == "Asia/Tokyo"
    assert rows["light"]["schedule"] == "sunset at 52.5 13.4"
    table, _ = chard("beat", "list", "--config", beats.config())
    assert "every 10m" in table and "crontab 30 4 * * mon" in table and "disabled" in table and "never" in table


@pytest.mark.parametrize("words", [["beat"], ["beat", "list"]], ids=" ".join)
def test_help(chard, words):
    out, _ = chard(*words, "--help")
    assert "USAGE" in out and "beat" in out


def test_list_is_empty(chard):
    assert "no periodic tasks" in chard("beat", "list")[0]


def test_bad_settings(beats, chard):
    beats.configure({"a": {"schedule": {"crontab": "61 * * * *"}}, "b": {"schedule": "soon"}})
    for words in (["beat"], ["beat", "list"], ["worker", "-B"]):
        _, err = chard(*words, "--config", beats.config(), status=1)
        assert "beat.entries.a.schedule.crontab: minute: \"61\" is not within 0 to 59" in err
        assert "beat.entries.b.schedule: must be a duration" in err and re.search(r"beat\.yaml:\d+: ", err)


@pytest.mark.parametrize("words", [["beat"], ["worker", "-B"]], ids=" ".join)
def test_no_redis(beats, chard, words):
    beats.configure(FAST)
    _, err = chard(*words, "--config", beats.config(), "--result-backend", "none", status=1)
    assert [line for line in err.splitlines() if line.startswith("error:")] == [
        "error: starting beat: no Redis is configured for its lock and the last runs; set result_backend.url or "
        "CELERY_RESULT_BACKEND, or use --no-lock if this is the only beat and may forget"]
