"""Chains, groups, chords and maps that Chard's own API makes and sends: run by a Python worker, and by Chard."""
import time
import uuid
import zlib

import pytest
from celery import chord
from celery.exceptions import ChordError
from celery.result import GroupResult, result_from_tuple


pytestmark = pytest.mark.chard
WAIT = 40

VALUES = {
    "chain": 10, "pipe": 6, "group": [2, 4, 6], "chord": [0, 2, 4, 6, 8], "nested": [4, 5],
    "map": [1, "two", [3]], "starmap": [3, 7], "chunks": [[3, 7], [11]], "later": 3,
}


@pytest.fixture(scope="module", params=["python", "chard"])
def sender(request, tmp_path_factory, broker_url, backend_url):
    """A Chard worker that sends, and one of each kind that runs what it sends; answers send(kind) -> result."""
    from celery import Celery
    from conftest import Workers, remove
    sending, running = (f"{name}-{uuid.uuid4().hex[:10]}" for name in ("sending", "running"))
    workers = Workers(tmp_path_factory.mktemp("canvas"), broker_url, backend_url)
    workers(sending, kind="chard")
    workers(running, kind=request.param)
    app = Celery("canvas", broker=broker_url, backend=backend_url, set_as_current=False)

    def send(kind, queue=running):
        sent = app.send_task("examples.canvas", (kind, queue), queue=sending)
        return sent, result_from_tuple(sent.get(timeout=WAIT), app=app)

    send.app, send.sending, send.running = app, sending, running
    yield send
    app.close()
    workers.end()
    remove(broker_url, [sending, running])


@pytest.mark.parametrize("kind", VALUES)
def test_workflow_has_its_value(sender, kind):
    _, work = sender(kind)
    assert work.get(timeout=WAIT) == VALUES[kind]


def test_nested_chords(sender):
    _, work = sender("deep")
    assert sorted(work.get(timeout=WAIT), key=repr) == sorted([[2, 7], 8, 10, 12], key=repr)


def test_a_countdown_is_kept(sender):
    begun = time.time()
    sent, work = sender("later")
    assert work.get(timeout=WAIT) == 3
    assert time.time() - begun > 2.9


def test_what_a_task_sends_are_its_children(sender):
    sent, work = sender("group")
    assert isinstance(sent.children[0], GroupResult) and sent.children[0].id == work.id
    sent, work = sender("chain")
    work.get(timeout=WAIT)
    assert sent.children[0].id == work.parent.parent.id
    assert work.parent.get(timeout=WAIT) == 6


def test_options_reach_the_message(sender, bare, new_queue):
    queue = new_queue()
    bare.declare(queue)
    _, work = sender("options", queue)
    properties, body = bare.take(queue)
    headers = properties.headers
    assert headers["compression"] == "application/x-gzip" and headers["shadow"] == "sum"
    assert headers["stamped_headers"] == ["who"] and headers["stamps"] == {"who": "chard"}
    assert headers["id"] == work.id and headers["expires"]
    assert properties.priority == 7 and properties.app_id == "chard" and int(properties.expiration) > 0
    text = zlib.decompress(body).decode()
    assert text.startswith("[[1, 2], {}, ") and text.count('"who": "chard"') == 2


# --- what a task adds to its chord, and the built-in tasks --------------------------------------------------------------

def sig(sender, name, *args, **options):
    return sender.app.signature(f"examples.{name}", args=args, queue=sender.running, **options)


def test_a_task_added_to_a_chord_is_waited_for(sender):
    adds = sender.app.signature("examples.canvas", args=("added", sender.running), queue=sender.sending)
    work = chord([sig(sender, "add", 1, 1), adds], sig(sender, "echo"), app=sender.app)()
    values = work.get(timeout=WAIT)
    assert len(values) == 3 and 2 in values and 30 in values


def test_a_task_in_no_chord_cannot_add_to_it(sender):
    with pytest.raises(ValueError, match="not member of any chord"):
        sender("added")


def unlock(sender, parts, body):
    args = ("group-" + uuid.uuid4().hex, dict(body))
    sender.app.send_task("celery.chord_unlock", args, {"interval": 0.1, "result": [part.as_tuple() for part in parts]},
                         queue=sender.sending)
    return sender.app.AsyncResult(body.id)


def test_chord_unlock_waits_for_the_parts(sender):
    body = sig(sender, "echo", task_id=str(uuid.uuid4()))
    parts = [sig(sender, "add", 1, 2).set(countdown=1.5).apply_async(), sig(sender, "add", 3, 4).apply_async()]
    assert unlock(sender, parts, body).get(timeout=WAIT) == [3, 7]


def test_chord_unlock_fails_the_body_of_a_failed_part(sender):
    body = sig(sender, "echo", task_id=str(uuid.uuid4()))
    parts = [sig(sender, "add", 1, 2).apply_async(), sig(sender, "fail", "oh no").apply_async()]
    with pytest.raises(ChordError, match=f"Dependency {parts[1].id} raised ValueError"):
        unlock(sender, parts, body).get(timeout=WAIT)


def test_legacy_containers_send_what_they_contain(sender):
    run = lambda name, *args: result_from_tuple(
        sender.app.send_task(name, args, queue=sender.sending).get(timeout=WAIT), app=sender.app)
    adds = [dict(sig(sender, "add", number, 1)) for number in range(3)]
    assert run("celery.chord", adds, dict(sig(sender, "echo"))).get(timeout=WAIT) == [1, 2, 3]
    chunks = run("celery.chunks", dict(sender.app.signature("examples.add")), [[1, 2], [3, 4], [5, 6]], 2)
    assert chunks.get(timeout=WAIT) == [[3, 7], [11]]
