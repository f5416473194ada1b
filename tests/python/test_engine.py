# SPDX-License-Identifier: Apache-2.0
"""The main job through the Python module: ONNX to engine to answers, on the digits network."""
import gc
import hashlib
import mmap
import pathlib
import threading

import numpy as np
import pytest

trt = pytest.importorskip("tensorrt", reason="the Python module is not built (PYTHONPATH=build/python)")
ort = pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed")

DATA = pathlib.Path(__file__).resolve().parents[2] / "samples" / "data"


class Log(trt.ILogger):
    """Keeps what it is told."""

    def __init__(self):
        super().__init__()
        self.errors = []

    def log(self, severity, msg):
        if severity <= trt.ILogger.Severity.ERROR:
            self.errors.append(msg)


def build(log, cache=None, level=1, largest=64, flags=()):
    """Plan bytes of the digits network, and the timing cache that the build left."""
    builder = trt.Builder(log)
    network = builder.create_network(0)
    parser = trt.OnnxParser(network, log)
    assert parser.parse_from_file(str(DATA / "digits.onnx")), log.errors
    config = builder.create_builder_config()
    config.builder_optimization_level = level
    for flag in flags:
        config.set_flag(flag)
    profile = builder.create_optimization_profile()
    profile.set_shape("images", (1, 1, 8, 8), (8, 1, 8, 8), (largest, 1, 8, 8))
    config.add_optimization_profile(profile)
    timing = config.create_timing_cache(cache or b"")
    assert config.set_timing_cache(timing, False), log.errors
    plan = builder.build_serialized_network(network, config)
    return (bytes(plan) if plan is not None else None), bytes(config.get_timing_cache().serialize())


def load(log, plan):
    return trt.Runtime(log).deserialize_cuda_engine(plan)


def run(context, images):
    images = np.ascontiguousarray(images)
    out = np.empty((len(images), 10), np.float32)
    assert context.set_input_shape("images", images.shape)
    context.set_tensor_address("images", images.ctypes.data)
    context.set_tensor_address("probabilities", out.ctypes.data)
    assert context.execute_async_v3(0)
    return out


@pytest.fixture(scope="module")
def digits():
    with np.load(DATA / "digits_test.npz") as f:
        images = f["images"]
    session = ort.InferenceSession(str(DATA / "digits.onnx"), providers=["CPUExecutionProvider"])
    return images, session.run(None, {"images": images})[0]


@pytest.fixture(scope="module")
def plan():
    log = Log()
    bytes_, _ = build(log)
    assert bytes_, log.errors
    return bytes_


@pytest.mark.parametrize("level", [0, 3])
def test_answers_are_onnx_runtimes_at_every_batch(digits, level):
    images, expected = digits
    log = Log()
    bytes_, _ = build(log, level=level)
    context = load(log, bytes_).create_execution_context()
    for batch in (1, 7, 64, 8):
        got = run(context, images[:batch])
        assert np.abs(got - expected[:batch]).max() <= 1e-5
    assert not log.errors


def test_a_batch_beyond_the_profile_is_refused_with_its_numbers(plan):
    log = Log()
    context = load(log, plan).create_execution_context()
    assert not context.set_input_shape("images", (65, 1, 8, 8))
    assert "65" in log.errors[-1] and "64" in log.errors[-1]


def test_a_complete_timing_cache_gives_the_same_bytes():
    log = Log()
    _, cache = build(log, level=3)
    first, _ = build(log, cache=cache, level=3, flags=[trt.BuilderFlag.ERROR_ON_TIMING_CACHE_MISS])
    second, _ = build(log, cache=cache, level=3, flags=[trt.BuilderFlag.ERROR_ON_TIMING_CACHE_MISS])
    assert first is not None and first == second, log.errors


def test_twenty_builds_from_one_cache_have_one_hash():
    log = Log()
    _, cache = build(log, level=3)
    flags = [trt.BuilderFlag.ERROR_ON_TIMING_CACHE_MISS]
    plans = {hashlib.sha256(build(log, cache=cache, level=3, flags=flags)[0]).hexdigest() for _ in range(20)}
    assert len(plans) == 1 and not log.errors


def test_every_way_to_load_a_plan(digits, plan, tmp_path):
    images, expected = digits
    path = tmp_path / "digits.plan"
    path.write_bytes(plan)
    log = Log()
    runtime = trt.Runtime(log)

    def mapped():
        with open(path, "rb") as f, mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as m:
            return runtime.deserialize_cuda_engine(m)

    def writable():
        copy = bytearray(plan)
        engine = runtime.deserialize_cuda_engine(copy)
        copy[:] = bytes(len(copy))
        return engine

    def file():
        engine = runtime.load_cuda_engine(str(path))
        path.unlink()
        return engine

    ways = [lambda: runtime.deserialize_cuda_engine(bytes(bytearray(plan))), mapped, writable,
            lambda: runtime.deserialize_cuda_engine(memoryview(plan)[:]), lambda: runtime.load_cuda_engine(path), file]
    for way in ways:
        engine = way()
        assert engine is not None, log.errors
        gc.collect()
        context = engine.create_execution_context()
        assert np.abs(run(context, images[:9]) - expected[:9]).max() <= 1e-5
        assert bytes(engine.serialize()) == plan
    assert runtime.load_cuda_engine(tmp_path / "nothing") is None
    assert "nothing" in log.errors[-1]


def test_damaged_plans_are_refused(plan):
    log = Log()
    for size in range(0, len(plan), max(1, len(plan) // 50)):
        assert load(log, plan[:size]) is None
    rng = np.random.default_rng(0)
    for at in rng.integers(0, min(len(plan), 4096), 50):
        damaged = bytearray(plan)
        damaged[at] ^= 1 << int(rng.integers(0, 8))
        load(log, bytes(damaged))  # refused, or harmless; never a crash
    assert log.errors


def test_contexts_on_threads_share_an_engine(digits, plan):
    images, expected = digits
    log = Log()
    engine = load(log, plan)
    worst = [0.0] * 8

    def work(k):
        context = engine.create_execution_context()
        for i in range(10):
            n = 1 + (k * 7 + i) % 64
            worst[k] = max(worst[k], float(np.abs(run(context, images[:n]) - expected[:n]).max()))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert max(worst) <= 1e-5


def test_errors_name_the_reason():
    log = Log()
    network = trt.Builder(log).create_network(0)
    parser = trt.OnnxParser(network, log)
    assert not parser.parse(b"this is no model")
    assert parser.num_errors == 1 and parser.get_error(0).desc()
    assert load(log, b"this is no plan") is None
    assert log.errors
