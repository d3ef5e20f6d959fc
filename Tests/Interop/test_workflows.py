"""Callbacks, errbacks, chains, groups and chords: sent by Python, run by Chard, as on a Python worker."""
import os
import random
import time
import re

import pytest
from celery import chain, chord, group
from celery.exceptions import ChordError

from support.canvases import Canvases, Failed, outcome, states
from support.load import SEED
from support.waiting import eventually

WAIT = 30


@pytest.fixture
def sig(app):
    return lambda name, *args, **options: app.signature(f"examples.{name}", args=args, **options)


def test_chain_passes_results_on(app, sig):
    assert chain(sig("add", 1, 2), sig("add", 3), sig("add", 4), app=app)().get(timeout=WAIT) == 10


def test_chain_of_immutable_signatures(app, sig):
    work = chain(sig("add", 1, 2), sig("add", 5, 6, immutable=True), app=app)()
    assert work.get(timeout=WAIT) == 11 and work.parent.get(timeout=WAIT) == 3


def test_group(app, sig):
    assert group([sig("add", n, n) for n in range(20)], app=app)().get(timeout=WAIT) == [2 * n for n in range(20)]


def test_chord(app, sig):
    work = chord([sig("add", n, n) for n in range(20)], sig("pair", "sum"), app=app)()
    assert work.get(timeout=WAIT) == ["sum", [2 * n for n in range(20)]]


def test_chord_leaves_nothing_in_redis_but_results(app, sig, redis):
    work = chord([sig("add", n, n) for n in range(3)], sig("pair", "sum"), app=app)()
    work.get(timeout=WAIT)
    group_id = work.parent.id
    eventually(lambda: redis.get(f"celery-taskset-meta-{group_id}.c") == "done", WAIT, what="the end of the chord")
    kept = {key.removeprefix(f"celery-taskset-meta-{group_id}") for key in redis.keys(f"*{group_id}*")}
    assert kept == {".c"}


def test_chain_into_group_into_task(app, sig):
    work = chain(sig("add", 1, 2), group(sig("add", 1), sig("add", 2), app=app), sig("pair", "end"), app=app)()
    assert work.get(timeout=WAIT) == ["end", [4, 5]]


def test_nested_chords(app, sig):
    inner = chord([sig("add", 1, 1), sig("add", 2, 2)], sig("pair", "inner"), app=app)
    work = chord([inner, sig("add", 3, 3)], chain(sig("pair", "outer"), sig("pair", "end"), app=app), app=app)()
    assert work.get(timeout=WAIT) == ["end", ["outer", [["inner", [2, 4]], 6]]]


def test_chain_that_ends_in_a_group_keeps_its_shape_in_a_header(app, sig):
    fan = chain(sig("add", 1, 1), group(sig("add", 10), sig("add", 20), app=app), app=app)
    work = chord([fan, sig("add", 3, 3)], sig("pair", "shape"), app=app)()
    assert work.get(timeout=WAIT) == ["shape", [[12, 22], 6]]


def test_group_in_a_header_is_unrolled(app, sig):
    """Each group counts its own tasks from 0, so that the order of all of them is left open, as in Celery."""
    header = [group(sig("add", 1, 1), sig("add", 2, 2), app=app), sig("add", 3, 3)]
    label, values = chord(header, sig("pair", "flat"), app=app)().get(timeout=WAIT)
    assert (label, sorted(values)) == ("flat", [2, 4, 6])


def test_chord_with_a_group_as_body(app, sig):
    body = group(sig("pair", "a"), sig("pair", "b"), app=app)
    work = chord([sig("add", 1, 1), sig("add", 2, 2)], body, app=app)()
    assert work.get(timeout=WAIT) == [["a", [2, 4]], ["b", [2, 4]]]


def test_callbacks_get_the_result_and_become_children(app, sig, tmp_path):
    lines = tmp_path / "lines"
    callbacks = [sig("note", str(lines), one) for one in ("a", "b", "c")]
    work = sig("add", 1, 2).apply_async(link=callbacks)
    assert work.get(timeout=WAIT) == 3
    eventually(lambda: lines.exists() and sorted(lines.read_text().split()) == ["a", "b", "c"], WAIT)
    children, = work.children                                  # several callbacks are one group, as in Celery
    assert children.get(timeout=WAIT) == [3, 3, 3]


def test_root_and_parent_ids(make_app, worker, queue):
    worker(queue, top={"result_backend": {"extended": True}})
    app = make_app(queue, result_extended=True)
    add = lambda *args: app.signature("examples.add", args=args)
    last = chain(add(1, 1), add(1), add(1), app=app)()
    assert last.get(timeout=WAIT) == 4
    first = last.parent.parent
    metas = [app.backend.get_task_meta(one.id) for one in (first, last.parent, last)]
    assert [meta.get("parent_id") for meta in metas] == [None, first.id, last.parent.id]
    assert [meta["name"] for meta in metas] == ["examples.add"] * 3


def test_failure_in_a_chain_reaches_its_end(app, sig):
    work = chain(sig("add", 1, 2), sig("fail_with", "broken"), sig("add", 1), sig("add", 2), app=app)()
    with pytest.raises(ValueError, match="^broken$"):
        work.get(timeout=WAIT)
    assert work.parent.parent.state == "FAILURE"
    # What follows is published before the state is stored, as in Celery.
    eventually(lambda: work.parent.parent.parent.state == "SUCCESS", WAIT)


def test_errback_runs_after_failure_only(app, sig, tmp_path):
    lines = tmp_path / "lines"
    errback = sig("append", str(lines), "failed", immutable=True)
    good = sig("add", 1, 2).apply_async(link_error=errback)
    assert good.get(timeout=WAIT) == 3
    bad = sig("fail", "x").apply_async(link_error=errback)
    with pytest.raises(ValueError):
        bad.get(timeout=WAIT)
    eventually(lambda: lines.exists() and lines.read_text() == "failed\n", WAIT, what="one errback")


def test_failing_part_fails_the_chord_and_calls_the_body_errback(app, sig, tmp_path):
    lines = tmp_path / "lines"
    body = sig("pair", "never").on_error(sig("append", str(lines), "failed", immutable=True))
    work = chord([sig("add", 1, 1), sig("fail", "part"), sig("add", 2, 2)], body, app=app)()
    error = work.get(timeout=WAIT, propagate=False)
    assert type(error) is ChordError and re.fullmatch(r"Dependency \S+ raised ValueError\('part'\)", str(error))
    eventually(lambda: lines.exists() and lines.read_text() == "failed\n", WAIT, what="one errback")


def test_failing_part_fails_what_follows_the_chord(app, sig):
    work = chain(chord([sig("fail", "part"), sig("add", 2, 2)], sig("pair", "never"), app=app),
                 sig("pair", "nor this"), app=app)()
    assert type(work.get(timeout=WAIT, propagate=False)) is ChordError


@pytest.mark.parametrize("kind", ["task", "chain", "group", "chord"])
def test_replace(app, sig, kind):
    add = lambda *args: sig("add", *args)
    others = {"task": (add(1, 2), 3), "chain": (chain(add(1, 2), add(3), app=app), 6),
              "group": (group(add(1, 2), add(3, 4), app=app), [3, 7]),
              "chord": (chord([add(1, 2), add(3, 4)], sig("pair", "c"), app=app), ["c", [3, 7]])}
    other, value = others[kind]
    work = chain(sig("replace", other), sig("pair", "after"), app=app)()
    assert work.get(timeout=WAIT) == ["after", value]


def test_map_starmap_and_chunks(app, sig):
    add = app.signature("examples.add")
    echo = app.signature("examples.echo")
    assert app.signature("celery.map", kwargs={"task": echo, "it": [1, 2, 3]}).delay().get(timeout=WAIT) == [1, 2, 3]
    pairs = [[1, 2], [3, 4], [5, 6]]
    assert app.signature("celery.starmap", kwargs={"task": add, "it": pairs}).delay().get(timeout=WAIT) == [3, 7, 11]


@pytest.mark.chard                               # Celery leaves the body waiting for ever
def test_unknown_task_in_a_chord_does_not_stall_it(app, sig):
    work = chord([sig("add", 1, 1), sig("no_such_task")], sig("pair", "never"), app=app)()
    error = work.get(timeout=WAIT, propagate=False)
    assert type(error) is ChordError and "examples.no_such_task" in str(error)


def test_expired_part_does_not_stall_its_chord(app, sig):
    work = chord([sig("add", 1, 1), sig("add", 2, 2, options={"expires": -1})], sig("pair", "never"), app=app)()
    error = work.get(timeout=WAIT, propagate=False)
    assert type(error) is ChordError and "TaskRevokedError" in str(error)


def test_callback_that_cannot_be_applied_is_a_failure(app, bare, shared):
    """A link that is no signature must neither crash the worker nor lose the message."""
    ends = bare.send_task(shared.queue, "examples.add", (1, 2), embed={"callbacks": [{"task": "celery.chord", "subtask_type": "chord", "kwargs": {}}]})
    meta = eventually(lambda: app.AsyncResult(ends).ready() and app.backend.get_task_meta(ends), WAIT)
    assert meta["status"] in ("FAILURE", "SUCCESS")
    assert app.send_task("examples.add", (2, 2)).get(timeout=WAIT) == 4


# --- the same as a Python worker --------------------------------------------------------------------------------------

@pytest.mark.chard
@pytest.mark.limit(300)
@pytest.mark.parametrize("failures", [0, 0.15], ids=["all succeed", "some fail"])
def test_random_canvases_end_as_on_a_python_worker(worker, new_queue, make_app, failures, tell):
    queues = new_queue(), new_queue()
    worker(queues[0], concurrency=8)
    worker(queues[1], concurrency=8, kind="python")
    differences, count = [], int(os.environ.get("CHARD_TEST_CANVASES", "40"))
    apps = [make_app(queue) for queue in queues]
    deadline = time.monotonic() + 100                          # one that hangs on both workers costs its time twice
    for number in range(count):
        if time.monotonic() > deadline:
            count = number
            break
        works = [Canvases(app, random.Random(SEED * 1000 + number), failures).make(3) for app in apps]
        results = [work.apply_async() for work in works]
        ends = [outcome(result, 5) for result in results]
        # Of several failures the client raises the one that it hears of first; the states must agree all the same.
        if ends[0] != ends[1] and not all(isinstance(end, Failed) for end in ends):
            differences.append((SEED * 1000 + number, works[0], *ends))
            continue
        try:
            eventually(lambda: states(results[0]) == states(results[1]), 5)
        except AssertionError:
            differences.append((SEED * 1000 + number, works[0], *map(states, results)))
    assert count >= 8
    tell(f"{count} canvases, seed {SEED}, {len(differences)} differ")
    assert not differences, "\n".join(f"{seed}: {work}\n  chard  {a}\n  python {b}" for seed, work, a, b in differences[:5])


@pytest.mark.chard
@pytest.mark.limit(120)
def test_chords_whose_parts_end_on_both_kinds_of_workers(worker, queue, make_app, tell):
    top = {"result_backend": {"extended": True}}
    one = worker(queue, concurrency=2, prefetch=2, top=top)
    other = worker(queue, concurrency=2, kind="python")
    app = make_app(queue)
    add, pair = (lambda *args: app.signature("examples.add", args=args)), app.signature("examples.pair", args=("all",))
    works = [chord([add(n, k) for k in range(10)], pair, app=app)() for n in range(30)]
    for n, work in enumerate(works):
        assert work.get(timeout=60) == ["all", [n + k for k in range(10)]]
    counts = [len(re.findall(r"examples\.add\[\S+\] succeeded", process.log())) for process in (one, other)]
    bodies = [len(re.findall(r"examples\.pair\[\S+\] succeeded", process.log())) for process in (one, other)]
    tell(f"parts on Chard and Python: {counts}, bodies {bodies}")
    assert all(counts) and sum(counts) == 300 and sum(bodies) == 30
