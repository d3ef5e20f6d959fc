"""An instance: its servers with their folder, ports and environment."""
import contextlib
import fcntl
import pathlib
import shlex
import shutil
import subprocess
import time

from servers import ports
from servers.postgres import Postgres
from servers.process import Account, Failure, Process, say
from servers.rabbit import Rabbit
from servers.redis import Redis
from servers.stores import Chroma, Models, Qdrant

ROOT = pathlib.Path(__file__).resolve().parents[2]
RUN = ROOT / ".run"
# In the order in which they start. The first two are what Celery needs; the others start when they are asked for.
KINDS = {
    "redis": Redis, "rabbit": Rabbit, "postgres1": Postgres, "postgres2": Postgres, "chroma1": Chroma, "chroma2": Chroma,
    "qdrant": Qdrant, "models1": Models, "models2": Models,
}
USUAL = ("rabbit", "redis")


class Instance:
    def __init__(self, name):
        if not name.replace("-", "").isalnum():
            raise Failure(f"'{name}' is no name of an instance: letters, digits and '-'")
        self.name, self.folder = name, RUN / name

    @property
    def exists(self):
        return (self.folder / "ports").exists()

    @contextlib.contextmanager
    def locked(self):
        """One command at a time for each instance."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def open(self, make=False):
        file = self.folder / "ports"
        if not file.exists():
            if not make:
                raise Failure(f"there is no instance '{self.name}': start it with  scripts/services {self.name} up")
            file.write_text(f"{ports.choose()}\n")
        first = int(file.read_text())
        self.ports = {name: first + offset for name, offset in ports.OFFSETS.items()}
        self.services = {name: kind(self, name) for name, kind in KINDS.items()}
        return self

    def up(self, names=()):
        """Starts the usual servers and those that are named."""
        self.open(make=True)
        running = [service for service in self.services.values() if service.process.pid]
        # A stopped instance keeps its ports only as long as nobody else has taken them.
        if not running and not all(ports.free(port) for port in self.ports.values() if port != self.ports["epmd"]):
            (self.folder / "ports").unlink()
            self.open(make=True)
        for name, service in self.services.items():
            if name in USUAL or name in names:
                self.start(service)
        self.write_env()

    def start(self, service):
        if service.process.pid:
            return
        begun = time.monotonic()
        if service.name == "rabbit":
            say(f"{self.name}: starting RabbitMQ ...")
        service.start()
        say(f"{self.name}: {service.name} {service.describe()}, ready after {time.monotonic() - begun:.1f} s")

    def stop(self, service):
        was = service.process.pid
        service.stop()
        if was:
            say(f"{self.name}: {service.name} stopped")

    def adopt(self, name, pid):
        Process(self.folder / f"adopted-{name}.pid").remember(int(pid))
        return 0

    def down(self):
        for file in self.folder.glob("adopted-*.pid"):
            Process(file).end(40)
        for service in self.services.values():
            self.stop(service)

    def wipe(self):
        self.down()
        for path in self.folder.iterdir():
            if path.name not in ("lock", "owner"):           # held by whoever uses the instance
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()

    def environment(self):
        tls = self.folder / "tls"
        broker = f"amqp://guest:guest@{ports.LOOPBACK}:{self.ports['amqp']}//"
        backend = f"redis://{ports.LOOPBACK}:{self.ports['redis']}/0"
        return {
            "CHARD_INSTANCE": self.name,
            "CHARD_TEST_SERVICES": f"{ROOT}/scripts/services {self.name}",
            "CHARD_TEST_BROKER_URL": broker,
            "CHARD_TEST_BROKER_TLS_URL": f"amqps://guest:guest@localhost:{self.ports['amqps']}//",
            "CHARD_TEST_TLS_CA": f"{tls}/ca.pem",
            "CHARD_TEST_TLS_CERT": f"{tls}/client.pem",
            "CHARD_TEST_TLS_KEY": f"{tls}/client-key.pem",
            "CHARD_TEST_MANAGEMENT_URL": f"http://guest:guest@{ports.LOOPBACK}:{self.ports['management']}",
            "CHARD_TEST_REDIS_URL": backend,
            "CHARD_TEST_REDIS_SOCKET": str(self.services["redis"].socket),
            **{service.variable: service.describe() for name, service in self.services.items()
               if name not in USUAL and service.folder.exists()},
            "CELERY_BROKER_URL": broker,
            "CELERY_RESULT_BACKEND": backend,
        }

    def env_lines(self):
        return "".join(f"export {key}={shlex.quote(value)}\n" for key, value in self.environment().items())

    def write_env(self):
        (self.folder / "ENV").write_text(self.env_lines())

    def status(self):
        """Prints a line for each server that runs or should; true when the usual ones run."""
        for service in self.services.values():
            pid = service.process.pid
            if not pid and service.name not in USUAL:
                continue
            if not pid:
                print(f"{self.name}: {service.name} is down")
                continue
            state = pathlib.Path(f"/proc/{pid}/status").read_text()
            fields = dict(line.split(":\t", 1) for line in state.splitlines() if ":\t" in line)
            frozen = ", frozen" if fields["State"].startswith("T") else ""
            memory = int(fields["VmRSS"].split()[0]) // 1024
            print(f"{self.name}: {service.name} pid {pid}, {memory} MB{frozen}, {service.describe()}")
        return all(self.services[name].process.pid for name in USUAL)

    def ctl(self, words):
        rabbit = self.services["rabbit"]
        account = Account("rabbitmq", self.folder)
        command = [str(rabbit.sbin() / "rabbitmqctl"), "-q", *words]
        return subprocess.run(command, env=rabbit.environment(), cwd="/", stdin=subprocess.DEVNULL, **account.drop).returncode

    def cli(self, words):
        return subprocess.run(["redis-cli", "-h", ports.LOOPBACK, "-p", str(self.ports["redis"]), *words]).returncode
