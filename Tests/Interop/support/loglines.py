"""What a worker says, in one place: Celery's wording where Celery has one."""
import re

READY = re.compile(r"(\S+@\S+) ready\.")
BROKER_LOST = re.compile(
    r"(?i)(broker|connection|amqp).*(lost|closed|reset|heartbeat|re-?establish|reconnect|unreachable)")
BROKER_WAITING = re.compile(r"(?i)(cannot|can't|could not|unable to) connect|connection refused|trying again|retry")
BLOCKED = re.compile(r"(?i)blocked")
WARM_SHUTDOWN = re.compile(r"worker: Warm shutdown.*finished (\d+), returned (\d+)")
ANY_WARM_SHUTDOWN = re.compile(r"worker: Warm shutdown")


def received(task_id):
    return re.compile(rf"Task \S+\[{re.escape(task_id)}\] received")


def succeeded(task_id):
    return re.compile(rf"Task \S+\[{re.escape(task_id)}\] succeeded in [\d.e-]+s: ")


def raised(task_id):
    return re.compile(rf"Task \S+\[{re.escape(task_id)}\] raised unexpected: ")


def retried(task_id):
    return re.compile(rf"Task \S+\[{re.escape(task_id)}\] retry: ")


def ignored(task_id):
    return re.compile(rf"Task \S+\[{re.escape(task_id)}\] ignored")
