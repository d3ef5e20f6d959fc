"""A small HTTP server whose answers a test sets, and that keeps what it was asked."""
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Endpoint:
    """`answers`: per path a list of (status, body, headers), taken in turn, the last one for ever; a body may be bytes,
    text, a value for JSON, or a number of seconds to be silent for."""

    def __init__(self):
        self.requests, self.answers = [], {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.requests.append((self.path, dict(self.headers), body, time.monotonic()))
                outer.answer(self)

            do_PUT = do_POST

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def on(self, path, *answers):
        self.answers[path] = list(answers)
        return self.url + path

    def answer(self, handler):
        answers = self.answers[handler.path.split("?")[0]]
        status, body, headers = (tuple(answers.pop(0) if len(answers) > 1 else answers[0]) + ({},))[:3]
        if isinstance(body, float):
            time.sleep(body)
            body = b""
        if not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        data = body.encode() if isinstance(body, str) else body
        try:
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(data)))
            handler.end_headers()
            handler.wfile.write(data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def asked(self, path):
        return [request for request in self.requests if request[0].split("?")[0] == path]

    def close(self):
        self.server.shutdown()
        self.server.server_close()
