"""The broker and Redis of a benchmark: filling queues, waiting until all is quiet, counting what is left."""
import base64
import json
import os
import pathlib
import subprocess
import time
import urllib.request
from urllib.parse import urlsplit

import pika

from observe import Results, cpu_seconds

HERE = pathlib.Path(__file__).resolve().parent


def log_tail(path, lines=15):
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""


def management(path):
    """A GET of RabbitMQ's management API."""
    url = urlsplit(os.environ["CHARD_TEST_MANAGEMENT_URL"])
    request = urllib.request.Request(f"http://{url.hostname}:{url.port}{path}")
    login = base64.b64encode(f"{url.username}:{url.password}".encode()).decode()
    request.add_header("authorization", f"Basic {login}")
    return urllib.request.urlopen(request, timeout=10)


class Servers:
    def __init__(self, folder):
        self.folder = folder
        self.amqp_port = urlsplit(os.environ["CELERY_BROKER_URL"]).port
        self.redis_port = urlsplit(os.environ["CELERY_RESULT_BACKEND"]).port
        self.broker_pid = int((folder / "rabbit.pid").read_text().split()[0])
        self.redis_pid = int((folder / "redis.pid").read_text().split()[0])
        self.results = Results(self.redis_port)
        self.run = int(time.time()) & 0xFFFFFFF

    def compile(self):
        """Builds the C programs; nothing when they are newer than their sources."""
        self.bin = self.folder / "bin"
        self.bin.mkdir(exist_ok=True)
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "librabbitmq", "hiredis"],
                               check=True, capture_output=True, text=True).stdout.split()
        # hiredis.pc adds its own folder to the include path; <hiredis/hiredis.h> needs the one above.
        flags = [flag for flag in flags if not flag.endswith("/hiredis")]
        for name in ("fill", "yardstick", "latency", "listen"):
            source, target = HERE / "yardstick" / f"{name}.c", self.bin / name
            newest = max(path.stat().st_mtime for path in (source, HERE / "yardstick" / "celery_amqp.h"))
            if not target.exists() or target.stat().st_mtime < newest:
                subprocess.run(["cc", "-O2", "-std=gnu11", "-Wall", "-Wextra", "-o", target, source, *flags], check=True)

    def channel(self):
        """A fresh connection each time: they live for moments."""
        parameters = pika.ConnectionParameters("127.0.0.1", self.amqp_port,
                                               credentials=pika.PlainCredentials("guest", "guest"))
        connection = pika.BlockingConnection(parameters)
        return connection, connection.channel()

    def delete(self, *queues):
        connection, channel = self.channel()
        for queue in queues:
            channel.queue_delete(queue)
        connection.close()

    def delete_all(self):
        """Also what workers declared beside their queue, so that one worker's leavings don't burden the next."""
        with management("/api/queues?columns=name") as answer:
            listed = [queue["name"] for queue in json.load(answer)]
        self.delete(*listed)

    def waiting(self, queue):
        connection, channel = self.channel()
        found = channel.queue_declare(queue, passive=True).method.message_count
        connection.close()
        return found

    def next_run(self):
        self.run += 1
        return self.run

    def fill(self, queue, type, tasks, *options):
        """Publishes the tasks with confirms. Returns their ids."""
        run = self.next_run()
        subprocess.run([self.bin / "fill", "-q", queue, "-t", type, "-n", str(tasks), "-r", str(run), *options,
                        str(self.amqp_port)], check=True, stdout=subprocess.DEVNULL)
        return [f"{run:08x}-0000-4000-8000-{n:012x}" for n in range(tasks)]

    def settle(self, most=60):
        """Waits until broker and Redis have used less than 4 % of a core for four half seconds in a row.

        Right after a fill the broker is still writing, and would do half the rate (a classic queue most of all).
        Returns how long it took.
        """
        begun, quiet = time.monotonic(), 0
        while quiet < 4 and time.monotonic() - begun < most:
            before, at = cpu_seconds(self.broker_pid) + cpu_seconds(self.redis_pid), time.monotonic()
            time.sleep(0.5)
            used = cpu_seconds(self.broker_pid) + cpu_seconds(self.redis_pid) - before
            quiet = quiet + 1 if used / (time.monotonic() - at) < 0.04 else 0
        return time.monotonic() - begun
