"""Many workflows at once, put into a queue as Celery's canvas would, but faster."""
import json

import pika

from . import messages


class Workflows:
    """Chords and chains of `examples.add` in one queue; `expected`: id of the last task -> its result; `groups`:
    the ids of its chords' headers."""

    def __init__(self, queue, bare, redis, file=None):
        self.queue, self.channel, self.redis, self.file = queue, bare.channel, redis, file
        self.expected, self.lines, self.groups = {}, [], set()

    def signature(self, name, args, task_id, **options):
        return {"task": name, "args": list(args), "kwargs": {}, "options": {"task_id": task_id, **options},
                "subtask_type": None, "immutable": False}

    def last(self, label):
        """The task that ends a workflow: it returns what comes in, and with `file` it leaves a line."""
        task_id = messages.new_id()
        if self.file is None:
            return self.signature("examples.pair", ("end",), task_id)
        self.lines.append(label)
        return self.signature("examples.note", (str(self.file), label), task_id)

    def publish(self, task, args, embed, **headers):
        task_id = headers.pop("id")
        embed = {"callbacks": None, "errbacks": None, "chain": None, "chord": None, **embed}
        self.channel.basic_publish("", self.queue, messages.body(args, embed=embed), pika.BasicProperties(
            headers=messages.headers(task_id, task, **headers), content_type="application/json",
            content_encoding="utf-8", delivery_mode=2, correlation_id=task_id))

    def result(self, value):
        return value if self.file else ["end", value]

    def chord(self, parts):
        group, body = messages.new_id(), self.last(f"chord-{len(self.expected)}")
        body["options"]["reply_to"] = ""
        self.groups.add(group)
        self.redis.set(f"celery-taskset-meta-{group}.s", parts, ex=86400)
        for index in range(parts):
            self.publish("examples.add", (index, index), {"chord": body}, id=messages.new_id(), group=group,
                         group_index=index)
        self.expected[body["options"]["task_id"]] = self.result([2 * index for index in range(parts)])

    def chain(self, length):
        tasks = [self.signature("examples.add", (1,), messages.new_id()) for _ in range(length - 2)]
        tasks.append(self.last(f"chain-{len(self.expected)}"))
        self.publish("examples.add", (1, 1), {"chain": tasks[::-1]}, id=messages.new_id())
        self.expected[tasks[-1]["options"]["task_id"]] = self.result(length)

    def bookkeeping(self):
        """Keys of its chords by which parts are counted, that are still there."""
        keys = [f"celery-taskset-meta-{group}.{kind}" for group in self.groups for kind in "jtsd"]
        return [key for start in range(0, len(keys), 1000) for key in self.there(keys[start:start + 1000])]

    def there(self, keys):
        pipeline = self.redis.pipeline(transaction=False)
        for key in keys:
            pipeline.exists(key)
        return [key for key, found in zip(keys, pipeline.execute()) if found]

    def missing(self):
        """Ids of workflows whose end is not stored yet; a wrong end is an error at once."""
        missing, ids = [], list(self.expected)
        for start in range(0, len(ids), 1000):
            part = ids[start:start + 1000]
            for one, stored in zip(part, self.redis.mget([f"celery-task-meta-{one}" for one in part])):
                meta = json.loads(stored) if stored else None
                if meta is None or meta["status"] in ("STARTED", "RETRY"):
                    missing.append(one)
                else:
                    assert (meta["status"], meta["result"]) == ("SUCCESS", self.expected[one]), meta
        return missing
