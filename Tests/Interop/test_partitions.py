"""The partitioned exchange `ai.tasks`: each agent's tasks keep their order while workers die, leave and come.

CHARD_TEST_AGENTS is the number of agents of the large test (default 60; 30 steps each).
"""
import json
import os
import signal
import threading

import pytest

from support.broker import Bare
from support.partitions import PARTITIONS, Partitions, moved, partition
from support.waiting import eventually

pytestmark = pytest.mark.chard
AGENTS, STEPS = int(os.environ.get("CHARD_TEST_AGENTS", "60")), 30
SERVING = "partitions of ai.tasks here: "


@pytest.fixture
def partitions(worker, vhost, chard, make_app, tmp_path):
    def make(**settings):
        return Partitions(worker, vhost, chard, make_app, tmp_path, **settings)
    return make


def one_agent_per_partition():
    """Agent by partition."""
    agents = {}
    for number in range(10_000):
        agents.setdefault(partition(f"agent-{number}"), f"agent-{number}")
    return agents


@pytest.mark.limit(180)
def test_order_is_kept_while_workers_die_leave_and_come(partitions, tell):
    shared = partitions()
    visits, agents = shared.visits, [f"agent-{number}" for number in range(AGENTS)]
    first, second, third = shared.start(), shared.start(), shared.start()
    ledger = [shared.owners(first, second, third)]

    def send_all():
        for number in range(STEPS):
            for agent in agents:
                visits.send(shared.app, agent, number, 0.01)

    sender = threading.Thread(target=send_all)
    sender.start()
    whole = AGENTS * STEPS
    visits.wait_for_ends(whole // 5)
    first.kill()
    ledger.append(shared.owners(second, third))
    visits.wait_for_ends(whole // 3)
    second.stop()
    ledger.append(shared.owners(third))
    visits.wait_for_ends(whole // 2)
    fourth = shared.start()
    ledger.append(shared.owners(third, fourth))
    sender.join(60)
    visits.wait_for_ends(whole, timeout=120)
    at_the_end = len(visits.runs())
    eventually(lambda: all(row["waiting"] == 0 for row in shared.table()), what="empty queues")
    repeats = visits.check(STEPS, killed={first.name})
    assert len(visits.runs()) == at_the_end

    mine = lambda owners, worker: {number for number, owner in owners.items() if owner == worker.name}
    moves = [moved(before, after) for before, after in zip(ledger, ledger[1:])]
    assert moves == [mine(ledger[0], first), mine(ledger[1], second), mine(ledger[3], fourth)]
    for owners, run in ((ledger[0], run) for run in visits.runs()[:whole // 10]):
        assert owners[run.partition] == run.worker, "a task ran on a worker that did not own its partition"
    tell(f"{whole} tasks, {len(repeats)} begun twice, moves {[len(one) for one in moves]}")


@pytest.mark.parametrize("settings", [{"type": "classic"}, {"type": "quorum"}, {"delivery": "at_most_once"}], ids=str)
def test_a_partition_is_handed_over_when_its_running_task_has_ended(partitions, settings):
    """The newcomer owns partitions at once, and gets their messages when what runs has ended, in order."""
    shared = partitions(**settings)
    old, agents = shared.start(), one_agent_per_partition()
    shared.owners(old)
    for number, seconds in enumerate((2.5, 0, 0)):
        for agent in agents.values():
            shared.visits.send(shared.app, agent, number, seconds)
    eventually(lambda: len(shared.visits.runs()) == PARTITIONS, what="all long tasks running")
    new = shared.start(wait=False)
    both = eventually(lambda: [row for row in shared.table() if len(row["served_by"]) == 2], what="a hand-over begun")
    assert {row["owner"] for row in both} == {new.name}
    owners = shared.owners(old, new)
    shared.visits.wait_for_ends(3 * PARTITIONS)
    assert shared.visits.check(3) == []
    for run in shared.visits.runs():
        expected = old.name if run.number == 0 else owners[run.partition]
        assert run.worker == expected, f"step {run.number} of partition {run.partition} ran on {run.worker}"


def test_a_warm_shutdown_hands_over_what_is_idle_and_ends_what_runs(partitions):
    shared = partitions()
    leaving, staying, agents = shared.start(), shared.start(), one_agent_per_partition()
    owners = shared.owners(leaving, staying)
    busy, *idle = [agents[number] for number, owner in sorted(owners.items()) if owner == leaving.name]
    for number, seconds in enumerate((3, 0, 0)):
        shared.visits.send(shared.app, busy, number, seconds)
    eventually(lambda: shared.visits.runs(), what="the long task running")
    leaving.signal(signal.SIGTERM)
    eventually(lambda: all(row["owner"] == staying.name for row in shared.table()), what="all owned by the other")
    for agent in idle:
        shared.visits.send(shared.app, agent, 0)
    shared.visits.wait_for_ends(len(idle))
    assert leaving.running and not [run for run in shared.visits.runs() if run.agent == busy and run.ended]
    assert leaving.wait() == 0
    shared.visits.wait_for_ends(len(idle) + 3)
    steps = [(run.number, run.worker, run.ended) for run in shared.visits.runs() if run.agent == busy]
    assert steps == [(0, leaving.name, True), (1, staying.name, True), (2, staying.name, True)]


def test_a_cut_connection_changes_neither_order_nor_owners(partitions, proxy):
    """What ran goes on, and is not run again; what waited comes again in its order, to the same worker."""
    shared = partitions()
    front, agents = proxy(shared.vhost), one_agent_per_partition()
    cut, other = shared.start(broker=front.url), shared.start()
    before = shared.owners(cut, other)
    for number in range(5):
        for agent in agents.values():
            shared.visits.send(shared.app, agent, number, 0.6 if number < 2 else 0)
    eventually(lambda: len(shared.visits.runs()) >= PARTITIONS, what="a task of each partition running")
    front.cut()
    shared.visits.wait_for_ends(5 * PARTITIONS)
    assert shared.visits.check(5) == []
    assert {run.partition: run.worker for run in shared.visits.runs()} == before == shared.owners(cut, other)


def test_a_worker_that_hangs_loses_its_partitions_and_gets_others_when_it_goes_on(partitions):
    shared = partitions()
    heartbeat = {"broker": {"heartbeat": 1}}
    frozen, other = shared.start(top=heartbeat), shared.start(top=heartbeat)
    agents, owners = one_agent_per_partition(), shared.owners(frozen, other)
    frozen.signal(signal.SIGSTOP)
    try:
        eventually(lambda: all(row["owner"] == other.name for row in shared.table()), what="all owned by the other")
        for number in range(3):
            for agent in agents.values():
                shared.visits.send(shared.app, agent, number)
        shared.visits.wait_for_ends(3 * PARTITIONS)
        assert shared.visits.check(3) == []
    finally:
        frozen.signal(signal.SIGCONT)
    assert len(moved(owners, shared.owners(frozen, other))) in (0, PARTITIONS // 2, PARTITIONS)
    for agent in agents.values():
        shared.visits.send(shared.app, agent, 3)
    shared.visits.wait_for_ends(4 * PARTITIONS)
    assert shared.visits.check(4) == []


def test_nothing_moves_while_redis_is_away_nor_when_it_is_back_without_its_data(partitions, services, redis, alone):
    shared = partitions()
    workers = [shared.start(), shared.start()]
    before, agents = shared.owners(*workers), one_agent_per_partition()
    services("kill", "redis")
    try:
        for one in workers:
            one.wait_for_log("everybody keeps what they have")
    finally:
        services("start", "redis")
    for key in redis.keys(shared.settings["key_prefix"] + "*"):
        redis.delete(key)
    for one in workers:
        one.wait_for_log("partitions of ai.tasks: Redis is back")
    assert moved(before, shared.owners(*workers)) == set()
    assert [one.log().count(SERVING) for one in workers] == [2, 1], "a worker has served others meanwhile"
    for number in range(3):
        for agent in agents.values():
            shared.visits.send(shared.app, agent, number)
    shared.visits.wait_for_ends(3 * PARTITIONS)
    assert shared.visits.check(3) == []


@pytest.mark.parametrize("kind", ["classic", "quorum"])
def test_without_redis_the_broker_alone_keeps_the_order(partitions, kind):
    shared = partitions(type=kind)
    first = shared.start(backend="none")
    first.wait_for_log("Started consuming from ai.tasks.9")
    second = shared.start(backend="none")
    second.wait_for_log("Started consuming from ai.tasks.9")
    agents = one_agent_per_partition()
    for number in range(6):
        for agent in agents.values():
            shared.visits.send(shared.app, agent, number, 0.05)
    shared.visits.wait_for_ends(PARTITIONS)
    first.kill()
    shared.visits.wait_for_ends(6 * PARTITIONS)
    shared.visits.check(6, killed={first.name})
    assert {run.worker for run in shared.visits.runs()} == {first.name, second.name}


def test_what_is_sent_once_a_worker_is_ready_is_not_lost(partitions):
    shared = partitions()
    worker = shared.start()
    for agent in one_agent_per_partition().values():
        shared.visits.send(shared.app, agent, 0)
    shared.visits.wait_for_ends(PARTITIONS)
    assert {run.worker for run in shared.visits.runs()} == {worker.name}


def test_chard_sends_to_the_same_partition_as_python(partitions):
    shared = partitions()
    worker, path = shared.start(), shared.visits.path
    config = path.parent / "queues-1.yaml"
    shared.owners(worker)
    agents = list(one_agent_per_partition().values())[:3]
    for agent in agents:
        shared.visits.send(shared.app, agent, 0)
    for agent in agents:                               # by the route and the argument
        arguments = f'{{"agent_id": "{agent}", "number": 1, "path": "{path}"}}'
        shared.chard("call", "agents.visit", "--config", config, "-k", arguments, broker=shared.vhost)
    for agent in agents:                               # by the agent alone
        out, _ = shared.chard("call", "examples.echo", "--config", config, "--agent", agent, "-a", f'["{agent}"]',
                              "--wait", "20", broker=shared.vhost)
        assert agent in out
        row, = json.loads(shared.chard("partitions", "--config", config, "--agent", agent, "--json",
                                      broker=shared.vhost)[0])
        assert row["partition"] == partition(agent) and row["owner"] == worker.name
    shared.visits.wait_for_ends(2 * len(agents))
    assert shared.visits.check(2) == []
    _, error = shared.chard("call", "agents.visit", "--config", config, "-k", '{"number": 1}', broker=shared.vhost,
                            status=1)
    assert "agent_id" in error


def test_partitions_are_left_and_joined_by_control_commands(partitions):
    shared = partitions()
    one, other = shared.start(), shared.start()
    before, control = shared.owners(one, other), shared.app.control
    reply, = control.cancel_consumer("ai.tasks", destination=[one.name], reply=True, timeout=10)
    assert "ok" in reply[one.name]
    shared.owners(other)
    reply, = control.cancel_consumer("ai.tasks.3", destination=[other.name], reply=True, timeout=10)
    assert "one of the partitions" in str(reply[other.name])
    control.add_consumer("ai.tasks", destination=[one.name], reply=True, timeout=10)
    assert len(moved(before, shared.owners(one, other))) <= PARTITIONS


def test_a_rate_limit_does_not_let_a_task_pass_another(partitions):
    """Behind tasks that may start four times a second comes one of another kind that may start at once."""
    shared = partitions()
    worker = shared.start(top={"tasks": {"agents.visit": {"rate_limit": "4/s"}}}, options=["-Q", "ai.tasks"])
    shared.owners(worker)
    for number in range(4):
        shared.visits.send(shared.app, "agent-1", number)
    place = partition("agent-1")
    shared.app.send_task("examples.append", exchange="ai.tasks", routing_key=f"ai.tasks.{place}", kwargs={
        "path": str(shared.visits.path), "line": f"begin agent-1 4 {place} {worker.name}\nend agent-1 4"})
    shared.visits.wait_for_ends(5)
    assert shared.visits.check(5) == []


def test_a_queue_without_a_single_active_consumer_is_complained_of(partitions):
    shared = partitions()
    client = Bare(shared.vhost)
    client.declare("ai.tasks.3")
    worker = shared.start()
    worker.wait_for_log("x-single-active-consumer")
    shared.visits.send(shared.app, one_agent_per_partition()[3], 0)
    shared.visits.wait_for_ends(1)
    client.close()


def test_other_queues_know_nothing_of_partitions(worker, vhost, make_app, bare):
    """A worker without the section declares none of it."""
    process = worker({"work": {"routes": ["examples.*"]}}, broker=vhost)
    client = Bare(vhost)
    assert make_app("work", broker=vhost).send_task("examples.add", (1, 2)).get(timeout=30) == 3
    assert client.ready("ai.tasks.0") is None
    assert "partition" not in process.log()
    client.close()
