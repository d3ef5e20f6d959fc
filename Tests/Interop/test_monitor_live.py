"""Live pages: what flows, who is kept out, and what is left when readers are gone."""
import os
import time

import pytest

from support.monitor import Client
from support.waiting import eventually, stays

pytestmark = pytest.mark.chard

USERS = {"eve": {"password": "viewer-password"}}


class Stream:
    """A live page, read event by event."""

    def __init__(self, client, path="/live/audit", headers=None):
        self.connection = client.connect()
        cookie = "; ".join(f"{key}={value}" for key, value in client.cookies.items())
        self.connection.request("GET", client.prefix + path, headers={"Cookie": cookie, **(headers or {})})
        self.response = self.connection.getresponse()
        self.status = self.response.status

    def event(self):
        """(name, data) of the next event; comments are passed over. None at the end."""
        name, data = None, []
        while True:
            line = self.response.readline().decode()
            if not line:
                return None
            if line.startswith("event: "):
                name = line[7:].rstrip("\n")
            elif line.startswith("data: "):
                data.append(line[6:].rstrip("\n"))
            elif line == "\n" and name:
                return name, "\n".join(data)

    def close(self):
        self.connection.sock and self.connection.sock.close()
        self.response.close()
        self.connection.close()


def descriptors(monitor):
    return len(os.listdir(f"/proc/{monitor.process.pid}/fd"))


def resident(monitor):
    for line in open(f"/proc/{monitor.process.pid}/status"):
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def test_a_page_is_sent_at_once_and_when_it_changes(monitor):
    stream = Stream(monitor)
    assert stream.response.headers["content-type"] == "text/event-stream"
    name, data = stream.event()
    assert name == "main" and "<h1>Audit</h1>" in data and "<html" not in data
    monitor.post("/api/task/revoke/x", {}, None)                          # refused: no credentials for the API
    monitor.post("/actions/worker-shutdown", {"csrf": "wrong"}, None)     # refused, and written down
    begin = time.monotonic()
    name, data = stream.event()
    assert name == "main" and "worker-shutdown" in data and time.monotonic() - begin < 5
    stream.close()


def test_what_was_rendered_for_a_stream_can_be_posted(monitor):
    stream = Stream(monitor)
    _, data = stream.event()
    assert f'value="{monitor.csrf()}"' in data
    stream.close()


def test_readers_who_are_gone_leave_nothing_behind(monitor):
    def many(count):
        for _ in range(count):
            stream = Stream(monitor)
            stream.event()
            stream.close()
    many(50)
    eventually(lambda: descriptors(monitor) < 60, 10, what="the first streams' end")
    before, memory = descriptors(monitor), resident(monitor)
    many(1000)
    eventually(lambda: descriptors(monitor) <= before + 3, 20, what="the end of the streams")
    assert resident(monitor) - memory < 30 << 20, "a thousand streams must not stay in memory"
    processor = monitor.process.cpu_seconds()
    assert stays(lambda: monitor.process.cpu_seconds() - processor < 0.5, 2, what="rest") is None


def test_streams_are_bounded(new_monitor):
    monitor = new_monitor({"access": {"max_streams": 8}})
    streams = [Stream(monitor) for _ in range(2)]
    assert [stream.status for stream in streams] == [200, 200]
    assert streams[0].event() and streams[1].event()
    assert Stream(monitor).status == 429, "one person gets a quarter"
    monitor.get("/audit")
    streams.pop().close()
    eventually(lambda: Stream(monitor).status == 200, 10, what="the place of the stream that was closed")


def test_a_stream_ends_with_its_login(new_monitor):
    monitor = new_monitor({"access": {"users": USERS}})
    browser = Client(monitor.url)
    token = browser.get("/login").text.split('name="csrf" value="')[1].split('"')[0]
    browser.post("/login", {"name": "eve", "password": "viewer-password", "csrf": token}, 303)
    stream = Stream(browser)
    assert stream.status == 200 and stream.event()[0] == "main"
    browser.post("/logout", {"csrf": browser.csrf()}, 303)
    while (event := stream.event()) and event[0] == "main":
        pass
    assert event == ("end", "")
    assert Stream(browser).status == 401
    assert "www-authenticate" not in Stream(browser, headers={"Sec-Fetch-Mode": "cors"}).response.headers


def test_the_monitor_stops_at_once_with_open_streams(new_monitor):
    monitor = new_monitor()
    streams = [Stream(monitor) for _ in range(20)]
    for stream in streams:
        stream.event()
    begin = time.monotonic()
    monitor.stop()
    assert time.monotonic() - begin < 2.5
    assert all(stream.event() is None for stream in streams)


def test_a_reader_who_does_not_read_holds_up_nobody(monitor):
    with monitor.socket() as socket:
        socket.sendall(b"GET /live/audit HTTP/1.1\r\nHost: localhost\r\n\r\n" * 1)
        stream = Stream(monitor)
        assert stream.event()[0] == "main"
        monitor.get("/audit")
        stream.close()
