"""Workflows while workers die: each ends, with the right result, and its last task runs once."""
import os
import random
import time
from collections import Counter

import pytest

from support.load import SEED
from support.waiting import eventually
from support.workflows import Workflows

pytestmark = [pytest.mark.chard, pytest.mark.faults, pytest.mark.usefixtures("alone")]
CHORDS = int(os.environ.get("CHARD_TEST_CHORDS", "1000"))
WORKFLOWS = int(os.environ.get("CHARD_TEST_WORKFLOWS", "10000"))


@pytest.mark.limit(500)
def test_sigkill_during_1000_chords_of_20(worker, queue, bare, redis, tmp_path, tell):
    """Two workers; one of them is killed again and again while parts are counted and bodies published."""
    dice, bodies, kills = random.Random(SEED), tmp_path / "bodies", 20
    bodies.touch()
    bare.declare(queue)
    flows = Workflows(queue, bare, redis, bodies)
    for _ in range(CHORDS):
        flows.chord(20)
    settings = dict(prefetch=200, concurrency=8)
    worker(queue, **settings)
    for number in range(kills):
        process = worker(queue, **settings)
        target = CHORDS * (number + dice.random()) / kills
        eventually(lambda: len(bodies.read_text().splitlines()) >= target, 120, every=0.002, what="more bodies")
        process.kill()
    eventually(lambda: not flows.missing(), 120, every=0.2, what="the end of every chord")
    lines = Counter(bodies.read_text().split())
    assert set(lines) == set(flows.lines)
    again = sum(lines.values()) - len(lines)
    # Whoever died between publishing a body and tidying up had a lease; its part comes again and tidies up after that.
    left = []

    def is_tidy():
        # Only its own: chords of other tests that failed keep theirs until they expire, as Celery's do.
        left[:] = flows.bookkeeping()
        return not left

    try:
        eventually(is_tidy, 180, every=0.5)
    except AssertionError:
        raise AssertionError(f"chords whose bookkeeping does not end: {[(key, redis.ttl(key)) for key in left[:9]]}") from None
    tell(f"{CHORDS} chords of 20, {kills} kills (seed {SEED}): all results right, {again} bodies ran a second time")
    # A body is run again only when the worker died between its line and its result. Results are stored in batches, so
    # that may be true of many at once on a busy machine, but never of more than the worker had fetched.
    assert again <= kills * settings["prefetch"], again


@pytest.mark.limit(420)
def test_10000_workflows_in_flight_all_complete(worker, queue, bare, redis, tell):
    bare.declare(queue)
    flows = Workflows(queue, bare, redis)
    for number in range(WORKFLOWS):
        flows.chain(5) if number % 2 else flows.chord(10)
    process = worker(queue, prefetch=500, concurrency=16)
    begin = time.monotonic()
    eventually(lambda: not flows.missing(), 300, every=0.5, what="the end of every workflow")
    seconds = time.monotonic() - begin
    tasks = WORKFLOWS // 2 * 11 + WORKFLOWS // 2 * 5
    tell(f"{WORKFLOWS} workflows ({tasks} tasks) in {seconds:.1f} s, {WORKFLOWS / seconds:.0f} workflows/s, "
         f"100 % complete, worker {process.cpu_seconds():.1f} s CPU, {process.peak_memory() / 1e6:.0f} MB at most")
