"""The two model servers of scripts/services, told to misbehave over their HTTP control."""
import json
import urllib.request


class ModelServer:
    """`name` is the server's in scripts/services, `url` where it is."""

    def __init__(self, services, number):
        self.services, self.name = services, f"models{number}"
        self.frozen = False
        self.url = services.environment[f"CHARD_TEST_MODELS_{number}"]

    def request(self, path, method="GET", body=None, timeout=30):
        request = urllib.request.Request(self.url + path, json.dumps(body).encode() if body is not None else None,
                                         {"Content-Type": "application/json"}, method=method)
        return json.loads(urllib.request.urlopen(request, timeout=timeout).read())

    def change(self, **wanted):
        self.request("/_control", "PUT", wanted)

    def restore(self):
        self.request("/_control", "DELETE")

    def report(self):
        return self.request("/_control")

    def calls(self, path=None):
        """How many requests to models it had."""
        requests = self.report()["requests"]
        return requests.get(path, 0) if path else sum(requests.values())

    def generated(self, prompt, model="chard-test", **options):
        """What the model says, asked directly."""
        return self.request("/api/generate", "POST", {"model": model, "prompt": prompt, "stream": False,
                                                      "options": options})["response"]

    def embedded(self, texts):
        return self.request("/api/embed", "POST", {"model": "all-minilm", "input": texts})["embeddings"]

    def kill(self):
        self.services("kill", self.name)
        self.frozen = False

    def start(self):
        self.services("start", self.name)

    def freeze(self):
        self.services("freeze", self.name)
        self.frozen = True

    def thaw(self):
        self.services("thaw", self.name)
        self.frozen = False

    def mend(self):
        """Whatever a test did to it, it runs and behaves."""
        if self.frozen:
            self.thaw()
        try:
            self.restore()
        except OSError:
            self.start()
