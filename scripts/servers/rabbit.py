"""One private RabbitMQ with its own Erlang port mapper; nothing of it listens outside loopback."""
import base64
import os
import pathlib
import urllib.request

from servers import certificates
from servers.ports import LOOPBACK, listening
from servers.process import Account, Failure, Process, last_lines, read, wait_for


class Rabbit:
    name = "rabbit"

    def __init__(self, instance, name):
        self.ports = instance.ports
        self.folder = instance.folder / "rabbit"
        self.tls = instance.folder / "tls"
        self.process = Process(instance.folder / "rabbit.pid")           # the Erlang machine
        self.wrapper = Process(instance.folder / "rabbit-wrapper.pid")   # the shell script around it
        self.epmd = Process(instance.folder / "epmd.pid")                # Erlang's port mapper, one for each instance
        # Fresh counts in the management API cost the broker work, which benchmarks don't want.
        self.statistics_interval = 5000 if instance.name == "bench" else 1000

    def sbin(self):
        found = sorted(pathlib.Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin"))
        if not found:
            raise Failure("rabbitmq-server is not installed: run scripts/install")
        return found[-1]

    def environment(self):
        home = str(self.folder)
        loopback = "-kernel inet_dist_use_interface {127,0,0,1}"
        keep = {key: os.environ[key] for key in ("PATH", "TERM") if key in os.environ}
        return keep | {
            "HOME": home, "LC_ALL": "C.UTF-8",
            "ERL_EPMD_ADDRESS": LOOPBACK, "ERL_EPMD_PORT": str(self.ports["epmd"]),
            "RABBITMQ_NODENAME": "rabbit@localhost",
            "RABBITMQ_NODE_PORT": str(self.ports["amqp"]), "RABBITMQ_DIST_PORT": str(self.ports["distribution"]),
            "RABBITMQ_CTL_DIST_PORT_MIN": str(self.ports["cli_first"]),
            "RABBITMQ_CTL_DIST_PORT_MAX": str(self.ports["cli_last"]),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": loopback, "RABBITMQ_CTL_ERL_ARGS": loopback,
            "RABBITMQ_CONF_ENV_FILE": "/dev/null", "RABBITMQ_CONFIG_FILE": f"{home}/rabbitmq.conf",
            "RABBITMQ_CONFIG_FILES": f"{home}/conf.d/*.conf", "RABBITMQ_ENABLED_PLUGINS_FILE": f"{home}/plugins",
            "RABBITMQ_MNESIA_BASE": f"{home}/mnesia", "RABBITMQ_LOG_BASE": f"{home}/log",
            "RABBITMQ_PID_FILE": f"{home}/pid",
        }

    def configure(self, account):
        for path in (self.folder, self.folder / "mnesia", self.folder / "log", self.folder / "conf.d"):
            account.folder(path)
        cookie = self.folder / ".erlang.cookie"
        if not cookie.exists():
            cookie.write_text(base64.b32encode(os.urandom(20)).decode())
            cookie.chmod(0o400)
            account.give(cookie)
        certificates.make(self.tls, account)
        (self.folder / "plugins").write_text("[rabbitmq_management].\n")
        (self.folder / "rabbitmq.conf").write_text("\n".join([
            f"listeners.tcp.1 = {LOOPBACK}:{self.ports['amqp']}",
            f"listeners.ssl.1 = {LOOPBACK}:{self.ports['amqps']}",
            f"ssl_options.cacertfile = {self.tls}/ca.pem",
            f"ssl_options.certfile = {self.tls}/server.pem",
            f"ssl_options.keyfile = {self.tls}/server-key.pem",
            "ssl_options.verify = verify_peer",
            "ssl_options.fail_if_no_peer_cert = false",
            f"management.tcp.ip = {LOOPBACK}",
            f"management.tcp.port = {self.ports['management']}",
            f"collect_statistics_interval = {self.statistics_interval}",
            "vm_memory_high_watermark.absolute = 2GB",
            "disk_free_limit.absolute = 50MB",
            "log.file.level = info",
            "",
        ]))

    def start(self):
        sbin = self.sbin()
        account = Account("rabbitmq", self.folder.parent)
        self.configure(account)
        environment, log = self.environment(), self.folder / "log" / "console.log"
        if not self.epmd.pid:
            epmd = account.spawn(["epmd"], log, env=environment, cwd="/")   # address and port from the environment
            self.epmd.remember(epmd.pid)
            wait_for(lambda: listening(self.ports["epmd"]), 10, "epmd listens")
        pid_file = self.folder / "pid"
        pid_file.unlink(missing_ok=True)
        child = account.spawn([sbin / "rabbitmq-server"], log, env=environment, cwd=self.folder)
        self.wrapper.remember(child.pid)
        ended = lambda: child.poll() is not None
        wait_for(lambda: read(pid_file) or ended(), 60, "RabbitMQ writes its pid")
        if read(pid_file):
            self.process.remember(int(read(pid_file)))
        wait_for(lambda: self.answers() or ended(), 120, "RabbitMQ answers")
        if ended():
            raise Failure(f"RabbitMQ ended while starting, {log} ends with:{last_lines(log)}")

    def answers(self):
        request = urllib.request.Request(f"http://{LOOPBACK}:{self.ports['management']}/api/health/checks/port-listener/"
                                         f"{self.ports['amqps']}")
        request.add_header("authorization", "Basic " + base64.b64encode(b"guest:guest").decode())
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def stop(self):
        # Stopped before it had written its pid, only the wrapper is known; it hands TERM on.
        if not self.process.pid:
            self.wrapper.end(40)
        self.process.end(40)
        self.wrapper.end(10)
        self.epmd.end(5)

    def kill(self):
        self.process.kill()
        self.wrapper.kill()

    def signal(self, number):
        self.process.signal(number)

    def describe(self):
        return (f"amqp {LOOPBACK}:{self.ports['amqp']}, amqps {self.ports['amqps']}, "
                f"management http://{LOOPBACK}:{self.ports['management']} (guest/guest)")
