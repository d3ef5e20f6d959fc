"""How the test server misbehaves on request, and what it counted."""
import threading
import time

DEFAULTS = {
    "mode": "ok",            # ok | status | cut | garbage | hang | long_line
    "status": 500,           # of mode `status`
    "delay": 0.0,            # seconds before an answer begins
    "token_delay": 0.0,      # seconds before each token
    "after_tokens": 3,       # modes cut, garbage and hang: so many tokens of a stream come first
    "times": None,           # the mode holds for so many requests, then "ok" (None: until told otherwise)
    "models": ["all-minilm:latest", "chard-test:latest"],
    "api_key": None,         # /v1 asks for "Authorization: Bearer <this>"
    "context": 8192,         # tokens of a prompt before it is too long
}


class Faults:
    """`take()` gives the behaviour of one request to a model; counts are of those requests only."""

    def __init__(self):
        self.lock = threading.Lock()
        self.released = threading.Event()
        self.reset()

    def reset(self):
        with self.lock:
            self.settings = dict(DEFAULTS)
            self.counts, self.batches = {}, []
            self.active = self.most_active = self.abandoned = 0
            self.released.set()                      # whatever hangs goes on to end
            self.released = threading.Event()

    def change(self, wanted):
        unknown = set(wanted) - set(DEFAULTS)
        if unknown:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(DEFAULTS)}")
        with self.lock:
            self.settings.update(wanted)
            if self.settings["mode"] != "hang":
                self.released.set()
                self.released = threading.Event()

    def take(self, path):
        with self.lock:
            self.counts[path] = self.counts.get(path, 0) + 1
            self.active += 1
            self.most_active = max(self.most_active, self.active)
            behaviour = dict(self.settings, released=self.released)
            if behaviour["mode"] != "ok" and behaviour["times"] is not None:
                self.settings["times"] -= 1
                if self.settings["times"] <= 0:
                    self.settings.update(mode="ok", times=None)
        return behaviour

    def done(self, abandoned):
        with self.lock:
            self.active -= 1
            self.abandoned += abandoned

    def note_batch(self, size):
        with self.lock:
            self.batches.append(size)

    def report(self):
        with self.lock:
            return {"settings": self.settings, "requests": self.counts, "batches": self.batches, "active": self.active,
                    "most_active": self.most_active, "abandoned": self.abandoned}


def wait(seconds):
    if seconds > 0:
        time.sleep(seconds)
