"""One private Redis."""
import json
import pathlib
import shutil
import socket

from servers.ports import LOOPBACK
from servers.process import Failure
from servers.server import Server


class Redis(Server):
    user = "redis"
    seconds = 30

    def __init__(self, instance, name):
        super().__init__(instance, name)
        # A socket's path has at most 107 characters.
        path = self.folder / "redis.sock"
        self.socket = path if len(str(path)) < 100 else pathlib.Path(f"/tmp/chard-redis-{self.port}.sock")
        # Benchmarks measure workers, not the disk; everywhere else acknowledged writes survive a kill.
        self.append_only = "no" if instance.name == "bench" else "yes"

    def prepare(self, account):
        if not shutil.which("redis-server"):
            raise Failure("redis-server is not installed: run scripts/install")
        config = self.folder / "redis.conf"
        config.write_text("\n".join([
            f"bind {LOOPBACK}", f"port {self.port}", f"unixsocket {json.dumps(str(self.socket))}", "unixsocketperm 777",
            f"dir {json.dumps(str(self.folder))}", f"appendonly {self.append_only}", 'save ""', "maxmemory 2gb",
            "maxmemory-policy noeviction", "tcp-backlog 128",
            # Written at once, to the system's cache: survives a kill of Redis. The default, everysec, puts writes off for up to
            # two seconds while the disk is busy.
            "appendfsync no", "",
        ]))
        account.give(config)

    def command(self):
        return [shutil.which("redis-server"), self.folder / "redis.conf"]

    def answers(self):
        try:
            with socket.create_connection((LOOPBACK, self.port), 2) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False
