"""How an answer leaves the server: whole, or as a stream, well or as the faults have it."""
import json
import socket

from .faults import wait


class Answers:
    """Beside BaseHTTPRequestHandler."""

    def read_json(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        value = json.loads(body)
        if not isinstance(value, dict):
            raise ValueError("the body must be a JSON object")
        return value

    def send_json(self, status, value):
        self.send_bytes(status, json.dumps(value).encode(), "application/json; charset=utf-8")

    def send_bytes(self, status, body, kind):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def begin_stream(self, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))

    def cut(self):
        """Ends the connection in the middle of what was promised."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def misbehave(self, behaviour, stream_begins=False):
        """Whether the fault was the whole answer. With a stream, only what comes before its first byte."""
        wait(behaviour["delay"])
        mode = behaviour["mode"]
        if mode == "status":
            self.send_json(behaviour["status"], {"error": "told to fail"})
        elif stream_begins or mode == "ok":
            return False
        elif mode == "hang":
            behaviour["released"].wait()
            self.cut()
        elif mode == "cut":
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", "100000")
            self.end_headers()
            self.wfile.write(b'{"model":"')
            self.cut()
        else:
            junk = b"x" * 20_000_000 if mode == "long_line" else b"<html>\x00\xff{not json"
            self.send_bytes(200, junk, "application/json")
        return True

    def stream(self, behaviour, parts, kind):
        """`parts` are bytes, one for each token and one or more at the end."""
        self.begin_stream(kind)
        for number, part in enumerate(parts):
            if behaviour["mode"] != "ok" and number >= behaviour["after_tokens"]:
                return self.break_stream(behaviour)
            wait(behaviour["token_delay"])
            self.chunk(part)
        self.chunk(b"")

    def break_stream(self, behaviour):
        if behaviour["mode"] == "garbage":
            self.chunk(b"<html>\x00\xff{not json\n\n")
            return self.chunk(b"")
        if behaviour["mode"] == "long_line":
            return self.chunk(b"x" * 20_000_000)
        if behaviour["mode"] == "hang":
            behaviour["released"].wait()
        self.cut()
