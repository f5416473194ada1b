# SPDX-License-Identifier: Apache-2.0
"""Real networks against ONNX Runtime: one engine with a range of batch sizes or sequence lengths, two of them tried.

The graphs come from LATHE_MODELS (default ../shared/models beside the checkout), which holds graphs/*.onnx and
materialize.py.
"""
import hashlib
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

trt = pytest.importorskip("tensorrt", reason="the Python module is not built (PYTHONPATH=build/python)")
ort = pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed")
onnx = pytest.importorskip("onnx", reason="the package onnx is not installed")

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = pathlib.Path(os.environ.get("LATHE_MODELS", ROOT.parent / "shared" / "models"))
NETWORKS = ["resnet50", "mobilenet_v3_large", "efficientnet_b0", "vit_b_16", "bert_base", "gpt2", "unet", "lstm"]
LARGEST_DIFFERENCE = 1e-3  # of the output's largest value


def inputs_for(model, batch, seq):
    rng, feeds = np.random.default_rng(0), {}
    weights = {t.name for t in model.graph.initializer}
    for i in model.graph.input:
        if i.name in weights:
            continue
        t = i.type.tensor_type
        dims = [d.dim_value if d.dim_value > 0 else (batch if k == 0 else seq) for k, d in enumerate(t.shape.dim)]
        dtype = onnx.helper.tensor_dtype_to_np_dtype(t.elem_type)
        if dtype == np.float32:
            feeds[i.name] = rng.standard_normal(dims).astype(dtype)
        else:
            feeds[i.name] = np.ones(dims, dtype) if "mask" in i.name else rng.integers(0, 1000, dims).astype(dtype)
    return feeds


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_network_agrees_with_onnx_runtime(name, tmp_path):
    if not (MODELS / "graphs" / f"{name}.onnx").exists():
        pytest.skip(f"no graph {name} under {MODELS} (LATHE_MODELS)")
    subprocess.run([sys.executable, MODELS / "materialize.py", "--out", tmp_path, name], check=True, stdout=subprocess.DEVNULL)
    path = str(tmp_path / f"{name}.onnx")
    model = onnx.load(path, load_external_data=False)
    sizes = [(1, 32), (2, 48)]

    logger = trt.Logger(trt.Logger.ERROR)
    builder = trt.Builder(logger)
    network = builder.create_network(0)
    parser = trt.OnnxParser(network, logger)
    assert parser.parse_from_file(path), [parser.get_error(i).desc() for i in range(parser.num_errors)]
    config = builder.create_builder_config()
    config.builder_optimization_level = 1
    profile = builder.create_optimization_profile()
    low, high = inputs_for(model, *sizes[0]), inputs_for(model, *sizes[1])
    for n in low:
        profile.set_shape(n, low[n].shape, low[n].shape, high[n].shape)
    config.add_optimization_profile(profile)
    plan = builder.build_serialized_network(network, config)
    assert plan is not None
    engine = trt.Runtime(logger).deserialize_cuda_engine(plan)
    context = engine.create_execution_context()
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    for feeds in (low, high):
        expected = dict(zip([o.name for o in session.get_outputs()], session.run(None, feeds)))
        got = {}
        for n, x in feeds.items():
            assert context.set_input_shape(n, x.shape)
            context.set_tensor_address(n, x.ctypes.data)
        for n in expected:
            got[n] = np.empty(tuple(context.get_tensor_shape(n)), trt.nptype(engine.get_tensor_dtype(n)))
            context.set_tensor_address(n, got[n].ctypes.data)
        assert context.execute_async_v3(0)
        for n, want in expected.items():
            assert got[n].shape == want.shape
            error = np.abs(got[n].astype(np.float64) - want).max() / max(float(np.abs(want).max()), 1e-30)
            assert error <= LARGEST_DIFFERENCE, f"output {n}: {error}"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["resnet50", "mobilenet_v3_large"])
def test_a_complete_timing_cache_fixes_the_plan(name, tmp_path):
    if not (MODELS / "graphs" / f"{name}.onnx").exists():
        pytest.skip(f"no graph {name} under {MODELS} (LATHE_MODELS)")
    subprocess.run([sys.executable, MODELS / "materialize.py", "--out", tmp_path, name], check=True, stdout=subprocess.DEVNULL)
    logger = trt.Logger(trt.Logger.ERROR)
    cache, hashes = b"", []
    for warm in (False, True, True):
        builder = trt.Builder(logger)
        network = builder.create_network(0)
        parser = trt.OnnxParser(network, logger)
        assert parser.parse_from_file(str(tmp_path / f"{name}.onnx"))
        config = builder.create_builder_config()
        if warm:
            config.set_flag(trt.BuilderFlag.ERROR_ON_TIMING_CACHE_MISS)
        profile = builder.create_optimization_profile()
        profile.set_shape(network.get_input(0).name, *[(1, *tuple(network.get_input(0).shape)[1:])] * 3)
        config.add_optimization_profile(profile)
        timing = config.create_timing_cache(cache)
        assert config.set_timing_cache(timing, False)
        plan = builder.build_serialized_network(network, config)
        assert plan is not None
        hashes.append(hashlib.sha256(plan).hexdigest())
        cache = bytes(timing.serialize())
    # The first build's own times are in the cache, so it is the same plan too.
    assert len(set(hashes)) == 1
