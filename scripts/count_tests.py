#!/usr/bin/python3
"""Adds up test reports: count_tests.py FOLDER STEP:STATUS:REASON...

Reads every JUnit report in FOLDER, prints what failed and, as the last line, "N passed, N failed[, N skipped]".
A step whose exit status is not 0 although no report of it names a failure counts as one failure of its own. The exit
status is 0 only when something passed and nothing failed.
"""
import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def outcome(case):
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    return "skipped" if case.find("skipped") is not None else "passed"


def main(folder, *steps):
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    failed_in = set()
    for report in sorted(pathlib.Path(folder).glob("*.xml")):
        try:
            cases = list(ElementTree.parse(report).iter("testcase"))
        except ElementTree.ParseError:
            continue                                          # cut off: its step has failed, and says so below
        for case in cases:
            result = outcome(case)
            counts[result] += 1
            if result == "failed":
                failed_in.add(report.name.split("-")[0].removesuffix(".xml"))
                print(f"failed: {case.get('classname')}.{case.get('name')}")
    for step in steps:
        name, status, reason = step.split(":", 2)
        if status != "0" and (name not in failed_in or status == "124"):
            counts["failed"] += 1
            print(f"failed: {name}: {reason}")
    skipped = f", {counts['skipped']} skipped" if counts["skipped"] else ""
    print(f"{counts['passed']} passed, {counts['failed']} failed{skipped}")
    return 0 if counts["passed"] and not counts["failed"] else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
