# SPDX-License-Identifier: Apache-2.0
"""Networks made through the Python API: every layer class, its properties, and lifetimes."""
import gc
import pathlib

import numpy as np
import pytest

trt = pytest.importorskip("tensorrt", reason="the Python module is not built (PYTHONPATH=build/python)")

DATA = pathlib.Path(__file__).resolve().parents[2] / "samples" / "data"


class Log(trt.ILogger):
    """Keeps errors."""

    def __init__(self):
        super().__init__()
        self.errors = []

    def log(self, severity, msg):
        if severity <= trt.ILogger.Severity.ERROR:
            self.errors.append(msg)


def run(log, builder, network, feeds, level=0):
    config = builder.create_builder_config()
    config.builder_optimization_level = level
    plan = builder.build_serialized_network(network, config)
    assert plan is not None, log.errors
    engine = trt.Runtime(log).deserialize_cuda_engine(plan)
    context = engine.create_execution_context()
    outputs = {}
    for name in engine:
        if engine.get_tensor_mode(name) == trt.TensorIOMode.INPUT:
            context.set_tensor_address(name, feeds[name].ctypes.data)
        else:
            outputs[name] = np.empty(tuple(context.get_tensor_shape(name)), trt.nptype(engine.get_tensor_dtype(name)))
            context.set_tensor_address(name, outputs[name].ctypes.data)
    assert context.execute_async_v3(0), log.errors
    return outputs


@pytest.fixture
def made():
    log = Log()
    builder = trt.Builder(log)
    return log, builder, builder.create_network(0)


def test_a_small_network_computes(made):
    log, builder, network = made
    rng = np.random.default_rng(0)
    x = network.add_input("x", trt.float32, (1, 3, 8, 8))
    kernel, bias = rng.standard_normal((4, 3, 3, 3), np.float32), rng.standard_normal(4, np.float32)
    conv = network.add_convolution_nd(x, 4, (3, 3), kernel, bias)
    conv.padding_nd = (1, 1)
    relu = network.add_activation(conv.get_output(0), trt.ActivationType.RELU)
    pool = network.add_pooling_nd(relu.get_output(0), trt.PoolingType.AVERAGE, (8, 8))
    shuffle = network.add_shuffle(pool.get_output(0))
    shuffle.reshape_dims = (1, 4)
    weights = rng.standard_normal((4, 5), np.float32)
    dense = network.add_matrix_multiply(shuffle.get_output(0), trt.MatrixOperation.NONE,
                                        network.add_constant((4, 5), weights).get_output(0), trt.MatrixOperation.NONE)
    soft = network.add_softmax(dense.get_output(0))
    soft.axes = 1 << 1
    soft.get_output(0).name = "y"
    network.mark_output(soft.get_output(0))
    image = rng.standard_normal((1, 3, 8, 8), np.float32)
    got = run(log, builder, network, {"x": image})["y"]
    padded = np.pad(image[0], ((0, 0), (1, 1), (1, 1)))
    maps = np.array([[[np.sum(padded[:, i:i + 3, j:j + 3] * k) + b for j in range(8)] for i in range(8)] for k, b in zip(kernel, bias)])
    logits = np.maximum(maps, 0).mean((1, 2)) @ weights
    want = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    np.testing.assert_allclose(got[0], want, rtol=1e-4, atol=1e-6)


def test_weights_live_as_long_as_the_network(made):
    log, builder, network = made
    x = network.add_input("x", trt.float32, (2, 3))
    constant = network.add_constant((2, 3), np.zeros((2, 3), np.float32))
    constant.weights = np.arange(6, dtype=np.float32)  # only the network refers to it now
    total = network.add_elementwise(x, constant.get_output(0), trt.ElementWiseOperation.SUM)
    total.get_output(0).name = "y"
    network.mark_output(total.get_output(0))
    del constant, total
    gc.collect()
    _trash = [np.full(6, 77, np.float32) for _ in range(100)]
    got = run(log, builder, network, {"x": np.zeros((2, 3), np.float32)})["y"]
    np.testing.assert_array_equal(got.ravel(), np.arange(6))


def test_the_network_keeps_what_the_parser_holds(made):
    log, builder, network = made
    parser = trt.OnnxParser(network, log)
    assert parser.parse_from_file(DATA / "digits.onnx")
    del parser
    gc.collect()
    config = builder.create_builder_config()
    config.builder_optimization_level = 0
    profile = builder.create_optimization_profile()
    profile.set_shape("images", (1, 1, 8, 8), (1, 1, 8, 8), (1, 1, 8, 8))
    config.add_optimization_profile(profile)
    assert builder.build_serialized_network(network, config) is not None, log.errors


def test_layers_have_their_classes(made):
    _, _, network = made
    x = network.add_input("x", trt.float32, (1, 4, 6, 6))
    conv = network.add_convolution_nd(x, 2, (3, 3), np.ones((2, 4, 3, 3), np.float32))
    assert isinstance(conv, trt.IConvolutionLayer) and isinstance(conv, trt.ILayer)
    assert isinstance(network.get_layer(0), trt.IConvolutionLayer) and isinstance(network[-1], trt.IConvolutionLayer)
    assert len(network) == 1
    with pytest.raises(IndexError):
        network[1]  # pylint: disable=pointless-statement
    assert network.get_layer(7) is None
    conv.stride_nd = [2, 2]
    conv.dilation_nd = trt.DimsHW(1, 1)
    conv.padding_mode = trt.PaddingMode.SAME_UPPER
    assert conv.stride_nd == (2, 2) and isinstance(conv.stride_nd, trt.Dims)
    assert conv.num_output_maps == 2 and conv.padding_mode == trt.PaddingMode.SAME_UPPER
    assert conv.kernel.shape == (72,) and conv.kernel.dtype == np.float32 and not conv.kernel.flags.writeable
    assert conv.bias.size == 0
    with pytest.raises(TypeError):
        conv.stride_nd = "two"
    with pytest.raises(TypeError):
        conv.kernel = np.array(["no"])
    with pytest.raises(ValueError):
        conv.stride_nd = [1] * 9


def test_properties_of_many_layers(made):
    _, _, network = made
    x = network.add_input("x", trt.float32, (2, 4, 6, 6))
    pool = network.add_pooling_nd(x, trt.PoolingType.MAX, (2, 2))
    pool.type, pool.stride_nd, pool.average_count_excludes_padding = trt.PoolingType.AVERAGE, (2, 2), False
    assert (pool.type, pool.stride_nd, pool.window_size_nd) == (trt.PoolingType.AVERAGE, (2, 2), (2, 2))
    lrn = network.add_lrn(x, 3, 1e-4, 0.75, 1.0)
    lrn.window_size = 5
    assert lrn.window_size == 5 and abs(lrn.beta - 0.75) < 1e-6
    scale = network.add_scale(x, trt.ScaleMode.CHANNEL, np.ones(4, np.float32), np.full(4, 2, np.float32))
    assert scale.scale.tolist() == [2] * 4 and scale.power.size == 0 and scale.mode == trt.ScaleMode.CHANNEL
    reduce = network.add_reduce(x, trt.ReduceOperation.SUM, 0b1100, True)
    reduce.axes, reduce.keep_dims = 0b0100, False
    assert (reduce.op, reduce.axes, reduce.keep_dims) == (trt.ReduceOperation.SUM, 4, False)
    topk = network.add_topk(x, trt.TopKOperation.MAX, 2, 1 << 3)
    assert topk.k == 2 and topk.num_outputs == 2
    slice_ = network.add_slice(x, (0, 0, 0, 0), (1, 2, 3, 3), (1, 1, 2, 2))
    slice_.mode = trt.SampleMode.CLAMP
    assert slice_.shape == (1, 2, 3, 3) and slice_.stride == (1, 1, 2, 2) and slice_.mode == trt.SampleMode.CLAMP
    shuffle = network.add_shuffle(x)
    shuffle.first_transpose = trt.Permutation([0, 2, 3, 1])
    shuffle.second_transpose = (1, 0)
    assert list(shuffle.first_transpose)[:4] == [0, 2, 3, 1] and list(shuffle.second_transpose)[:2] == [1, 0]
    resize = network.add_resize(x)
    resize.scales = [1, 1, 2, 2]
    resize.resize_mode, resize.coordinate_transformation = trt.InterpolationMode.LINEAR, trt.ResizeCoordinateTransformation.HALF_PIXEL
    assert resize.scales == [1, 1, 2, 2] and tuple(resize.get_output(0).shape) == (2, 4, 12, 12)
    fill = network.add_fill((3,), trt.FillOperation.LINSPACE, trt.int64)
    fill.alpha, fill.beta = 1, 2
    assert fill.is_alpha_beta_int64() and fill.alpha == 1 and fill.to_type == trt.int64
    concat = network.add_concatenation([x, x])
    concat.axis = 2
    assert tuple(concat.get_output(0).shape) == (2, 4, 12, 6)
    einsum = network.add_einsum([x, x], "abcd,abce->abde")
    assert einsum.equation == "abcd,abce->abde" and tuple(einsum.get_output(0).shape) == (2, 4, 6, 6)
    cast = network.add_cast(x, trt.int32)
    cast.to_type = trt.float16
    assert cast.get_output(0).dtype == trt.float16
    unary = network.add_unary(x, trt.UnaryOperation.EXP)
    unary.op = trt.UnaryOperation.ABS
    assert unary.op == trt.UnaryOperation.ABS
    padding = network.add_padding_nd(x, (1, 1), (0, 2))
    assert padding.pre_padding_nd == (1, 1) and tuple(padding.get_output(0).shape) == (2, 4, 7, 9)
    gather = network.add_gather(x, network.add_constant((1,), np.zeros(1, np.int32)).get_output(0), 1)
    assert gather.axis == 1 and gather.mode == trt.GatherMode.DEFAULT
    quantize = network.add_quantize(x, network.add_constant((), np.ones((), np.float32)).get_output(0), trt.int8)
    assert quantize.get_output(0).dtype == trt.int8 and isinstance(quantize, trt.IQuantizeLayer)
    ones = network.add_constant((1, 4, 1, 1), np.ones(4, np.float32)).get_output(0)
    norm = network.add_normalization(x, ones, ones, 0b1100)
    norm.epsilon = 1e-3
    assert abs(norm.epsilon - 1e-3) < 1e-9 and norm.axes == 0b1100


def test_loops_and_conditionals(made):
    log, builder, network = made
    x = network.add_input("x", trt.float32, (3,))
    loop = network.add_loop()
    loop.name = "twice"
    limit = loop.add_trip_limit(network.add_constant((), np.array(4, np.int32)).get_output(0), trt.TripLimit.COUNT)
    assert limit.kind == trt.TripLimit.COUNT and isinstance(limit, trt.ITripLimitLayer)
    state = loop.add_recurrence(x)
    doubled = network.add_elementwise(state.get_output(0), state.get_output(0), trt.ElementWiseOperation.SUM)
    state.set_input(1, doubled.get_output(0))
    out = loop.add_loop_output(state.get_output(0), trt.LoopOutput.LAST_VALUE)
    assert out.loop.name == "twice"
    out.get_output(0).name = "y"
    network.mark_output(out.get_output(0))
    got = run(log, builder, network, {"x": np.ones(3, np.float32)})["y"]
    np.testing.assert_array_equal(got, np.full(3, 16))
    conditional = network.add_if_conditional()
    conditional.name = "maybe"
    assert conditional.name == "maybe"


def test_tensors(made):
    _, _, network = made
    x = network.add_input("x", trt.float32, (-1, 4))
    assert tuple(x.shape) == (-1, 4) and x.is_network_input and x.dtype == trt.float32
    x.set_dimension_name(0, "batch")
    assert x.get_dimension_name(0) == "batch"
    assert x.dynamic_range is None
    x.dynamic_range = (-1.0, 2.0)
    assert x.dynamic_range == (-1.0, 2.0)
    x.allowed_formats = 1 << int(trt.TensorFormat.LINEAR)
    y = network.add_identity(x).get_output(0)
    network.mark_output(y)
    assert network.num_outputs == 1 and y.is_network_output and network.get_output(0) is y
    network.unmark_output(y)
    assert network.num_outputs == 0


def test_what_is_not_there_says_so(made):
    log, _, network = made
    x = network.add_input("x", trt.float32, (2,))
    operation, reduction = trt.CollectiveOperation.ALL_REDUCE, trt.ReduceOperation.NONE
    assert network.add_dist_collective(x, operation, reduction, 0, []) is None
    assert "INetworkDefinition::addDistCollective" in log.errors[-1]
    with pytest.raises(TypeError):
        network.add_activation("x", trt.ActivationType.RELU)


def test_weights_objects():
    array = np.arange(6, dtype=np.int32).reshape(2, 3)
    weights = trt.Weights(array)
    assert (len(weights), weights.dtype, weights.nbytes) == (6, trt.int32, 24)
    view = trt.Weights(trt.DataType.INT32, array.ctypes.data, 6)
    np.testing.assert_array_equal(view.numpy(), np.arange(6))
    assert trt.Weights(trt.DataType.HALF).size == 0
    with pytest.raises(ValueError):
        trt.Weights(trt.DataType.INT32, 0, 6)
    with pytest.raises(TypeError):
        trt.Weights(np.zeros(3, np.complex64))


def test_dims_and_types():
    assert trt.Dims([1, 2]) == (1, 2) and len(trt.Dims()) == 0
    assert trt.DimsHW(3, 4).h == 3 and trt.DimsHW([3, 4]).w == 4
    assert trt.volume((2, 3)) == 6 and trt.volume(()) == 1
    assert trt.nptype(trt.float16) == np.float16 and trt.float32.itemsize == 4 and trt.int4.itemsize == 0.5
    assert 1 << trt.BuilderFlag.TF32 == 1 << int(trt.BuilderFlag.TF32)
    assert trt.__version__.startswith("10.")
    with pytest.raises(ValueError):
        trt.Dims3(1, 2)
