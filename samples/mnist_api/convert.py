#!/usr/bin/env python3
"""Writes digits.wts, the weights that sample_mnist_api reads, from samples/data/digits.onnx.

usage: convert.py [--out FOLDER]
"""
import argparse
import pathlib

import numpy as np

DATA = pathlib.Path(__file__).resolve().parents[1] / "data"
EPSILON = 1e-5


def entries(weights):
    for i in (1, 2, 3):
        factor = weights[f"bn{i}.scale"] / np.sqrt(weights[f"bn{i}.var"] + EPSILON)
        yield f"conv{i}", weights[f"conv{i}.weight"]
        yield f"scale{i}", factor
        yield f"shift{i}", weights[f"bn{i}.shift"] - weights[f"bn{i}.mean"] * factor
    yield "dense", weights["dense.weight"]
    yield "bias", weights["dense.bias"]


def main():
    import onnx
    import onnx.numpy_helper

    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, default=DATA)
    out = parser.parse_args().out
    graph = onnx.load(DATA / "digits.onnx").graph
    weights = {t.name: onnx.numpy_helper.to_array(t).astype(np.float64) for t in graph.initializer}
    lines = []
    for name, array in entries(weights):
        bits = np.ascontiguousarray(array, "<f4").view("<u4").ravel()
        lines.append(f"{name} 0 {bits.size} " + " ".join(f"{b:x}" for b in bits))
    (out / "digits.wts").write_text(f"{len(lines)}\n" + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
