"""The monitor's main pages in headless Chromium: how they look, what they say, what they do.

What they show is compared with Redis and with what the worker says to Python's Celery. CHARD_TEST_SHOTS names a folder
for pictures of every page in every look.
"""
import json
import os
import re
import uuid
from pathlib import Path

import pytest
from celery import chain, chord, group
from conftest import clean_environment

from support import browser as browser_module
from support.looking import QUEUE, SLOTS, House

SHOTS = os.environ.get("CHARD_TEST_SHOTS")
FLAWS = (Path(__file__).parent / "support" / "accessible.js").read_text()
LOOKS = {"light": {}, "dark": {"scheme": "dark"}, "phone": {"width": 390, "height": 844},
         "phone-dark": {"width": 390, "height": 844, "scheme": "dark"}}
pytestmark = [pytest.mark.chard,
              pytest.mark.skipif(browser_module.missing() is not None, reason=str(browser_module.missing()))]


@pytest.fixture(scope="module")
def house(services, broker_url, management, tmp_path_factory):
    vhost = f"looking-{uuid.uuid4().hex[:8]}"
    management.make_vhost(vhost)
    house = House(tmp_path_factory.mktemp("looking"), f"{broker_url.rstrip('/')}/{vhost}", services.backend,
                  services.management)
    yield house
    house.close()
    management.drop_vhost(vhost)


@pytest.fixture(scope="module")
def _browser(tmp_path_factory):
    browser = browser_module.Browser(tmp_path_factory.mktemp("browser"), clean_environment())
    yield browser
    browser.close()


@pytest.fixture
def browser(_browser, house, request):
    """A new window; no script may fail, nothing may be missing, no error be written to the console."""
    request.node.workers = [house.monitor.process]
    _browser.look()
    _browser.problems()
    yield _browser
    if SHOTS:
        shoot(_browser, request.node.name)
    problems = [line for line in _browser.problems() if "ERR_ABORTED" not in line]
    assert not problems, "\n".join(problems)


def shoot(browser, name):
    Path(SHOTS).mkdir(parents=True, exist_ok=True)
    browser.shot(Path(SHOTS) / f"{re.sub(r'[^a-z0-9-]+', '-', name)}.png")


def submit(browser, selector, notice):
    """Presses a button, and waits for what the monitor says of it."""
    browser.click(selector)
    return browser.wait_text(".notice", notice)


@pytest.fixture(scope="module")
def tasks(house):
    """Tasks of every kind, as the monitor knows them: kind -> id."""
    made = {"succeeded": house.send("add", 19, 23), "failed": house.send("fail", "the disk is full"),
            "retried": house.send("retry", 1, 0.1), "waiting": house.send("add", 1, 1, queue="nobody-reads"),
            "running": house.send("sleep", 300)}
    flow = chain(house.signature("add", 1, 2), group(house.signature("add", n) for n in range(8)),
                 house.signature("echo"))
    last = flow.apply_async()
    made["workflow"] = root = last.parent.parent.id if last.parent.parent else last.parent.id
    last.get(timeout=30)
    for kind, state in (("succeeded", "SUCCESS"), ("failed", "FAILURE"), ("retried", "SUCCESS"),
                        ("waiting", "PENDING"), ("running", "STARTED"), ("workflow", "SUCCESS")):
        house.seen(made[kind], state)
    house.seen(last.id, "SUCCESS")
    made["root"] = root
    yield made
    house.app.control.revoke(made["running"], terminate=True)


@pytest.fixture(scope="module")
def pages(house, tasks):
    worker = f"/workers/{house.node.replace('@', '%40')}"
    return {
        "overview": "/", "overview-15m": "/?range=15m", "workers": "/workers", "workers-none": "/workers?q=nobody",
        "worker": worker, **{f"worker-{tab}": f"{worker}?tab={tab}"
                             for tab in ("pool", "queues", "tasks", "limits", "configuration", "system")},
        "tasks": "/tasks", "tasks-columns": "/tasks?cols=name&cols=state&cols=args&cols=exception&cols=retries",
        "tasks-none": "/tasks?name=no.such.*", "task-succeeded": f"/tasks/{tasks['succeeded']}",
        "task-failed": f"/tasks/{tasks['failed']}", "task-retried": f"/tasks/{tasks['retried']}",
        "task-waiting": f"/tasks/{tasks['waiting']}", "task-running": f"/tasks/{tasks['running']}",
        "workflows": "/workflows", "workflow": f"/workflows/{tasks['root']}",
    }


# --- how they look ----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("look", LOOKS)
def test_every_page_can_be_read_and_used(house, pages, browser, look):
    browser.look(**LOOKS[look])
    flaws = {}
    for name, path in pages.items():
        browser.open(house.url + path)
        browser.wait_text("h1", "")
        found = browser.evaluate(FLAWS)
        if found:
            flaws[name] = found
        if SHOTS:
            shoot(browser, f"{name}-{look}")
    assert not flaws, json.dumps(flaws, indent=1)


def test_pages_are_useful_without_scripts(house, tasks, pages, browser):
    browser.look(scripts=False)
    for name, path in pages.items():
        browser.open(house.url + path)
        assert browser.text("h1"), name
        if SHOTS:
            shoot(browser, f"{name}-noscript")
    browser.open(house.url + "/")
    assert "succeeded" in browser.text("figure.chart table"), "a chart's figures as a table"
    task_id = house.seen(house.send("add", 5, 6), "SUCCESS")
    browser.open(f"{house.url}/tasks/{task_id}")
    browser.click("#retry > summary")
    said = submit(browser, "#retry button", "was sent again as")
    assert house.result(said.rstrip(".").split()[-1]).get(timeout=20) == 11


def test_what_changes_moves_nothing(house, tasks, browser):
    for path in ("/", "/workers", f"/workers/{house.node}", f"/tasks/{tasks['running']}"):
        browser.open(house.url + path)
        browser.wait_for("document.querySelector('.live')?.dataset.state === 'live'")
        browser.evaluate("""() => {
            window.moved = []; window.updates = 0;
            document.addEventListener('chard:updated', () => window.updates++);
            new PerformanceObserver(list => list.getEntries().forEach(one => window.moved.push([one.value,
                one.sources.map(source => source.node?.outerHTML?.slice(0, 160) ?? source.node?.nodeValue)])))
                .observe({type: 'layout-shift'});
        }""")
        for n in range(5):
            house.send("add", n, n)
        browser.wait_for("window.updates >= 2")
        moved = [one for one in browser.evaluate("window.moved") if one[0] > 0.005]
        assert not moved, f"{path}: {moved}"


def test_the_theme_is_chosen_and_remembered(house, browser):
    def ground():
        return browser.evaluate("getComputedStyle(document.body).backgroundColor")
    browser.open(house.url + "/workers")
    light = ground()
    browser.click("[data-theme-toggle]")
    assert ground() == light
    browser.click("[data-theme-toggle]")
    dark = ground()
    assert dark != light
    browser.open(house.url + "/tasks")
    assert ground() == dark and "dark" in browser.text("[data-theme-toggle]")


def test_the_keyboard_is_enough(house, tasks, browser):
    browser.open(house.url + "/tasks")
    browser.press("Tab")
    assert browser.evaluate("document.activeElement.className") == "skip"
    browser.press("Enter")
    assert browser.evaluate("document.activeElement.id") == "main"
    browser.press("/")
    assert browser.evaluate("document.activeElement.name") == "q"
    browser.fill("input[name=q]", "disk")
    browser.press("Enter")
    browser.wait_url("**q=disk**")
    browser.wait_text("tbody", "examples.fail")
    browser.wait_for("document.querySelector('.live').dataset.state === 'live'")
    browser.press("j")
    here = browser.evaluate("document.activeElement.getAttribute('href')")
    assert here.startswith("/tasks/")
    browser.press("Enter")
    browser.wait_url(f"**{here}")
    browser.press("Shift+?")
    browser.wait_text("dialog", "next and previous row")
    assert "g w" in " ".join(browser.text("dialog").split())
    browser.press("Escape")
    browser.press("g")
    browser.press("w")
    browser.wait_url("**/workers")


# --- what they say ----------------------------------------------------------------------------------------------------

def test_the_overview_says_what_is_wrong_and_where(house, tasks, browser):
    browser.open(house.url + "/")
    browser.wait_text(".verdict h1", "attention")
    line = browser.wait_text(".findings li", "nobody-reads")
    assert "critical" in line
    figures = browser.pairs(".figure")
    assert figures["Workers alive"] == "1"
    assert float(figures["Failures"].split()[0]) > 0
    failing = {row[0]: row for row in browser.rows("section:has(h2:text-is('Failing and slow tasks')) table")}
    assert failing["examples.fail"][2] != "0"
    newest = browser.rows("section:has(h2:text-is('Newest failures')) table")
    assert any("the disk is full" in row[1] for row in newest)


def test_the_overview_says_when_all_is_well(vhost, new_monitor, worker, browser):
    one = new_monitor({"broker_interval": "500ms"}, broker=vhost)
    browser.open(one.url)
    browser.wait_text(".verdict.warning .findings", "No worker has been heard of")
    worker("quiet", broker=vhost, options=["-E"])
    browser.wait_text(".verdict.good h1", "All is well")
    browser.wait_text(".verdict", "1 worker at work")


def test_workers_are_what_they_say_themselves(house, tasks, browser):
    browser.open(house.url + "/workers")
    browser.wait_text(f"tr[data-key='{house.node}']", f"1 / {SLOTS}")
    stats = house.inspect().stats()[house.node]
    row = next(row for row in browser.rows("table.data") if row[0] == house.node)
    assert row[1] == "online" and row[3].startswith(f"1 / {stats['pool']['max-concurrency']}")
    total = sum(stats["total"].values())
    house.eventually(lambda: int(next(row for row in browser.rows("table.data") if row[0] == house.node)[4]
                                 .replace(",", "")) >= total, "as many tasks as the worker has begun")
    browser.click("a.sort:has-text('Failed')")
    browser.wait_url("**sort=failed**")
    assert browser.evaluate("document.querySelector('th[aria-sort]').textContent.trim()") == "Failed"


def test_a_tasks_page_is_what_redis_has(house, tasks, browser, redis):
    browser.open(f"{house.url}/tasks/{tasks['failed']}")
    stored = json.loads(redis.get(f"celery-task-meta-{tasks['failed']}"))
    assert browser.text("h1").split() == ["examples.fail", stored["status"]]
    assert "the disk is full" in browser.text("section:has(h2:text-is('Exception')) pre")
    assert "ValueError" in browser.text("section:has(h2:text-is('Traceback')) pre")
    assert browser.text("section:has(h2:text-is('Stored result')) .state") == stored["status"]
    names = browser.evaluate("[...document.querySelectorAll('.timeline b')].map(one => one.textContent)")
    assert names == ["sent", "received", "started", "failed"]
    facts = browser.pairs("section:has(h2:text-is('Facts')) dl > div")
    assert facts["Worker"] == house.node and facts["Queue"] == QUEUE
    redis.set(f"celery-task-meta-{tasks['failed']}", json.dumps({**stored, "status": "SUCCESS", "result": 1}))
    browser.open(f"{house.url}/tasks/{tasks['failed']}")
    browser.wait_text(".note.warning", "Events say FAILURE, the result store says SUCCESS")
    redis.set(f"celery-task-meta-{tasks['failed']}", json.dumps(stored))


def test_attempts_and_whereabouts(house, tasks, browser):
    browser.open(f"{house.url}/tasks/{tasks['retried']}")
    attempts = browser.rows("section:has(h2:text-is('Attempts')) table")
    assert [row[3] for row in attempts] == ["RETRY", "SUCCESS"]
    browser.open(f"{house.url}/tasks/{tasks['waiting']}")
    browser.wait_text("section:has(h2:text-is('Where is it?'))", "nobody-reads")


def test_searches_have_addresses_and_counts(house, browser):
    word = f"needle{uuid.uuid4().hex[:8]}"
    ids = [house.send("echo", f"{word} {n}") for n in range(3)]
    bad = house.send("fail", f"{word} broke")
    for task_id in ids:
        house.seen(task_id, "SUCCESS")
    house.seen(bad, "FAILURE")
    browser.open(f"{house.url}/tasks")
    browser.fill("input[name=q]", word)
    browser.click("button:text-is('Search')")
    browser.wait_url(f"**q={word}**")
    assert len(browser.rows("table.data")) == 4
    assert browser.text(".chip:has-text('SUCCESS') b") == "3" and browser.text(".chip:has-text('FAILURE') b") == "1"
    browser.click(".chip:has-text('FAILURE')")
    browser.wait_url("**state=FAILURE**")
    assert [row[1] for row in browser.rows("table.data")] == ["examples.fail"]
    browser.open(f"{house.url}/tasks?id={bad[:13]}&cols=name&cols=exception")
    assert [row[1:] for row in browser.rows("table.data")] == [["examples.fail", f"ValueError('{word} broke')"]]


def test_reading_an_older_page_is_not_disturbed(house, browser):
    for n in range(60):
        house.send("add", n, n)
    last = house.seen(house.send("add", 0, 0), "SUCCESS")
    browser.open(f"{house.url}/tasks?name=examples.add")
    browser.wait_text("tbody", last[:8])
    browser.click("a:text-is('Older')")
    browser.wait_text(".pager", "page 2")
    before = browser.rows("table.data")
    browser.wait_for("document.querySelector('.live').dataset.state === 'live'")
    new = house.seen(house.send("add", 1, 0), "SUCCESS")
    assert browser.rows("table.data") == before
    browser.click("a:text-is('Newer')")
    browser.wait_text("tbody", new[:8])


def test_what_one_does_survives_what_is_new(house, browser):
    browser.open(f"{house.url}/tasks?name=examples.add")
    browser.wait_for("document.querySelector('.live').dataset.state === 'live'")
    browser.evaluate("() => { window.updates = 0; document.addEventListener('chard:updated', () => window.updates++) }")
    browser.click("tbody input[type=checkbox]")
    marked = browser.evaluate("document.querySelector('tbody input:checked').value")
    browser.click("#all-matching > summary")
    browser.fill("input[name=q]", "half typed")
    house.send("add", 3, 3)
    browser.wait_for("window.updates >= 1")
    assert browser.evaluate("document.querySelector('tbody input:checked').value") == marked
    assert browser.evaluate("document.activeElement.value") == "half typed"
    assert browser.evaluate("document.querySelector('#all-matching').open")
    browser.click("[data-pause]")
    assert "paused" in browser.text(".live output")
    browser.click("[data-pause]")
    browser.wait_for("document.querySelector('.live').dataset.state !== 'paused'")


def test_a_running_task_ends_while_one_looks(house, browser):
    task_id = house.seen(house.send("sleep", 4), "STARTED")
    browser.open(f"{house.url}/tasks/{task_id}")
    browser.wait_for("document.querySelector('h1').innerText.includes('STARTED')")
    browser.wait_for("document.querySelector('h1').innerText.includes('SUCCESS')")
    browser.wait_text(".timeline", "succeeded")


def test_a_workflow_is_a_graph(house, tasks, browser):
    browser.open(f"{house.url}/workflows")
    browser.wait_text(f"tr[data-key='{tasks['root']}']", "done")
    browser.click(f"tr[data-key='{tasks['root']}'] a")
    browser.wait_text("h1", "done")
    nodes = browser.evaluate("[...document.querySelectorAll('.graph a')].map(one => one.getAttribute('aria-label'))")
    assert "examples.echo, SUCCESS" in nodes and any("×" not in one and "7 success" in one for one in nodes), nodes
    assert browser.evaluate("document.querySelectorAll('.graph .edge').length") == 3
    assert browser.evaluate("document.querySelectorAll('.graph .group-box').length") == 1
    listed = browser.rows("section:has(h2:text-is('Tasks in order')) table")
    assert len(listed) == 10 and {row[1] for row in listed} == {"SUCCESS"}


def test_a_workflow_changes_while_one_looks(house, browser):
    flow = chord([house.signature("sleep", 4).set(immutable=True), house.signature("add", 1)], house.signature("echo"))
    parent = chain(house.signature("add", 1, 2), flow).apply_async()
    root = parent.parent.parent.id
    house.monitor.eventually(f"/workflows/{root}", lambda answer: "examples.sleep, STARTED" in answer.text,
                             what="the running member")
    browser.open(f"{house.url}/workflows/{root}")
    browser.wait_for("document.querySelector('h1').innerText.includes('running')")
    browser.wait_for("document.querySelector('h1').innerText.includes('done')")
    browser.wait_for("document.querySelector('.graph a[aria-label=\"examples.echo, SUCCESS\"]') !== null")


# --- what they do -----------------------------------------------------------------------------------------------------

def test_retry_shows_what_it_sends_and_sends_it(house, browser):
    task_id = house.send("echo", {"it's": ["a", 1, None, True, 2.5]})
    house.seen(task_id, "SUCCESS")
    browser.open(f"{house.url}/tasks/{task_id}")
    browser.click("#retry > summary")
    preview = browser.pairs("#retry dl > div")
    assert preview["Task"] == "examples.echo" and preview["Queue"] == QUEUE and "it\\'s" in preview["Arguments"]
    new = submit(browser, "#retry button", "was sent again as").rstrip(".").split()[-1]
    assert new != task_id and house.result(new).get(timeout=20) == {"it's": ["a", 1, None, True, 2.5]}


@pytest.mark.parametrize("argument, reason", [("x" * 3000, "cut"), ("a\\b", "backslash")])
def test_retry_never_guesses(house, browser, argument, reason):
    task_id = house.seen(house.send("echo", argument), "SUCCESS")
    browser.open(f"{house.url}/tasks/{task_id}")
    assert reason in browser.wait_text(".note", "It can't be sent again")
    assert browser.evaluate("document.querySelector('#retry')") is None


def test_secrets_are_not_shown_nor_sent_again(house, browser):
    task_id = house.seen(house.send("echo", {"password": "hunter2"}), "SUCCESS")
    browser.open(f"{house.url}/tasks/{task_id}")
    assert "hunter2" not in browser.text("body")
    browser.wait_text(".note", "hidden")


def test_stopping_tasks(house, browser):
    running = house.seen(house.send("sleep", 120), "STARTED")
    browser.open(f"{house.url}/tasks/{running}")
    browser.click("#stop > summary")
    submit(browser, "#stop button:text-is('Terminate')", "asked to terminate")
    house.eventually(lambda: house.result(running).state == "REVOKED", "the end of the task in Redis")
    browser.wait_text("h1", "REVOKED")
    abortable = house.seen(house.send("abortable", 60), "STARTED")
    browser.open(f"{house.url}/tasks/{abortable}")
    browser.click("#stop > summary")
    submit(browser, "#stop button:text-is('Abort')", "was asked to stop")
    house.eventually(lambda: house.result(abortable).ready() or house.result(abortable).state == "ABORTED", "the wish")
    later = house.send("add", 1, 1, countdown=3600)
    house.seen(later, "PENDING")
    browser.open(f"{house.url}/tasks/{later}")
    browser.click("#stop > summary")
    submit(browser, "#stop button:text-is('Revoke')", "asked not to run")
    house.eventually(lambda: later in house.inspect().revoked()[house.node], "the id among those revoked")


def test_many_at_once(house, browser):
    word = f"bulk{uuid.uuid4().hex[:8]}"
    for n in range(3):
        house.seen(house.send("echo", f"{word} {n}"), "SUCCESS")
    browser.open(f"{house.url}/tasks?q={word}")
    browser.click("[data-all]")
    submit(browser, "button:text-is('Retry marked')", "3 tasks were sent again")
    def states():
        return re.findall(r'<td class="" data-label="State"><span class="state (\w+)"', house.monitor.get(f"/tasks?q={word}").text)

    house.eventually(lambda: states() == ["success"] * 6, "six tasks")
    browser.open(f"{house.url}/tasks?q={word}")
    browser.click("#all-matching > summary")
    browser.fill("#all-matching form[action$='tasks-retry'] input[name=confirm]", "retry")
    submit(browser, "#all-matching form[action$='tasks-retry'] button", "6 tasks were sent again")
    house.eventually(lambda: states() == ["success"] * 12, "twelve tasks")
    refused = house.monitor.act("tasks-retry", "/tasks", 400, scope="all", query=f"q={word}", confirm="yes")
    assert "Type retry" in json.dumps(refused)


def test_a_workers_pool_and_queues(house, browser):
    def pool():
        return house.inspect().stats()[house.node]["pool"]["max-concurrency"]
    page = f"{house.url}/workers/{house.node}"
    before = pool()
    browser.open(f"{page}?tab=pool")
    browser.fill("#grow", "2")
    submit(browser, "button:text-is('Grow')", "pool will grow")
    assert pool() == before + 2
    browser.fill("#shrink", "2")
    submit(browser, "button:text-is('Shrink')", "pool will shrink")
    assert pool() == before
    browser.open(f"{page}?tab=queues")
    extra = f"extra-{uuid.uuid4().hex[:6]}"
    browser.fill("input[name=queue]", extra)
    submit(browser, "button:text-is('Add consumer')", extra)
    assert extra in {queue["name"] for queue in house.inspect().active_queues()[house.node]}
    browser.wait_text("table.data", extra)
    submit(browser, f"[aria-label='Stop consuming {extra}']", extra)
    assert extra not in {queue["name"] for queue in house.inspect().active_queues()[house.node]}


def test_a_workers_limits(house, browser):
    browser.open(f"{house.url}/workers/{house.node}?tab=limits")
    row = "tr[data-key='examples.nothing']"
    browser.click(f"{row} summary")
    browser.fill(f"{row} input[name=rate]", "7/m")
    submit(browser, f"{row} button:text-is('Set rate limit')", "new rate limit set")
    browser.wait_text(row, "rate_limit=7/m")
    browser.click(f"{row} summary")
    browser.fill(f"{row} input[name=soft]", "5")
    browser.fill(f"{row} input[name=hard]", "9")
    submit(browser, f"{row} button:text-is('Set time limits')", "time limits set")
    browser.click(f"{row} summary")
    browser.fill(f"{row} input[name=rate]", "often")
    browser.click(f"{row} button:text-is('Set rate limit')")
    browser.wait_text(".notice.critical", "refused")


def test_events_are_switched(house, browser):
    browser.open(f"{house.url}/workers/{house.node}")
    submit(browser, "button:text-is('Disable events')", "event")
    submit(browser, "button:text-is('Enable events')", "event")
    house.seen(house.send("add", 2, 2), "SUCCESS")


def test_tasks_are_stopped_from_their_workers_page(house, browser):
    task_id = house.seen(house.send("sleep", 120), "STARTED")
    browser.open(f"{house.url}/workers/{house.node}?tab=tasks")
    browser.wait_text("main", "Running")
    submit(browser, f"[aria-label='Terminate {task_id}']", "asked to terminate")
    house.eventually(lambda: house.result(task_id).state == "REVOKED", "the end of the task")


def test_a_worker_is_shut_down_and_forgotten(house, browser):
    name = house.start(f"short-{uuid.uuid4().hex[:6]}")
    browser.open(f"{house.url}/workers/{name}")
    browser.click("#shutdown > summary")
    browser.fill("#shutdown input[name=confirm]", "somebody else")
    browser.click("#shutdown button")
    browser.wait_text(".notice.critical", "to confirm")
    assert house.processes[name].running
    browser.click("#shutdown > summary")
    browser.fill("#shutdown input[name=confirm]", name)
    submit(browser, "#shutdown button", "told to shut down")
    assert house.processes[name].wait(30) == 0
    browser.wait_text("h1", "offline")
    submit(browser, "button:text-is('Forget this worker')", "forgotten")
    browser.open(f"{house.url}/workers")
    assert name not in browser.text("table.data")
