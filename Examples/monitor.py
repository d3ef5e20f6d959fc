"""Asks the monitor, by Flower's REST paths, what it has seen: workers, queues, and how many tasks are in which state.

    python Examples/monitor.py http://127.0.0.1:5555      exit status 1 if it has seen no finished task or no worker

The same requests work with Flower; both answer without credentials only with FLOWER_UNAUTHENTICATED_API=true.
"""
import json
import sys
import time
import urllib.request
from collections import Counter

URL = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:5555"
SECONDS = 20


def get(path):
    with urllib.request.urlopen(URL + path, timeout=10) as answer:
        return json.load(answer)


def look():
    tasks = get("/api/tasks?limit=1000")
    return Counter(task["state"] for task in tasks.values()), get("/api/workers?status=1")


end = time.monotonic() + SECONDS
states, workers = look()
while not (states["SUCCESS"] and any(workers.values())) and time.monotonic() < end:
    time.sleep(0.2)
    states, workers = look()
print("tasks:", ", ".join(f"{count} {state}" for state, count in states.most_common()) or "none")
print("workers:", ", ".join(f"{name} {'online' if up else 'offline'}" for name, up in workers.items()) or "none")
print("queues:", ", ".join(f"{queue['name']} {queue['messages']}" for queue in get("/api/queues/length")["active_queues"]))
sys.exit(0 if states["SUCCESS"] and any(workers.values()) else 1)
