"""The few things of RabbitMQ's management API that the tests need."""
import json
import urllib.error
import urllib.parse
import urllib.request
from base64 import b64encode


class Management:
    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.base = f"{parts.scheme}://{parts.hostname}:{parts.port}/api"
        self.auth = b64encode(f"{parts.username or 'guest'}:{parts.password or 'guest'}".encode()).decode()
        self.user = parts.username or "guest"

    def call(self, method, path, body=None, missing=None):
        """`missing` is answered for 404."""
        request = urllib.request.Request(self.base + path, method=method)
        request.add_header("authorization", f"Basic {self.auth}")
        data = None
        if body is not None:
            request.add_header("content-type", "application/json")
            data = json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, data, timeout=20) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return missing
            raise
        return json.loads(text) if text else None

    def queue(self, vhost, name):
        return self.call("GET", f"/queues/{quoted(vhost)}/{quoted(name)}")

    def bindings(self, vhost, name):
        return self.call("GET", f"/queues/{quoted(vhost)}/{quoted(name)}/bindings", missing=[])

    def connections(self):
        return self.call("GET", "/connections")

    def make_vhost(self, name):
        self.call("PUT", f"/vhosts/{quoted(name)}", {})
        self.call("PUT", f"/permissions/{quoted(name)}/{quoted(self.user)}",
                  {"configure": ".*", "write": ".*", "read": ".*"})

    def drop_vhost(self, name):
        self.call("DELETE", f"/vhosts/{quoted(name)}")


def quoted(name):
    return urllib.parse.quote(name, safe="")
