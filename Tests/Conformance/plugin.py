"""Lets Celery's own integration suite run against a worker in another process. Loaded with `pytest -p plugin`.

No file of the suite is changed. CONFORMANCE_KIND says which worker: chard, or celery for the control run;
CONFORMANCE_LOG is the worker's log and CONFORMANCE_RESULTS the file for the outcomes. See scripts/conformance.
"""
import contextlib
import json
import os
import pathlib
import signal
import time

import pytest
from celery.contrib import pytest as celery_fixtures
from celery.utils.nodenames import anon_nodename
from celery.worker import state

import expectations
from bridge import Bridge, RevokedStamps
from external import ExternalWorker

KIND = os.environ.get("CONFORMANCE_KIND", "chard")
# The name that the suite computes for the worker thread in its own process.
WORKER = ExternalWorker(KIND, anon_nodename(), os.environ["CONFORMANCE_LOG"])
outcomes, seconds, reasons = {}, {}, {}


def short(nodeid):
    return nodeid.removeprefix("t/integration/")


# --- the worker -------------------------------------------------------------------------------------------------------

def fresh_worker(app):
    """A worker that nothing is left for, not even what Chard remembers in Redis of revoked tasks."""
    WORKER.stop(seconds=1)
    app.control.purge()
    app.backend.client.delete("chard-revoked", "chard-revoked-stamps")
    WORKER.start(lambda: app.control.inspect(timeout=0.5, limit=1).ping() is not None)


@pytest.fixture(scope="session")
def celery_session_worker(celery_session_app, celery_includes, celery_class_tasks):
    """In place of the worker thread of celery.contrib.testing.worker, with what else that does to the app."""
    import celery.contrib.testing.tasks  # noqa: F401, registers celery.ping
    from celery.result import _set_task_join_will_block

    app = celery_session_app
    for module in celery_includes:
        app.loader.import_task_module(module)
    for class_task in celery_class_tasks:
        app.register_task(class_task)
    app.finalize()
    app.set_current()
    app.set_default()
    _set_task_join_will_block(False)
    bridge = Bridge(app, WORKER.nodename)
    state.revoked_stamps = RevokedStamps(lambda: fresh_worker(app))
    fresh_worker(app)
    yield WORKER
    bridge.close()
    WORKER.stop()


# The suite's conftest imports the fixture by this name, and what a conftest has wins over a plugin's own.
celery_fixtures.celery_session_worker = celery_session_worker


# --- which tests, and how long ----------------------------------------------------------------------------------------

def pytest_addoption(parser):
    parser.addoption("--part", default="1/1", help="N/M: the N-th of M parts of the tests")
    parser.addoption("--fixed", action="store_true", help="only tests that took little time in the control run")


def chosen(config, items):
    number, parts = map(int, config.getoption("part").split("/"))
    control = {}
    if config.getoption("fixed"):
        control = json.loads(pathlib.Path(__file__).with_name("control.json").read_text())
    for index, item in enumerate(items):
        slow = control.get(short(item.nodeid), {}).get("seconds", 0) > expectations.FIXED_SECONDS
        if index % parts == number - 1 and not slow:
            yield item


def pytest_collection_modifyitems(config, items):
    kept = list(chosen(config, items))
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept
    for item in items:
        reason = expectations.reason(short(item.nodeid), {**expectations.EXTERNAL, **expectations.CHARD})
        if reason and KIND == "chard":
            item.add_marker(pytest.mark.skip(reason=reason))


@contextlib.contextmanager
def limited(item, least):
    """Ends what a test does when its time is up, and again every few seconds, for subtests catch that and go on."""
    limit = expectations.limit(short(item.nodeid)) * (5 if KIND == "celery" else 1)
    begun = item.__dict__.setdefault("begun", time.monotonic())

    def give_up(*_):
        pytest.fail(f"the test took longer than {limit:g} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, max(begun + limit - time.monotonic(), least), 5)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    item.log_position = WORKER.position()
    with limited(item, 60):                                       # the first one starts the worker
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    with limited(item, 5):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item):
    with limited(item, 30):
        # A test that failed may leave messages or a busy worker behind: the next one must not suffer for it.
        if getattr(item, "has_failed", False) and WORKER.process is not None:
            fresh_worker(item._request.getfixturevalue("celery_session_app"))
        return (yield)


# --- outcomes ---------------------------------------------------------------------------------------------------------

@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed:
        item.has_failed = True
        report.sections.append(("log of the worker", WORKER.since(item.log_position)))
    return report


def pytest_runtest_logreport(report):
    test_id = short(report.nodeid)
    seconds[test_id] = seconds.get(test_id, 0) + report.duration
    if report.failed:
        outcomes[test_id] = "failed"
    elif report.skipped:
        outcomes.setdefault(test_id, "xfailed" if hasattr(report, "wasxfail") else "skipped")
        if isinstance(report.longrepr, tuple):
            reasons[test_id] = report.longrepr[2].removeprefix("Skipped: ")
    elif report.when == "call":
        outcomes.setdefault(test_id, "passed")


def pytest_sessionfinish(session):
    results = {
        test_id: {"outcome": outcome, "seconds": round(seconds[test_id], 1)}
        | ({"reason": reasons[test_id]} if test_id in reasons else {})
        for test_id, outcome in outcomes.items()
    }
    pathlib.Path(os.environ["CONFORMANCE_RESULTS"]).write_text(json.dumps(results, indent=0) + "\n")
