"""`data.processing.*` over real PostgreSQL shards, vector stores and model servers."""
import os
import random
import time
import uuid

import pytest

from conftest import CHARD
from support import catalogue
from support.waiting import eventually

pytestmark = pytest.mark.chard

WAIT = 60
MODEL = "all-minilm"
NAMES = ("POSTGRES_1", "POSTGRES_2", "CHROMA_1", "CHROMA_2", "MODELS_1")
#: Text that would do harm if it were ever taken for SQL, a path or a filter.
HOSTILE = "'; DROP TABLE agent_data; -- \" $1 %s ${x} \\ ../ {\"$gt\": 1} é 世界 🎉 \u2028"


@pytest.fixture(scope="module")
def sections(services):
    """What queues.yaml says of the stores."""
    missing = [name for name in NAMES if f"CHARD_TEST_{name}" not in services.environment]
    if missing:
        pytest.skip(f"no {', '.join(missing)}: scripts/services INSTANCE up all")
    at = lambda name: services.environment[f"CHARD_TEST_{name}"]
    return {
        "shards": {"partition_width": 10, "servers": {
            "a": {"url": at("POSTGRES_1"), "tenants": "0..99999"},
            "b": {"url": at("POSTGRES_2"), "tenants": "100000..199999"}}},
        "vectors": {"stores": {"one": {"url": at("CHROMA_1").replace("http", "chroma")},
                               "two": {"url": at("CHROMA_2").replace("http", "chroma")}}},
        "inference": {"instances": [at("MODELS_1")], "embedding_model": MODEL},
    }


@pytest.fixture
def stores(worker, new_queue, make_app, sections, chard, tmp_path):
    """stores(): a `chard worker` for these tasks. Its process, the queue, and ask(task, **kwargs)."""
    def start(**options):
        queue = new_queue("processing")
        settings = catalogue.queue(["data.processing.*"], concurrency=8, retry={"max_retries": 30, "backoff": [0.2, 0.5]})
        config = catalogue.write(tmp_path / f"{queue}.yaml", {queue: settings}, **sections)
        chard("shards", "migrate", "--config", str(config))
        process = worker({queue: settings}, program=[CHARD, "worker"], top=sections, **options)
        app = make_app(queue)

        def send(task, **kwargs):
            return app.send_task(f"data.processing.{task}", kwargs=kwargs)

        def ask(task, **kwargs):
            return send(task, **kwargs).get(timeout=WAIT)

        ask.send, ask.app, ask.queue, ask.process = send, app, queue, process
        ask.another = lambda: worker({queue: settings}, program=[CHARD, "worker"], top=sections, **options)
        return ask

    return start


@pytest.fixture
def tenants():
    """Two that nobody has used: one on each server."""
    number = random.randrange(100_000)
    return number, 100_000 + number


def rows_of(agent, count, **more):
    return [{"agent_id": agent, "data": {"n": n, **more}} for n in range(count)]


def test_rows_come_back_from_the_server_of_their_tenant(stores, tenants):
    ask = stores()
    agent, other = str(uuid.uuid4()), str(uuid.uuid4())
    for tenant in tenants:
        assert ask("ingest", tenant_id=tenant, rows=rows_of(agent, 120, text=HOSTILE)) == {"tenant_id": tenant, "inserted": 120}
        assert ask("ingest", tenant_id=tenant, rows=rows_of(other, 3))["inserted"] == 3
        pages, after = [], None
        while True:
            page = ask("query", tenant_id=tenant, agent_id=agent, after=after, limit=50)
            pages.append([row["data"] for row in page["rows"]])
            after = page["next"]
            if after is None:
                break
        assert [len(page) for page in pages] == [50, 50, 20]
        assert sum(pages, []) == [{"n": n, "text": HOSTILE} for n in range(120)]
    assert len(ask("query", tenant_id=tenants[0], contains={"n": 2})["rows"]) == 2


def test_moments_bound_a_query(stores, tenants):
    ask, agent = stores(), str(uuid.uuid4())
    moments = [f"2026-11-{day:02}T12:00:00.000001+00:00" for day in range(1, 11)]
    ask("ingest", tenant_id=tenants[0], rows=[{"agent_id": agent, "data": n, "created_at": at} for n, at in enumerate(moments)])
    found = ask("query", tenant_id=tenants[0], since=moments[3], until=moments[7])["rows"]
    assert [row["data"] for row in found] == [3, 4, 5, 6]
    assert found[0]["created_at"].startswith("2026-11-04T12:00:00.000001")


def test_a_tenant_sees_nothing_of_another(stores, tenants):
    ask, agent = stores(), str(uuid.uuid4())
    neighbour = tenants[0] + 1 if tenants[0] % 10 < 9 else tenants[0] - 1           # of the same partition
    ask("ingest", tenant_id=tenants[0], rows=rows_of(agent, 5))
    assert ask("query", tenant_id=neighbour, agent_id=agent)["rows"] == []
    ask("index", tenant_id=tenants[0], collection="notes", documents=["a secret"])
    ask("index", tenant_id=neighbour, collection="notes", documents=["something else"])
    found = ask("search", tenant_id=neighbour, collection="notes", text="a secret", limit=10)["matches"]
    assert [match["document"] for match in found] == ["something else"]
    ask("delete_tenant", tenant_id=neighbour)
    assert len(ask("query", tenant_id=tenants[0], agent_id=agent)["rows"]) == 5
    assert ask("search", tenant_id=tenants[0], collection="notes", text="a secret")["matches"][0]["document"] == "a secret"


def test_documents_are_found_by_what_they_mean(stores, tenants):
    ask = stores()
    texts = {"frost": "Chard tolerates light frost.", "money": "The invoice of March is overdue.", "sea": HOSTILE}
    documents = [{"id": key, "text": text, "metadata": {"kind": key, "length": len(text)}} for key, text in texts.items()]
    for tenant in tenants:
        report = ask("index", tenant_id=tenant, collection="notes", documents=documents)
        assert report == {"tenant_id": tenant, "collection": "notes", "indexed": 3, "rows": 3, "dimension": 384}
        best = ask("search", tenant_id=tenant, collection="notes", text="Which vegetable likes the cold?", limit=2)["matches"]
        assert best[0]["id"] == "frost" and best[0]["document"] == texts["frost"] and best[0]["score"] > best[1]["score"]
        assert best[0]["metadata"] == {"kind": "frost", "length": len(texts["frost"])}
        only = ask("search", tenant_id=tenant, collection="notes", text="cold", where={"kind": {"$ne": "frost"}})["matches"]
        assert {match["id"] for match in only} == {"money", "sea"}
        rows = ask("query", tenant_id=tenant, contains={"collection": "notes"})["rows"]
        assert {row["data"]["id"]: row["data"]["text"] for row in rows} == texts
    again = ask("index", tenant_id=tenants[0], collection="notes", documents=[{"id": "frost", "text": "New words."}])
    assert again["indexed"] == 1
    found = ask("search", tenant_id=tenants[0], collection="notes", text="New words.", limit=10)["matches"]
    assert [match["id"] for match in found].count("frost") == 1 and found[0]["score"] == pytest.approx(1, abs=1e-3)


def test_deleting_a_tenant_leaves_nothing_of_it(stores, tenants):
    ask = stores()
    for tenant in tenants:
        ask("ingest", tenant_id=tenant, rows=rows_of(str(uuid.uuid4()), 10))
        ask("index", tenant_id=tenant, collection="one", documents=["x", "y"])
        ask("index", tenant_id=tenant, collection="two", documents=["z"])
    expected = {"tenant_id": tenants[0], "rows": 13, "collections": {"one": 2, "two": 1}}
    assert ask("delete_tenant", tenant_id=tenants[0]) == expected
    assert ask("delete_tenant", tenant_id=tenants[0]) == {"tenant_id": tenants[0], "rows": 0, "collections": {}}
    assert ask("query", tenant_id=tenants[0])["rows"] == []
    assert len(ask("query", tenant_id=tenants[1])["rows"]) == 13


AGENT = "7b0ff3a2-6d2c-4a52-9b61-6d8d2a8f0c11"


@pytest.mark.parametrize("task, kwargs, error, text", [
    ("ingest", {"tenant_id": 900_000, "rows": [{"agent_id": AGENT, "data": 1}]}, "LookupError", "tenant 900000 is on no server"),
    ("ingest", {"tenant_id": -1, "rows": [{"agent_id": AGENT, "data": 1}]}, "LookupError", "tenant -1 is on no server"),
    ("ingest", {"tenant_id": "7 OR 1=1", "rows": []}, "TypeError", "tenant_id"),
    ("ingest", {"tenant_id": 7, "rows": [{"agent_id": "x' OR 'a'='a", "data": 1}]}, "ValueError", "rows[0]: agent_id must be a UUID"),
    ("ingest", {"tenant_id": 7, "rows": [{"agent_id": AGENT}]}, "ValueError", "rows[0]: data is missing"),
    ("ingest", {"tenant_id": 7, "rows": [{"agent_id": AGENT, "data": 1, "dta": 2}]}, "ValueError", "unknown key \"dta\""),
    ("ingest", {"tenant_id": 7, "rows": [{"agent_id": AGENT, "data": "nul \0 byte"}]}, "ValueError", "row 0 is not valid JSON"),
    ("ingest", {"tenant_id": 7, "rows": [{"agent_id": AGENT, "data": 1, "created_at": "soon"}]}, "ValueError", "ISO 8601"),
    ("ingest", {"tenant_id": 7, "rows": "no list"}, "TypeError", "rows"),
    ("query", {"tenant_id": 7, "agent_id": HOSTILE}, "ValueError", "agent_id must be a UUID"),
    ("query", {"tenant_id": 7, "limit": 0}, "ValueError", "limit must be from 1 to"),
    ("query", {"tenant_id": 7, "since": HOSTILE}, "ValueError", "since must be a moment"),
    ("search", {"tenant_id": 7, "collection": "nothing-here", "text": "x"}, "LookupError", "there is no collection"),
    ("search", {"tenant_id": 7, "collection": HOSTILE, "text": "x"}, "ValueError", "can't name a collection"),
    ("search", {"tenant_id": 7, "collection": "dimension", "vector": [1.0, 2.0]}, "ValueError", "vectors of 384 elements"),
    ("search", {"tenant_id": 7, "collection": "dimension", "vector": [1.0, "x"]}, "TypeError", "vector"),
    ("search", {"tenant_id": 7, "collection": "dimension", "vector": []}, "ValueError", "elements"),
    ("search", {"tenant_id": 7, "collection": "dimension"}, "ValueError", "either text or vector"),
    ("search", {"tenant_id": 7, "collection": "dimension", "text": "x", "where": {"a": {"$near": 1}}}, "ValueError", "unknown operator"),
    ("search", {"tenant_id": 7, "collection": "dimension", "text": "x", "limit": 0}, "ValueError", "limit"),
    ("index", {"tenant_id": 900_000, "collection": "x", "documents": ["x"]}, "LookupError", "tenant 900000 is on no server"),
    ("index", {"tenant_id": 7, "collection": "x", "documents": []}, "ValueError", "documents"),
    ("index", {"tenant_id": 7, "collection": "x", "documents": [{"text": ""}]}, "ValueError", "documents[0]"),
    ("index", {"tenant_id": 7, "collection": "x", "documents": ["x" * (1 << 20) + "x"]}, "ValueError", "split it"),
    ("index", {"tenant_id": 7, "collection": "x", "documents": [{"text": "x", "metadata": {"a": [1]}}]}, "ValueError", "metadata"),
    ("index", {"tenant_id": 7, "collection": "x", "documents": ["x"], "model": "gpt-99"}, "ValueError", "unknown model"),
])
def test_wrong_input_is_a_clear_failure(wrong_input, task, kwargs, error, text):
    result = wrong_input.send(task, **kwargs)
    failure = result.get(timeout=WAIT, propagate=False)
    assert (type(failure).__name__, text in str(failure)) == (error, True), f"{type(failure).__name__}: {failure}"
    assert result.state == "FAILURE"


@pytest.fixture(scope="module")
def wrong_input(services, sections, tmp_path_factory, broker_url, backend_url):
    """One worker for all of them."""
    from celery import Celery

    from conftest import Command, Workers, remove
    folder = tmp_path_factory.mktemp("wrong")
    queue = f"processing-{uuid.uuid4().hex[:8]}"
    settings = catalogue.queue(["data.processing.*"], concurrency=4)
    config = catalogue.write(folder / "queues.yaml", {queue: settings}, **sections)
    Command(broker_url, backend_url, folder)("shards", "migrate", "--config", str(config))
    workers = Workers(folder, broker_url, backend_url)
    workers({queue: settings}, program=[CHARD, "worker"], top=sections)
    app = Celery(broker=broker_url, backend=backend_url, set_as_current=False)
    app.conf.task_default_queue = queue
    app.send_task("data.processing.index", kwargs={"tenant_id": 7, "collection": "dimension", "documents": ["x"]}).get(timeout=WAIT)

    class Sender:
        def send(self, task, **kwargs):
            return app.send_task(f"data.processing.{task}", kwargs=kwargs)

    yield Sender()
    workers.end()
    remove(broker_url, [queue])
    app.close()


# --- failures of servers and workers ----------------------------------------------------------------------------------

@pytest.mark.faults
@pytest.mark.limit(180)
def test_kills_in_the_middle_of_ingests_lose_and_double_nothing(stores, tenants, tell):
    """A ledger: each task writes its own numbers; workers are killed while they write."""
    ask, agent = stores(), str(uuid.uuid4())
    tasks, count, kills = int(os.environ.get("CHARD_TEST_INGESTS", "60")), 400, 5
    sent = [ask.send("ingest", tenant_id=tenants[n % 2], rows=rows_of(agent, count, task=n)) for n in range(tasks)]
    process = ask.process
    for kill in range(kills):
        done = sum(result.ready() for result in sent)
        eventually(lambda: sum(result.ready() for result in sent) >= min(tasks, done + 3), WAIT)
        time.sleep(random.uniform(0, 0.05))                     # anywhere in a write
        process.kill()
        process = ask.another()
    for result in sent:
        result.get(timeout=WAIT)
    for index, tenant in enumerate(tenants):
        ledger, after = [], None
        while True:
            page = ask("query", tenant_id=tenant, agent_id=agent, after=after, limit=10_000)
            ledger += [(row["data"]["task"], row["data"]["n"]) for row in page["rows"]]
            after = page["next"]
            if after is None:
                break
        assert sorted(ledger) == [(task, n) for task in range(index, tasks, 2) for n in range(count)]
    tell(f"{tasks} ingests of {count} rows, {kills} kills: nothing lost, nothing twice")


@pytest.mark.faults
@pytest.mark.limit(180)
def test_a_dead_server_holds_up_its_own_tenants_only(stores, tenants, services):
    ask, agent = stores(), str(uuid.uuid4())
    for tenant in tenants:
        ask("ingest", tenant_id=tenant, rows=rows_of(agent, 1))
    services("kill", "postgres1")
    try:
        waiting = [ask.send("ingest", tenant_id=tenants[0], rows=rows_of(agent, 10)) for _ in range(4)]
        begun = time.monotonic()
        for _ in range(20):
            assert ask("ingest", tenant_id=tenants[1], rows=rows_of(agent, 10))["inserted"] == 10
        assert time.monotonic() - begun < 20
        assert not any(result.ready() for result in waiting)
    finally:
        services("start", "postgres1")
    assert [result.get(timeout=WAIT)["inserted"] for result in waiting] == [10] * 4
    assert len(ask("query", tenant_id=tenants[0], limit=1000)["rows"]) == 41
    assert len(ask("query", tenant_id=tenants[1], limit=1000)["rows"]) == 201


@pytest.mark.faults
@pytest.mark.limit(180)
@pytest.mark.parametrize("fault, mend", [("kill", "start"), ("freeze", "thaw")])
def test_vectors_wait_for_their_store(stores, tenants, services, fault, mend):
    ask = stores()
    names = [f"notes-{n}" for n in range(6)]                     # on both stores
    for name in names:
        ask("index", tenant_id=tenants[0], collection=name, documents=["frost", "money"])
    services(fault, "chroma1")
    try:
        waiting = [ask.send("search", tenant_id=tenants[0], collection=name, text="money", limit=1) for name in names]
        eventually(lambda: any(result.ready() for result in waiting), WAIT)
        assert not all(result.ready() for result in waiting)
    finally:
        services(mend, "chroma1")
    assert {result.get(timeout=WAIT)["matches"][0]["document"] for result in waiting} == {"money"}
