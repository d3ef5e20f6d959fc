"""Trainings of the example recipe, and what a test wants to know of them."""
import re
import sys
from pathlib import Path

from . import catalogue
from .pool import is_alive
from .waiting import eventually

RECIPE = Path(__file__).resolve().parents[3] / "Examples" / "training_recipe.py"
#: Short, so that a test need not wait for a minute until a lease lapses.
LEASES = {"lease_duration": "1s", "lease_check": "200ms", "grace_period": 10}
#: Slow enough to be caught in the middle.
SLOW = {"epochs": 40, "samples": 100, "seconds_per_epoch": 0.05}
WAIT = 40


def top(recipes=None, tasks=None, checkpoint_dir=None, **worker):
    training = {"recipes": {"logistic": {"command": [sys.executable, str(RECIPE)]}, **(recipes or {})}}
    if checkpoint_dir:
        training["checkpoint_dir"] = str(checkpoint_dir)
    return {"training": training, "worker": {**LEASES, **worker}, "tasks": tasks or {}}


def python(code, **settings):
    """A recipe of Python code that finds its request in `request`."""
    begin = ("import json, os, signal, sys, time; request = json.load(sys.stdin)\n"
             "def say(**line): print(json.dumps(line), flush=True)\n")
    return {"command": [sys.executable, "-c", begin + code], **settings}


def queue(**settings):
    return catalogue.queue(**{"routes": ["ai.training.*"], "concurrency": 2, "prefetch": 2, **settings})


def epoch(result, at_least=1):
    """Waits until the training has come that far; returns how far."""
    def look():
        info = result.info if result.state == "PROGRESS" else None
        return info["epoch"] if info and info["epoch"] >= at_least else None
    return eventually(look, WAIT, what=f"epoch {at_least} of {result.id}")


def starts(process, id):
    """(pid, first epoch) of each start of a training that the worker's log tells of."""
    found = re.findall(rf"\[{re.escape(id)}\]: pid (\d+) from epoch (\d+)", process.log())
    return [(int(pid), int(first)) for pid, first in found]


def started(process, id, count=1):
    return eventually(lambda: len(starts(process, id)) >= count and starts(process, id)[-1], WAIT,
                      what=f"start {count} of {id}")


def gone(pid):
    eventually(lambda: not is_alive(pid), WAIT, what=f"the end of process {pid}")
