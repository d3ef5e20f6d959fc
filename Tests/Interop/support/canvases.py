"""Random workflows, and what becomes of them in a form that can be compared."""
import contextlib
import re
import signal
import time

from celery import chain, chord, group
from celery.canvas import _chain
from celery.result import AsyncResult, GroupResult

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Canvases:
    """Nested chains, groups and chords of `examples.pair`, now and then with a task that fails."""

    def __init__(self, app, dice, failures=0.0):
        self.app, self.dice, self.failures, self.count = app, dice, failures, 0

    def label(self):
        self.count += 1
        return f"t{self.count}"

    def task(self, first):
        name = "examples.fail_with" if self.dice.random() < self.failures else "examples.pair"
        args = (["start"] if first else []) + [self.label()]
        return self.app.signature(name, args=args, immutable=False)

    def make(self, depth, first=True):
        """A canvas; `first`: nothing comes before it, so that its first tasks need all their arguments."""
        kind = self.dice.choice(["task", "chain", "group", "chord"]) if depth > 0 else "task"
        if kind == "task":
            return self.task(first)
        if kind == "chain":
            links = [self.make(depth - 1, first)]
            for _ in range(self.dice.randrange(1, 3)):
                # Celery links what follows two groups in a row, or a chord whose body is a group, to each task of the
                # last group, so that it runs several times under one id; which of them is stored is anybody's guess.
                if body_ends_in_group(links[-1]):
                    break
                follows_group = ends_in_group(links[-1])
                links.append(self.task(False) if follows_group else self.make(depth - 1, False))
            return chain(*links, app=self.app)
        parts = [self.make(depth - 1, first) for _ in range(self.dice.randrange(1, 4))]
        if kind == "group":
            return group(*parts, app=self.app)
        return chord(parts, self.make(depth - 1, False), app=self.app)


class Failed(tuple):
    """The name and the text of an exception."""


class Hangs(BaseException):
    """Nothing of Celery or kombu catches it: they take TimeoutError for a socket's."""


@contextlib.contextmanager
def bounded(seconds):
    """Celery's client waits for a group inside a group without its timeout (`ResultSet.join_native`)."""
    def give_up(*_):
        raise Hangs

    before, left = signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)[0]
    begun = time.monotonic()
    signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, max(0.01, left - (time.monotonic() - begun)) if left else 0)


def ends_in_group(canvas):
    if isinstance(canvas, group):
        return True
    if isinstance(canvas, chord):
        return ends_in_group(canvas.body)
    return isinstance(canvas, _chain) and ends_in_group(canvas.tasks[-1])


def body_ends_in_group(canvas):
    if isinstance(canvas, chord):
        return ends_in_group(canvas.body)
    return isinstance(canvas, _chain) and body_ends_in_group(canvas.tasks[-1])


def outcome(result, timeout):
    """The value, or the exception without the ids in it."""
    try:
        with bounded(timeout + 2):
            return result.get(timeout=timeout, disable_sync_subtasks=False)
    except Hangs:
        return Failed(("TimeoutError", "The operation timed out."))
    except Exception as error:                                 # noqa: BLE001 - whatever it is, it is compared
        return Failed((type(error).__name__, UUID.sub("ID", str(error))))


def states(result, seen=None):
    """The state of every task that the client knows of, in the order of the canvas."""
    seen = seen if seen is not None else set()
    if result is None or result.id in seen:
        return []
    seen.add(result.id)
    found = states(result.parent, seen)
    if isinstance(result, GroupResult):
        for child in result.results:
            found += states(child, seen)
    elif isinstance(result, AsyncResult):
        found.append(result.state)
    return found
