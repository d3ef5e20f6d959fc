"""`chard monitor` as a process of a test, and what a browser or a script does with it."""
import base64
import http.client
import json
import re
import socket
import ssl
import urllib.parse
from http.cookies import SimpleCookie

import yaml

from . import catalogue
from .process import WorkerProcess
from .waiting import eventually

LISTENING = re.compile(r"The monitor is at (https?://\S+)")
CSRF = re.compile(r'name="csrf" value="([^"]*)"')


class Answer:
    """What came: `.status`, `.headers` (lower case names), `.body` (bytes), `.text`, `.json`."""

    def __init__(self, response, body):
        self.status, self.body = response.status, body
        self.headers = {key.lower(): value for key, value in response.getheaders()}
        self.cookies = [value for key, value in response.getheaders() if key.lower() == "set-cookie"]

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.text[:200]!r}>"


class Client:
    """Somebody who asks the monitor: keeps cookies as a browser does, and may have credentials.

    `basic=(name, password)`, `bearer=token`, or neither. `address`: the host to connect to instead of the URL's.
    """

    def __init__(self, url, basic=None, bearer=None, address=None, timeout=30, ca=None):
        self.url = url.rstrip("/")
        self.basic, self.bearer, self.timeout, self.cookies, self.ca = basic, bearer, timeout, {}, ca
        parts = urllib.parse.urlsplit(self.url)
        self.scheme, self.host, self.port, self.prefix = parts.scheme, parts.hostname, parts.port, parts.path
        self.address = address or self.host

    def request(self, method, path, body=None, headers=None, **query):
        """`path` as it is to be sent, below the prefix or with it; `query` is added to it. Follows no redirect."""
        if query:
            path += ("&" if "?" in path else "?") + urllib.parse.urlencode(query, doseq=True)
        if not path.startswith(self.prefix + "/"):
            path = self.prefix + path
        sent = {"Host": f"{self.host}:{self.port}"}
        if self.basic:
            sent["Authorization"] = "Basic " + base64.b64encode(":".join(self.basic).encode()).decode()
        if self.bearer:
            sent["Authorization"] = f"Bearer {self.bearer}"
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{key}={value}" for key, value in self.cookies.items())
        sent.update(headers or {})
        connection = self.connect()
        try:
            connection.request(method, path, body, {key: value for key, value in sent.items() if value is not None})
            response = connection.getresponse()
            answer = Answer(response, response.read())
        finally:
            connection.close()
        for line in answer.cookies:
            self._keep(line)
        return answer

    def connect(self):
        if self.scheme == "https":
            return http.client.HTTPSConnection(self.address, self.port, timeout=self.timeout,
                                               context=ssl.create_default_context(cafile=self.ca))
        return http.client.HTTPConnection(self.address, self.port, timeout=self.timeout)

    def socket(self):
        """A bare connection, for those who behave badly."""
        return socket.create_connection((self.address, self.port), self.timeout)

    def _keep(self, line):
        for name, morsel in SimpleCookie(line).items():
            if morsel["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value

    # --- what tests do most -------------------------------------------------------------------------------------------

    def get(self, path, status=200, headers=None, **query):
        answer = self.request("GET", path, headers=headers, **query)
        assert status is None or answer.status == status, f"GET {path}: {answer.status} {answer.text[:500]}"
        return answer

    def json(self, path, status=200, **query):
        return self.get(path, status, headers={"Accept": "application/json"}, **query).json

    def post(self, path, fields=None, status=200, headers=None, data=None):
        """Posts a form (`fields`), or JSON (`data`)."""
        if data is not None:
            body, type_ = json.dumps(data), "application/json"
        else:
            body, type_ = urllib.parse.urlencode(fields or {}, doseq=True), "application/x-www-form-urlencoded"
        answer = self.request("POST", path, body, {"Content-Type": type_, **(headers or {})})
        assert status is None or answer.status == status, f"POST {path}: {answer.status} {answer.text[:500]}"
        return answer

    def csrf(self, page="/audit"):
        """The token of the forms on a page."""
        found = CSRF.search(self.get(page).text)
        assert found, f"no form on {page}"
        return found[1]

    def act(self, name, page="/audit", status=200, **fields):
        """Does an action as a program does, with the token from the form on `page`; returns what it answers (JSON)."""
        fields = {"csrf": self.csrf(page), **fields}
        return self.post(f"/actions/{name}", fields, status, {"Accept": "application/json"}).json


class Monitor(Client):
    """A running monitor; also a client of it, without credentials.

    `settings`: keys of `monitor:`; `top`: keys beside it; `queues`: as support.catalogue takes them.
    """

    def __init__(self, program, folder, environment, broker, backend, management, settings=None, queues=None, top=None,
                 options=(), broken=False, ca=None):
        folder.mkdir(exist_ok=True, parents=True)
        config = folder / "monitor.yaml"
        settings = {"history": str(folder / "monitor.sqlite"), **(settings or {})}
        mapping = queues or {"monitored": catalogue.queue(["examples.*"], concurrency=1)}
        config.write_text(yaml.safe_dump({**(top or {}), "monitor": settings, "queues": mapping}, sort_keys=False))
        command = [program, "monitor", "--config", str(config), "--port", "0", "--broker", broker,
                   "--result-backend", backend, "--management", management, *options]
        self.process = WorkerProcess(command, folder / "monitor.log", environment)
        if not broken:
            url = self.process.wait_for_log(LISTENING, 60)[0][1]
            super().__init__(url, ca=ca)

    def client(self, **credentials):
        """Somebody else: see `Client`."""
        return Client(self.url, **{"ca": self.ca, **credentials})

    def log(self):
        return self.process.log()

    def eventually(self, path, condition, timeout=20, what=None):
        """Asks until `condition(answer)` holds; returns the answer."""
        def look():
            answer = self.get(path, None)
            return answer if condition(answer) else None
        return eventually(look, timeout, every=0.1, what=what or f"what {path} is to show")

    def stop(self):
        """TERM, and it must end with status 0."""
        self.process.stop(30)
