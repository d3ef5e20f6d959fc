"""Every page and tab of Flower 2.2, looked at with Chromium after its scripts ran, and its buttons pressed.

The figures themselves are tested in test_flower.py. CHARD_TEST_SHOTS names a folder for pictures of the pages.
"""
import os
import re
from pathlib import Path

import pytest
from conftest import clean_environment

from support import browser as browser_module
from support.flower_fixtures import (  # noqa: F401
    PREFETCH, QUEUE, SLOTS, _node, busy, flower, new_node, node, place)
from support.waiting import eventually

WAIT = 20
SHOTS = os.environ.get("CHARD_TEST_SHOTS")
pytestmark = pytest.mark.skipif(browser_module.missing() is not None, reason=str(browser_module.missing()))


@pytest.fixture(scope="module")
def _browser(tmp_path_factory):
    browser = browser_module.Browser(tmp_path_factory.mktemp("browser"), clean_environment())
    yield browser
    browser.close()


@pytest.fixture
def browser(_browser, request):
    """An open browser; no script of a page may fail, and no request be answered with a server's error."""
    _browser.problems()
    yield _browser
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        _browser.shot(Path(SHOTS) / f"{request.node.name}.png")
    # A page left while it loaded, and refusals that a test asks for: Chromium writes each into its console.
    problems = [line for line in _browser.problems() if not re.search("ERR_ABORTED|with a status of 4", line)]
    assert not problems, "\n".join(problems)


@pytest.fixture
def details(flower, node):
    """The pairs of a task's page: name -> text."""
    def look(browser, task_id):
        browser.open(f"{flower.url}/task/{task_id}")
        return browser.pairs("#task-page .detail-row")
    return look


def table(browser, selector):
    """A table of two columns as a dict."""
    return {row[0]: row[1] for row in browser.rows(selector) if len(row) > 1}


def row_of(browser, selector, text):
    return eventually(lambda: next((row for row in browser.rows(selector) if text in row), None), WAIT,
                      what=f"a row with {text}")


# --- pages ------------------------------------------------------------------------------------------------------------

def test_workers(flower, node, browser):
    flower.wait_state(flower.send("examples.add", 1, 2), "SUCCESS")
    flower.wait_state(flower.send("examples.fail", "no"), "FAILURE")
    assert browser.open(f"{flower.url}/workers") == "Workers · Flower"
    browser.wait_text("#workers-refresh-status", "Updated")
    name, status, active, processed, failed, succeeded, _ = row_of(browser, "#workers-table", node.name)
    assert (name, status, active) == (node.name, "Online", "0")
    assert int(processed) >= 2 and int(failed) >= 1 and int(succeeded) >= 1
    assert all(float(browser.text(f".load-average-value:nth-child({n})")) >= 0 for n in (1, 2, 3))
    assert browser.text("#workers-online") == "1" and int(browser.text("#workers-succeeded")) >= 1


def test_tasks(flower, node, browser):
    succeeded, failed = flower.send("examples.echo", "<b>&"), flower.send("examples.fail", "<i>")
    flower.wait_state(succeeded, "SUCCESS")
    flower.wait_state(failed, "FAILURE")
    assert browser.open(f"{flower.url}/tasks") == "Tasks · Flower"
    row = row_of(browser, "#tasks-table", succeeded)
    assert row[0] == "examples.echo" and row[2] == "SUCCESS" and row[5] == node.name
    assert re.fullmatch(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}", row[3]) and re.fullmatch(r"\d+\.\d\d ms", row[4])
    browser.click('.task-state-filter[data-task-state="FAILURE"]')
    eventually(lambda: {row[2] for row in browser.rows("#tasks-table")} == {"FAILURE"}, WAIT, what="only failures")
    assert row_of(browser, "#tasks-table", failed)[0] == "examples.fail"
    browser.click('.task-state-filter[data-task-state=""]')
    row_of(browser, "#tasks-table", succeeded)


def test_a_successful_task(flower, node, browser, details):
    task_id = flower.send("examples.echo", {"text": "it's <b>"})
    flower.wait_state(task_id, "SUCCESS")
    found = details(browser, task_id)
    assert found["Name"] == "examples.echo" and found["Status"] == "SUCCESS" and task_id in found["UUID"]
    assert found["Arguments"] == "[{'text': 'it\\'s <b>'}]" and found["Keyword arguments"] == "{}"
    assert found["Result"] == "{'text': 'it\\'s <b>'}"
    assert found["Runtime"].endswith("ms") and found["Worker"] == node.name and found["Retries"] == "0"
    assert {"Received", "Started", "Succeeded", "Timestamp", "Clock"} <= found.keys()
    assert found["Routing key"] == QUEUE and found["Root id"] == task_id


def test_a_failed_task(flower, node, browser, details):
    task_id = flower.send("examples.fail", "it broke")
    flower.wait_state(task_id, "FAILURE")
    found = details(browser, task_id)
    assert found["Status"] == "FAILURE" and "ValueError" in found["Exception"] and "it broke" in found["Exception"]
    assert "it broke" in found["Traceback"] and {"Received", "Started", "Failed"} <= found.keys()


def test_a_family_of_tasks(flower, node, browser, details):
    parent = flower.send("examples.fanout", 2)
    children = flower.result(parent)[1]
    for child in children:
        flower.wait_state(child, "SUCCESS")
    found = details(browser, parent)
    assert all(child in found["Children"] for child in children)
    found = details(browser, children[0])
    assert found["Parent id"] == parent and found["Root id"] == parent


def test_a_task_is_ended_by_its_button(flower, node, browser, details):
    task_id = flower.send("examples.sleep", 60)
    flower.wait_state(task_id, "STARTED")
    assert details(browser, task_id)["Status"] == "STARTED"
    browser.click("#task-terminate")
    browser.wait_text("#toast-container .toast", f"Revoked '{task_id}'")
    flower.wait_state(task_id, "REVOKED")
    found = details(browser, task_id)
    assert found["Status"] == "REVOKED" and "Revoked" in found


def test_broker(flower, node, browser):
    flower.worker(node.name)
    assert browser.open(f"{flower.url}/broker") == "Broker · Flower"
    row = row_of(browser, "#queue-table", QUEUE)
    eventually(lambda: (browser.open(f"{flower.url}/broker"), row_of(browser, "#queue-table", QUEUE))[1][4] == "1", WAIT,
               every=1, what="one consumer, which RabbitMQ counts every five seconds")
    assert all(re.fullmatch(r"\d+", cell) for cell in row_of(browser, "#queue-table", QUEUE)[1:5]), row


# --- the tabs of a worker ---------------------------------------------------------------------------------------------

@pytest.fixture
def tab(flower, node, browser):
    """tab(name): opens the worker's page and clicks on that tab; returns the selector of its pane."""
    def show(name):
        # Flower cuts lists at 50, and Chard remembers revoked ids in Redis, those of earlier tests too.
        assert browser.open(f"{flower.url}/worker/{node.name}?limit=100000") == f"{node.name} · Flower"
        browser.click(f"#worker-tab-{name}")
        browser.wait_text(f"#tab-{name}", "")
        return f"#tab-{name}"
    return show


def test_tab_pool(node, browser, tab):
    found = table(browser, f"{tab('pool')} table")
    assert found["Max concurrency"] == str(SLOTS) and found["Worker PID"] == str(node.process.pid)
    assert found["Prefetch Count"] == str(PREFETCH)
    assert all(found[name] for name in ("Implementation", "Processes", "Max tasks per child", "Timeouts", "Writes"))


def test_tab_broker(browser, tab, place):
    found = table(browser, f"{tab('broker')} table")
    assert found["Hostname"] == "127.0.0.1" and found["Transport"] == "amqp" and found["Userid"] == "guest"
    assert found["Virtual host"] == place.rsplit("/", 1)[1] and f":{found['Port']}/" in place


def test_tab_queues(browser, tab):
    row = row_of(browser, f"{tab('queues')} table", QUEUE)
    assert row[:5] == [QUEUE, "False", "True", QUEUE, "False"] and row[8] == "False"


def test_tab_tasks(flower, node, browser, tab, busy):
    flower.post(f"/api/task/revoke/{busy.waiting[0]}")
    pane = tab("tasks")

    def tables():
        tab("tasks")
        return {caption: browser.rows(f'{pane} table:has(caption:text-is("{caption} tasks"))')
                for caption in ("Processed", "Active", "Reserved", "Revoked")}
    # The page shows what Flower has and asks the worker anew for the next view.
    found = eventually(lambda: (now := tables())["Revoked"] and len(now["Active"]) == SLOTS and now, WAIT, every=0.5,
                       what="tasks in the tables")
    assert "examples.sleep" in {row[0] for row in found["Processed"]}
    active = next(row for row in found["Active"] if busy.running[1] in row[1])
    assert active[0] == "examples.sleep" and active[2] == "False" and active[3].isdigit() and active[4:] == ["[61]", "{}"]
    reserved = next(row for row in found["Reserved"] if busy.waiting[1] in row[1])
    assert reserved[0] == "examples.add" and reserved[2:] == ["[1, 1]", "{}"]
    assert any(busy.waiting[0] in row[0] for row in found["Revoked"])


def test_tab_limits(node, browser, tab):
    pane = tab("limits")
    row_of(browser, f"{pane} table", "examples.add")
    browser.fill('[aria-label="Rate limit for examples.append"]', "7")
    browser.click('[id="task-rate-limit-examples.append"]')
    # It has no stub in Flower's app.
    browser.wait_text("#toast-container .toast", "Unknown task 'examples.append'")
    browser.fill('[aria-label="Timeout for examples.add"]', "30")
    browser.click('[id="task-timeout-soft-examples.add"]')
    browser.wait_text("#toast-container .toast", "time limits set successfully")
    browser.fill('[aria-label="Rate limit for examples.add"]', "1000")
    browser.click('[id="task-rate-limit-examples.add"]')
    browser.wait_text("#toast-container .toast", "new rate limit set successfully")


def test_tab_config(browser, tab):
    found = table(browser, f"{tab('config')} table")
    assert found["broker_url"].startswith("amqp://guest:****") and "result_backend" in found


def test_tab_system(browser, tab):
    found = table(browser, f"{tab('system')} table")
    assert re.search(r"\d+\.\d\d m?s", found["utime"]) and int(found["maxrss"]) > 0


def test_tab_other(browser, tab):
    assert re.search(r"\d", table(browser, f"{tab('other')} table")["uptime"])


# --- the buttons of a worker ------------------------------------------------------------------------------------------

def test_buttons_of_pool_and_queues(flower, node, browser, tab):
    tab("pool")
    for button, message in (("grow", f"Growing '{node.name}' worker's pool by 1"),
                            ("shrink", f"Shrinking '{node.name}' worker's pool by 1")):
        browser.click(f"#worker-pool-{button}")
        browser.wait_text("#toast-container .toast", message)
    browser.click("#worker-group")
    browser.click("#worker-refresh")
    browser.wait_text("#toast-container .toast", "Successfully refreshed")
    tab("queues")
    browser.fill("#add-consumer-name", "flower-more")
    browser.click("#worker-add-consumer")
    browser.wait_text("#toast-container .toast", "add consumer flower-more")
    eventually(lambda: len(flower.worker(node.name)["active_queues"]) == 2, WAIT, what="two queues")
    pane = tab("queues")
    row_of(browser, f"{pane} table", "flower-more")
    browser.click("#worker-cancel-consumer-flower-more")
    browser.wait_text("#toast-container .toast", "no longer consuming from flower-more")


def test_button_shutdown(flower, new_node, browser):
    node = new_node("flower-pressed")
    browser.open(f"{flower.url}/worker/{node.name}")
    browser.click("#worker-group")
    browser.click("#worker-shutdown")
    browser.wait_text("#toast-container .toast", "Shutting down!")
    assert node.process.wait(WAIT) == 0
    browser.open(f"{flower.url}/workers")
    eventually(lambda: row_of(browser, "#workers-table", node.name)[1] == "Offline", WAIT, what="the worker offline")
