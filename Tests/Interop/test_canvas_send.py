"""Chains, groups, chords and maps that Chard's own API makes and sends: run by a Python worker, and by Chard."""
import time
import zlib

import pytest
from celery.result import GroupResult, result_from_tuple

from support.waiting import eventually

pytestmark = pytest.mark.chard
WAIT = 40

VALUES = {
    "chain": 10, "pipe": 6, "group": [2, 4, 6], "chord": [0, 2, 4, 6, 8], "nested": [4, 5],
    "map": [1, "two", [3]], "starmap": [3, 7], "chunks": [[3, 7], [11]], "later": 3,
}


@pytest.fixture(scope="module", params=["python", "chard"])
def sender(request, tmp_path_factory, broker_url, backend_url):
    """A Chard worker that sends, and one of each kind that runs what it sends; answers send(kind) -> result."""
    import uuid
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
    message = eventually(lambda: bare.get(queue), WAIT, what="the message")
    headers, properties = message.headers, message.properties
    assert headers["compression"] == "application/x-gzip" and headers["shadow"] == "sum"
    assert headers["stamped_headers"] == ["who"] and headers["stamps"] == {"who": "chard"}
    assert headers["id"] == work.id and headers["expires"]
    assert properties["priority"] == 7 and properties["app_id"] == "chard" and int(properties["expiration"]) > 0
    body = zlib.decompress(message.body).decode()
    assert body.startswith("[[1, 2], {}, ") and body.count('"who": "chard"') == 2
