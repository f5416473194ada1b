# SPDX-License-Identifier: Apache-2.0
"""The tool `lathe`: build, run, bench, explain, diff, and how it fails."""
import json
import os
import pathlib
import re
import subprocess

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="the package onnx is not installed")

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = pathlib.Path(os.environ.get("LATHE_BUILD_DIR", ROOT / "build")) / "bin" / "lathe"
DIGITS = ROOT / "samples" / "data" / "digits.onnx"
pytestmark = pytest.mark.skipif(not TOOL.exists(), reason="lathe is not built")


def lathe(*arguments, cwd=None, status=0):
    done = subprocess.run([TOOL, *map(str, arguments)], capture_output=True, text=True, timeout=120, cwd=cwd,
                          env={**os.environ, "LATHE_TARGET": "cpu"}, check=False)
    assert (done.returncode != 0 if status is None else done.returncode == status), done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    path = tmp_path_factory.mktemp("lathe") / "digits.plan"
    lathe("build", DIGITS, "-o", path, "--min-shapes=images:1x1x8x8", "--opt-shapes=images:2x1x8x8", "--max-shapes=images:4x1x8x8", "--level=1",
          "--workspace=64M", "--timing-cache", path.with_suffix(".cache"), "--fallback=allow")
    assert path.with_suffix(".cache").exists() and not list(path.parent.glob("*.part"))
    return path


def test_run_answers(plan, tmp_path):
    data = np.load(ROOT / "samples" / "data" / "digits_test.npz")
    np.save(tmp_path / "x.npy", data["images"][:3].astype(np.float32))
    lathe("run", plan, "--input", f"images={tmp_path / 'x.npy'}", "--output", tmp_path / "out")
    assert np.load(tmp_path / "out" / "probabilities.npy").argmax(1).tolist() == data["labels"][:3].tolist()


def test_bench_json_and_roofline(plan):
    j = json.loads(lathe("bench", plan, "--seconds=0.01", "--json", "--roofline").stdout)
    assert 0 < j["min_ms"] <= j["median_ms"] <= j["max_ms"] and j["peak_gflops"] > 0 and j["peak_gbytes"] > 0
    assert j["layers"] and all(layer["limit"] in ("compute", "memory") for layer in j["layers"])
    assert any(layer["gflop"] > 0 for layer in j["layers"])
    text = lathe("bench", plan, "--seconds=0.01").stdout
    assert re.search(r"runs, min [\d.]+ ms, median [\d.]+ ms", text)


def nodes_of(path):
    graph = onnx.load(path).graph
    return [n.name or next((o for o in n.output if o), n.op_type) for n in graph.node]


def test_explain_names_each_node_once(plan, tmp_path):
    for file in (plan, DIGITS):
        j = json.loads(lathe("explain", file, "--json", *(["--level=1"] if file == DIGITS else [])).stdout)
        names = [n["name"] for n in j["engine"]["nodes"]]
        assert sorted(names) == sorted(set(nodes_of(DIGITS)))
        assert {n["fate"] for n in j["engine"]["nodes"]} <= {"executed", "fused", "removed"}
        steps = {s["name"] for s in j["engine"]["steps"]}
        for n in j["engine"]["nodes"]:
            assert n["fate"] == "removed" or n["detail"] in steps
        for s in j["engine"]["steps"]:
            assert s["tactic"] and all(t["format"] for t in s["inputs"] + s["outputs"])
    # A model is built, so that its candidates are known.
    verdicts = {c["verdict"] for c in j["candidates"]}
    assert {"timed", "refused"} <= verdicts and any(c.get("fastest") for c in j["candidates"])
    lathe("explain", plan, "--html", tmp_path / "page.html", "--trace", tmp_path / "trace.json")
    page = (tmp_path / "page.html").read_text()
    assert page.startswith("<!doctype html>") and not re.search(r'(src|href)="?http', page)
    assert len(json.loads((tmp_path / "trace.json").read_text())["traceEvents"]) >= 1
    assert "nodes of the model" in lathe("explain", plan).stdout


def test_diff(tmp_path):
    text = lathe("diff", DIGITS, "--layers", "--level=1").stdout
    assert "the reference kernels in fp32" in text and "probabilities" in text
    j = json.loads(lathe("diff", DIGITS, "--json", "--level=1").stdout)
    assert all(t["error"] <= j["tolerance"] for t in j["tensors"])
    np.save(tmp_path / "x.npy", np.zeros((1, 1, 8, 8), np.float32))
    np.savez(tmp_path / "wrong.npz", probabilities=np.full((1, 10), 0.5, np.float32))
    done = lathe("diff", DIGITS, "--level=0", "--input", f"images={tmp_path / 'x.npy'}", "--against", tmp_path / "wrong.npz", status=1)
    assert "lathe: error: differences of up to" in done.stderr and "'probabilities'" in done.stderr


def test_error_budget(tmp_path):
    np.savez(tmp_path / "calib.npz", images=np.load(ROOT / "samples" / "data" / "digits_test.npz")["images"][:1].astype(np.float32))
    out = lathe("build", DIGITS, "-o", tmp_path / "d.plan", "--bf16", "--max-rel-err=0.5", "--calib", tmp_path / "calib.npz", "--level=0").stdout
    assert "of the budget 0.5" in out
    done = lathe("build", DIGITS, "-o", tmp_path / "e.plan", "--max-rel-err=0.5", "--level=0", status=1)
    assert "--calib data.npz" in done.stderr and not (tmp_path / "e.plan").exists()


def test_failures_say_what_where_and_a_hint(plan, tmp_path):
    done = lathe("build", "no.onnx", "-o", tmp_path / "x.plan", status=1)
    assert done.stderr.startswith("lathe: error: ") and "no.onnx" in done.stderr
    done = lathe("build", DIGITS, "-o", tmp_path / "x.plan", "--shapes=pixels:1x1x8x8", status=1)
    assert "lathe: error: the model has no input 'pixels' (--shapes)" in done.stderr and "hint: its inputs: images" in done.stderr
    done = lathe("run", plan, status=1)
    assert "lathe: error: input 'images' is missing" in done.stderr and "hint: --input images=file.npy" in done.stderr
    done = lathe("run", DIGITS, status=1)
    assert "this is no plan" in done.stderr
    done = lathe("build", DIGITS, "-o", tmp_path / "no" / "folder.plan", "--level=0", status=1)
    assert "cannot write the file" in done.stderr
    done = lathe("build", DIGITS, "-o", tmp_path / "x.plan", "--target=tpu", status=1)
    assert "'tpu' is no target" in done.stderr
    assert lathe("frobnicate", status=None).stderr
