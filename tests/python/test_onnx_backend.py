# SPDX-License-Identifier: Apache-2.0
"""ONNX's own backend tests (onnx_backend.py): a sample, and all of them. docs/onnx_support.md lists what is refused."""
import re

import pytest

pytest.importorskip("tensorrt", reason="the Python module is not built (PYTHONPATH=build/python)")
pytest.importorskip("onnx", reason="the package onnx is not installed")
onnx_backend = pytest.importorskip("onnx_backend")

# Files of the package's node tests, chosen for width: layouts, types, shapes computed while running, control flow.
SAMPLE = ["add", "argmax", "attention", "averagepool", "bitcast", "cast", "clip", "concat", "conv", "convinteger", "cumsum",
          "deformconv", "dequantizelinear", "dft", "einsum", "expand", "gather", "gemm", "gridsample", "if_", "layernormalization",
          "linear_attention", "loop", "lstm", "matmul", "maxpool", "maxunpool", "nonmaxsuppression", "nonzero", "pad", "qlinearmatmul",
          "rangeop", "reducesum", "reshape", "resize", "rotaryembedding", "scan", "scatternd", "slice", "softmax", "split", "topk",
          "transpose", "where"]
LEAST_SHARE = 0.98  # of the cases whose types can be bound


def listed():
    """Names in docs/onnx_support.md of what does not pass."""
    return set(re.findall(r"^\| `(test_\w+)` \|", onnx_backend.DOCS.read_text(), re.M))


def judge(results):
    failed = [f"{case.name}: {text}" for case, outcome, text in results if outcome == "failed"]
    assert not failed, failed
    unlisted = {case.name for case, outcome, _ in results if outcome in ("refused", "otherwise")} - listed()
    assert not unlisted, f"not in {onnx_backend.DOCS}: {unlisted}"


def test_a_sample_passes():
    results = onnx_backend.run_all(onnx_backend.load(["node", "pytorch-operator"], SAMPLE), jobs=2)
    judge(results)
    assert sum(outcome == "pass" for _, outcome, _ in results) > 250


@pytest.mark.slow
@pytest.mark.parametrize("level", [0, 2])
def test_all_pass_or_are_listed(level):
    results = onnx_backend.run_all(onnx_backend.load(), jobs=2, level=level)
    judge(results)
    n = onnx_backend.counts(results)
    assert n["pass"] + n["random"] + n["constant"] >= LEAST_SHARE * (len(results) - n["unbindable"])
    if level == 0:
        assert onnx_backend.docs(results) == onnx_backend.DOCS.read_text(), "run onnx_backend.py --write-docs"


@pytest.mark.slow
def test_all_pass_with_extents_that_vary():
    results = onnx_backend.run_all(onnx_backend.load(), jobs=2, dynamic=True)
    failed = [f"{case.name}: {text}" for case, outcome, text in results if outcome == "failed"]
    assert not failed, failed
