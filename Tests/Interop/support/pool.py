"""The child processes of a worker's pool, as the system shows them."""
import os
import re

#: Tasks of the example worker that run in children in these tests.
ISOLATED = ("block", "burn", "sleep", "add", "echo", "progress", "retry", "fanout", "nothing", "fail", "reject")


def top(*names, tasks=None, **worker):
    """Keys beside `queues`: these example tasks (default: all of ISOLATED) run in children."""
    mapping = {f"examples.{name}": {"pool": "processes"} for name in names or ISOLATED}
    for name, settings in (tasks or {}).items():
        mapping[name] = {**mapping.get(name, {}), **settings}
    return {"tasks": mapping, "worker": worker}


def children(pid):
    """Process ids of the live children, by all of its threads."""
    found = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            found += map(int, open(f"/proc/{pid}/task/{thread}/children").read().split())
    except OSError:
        pass
    return [child for child in found if is_alive(child)]


def is_alive(pid):
    """Whether the process runs; one that has ended and was not waited for does not."""
    try:
        return not re.search(r"^State:\s+[ZX]", open(f"/proc/{pid}/status").read(), re.M)
    except OSError:
        return False


def kind(error):
    return type(error.value).__name__
