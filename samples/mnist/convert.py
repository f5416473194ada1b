#!/usr/bin/env python3
"""Writes the digits network and the held-out pictures in the files of the older samples, from the files in samples/data.

usage: samples/mnist/convert.py [--out DIR]
needs: numpy, onnx

  digits.prototxt        the network as Caffe describes it
  digits.caffemodel      its weights
  digits_mean.binaryproto  the mean of the 100 calibration pictures, to be subtracted from every picture
  digits-images.idx3-ubyte, digits-labels.idx1-ubyte  the 355 held-out pictures, pixels 0…16, and their labels

The network of digits.onnx takes pixels in 0…1. That of the prototxt takes pixels in 0…16 from which the mean has been
subtracted. Both compute the same: the first convolution's weights are divided by 16, and what the convolution makes of the
mean, borders included, is a Bias layer behind it.
"""
import argparse
import pathlib
import struct

import numpy as np

DATA = pathlib.Path(__file__).resolve().parents[1] / "data"
PIXELS = 16


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number, payload):
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def blob(array):
    """A BlobProto: its shape (field 7, of which field 1 lists the extents) and its numbers (field 5)."""
    array = np.ascontiguousarray(array, "<f4")
    shape = field(1, b"".join(varint(extent) for extent in array.shape))
    return field(7, shape) + field(5, array.tobytes())


def layer(name, kind, blobs):
    """A layer of a NetParameter (field 100): name, type, and blobs (fields 1, 2 and 7)."""
    body = field(1, name.encode()) + field(2, kind.encode()) + b"".join(field(7, blob(b)) for b in blobs)
    return field(100, body)


def convolve(x, weight):
    """3×3 with padding 1, of one picture [C, H, W]."""
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
    return np.einsum("chwij,mcij->mhw", windows, weight)


def text_layer(name, kind, bottom, top, params=""):
    params = f"\n  {params}" if params else ""
    return f'layer {{\n  name: "{name}"\n  type: "{kind}"\n  bottom: "{bottom}"\n  top: "{top}"{params}\n}}\n'


def network(weights, epsilon, mean):
    text = 'name: "digits"\nlayer {\n  name: "data"\n  type: "Input"\n  top: "data"\n'
    text += "  input_param { shape { dim: 1 dim: 1 dim: 8 dim: 8 } }\n}\n"
    model = field(1, b"digits") + layer("data", "Input", [])
    bottom = "data"
    for i in (1, 2, 3):
        weight = weights[f"conv{i}.weight"].astype(np.float64)
        top = f"conv{i}"
        if i == 1:
            weight = weight / PIXELS
        text += text_layer(top, "Convolution", bottom, top, f"convolution_param {{ num_output: {len(weight)} "
                           "kernel_size: 3 pad: 1 bias_term: false }")
        model += layer(top, "Convolution", [weight])
        if i == 1:
            text += text_layer("mean1", "Bias", top, top, "bias_param { axis: 1 num_axes: -1 }")
            model += layer("mean1", "Bias", [convolve(mean.astype(np.float64), weight)])
        text += text_layer(f"bn{i}", "BatchNorm", top, top, f"batch_norm_param {{ eps: {epsilon:.9g} }}")
        model += layer(f"bn{i}", "BatchNorm", [weights[f"bn{i}.mean"], weights[f"bn{i}.var"], np.ones(1)])
        text += text_layer(f"scale{i}", "Scale", top, top, "scale_param { bias_term: true }")
        model += layer(f"scale{i}", "Scale", [weights[f"bn{i}.scale"], weights[f"bn{i}.shift"]])
        text += text_layer(f"relu{i}", "ReLU", top, top)
        bottom = top
        if i > 1:
            bottom = f"pool{i}"
            text += text_layer(bottom, "Pooling", top, bottom, "pooling_param { pool: MAX kernel_size: 2 stride: 2 }")
    text += text_layer("ip", "InnerProduct", bottom, "ip", "inner_product_param { num_output: 10 }")
    model += layer("ip", "InnerProduct", [weights["dense.weight"], weights["dense.bias"]])
    text += text_layer("prob", "Softmax", "ip", "prob")
    return text, model


def main():
    import onnx
    import onnx.numpy_helper

    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, default=DATA)
    out = parser.parse_args().out

    graph = onnx.load(str(DATA / "digits.onnx")).graph
    weights = {t.name: onnx.numpy_helper.to_array(t) for t in graph.initializer}
    epsilon = next(a.f for n in graph.node if n.op_type == "BatchNormalization" for a in n.attribute if a.name == "epsilon")
    with np.load(DATA / "digits_calib.npz") as calibration, np.load(DATA / "digits_test.npz") as test:
        mean = (calibration["images"].astype(np.float64).mean(axis=0) * PIXELS).astype(np.float32)
        images, labels = test["images"], test["labels"]
    pixels = np.rint(images * PIXELS).astype(np.uint8)
    assert np.array_equal(pixels.astype(np.float32) / PIXELS, images)

    text, model = network(weights, epsilon, mean)
    out.mkdir(parents=True, exist_ok=True)
    (out / "digits.prototxt").write_text(text)
    (out / "digits.caffemodel").write_bytes(model)
    (out / "digits_mean.binaryproto").write_bytes(blob(mean[None]))
    # The format of the MNIST files: a magic number that names type and rank, the extents, the bytes.
    (out / "digits-images.idx3-ubyte").write_bytes(struct.pack(">4i", 0x803, len(pixels), 8, 8) + pixels.tobytes())
    (out / "digits-labels.idx1-ubyte").write_bytes(struct.pack(">2i", 0x801, len(labels)) + labels.astype(np.uint8).tobytes())


if __name__ == "__main__":
    main()
