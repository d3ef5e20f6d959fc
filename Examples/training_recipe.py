"""A recipe for `ai.training.train`: logistic regression by gradient descent, on a data set it makes; nothing to install.

In queues.yaml:

    training:
      recipes:
        logistic: {command: [python3, Examples/training_recipe.py], cpus: 1, memory: 512MB, time_limit: 1h}

Parameters: epochs (20), samples (2000), features (8), rate (0.5), seed (1), checkpoint_every (1, in epochs), and
seconds_per_epoch (0: as fast as it goes). The result of an interrupted and resumed training is that of one that went
through: the state after an epoch is all that the next one needs, and floats survive JSON to the last bit.
"""
import hashlib
import json
import math
import os
import random
import signal
import sys
import time

DEFAULTS = {"epochs": 20, "samples": 2000, "features": 8, "rate": 0.5, "seed": 1, "checkpoint_every": 1,
            "seconds_per_epoch": 0.0}


def say(**line):
    print(json.dumps(line), flush=True)


def fail(kind, text):
    say(error={"type": kind, "message": text})
    sys.exit(1)


def checked(parameters):
    for name, value in parameters.items():
        if name not in DEFAULTS:
            fail("TypeError", f"no parameter {name!r}; known: {', '.join(DEFAULTS)}")
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
            fail("ValueError", f"{name} must be a number of at least 0, not {value!r}")
    values = {**DEFAULTS, **parameters}
    for name in ("epochs", "samples", "features", "checkpoint_every"):
        if not isinstance(values[name], int) or values[name] < 1:
            fail("ValueError", f"{name} must be a whole number of at least 1, not {values[name]!r}")
    return values


def data_set(values):
    """Points on both sides of a hidden plane; near it, some are on the wrong side."""
    source = random.Random(values["seed"])
    hidden = [source.gauss(0, 1) for _ in range(values["features"])]
    points = []
    for _ in range(values["samples"]):
        point = [source.gauss(0, 1) for _ in hidden]
        distance = sum(a * b for a, b in zip(hidden, point)) + source.gauss(0, 0.3)
        points.append((point, 1.0 if distance > 0 else 0.0))
    return points


def sigmoid(x):
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def epoch(weights, points, rate):
    """One step of gradient descent over all points; loss and accuracy are those before it."""
    gradient = [0.0] * len(weights)
    loss, right = 0.0, 0
    for point, label in points:
        guess = sigmoid(weights[-1] + sum(a * b for a, b in zip(weights, point)))
        loss -= math.log(max(1e-12, guess if label else 1 - guess))
        right += (guess >= 0.5) == (label == 1.0)
        error = guess - label
        for i, value in enumerate(point):
            gradient[i] += error * value
        gradient[-1] += error
    count = len(points)
    return [w - rate * g / count for w, g in zip(weights, gradient)], loss / count, right / count


def save(path, state):
    """A checkpoint is there as a whole or not at all."""
    with open(path + ".part", "w") as file:
        json.dump(state, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".part", path)
    say(checkpoint={"epoch": state["epoch"]})


def load(path, values):
    if not path or not os.path.exists(path):
        return None
    with open(path) as file:
        state = json.load(file)
    return state if state["parameters"] == values else None


def main():
    values = checked(json.load(sys.stdin)["parameters"])
    path = os.environ.get("CHARD_CHECKPOINT")
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    state = load(path, values) or {"epoch": 0, "weights": [0.0] * (values["features"] + 1), "parameters": values}
    print(f"pid {os.getpid()} from epoch {state['epoch']}", file=sys.stderr, flush=True)
    points = data_set(values)
    while state["epoch"] < values["epochs"]:
        begin = time.monotonic()
        state["weights"], loss, accuracy = epoch(state["weights"], points, values["rate"])
        state["epoch"] += 1
        if path and (state["epoch"] % values["checkpoint_every"] == 0 or stopped):
            save(path, state)
        say(progress={"epoch": state["epoch"], "epochs": values["epochs"], "loss": loss, "accuracy": accuracy})
        if stopped:
            sys.exit(75)                                  # to be started again, from the checkpoint
        time.sleep(max(0.0, values["seconds_per_epoch"] - (time.monotonic() - begin)))
    _, loss, accuracy = epoch(state["weights"], points, 0)
    digest = hashlib.sha256(json.dumps(state["weights"]).encode()).hexdigest()
    say(result={"accuracy": accuracy, "loss": loss, "epochs": state["epoch"], "weights_sha256": digest})


main()
