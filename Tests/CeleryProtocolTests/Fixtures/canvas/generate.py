"""Captures what real Celery sends for signatures of every kind, as a fixture for CanvasFixtureTests.

Run (needs no broker and no Redis; it is deterministic for given versions):

    python3 -m venv venv && venv/bin/pip install 'celery[redis]==5.7.0'
    PYTHONHASHSEED=0 venv/bin/python Tests/CeleryProtocolTests/Fixtures/canvas/generate.py [SEED [COUNT [FILE]]]

It writes canvas.json beside itself: hand-made cases, COUNT random ones from SEED, and what a worker would do next with
the links of the messages that come of them. An id that Celery makes begins with "~"; which number it has does not
matter. Each case has the signature as a message carries it, what it is applied with, and either the steps (messages,
chord sizes, saved groups), the result and the children of the running task, or the exception.
"""
import json
import pathlib
import random
import sys
import warnings
from contextlib import contextmanager
from datetime import datetime, timezone

import celery.app.base as celery_base
import celery.canvas as canvas
from celery import Celery, chain, chord, group, signature
from celery._state import _task_stack
from celery.app.task import Context
from celery.backends.redis import RedisBackend
from celery.canvas import Signature, StampingVisitor
from celery.exceptions import Ignore

warnings.simplefilter("ignore")
HERE = pathlib.Path(__file__).parent
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
count = int(sys.argv[2]) if len(sys.argv) > 2 else 35
target = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else HERE / "canvas.json"
rng = random.Random(seed)

app = Celery("fixtures", broker="memory://", backend="redis://")
app.now = lambda: NOW
app.set_current()
Celery.thread_oid = "oid"
made = 0


def make_id():
    global made
    made += 1
    return f"~{made}"


canvas.uuid = celery_base.uuid = make_id
steps = []


def plain(value):
    return json.loads(json.dumps(value))


def send_task_message(producer, name, message, **options):
    headers, properties, body, _ = message
    args, kwargs, embed = body
    queue = options.pop("queue", None)
    queue = getattr(queue, "name", queue)
    fields = {key: headers[key] for key in (
        "id", "group", "group_index", "retries", "eta", "expires", "root_id", "parent_id", "shadow", "ignore_result",
        "replaced_task_nesting")}
    fields["stamps"] = headers["stamps"] if headers["stamped_headers"] else None
    fields.update(embed, task=name, args=args, kwargs=kwargs, reply_to=properties["reply_to"],
                  queue=None if queue == "celery" else queue, priority=options.get("priority"),
                  time_limit=headers["timelimit"][0], soft_time_limit=headers["timelimit"][1])
    steps.append({"publish": plain({key: value for key, value in fields.items() if value or key == "group_index"
                                    and value is not None})})


@contextmanager
def producer_or_acquire(producer=None):
    class Errors:
        @contextmanager
        def _reraise_as_library_errors(self):
            yield

    class Producer:
        connection = Errors()

    yield Producer()


class Backend(RedisBackend):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{**kwargs, "url": "redis://127.0.0.1:1"})

    def set_chord_size(self, group_id, chord_size):
        steps.append({"size": [group_id, chord_size]})

    def _set_chord_key(self, key, value):
        steps.append({"save": plain(json.loads(value)["result"])})

    def add_pending_result(self, result, weak=False):
        return result

    def on_task_call(self, producer, task_id):
        pass


app.amqp.send_task_message = send_task_message
app.producer_or_acquire = producer_or_acquire
app._local.backend = Backend(app=app)
app.backend_cls = Backend


@app.task(bind=True, name="running")
def running(self):
    pass


@contextmanager
def worker_task(**request):
    """As within a running task."""
    running.push_request(**{"called_directly": False, "delivery_info": {}, "children": [], **request})
    _task_stack.push(running)
    try:
        yield running
    finally:
        _task_stack.pop()
        running.pop_request()


def as_tuple(result):
    return plain(result.as_tuple()) if result is not None else None


def capture(case, action):
    """Runs action and adds to the case what it did."""
    steps.clear()
    parent = case.get("parent")
    replaced = case.get("replaced")
    request = None
    if replaced:
        request = {"id": replaced["id"], "root_id": replaced.get("root_id"), "group": replaced.get("group"),
                   "group_index": replaced.get("group_index"), "chord": replaced.get("chord"),
                   "callbacks": replaced.get("callbacks"), "errbacks": replaced.get("errbacks"),
                   "chain": replaced.get("chain"), "replaced_task_nesting": replaced.get("nesting", 0)}
    elif parent:
        request = {"id": parent[0], "root_id": parent[1]}
    try:
        if request:
            with worker_task(**request) as task:
                result = action(task)
                children = list(task.request.children)
        else:
            result, children = action(None), []
    except Exception as error:
        case["error"] = type(error).__name__
        return case
    case["steps"] = list(steps)
    if not replaced:
        case["result"] = as_tuple(result)
        case["children"] = [as_tuple(child) for child in children]
    return {key: value for key, value in case.items() if value or key not in ("args", "kwargs", "options", "parent")}


def applied(name, sig, args=(), kwargs=None, options=None, parent=None):
    case = {"name": name, "signature": plain(sig), "args": list(args), "kwargs": kwargs or {},
            "options": plain(options or {}), "parent": parent}

    def action(_):
        copy = plain(case)
        return signature(copy["signature"], app=app).apply_async(
            tuple(copy["args"]), copy["kwargs"], **copy["options"])

    return capture(case, action)


def replacing(name, sig, replaced):
    case = {"name": name, "signature": plain(sig), "replaced": plain(replaced)}

    def action(task):
        try:
            task.replace(signature(plain(case["signature"]), app=app))
        except Ignore:
            pass

    return capture(case, action)


# MARK: Random signatures


class Maker:
    def __init__(self, has_maps=True):
        self.given = 0
        self.has_maps = has_maps

    def id(self):
        self.given += 1
        return f"given-{self.given}"

    def chance(self, share):
        return rng.random() < share

    def sig(self, task, args=(), kwargs=None, options=None, subtask_type=None, immutable=False):
        return {"task": task, "args": list(args), "kwargs": kwargs or {}, "options": options or {},
                "subtask_type": subtask_type, "immutable": immutable}

    def links(self, options, share=0.15):
        if self.chance(share):
            options["link"] = [self.plain(links=False) for _ in range(rng.choice([1, 1, 2]))]
        if self.chance(share):
            options["link_error"] = [self.plain(links=False) for _ in range(rng.choice([1, 1, 2]))]

    def plain(self, links=True):
        options = {}
        if self.chance(0.15):
            options["task_id"] = self.id()
        if self.chance(0.1):
            options[rng.choice(["queue", "shadow"])] = "named"
        if self.chance(0.05):
            options[rng.choice(["priority", "countdown", "expires", "time_limit"])] = rng.randint(1, 9)
        if self.chance(0.05):
            options.update(stamped_headers=["stamp"], stamp=rng.choice(["a", ["b", "c"]]))
        if links:
            self.links(options)
        return self.sig(rng.choice("abcdef"), [rng.randint(0, 9) for _ in range(rng.choice([0, 0, 1, 2]))],
                        {"k": 1} if self.chance(0.05) else {}, options, None, self.chance(0.1))

    def container_options(self, kind):
        options = {}
        if self.chance(0.1):
            options["task_id"] = self.id()
        if self.chance(0.1):
            options["queue"] = "outer"
        if self.chance(0.05):
            options["countdown"] = 3
        if kind != "group" and self.chance(0.3):
            self.links(options, 0.4)
        return options

    def any(self, depth):
        kind = rng.choice(["plain", "plain", "chain", "group", "chord"]) if depth else "plain"
        if depth and self.has_maps and self.chance(0.04):
            kind = rng.choice(["xmap", "xstarmap", "chunks"])
        return getattr(self, kind)(depth) if kind != "plain" else self.plain()

    def several(self, depth):
        return [self.any(depth - 1) for _ in range(rng.choice([0, 1, 1, 2, 2, 2, 3]) if self.chance(0.5)
                                                   else rng.choice([2, 3]))]

    def chain(self, depth):
        return self.sig("celery.chain", [], {"tasks": self.several(depth)}, self.container_options("chain"), "chain")

    def group(self, depth):
        return self.sig("celery.group", [], {"tasks": self.several(depth)}, self.container_options("group"), "group")

    def chord(self, depth):
        header = self.several(depth)
        if self.chance(0.3):
            header = self.sig("celery.group", [], {"tasks": header},
                              {"task_id": self.id()} if self.chance(0.5) else {}, "group")
        return self.sig("celery.chord", [], {"kwargs": {}, "header": header, "body": self.any(depth - 1)},
                        self.container_options("chord"), "chord")

    def xmap(self, depth):
        return self.sig("celery.map", [], {"task": self.plain(False), "it": [1, 2]}, {}, "xmap", True)

    def xstarmap(self, depth):
        return self.sig("celery.starmap", [], {"task": self.plain(False), "it": [[1], [2]]}, {}, "xstarmap", True)

    def chunks(self, depth):
        return self.sig("celery.chunks", [], {"task": self.plain(False), "it": [[1], [2], [3]], "n": 2}, {},
                        "chunks", True)

    def combined(self, depth):
        """What Python's operators make of several signatures, with or without ids."""
        while True:
            try:
                return self.try_combining(depth)
            except (AttributeError, IndexError):  # linking to an empty chain, or a chain to a group
                continue

    def try_combining(self, depth):
        parts = [signature(plain(self.any(depth - 1)), app=app) for _ in range(rng.choice([2, 2, 3, 4]))]
        if self.chance(0.3):
            whole = chain(*parts)
        else:
            whole = parts[0]
            for part in parts[1:]:
                whole = whole | part
        if self.chance(0.3):
            whole.freeze()
        return given(plain(whole))


def given(value):
    """The ids that Celery made, as ids that came with a message."""
    return json.loads(json.dumps(value).replace('"~', '"given-~'))


def next_steps(case):
    """What a worker does when a message of the case has succeeded."""
    for step in case.get("steps", []):
        message = given(step.get("publish") or {})
        parent = [message.get("id"), message.get("root_id")]
        links = message.get("callbacks") or []
        if len(links) == 1:
            yield applied("callback", links[0], [7], parent=parent)
        rest = message.get("chain") or []
        if rest:
            yield applied("next of chain", rest[-1], [7], options={"chain": rest[:-1]}, parent=parent)
        if message.get("chord"):
            yield applied("chord body", message["chord"], [[7, 8]], parent=parent)


def random_replacement(maker):
    replaced = {"id": "me", "root_id": "root", "nesting": rng.choice([0, 2])}
    if maker.chance(0.5):
        replaced["chain"] = []
        for index in range(rng.choice([1, 2, 3])):
            step = maker.any(rng.choice([0, 0, 1]))
            step["options"]["task_id"] = f"next-{index}"
            replaced["chain"].append(step)
    if maker.chance(0.4):
        replaced.update(group="the-group", group_index=2)
        if maker.chance(0.7):
            replaced["chord"] = maker.plain()
    if maker.chance(0.4):
        replaced["callbacks"] = [maker.plain()]
    if maker.chance(0.4):
        replaced["errbacks"] = [maker.plain()]
    sig = maker.any(2) if maker.chance(0.8) else maker.combined(2)
    return replacing("replace", sig, replaced)


def random_cases(number):
    for _ in range(number):
        maker = Maker()
        depth = rng.choice([1, 2, 2, 3])
        if maker.chance(0.25):
            yield random_replacement(maker)
            continue
        sig = maker.any(depth) if maker.chance(0.65) else maker.combined(depth)
        options = {}
        if maker.chance(0.1):
            options["chain"] = [maker.plain()]
        if maker.chance(0.1):
            options["countdown"] = 5
        parent = ["parent", "root"] if maker.chance(0.3) else None
        case = applied("random", sig, [100] if maker.chance(0.5) else [], {"p": 1} if maker.chance(0.05) else {},
                       options, parent)
        yield case
        following = list(next_steps(case))
        rng.shuffle(following)
        yield from following[:3]


# MARK: Cases by hand


def hand_made():
    a, b, c, d = (Signature(name, app=app) for name in "abcd")
    two = group(a.clone((1,)), b.clone((2,)))
    cases = {
        "plain": a, "chain": chain(a, b, c), "group": two, "chord": chord(two, c), "empty chain": canvas._chain([]),
        "empty group": group([]), "empty chord": chord([], c), "group of one": group([a]),
        "chain to group": chain(a, two), "chain through group": chain(a, two, c, d),
        "chord in chord": chord([chord([a, b], c), d], a), "group in chord": chord([two, c], d),
        "chain of group in chord": chord([chain(a, two)], d), "chord of chain": chord([a, b], chain(c, d)),
        "chord to group": chord([a, b], two), "group in group": group([a, group([b, c]), d]),
        "two groups": chain(two, group(c, d)), "map": a.clone(),
    }
    cases["map"] = {"task": "celery.map", "args": [], "kwargs": {"task": dict(a), "it": [1, 2]}, "options": {},
                    "subtask_type": "xmap", "immutable": True}
    for name, sig in cases.items():
        yield applied(name, given(plain(sig)))
        yield applied(name + " with arguments", given(plain(sig)), [1], parent=["parent", "root"])
    yield applied("chain by links", dict(plain(cases["chain"]), options={"use_link": True}))
    yield applied("group with link", plain(two), options={"link": [plain(c)]})
    for name, sig in cases.items():
        replaced = {"id": "me", "root_id": "root", "callbacks": [plain(a)], "errbacks": [plain(b)],
                    "chain": [dict(plain(c), options={"task_id": "c"})], "nesting": 1}
        yield replacing("replace with " + name, given(plain(sig)), replaced)
    part = dict(plain(a), options={"chord": plain(b)})
    yield replacing("replace with part of chord", part, {"id": "me"})


# MARK: Combining and stamping


class Stamps(StampingVisitor):
    def __init__(self, stamps):
        self.stamps = stamps

    def on_signature(self, sig, **headers):
        return dict(self.stamps)


def combinations(number):
    for _ in range(number):
        maker = Maker(has_maps=False)
        parts = [maker.any(2) for _ in range(rng.choice([2, 2, 3]))]
        for kind in ("or", "chain"):
            case = {"kind": kind, "parts": plain(parts)}
            sigs = [signature(part, app=app) for part in plain(parts)]
            try:
                if kind == "chain":
                    whole = chain(*sigs)
                else:
                    whole = sigs[0]
                    for sig in sigs[1:]:
                        whole = whole | sig
            except Exception:
                continue
            case["whole"] = plain(whole)
            yield case


def sort_stamps(value):
    """The order of the stamps' names is that of a set."""
    if isinstance(value, dict):
        return {key: sorted(item) if key == "stamped_headers" else sort_stamps(item) for key, item in value.items()}
    return [sort_stamps(item) for item in value] if isinstance(value, list) else value


def stampings(number):
    for _ in range(number):
        maker = Maker(has_maps=False)
        sig = maker.any(3)
        stamps = rng.choice([{"stamp": 1}, {"customer": "c", "trace": ["x"]}])
        live = signature(plain(sig), app=app)
        live.stamp(Stamps(stamps))
        yield {"signature": sig, "stamps": stamps, "stamped": sort_stamps(plain(live))}


def main():
    cases = list(hand_made()) + list(random_cases(count))
    # Python's own stumbles over what it cannot mean; none of them is a rule.
    cases = [case for case in cases if case.get("error") not in ("AttributeError", "KeyError")]
    fixture = {"apply": cases, "combine": list(combinations(count // 4)), "stamp": list(stampings(count // 4))}
    text = json.dumps(fixture, separators=(",", ":"))
    target.write_text(text + "\n")
    errors = {}
    for case in cases:
        errors[case.get("error")] = errors.get(case.get("error"), 0) + 1
    print(len(cases), "cases,", len(text), "bytes; errors:", errors)


if __name__ == "__main__":
    main()
