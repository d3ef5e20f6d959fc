"""Alerts: real conditions on real servers lead to real deliveries, and are over again."""
import hashlib
import hmac
import json
import os
import signal
import socket
import subprocess
import time
import uuid

import pytest
from conftest import Workers
from support import catalogue
from support.http_server import Endpoint
from support.smtp_server import MailServer, certificate
from support.waiting import eventually, stays

pytestmark = pytest.mark.chard

RULES = ["error-rate", "oldest-message", "no-consumer", "dead-letters", "worker-lost", "worker-cpu", "worker-memory",
         "cache-hits", "redis-lag", "schedule", "broker-alarm", "broker-node", "broker-silent"]
SECRET = "a secret of the test"


class Told:
    """Where a monitor's webhook and Slack post to."""

    def __init__(self):
        self.endpoint = Endpoint()
        self.webhook = self.endpoint.on("/hook", (200, {}))
        self.slack = self.endpoint.on("/services/T0/B0/very-secret", (200, "ok"))

    def notices(self, path="/hook"):
        return [json.loads(body) for _, _, body, _ in self.endpoint.asked(path)]

    def fired(self, rule, subject=None):
        return [alert for notice in self.notices() for alert in notice["firing"]
                if alert["rule"] == rule and subject in (None, alert["subject"])]

    def resolved(self, rule, subject=None):
        return [alert for notice in self.notices() for alert in notice["resolved"]
                if alert["rule"] == rule and subject in (None, alert["subject"])]


@pytest.fixture
def told():
    server = Told()
    yield server
    server.endpoint.close()


def settings(told=None, **rules):
    """Only these rules, looked at five times a second; `rules`: name with _ to its settings."""
    wanted = {name.replace("_", "-"): value for name, value in rules.items()}
    alerts = {"interval": "200ms", "resolve_after": "500ms",
              "rules": {name: wanted.get(name, {"enabled": False}) for name in RULES}}
    if told:
        alerts["webhook"] = {"url": told.webhook, "secret": SECRET}
    return {"broker_interval": "300ms", "alerts": alerts}


@pytest.fixture
def place(vhost, new_monitor, tmp_path, services, request):
    """A vhost with a monitor: `.start(settings)`, `.worker(queue)`, `.app(queue)`."""
    workers = Workers(tmp_path, vhost, services.backend)

    class Place:
        url = vhost
        worker = workers

        @staticmethod
        def start(settings, **more):
            return new_monitor(settings, broker=vhost, env={"FLOWER_UNAUTHENTICATED_API": "true"}, **more)

    yield Place
    workers.end()


def test_messages_without_consumer(place, told, make_app):
    """Webhook with signature, and Slack; over when a worker comes."""
    config = settings(told, no_consumer={"for": "300ms"})
    config["alerts"]["slack"] = {"url": told.slack}
    config["alerts"]["link"] = "https://chard.example/"
    monitor = place.start(config)
    make_app("orders", broker=place.url).send_task("examples.add", (1, 2))
    alert = eventually(lambda: told.fired("no-consumer", "orders"), what="the alert")[0]
    assert alert["severity"] == "critical" and "1 message" in alert["text"] and alert["since"] > time.time() - 60
    assert [a["subject"] for a in monitor.json("/api/v1/alerts")["alerts"]] == ["orders"]
    assert 'chard_alerts_firing{severity="critical"} 1' in monitor.get("/metrics").text
    _, headers, body, _ = told.endpoint.asked("/hook")[0]
    assert headers["X-Chard-Signature"] == "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert json.loads(body)["link"] == "https://chard.example/alerts"
    slack = eventually(lambda: told.notices("/services/T0/B0/very-secret"))[0]
    assert "orders" in slack["text"] and slack["blocks"][0]["type"] == "header"
    place.worker("orders")
    over = eventually(lambda: told.resolved("no-consumer", "orders"), what="its end")[0]
    assert over["resolved"] >= over["fired"]
    assert len(told.fired("no-consumer")) == 1
    page = monitor.eventually("/alerts", lambda answer: "Nothing fires" in answer.text)
    assert "orders" in page.text, "among those that are over"
    assert "very-secret" not in page.text and SECRET not in page.text
    assert "very-secret" not in monitor.log() and SECRET not in monitor.log()


def test_several_at_once_are_one_notification(place, told, make_app):
    app = make_app("first", broker=place.url)
    for queue in ("first", "second", "third"):
        app.send_task("examples.add", (1, 2), queue=queue)
    place.start(settings(told, no_consumer={"for": "1500ms"}))
    eventually(lambda: len(told.fired("no-consumer")) >= 3, what="three alerts")
    assert len(told.notices()) == 1 and "3 alerts" in told.notices()[0]["title"]


def test_a_killed_worker(place, told):
    worker = place.worker("q", options=["-E"])
    monitor = place.start(settings(told, worker_lost={"for": 0}))
    name = worker.command[worker.command.index("-n") + 1]
    eventually(lambda: monitor.json("/api/workers?status=1").get(name), what="the worker")
    worker.kill()
    alert = eventually(lambda: told.fired("worker-lost", name), 40, what="the alert")[0]
    assert alert["severity"] == "critical"


def test_a_worker_that_says_goodbye_is_not_lost(place, told):
    worker = place.worker("q", options=["-E"])
    monitor = place.start(settings(told, worker_lost={"for": 0}))
    name = worker.command[worker.command.index("-n") + 1]
    eventually(lambda: monitor.json("/api/workers?status=1").get(name), what="the worker")
    worker.stop()
    eventually(lambda: not monitor.json("/api/workers?status=1").get(name), what="its goodbye")
    stays(lambda: not told.fired("worker-lost"), 1)


def test_failing_tasks(place, told, make_app):
    place.worker("q", options=["-E"])
    place.start(settings(told, error_rate={"threshold": 40, "for": 0}))
    app = make_app("q", broker=place.url)
    for number in range(4):
        app.send_task("examples.fail", ("on purpose",))
        app.send_task("examples.add", (1, number))
    alert = eventually(lambda: told.fired("error-rate"), what="the alert")[0]
    assert "%" in alert["text"]
    eventually(lambda: told.resolved("error-rate"), 40, what="its end")


def test_dead_letters(place, told, make_app):
    place.worker("q", options=["-E"])
    make_app("q", broker=place.url).send_task("nobody.knows.this", ())
    monitor = place.start(settings(told, dead_letters={}))
    eventually(lambda: told.fired("dead-letters", "q.dead"), what="the alert")
    assert "q.dead" in monitor.get("/alerts").text


def test_old_messages(place, told, make_app):
    """Celery's messages carry no time: what is told is how long the head has waited at least."""
    make_app("q", broker=place.url).send_task("examples.add", (1, 2))
    place.start(settings(told, oldest_message={"threshold": "1s", "for": 0}))
    alert = eventually(lambda: told.fired("oldest-message", "q"), what="the alert")[0]
    assert "at least" in alert["text"]
    place.worker("q")
    eventually(lambda: told.resolved("oldest-message", "q"), what="its end")


def test_a_replica_that_stops(place, told, services, tmp_path):
    """A second redis-server follows the result backend's, hangs, goes on."""
    master = services.backend.split("//")[1].split("/")[0].split("@")[-1]
    host, port = master.rsplit(":", 1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        own = free.getsockname()[1]
    replica = subprocess.Popen(["redis-server", "--port", str(own), "--bind", "127.0.0.1", "--save", "", "--dir",
                                str(tmp_path), "--replicaof", host, port], stdout=subprocess.DEVNULL)
    try:
        monitor = place.start(settings(told, redis_lag={"threshold": "2s"}))
        eventually(lambda: f"127.0.0.1:{own}" in monitor.get("/alerts").text, 30, what="the replica on the page")
        stays(lambda: not told.fired("redis-lag"), 1)
        os.kill(replica.pid, signal.SIGSTOP)
        eventually(lambda: told.fired("redis-lag", f"127.0.0.1:{own}"), 30, what="the alert")
        os.kill(replica.pid, signal.SIGCONT)
        eventually(lambda: told.resolved("redis-lag", f"127.0.0.1:{own}"), 30, what="its end")
    finally:
        os.kill(replica.pid, signal.SIGCONT)
        replica.terminate()
        replica.wait(20)


def test_caches_that_do_not_help(place, told, redis):
    """The counts that Chard's inference tasks keep in Redis."""
    keys = [f"metrics:inference:{name}" for name in ("requests", "local_hits", "redis_hits")]
    saved = {key: redis.hgetall(key) for key in keys}
    try:
        redis.hset(keys[0], "test#1:p", 1000)
        redis.hset(keys[1], "test#1:p", 900)
        monitor = place.start(settings(told, cache_hits={"for": 0}))
        eventually(lambda: "metrics:inference" in monitor.get("/alerts").text)
        page = monitor.get("/alerts").text
        eventually(lambda: monitor.get("/metrics").text and monitor.json("/api/v1/alerts")["alerts"] == [])
        stays(lambda: not told.fired("cache-hits"), 1)
        assert page
        redis.hset(keys[0], "test#1:p", 1100)
        redis.hset(keys[1], "test#1:p", 910)
        alert = eventually(lambda: told.fired("cache-hits"), what="the alert")[0]
        assert "10 of 100" in alert["text"]
    finally:
        for key in keys:
            redis.delete(key)
            if saved[key]:
                redis.hset(key, mapping=saved[key])


def test_a_scheduler_that_missed_its_runs(place, told, services, tmp_path):
    """A run of chard beat is remembered, beat ends, the next run does not come."""
    from conftest import CHARD, clean_environment
    from support.process import WorkerProcess
    prefix = f"test-{uuid.uuid4().hex[:8]}:"
    top = {"beat": {"key_prefix": prefix, "entries": {"each-second": {"task": "examples.add", "args": [1, 2],
                                                                      "schedule": "1s", "queue": "q"}}}}
    config = catalogue.write(tmp_path / "beat.yaml", {"q": catalogue.queue(["examples.*"])}, **top)
    beat = WorkerProcess([CHARD, "beat", "--config", str(config), "-b", place.url, "--result-backend", services.backend],
                         tmp_path / "beat.log", clean_environment())
    try:
        monitor = place.start(settings(told, schedule={"threshold": "3s"}), top=top)
        eventually(lambda: "each-second" in monitor.get("/alerts").text, what="the run on the page")
        stays(lambda: not told.fired("schedule"), 1)
        beat.stop()
        eventually(lambda: told.fired("schedule", "each-second"), 30, what="the alert")
    finally:
        beat.kill()


def test_a_restart_tells_nobody_twice(place, told, make_app, tmp_path):
    make_app("orders", broker=place.url).send_task("examples.add", (1, 2))
    config = {**settings(told, no_consumer={"for": 0}), "history": str(tmp_path / "history.sqlite")}
    monitor = place.start(config)
    eventually(lambda: told.fired("no-consumer", "orders"), what="the alert")
    monitor.process.kill()
    monitor = place.start(config)
    assert monitor.json("/api/v1/alerts")["alerts"] or eventually(lambda: monitor.json("/api/v1/alerts")["alerts"])
    stays(lambda: len(told.fired("no-consumer")) == 1, 2, what="one notification")


def test_of_two_monitors_one_tells(place, told, make_app, tmp_path):
    make_app("orders", broker=place.url).send_task("examples.add", (1, 2))
    config = {**settings(told, no_consumer={"for": "1s"}), "history": str(tmp_path / "history.sqlite")}
    first, second = place.start(config), place.start(config)
    eventually(lambda: told.fired("no-consumer", "orders"), what="the alert")
    for monitor in (first, second):
        eventually(lambda: monitor.json("/api/v1/alerts")["alerts"], what="the alert in both")
    stays(lambda: len(told.fired("no-consumer")) == 1, 1, what="one notification")


def test_acknowledge_and_silence(place, told, make_app):
    make_app("orders", broker=place.url).send_task("examples.add", (1, 2))
    monitor = place.start(settings(told, no_consumer={"for": 0}))
    eventually(lambda: told.fired("no-consumer", "orders"), what="the alert")
    monitor.act("alert-acknowledge", "/alerts", rule="no-consumer", subject="orders")
    assert monitor.json("/api/v1/alerts")["alerts"][0]["is_acknowledged"]
    assert "acknowledged" in monitor.get("/alerts").text
    monitor.act("alert-silence", "/alerts", rule="no-consumer", minutes=60)
    make_app("returns", broker=place.url).send_task("examples.add", (1, 2))
    eventually(lambda: len(monitor.json("/api/v1/alerts")["alerts"]) == 2, what="the second alert")
    stays(lambda: not told.fired("no-consumer", "returns"), 1, what="the silence")
    monitor.act("alert-silence", "/alerts", rule="no-consumer", minutes=0)
    eventually(lambda: told.fired("no-consumer", "returns"), what="what was silent")
    actions = [entry["action"] for entry in monitor.json("/api/v1/audit")["entries"]]
    assert actions.count("alert-silence") == 2 and actions.count("alert-acknowledge") == 1
    monitor.act("alert-acknowledge", "/alerts", status=404, rule="no-consumer", subject="nothing")
    monitor.act("alert-silence", "/alerts", status=400, rule="no-such-rule", minutes=5)


def test_what_cannot_be_delivered_is_tried_again(place, told, make_app):
    told.endpoint.on("/hook", (500, "no"), (503, "no"), (200, {}))
    monitor = place.start(settings(told, no_consumer={"for": 0}))
    make_app("orders", broker=place.url).send_task("examples.add", (1, 2))
    eventually(lambda: len(told.endpoint.asked("/hook")) == 3, what="the third attempt")
    monitor.eventually("/alerts", lambda answer: "delivers" in answer.text)
    assert told.notices()[0] == told.notices()[2]


def test_failures_are_shown(place, told):
    told.endpoint.on("/hook", (404, "gone"))
    monitor = place.start(settings(told))
    monitor.act("alert-test", "/alerts")
    monitor.eventually("/alerts", lambda answer: "it answered 404" in answer.text)


def mail_settings(server, **more):
    config = settings(no_consumer={"for": 0})
    config["alerts"]["email"] = {"host": "localhost", "port": server.port, "from": "chard@example.org",
                                 "to": ["ops@example.org", "boss@example.org"], **more}
    return config


@pytest.mark.parametrize("auth", ["PLAIN", "LOGIN"])
def test_mail_with_starttls_and_login(place, make_app, tmp_path, auth):
    tls = certificate(tmp_path)
    server = MailServer(tls, auth=auth, login=("chard", "pass word"))
    try:
        monitor = place.start(mail_settings(server, user="chard", password="pass word", ca=str(tls[0])))
        queue = "ördnung =?utf-8?q?x?= " + "long " * 20
        make_app(queue, broker=place.url).send_task("examples.add", (1, 2))
        sender, recipients, mail = eventually(lambda: server.mails, what="the mail")[0]
        assert sender == "chard@example.org" and recipients == ["ops@example.org", "boss@example.org"]
        assert server.encrypted == [True]
        assert mail["subject"].startswith("Chard: ördnung =?utf-8?q?x?=") and mail["to"]
        assert queue.strip() in mail.get_content() and set(mail.keys()) == {
            "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
            "Auto-Submitted"}
        place.worker(queue)
        eventually(lambda: len(server.mails) == 2, what="the mail of its end")
        assert "over" in server.mails[1][2]["subject"]
        assert "pass word" not in monitor.log() and "pass word" not in monitor.get("/alerts").text
    finally:
        server.close()


def test_mail_over_tls(place, tmp_path):
    tls = certificate(tmp_path)
    server = MailServer(tls, implicit=True)
    try:
        monitor = place.start(mail_settings(server, security="tls", ca=str(tls[0])))
        monitor.act("alert-test", "/alerts")
        assert "test" in eventually(lambda: server.mails, what="the mail")[0][2]["subject"]
    finally:
        server.close()


@pytest.mark.parametrize("case, text", [
    ("no STARTTLS", "STARTTLS"), ("untrusted", "TLS"), ("wrong password", "refused AUTH with 535"),
    ("refused", "refused RCPT TO with 550"),
])
def test_mail_that_is_not_sent(place, tmp_path, case, text):
    tls = certificate(tmp_path)
    server = MailServer(None if case == "no STARTTLS" else tls, auth="PLAIN" if case == "wrong password" else None,
                        login=("chard", "right"))
    server.refuse = "RCPT" if case == "refused" else None
    more = {} if case == "untrusted" else {"ca": str(tls[0])}
    if case == "wrong password":
        more.update(user="chard", password="wrong-secret")
    try:
        monitor = place.start(mail_settings(server, **more))
        monitor.act("alert-test", "/alerts")
        page = monitor.eventually("/alerts", lambda answer: text in answer.text)
        assert "wrong-secret" not in page.text + monitor.log()
        assert not server.mails and not any(line.startswith("DATA") for line in server.lines)
    finally:
        server.close()
