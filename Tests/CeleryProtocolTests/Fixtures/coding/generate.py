"""Writes coding.json: what Python's own libraries make of a table of values.

Run with the Python that has Celery: `python generate.py > coding.json`. Needs celery, kombu and python-dateutil.
"""
import json
import random
import struct
import sys
import traceback
import uuid
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal

from billiard.exceptions import SoftTimeLimitExceeded, TimeLimitExceeded, WorkerLostError
from celery import exceptions
from celery.utils.saferepr import saferepr
from dateutil.parser import isoparse
from kombu.utils import json as kombu_json

random.seed(20260102)

VALUES = [
    None, True, False, 0, -1, 7, 10, 99, 100, 1234567890, 2**31, -2**63, 2**63 - 1, 2**63, -2**63 - 1, 2**64, 10**30,
    0.0, -0.0, 1.0, 1.5, 0.1, 1e15, 1e16, 123456789012345680.0, 1e-4, 1e-5, 1.5e-7, 1e22, 1e23, 1e100, 5e-324,
    1.7976931348623157e308, float("inf"), float("-inf"), float("nan"), 3.141592653589793, 2.0**53, 2.0**54, 999999.5,
    "", "x", "it's", 'say "hi"', "both ' and \"", "back\\slash", "tab\tnewline\nreturn\r", "\x00\x01\x08\x0c\x1f\x7f",
    "é", "ß€", "日本語", "😀", "a😀b", "\u2028\u2029\ufeff", "</script>", "\xa0\xad", "x" * 60, "word " * 20, "é" * 50,
    b"", b"abc", b"it's \\ \n", "é".encode(), bytes(range(256)), b"\xff\xfe", b"x" * 60,
    [], [1], [1, 2, 3], [[]], [[[[]]]], [[[[1, 2]]]], [[1, [2, [3, [4]]]]], ["a", None, True, 1.5], [{}], list(range(300)),
    {}, {"a": 1}, {"a": {"b": {"c": {"d": 1}}}}, {"k'ey": "v"}, {"é": [1, {"x": None}]}, {"a": [], "b": {}, "c": "d"},
    {"long" + str(i): "value %d" % i for i in range(60)}, [{"task": "add", "args": [2, 2], "kwargs": {}, "options": {}}],
    datetime(2026, 1, 2, 3, 4, 5, 678901, timezone.utc), datetime(2026, 1, 2, 3, 4, 5), datetime(2026, 1, 2),
    datetime(2026, 1, 2, 3, 4, 0, 5, timezone(timedelta(hours=2))),
    datetime(2026, 1, 2, 3, 4, 0, 0, timezone(timedelta(hours=-5, minutes=-30))),
    datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999999),
    date(2026, 1, 2), time(3, 4, 5), time(3, 4), time(3, 4, 5, 6, timezone.utc),
    Decimal("1.50"), Decimal("-0.1"), Decimal("1E+3"), Decimal("NaN"), Decimal("Infinity"), Decimal("12345678901234567890.5"),
    uuid.UUID("12345678-1234-5678-1234-567812345678"), [uuid.UUID(int=0), {"when": date(2000, 2, 29)}],
    ["a" * 1100], {"k": "b" * 1030, "z": 1}, [["word " * 300, 2], 3], ["x" * 1022, 5], ["x" * 1018, [1, [2]], 5],
    {"a": ["x" * 1010, "y"], "b": 1}, [1] * 400, [[1] * 200, [2] * 200], [b"\xff" * 600, b"y" * 600],
]

INPUTS = [
    " [ 1 , 2 ] ", "\t{\n\"a\"\r: 1}", '{"a": 1, "b": 2, "a": 3}', "-0", "-0.0", "1E5", "1e+5", "1e-5", "1e400", "-1e400",
    "1e-400", "0.1e1", "123456789.123456789", "12345678901234567890.0", "NaN", "[NaN, Infinity, -Infinity]", "1.0E+2",
    '"\\u00e9\\n\\/\\b\\f"', '"\\ud83d\\ude00"', '"\\u0000"', '"é😀"', '"\\u00E9"', "9223372036854775808",
    "-9223372036854775808", "-9223372036854775809", "18446744073709551616", "100000000000000000000000", "0.30000000000000004",
    "1.00000000000000011102230246251565404236316680908203125", "9007199254740993.0", "2.2250738585072011e-308",
    '{"__type__": "datetime", "__value__": "2026-01-02T03:04:05+00:00"}',
    '{"__type__": "date", "__value__": "2026-01-02T03:04:05"}', '{"__type__": "time", "__value__": "03:04:05.000006"}',
    '{"__type__": "decimal", "__value__": "1.5"}', '{"__type__": "decimal", "__value__": 15}',
    '{"__type__": "uuid", "__value__": {"hex": "12345678123456781234567812345678"}}',
    '{"__type__": "uuid", "__value__": {"hex": "{12345678-1234-5678-1234-567812345678}"}}',
    '{"__type__": "bytes", "__value__": "\\u00e9"}', '{"__type__": "base64", "__value__": "//4="}',
    '{"__value__": "abc", "__type__": "bytes"}', '{"__type__": "bytes", "__value__": "abc", "more": 1}', '{"__type__": "bytes"}',
    '[{"__type__": "bytes", "__type__": "base64", "__value__": "YWJj"}]', '{"\\u005f_type__": "bytes", "__value__": "abc"}',
    '{"a": {"__type__": "bytes", "__value__": "abc"}}', "[[[[[[[[[[1]]]]]]]]]]",
    '{"__type__": "decimal", "__value__": "sNaN12"}', '{"__type__": "decimal", "__value__": "-5E-30"}',
    # refused by Python
    "", " ", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{", "{}}", '{"a"}', '{"a":}', '{"a":1,}', "{a: 1}", "{1: 2}",
    "'a'", '"a', '"\\x"', '"\\u12"', '"\\u12g4"', '"a\nb"', '"\x01"', "01", "-", "+1", ".5", "1.", "1.e5", "1e", "1e+",
    "0x10", "-Inf", "Inf", "-NaN", "nan", "nul", "nullx", "True", "1 2", "[] []", "// x\n1", "\ufeff1", "1_000", "-01",
    '{"__type__": "nope", "__value__": 1}', '{"__type__": null, "__value__": 1}', '{"__type__": "datetime", "__value__": "x"}',
    '{"__type__": "datetime", "__value__": 5}', '{"__type__": "uuid", "__value__": {"hex": "12"}}',
    '{"__type__": "decimal", "__value__": "abc"}', '{"__type__": "bytes", "__value__": 5}',
    '{"__type__": "time", "__value__": "25:00"}', '{"__type__": "decimal", "__value__": ""}',
    '{"__type__": "decimal", "__value__": "1e"}', '{"__type__": "date", "__value__": "2026-02-30"}',
]

TIMES = [
    "2026-01-02T03:04:05.678901+00:00", "2026-01-02T03:04:05.678901", "2026-01-02T03:04:05", "2026-01-02 03:04:05",
    "2026-01-02T03:04:05Z", "2026-01-02T03:04:05z", "2026-01-02T03:04:05+02:00", "2026-01-02T03:04:05-0530",
    "2026-01-02T03:04:05+14", "2026-01-02T03:04:05.6Z", "2026-01-02T03:04:05,678Z", "2026-01-02T03:04:05.123456789Z",
    "2026-01-02T03:04", "2026-01-02T03", "2026-01-02T03+01:00", "2026-01-02T0304", "2026-01-02T030405", "20260102",
    "20260102T030405Z", "20260102T030405.5-08:00", "2026", "2026-01", "2026-01-02", "2024-02-29", "2000-02-29", "1900-02-28",
    "1969-12-31T23:59:59.999999Z", "0001-01-01", "9999-12-31T23:59:59.999999", "2026-01-02T24:00:00", "2026-12-31T24:00",
    "2026-01-02T03:04Z", "1970-01-01T00:00:00-00:00", "2026-01-02x03:04:05", "2026-06-30T12:00:00+23:59",
    # refused
    "", "x", "2026-1-2", "202601", "2026-13-01", "2026-00-01", "2026-02-29", "2026-04-31", "2026-01-02T25:00:00",
    "2026-01-02T24:00:01", "2026-01-02T03:60", "2026-01-02T03:04:60", "2026-01-02T03:04:05.", "2026-01-02T03:04:05+",
    "2026-01-02T03:04:05+1", "2026-01-02T03:04:05+24:00", "2026-01-02T03:04:05+01:60", "2026-01-02T03:0405",
    "2026-01-02T0304:05", "2026-01-02T", "2026-01-02T03:04:05Zx", "2026-01-02T03:04:05 +00:00", "0000-01-01",
    "2026-01-02T03:04:05+00:00:00", "2026/01/02", "\u06602026-01-02",
]


def add(x, y): ...
def scale(x, factor=None): ...
def nothing(): ...
def one(x): ...
def many(a, b, c, d=None): ...
def words(first=None, second=None): ...


CALLS = [
    ("add", [], {}), ("add", [1], {}), ("add", [1, 2, 3], {}), ("add", [1, 2], {"z": 3}), ("add", [1, 2], {"x": 3}),
    ("add", [1], {"x": 3}), ("add", [], {"y": 3}), ("add", [], {"x": 1}), ("add", [1, 2, 3, 4], {"x": 3}),
    ("add", [1, 2, 3], {"z": 3}), ("add", [1], {"z": 3}), ("scale", [], {}), ("scale", [1, 2, 3], {}),
    ("scale", [1, 2], {"factor": 3}), ("scale", [], {"factor": 3}), ("nothing", [1], {}), ("nothing", [1, 2], {}),
    ("nothing", [], {"x": 1}), ("one", [1, 2], {}), ("one", [], {}), ("many", [], {}), ("many", [1], {}),
    ("many", [1, 2], {}), ("many", [1, 2, 3, 4, 5], {}), ("many", [], {"b": 1}), ("words", [1, 2, 3], {}),
    ("words", [], {"third": 1}), ("words", [None], {"first": 1}),
]

EXCEPTIONS = [
    ValueError("x"), ValueError(), ValueError("it's"), ValueError("a", 1), KeyError("k"), RuntimeError("line\nline"),
    TypeError("add() missing"), exceptions.NotRegistered("a.b"), exceptions.TaskRevokedError("expired"),
    TimeLimitExceeded(300), TimeLimitExceeded(1.5), SoftTimeLimitExceeded(), exceptions.Reject("no", True),
    exceptions.Reject(None, False), exceptions.ChordError("Dependency 1 raised ValueError('x')"), WorkerLostError("gone"),
    exceptions.MaxRetriesExceededError("Can't retry a[1] args:() kwargs:{}"), ValueError(None), ValueError(b"\xff'", "é\x00"),
    ValueError(1.0, [1, "a"], {"k": 'q"\''}), ValueError("\u200b\xad\U0001f600\ue000"), ValueError(datetime(2026, 1, 2)),
]


def loaded(text):
    try:
        return kombu_json.dumps(kombu_json.loads(text))
    except Exception:
        return None


def moment(text):
    try:
        value = isoparse(text)
    except Exception:
        return None
    value = value if value.tzinfo else value.replace(tzinfo=timezone.utc)
    return (value - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(microseconds=1)


def type_error(name, args, kwargs):
    try:
        globals()[name](*args, **kwargs)
    except TypeError as error:
        return str(error)
    return None


def exception(value):
    return {
        "module": type(value).__module__, "type": type(value).__qualname__, "message": kombu_json.dumps(value.args),
        "repr": repr(value), "str": str(value), "last": "".join(traceback.format_exception_only(value)),
    }


def floats():
    values = [random.uniform(-1000, 1000) for _ in range(40)] + [10.0 ** n for n in range(-10, 25)]
    values += [round(random.uniform(0, 100), 2) for _ in range(20)] + [float(random.randrange(10**18)) for _ in range(20)]
    while len(values) < 200:
        value = struct.unpack("<d", random.randbytes(8))[0]
        if value == value:
            values.append(value)
    return [[str(struct.unpack("<q", struct.pack("<d", v))[0]), repr(v)] for v in values]


json.dump({
    "values": [{
        "json": kombu_json.dumps(v), "saferepr": saferepr(v, 1024), "short": saferepr(v, 30), "repr": repr(v), "str": str(v),
    } for v in VALUES],
    "arguments": [{
        "args": kombu_json.dumps(a), "kwargs": kombu_json.dumps(k), "argsrepr": saferepr(tuple(a), 1024),
        "kwargsrepr": saferepr(k, 1024),
    } for a, k in [([], {}), ([5], {}), ([2, 2], {"z": 3}), (["a", [1]], {"b": None}), (["x" * 1030], {}), ([[[[1]]]], {})]],
    "inputs": [[text, loaded(text)] for text in INPUTS],
    "times": [[text, moment(text)] for text in TIMES],
    "stamps": [[m, (datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=m)).isoformat()] for m in [
        0, 1, -1, 1767323045678901, 1767323045000000, -62135596800000000, 253402300799999999, 951782400000000,
        4107542400000000, -2203891200000001]],
    "calls": [[n, kombu_json.dumps(a), kombu_json.dumps(k), type_error(n, a, k)] for n, a, k in CALLS],
    "exceptions": [exception(e) for e in EXCEPTIONS],
    "floats": floats(),
}, sys.stdout, indent=0, ensure_ascii=True)
