#!/usr/bin/env python3
"""Adds up what a test run left behind and ends with the line `N passed, N failed`.

usage: count_tests.py RESULTS RUNNER_FAILED
RESULTS holds ctest.json (`ctest --show-only=json-v1`), ctest.xml (its JUnit report), gtest/*.xml (one for each program
that ran all its cases in one process) and pytest.xml. Such a program counts with its single cases; when it ended without
a report (it crashed, or ran out of time) it counts as one failure. Every other entry of ctest counts as one.
RUNNER_FAILED is 1 when ctest or pytest itself exited with a failure: no sum may hide it.
Exit status 0 only when at least one test passed and none failed.
"""
import collections
import json
import pathlib
import sys
import xml.etree.ElementTree as ET


def case_result(case):
    """passed, failed or skipped, and for a skipped case the reason."""
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed", ""
    skipped = case.find("skipped")
    if skipped is not None:
        message = skipped.get("message") or ""
        # ctest says the same of a test that chose to skip and of one that it could not start.
        if case.get("status") == "notrun" and not message.startswith("SKIP_"):
            return "failed", ""
        # googletest puts the place of GTEST_SKIP on a line of its own before the reason.
        lines = [line.strip() for line in message.splitlines() if line.strip()]
        return "skipped", lines[-1] if lines else ""
    if case.get("status") == "fail":
        return "failed", ""
    if case.get("status") in ("notrun", "disabled"):  # googletest's DISABLED_, ctest's DISABLED
        return "skipped", ""
    return "passed", ""


class Sum:
    def __init__(self):
        self.count = collections.Counter()
        self.failed, self.reasons = [], collections.Counter()

    def add(self, name, result, reason=""):
        self.count[result] += 1
        if result == "failed":
            self.failed.append(name)
        if result == "skipped":
            self.reasons[reason or "no reason given"] += 1

    def add_cases(self, path):
        results = []
        for case in ET.parse(path).iter("testcase"):
            name = f"{case.get('classname', '')}.{case.get('name', '')}"
            result, reason = case_result(case)
            self.add(name, result, reason)
            results.append(result)
        return results


def program_of(test):
    """The program's name, when the entry runs all its googletest cases in one process."""
    command = test.get("command") or [""]
    if any(a.startswith("--gtest_filter") for a in command[1:]):
        return None
    return pathlib.PurePath(command[0]).name


def add_ctest(total, folder):
    if not (folder / "ctest.xml").exists():
        return
    listed = json.loads((folder / "ctest.json").read_text())
    programs = {t["name"]: program_of(t) for t in listed.get("tests", [])}
    for case in ET.parse(folder / "ctest.xml").iter("testcase"):
        name = case.get("name", "")
        result, reason = case_result(case)
        report = folder / "gtest" / f"{programs.get(name)}.xml"
        if programs.get(name) and report.exists():
            try:
                inner = total.add_cases(report)
            except ET.ParseError:
                total.add(name + " (its report is cut short)", "failed")
                continue
            if result == "failed" and "failed" not in inner:
                total.add(name + " (the program ended badly)", "failed")
        else:
            total.add(name, result, reason)


def main():
    folder, runner_failed = pathlib.Path(sys.argv[1]), sys.argv[2] == "1"
    total = Sum()
    add_ctest(total, folder)
    if (folder / "pytest.xml").exists():
        total.add_cases(folder / "pytest.xml")
    if runner_failed and not total.failed:
        total.add("the test runner itself failed: see the output above", "failed")
    for reason, n in total.reasons.most_common():
        print(f"skipped {n}: {reason}")
    for name in total.failed:
        print(f"FAILED {name}")
    line = f"{total.count['passed']} passed, {total.count['failed']} failed"
    (folder / "summary.txt").write_text(line + "\n")
    print(line)
    return 0 if total.count["passed"] and not total.count["failed"] else 1


if __name__ == "__main__":
    sys.exit(main())
