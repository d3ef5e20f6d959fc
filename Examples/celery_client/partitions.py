"""Sends tasks of agents to the partitioned exchange `ai.tasks` from Python: each agent's tasks run in the order in which
they were sent. The exchange is there once a worker has run, or after `chard topology apply`.

    from partitions import route_by_agent
    app.conf.task_routes = (route_by_agent,)
    app.send_task("agents.visit", kwargs={"agent_id": "agent-1", …})
"""
import hashlib

PARTITIONS = 10                                   # as `partitions.count` in queues.yaml


def partition(agent_id):
    return int(hashlib.md5(str(agent_id).encode()).hexdigest(), 16) % PARTITIONS


def route_by_agent(name, args, kwargs, options, task=None, **_):
    """One of Celery's `task_routes`. No queue is named, so that Celery declares none: they are the workers' own."""
    if name.startswith("agents."):
        return {"exchange": "ai.tasks", "routing_key": f"ai.tasks.{partition(kwargs['agent_id'])}"}
    return None
