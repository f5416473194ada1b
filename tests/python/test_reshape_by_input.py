# SPDX-License-Identifier: Apache-2.0
"""A reshape of a network input by a shape input: at the ends of both ranges the two need not suit each other."""
import numpy as np
import pytest

trt = pytest.importorskip("tensorrt", reason="the Python module is not built (PYTHONPATH=build/python)")
onnx = pytest.importorskip("onnx", reason="the package onnx is not installed")


def test_a_reshape_by_a_shape_input():
    helper, types = onnx.helper, onnx.TensorProto
    graph = helper.make_graph(
        [helper.make_node("Reshape", ["x", "s"], ["y"])], "g",
        [helper.make_tensor_value_info("x", types.FLOAT, ["a", "b"]), helper.make_tensor_value_info("s", types.INT64, [2])],
        [helper.make_tensor_value_info("y", types.FLOAT, ["c", "d"])])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    logger = trt.Logger(trt.Logger.INTERNAL_ERROR)
    builder = trt.Builder(logger)
    network = builder.create_network(0)
    parser = trt.OnnxParser(network, logger)
    assert parser.parse(model.SerializeToString())
    config, profile = builder.create_builder_config(), builder.create_optimization_profile()
    profile.set_shape("x", (1, 2), (2, 6), (4, 6))
    profile.set_shape_input("s", [1, 1], [3, 4], [48, 48])
    config.add_optimization_profile(profile)
    engine = trt.Runtime(logger).deserialize_cuda_engine(builder.build_serialized_network(network, config))
    assert engine is not None
    context = engine.create_execution_context()
    x, s, y = np.arange(12, dtype=np.float32).reshape(2, 6), np.array([3, 4], np.int64), np.zeros((3, 4), np.float32)
    assert context.set_input_shape("x", x.shape)
    for name, array in (("x", x), ("s", s), ("y", y)):
        context.set_tensor_address(name, array.ctypes.data)
    assert context.execute_async_v3(0)
    assert np.array_equal(y.ravel(), x.ravel())
    s[:] = [4, 4]  # 16 elements of 12
    assert not context.execute_async_v3(0)
