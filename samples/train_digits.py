#!/usr/bin/env python3
"""Trains the small convolutional network of samples/data/digits.onnx on scikit-learn's scanned digits.

usage: samples/train_digits.py [--out DIR] [--epochs N]
needs: numpy, scikit-learn (for the pictures), onnx (for the file); onnxruntime checks the result when it is installed.

The data set has 1,797 pictures of 8×8 pixels, each written by a person. Every fifth picture of each class, 355 in all, is
held out; the network never sees those. Written are

  digits.onnx        opset 17, input `images` N×1×8×8 float32 in 0…1, output `probabilities` N×10; N is dynamic.
                     Batch normalization is left in the graph, for the builder to fold.
  digits_test.npz    the held-out pictures: `images` (as above), `labels` (int64)
  digits_calib.npz   100 pictures of the training part: `images`, for calibration

The archives are stored, not compressed, so that a reader needs no inflate. The seed is fixed: the same versions of numpy
and of its BLAS on the same kind of processor write the same bytes.
"""
import argparse
import pathlib
import sys

import numpy as np

SEED = 20
HELD_OUT_EVERY = 5
BATCH = 32
RATE = 3e-3
DECAY = 1e-4
MOMENTUM = 0.9  # of the running mean and variance
EPSILON = 1e-5


class Conv:
    """3×3, stride 1, padding 1, no bias: batch normalization follows."""

    def __init__(self, rng, name, inputs, outputs):
        self.name = name
        scale = np.sqrt(2.0 / (inputs * 9))
        self.weight = (rng.standard_normal((outputs, inputs, 3, 3)) * scale).astype(np.float32)
        self.params = ["weight"]

    def forward(self, x, training):
        n, c, h, w = x.shape
        padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
        self.columns = np.ascontiguousarray(windows.transpose(0, 2, 3, 1, 4, 5)).reshape(n * h * w, c * 9)
        self.shape = x.shape
        y = self.columns @ self.weight.reshape(len(self.weight), -1).T
        return np.ascontiguousarray(y.reshape(n, h, w, -1).transpose(0, 3, 1, 2))

    def backward(self, grad):
        n, c, h, w = self.shape
        rows = np.ascontiguousarray(grad.transpose(0, 2, 3, 1)).reshape(n * h * w, -1)
        self.grad_weight = (rows.T @ self.columns).reshape(self.weight.shape)
        columns = (rows @ self.weight.reshape(len(self.weight), -1)).reshape(n, h, w, c, 3, 3)
        padded = np.zeros((n, c, h + 2, w + 2), np.float32)
        for dy in range(3):
            for dx in range(3):
                padded[:, :, dy:dy + h, dx:dx + w] += columns[..., dy, dx].transpose(0, 3, 1, 2)
        return padded[:, :, 1:-1, 1:-1]


class BatchNorm:
    def __init__(self, name, channels):
        self.name = name
        self.scale = np.ones(channels, np.float32)
        self.shift = np.zeros(channels, np.float32)
        self.mean = np.zeros(channels, np.float32)
        self.var = np.ones(channels, np.float32)
        self.params = ["scale", "shift"]

    def forward(self, x, training):
        if training:
            mean, var = x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))
            count = x.size // x.shape[1]
            self.mean = MOMENTUM * self.mean + (1 - MOMENTUM) * mean
            self.var = MOMENTUM * self.var + (1 - MOMENTUM) * var * (count / (count - 1))
        else:
            mean, var = self.mean, self.var
        self.inverse = 1 / np.sqrt(var + EPSILON)
        self.normal = (x - _wide(mean)) * _wide(self.inverse)
        return self.normal * _wide(self.scale) + _wide(self.shift)

    def backward(self, grad):
        self.grad_scale = (grad * self.normal).sum(axis=(0, 2, 3))
        self.grad_shift = grad.sum(axis=(0, 2, 3))
        count = grad.size // grad.shape[1]
        centred = grad - _wide(self.grad_shift / count) - self.normal * _wide(self.grad_scale / count)
        return centred * _wide(self.scale * self.inverse)


class Relu:
    params = []

    def __init__(self, name):
        self.name = name

    def forward(self, x, training):
        self.mask = x > 0
        return x * self.mask

    def backward(self, grad):
        return grad * self.mask


class MaxPool:
    """2×2, stride 2."""

    params = []

    def __init__(self, name):
        self.name = name

    def forward(self, x, training):
        n, c, h, w = x.shape
        tiles = x.reshape(n, c, h // 2, 2, w // 2, 2).transpose(0, 1, 2, 4, 3, 5).reshape(n, c, h // 2, w // 2, 4)
        self.pick = tiles.argmax(axis=-1)[..., None]
        return np.take_along_axis(tiles, self.pick, axis=-1)[..., 0]

    def backward(self, grad):
        n, c, h, w = grad.shape
        tiles = np.zeros((n, c, h, w, 4), np.float32)
        np.put_along_axis(tiles, self.pick, grad[..., None], axis=-1)
        return tiles.reshape(n, c, h, w, 2, 2).transpose(0, 1, 2, 4, 3, 5).reshape(n, c, h * 2, w * 2)


class Dense:
    """Flattens its input first."""

    def __init__(self, rng, name, inputs, outputs):
        self.name = name
        self.weight = (rng.standard_normal((outputs, inputs)) * np.sqrt(1.0 / inputs)).astype(np.float32)
        self.bias = np.zeros(outputs, np.float32)
        self.params = ["weight", "bias"]

    def forward(self, x, training):
        self.shape = x.shape
        self.rows = x.reshape(len(x), -1)
        return self.rows @ self.weight.T + self.bias

    def backward(self, grad):
        self.grad_weight = grad.T @ self.rows
        self.grad_bias = grad.sum(axis=0)
        return (grad @ self.weight).reshape(self.shape)


def _wide(v):
    return v[None, :, None, None]


def network(rng):
    return [
        Conv(rng, "conv1", 1, 16), BatchNorm("bn1", 16), Relu("relu1"),
        Conv(rng, "conv2", 16, 32), BatchNorm("bn2", 32), Relu("relu2"), MaxPool("pool2"),
        Conv(rng, "conv3", 32, 64), BatchNorm("bn3", 64), Relu("relu3"), MaxPool("pool3"),
        Dense(rng, "dense", 64 * 2 * 2, 10),
    ]


def forward(layers, x, training=False):
    for layer in layers:
        x = layer.forward(x, training)
    return x


def softmax(logits):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


class Adam:
    def __init__(self, layers):
        self.slots = [(layer, p) for layer in layers for p in layer.params]
        self.first = [np.zeros_like(getattr(layer, p)) for layer, p in self.slots]
        self.second = [np.zeros_like(getattr(layer, p)) for layer, p in self.slots]
        self.step_count = 0

    def step(self, rate):
        self.step_count += 1
        for k, (layer, p) in enumerate(self.slots):
            value, grad = getattr(layer, p), getattr(layer, "grad_" + p)
            if value.ndim > 1:
                grad = grad + DECAY * value
            self.first[k] = 0.9 * self.first[k] + 0.1 * grad
            self.second[k] = 0.999 * self.second[k] + 0.001 * grad * grad
            m = self.first[k] / (1 - 0.9 ** self.step_count)
            v = self.second[k] / (1 - 0.999 ** self.step_count)
            setattr(layer, p, (value - rate * m / (np.sqrt(v) + 1e-8)).astype(np.float32))


def shifted(rng, x):
    """Each picture moved by at most one pixel a direction: people do not centre what they write."""
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    moves = rng.integers(0, 3, (len(x), 2))
    return np.stack([padded[i, :, dy:dy + 8, dx:dx + 8] for i, (dy, dx) in enumerate(moves)])


def train(x, labels, epochs, rng):
    layers = network(rng)
    adam = Adam(layers)
    steps = epochs * (len(x) // BATCH)
    done = 0
    for epoch in range(epochs):
        order, losses = rng.permutation(len(x)), []
        for start in range(0, len(x) - BATCH + 1, BATCH):
            pick = order[start:start + BATCH]
            p = softmax(forward(layers, shifted(rng, x[pick]), training=True))
            losses.append(-np.log(p[np.arange(BATCH), labels[pick]] + 1e-12).mean())
            p[np.arange(BATCH), labels[pick]] -= 1
            grad = p / BATCH
            for layer in reversed(layers):
                grad = layer.backward(grad)
            adam.step(RATE * 0.5 * (1 + np.cos(np.pi * done / steps)))
            done += 1
        print(f"epoch {epoch + 1:2d}/{epochs}  loss {np.mean(losses):.4f}", flush=True)
    return layers


def split(labels):
    """True for held-out pictures: every fifth of each class, in the data set's own order."""
    held = np.zeros(len(labels), bool)
    for digit in range(10):
        held[np.flatnonzero(labels == digit)[HELD_OUT_EVERY - 1::HELD_OUT_EVERY]] = True
    return held


def to_onnx(layers):
    from onnx import TensorProto, checker, helper, numpy_helper

    nodes, weights, at = [], [], "images"

    def add(op, name, inputs, **attributes):
        nonlocal at
        at = name + "_out"
        nodes.append(helper.make_node(op, inputs, [at], name=name, **attributes))

    def weight(name, value):
        weights.append(numpy_helper.from_array(np.ascontiguousarray(value, np.float32), name))
        return name

    for layer in layers:
        n = layer.name
        if isinstance(layer, Conv):
            add("Conv", n, [at, weight(n + ".weight", layer.weight)], kernel_shape=[3, 3], pads=[1, 1, 1, 1])
        elif isinstance(layer, BatchNorm):
            values = [weight(f"{n}.{p}", getattr(layer, p)) for p in ("scale", "shift", "mean", "var")]
            add("BatchNormalization", n, [at] + values, epsilon=EPSILON)
        elif isinstance(layer, Relu):
            add("Relu", n, [at])
        elif isinstance(layer, MaxPool):
            add("MaxPool", n, [at], kernel_shape=[2, 2], strides=[2, 2])
        else:
            add("Flatten", "flatten", [at], axis=1)
            add("Gemm", n, [at, weight(n + ".weight", layer.weight), weight(n + ".bias", layer.bias)], transB=1)
    nodes.append(helper.make_node("Softmax", [at], ["probabilities"], name="softmax", axis=1))

    graph = helper.make_graph(
        nodes, "digits",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["N", 1, 8, 8])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", 10])], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8,
                              producer_name="lathe/samples/train_digits.py")
    checker.check_model(model, full_check=True)
    return model


def main():
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--out", type=pathlib.Path, default=here / "data")
    parser.add_argument("--epochs", type=int, default=30)
    a = parser.parse_args()

    import onnx
    from sklearn.datasets import load_digits

    data = load_digits()
    images = (data.images / 16).astype(np.float32).reshape(-1, 1, 8, 8)
    labels = data.target.astype(np.int64)
    held = split(labels)

    layers = train(images[~held], labels[~held], a.epochs, np.random.default_rng(SEED))
    expected = softmax(forward(layers, images[held]))
    right = int((expected.argmax(axis=1) == labels[held]).sum())
    print(f"held out: {right} of {held.sum()} right ({100 * right / held.sum():.2f} %)")

    a.out.mkdir(parents=True, exist_ok=True)
    onnx.save(to_onnx(layers), a.out / "digits.onnx")
    np.savez(a.out / "digits_test.npz", images=images[held], labels=labels[held])
    calib = np.flatnonzero(~held)[:: (~held).sum() // 100][:100]
    np.savez(a.out / "digits_calib.npz", images=images[calib])

    try:
        import onnxruntime
    except ImportError:
        print("onnxruntime is not installed: the file was not run")
        return 0
    session = onnxruntime.InferenceSession(str(a.out / "digits.onnx"), providers=["CPUExecutionProvider"])
    got = session.run(None, {"images": images[held]})[0]
    error = float(np.abs(got - expected).max())
    accuracy = float((got.argmax(axis=1) == labels[held]).mean())
    print(f"onnxruntime: accuracy {100 * accuracy:.2f} %, largest difference from the training code {error:.1e}")
    return 0 if accuracy >= 0.975 and error < 1e-4 else 1


if __name__ == "__main__":
    sys.exit(main())
