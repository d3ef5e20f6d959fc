"""ai.inference.*: generate, chat and embed by way of two model servers that break in every way."""
import json
import math
import time
import uuid

import pytest

from conftest import CHARD
from support import catalogue
from support.models_under_test import ModelServer
from support.waiting import eventually

WAIT = 30
pytestmark = pytest.mark.chard
#: Everything quick, so that a test sees in a second what takes a minute in earnest; but models may be slow here.
QUICK = {"timeout": "20s", "health_interval": "200ms", "progress_interval": "50ms",
         "breaker": {"window": "10s", "min_calls": 4, "open_for": "1s"}}


@pytest.fixture
def models(services):
    """Both servers, well and with nothing counted, before and after."""
    if "CHARD_TEST_MODELS_1" not in services.environment:
        pytest.skip("no model servers: CHARD_TEST_MODELS_1 is not set; scripts/services NAME up all starts them")
    servers = [ModelServer(services, 1), ModelServer(services, 2)]
    for server in servers:
        server.mend()
    yield servers
    for server in servers:
        server.mend()


@pytest.fixture
def start(worker, new_queue, models, redis):
    """start(key=value of the section inference) -> a worker; all workers of a test share their keys in Redis."""
    prefix = f"test:{uuid.uuid4().hex}:"
    name = new_queue()

    def make(queue=name, instances=None, retry=None, env=None, **settings):
        inference = {**QUICK, "key_prefix": prefix, "instances": [one.url for one in models] if instances is None else instances, **settings}
        settings = {"routes": ["ai.inference.*"], "concurrency": 128, "prefetch": 512,
                    "retry": retry or {"max_retries": 5, "backoff": ["300ms"]}}
        process = worker({queue: catalogue.queue(**settings)}, top={"inference": inference}, program=[CHARD, "worker"],
                         env=env)
        process.queue = queue
        return process

    make.prefix = prefix
    yield make
    for key in redis.scan_iter(prefix + "*", count=1000):
        redis.delete(key)


@pytest.fixture
def send(make_app):
    app = make_app()

    def make(worker, task, **arguments):
        return app.send_task(f"ai.inference.{task}", kwargs=arguments, queue=worker.queue)
    return make


def text():
    """A prompt that no cache knows."""
    return f"prompt {uuid.uuid4().hex}"


def close_to(found, wanted):
    return len(found) == len(wanted) and all(math.isclose(a, b, abs_tol=1e-5) for a, b in zip(found, wanted))


# --- answers ----------------------------------------------------------------------------------------------------------

def test_generate_chat_and_embed_answer_as_the_model_does(start, send, models):
    worker = start()
    prompt = text()
    answer = send(worker, "generate", model="chard-test", prompt=prompt, options={"seed": 7}).get(timeout=WAIT)
    assert answer["text"] == models[0].generated(prompt, seed=7)
    assert answer["tokens"] == {"prompt": 2, "answer": len(answer["text"].split())}
    assert (answer["model"], answer["finish_reason"], answer["cached"]) == ("chard-test", "stop", None)
    assert answer["instance"] in [one.url for one in models]
    assert 0 < answer["timings"]["first_token_ms"] <= answer["timings"]["total_ms"]

    messages = [{"role": "system", "content": "be brief"}, {"role": "user", "content": text()}]
    answer = send(worker, "chat", model="chard-test", messages=messages, options={"num_predict": 3}).get(timeout=WAIT)
    assert answer["message"]["role"] == "assistant" and len(answer["message"]["content"].split()) == 3
    assert answer["finish_reason"] == "length" and "text" not in answer

    texts = [text(), "Grüße, 東京 😀", "a" * 2000]
    answer = send(worker, "embed", model="all-minilm", texts=texts).get(timeout=WAIT)
    assert answer["dimensions"] == 384 and answer["cached"] is None and answer["hits"] == 0
    assert all(close_to(*pair) for pair in zip(answer["embeddings"], models[0].embedded(texts)))


def test_an_instance_may_speak_openai(start, send, models):
    models[0].change(api_key="sesame")
    worker = start(instances=[{"url": models[0].url + "/v1/", "api": "openai", "api_key": "sesame"}])
    prompt = text()
    answer = send(worker, "generate", model="chard-test", prompt=prompt).get(timeout=WAIT)
    assert answer["text"] == models[1].generated(prompt) and answer["instance"] == models[0].url + "/v1"
    assert answer["tokens"]["answer"] == len(answer["text"].split())
    answer = send(worker, "chat", model="chard-test", messages=[{"role": "user", "content": prompt}],
                  options={"num_predict": 2}).get(timeout=WAIT)
    assert len(answer["message"]["content"].split()) == 2
    answer = send(worker, "embed", model="all-minilm", texts=[prompt]).get(timeout=WAIT)
    assert close_to(answer["embeddings"][0], models[1].embedded([prompt])[0])
    assert "sesame" not in worker.log()


WRONG = [
    ("generate", {"model": "nope", "prompt": "x"}, r'unknown model "nope"; known are all-minilm, chard-test$'),
    ("embed", {"model": "nope", "texts": ["x"]}, r'unknown model "nope"; known are all-minilm, chard-test$'),
    ("generate", {"model": "", "prompt": "x"}, "model must not be empty"),
    ("generate", {"model": "chard-test", "prompt": ""}, "prompt must not be empty"),
    ("generate", {"model": "chard-test", "prompt": "x" * 2001}, "2001 bytes, more than the 2000 that max_prompt allows"),
    ("generate", {"model": "chard-test", "prompt": "x", "options": {"seed": "1"}}, 'option "seed" must be an integer'),
    ("generate", {"model": "chard-test", "prompt": "x", "options": {"sead": 1}}, 'unknown option "sead"; known are .*seed'),
    ("generate", {"model": "chard-test", "prompt": "x", "options": "hot"}, "options must be a map"),
    ("generate", {"model": "all-minilm", "prompt": "x"}, "does not support generate"),
    ("chat", {"model": "chard-test", "messages": []}, "messages must not be empty"),
    ("chat", {"model": "chard-test", "messages": "hello"}, "messages must be a list"),
    ("chat", {"model": "chard-test", "messages": [{"role": "boss", "content": "x"}]}, r"messages\[0\].role must be"),
    ("chat", {"model": "chard-test", "messages": [{"role": "user"}]}, r"messages\[0\].content must be a text"),
    ("embed", {"model": "all-minilm", "texts": []}, "texts must not be empty"),
    ("embed", {"model": "all-minilm", "texts": ["x", ""]}, r"texts\[1\] must not be empty"),
    ("embed", {"model": "all-minilm", "texts": ["x"] * 6}, "6 texts are more than the 5 that max_texts allows"),
    ("embed", {"model": "chard-test", "texts": ["x"]}, "does not support embeddings"),
]


def test_what_the_sender_did_wrong_is_told_at_once(start, send, models):
    worker = start(max_prompt=2000, max_texts=5)
    results = [send(worker, task, **arguments) for task, arguments, _ in WRONG]
    for result, (_, _, message) in zip(results, WRONG):
        with pytest.raises(ValueError, match=message):
            result.get(timeout=WAIT)
    assert "retry" not in worker.log().lower()


def test_models_can_be_limited_and_there_may_be_no_instance(start, send, new_queue):
    worker = start(models=["all-minilm"])
    with pytest.raises(ValueError, match='unknown model "chard-test"; known are all-minilm$'):
        send(worker, "generate", model="chard-test", prompt="x").get(timeout=WAIT)
    send(worker, "embed", model="all-minilm:latest", texts=["x"]).get(timeout=WAIT)
    none = start(queue=new_queue(), instances=[])
    with pytest.raises(Exception, match=r"no model server is configured; name one in queues.yaml") as caught:
        send(none, "embed", model="all-minilm", texts=["x"]).get(timeout=WAIT)
    assert type(caught.value).__name__ == "InferenceNotConfigured"


def test_tokens_are_told_as_progress(start, send, models):
    for server in models:
        server.change(token_delay=0.03)
    worker = start()
    prompt = text()
    result = send(worker, "generate", model="chard-test", prompt=prompt)
    seen = []

    def look():
        meta = result.backend.get_task_meta(result.id)
        if meta["status"] == "PROGRESS" and meta["result"] not in seen:
            seen.append(meta["result"])
        return meta["status"] == "SUCCESS"

    eventually(look, WAIT, every=0.01, what="the answer")
    whole = result.get(timeout=WAIT)["text"]
    assert len(seen) >= 3
    assert [one["tokens"] for one in seen] == sorted(one["tokens"] for one in seen)
    for one in seen:
        assert whole.startswith(one["text"]) and one["attempt"] == 1 and one["instance"] in [s.url for s in models]
        assert one["tokens"] == len(one["text"].split())
    silent = send(worker, "generate", model="chard-test", prompt=text(), progress=False)
    states = set()
    eventually(lambda: states.add(silent.state) or silent.ready(), WAIT, every=0.01, what="the answer")
    assert "PROGRESS" not in states


def test_progress_does_not_flood_redis(start, send, models, redis):
    for server in models:
        server.change(token_delay=0.002)
    worker = start(progress_interval="10s")
    watcher = redis.pubsub()
    result = send(worker, "generate", model="chard-test", prompt=text())
    watcher.subscribe(f"celery-task-meta-{result.id}")
    result.get(timeout=WAIT)
    states = []
    for message in iter(lambda: watcher.get_message(timeout=0.2), None):
        if message["type"] == "message":
            states.append(json.loads(message["data"])["status"])
    watcher.close()
    assert states.count("PROGRESS") <= 1 and states[-1] == "SUCCESS"


# --- caches, sharing, batches -------------------------------------------------------------------------------------------

def test_an_answer_is_kept_here_and_for_other_workers(start, send, models, new_queue):
    first, second = start(), start(queue=new_queue())
    arguments = {"model": "chard-test", "prompt": text(), "options": {"seed": 1, "top_k": 5}}
    reordered = {**arguments, "options": {"top_k": 5, "seed": 1}}
    fresh = send(first, "generate", **arguments).get(timeout=WAIT)
    local = send(first, "generate", **reordered).get(timeout=WAIT)
    shared = send(second, "generate", **arguments).get(timeout=WAIT)
    after = send(second, "generate", **arguments).get(timeout=WAIT)
    assert [one["cached"] for one in (fresh, local, shared, after)] == [None, "local", "redis", "local"]
    assert len({(one["text"], one["instance"], one["tokens"]["answer"]) for one in (fresh, local, shared, after)}) == 1
    assert sum(one.calls() for one in models) == 1
    other = send(first, "generate", **{**arguments, "options": {"seed": 2}}).get(timeout=WAIT)
    again = send(first, "generate", **arguments, cache=False).get(timeout=WAIT)
    assert (other["cached"], again["cached"]) == (None, None) and again["text"] == fresh["text"] != other["text"]
    assert sum(one.calls() for one in models) == 3


def test_hits_are_counted_as_metrics(start, send, redis):
    def counted():
        def total(metric):                          # of all nodes, what they added (and, for counters, never take away)
            return sum(int(value) for value in redis.hvals(f"metrics:inference:{metric}"))
        return {metric: total(metric) for metric in ("requests", "local_hits", "redis_hits", "upstream_calls")}

    worker, before = start(), counted()
    arguments = {"model": "chard-test", "prompt": text()}
    for _ in range(4):
        send(worker, "generate", **arguments).get(timeout=WAIT)
    wanted = {"requests": 4, "local_hits": 3, "redis_hits": 0, "upstream_calls": 1}
    eventually(lambda: {name: value - before[name] for name, value in counted().items()} == wanted,
               what="the metrics in Redis")


def test_health_names_an_instance_that_is_away(start, make_app, models, new_queue):
    worker = start()
    models[0].kill()
    report = make_app().send_task("system.health.check", queue=worker.queue).get(timeout=WAIT)
    assert report["checks"][f"inference:{models[1].url}"]["ok"], report
    assert not report["checks"][f"inference:{models[0].url}"]["ok"], report


def test_vectors_are_kept_text_by_text(start, send, models, new_queue):
    first, second = start(), start(queue=new_queue())
    one, two, three = text(), text(), text()
    fresh = send(first, "embed", model="all-minilm", texts=[one, two]).get(timeout=WAIT)
    mixed = send(first, "embed", model="all-minilm", texts=[three, two, one, two]).get(timeout=WAIT)
    assert (fresh["cached"], fresh["hits"], mixed["cached"], mixed["hits"]) == (None, 0, None, 3)
    assert mixed["embeddings"][1:] == [fresh["embeddings"][1], fresh["embeddings"][0], fresh["embeddings"][1]]
    shared = send(second, "embed", model="all-minilm", texts=[two, three]).get(timeout=WAIT)
    assert (shared["cached"], shared["hits"], shared["instance"]) == ("redis", 2, None)
    assert shared["embeddings"] == [mixed["embeddings"][1], mixed["embeddings"][0]]
    assert sorted(sum((one.report()["batches"] for one in models), [])) == [1, 2]


def test_kept_answers_end_with_their_time(start, send, models):
    worker = start(cache={"local_ttl": "100ms", "redis_ttl": "700ms"})
    arguments = {"model": "chard-test", "prompt": text()}
    assert send(worker, "generate", **arguments).get(timeout=WAIT)["cached"] is None
    found = eventually(lambda: (answer := send(worker, "generate", **arguments).get(timeout=WAIT))["cached"] != "local"
                       and answer, what="an answer that is not from the worker's memory")
    assert found["cached"] in ("redis", None)
    eventually(lambda: send(worker, "generate", **arguments).get(timeout=WAIT)["cached"] is None, every=0.2,
               what="an answer made anew")


def test_equal_requests_at_once_are_one_call(start, send, models):
    for server in models:
        server.change(delay=0.3)
    worker = start()
    arguments = {"model": "chard-test", "prompt": text()}
    results = [send(worker, "generate", **arguments) for _ in range(100)]
    answers = [result.get(timeout=WAIT) for result in results]
    assert len({one["text"] for one in answers}) == 1
    assert sum(one.calls() for one in models) == 1
    assert sum(not one["shared"] and one["cached"] is None for one in answers) == 1


def test_embeddings_of_many_tasks_go_together_and_each_gets_its_own(start, send, models):
    worker = start(batch={"max_texts": 50, "max_delay": "100ms"})
    texts = [text() for _ in range(100)]
    results = [send(worker, "embed", model="all-minilm", texts=[one]) for one in texts]
    found = [result.get(timeout=WAIT) for result in results]
    batches = sum((one.report()["batches"] for one in models), [])
    assert sum(batches) == 100 and len(batches) <= 20, batches
    direct = models[0].embedded(texts)
    assert all(close_to(one["embeddings"][0], vector) for one, vector in zip(found, direct))


# --- instances that fail -------------------------------------------------------------------------------------------------

def test_work_is_spread_by_what_is_outstanding(start, send, models):
    models[0].change(delay=0.4)
    worker = start()
    results = [send(worker, "generate", model="chard-test", prompt=text()) for _ in range(8)]
    for result in results:
        result.get(timeout=WAIT)
    # The slow one still has its first ones, so what comes later goes to the other.
    later = [send(worker, "generate", model="chard-test", prompt=text()).get(timeout=WAIT)]
    calls = [one.calls() for one in models]
    assert sum(calls) == 9 and 3 <= calls[0] <= 5, calls
    assert models[0].report()["most_active"] >= 2 and later


def test_requests_of_a_killed_instance_move_on(start, send, models):
    """It dies in the middle of its answers."""
    models[0].change(mode="hang", after_tokens=3)
    worker = start()
    prompts = [text() for _ in range(20)]
    results = [send(worker, "generate", model="chard-test", prompt=prompt) for prompt in prompts]
    eventually(lambda: sum(result.state == "SUCCESS" for result in results) + models[0].report()["active"] == 20,
               what="all to be answered or stuck")
    assert models[0].report()["active"] >= 1
    models[0].kill()
    for prompt, result in zip(prompts, results):
        answer = result.get(timeout=WAIT)
        assert answer["text"] == models[1].generated(prompt) and answer["instance"] == models[1].url


@pytest.mark.parametrize("fault", ["cut", "garbage", "long_line", "hang", "status"])
@pytest.mark.parametrize("tokens", [0, 3])
def test_a_broken_instance_costs_nobody_an_answer(start, send, models, fault, tokens):
    models[1].embedded(["loads the model"])
    models[0].change(mode=fault, after_tokens=tokens, status=503)
    worker = start(timeout="1s" if fault == "hang" else "20s")
    prompts = [text() for _ in range(6)]
    results = [send(worker, "generate", model="chard-test", prompt=prompt) for prompt in prompts]
    results += [send(worker, "embed", model="all-minilm", texts=[prompt]) for prompt in prompts]
    for prompt, result in zip(prompts, results[:6]):
        answer = result.get(timeout=WAIT)
        assert answer["text"] == models[1].generated(prompt) and answer["instance"] == models[1].url
    for prompt, result in zip(prompts, results[6:]):
        assert close_to(result.get(timeout=WAIT)["embeddings"][0], models[1].embedded([prompt])[0])


def test_a_frozen_instance_is_left_after_its_time(start, send, models):
    worker = start(timeout="600ms")
    send(worker, "generate", model="chard-test", prompt=text()).get(timeout=WAIT)
    models[0].freeze()
    begin = time.monotonic()
    results = [send(worker, "generate", model="chard-test", prompt=text()) for _ in range(30)]
    assert {result.get(timeout=WAIT)["instance"] for result in results} == {models[1].url}
    assert time.monotonic() - begin < 10


def test_without_any_instance_tasks_wait_as_the_queue_says(start, send, models):
    for server in models:
        server.kill()
    worker = start(retry={"max_retries": 1, "backoff": ["100ms"]}, breaker={**QUICK["breaker"], "min_calls": 100})
    lost = send(worker, "generate", model="chard-test", prompt=text())
    with pytest.raises(Exception, match='no instance can serve model "chard-test" now') as caught:
        lost.get(timeout=WAIT)
    assert type(caught.value).__name__ == "InferenceUnavailable"


def test_tasks_come_back_with_an_instance(start, send, models):
    for server in models:
        server.kill()
    worker = start(retry={"max_retries": 60, "backoff": ["300ms"]})
    prompt = text()
    result = send(worker, "generate", model="chard-test", prompt=prompt)
    eventually(lambda: result.state == "RETRY", what="a retry")
    models[0].start()
    assert result.get(timeout=WAIT)["text"] == models[0].generated(prompt)


# --- breakers ---------------------------------------------------------------------------------------------------------

def breaker(redis, start, server):
    """Its phase as Redis has it: closed, open or probing."""
    state = redis.hget(f"{start.prefix}breaker:{server.url}", "state")
    return next(iter(json.loads(state)["phase"])) if state else None


def test_the_breaker_opens_for_all_workers_and_closes_after_one_probe(start, send, models, redis, new_queue):
    settings = {"breaker": {"window": "30s", "min_calls": 6, "open_for": "2s"}, "instances": [models[0].url],
                "retry": {"max_retries": 0}}
    first, second = start(**settings), start(queue=new_queue(), **settings)
    assert send(second, "generate", model="chard-test", prompt=text()).get(timeout=WAIT)      # it knows its instance
    models[0].change(mode="status", status=500)

    def fails(worker):
        with pytest.raises(Exception, match="no instance can serve"):
            send(worker, "generate", model="chard-test", prompt=text()).get(timeout=WAIT)
    for _ in range(6):
        fails(first)
    eventually(lambda: breaker(redis, start, models[0]) == "open", what="an open breaker in Redis")
    second_sees = re_open(models[0])
    second.wait_for_log(second_sees, 10)
    calls = models[0].calls()
    for worker in (first, second):
        for _ in range(5):
            fails(worker)
    assert models[0].calls() == calls, "an open breaker let calls through"

    # Half-open: one call, which fails, and it is open again.
    models[0].change(mode="status", status=500, delay=0.3)
    eventually(lambda: sends_many(send, (first, second)) and models[0].calls() > calls, 10, every=0.2, what="the probe")
    assert models[0].calls() == calls + 1, "more than one probe"
    eventually(lambda: breaker(redis, start, models[0]) == "open", what="the breaker to open again")

    models[0].restore()
    eventually(lambda: answers(send, first), 15, every=0.1, what="the breaker to close")
    eventually(lambda: answers(send, second), 15, every=0.1, what="the breaker to close for the second worker, too")
    assert breaker(redis, start, models[0]) == "closed"


def re_open(server):
    return f"breaker of {server.url} opened"


def answers(send, worker):
    try:
        return send(worker, "generate", model="chard-test", prompt=text()).get(timeout=WAIT)
    except Exception as error:
        assert "no instance can serve" in str(error)
        return None


def sends_many(send, workers):
    """Ten at once from each, all of which fail."""
    results = [send(worker, "generate", model="chard-test", prompt=text()) for worker in workers for _ in range(10)]
    for result in results:
        with pytest.raises(Exception, match="no instance can serve"):
            result.get(timeout=WAIT)
    return True


def test_with_an_open_breaker_the_other_instance_answers(start, send, models):
    models[0].change(mode="status", status=500)
    worker = start(breaker={**QUICK["breaker"], "open_for": "60s"})
    for _ in range(20):
        send(worker, "generate", model="chard-test", prompt=text()).get(timeout=WAIT)
    worker.wait_for_log(re_open(models[0]), 10)
    calls = models[0].calls()
    for _ in range(10):
        answer = send(worker, "generate", model="chard-test", prompt=text()).get(timeout=WAIT)
        assert answer["instance"] == models[1].url
    assert models[0].calls() == calls


# --- settings ---------------------------------------------------------------------------------------------------------

def test_wrong_settings_are_told_with_their_place(chard, tmp_path):
    file = tmp_path / "queues.yaml"
    file.write_text("""\
inference:
  instances: [ftp://a, {url: "http://b:1", api: openal}, {api: ollama}, "http://user:secret@c"]
  timout: 5s
  breaker: {error_rate: 2}
queues: {inference: {routes: ["ai.inference.*"]}}
""")
    said = "".join(chard("check", "--config", file, status=1))
    for wanted in ("queues.yaml:2", "must be a URL such as http://localhost:11434", 'did you mean "openai"',
                   "inference.instances[2].url", 'did you mean "timeout"', "must be a number from 0.01 to 1"):
        assert wanted in said, said
    assert "secret" not in said
