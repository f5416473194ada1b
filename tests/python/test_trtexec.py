# SPDX-License-Identifier: Apache-2.0
"""trtexec as scripts use it: flags, summary lines, JSON files, exit status."""
import json
import os
import pathlib
import re
import subprocess

import numpy as np
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = pathlib.Path(os.environ.get("LATHE_BUILD_DIR", ROOT / "build")) / "bin" / "trtexec"
DIGITS = ROOT / "samples" / "data" / "digits.onnx"
pytestmark = pytest.mark.skipif(not TOOL.exists(), reason="trtexec is not built")
QUICK = ("--warmUp=0", "--duration=0", "--builderOptimizationLevel=0")


def trtexec(*arguments, cwd=None):
    return subprocess.run([TOOL, *arguments], capture_output=True, text=True, timeout=120, cwd=cwd, env={**os.environ, "LATHE_TARGET": "cpu"},
                          check=False)


def numbers(text, name):
    found = re.search(rf"\[I\] {name}: min = (\S+) ms, max = (\S+) ms, mean = (\S+) ms, median = (\S+) ms, percentile\(90%\) = (\S+) ms", text)
    assert found, text
    return [float(n) for n in found.groups()]


def test_build_save_and_measure(tmp_path):
    done = trtexec(f"--onnx={DIGITS}", "--saveEngine=d.plan", "--minShapes=images:1x1x8x8", "--optShapes=images:4x1x8x8",
                   "--maxShapes=images:8x1x8x8", "--shapes=images:4x1x8x8", "--iterations=20", "--avgRuns=5", "--exportTimes=t.json",
                   "--exportProfile=p.json", "--exportLayerInfo=l.json", "--exportOutput=o.json", "--profilingVerbosity=detailed", "--dumpProfile",
                   "--timingCacheFile=c.cache", *QUICK, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert re.match(r"&&&& RUNNING TensorRT\.trtexec \[v101\d+\] # \S+trtexec --onnx=", lines[0])
    assert re.match(r"&&&& PASSED TensorRT\.trtexec \[v101\d+\] # \S+trtexec --onnx=", lines[-1])
    assert re.search(r"\[I\] Throughput: [\d.e+]+ qps", done.stdout)
    for name in ("Latency", "Enqueue Time", "H2D Latency", "GPU Compute Time", "D2H Latency"):
        least, most, mean, median, p90 = numbers(done.stdout, name)
        assert least <= median <= most and least <= mean <= most and p90 <= most
    assert done.stdout.count("Average on 5 runs - GPU latency: ") == 4
    times = json.loads((tmp_path / "t.json").read_text())
    assert len(times) == 20
    for t in times:
        assert t["startH2dMs"] <= t["endH2dMs"] <= t["startComputeMs"] <= t["endComputeMs"] <= t["startD2hMs"] <= t["endD2hMs"]
        assert abs(t["latencyMs"] - t["h2dMs"] - t["computeMs"] - t["d2hMs"]) < 1e-3
    profile = json.loads((tmp_path / "p.json").read_text())
    assert profile[0] == {"count": 20}
    assert abs(sum(p["percentage"] for p in profile[1:]) - 100) < 0.1
    layers = json.loads((tmp_path / "l.json").read_text())
    assert layers["Bindings"] == ["images", "probabilities"] and {p["name"] for p in profile[1:]} == {l["Name"] for l in layers["Layers"]}
    (output,) = json.loads((tmp_path / "o.json").read_text())
    assert output["name"] == "probabilities" and output["dimensions"] == "4x10" and len(output["values"]) == 40
    assert abs(sum(output["values"]) - 4) < 1e-4
    assert (tmp_path / "c.cache").stat().st_size > 0

    again = trtexec("--loadEngine=d.plan", "--shapes=images:2x1x8x8", "--iterations=3", "--streams=2", "--useSpinWait", "--dumpOptimizationProfile",
                    *QUICK[:2], cwd=tmp_path)
    assert again.returncode == 0 and "Maximum shape = 8x1x8x8" in again.stdout, again.stdout + again.stderr


def test_inputs_and_outputs(tmp_path):
    x = np.load(ROOT / "samples" / "data" / "digits_test.npz")["images"][:1]
    x.astype(np.float32).tofile(tmp_path / "x.raw")
    np.save(tmp_path / "x.npy", x.astype(np.float32))
    values = []
    for file in ("x.raw", "x.npy"):
        done = trtexec(f"--onnx={DIGITS}", f"--loadInputs=images:{file}", "--shapes=images:1x1x8x8", "--exportOutput=o.json", "--iterations=1",
                       "--dumpOutput", "--dumpRawBindingsToFile", "--noDataTransfers", *QUICK, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        values.append(json.loads((tmp_path / "o.json").read_text())[0]["values"])
    assert values[0] == values[1] and int(np.argmax(values[0])) == np.load(ROOT / "samples" / "data" / "digits_test.npz")["labels"][0]
    assert (tmp_path / "images.input.1.1.8.8.fp32.raw").stat().st_size == 256
    wrong = trtexec(f"--onnx={DIGITS}", "--loadInputs=images:x.raw", "--shapes=images:2x1x8x8", *QUICK, cwd=tmp_path)
    assert wrong.returncode == 1 and "256 bytes where input 'images' of shape 2x1x8x8 has 512" in wrong.stderr


def test_formats_of_inputs_and_outputs(tmp_path):
    x = np.load(ROOT / "samples" / "data" / "digits_test.npz")["images"][:2].astype(np.float16)
    np.save(tmp_path / "x.npy", x)
    padded = np.zeros((2, 8, 8, 8), np.float16)  # NHWC, channels padded to 8 with what nobody may read
    padded[..., 0] = x[:, 0]
    padded[..., 1:] = np.nan
    padded.tofile(tmp_path / "hwc8.raw")
    values = []
    for form, file in (("chw", "x.npy"), ("hwc8", "x.npy"), ("hwc8", "hwc8.raw"), ("chw2+dla_hwc4", "x.npy")):
        done = trtexec(f"--onnx={DIGITS}", f"--inputIOFormats=fp16:{form}", "--outputIOFormats=fp32:chw", f"--loadInputs=images:{file}",
                       "--shapes=images:2x1x8x8", "--exportOutput=o.json", "--iterations=1", *QUICK, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        values.append(json.loads((tmp_path / "o.json").read_text())[0]["values"])
    assert all(v == values[0] for v in values)
    labels = np.load(ROOT / "samples" / "data" / "digits_test.npz")["labels"][:2]
    assert list(np.argmax(np.reshape(values[0], (2, 10)), 1)) == list(labels)
    wrong = trtexec(f"--onnx={DIGITS}", "--inputIOFormats=fp32:hwc8", "--shapes=images:1x1x8x8", *QUICK, cwd=tmp_path)
    assert wrong.returncode == 1 and "kHWC8 is no format of f32" in wrong.stderr


def test_without_transfers_their_times_are_zero(tmp_path):
    for flags in (("--noDataTransfers",), ("--noDataTransfers", "--useSpinWait"), ("--useManagedMemory",)):
        done = trtexec(f"--onnx={DIGITS}", "--shapes=images:2x1x8x8", "--iterations=4", "--exportTimes=t.json", *flags, *QUICK, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        assert numbers(done.stdout, "H2D Latency") == numbers(done.stdout, "D2H Latency") == [0] * 5
        for t in json.loads((tmp_path / "t.json").read_text()):
            assert t["h2dMs"] == t["d2hMs"] == 0 and t["latencyMs"] == t["computeMs"] > 0
            assert 0 < t["startH2dMs"] == t["endH2dMs"] == t["startComputeMs"] < t["endComputeMs"] == t["startD2hMs"] == t["endD2hMs"]


def test_at_most_so_many_tactics_are_timed():
    def timed(*flags):
        done = trtexec(f"--onnx={DIGITS}", "--skipInference", "--verbose", *flags)
        assert done.returncode == 0, done.stdout + done.stderr
        return int(re.search(r"(\d+) timings measured", done.stdout + done.stderr).group(1))
    counts = [timed(), timed("--maxTactics=2"), timed("--maxTactics=1"), timed("--maxTactics=0")]
    assert counts[0] > counts[1] > counts[2] > counts[3] == 0, counts


def test_what_cannot_be_done_is_said():
    graph = trtexec(f"--onnx={DIGITS}", "--useCudaGraph", "--iterations=2", *QUICK)
    assert graph.returncode == 0 and "[W] --useCudaGraph: runs cannot be captured" in graph.stderr
    for arguments, text in (((), "neither a model nor a plan"), (("--onnx=no.onnx",), "no.onnx"), ((f"--onnx={DIGITS}", "--safe"), "kSTANDARD"),
                            ((f"--onnx={DIGITS}", "--useDLACore=0"), "DLA"), ((f"--onnx={DIGITS}", "--batch=2"), "implicit batch"),
                            ((f"--onnx={DIGITS}", "--bogus"), "unknown flag '--bogus'"), ((f"--onnx={DIGITS}", "--device=3"), "no device of this number"),
                            ((f"--onnx={DIGITS}", "--shapes=nope:1"), "the model has no input 'nope'")):
        done = trtexec(*arguments, *(QUICK if arguments else ("--verbose",)))
        assert done.returncode == 1, arguments
        assert done.stdout.splitlines()[-1].startswith("&&&& FAILED TensorRT.trtexec [v"), arguments
        assert text in done.stderr, (arguments, done.stderr)


def test_help_and_skipped_inference(tmp_path):
    done = trtexec("--help")
    assert done.returncode == 0 and "--exportLayerInfo=FILE" in done.stdout and "&&&& PASSED" in done.stdout
    done = trtexec(f"--onnx={DIGITS}", "--skipInference", "--saveEngine=d.plan", *QUICK, cwd=tmp_path)
    assert done.returncode == 0 and (tmp_path / "d.plan").exists() and "Throughput" not in done.stdout
    done = trtexec("--loadEngine=d.plan", "--getPlanVersionOnly", cwd=tmp_path)
    assert done.returncode == 0 and "plan format version 1" in done.stdout


def test_debug_tensors(tmp_path):
    done = trtexec(f"--onnx={DIGITS}", "--shapes=images:2x1x8x8", "--markDebug=dense_out", "--saveDebugTensors=dense_out:l.raw", "--iterations=1",
                   "--exportOutput=o.json", *QUICK, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    logits = np.fromfile(tmp_path / "l.raw", np.float32).reshape(2, 10).astype(np.float64)
    e = np.exp(logits - logits.max(1, keepdims=True))
    (output,) = json.loads((tmp_path / "o.json").read_text())
    np.testing.assert_allclose(np.reshape(output["values"], (2, 10)), e / e.sum(1, keepdims=True), atol=1e-4)

    done = trtexec(f"--onnx={DIGITS}", "--shapes=images:2x1x8x8", "--markUnfusedTensorsAsDebugTensors", "--saveAllDebugTensors=numpy",
                   "--iterations=1", *QUICK, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    files = list(tmp_path.glob("*.npy"))
    assert len(files) > 2 and any(np.load(f).shape == (2, 10) for f in files), files
