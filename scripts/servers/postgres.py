"""One private PostgreSQL: superuser postgres without a password (throw-away data, loopback only), database chard."""
import pathlib
import signal
import subprocess
import time

from servers.ports import LOOPBACK
from servers.process import Failure, last_lines, wait_for
from servers.server import Server


class Postgres(Server):
    user = "postgres"

    def bin(self):
        found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
        if not found:
            raise Failure("postgresql is not installed: run scripts/install stores")
        return found[-1].parent

    def prepare(self, account):
        if (self.folder / "data" / "PG_VERSION").exists():
            return
        account.folder(self.folder / "data", 0o700)
        with open(self.log, "ab") as log:
            done = subprocess.run(
                [self.bin() / "initdb", "-D", self.folder / "data", "-U", "postgres", "--auth=trust", "--encoding=UTF8",
                 "--no-sync", "--data-checksums"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                env=self.environment(), **account.drop)
        if done.returncode:
            raise Failure(f"initdb failed, {self.log} ends with:{last_lines(self.log)}")
        with open(self.folder / "data" / "postgresql.conf", "a") as settings:
            settings.write("\n".join([
                f"listen_addresses = '{LOOPBACK}'", "unix_socket_directories = ''", "shared_buffers = 64MB",
                "max_connections = 100", "max_wal_size = 512MB", "log_min_messages = warning", "",
            ]))

    def command(self):
        return [self.bin() / "postgres", "-D", self.folder / "data", "-p", str(self.port)]

    def start(self):
        # After a kill its backends need a moment to notice, and until then the data are taken.
        for tries in range(20):
            try:
                super().start()
                break
            except Failure:
                if tries == 19:
                    raise
                time.sleep(0.25)
        made = self.sql("SELECT 1 FROM pg_database WHERE datname = 'chard'")
        if not made:
            self.sql("CREATE DATABASE chard")

    def sql(self, text):
        done = subprocess.run([self.bin() / "psql", "-X", "-A", "-t", "-h", LOOPBACK, "-p", str(self.port), "-U", "postgres",
                               "-c", text], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode:
            raise Failure(f"{self.name}: {done.stderr.strip()}")
        return done.stdout.strip()

    def answers(self):
        ready = [self.bin() / "pg_isready", "-q", "-h", LOOPBACK, "-p", str(self.port)]
        return subprocess.run(ready, stdin=subprocess.DEVNULL).returncode == 0

    def stop(self):
        if self.process.pid:
            self.signal(signal.SIGCONT)
            self.process.signal(signal.SIGINT)               # the fast shutdown: clients are sent away
            try:
                wait_for(lambda: not self.process.pid, 20, "it stops")
            except Failure:
                self.kill()
        self.process.file.unlink(missing_ok=True)

    def signal(self, number):
        """Backends are processes of their own; a frozen server must freeze them, too."""
        pid = self.process.pid
        if pid:
            self.process.signal(number)
            subprocess.run(["pkill", f"-{int(number)}", "-P", str(pid)])

    def describe(self):
        return f"postgres://postgres@{LOOPBACK}:{self.port}/chard"
