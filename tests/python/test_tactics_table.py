# SPDX-License-Identifier: Apache-2.0
"""bench/tactics_table.py: tactics depend on the problem, and a smaller workspace excludes some."""
import json
import os
import pathlib
import subprocess
import sys

import pytest

pytest.importorskip("tensorrt", reason="the Python module is not built (PYTHONPATH=build/python)")

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_workspace_excludes_candidates():
    done = subprocess.run([sys.executable, ROOT / "bench" / "tactics_table.py", "--quick", "--json", "--level", "2"], capture_output=True, text=True,
                          timeout=300, env={**os.environ, "LATHE_TARGET": "cpu"}, check=True)
    rows = json.loads(done.stdout)
    assert len(rows) == 12
    conv = [r for r in rows if r["kind"] == "conv" and r["problem"].startswith("1×64×56×56")]
    smallest, largest = conv[0], conv[-1]
    assert smallest["excluded"] and all(need > smallest["limit"] for _, need in smallest["excluded"])
    assert not largest["excluded"]
    assert all(t["workspace"] <= smallest["limit"] for t in smallest["timed"].values())
    assert len(largest["timed"]) + len(largest["refused"]) > len(smallest["timed"])
    assert len({r["winner"] for r in rows}) >= 2
