"""`chard` and `example-worker` on the command line: help, one clear line for an error, exit statuses."""
import re
import subprocess

import pytest

from conftest import EXAMPLE_WORKER, Command, clean_environment
from support import catalogue, loglines
from support.waiting import eventually

pytestmark = pytest.mark.chard
COMMANDS = ["worker", "call", "result", "purge", "topology", "check", "status", "inspect", "control"]


def errors(text):
    return [line for line in text.splitlines() if line.lower().startswith("error: ")]


def test_help(chard):
    out, _ = chard("--help")
    for command in COMMANDS:
        assert re.search(rf"^\s+{command}\s", out, re.M), f"{command} is not in the help"


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command(chard, command):
    out, _ = chard(command, "--help")
    assert "USAGE" in out and command in out


def test_worker_takes_celerys_letters(chard):
    out, _ = chard("worker", "--help")
    for option in ("--config", "-b", "--broker", "--result-backend", "-Q", "--queues", "-X", "--exclude-queues", "-n",
                   "--hostname", "-c", "--concurrency", "-l", "--loglevel", "-E", "--task-events",
                   "--prefetch-multiplier", "--purge", "--time-limit", "--soft-time-limit"):
        assert re.search(rf"(?<![\w-]){option}(?![\w-])", out), f"{option} is not in the help"


def test_example_worker_has_the_same_options():
    done = subprocess.run([EXAMPLE_WORKER, "--help"], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0 and "--result-backend" in done.stdout and "--prefetch-multiplier" in done.stdout


@pytest.mark.parametrize("words", [
    ["no-such-command"], ["worker", "--no-such-option"], ["worker", "-c", "many"], ["call"], ["result"],
    ["call", "x", "--args", "{not json"], ["call", "x", "--args", '{"a": 1}'], ["call", "x", "--kwargs", "[1]"],
    ["call", "x", "--countdown", "soon"], ["call", "x", "--priority", "300"], ["topology", "destroy"]], ids=" ".join)
def test_wrong_use_is_one_error_line(chard, words):
    out, err = chard(*words, status=1)
    assert len(errors(err)) == 1, err


@pytest.mark.parametrize("words", [["check"], ["topology", "apply"], ["call", "x"], ["purge", "-f"]], ids=" ".join)
def test_no_broker(chard, proxy, broker_url, words):
    """Bounded in time, one line that names the broker without its password."""
    front = proxy(broker_url.replace("guest:guest", "guest:t0p-s3cret"))
    front.refuse()
    out, err = chard(*words, status=1, broker=front.url, timeout=60)
    assert errors(out + err) or "PROBLEM" in out
    assert "t0p-s3cret" not in out + err


def test_wrong_password(chard, broker_url):
    out, err = chard("check", status=1, broker=broker_url.replace("guest:guest", "guest:t0p-s3cret"))
    assert errors(out + err) or "PROBLEM" in out
    assert "t0p-s3cret" not in out + err


def test_check_is_content(chard, queue, tmp_path, bare):
    config = catalogue.write(tmp_path / "queues.yaml", {queue: catalogue.queue()})
    chard("topology", "apply", "--config", config)
    out, _ = chard("check", "--config", config)
    assert "PROBLEM" not in out


def test_check_without_the_management_api(queue, tmp_path, broker_url, backend_url):
    """AMQP and Redis are all that is needed."""
    config = catalogue.write(tmp_path / "queues.yaml", {queue: catalogue.queue()})
    chard = Command(broker_url, backend_url, tmp_path)
    chard("topology", "apply", "--config", config)
    chard("topology", "diff", "--config", config)
    assert "PROBLEM" not in chard("check", "--config", config)[0]


def test_check_reports_a_queue_that_clients_cannot_declare(chard, queue, tmp_path, bare):
    """Quorum on the broker, classic in queues.yaml: what is wrong and what clients must set."""
    bare.declare(queue, **{"x-queue-type": "quorum"})
    config = catalogue.write(tmp_path / "queues.yaml", {queue: catalogue.queue()})
    out, err = chard("check", "--config", config, status=None)
    assert queue in out + err and "quorum" in out + err and "task_default_queue_type" in out + err


def test_check_reports_wrong_settings(chard, tmp_path):
    file = tmp_path / "queues.yaml"
    file.write_text("queues:\n  q1:\n    concurency: 4\n")
    out, err = chard("check", "--config", file, status=1)
    assert "queues.yaml:3" in out + err and "concurency" in out + err


def test_topology_apply_show_diff(chard, queue, tmp_path, bare):
    config = catalogue.write(tmp_path / "queues.yaml", {queue: catalogue.queue(["some.*"], "some.key")})
    out, err = chard("topology", "show", "--config", config)
    assert queue in out and "some.key" in out
    assert bare.ready(queue) is None, "show must not declare"
    out, err = chard("topology", "diff", "--config", config, status=None)
    assert queue in out + err
    assert bare.ready(queue) is None, "diff must not declare"
    chard("topology", "apply", "--config", config)
    assert bare.ready(queue) == 0 and bare.ready(f"{queue}.dead") == 0
    chard("topology", "apply", "--config", config)
    chard("topology", "diff", "--config", config)


def test_topology_apply_keeps_what_is_there(chard, queue, tmp_path, bare):
    """A queue of another kind is reported, never deleted; its messages stay."""
    bare.declare(queue, **{"x-max-priority": 3})
    bare.send_task(queue, "examples.add", (1, 2))
    config = catalogue.write(tmp_path / "queues.yaml", {queue: catalogue.queue()})
    chard("topology", "apply", "--config", config, status=None)
    assert bare.ready(queue) == 1
    out, err = chard("topology", "diff", "--config", config, status=None)
    assert queue in out + err and "x-max-priority" in out + err


def test_purge(chard, queue, bare, tmp_path):
    bare.declare(queue)
    for number in range(7):
        bare.send_task(queue, "examples.add", (number, 1))
    config = catalogue.write(tmp_path / "queues.yaml", {queue: catalogue.queue()})
    chard("purge", "--config", config, "-Q", queue, status=1)    # no terminal to ask at: nothing goes without -f
    assert bare.ready(queue) == 7
    out, _ = chard("purge", "--config", config, "-Q", queue, "-f")
    assert "7" in out and bare.ready(queue) == 0


def test_worker_purge_option(worker, queue, bare):
    bare.declare(queue)
    old = bare.send_task(queue, "examples.add", (1, 1))
    process = worker(queue, options=["--purge"])
    new = bare.send_task(queue, "examples.add", (1, 1))
    process.wait_for_log(loglines.succeeded(new))
    assert not loglines.received(old).search(process.log())


def test_worker_queues_and_exclude(worker, new_queue, bare):
    one, two, three = new_queue("one"), new_queue("two"), new_queue("three")
    settings = {name: catalogue.queue() for name in (one, two, three)}
    worker(settings, options=["-Q", f"{one},{two}"])
    eventually(lambda: bare.consumers(one) and bare.consumers(two), 10)
    assert not bare.consumers(three)
    worker(settings, options=["-X", one])
    eventually(lambda: bare.consumers(three) == 1 and bare.consumers(two) == 2, 10)
    assert bare.consumers(one) == 1


def test_worker_queue_that_is_not_in_the_file(worker, new_queue, bare):
    """-Q of an unknown name makes a queue of that name, as Celery's task_create_missing_queues."""
    known, other = new_queue("known"), new_queue("other")
    process = worker({known: catalogue.queue()}, options=["-Q", other])
    task_id = bare.send_task(other, "examples.add", (1, 1))
    process.wait_for_log(loglines.succeeded(task_id))


def test_environment_configures_the_worker(queue, tmp_path, broker_url, backend_url, bare):
    from support.process import WorkerProcess
    config = catalogue.write(tmp_path / "queues.yaml", {queue: catalogue.queue()})
    environment = {**clean_environment(), "CELERY_BROKER_URL": broker_url, "CELERY_RESULT_BACKEND": backend_url,
                   "CHARD_CONFIG": str(config), "CHARD_WORKER_HOSTNAME": "from-env@interop"}
    process = WorkerProcess([EXAMPLE_WORKER], tmp_path / "log", environment)
    try:
        process.wait_ready()
        assert "from-env@interop ready." in process.log()
        process.wait_for_log(loglines.received(bare.send_task(queue, "examples.add", (1, 1))))
        process.stop()
    finally:
        process.kill()


def test_hostname_is_expanded(worker, queue):
    import socket
    process = worker(queue, options=["-n", "w1@%h"])
    assert f"w1@{socket.gethostname()} ready." in process.log()


def test_log_level(worker, queue, bare):
    process = worker(queue, options=["-l", "warning"], wait=False)
    eventually(lambda: bare.consumers(queue) == 1, 20, what="the consumer")
    bad = bare.send_task(queue, "no.such.task")
    process.wait_for_log("no.such.task")
    assert not loglines.received(bad).search(process.log())
    process.stop()
