"""One private Redis."""
import json
import pathlib
import shutil
import socket

from servers.ports import LOOPBACK
from servers.process import Account, Failure, Process, last_lines, wait_for


class Redis:
    name = "redis"

    def __init__(self, instance):
        self.port = instance.ports["redis"]
        self.folder = instance.folder / "redis"
        self.process = Process(instance.folder / "redis.pid")
        # A socket's path has at most 107 characters.
        path = self.folder / "redis.sock"
        self.socket = path if len(str(path)) < 100 else pathlib.Path(f"/tmp/chard-redis-{self.port}.sock")
        # Benchmarks measure workers, not the disk; everywhere else acknowledged writes survive a kill.
        self.append_only = "no" if instance.name == "bench" else "yes"

    def start(self):
        if not shutil.which("redis-server"):
            raise Failure("redis-server is not installed: run scripts/install")
        account = Account("redis", self.folder.parent)
        account.folder(self.folder)
        config = self.folder / "redis.conf"
        config.write_text("\n".join([
            f"bind {LOOPBACK}", f"port {self.port}", f"unixsocket {json.dumps(str(self.socket))}", "unixsocketperm 777",
            f"dir {json.dumps(str(self.folder))}", f"appendonly {self.append_only}", 'save ""', "maxmemory 2gb",
            "maxmemory-policy noeviction", "tcp-backlog 128", "",
        ]))
        account.give(config)
        log = self.folder / "redis.log"
        child = account.spawn(["redis-server", config], log)
        self.process.remember(child.pid)
        wait_for(lambda: self.answers() or child.poll() is not None, 30, "Redis answers")
        if child.poll() is not None:
            raise Failure(f"Redis ended while starting, {log} ends with:{last_lines(log)}")

    def answers(self):
        try:
            with socket.create_connection((LOOPBACK, self.port), 2) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False

    def stop(self):
        self.process.end(10)

    def kill(self):
        self.process.kill()

    def describe(self):
        return f"redis {LOOPBACK}:{self.port}"
