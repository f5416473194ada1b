# SPDX-License-Identifier: Apache-2.0
"""Assertions, caches, mixtures of experts, quantization in blocks and debug tensors through the Python API."""
import ctypes

import numpy as np
import pytest

trt = pytest.importorskip("tensorrt", reason="the Python module is not built (PYTHONPATH=build/python)")

from test_api_network import Log, run  # noqa: E402  pylint: disable=wrong-import-position


@pytest.fixture
def made():
    log = Log()
    builder = trt.Builder(log)
    return log, builder, builder.create_network(0)


def build(log, builder, network):
    config = builder.create_builder_config()
    config.builder_optimization_level = 0
    plan = builder.build_serialized_network(network, config)
    return None if plan is None else trt.Runtime(log).deserialize_cuda_engine(plan)


def constant(network, array):
    return network.add_constant(array.shape, array).get_output(0)


def test_an_assertion_fails_the_build(made):
    log, builder, network = made
    x = network.add_input("x", trt.float32, (2,))
    layer = network.add_assertion(constant(network, np.array([True, False])), "both are true")
    assert isinstance(layer, trt.IAssertionLayer) and layer.message == "both are true" and layer.num_outputs == 0
    network.mark_output(network.add_identity(x).get_output(0))
    assert build(log, builder, network) is None
    assert "both are true" in log.errors[-1]


def test_a_cache_is_written_in_place(made):
    log, builder, network = made
    cache = network.add_input("cache", trt.float32, (1, 2, 3, 2))
    update = network.add_input("update", trt.float32, (1, 2, 1, 2))
    at = network.add_input("at", trt.int32, (1,))
    layer = network.add_kv_cache_update(cache, update, at, trt.KVCacheMode.LINEAR)
    assert isinstance(layer, trt.IKVCacheUpdateLayer) and layer.cache_mode == trt.KVCacheMode.LINEAR
    layer.get_output(0).name = "written"
    network.mark_output(layer.get_output(0))
    engine = build(log, builder, network)
    assert engine is not None, log.errors
    assert engine.get_aliased_input_tensor("written") == "cache"
    context = engine.create_execution_context()
    arrays = {"cache": np.zeros((1, 2, 3, 2), np.float32), "update": np.array([[[[1, 2]], [[3, 4]]]], np.float32),
              "at": np.array([1], np.int32)}
    for name, array in arrays.items():
        assert context.set_tensor_address(name, array.ctypes.data)
    assert context.set_tensor_address("written", arrays["cache"].ctypes.data)
    assert context.execute_async_v3(0), log.errors
    expected = np.zeros((1, 2, 3, 2), np.float32)
    expected[0, :, 1] = [[1, 2], [3, 4]]
    np.testing.assert_array_equal(arrays["cache"], expected)


def test_a_mixture_of_experts(made):
    log, builder, network = made
    rng = np.random.default_rng(0)
    tokens, hidden, inter, experts, chosen = 6, 8, 12, 5, 2
    x = rng.standard_normal((1, tokens, hidden), np.float32)
    choice = rng.integers(0, experts, (1, tokens, chosen), dtype=np.int32)
    scores = rng.random((1, tokens, chosen), np.float32)
    gate, up = (rng.standard_normal((experts, hidden, inter), np.float32) * 0.3 for _ in range(2))
    down = rng.standard_normal((experts, inter, hidden), np.float32) * 0.3
    moe = network.add_moe(network.add_input("x", trt.float32, x.shape), network.add_input("choice", trt.int32, choice.shape),
                          network.add_input("scores", trt.float32, scores.shape))
    assert isinstance(moe, trt.IMoELayer)
    moe.set_gated_weights(constant(network, gate), constant(network, up), constant(network, down), trt.MoEActType.SILU)
    moe.get_output(0).name = "y"
    network.mark_output(moe.get_output(0))
    y = run(log, builder, network, {"x": x, "choice": choice, "scores": scores})["y"]
    expected = np.zeros_like(x)
    for t in range(tokens):
        for j in range(chosen):
            e = choice[0, t, j]
            g = x[0, t] @ gate[e]
            expected[0, t] += scores[0, t, j] * ((g / (1 + np.exp(-g)) * (x[0, t] @ up[e])) @ down[e])
    np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-4)


def test_quantization_in_blocks_and_back(made):
    log, builder, network = made
    x = network.add_input("x", trt.float32, (4, 64))
    layer = network.add_dynamic_quantize_v2(x, (1, 32), trt.DataType.FP8, trt.DataType.E8M0)
    assert isinstance(layer, trt.IDynamicQuantizeLayer) and tuple(layer.block_shape) == (1, 32)
    back = network.add_dequantize(layer.get_output(0), layer.get_output(1), trt.float32).get_output(0)
    back.name = "y"
    network.mark_output(back)
    data = np.random.default_rng(1).standard_normal((4, 64)).astype(np.float32)
    y = run(log, builder, network, {"x": data})["y"]
    np.testing.assert_allclose(y, data, rtol=1 / 16, atol=1e-4)


def test_debug_tensors(made):
    log, builder, network = made
    x = network.add_input("x", trt.float32, (3,))
    total = network.add_elementwise(x, x, trt.ElementWiseOperation.SUM).get_output(0)
    total.name = "total"
    assert network.mark_debug(total) and network.is_debug_tensor(total)
    network.mark_unfused_tensors_as_debug_tensors()
    network.mark_output(network.add_activation(total, trt.ActivationType.RELU).get_output(0))
    network.get_output(0).name = "y"
    engine = build(log, builder, network)
    assert engine is not None, log.errors
    assert engine.is_debug_tensor("total") and not engine.is_debug_tensor("y")

    class Listener(trt.IDebugListener):
        def __init__(self):
            trt.IDebugListener.__init__(self)
            self.seen = {}

        def process_debug_tensor(self, addr, location, type, shape, name, stream):
            assert location == trt.TensorLocation.HOST and type == trt.float32
            count = int(np.prod(shape))
            self.seen[name] = np.array((ctypes.c_float * count).from_address(addr)).reshape(tuple(shape))
            return True

    listener = Listener()
    context = engine.create_execution_context()
    a, y = np.array([1, -2, 3], np.float32), np.zeros(3, np.float32)
    context.set_tensor_address("x", a.ctypes.data)
    context.set_tensor_address("y", y.ctypes.data)
    assert context.set_debug_listener(listener) and context.set_tensor_debug_state("total", True)
    assert context.get_debug_state("total")
    assert context.execute_async_v3(0), log.errors
    assert list(listener.seen) == ["total"]
    np.testing.assert_array_equal(listener.seen["total"], [2, -4, 6])
    context.unfused_tensors_debug_state = True
    assert context.execute_async_v3(0), log.errors
    np.testing.assert_array_equal(listener.seen["y"], [2, 0, 6])
    assert not context.set_tensor_debug_state("y", True)
    assert "'y' is not a debug tensor" in log.errors[-1]


def test_a_communicator_is_for_gpus(made):
    log, builder, network = made
    x = network.add_input("x", trt.float32, (2,))
    layer = network.add_dist_collective(x, trt.CollectiveOperation.ALL_REDUCE, trt.ReduceOperation.SUM, 0, [])
    network.mark_output(layer.get_output(0))
    engine = build(log, builder, network)
    assert engine is not None, log.errors
    context = engine.create_execution_context()
    assert not context.set_communicator(1)
    assert "the engine runs on the CPU" in log.errors[-1]
