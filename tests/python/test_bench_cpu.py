# SPDX-License-Identifier: Apache-2.0
"""bench/cpu.py on the digits network: a table, a JSON file, and failures that are told."""
import json
import os
import pathlib
import subprocess
import sys

import pytest

pytest.importorskip("tensorrt", reason="the Python module is not built (PYTHONPATH=build/python)")
pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed")

ROOT = pathlib.Path(__file__).resolve().parents[2]
DIGITS = ROOT / "samples" / "data" / "digits.onnx"


def bench(*arguments):
    return subprocess.run([sys.executable, ROOT / "bench" / "cpu.py", "--peers", "ort", "--seconds", "0.02", "--threads", "1", *arguments],
                          capture_output=True, text=True, timeout=120, env={**os.environ, "LATHE_TARGET": "cpu"}, check=False)


def test_table_and_json(tmp_path):
    done = bench(str(DIGITS), "--range", "--batch", "4", "--json", str(tmp_path / "rows.json"))
    assert done.returncode == 0, done.stdout + done.stderr
    (row,) = json.loads((tmp_path / "rows.json").read_text())
    assert row["right"] and row["ratio"] > 0 and row["plan_mib"] > 0
    for who in ("ort", "ours"):
        assert 0 < row[who]["min_ms"] <= row[who]["median_ms"] and row[who]["peak_mib"] > 0
    lines = done.stdout.splitlines()
    assert lines[-2].startswith("digits") and "geometric mean of best peer / ours" in lines[-1] and "lowest" in lines[-1]


def test_failure_is_told_and_the_others_still_run():
    done = bench("no_such_network", str(DIGITS))
    assert done.returncode == 1
    assert "no_such_network        FAILED no graph no_such_network" in done.stdout
    assert "over 1 networks" in done.stdout
