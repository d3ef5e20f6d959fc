"""Compares a run of the suite with the control run, and says what it means.

    report.py RESULTS CONTROL           exit status 1 when a test fails with Chard that passes with Celery's worker
    report.py --store RESULTS CONTROL   makes RESULTS, of a run with Celery's worker, the new control
"""
import json
import pathlib
import sys

import expectations

GOOD = ("passed", "xfailed")


def store(results, path):
    """Ids, outcomes and rounded times; what a part of the suite has brought is laid over what is there."""
    known = json.loads(path.read_text()) if path.exists() else {}
    for test_id, result in results.items():
        known[test_id] = {"outcome": result["outcome"], "seconds": round(result["seconds"])}
    rows = ",\n".join(f"{json.dumps(test_id)}: {json.dumps(known[test_id])}" for test_id in sorted(known))
    path.write_text("{\n" + rows + "\n}\n")


def compare(results, control):
    """The ids of the regressions; tells everything else."""
    regressions, common, better, unknown = [], [], [], []
    for test_id, result in results.items():
        before = control.get(test_id, {}).get("outcome")
        if result["outcome"] == "failed":
            (regressions if before in GOOD else common if before else unknown).append(test_id)
        elif result["outcome"] in GOOD and before == "failed":
            better.append(test_id)
    tell("fail with Celery's own worker, too", common)
    tell("fail, and the control run does not know them", unknown)
    tell("pass, and fail with Celery's own worker", better)
    tell("REGRESSIONS: fail, and pass with Celery's own worker", regressions)
    return regressions + unknown


def tell(title, ids):
    if ids:
        print(f"\n{len(ids)} {title}:")
        for test_id in ids:
            print(f"  {test_id}")


def tell_skips(results):
    by_reason = {}
    for test_id, result in results.items():
        if result["outcome"] == "skipped":
            by_reason.setdefault(result.get("reason", "the suite gives no reason"), []).append(test_id)
    for reason, ids in sorted(by_reason.items()):
        tell(f"skipped: {reason}", ids)


def main(words):
    keep = words[:1] == ["--store"]
    results_path, control_path = map(pathlib.Path, words[keep:])
    results = json.loads(results_path.read_text())
    tell_skips(results)
    if keep:
        store(results, control_path)
        bad = [test_id for test_id, result in results.items()
               if result["outcome"] == "failed" and not expectations.reason(test_id, expectations.EXTERNAL)]
        tell("fail with Celery's own worker, without a reason in expectations.py", bad)
    else:
        bad = compare(results, json.loads(control_path.read_text()))
    count = {name: sum(result["outcome"] == name for result in results.values())
             for name in ("passed", "xfailed", "failed", "skipped")}
    if count["xfailed"]:
        print(f"\n{count['xfailed']} of the passed ones fail as the suite expects (xfail)")
    print(f"\n{count['passed'] + count['xfailed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
