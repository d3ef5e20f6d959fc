"""The stores behind the built-in tasks: tenants' rows, vectors, sessions, the cache of inferences.

The Swift program store-bench measures each beside what can be had without Chard, taking turns in one run: psql's COPY,
calls to Chroma with bodies made beforehand, a model server asked directly.
"""
import os
import subprocess


def stores(runs):
    """What store-bench printed, by subject."""
    at = os.environ
    subjects = {
        "rows": ["--url", at["CHARD_TEST_POSTGRES_1"].rpartition("/")[0] + "/postgres", "--rounds", runs],
        "vectors": ["--url", at["CHARD_TEST_CHROMA_1"], "--rounds", runs],
        "sessions": ["--url", at["CHARD_TEST_REDIS_URL"], "--rounds", runs],
        "cache": ["--url", at["CHARD_TEST_REDIS_URL"], "--models", at["CHARD_TEST_MODELS_1"]],
    }
    found = {}
    for subject, options in subjects.items():
        command = [at["STORE_BENCH"], subject, *map(str, options)]
        found[subject] = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        print(f"\n{subject}\n{found[subject]}", flush=True)
    return found
