"""The sum of `./dev test` must not lose a failure, whatever way a test failed."""
import json
import os
import pathlib
import subprocess
import sys

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "count_tests.py"
OK = '<testcase name="{0}" status="run"/>'
BAD = '<testcase name="{0}" status="fail"><failure message=""/></testcase>'


def count(tmp_path, ctest="", programs=(), gtest=None, pytest_xml=None, runner_failed="0"):
    (tmp_path / "gtest").mkdir()
    listed = [{"name": n, "command": [f"/b/{c}"] + list(args)} for n, c, *args in programs]
    (tmp_path / "ctest.json").write_text(json.dumps({"tests": listed}))
    (tmp_path / "ctest.xml").write_text(f"<testsuite>{ctest}</testsuite>")
    for name, text in (gtest or {}).items():
        (tmp_path / "gtest" / f"{name}.xml").write_text(text)
    if pytest_xml:
        (tmp_path / "pytest.xml").write_text(pytest_xml)
    run = subprocess.run([sys.executable, str(SCRIPT), str(tmp_path), runner_failed], capture_output=True, text=True,
                         env={**os.environ, "PYTHONPATH": ""})
    return run.returncode, run.stdout.splitlines()


def test_cases_of_a_program_count_singly(tmp_path):
    report = '<testsuites><testsuite><testcase name="B" classname="A" status="run"/>' \
             '<testcase name="C" classname="A" status="run"/>' \
             '<testcase name="D" classname="A" status="notrun" result="suppressed"/>' \
             '<testcase name="E" classname="A" status="run" result="skipped"><skipped message="a.cc:2&#x0A;no GPU"/></testcase>' \
             '</testsuite></testsuites>'
    code, lines = count(tmp_path, OK.format("t"), [("t", "prog")], {"prog": report})
    assert (code, lines[-1]) == (0, "2 passed, 0 failed")
    assert "skipped 1: no GPU" in lines


def test_failed_case_fails_the_run(tmp_path):
    report = '<testsuites><testcase name="B" classname="A" status="run"><failure message="x"/></testcase>' \
             '<testcase name="C" classname="A" status="run"/></testsuites>'
    code, lines = count(tmp_path, BAD.format("t"), [("t", "prog")], {"prog": report}, runner_failed="1")
    assert (code, lines[-1]) == (1, "1 passed, 1 failed")
    assert "FAILED A.B" in lines


def test_crash_without_a_report_is_a_failure(tmp_path):
    code, lines = count(tmp_path, OK.format("s") + BAD.format("t"), [("s", "true"), ("t", "prog")], runner_failed="1")
    assert (code, lines[-1]) == (1, "1 passed, 1 failed")


def test_crash_after_the_report_is_a_failure(tmp_path):
    report = '<testsuites><testcase name="B" classname="A" status="run"/></testsuites>'
    code, lines = count(tmp_path, BAD.format("t"), [("t", "prog")], {"prog": report}, runner_failed="1")
    assert (code, lines[-1]) == (1, "1 passed, 1 failed")


def test_report_cut_short_is_a_failure(tmp_path):
    code, lines = count(tmp_path, BAD.format("t"), [("t", "prog")], {"prog": "<testsuites><testca"}, runner_failed="1")
    assert (code, lines[-1]) == (1, "0 passed, 1 failed")


def test_program_that_cannot_start_is_a_failure(tmp_path):
    missing = '<testcase name="t" status="notrun"><skipped message="Unable to find executable"/></testcase>'
    skipped = '<testcase name="u" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/></testcase>'
    code, lines = count(tmp_path, OK.format("s") + missing + skipped, runner_failed="1")
    assert (code, lines[-1]) == (1, "1 passed, 1 failed")


def test_single_case_entries_count_once(tmp_path):
    code, lines = count(tmp_path, OK.format("A.B") + OK.format("A.C"),
                        [("A.B", "prog", "--gtest_filter=A.B"), ("A.C", "prog", "--gtest_filter=A.C")],
                        {"prog": '<testsuites><testcase name="C" classname="A" status="run"/></testsuites>'})
    assert (code, lines[-1]) == (0, "2 passed, 0 failed")


def test_runner_failure_without_a_failed_case(tmp_path):
    code, lines = count(tmp_path, OK.format("s"), runner_failed="1")
    assert (code, lines[-1]) == (1, "1 passed, 1 failed")


def test_pytest_is_added(tmp_path):
    code, lines = count(tmp_path, OK.format("s"), pytest_xml='<testsuites><testcase classname="m" name="a"/>'
                        '<testcase classname="m" name="b"><error message="x"/></testcase></testsuites>')
    assert (code, lines[-1]) == (1, "2 passed, 1 failed")


def test_nothing_ran(tmp_path):
    code, lines = count(tmp_path)
    assert (code, lines[-1]) == (1, "0 passed, 0 failed")
