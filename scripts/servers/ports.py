"""Twenty free ports in a row for each instance."""
import contextlib
import random
import socket

from servers.process import Failure

LOOPBACK = "127.0.0.1"
# Below the range that the kernel gives to outgoing connections.
BLOCKS = range(20000, 30000, 20)
OFFSETS = {
    "amqp": 0, "management": 1, "amqps": 2, "distribution": 3, "epmd": 4, "redis": 5, "cli_first": 6, "cli_last": 9,
    "postgres1": 10, "postgres2": 11, "chroma1": 12, "chroma2": 13, "qdrant": 14, "models1": 15, "models2": 16,
}
claims = []


def free(port):
    """Whether nothing listens on the port, on loopback or on every address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen()
        except OSError:
            return False
    return True


def listening(port):
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), 1):
        return True
    return False


def choose():
    """The first port of a free block. An abstract socket keeps others away from it until this script ends."""
    for first in random.sample(BLOCKS, len(BLOCKS)):
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0chard-ports-{first}")
        except OSError:
            continue
        if all(free(first + offset) for offset in range(20)):
            claims.append(claim)
            return first
        claim.close()
    raise Failure("no twenty free ports in a row between 20000 and 29999")
