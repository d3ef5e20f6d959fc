"""Fixtures of the interop tests. Read support/ for what they give; nothing here sleeps for a fixed time.

Environment: CHARD_WORKER (example-worker), CHARD (chard), CHARD_TEST_WORKER=python runs the same tests against a Python
Celery worker (tests marked `chard` are skipped then). Servers: CHARD_TEST_SERVICES and its companions as
`scripts/services NAME up` prints them; without them the instance CHARD_INSTANCE (default `interop`) is started and
stopped. With pytest-xdist (-n) each process beyond the first has an instance of its own. CHARD_TEST_SEED repeats a run of the random faults, CHARD_TEST_SECONDS is the time limit of a test (90).
"""
import os
import signal
import subprocess
import sys
import threading
import uuid
from pathlib import Path

sys.dont_write_bytecode = True

import pytest
import redis as redis_client
from celery import Celery

from support import catalogue, zstd
from support.broker import Bare
from support.management import Management
from support.monitor import Monitor
from support.process import WorkerProcess
from support.proxy import FaultProxy
from support.services import ROOT, Services

zstd.register()
for name in ("CELERY_BROKER_URL", "CELERY_RESULT_BACKEND"):      # Celery prefers them to what an app is given
    os.environ.pop(name, None)

HERE = Path(__file__).resolve().parent
KIND = os.environ.get("CHARD_TEST_WORKER", "chard")
BUILD = ROOT / ".build" / os.environ.get("CHARD_BUILD", "release")
EXAMPLE_WORKER = os.environ.get("CHARD_WORKER", str(BUILD / "example-worker"))
CHARD = os.environ.get("CHARD", str(BUILD / "chard"))
SECONDS = float(os.environ.get("CHARD_TEST_SECONDS", "90"))


# --- which tests run, how long, and what is told at the end -----------------------------------------------------------

def pytest_collection_modifyitems(items):
    for item in items:
        if KIND == "python" and "CHARD_TEST_ALL" not in os.environ and item.get_closest_marker("chard"):
            item.add_marker(pytest.mark.skip(reason="only a Chard worker can pass it; CHARD_TEST_WORKER=python"))


@pytest.fixture(autouse=True)
def time_limit(request):
    """Ends a test that hangs."""
    marker = request.node.get_closest_marker("limit")
    seconds = marker.args[0] if marker else SECONDS

    def give_up(*_):
        # No TimeoutError: clients would take it for a socket's and go on waiting.
        pytest.fail(f"the test took longer than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.when == "call" and report.failed:
        for process in getattr(item, "workers", []):
            report.sections.append((f"log of worker {process.pid}", process.tail(60)))


@pytest.fixture
def tell(request):
    """Lines for the end of the run: counts that are reported rather than judged."""
    return lambda text: request.node.user_properties.append(("fact", text))


def pytest_terminal_summary(terminalreporter):
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") == "call":
                for _, fact in report.user_properties:
                    terminalreporter.write_line(f"fact: {report.nodeid.split('::')[-1]}: {fact}")
    count = {name: len(terminalreporter.stats.get(name, [])) for name in ("passed", "failed", "error", "skipped")}
    terminalreporter.write_line("interop ({}): {} passed, {} failed, {} skipped".format(
        KIND, count["passed"], count["failed"] + count["error"], count["skipped"]))


# --- servers ----------------------------------------------------------------------------------------------------------

@pytest.fixture(scope="session")
def services():
    servers = Services()
    yield servers
    servers.close()


@pytest.fixture(scope="session")
def broker_url(services):
    return services.broker


@pytest.fixture(scope="session")
def backend_url(services):
    return services.backend


@pytest.fixture(scope="session")
def management(services):
    return Management(services.management)


@pytest.fixture
def bare(broker_url):
    client = Bare(broker_url)
    yield client
    client.close()


@pytest.fixture
def redis(backend_url):
    client = redis_client.Redis.from_url(backend_url, decode_responses=True, socket_timeout=30)
    yield client
    client.close()


@pytest.fixture
def vhost(management, broker_url):
    """A vhost of the test's own, for fixed queue names: its AMQP URL."""
    name = f"test-{uuid.uuid4().hex[:10]}"
    management.make_vhost(name)
    yield broker_url.rstrip("/") + "/" + name
    management.drop_vhost(name)


# --- queues -----------------------------------------------------------------------------------------------------------

@pytest.fixture
def queue(new_queue):
    """The name of a queue that only this test uses."""
    return new_queue()


@pytest.fixture
def new_queue(broker_url, request):
    names = []

    def make(prefix="q"):
        names.append(f"{prefix}-{uuid.uuid4().hex[:10]}")
        return names[-1]

    yield make
    remove(broker_url, names)


def remove(url, names):
    client = Bare(url)
    client.delete(*names, *(f"{name}.dead" for name in names))
    for name in names:
        client.delete_exchange(name)
    client.close()


# --- workers ----------------------------------------------------------------------------------------------------------

class Workers:
    """Starts workers and sees to their end. Whoever is not stopped by the test is stopped after it, with status 0."""

    def __init__(self, folder, broker_url, backend_url):
        self.folder, self.broker_url, self.backend_url, self.all = folder, broker_url, backend_url, []

    def __call__(self, *queues, config=None, broker=None, backend=None, options=(), kind=KIND, wait=True, program=None,
                 top=None, env=None, **settings):
        """`queues`: names, or one dict for support.catalogue; `settings`: of every queue; `top`: keys beside them."""
        number = len(self.all) + 1
        if config is None:
            mapping = queues[0] if queues and isinstance(queues[0], dict) else {
                name: catalogue.queue(**{"routes": ["examples.*"], "concurrency": 4, **settings}) for name in queues}
            config = catalogue.write(self.folder / f"queues-{number}.yaml", mapping, **merged(TOP, top or {}))
        options = list(options)
        if not {"-c", "--concurrency"} & set(options) and "concurrency" in settings and kind == "python":
            options += ["-c", str(settings["concurrency"])]
        command = ["--config", str(config), "-b", broker or self.broker_url,
                   "--result-backend", backend or self.backend_url, "-l", "info",
                   "-n", f"w{number}-{uuid.uuid4().hex[:6]}@interop", *options]
        if kind == "python":
            command = [sys.executable, str(HERE / "python_worker.py"), *command]
        else:
            command = [*(program or [EXAMPLE_WORKER]), *command]
        environment = {**clean_environment(), **(env or {})}
        process = WorkerProcess(command, self.folder / f"worker-{number}.log", environment, kind == "python")
        self.all.append(process)
        return process.wait_ready() if wait else process

    def end(self):
        problems = []
        for process in self.all:
            if process.running:
                try:
                    process.stop()
                except AssertionError as error:
                    problems.append(str(error))
                    process.kill()
            if process.own_group:                         # children whose parent was killed
                try:
                    os.killpg(process.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        assert not problems, "\n".join(problems)


#: Keys beside `queues` that every worker of these tests gets: by default only json is accepted, as in Celery.
TOP = {"worker": {"accept_content": ["json", "msgpack", "yaml"]}}


def merged(first, second):
    return {key: {**first.get(key, {}), **second.get(key, {})} for key in {**first, **second}}


def clean_environment():
    """Without the variables that would configure the worker behind the test's back."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("CELERY_", "CHARD_"))}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture
def worker(request, tmp_path, broker_url, backend_url, new_queue):
    workers = Workers(tmp_path, broker_url, backend_url)
    request.node.workers = workers.all
    yield workers
    workers.end()


class Shared:
    """One worker and one queue for all tests that harm neither. Started when first needed, and again if it ended."""

    def __init__(self, folder, broker_url, backend_url):
        self.queue = f"shared-{uuid.uuid4().hex[:10]}"
        self.workers, self.process = Workers(folder, broker_url, backend_url), None

    def get(self):
        ended, self.process = self.process, self.process if self.process and self.process.running else None
        assert ended is self.process, f"the shared worker ended by itself:\n{ended.tail()}"
        if self.process is None:
            self.process = self.workers(self.queue)
        return self.process

    def stop(self):
        if self.process is not None:
            self.process.stop()
            self.process = None


@pytest.fixture(scope="session")
def _shared(tmp_path_factory, broker_url, backend_url):
    shared = Shared(tmp_path_factory.mktemp("shared"), broker_url, backend_url)
    yield shared
    shared.workers.end()
    remove(broker_url, [shared.queue])


@pytest.fixture
def shared(_shared, request):
    """The shared worker, running: `.queue`, `.process`."""
    request.node.workers = [_shared.get()]
    return _shared


@pytest.fixture
def alone(_shared):
    """For tests that stop servers: nobody else is connected meanwhile."""
    _shared.stop()


# --- clients ----------------------------------------------------------------------------------------------------------

@pytest.fixture
def make_app(broker_url, backend_url):
    """Celery apps as users make them; `conf` is theirs. The third argument of `send_task` needs no registered task."""
    apps = []

    def make(queue=None, broker=None, backend=backend_url, **conf):
        app = Celery(f"client-{uuid.uuid4().hex[:6]}", broker=broker or broker_url, backend=backend,
                     set_as_current=False)
        if queue:
            conf.setdefault("task_default_queue", queue)
        app.conf.update(accept_content=["json", "msgpack", "yaml"], **conf)
        apps.append(app)
        return app

    yield make
    for app in apps:
        close(app)


def close(app):
    if "backend" in vars(app._local):
        consumer = getattr(app._local.backend, "result_consumer", None)
        if consumer is not None:
            consumer.stop()
        client = vars(app._local.backend).get("client")
        if client is not None:
            client.close()
    app.close()


@pytest.fixture
def app(make_app, shared):
    """A Celery client of the shared worker."""
    return make_app(shared.queue)


@pytest.fixture
def proxy():
    """proxy(url) -> FaultProxy in front of that server."""
    made = []

    def make(url):
        made.append(FaultProxy(url))
        return made[-1]

    yield make
    for one in made:
        one.close()


class Command:
    """`chard` on the command line."""

    def __init__(self, broker_url, backend_url, folder, management_url=None):
        self.broker_url, self.backend_url, self.folder = broker_url, backend_url, folder
        self.management = {"CHARD_MANAGEMENT_URL": management_url} if management_url else {}

    def __call__(self, *words, status=0, timeout=60, broker=None):
        """Runs it and returns (stdout, stderr); asserts the exit status unless `status` is None."""
        environment = {**clean_environment(), "CELERY_BROKER_URL": broker or self.broker_url,
                       "CELERY_RESULT_BACKEND": self.backend_url, **self.management}
        done = subprocess.run([CHARD, *map(str, words)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=timeout, env=environment, cwd=self.folder)
        assert status is None or (done.returncode == 0) == (status == 0), (
            f"chard {' '.join(map(str, words))}: status {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout, done.stderr


@pytest.fixture
def chard(services, tmp_path):
    return Command(services.broker, services.backend, tmp_path, services.management)


# --- the monitor ------------------------------------------------------------------------------------------------------

@pytest.fixture
def new_monitor(request, services, tmp_path):
    """new_monitor(settings={…}, queues={…}, broker=…) -> a running support.monitor.Monitor; ended after the test."""
    made = []
    request.node.workers = getattr(request.node, "workers", [])

    def make(settings=None, broker=None, backend=None, management=None, env=None, **more):
        folder = tmp_path / f"monitor-{len(made) + 1}"
        one = Monitor(CHARD, folder, {**clean_environment(), **(env or {})}, broker or services.broker,
                      backend or services.backend, management or services.management, settings, **more)
        made.append(one)
        request.node.workers.append(one.process)
        return one

    yield make
    problems = []
    for one in made:
        if one.process.running:
            try:
                one.stop()
            except AssertionError as error:
                problems.append(str(error))
                one.process.kill()
    assert not problems, "\n".join(problems)


@pytest.fixture
def monitor(new_monitor):
    """A monitor as it is without any settings, with a history of its own: `.url`, `.get`, `.post`, `.act`, `.process`."""
    return new_monitor()
