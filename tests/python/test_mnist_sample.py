# SPDX-License-Identifier: Apache-2.0
"""The Caffe files of the digits are what their script makes of the ONNX file, and compute what it computes."""
import pathlib
import re
import struct
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "samples" / "data"
FILES = ("digits.prototxt", "digits.caffemodel", "digits_mean.binaryproto", "digits-images.idx3-ubyte",
         "digits-labels.idx1-ubyte")


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    out = tmp_path_factory.mktemp("mnist")
    subprocess.run([sys.executable, str(ROOT / "samples" / "mnist" / "convert.py"), "--out", str(out)], check=True)
    return out


@pytest.mark.parametrize("name", FILES)
def test_files_are_those_of_the_script(converted, name):
    made, kept = (converted / name).read_bytes(), (DATA / name).read_bytes()
    if name != "digits.caffemodel":
        assert made == kept
        return
    # What the first convolution makes of the mean may differ in its last bits from one numpy to another.
    assert len(made) == len(kept)
    assert sum(a != b for a, b in zip(made, kept)) < 2048


def fields(message):
    """(number, value) of a message that has varints and lengths only."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        tag = varint()
        size = varint()
        if tag & 7 == 2:
            yield tag >> 3, message[at:at + size]
            at += size
        else:
            yield tag >> 3, size


def varints(run):
    value = shift = 0
    for byte in run:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield value
            value = shift = 0


def blob_of(message):
    parts = dict(fields(message))
    shape = list(varints(dict(fields(parts[7]))[1]))
    return np.frombuffer(parts[5], "<f4").reshape(shape)


def test_the_network_computes_what_the_onnx_file_does():
    """An independent way through the prototxt's layers, in numpy, against ONNX Runtime."""
    ort = pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed")
    layers = {}
    for number, message in fields((DATA / "digits.caffemodel").read_bytes()):
        if number != 100:
            continue
        parts = list(fields(message))
        layers[next(v for n, v in parts if n == 1).decode()] = [blob_of(v) for n, v in parts if n == 7]
    raw = (DATA / "digits-images.idx3-ubyte").read_bytes()
    count = struct.unpack(">4i", raw[:16])[1]
    pixels = np.frombuffer(raw[16:], np.uint8).reshape(count, 1, 8, 8).astype(np.float32)
    x = pixels - blob_of((DATA / "digits_mean.binaryproto").read_bytes())
    kinds = re.findall(r'name: "(\w+)"\s+type: "(\w+)"', (DATA / "digits.prototxt").read_text())
    for name, kind in kinds[1:]:
        blobs = layers.get(name, [])
        if kind == "Convolution":
            padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
            windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
            x = np.einsum("nchwij,mcij->nmhw", windows, blobs[0], optimize=True)
        elif kind == "Bias":
            x = x + blobs[0]
        elif kind == "BatchNorm":
            mean, variance = (b[:, None, None] / blobs[2][0] for b in blobs[:2])
            x = (x - mean) / np.sqrt(variance + 1e-5)
        elif kind == "Scale":
            x = x * blobs[0][:, None, None] + blobs[1][:, None, None]
        elif kind == "ReLU":
            x = np.maximum(x, 0)
        elif kind == "Pooling":
            x = x.reshape(*x.shape[:2], x.shape[2] // 2, 2, x.shape[3] // 2, 2).max(axis=(3, 5))
        elif kind == "InnerProduct":
            x = x.reshape(count, -1) @ blobs[0].T + blobs[1]
        else:
            assert kind == "Softmax"
            x = np.exp(x - x.max(axis=1, keepdims=True))
            x /= x.sum(axis=1, keepdims=True)
    session = ort.InferenceSession(str(DATA / "digits.onnx"), providers=["CPUExecutionProvider"])
    np.testing.assert_allclose(x, session.run(None, {"images": pixels / 16})[0], atol=2e-5)
