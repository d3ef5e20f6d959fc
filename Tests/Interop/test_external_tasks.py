"""Tasks of queues.yaml that are not Swift: commands and HTTP endpoints."""
import json
import os
import re
import sys
import time
from pathlib import Path

import pytest
from celery.exceptions import TimeLimitExceeded, WorkerLostError

from support import catalogue, loglines
from support.http_server import Endpoint
from support.pool import children, is_alive, kind
from support.waiting import eventually

WAIT = 30
pytestmark = pytest.mark.chard
RETRY = {"max_retries": 2, "backoff": ["100ms"]}


@pytest.fixture
def start(worker, queue, make_app):
    """start({name: settings}) -> (worker, app)"""
    def make(tasks, **settings):
        process = worker({queue: catalogue.queue(**{"routes": ["ext.*"], "retry": RETRY, **settings})},
                         top={"tasks": tasks})
        return process, make_app(queue)
    return make


def python(code, **settings):
    """A command of Python code that finds its request in `request`."""
    begin = "import json, os, signal, sys, time; request = json.load(sys.stdin); args = request['args']\n"
    return {"command": [sys.executable, "-c", begin + code], **settings}


SAY = "def say(**line): print(json.dumps(line), flush=True)\n"


# --- commands ---------------------------------------------------------------------------------------------------------

def test_a_command_gets_the_request_and_gives_the_result(start, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    _, app = start({"ext.echo": python(
        SAY + "say(result=[request, os.environ['GREETING'], os.environ['HOME'], os.getcwd()])",
        env={"GREETING": "hello"}, cwd=str(folder))})
    result = app.send_task("ext.echo", (1, "ü"), {"key": [None, 2.5]})
    request, greeting, home, where = result.get(timeout=WAIT)
    assert request == {"id": result.id, "task": "ext.echo", "args": [1, "ü"], "kwargs": {"key": [None, 2.5]},
                       "retries": 0}
    assert (greeting, home, where) == ("hello", os.environ["HOME"], str(folder))


@pytest.mark.parametrize("output, result", [
    ('{"a": [1, 2]}', {"a": [1, 2]}),
    ('{\n "a": 1\n}\n', {"a": 1}),
    ("17\n", 17),
    ("two\nlines\n", "two\nlines"),
    ("", None),
    ('{"result": 1}\nnoise\n{"result": 2}\n', 2),
    ('{"progress": 1}\n', None),
    ('{"result": 1, "more": 2}', {"result": 1, "more": 2}),
    ("not utf-8: \\xff", "not utf-8: \ufffd"),
])
def test_the_output_of_a_command(start, output, result):
    _, app = start({"ext.say": python("sys.stdout.buffer.write(args[0].encode().replace(b'\\\\xff', b'\\xff'))")})
    assert app.send_task("ext.say", (output,)).get(timeout=WAIT) == result


def test_the_example(start):
    """Examples/external_task.py, as the README shows it."""
    example = Path(__file__).resolve().parents[2] / "Examples" / "external_task.py"
    process, app = start({"ext.render": {"command": [sys.executable, str(example)]}})
    result = app.send_task("ext.render", (3,), {"title": "T"})
    assert result.get(timeout=WAIT) == {"pages": 3, "title": "T"}
    process.wait_for_log(f"ext.render[{result.id}]: rendered")
    with pytest.raises(ValueError, match="pages must be 1 or more, not 0"):
        app.send_task("ext.render", (0,)).get(timeout=WAIT)


def test_large_requests_and_results_of_a_command(start):
    _, app = start({"ext.big": python("print(json.dumps(args[0]))")})
    value = ["x" * 1_000_000] * 3
    assert app.send_task("ext.big", (value,)).get(timeout=WAIT) == value


def test_a_command_that_does_not_read(start):
    _, app = start({"ext.deaf": {"command": ["true"]}})
    assert app.send_task("ext.deaf", ("x" * 3_000_000,)).get(timeout=WAIT) is None


def test_progress_and_log_of_a_command(start, tmp_path):
    gate = tmp_path / "gate"
    process, app = start({"ext.slow": python(
        SAY + f"say(progress={{'done': 1}})\nprint('working\\x1b[1m hard', file=sys.stderr, flush=True)\n"
        f"while not os.path.exists({str(gate)!r}): time.sleep(0.02)\nsay(result='over')")})
    result = app.send_task("ext.slow")
    info = eventually(lambda: result.state == "PROGRESS" and result.info, WAIT, what="the state PROGRESS")
    assert info == {"done": 1}
    process.wait_for_log(re.compile(rf"INFO/MainProcess\] ext.slow\[{result.id}\]: working\?\[1m hard$", re.M))
    gate.touch()
    assert result.get(timeout=WAIT) == "over"


def test_errors_of_a_command(start):
    _, app = start({
        "ext.named": python(SAY + "say(error={'type': 'ValueError', 'message': 'not so'}); sys.exit(1)"),
        "ext.plain": python("print('first', file=sys.stderr); print('the last line', file=sys.stderr); sys.exit(3)"),
        "ext.missing": {"command": ["no-such-program-anywhere"]},
    })
    with pytest.raises(ValueError, match="not so"):
        app.send_task("ext.named").get(timeout=WAIT)
    with pytest.raises(Exception, match="^exit status 3: the last line$") as caught:
        app.send_task("ext.plain").get(timeout=WAIT)
    assert kind(caught) == "CommandFailed"
    with pytest.raises(Exception, match="starting no-such-program-anywhere: No such file or directory"):
        app.send_task("ext.missing").get(timeout=WAIT)


def test_a_command_that_wants_to_be_run_again(start):
    process, app = start({
        "ext.later": python(SAY + "say(result=request['retries']) if request['retries'] == 2 else sys.exit(75)"),
        "ext.never": python("print('not now', file=sys.stderr); sys.exit(75)"),
    })
    assert app.send_task("ext.later").get(timeout=WAIT) == 2
    with pytest.raises(Exception, match="^exit status 75: not now$"):
        app.send_task("ext.never").get(timeout=WAIT)


def test_a_command_that_dies_of_a_signal(start, bare, queue):
    suicide = "os.kill(os.getpid(), signal.SIGSEGV)"
    _, app = start({"ext.crash": python(suicide),
                    "ext.again": python(suicide, reject_on_worker_lost=True, max_deliveries=2)})
    with pytest.raises(WorkerLostError, match=r"signal 11 \(SIGSEGV\)"):
        app.send_task("ext.crash").get(timeout=WAIT)
    app.send_task("ext.again")
    properties, _ = bare.take(f"{queue}.dead", timeout=WAIT)
    assert properties.headers["x-chard-reason"] == "max-deliveries"


def test_the_limits_of_a_command(start, tmp_path):
    """Soft: SIGTERM, which it may heed. Hard: SIGKILL for all that it has started."""
    heed = SAY + "signal.signal(signal.SIGTERM, lambda *_: (say(result='tidied'), os._exit(0)))\ntime.sleep(60)"
    note = tmp_path / "pids"
    ignore = ("signal.signal(signal.SIGTERM, signal.SIG_IGN); import subprocess\n"
              "inner = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
              f"open({str(note)!r}, 'w').write(f'{{os.getpid()}} {{inner.pid}}'); time.sleep(60)")
    process, app = start({
        "ext.heed": python(heed, soft_time_limit=2, time_limit=20),
        "ext.plain": python("time.sleep(60)", soft_time_limit=1, time_limit=20),
        "ext.ignore": python(ignore, soft_time_limit=1, time_limit=2),
    })
    results = [app.send_task(name) for name in ("ext.heed", "ext.plain", "ext.ignore")]
    assert results[0].get(timeout=WAIT) == "tidied"
    with pytest.raises(Exception) as caught:
        results[1].get(timeout=WAIT)
    assert kind(caught) == "SoftTimeLimitExceeded"
    with pytest.raises(TimeLimitExceeded):
        results[2].get(timeout=WAIT)
    pids = [int(pid) for pid in note.read_text().split()]
    eventually(lambda: not any(map(is_alive, pids)), WAIT, what="the end of the command and its child")


def test_too_much_output(start):
    _, app = start({"ext.endless": python("while True: print('y' * 100)", max_output="64KiB"),
                    "ext.line": python("while True: print('y' * 100, end='')", max_output="64KiB")})
    for name in ("ext.endless", "ext.line"):
        with pytest.raises(Exception, match="more than the 65536 bytes of output"):
            app.send_task(name).get(timeout=WAIT)


def test_much_progress_is_no_burden(start):
    """Only the newest counts; memory and Redis see no flood."""
    process, app = start({"ext.chatty": python(SAY + "for n in range(50000): say(progress=n)\nsay(result='done')",
                                               max_output="64KiB")})
    assert app.send_task("ext.chatty").get(timeout=WAIT) == "done"


def test_no_command_is_left_when_the_worker_is_killed(start, bare, queue):
    process, app = start({"ext.sleep": {"command": ["sleep", "60"]}})
    app.send_task("ext.sleep")
    pids = eventually(lambda: children(process.pid), WAIT, what="the command")
    process.kill()
    eventually(lambda: not any(map(is_alive, pids)), 5, what="the end of the command")
    eventually(lambda: bare.ready(queue) == 1, WAIT, what="the message at the broker")


def test_a_command_at_shutdown(worker, queue, make_app, bare):
    """It is asked to end, then ended; the message goes back."""
    process = worker({queue: catalogue.queue(routes=["ext.*"])},
                     top={"tasks": {"ext.sleep": {"command": ["sleep", "60"]}}, "worker": {"grace_period": 1}})
    result = make_app(queue).send_task("ext.sleep")
    process.wait_for_log(loglines.received(result.id))
    pids = eventually(lambda: children(process.pid), WAIT, what="the command")
    process.stop()
    assert not any(map(is_alive, pids))
    eventually(lambda: bare.ready(queue) == 1, WAIT, what="the message at the broker")


# --- HTTP -------------------------------------------------------------------------------------------------------------

@pytest.fixture
def endpoint():
    server = Endpoint()
    yield server
    server.close()


def test_a_request_and_its_result(start, endpoint):
    os.environ["SECRET_OF_THE_TEST"] = "s3cr3t"
    try:
        process, app = start({
            "ext.post": {"http": endpoint.on("/post", (200, {"sum": 3})) + "?token=hidden-token",
                         "headers": {"Authorization": "Bearer ${SECRET_OF_THE_TEST}"}},
            "ext.put": {"http": endpoint.on("/put", (204, "")), "method": "put"},
        })
    finally:
        del os.environ["SECRET_OF_THE_TEST"]
    result = app.send_task("ext.post", (1, 2), {"deep": True})
    assert result.get(timeout=WAIT) == {"sum": 3}
    _, headers, body, _ = endpoint.asked("/post")[0]
    assert json.loads(body) == {"id": result.id, "task": "ext.post", "args": [1, 2], "kwargs": {"deep": True},
                                "retries": 0}
    assert headers["Authorization"] == "Bearer s3cr3t" and headers["Content-Type"] == "application/json"
    assert app.send_task("ext.put").get(timeout=WAIT) is None
    assert "s3cr3t" not in process.log()


def test_failures_of_requests(start, endpoint):
    dead = Endpoint()
    dead.close()
    process, app = start({
        "ext.bad": {"http": endpoint.on("/bad", (400, {"error": {"type": "ValueError", "message": "no such user"}}))},
        "ext.gone": {"http": endpoint.on("/gone", (404, "nothing\nhere")) + "?token=hidden-token"},
        "ext.moved": {"http": endpoint.on("/moved", (302, "", {"Location": endpoint.url + "/elsewhere"}))},
        "ext.text": {"http": endpoint.on("/text", (200, "<html>"))},
        "ext.large": {"http": endpoint.on("/large", (200, ["x" * 100_000])), "max_output": "10KiB"},
        "ext.broken": {"http": endpoint.on("/broken", (500, "oops"))},
        "ext.nobody": {"http": dead.url + "/path"},
    })
    with pytest.raises(ValueError, match="no such user"):
        app.send_task("ext.bad").get(timeout=WAIT)
    for name, text in {"ext.gone": "/gone answered 404 Not Found: nothing here$", "ext.moved": "redirects are not",
                       "ext.text": "/text answered 200 with a body that is not JSON", "ext.large": "10240 bytes",
                       "ext.broken": "/broken answered 500 .*: oops", "ext.nobody": "can't be reached"}.items():
        with pytest.raises(Exception, match=text) as caught:
            app.send_task(name).get(timeout=WAIT)
        assert kind(caught) == "RequestFailed"
    assert len(endpoint.asked("/broken")) == 3, "tried again by the policy of the queue"
    assert len(endpoint.asked("/gone")) == 1
    assert "hidden-token" not in process.log()


def test_an_endpoint_that_asks_for_patience(start, endpoint):
    process, app = start({
        "ext.busy": {"http": endpoint.on("/busy", (503, "", {"Retry-After": "2"}), (429, ""), (200, "\"ok\""))},
    })
    assert app.send_task("ext.busy").get(timeout=WAIT) == "ok"
    times = [request[3] for request in endpoint.asked("/busy")]
    assert len(times) == 3 and times[1] - times[0] >= 1.9
    assert [json.loads(request[2])["retries"] for request in endpoint.asked("/busy")] == [0, 1, 2]


def test_the_limits_of_a_request(start, endpoint):
    url = endpoint.on("/silent", (200, 8.0))
    _, app = start({"ext.soft": {"http": url, "soft_time_limit": 1, "time_limit": 20},
                    "ext.hard": {"http": url, "time_limit": 1}})
    with pytest.raises(Exception) as caught:
        app.send_task("ext.soft").get(timeout=WAIT)
    assert kind(caught) == "SoftTimeLimitExceeded"
    with pytest.raises(TimeLimitExceeded):
        app.send_task("ext.hard").get(timeout=WAIT)


# --- settings ---------------------------------------------------------------------------------------------------------

def test_any_worker_runs_them(worker, queue, make_app, chard):
    """Also `chard worker`, whose program knows nothing of them."""
    from conftest import CHARD
    worker({queue: catalogue.queue(routes=["ext.*"])}, program=[CHARD, "worker"],
           top={"tasks": {"ext.sum": python("print(sum(args))")}})
    assert make_app(queue).send_task("ext.sum", (1, 2, 3)).get(timeout=WAIT) == 6


def test_settings_that_cannot_work(worker, queue):
    process = worker({queue: catalogue.queue(routes=["ext.*"])}, wait=False, top={"tasks": {
        "ext.both": {"command": ["true"], "http": "http://localhost"},
        "ext.*": {"command": ["true"]},
        "ext.scheme": {"http": "ftp://user:pa55word@localhost"},
        "ext.lost": {"env": {"A": "1"}},
        "ext.secret": {"http": "http://localhost", "headers": {"X-Token": "${NO_SUCH_VARIABLE}"}},
        "ext.pool": {"command": ["true"], "pool": "processes"},
    }})
    assert process.wait() == 1
    log = process.log()
    for text in ("tasks.ext.both.http: a task is either a command or an http endpoint", "tasks.ext.*.command: needs",
                 "tasks.ext.scheme.http: must be an http:// or https:// URL", "tasks.ext.lost.env: belongs to",
                 "NO_SUCH_VARIABLE", "tasks.ext.pool.command: is never run in the process pool"):
        assert text in log, f"{text!r} is not in\n{log}"
    assert "pa55word" not in log
