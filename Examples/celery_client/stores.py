"""Documents of two tenants, a search, a generated answer and a training, through tasks of all four queues.

    python Examples/celery_client/stores.py                    exit status 1 if a result is not what it should be
    python Examples/celery_client/stores.py train              starts a training, prints its id once it has a checkpoint
    python Examples/celery_client/stores.py result ID          waits for it and prints how it ended

Broker and result backend come from CELERY_BROKER_URL and CELERY_RESULT_BACKEND.
"""
import sys
import time
import uuid

from celery_app import app

SECONDS = 120
TENANTS = {
    7: ["The invoice of March is overdue; a reminder was sent on Monday.",
        "Our office moves to the harbour in July.",
        "The coffee machine needs descaling every two weeks."],
    100_007: ["Chard grows well in cool weather and tolerates light frost.",
              "Water tomatoes at the root, never over the leaves.",
              "Celery wants rich, moist soil and a long season."],
}
right = True


def call(name, *, shows=lambda result: result, expected=lambda result: True, **kwargs):
    begun = time.monotonic()
    try:
        result = app.signature(name, kwargs=kwargs).apply_async().get(timeout=SECONDS)
    except Exception as error:                      # the task's own error, or a timeout: shown, and counted as wrong
        return report(name, begun, f"{type(error).__name__}: {error}", False)
    report(name, begun, shows(result), expected(result))
    return result


def report(name, begun, text, good):
    global right
    right = right and good
    print(f" {'✓' if good else '✗'} {name}  {(time.monotonic() - begun) * 1000:.0f} ms\n     {text}", flush=True)


def stores():
    notes = f"notes-{uuid.uuid4().hex[:6]}"
    for tenant, documents in TENANTS.items():
        call("data.processing.index", tenant_id=tenant, collection=notes, documents=documents, model="all-minilm",
             expected=lambda result: result["indexed"] == result["rows"] == len(documents))
    found = call("data.processing.search", tenant_id=100_007, collection=notes, text="Which vegetables like it cold?",
                 model="all-minilm", limit=1, shows=lambda result: result["matches"],
                 expected=lambda result: "frost" in result["matches"][0]["document"])
    call("data.processing.search", tenant_id=7, collection=notes, text="money owed to us", model="all-minilm", limit=1,
         shows=lambda result: result["matches"], expected=lambda result: "invoice" in result["matches"][0]["document"])
    call("data.processing.query", tenant_id=7, contains={"collection": notes},
         shows=lambda result: f"{len(result['rows'])} rows", expected=lambda result: len(result["rows"]) == 3)
    context = found["matches"][0]["document"] if found else ""
    call("ai.inference.generate", model="chard-test", prompt=f"Answer from this: {context}\nWhat grows in the cold?",
         expected=lambda result: bool(result["text"]))
    for tenant in TENANTS:
        call("data.processing.delete_tenant", tenant_id=tenant,
             expected=lambda result: result["collections"].get(notes) == 3 and result["rows"] >= 3)


def train():
    sent = app.signature("ai.training.train", args=["logistic"], kwargs={"parameters": {"epochs": 60, "seconds_per_epoch": 0.1}})
    result = sent.apply_async()
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        meta = result.backend.get_task_meta(result.id)
        if meta["status"] in ("SUCCESS", "FAILURE"):
            break
        progress = meta["result"] if isinstance(meta["result"], dict) else {}
        if progress.get("epoch", 0) >= 20:
            print(f"   ai.training.train: {meta['status']} {progress}", file=sys.stderr, flush=True)
            print(result.id)
            return
        time.sleep(0.05)
    sys.exit(f"the training did not get to its 20th epoch: {meta['status']} {meta['result']}")


def wait_for(task_id):
    begun = time.monotonic()
    try:
        result = app.AsyncResult(task_id).get(timeout=SECONDS)
    except Exception as error:
        return report("ai.training.train", begun, f"{type(error).__name__}: {error}", False)
    report("ai.training.train", begun, result, True)


if __name__ == "__main__":
    words = sys.argv[1:]
    if words == ["train"]:
        train()
    elif words[:1] == ["result"]:
        wait_for(words[1])
    else:
        stores()
    sys.exit(0 if right else 1)
