"""Writes a queues.yaml for one test. The only place that knows the file's keys."""
import yaml


def queue(routes=None, routing_key=None, priority=None, concurrency=None, prefetch=None, max_deliveries=None, **more):
    settings = {
        "routes": routes, "routing_key": routing_key, "priority": priority, "concurrency": concurrency,
        "prefetch": prefetch, "max_deliveries": max_deliveries, **more,
    }
    return {key: value for key, value in settings.items() if value is not None}


def write(path, queues, **top):
    """`queues`: name -> what `queue()` answers. `top`: keys beside `queues`."""
    path.write_text(yaml.safe_dump({**top, "queues": queues}, sort_keys=False), encoding="utf-8")
    return path


#: The four queues of DESIGN §6 as they stand there.
FOUR_QUEUES = {
    "inference": queue(["ai.inference.*"], "ai.inference", 10),
    "health": queue(["system.health.*"], "system.health", 8),
    "processing": queue(["data.processing.*"], "data.proc", 5),
    "training": queue(["ai.training.*"], "ai.training", 3),
}
