# SPDX-License-Identifier: Apache-2.0
"""Random graphs against ONNX Runtime (onnx_random.py), by fixed seeds."""
import collections

import pytest

pytest.importorskip("tensorrt", reason="the Python module is not built (PYTHONPATH=build/python)")
pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed")
pytest.importorskip("onnx", reason="the package onnx is not installed")
onnx_random = pytest.importorskip("onnx_random")


def judge(results, least):
    failed = [f"seed {seed}: {text}" for seed, outcome, text in results if outcome == "failed"]
    assert not failed, failed
    assert collections.Counter(outcome for _, outcome, _ in results)["pass"] >= least * len(results)


def test_some_graphs_agree():
    judge(onnx_random.run_seeds(range(150), jobs=2, level=1), 0.95)


# What these seeds found: a Resize folded into a plan that could not be read, packing by a range of channels, timing with
# shapes that don't suit each other, a gemm's bias that varies.
@pytest.mark.parametrize("level", [0, 2])
def test_graphs_that_once_went_wrong(level):
    seeds = [1, 13, 400, 1107, 1944, 2033, 2204, 2217, 2603, 2816, 2821, 3686, 4184, 10013, 10018, 10130, 10273, 10345, 10353, 10416]
    judge(onnx_random.run_seeds(seeds, jobs=2, level=level), 0.8)


@pytest.mark.slow
@pytest.mark.parametrize("level", [0, 1, 2])
def test_many_graphs_agree(level):
    judge(onnx_random.run_seeds(range(100000 + 2000 * level, 102000 + 2000 * level), jobs=2, level=level), 0.95)
