"""Messages made by hand: what no well-behaved client would send, and what old ones do."""
import json
import struct
import uuid


def headers(task_id, task="examples.add", **more):
    """All protocol 2 headers as Celery 5.7 sends them."""
    base = {
        "lang": "py", "task": task, "id": task_id, "shadow": None, "eta": None, "expires": None, "group": None,
        "group_index": None, "retries": 0, "timelimit": [None, None], "root_id": task_id, "parent_id": None,
        "argsrepr": "(2, 3)", "kwargsrepr": "{}", "origin": "gen1@test", "ignore_result": False,
        "replaced_task_nesting": 0, "stamped_headers": None, "stamps": {},
    }
    return {**base, **more}


def body(args=(2, 3), kwargs=None, embed=None):
    empty = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}
    return json.dumps([list(args), kwargs or {}, embed or empty]).encode()


def body_v1(task_id, task, args=(), kwargs=None, **more):
    base = {
        "task": task, "id": task_id, "args": list(args), "kwargs": kwargs or {}, "group": None, "group_index": None,
        "retries": 0, "eta": None, "expires": None, "utc": True, "callbacks": None, "errbacks": None,
        "timelimit": [None, None], "taskset": None, "chord": None,
    }
    return json.dumps({**base, **more}).encode()


def new_id():
    return str(uuid.uuid4())


def short(text):
    raw = text.encode()
    return bytes([len(raw)]) + raw


def long(raw):
    raw = raw.encode() if isinstance(raw, str) else raw
    return struct.pack(">I", len(raw)) + raw


def table_with_every_type(task_id, task="examples.add"):
    """An AMQP field table (AMQP 0-9-1 §4.2.5.5 and RabbitMQ's errata) with a field of each type the broker takes."""
    inner = short("k") + b"S" + long("v")
    items = [
        b"S" + long("text"), b"x" + long(b"\x00\xff\x01"), b"V", b"t\x01", b"t\x00",
        b"b" + struct.pack(">b", -7), b"B" + struct.pack(">B", 200), b"s" + struct.pack(">h", -300),
        b"u" + struct.pack(">H", 60000), b"I" + struct.pack(">i", -70000), b"i" + struct.pack(">I", 4000000000),
        b"l" + struct.pack(">q", -(2 ** 40)), b"f" + struct.pack(">f", 1.5), b"d" + struct.pack(">d", 2.25),
        b"D" + struct.pack(">Bi", 2, 314), b"T" + struct.pack(">Q", 1767225600),
        b"F" + long(inner), b"A" + long(b"I" + struct.pack(">i", 1) + b"V" + b"F" + long(inner)),
    ]
    table = b"".join(short(f"x-type-{number}") + item for number, item in enumerate(items))
    for key, value in (("lang", "py"), ("task", task), ("id", task_id)):
        table += short(key) + b"S" + long(value)
    return table
