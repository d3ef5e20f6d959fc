"""Turns what was measured into one table and a verdict on each goal."""
import os
import platform
import re
import statistics
import subprocess

import monitor
from workers import ALL

MIN_SHARE, MAX_CPU_US, MAX_P99_MS_MORE, MAX_MB, MAX_GROWTH_MB = 0.9, 6.0, 1.0, 60.0, 1.0


def machine():
    """What the figures depend on, in one line."""
    model = re.search(r"model name\s*: (.*)", open("/proc/cpuinfo").read())
    memory = int(re.search(r"MemTotal:\s*(\d+)", open("/proc/meminfo").read())[1]) // 1024 // 1024
    redis = re.search(r"v=(\S+)", subprocess.run(["redis-server", "--version"], capture_output=True, text=True).stdout)
    rabbit = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "rabbitmq-server"], capture_output=True, text=True).stdout
    return (f"{os.cpu_count()} cores ({model[1] if model else platform.machine()}), {memory} GB, Linux {platform.release()}, "
            f"RabbitMQ {rabbit.split('-')[0]}, Redis {redis[1] if redis else '?'}, "
            f"load {os.getloadavg()[0]:.1f} before the first run")


def run_line(worker, found):
    if "problem" in found:
        return f"{worker.title}: DISCARDED: {found['problem']}"
    return (f"{worker.title:13} {found['rate']:8,.0f} tasks/s, {found['cpu_us']:6.2f} µs CPU a task, "
            f"{found['peak_mb']:5.1f} MB (settled after {found['settled_s']:.0f} s)")


def latency_line(worker, found):
    if "problem" in found:
        return f"{worker.title}: DISCARDED: {found['problem']}"
    return f"{worker.title:13} p50 {found['p50'] / 1000:.2f} ms, p99 {found['p99'] / 1000:.2f} ms"


def good(runs, **wanted):
    return [run for run in runs if "problem" not in run and all(run[key] == value for key, value in wanted.items())]


def median(values):
    values = list(values)
    return statistics.median(values) if values else None


def shares(runs, queue):
    """Each Chard run's rate against the mean of the yardstick runs before and after it (null when one is missing)."""
    runs = [run for run in runs if run["queue"] == queue]
    found = []
    for at, run in enumerate(runs):
        if run["worker"] != "chard" or "problem" in run:
            continue
        before = next((each for each in reversed(runs[:at]) if each["worker"] == "yardstick"), None)
        after = next((each for each in runs[at:] if each["worker"] == "yardstick"), None)
        if before and after and "problem" not in before and "problem" not in after:
            found.append(run["rate"] / ((before["rate"] + after["rate"]) / 2))
    return found


def summary(found):
    """One row for each queue and worker: the medians."""
    rows = []
    for queue in ("classic", "quorum"):
        for worker in ALL:
            runs = good(found["throughput"], queue=queue, worker=worker.name)
            times = good(found["latency"], queue=queue, worker=worker.name)
            if not runs and not times:
                continue
            rates = [run["rate"] for run in runs]
            rows.append({
                "queue": queue, "worker": worker.name, "title": worker.title, "runs": len(runs),
                "rate": median(rates), "least": min(rates, default=None), "most": max(rates, default=None),
                "share": median(shares(found["throughput"], queue)) if worker.name == "chard" else None,
                "cpu_us": median(run["cpu_us"] for run in runs), "peak_mb": max((run["peak_mb"] for run in runs), default=None),
                "p50_ms": median(run["p50"] / 1000 for run in times), "p99_ms": median(run["p99"] / 1000 for run in times),
            })
    # Others have no neighbours of their own: the ratio of the medians.
    for row in rows:
        yardstick = next((each for each in rows if each["queue"] == row["queue"] and each["worker"] == "yardstick"), None)
        if row["share"] is None and row["rate"] and yardstick and yardstick["rate"]:
            row["share"] = row["rate"] / yardstick["rate"]
    return rows


def cell(value, pattern):
    return "–" if value is None else pattern.format(value)


def feature(what, worker, runs, **more):
    """The row of one thing beside plain throughput: the medians. No row without runs."""
    rates = [run["rate"] for run in runs if "rate" in run]
    return [{"what": what, "worker": worker.name, "title": worker.title, "runs": len(runs), "rate": median(rates),
             "least": min(rates, default=None), "most": max(rates, default=None), "share": None,
             "cpu_us": median(run["cpu_us"] for run in runs if "cpu_us" in run), "p50_ms": None, "p99_ms": None,
             **more}] if runs else []


def features(found):
    """Rows of what was measured for those that run real tasks, each thing's workers below each other."""
    workers = [worker for worker in ALL if worker.name != "yardstick"]
    rows = []
    for what, on in (("tasks, events off", False), ("tasks, events on", True)):
        for worker in workers:
            runs, off = (good(found.get("events", []), worker=worker.name, events=flag) for flag in (on, False))
            both = on and runs and off
            share = median(run["rate"] for run in runs) / median(run["rate"] for run in off) if both else None
            rows += feature(what, worker, runs, share=share)
    for worker in workers:
        rows += feature("chords of ten", worker, good(found.get("chords", []), worker=worker.name))
    for command in ("ping", "active"):
        for worker in workers:
            runs = good(found.get("control", []), worker=worker.name)
            rows += feature(f"{command}, all slots busy", worker, runs, p50_ms=median(run[command]["p50"] for run in runs),
                            p99_ms=median(run[command]["p99"] for run in runs))
    return rows


def features_table(rows):
    head = ["what", "worker", "per second", "(least – most)", "of events off", "CPU µs each", "p50 ms", "p99 ms", "runs"]
    return drawn(head, [[
        row["what"], row["title"], cell(row["rate"], "{:,.0f}"),
        "–" if row["rate"] is None else f"{row['least']:,.0f} – {row['most']:,.0f}", cell(row["share"], "{:.2f}"),
        cell(row["cpu_us"], "{:,.2f}"), cell(row["p50_ms"], "{:.2f}"), cell(row["p99_ms"], "{:.2f}"), str(row["runs"]),
    ] for row in rows])


def table(rows):
    head = ["queue", "worker", "tasks/s", "(least – most)", "of yardstick", "CPU µs/task", "peak MB", "p50 ms", "p99 ms", "runs"]
    return drawn(head, [[
        row["queue"], row["title"], cell(row["rate"], "{:,.0f}"),
        f"{cell(row['least'], '{:,.0f}')} – {cell(row['most'], '{:,.0f}')}", cell(row["share"], "{:.2f}"),
        cell(row["cpu_us"], "{:.2f}"), cell(row["peak_mb"], "{:.1f}"), cell(row["p50_ms"], "{:.2f}"),
        cell(row["p99_ms"], "{:.2f}"), str(row["runs"]),
    ] for row in rows])


def drawn(head, lines):
    """A table that is also Markdown."""
    lines = [head, *lines]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    rows = ["| " + " | ".join(text.ljust(width) if column < 2 else text.rjust(width)
                               for column, (text, width) in enumerate(zip(line, widths))) + " |" for line in lines]
    rule = "|" + "|".join("-" * (width + 1) + ("-" if column < 2 else ":") for column, width in enumerate(widths)) + "|"
    return "\n".join([rows[0], rule, *rows[1:]])


def goals(found, rows):
    """(reached, text) for each goal that was measured."""
    verdicts = []
    for row in rows:
        if row["worker"] != "chard":
            continue
        yardstick = next((each for each in rows if each["queue"] == row["queue"] and each["worker"] == "yardstick"), {})
        if row["share"] is not None:
            verdicts.append((row["share"] >= MIN_SHARE, f"{row['queue']}: {row['share']:.2f} of the yardstick's throughput (goal ≥ {MIN_SHARE})"))
        if row["cpu_us"] is not None:
            verdicts.append((row["cpu_us"] <= MAX_CPU_US, f"{row['queue']}: {row['cpu_us']:.2f} µs CPU a task (goal ≤ {MAX_CPU_US:g})"))
        if row["p99_ms"] is not None and yardstick.get("p99_ms") is not None:
            more = row["p99_ms"] - yardstick["p99_ms"]
            verdicts.append((more <= MAX_P99_MS_MORE, f"{row['queue']}: p99 latency {more:+.2f} ms against the yardstick's (goal ≤ +{MAX_P99_MS_MORE:g} ms)"))
    memory = found.get("memory", {})
    if memory.get("late_mb") and not memory["problem"]:
        growth = memory["late_mb"] - memory["early_mb"]
        verdicts.append((memory["late_mb"] <= MAX_MB, f"memory: {memory['late_mb']:.1f} MB resident after {memory['tasks']:,} tasks, peak {memory['peak_mb']:.1f} (goal ≤ {MAX_MB:g})"))
        verdicts.append((growth <= MAX_GROWTH_MB, f"memory: {growth:+.1f} MB between the {memory['early_tasks']:,}th and the last task (goal: none; up to {MAX_GROWTH_MB:g} is noise)"))
    mixed = found.get("mixed", {})
    if "mixed" in mixed:
        alone, beside = mixed["alone"], mixed["mixed"]
        verdicts.append((beside["p99"] < 50_000 and beside["seen"] == beside["sent"],
                         f"mixed load: {beside['rate']:,.0f} no-ops/s beside sleeping and burning tasks ({alone['rate']:,.0f} alone); at 100/s "
                         f"p50 {beside['p50'] / 1000:.2f} (alone {alone['p50'] / 1000:.2f}), p99 {beside['p99'] / 1000:.2f} ms "
                         f"(alone {alone['p99'] / 1000:.2f}; goal < 50)"))
    return verdicts


def text(found):
    rows = summary(found)
    parts = [f"\n{found['machine']}\nmedians; {found['options']['tasks']:,} prefilled tasks a run "
             f"({found['options']['celery_tasks']:,} for Python Celery), latency at 100 tasks/s; {found['seconds'] / 60:.0f} minutes\n"]
    if rows:
        parts.append(table(rows) + "\n")
    if more := features(found):
        parts.append(features_table(more) + "\n")
    if "monitor" in found:
        parts.append(monitor.text(found["monitor"]) + "\n")
    parts += [f"{'reached' if reached else 'MISSED '}  {line}" for reached, line in goals(found, rows)]
    parts += [f"discarded  {line}" for line in found["discarded"]]
    return "\n".join(parts)
