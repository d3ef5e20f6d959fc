"""Vector stores and model servers: programs in .run/stores-venv that speak HTTP."""
import pathlib
import urllib.request

from servers.ports import LOOPBACK
from servers.process import Failure
from servers.server import Server

ROOT = pathlib.Path(__file__).resolve().parents[2]
VENV = ROOT / ".run" / "stores-venv"


class Web(Server):
    """Ready when a path of it answers."""

    health = "/"

    def program(self, name):
        path = VENV / "bin" / name
        if not path.exists():
            raise Failure(f"{path.relative_to(ROOT)} is missing: run scripts/install stores")
        return path

    def answers(self):
        try:
            with urllib.request.urlopen(f"http://{LOOPBACK}:{self.port}{self.health}", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    def describe(self):
        return f"http://{LOOPBACK}:{self.port}"


class Chroma(Web):
    health = "/api/v2/heartbeat"

    def command(self):
        return [self.program("chroma"), "run", "--host", LOOPBACK, "--port", str(self.port), "--path", self.folder / "data"]

    def environment(self):
        return super().environment() | {"ANONYMIZED_TELEMETRY": "False"}


class Qdrant(Web):
    """Qdrant's engine behind qdrant_facade.py, because its server is in no package."""

    health = "/readyz"

    def command(self):
        here = pathlib.Path(__file__).parent
        return [self.program("python"), here / "qdrant_facade.py", str(self.port), self.folder / "shards", here / "qdrant-openapi.json"]


class Models(Web):
    """A server that speaks Ollama's and OpenAI's API and computes real embeddings."""

    health = "/api/version"

    def command(self):
        return [self.program("python"), ROOT / "Tests" / "Interop" / "support" / "model_server.py", str(self.port)]

    def environment(self):
        return super().environment() | {"HF_HUB_OFFLINE": "1"}
