# SPDX-License-Identifier: Apache-2.0
"""What the ONNX parser refuses: every error has the node's name and operator, and says what is wrong with which numbers."""
import os

import numpy as np
import pytest

trt = pytest.importorskip("tensorrt", reason="the Python module is not built (PYTHONPATH=build/python)")
onnx = pytest.importorskip("onnx", reason="the package onnx is not installed")

helper, numpy_helper, T = onnx.helper, onnx.numpy_helper, onnx.TensorProto
F, I = T.FLOAT, T.INT64


class C:
    """A constant input."""

    def __init__(self, values, dtype=np.int64):
        self.array = np.asarray(values, dtype)


def f(*shape):
    return (F, shape)


def floats(*shape):
    return C(np.ones(shape), np.float32)


def node_model(op, inputs, opset=21, outputs=1, domain="", extra=(), **attrs):
    """A good node, the node in question, and one that needs its result."""
    names, bound, weights = [], [helper.make_tensor_value_info("start", F, [2])], []
    for k, value in enumerate(inputs):
        names.append(value if isinstance(value, str) else f"x{k}" if value is not None else "")
        if isinstance(value, C):
            weights.append(numpy_helper.from_array(value.array, names[-1]))
        elif value is not None and not isinstance(value, str):
            bound.append(helper.make_tensor_value_info(names[-1], value[0], value[1]))
    bad = helper.make_node(op, names, [f"y{k}" for k in range(outputs)], name="the bad one", domain=domain)
    for key, value in attrs.items():
        bad.attribute.append(value if isinstance(value, onnx.AttributeProto) else helper.make_attribute(key, value))
    nodes = [helper.make_node("Relu", ["start"], ["began"], name="a good one"), *extra, bad]
    graph = helper.make_graph(nodes, "g", bound, [helper.make_empty_tensor_value_info("y0")], weights)
    domains = [helper.make_opsetid("", opset)] + ([helper.make_opsetid(domain, 1)] if domain else [])
    return helper.make_model(graph, opset_imports=domains, ir_version=10)


def parse(model, path=None):
    logger = trt.Logger(trt.Logger.INTERNAL_ERROR)
    network = trt.Builder(logger).create_network(0)
    parser = trt.OnnxParser(network, logger)
    data = model if isinstance(model, bytes) else model.SerializeToString()
    ok = parser.parse(data, path) if path else parser.parse(data)
    errors = [parser.get_error(i) for i in range(parser.num_errors)]
    return ok, errors, parser


def branch(name, nodes, outputs):
    return helper.make_graph(nodes, name, [], [helper.make_empty_tensor_value_info(o) for o in outputs])


RELU = branch("relu", [helper.make_node("Relu", ["began"], ["r"])], ["r"])
CAST = branch("cast", [helper.make_node("Cast", ["began"], ["i"], to=I)], ["i"])
TWO = branch("two", [helper.make_node("Unsqueeze", ["began", "at"], ["u"])], ["u"])
LOOP = helper.make_graph([helper.make_node("Identity", ["c"], ["d"])], "loop",
                         [helper.make_tensor_value_info("i", I, []), helper.make_tensor_value_info("c", T.BOOL, [])],
                         [helper.make_tensor_value_info("d", T.BOOL, [])])

# Name -> (model, code, text of the error).
NODES = {
    "softmax_axis": (lambda: node_model("Softmax", [f(2, 3)], axis=5),
        "INVALID_NODE", 'axis 5 is out of range for 2 dimensions'),
    "softmax_axis_is_text": (lambda: node_model("Softmax", [f(2, 3)], axis="last"),
        "INVALID_NODE", "attribute 'axis' has type STRING; INT is expected"),
    "unknown_attribute": (lambda: node_model("Softmax", [f(2, 3)], temperature=2.0),
        "UNSUPPORTED_NODE_ATTR", "attribute 'temperature' is not known for Softmax of version 21"),
    "unknown_operator": (lambda: node_model("Softmacks", [f(2, 3)]),
        "UNSUPPORTED_NODE", 'operator Softmacks of version 21 is not supported'),
    "unknown_domain": (lambda: node_model("Relu", [f(2, 3)], domain="com.acme"),
        "UNSUPPORTED_NODE", 'operator com.acme.Relu of version 1 is not supported'),
    "too_many_inputs": (lambda: node_model("Relu", [f(2, 3), f(2, 3)]),
        "UNSUPPORTED_NODE_INPUT", "input 1 ('x1') is not known for Relu of version 21"),
    "too_many_outputs": (lambda: node_model("Relu", [f(2, 3)], outputs=2),
        "UNSUPPORTED_NODE", "output 1 ('y1') cannot be computed"),
    "missing_input": (lambda: node_model("Add", [f(2, 3)]),
        "INVALID_NODE", 'input 1 is left out, but Add requires it'),
    "left_out_input": (lambda: node_model("Add", [f(2, 3), None]),
        "INVALID_NODE", 'input 1 is left out, but Add requires it'),
    "concat_axis": (lambda: node_model("Concat", [f(2, 3), f(2, 3)], axis=2),
        "INVALID_NODE", 'axis 2 is out of range for 2 dimensions'),
    "concat_extents": (lambda: node_model("Concat", [f(2, 3), f(3, 4)], axis=1),
        "INVALID_NODE", 'the extents of axis 0 must be equal: 2 and 3'),
    "concat_ranks": (lambda: node_model("Concat", [f(2, 3), f(3)], axis=0),
        "INVALID_NODE", 'input 1 has the shape [3]; expected 2 dimensions'),
    "concat_types": (lambda: node_model("Concat", [f(2, 3), (I, (2, 3))], axis=0),
        "INVALID_NODE", 'inputs 0 and 1 have the types f32 and i64, which must be equal'),
    "concat_no_axis": (lambda: node_model("Concat", [f(2, 3), f(2, 3)]),
        "INVALID_NODE", "attribute 'axis' is required, but missing"),
    "reshape_volume": (lambda: node_model("Reshape", [f(2, 3), C([4, 2])]),
        "INVALID_NODE", 'shape [4, 2] has 8 elements, but [2, 3] has 6'),
    "reshape_two_unknown": (lambda: node_model("Reshape", [f(2, 3), C([-1, -1])]),
        "INVALID_NODE", 'shape [-1, -1] has more than one -1'),
    "reshape_indivisible": (lambda: node_model("Reshape", [f(2, 3), C([4, -1])]),
        "INVALID_NODE", 'shape [4, -1] does not divide the 6 elements of [2, 3]'),
    "reshape_zero": (lambda: node_model("Reshape", [f(2, 3), C([2, 3, 0])]),
        "INVALID_NODE", 'shape element 2 is 0 (copy), but the input has the shape [2, 3]'),
    "reshape_negative": (lambda: node_model("Reshape", [f(2, 3), C([-2, 3])]),
        "INVALID_NODE", 'shape [-2, 3] has a negative element other than -1'),
    "transpose_length": (lambda: node_model("Transpose", [f(2, 3)], perm=[0]),
        "INVALID_NODE", "attribute 'perm' has 1 values for 2 dimensions"),
    "transpose_twice": (lambda: node_model("Transpose", [f(2, 3)], perm=[1, 1]),
        "INVALID_NODE", 'axis 1 is there twice'),
    "conv_channels": (lambda: node_model("Conv", [f(1, 3, 8, 8), floats(4, 2, 3, 3)]),
        "INVALID_NODE", "weights 'x1' hold 72 values where the shape [4, 3, 3, 3] needs 108"),
    "conv_group": (lambda: node_model("Conv", [f(1, 4, 8, 8), floats(6, 2, 3, 3)], group=3),
        "INVALID_NODE", '3 groups do not divide 4 input and 6 output channels'),
    "conv_group_zero": (lambda: node_model("Conv", [f(1, 4, 8, 8), floats(6, 4, 3, 3)], group=0),
        "INVALID_NODE", '0 groups'),
    "conv_kernel_shape": (lambda: node_model("Conv", [f(1, 3, 8, 8), floats(4, 3, 3, 3)], kernel_shape=[5, 5]),
        "INVALID_NODE", "attribute 'kernel_shape' differs from the shape of the weights"),
    "conv_strides": (lambda: node_model("Conv", [f(1, 3, 8, 8), floats(4, 3, 3, 3)], strides=[1, 1, 1]),
        "INVALID_NODE", "attribute 'strides' has 3 values; data of 4 dimensions needs 2"),
    "conv_stride_zero": (lambda: node_model("Conv", [f(1, 3, 8, 8), floats(4, 3, 3, 3)], strides=[0, 1]),
        "UNSUPPORTED_NODE_ATTR", "attribute 'strides' has the value 0; the least is 1"),
    "conv_pads": (lambda: node_model("Conv", [f(1, 3, 8, 8), floats(4, 3, 3, 3)], pads=[1, 1]),
        "INVALID_NODE", "attribute 'pads' has 2 values; data of 4 dimensions needs 4"),
    "conv_auto_pad": (lambda: node_model("Conv", [f(1, 3, 8, 8), floats(4, 3, 3, 3)], auto_pad="SAME"),
        "UNSUPPORTED_NODE_ATTR", "attribute 'auto_pad' is 'SAME'; known are 'NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID'"),
    "conv_bias": (lambda: node_model("Conv", [f(1, 3, 8, 8), floats(4, 3, 3, 3), floats(3)]),
        "INVALID_NODE", "weights 'x2' hold 3 values where the shape [4] needs 4"),
    "conv_rank": (lambda: node_model("Conv", [f(3, 8), floats(4, 3)]),
        "UNSUPPORTED_NODE_SHAPE", 'data of 2 dimensions; from 3 to 5 are supported'),
    "conv_too_small": (lambda: node_model("Conv", [f(1, 3, 2, 2), floats(4, 3, 3, 3)]),
        "INVALID_NODE", 'a window that spans 3 positions does not fit into spatial axis 0, which has 2 with its padding'),
    "pool_no_kernel": (lambda: node_model("MaxPool", [f(1, 3, 8, 8)]),
        "UNSUPPORTED_NODE_DYNAMIC", "neither attribute 'kernel_shape' nor the shape of the weights tells the kernel's extents"),
    "pool_too_large": (lambda: node_model("MaxPool", [f(1, 3, 2, 2)], kernel_shape=[3, 3]),
        "INVALID_NODE", 'a window that spans 3 positions does not fit into spatial axis 0, which has 2 with its padding'),
    "gemm_inner": (lambda: node_model("Gemm", [f(2, 3), floats(4, 5)]),
        "INVALID_NODE", 'shapes [2, 3] and [4, 5] do not fit: the summed extents are 3 and 4'),
    "gemm_rank": (lambda: node_model("Gemm", [f(2, 3, 4), floats(4, 5)]),
        "INVALID_NODE", 'operands [2, 3, 4] and [4, 5] are not matrices'),
    "gemm_bias": (lambda: node_model("Gemm", [f(2, 3), floats(3, 5), floats(4)]),
        "INVALID_NODE", 'shapes [2, 5] and [4] cannot be broadcast: axis 1 is 5 and 4'),
    "matmul_inner": (lambda: node_model("MatMul", [f(2, 3), f(4, 5)]),
        "INVALID_NODE", 'shapes [2, 3] and [4, 5] do not fit: the summed extents are 3 and 4'),
    "matmul_types": (lambda: node_model("MatMul", [f(2, 3), (T.FLOAT16, (3, 4))]),
        "INVALID_NODE", 'inputs 0 and 1 have the types f32 and f16, which must be equal'),
    "matmul_scalar": (lambda: node_model("MatMul", [f(2, 3), f()]),
        "INVALID_NODE", 'operands [2, 3] and []: a scalar is no matrix'),
    "add_shapes": (lambda: node_model("Add", [f(2, 3), f(4)]),
        "INVALID_NODE", 'shapes [2, 3] and [4] cannot be broadcast: axis 1 is 3 and 4'),
    "add_types": (lambda: node_model("Add", [f(2, 3), (I, (3, ))]),
        "INVALID_NODE", 'inputs 0 and 1 have the types f32 and i64, which must be equal'),
    "add_bool": (lambda: node_model("Add", [(T.BOOL, (2, )), (T.BOOL, (2, ))]),
        "INVALID_NODE", 'input 0 has type bool; expected one of f32, f16, bf16, i8, u8, i32, i64'),
    "gather_axis": (lambda: node_model("Gather", [f(2, 3), C([0])], axis=-3),
        "INVALID_NODE", 'axis -3 is out of range for 2 dimensions'),
    "gather_index": (lambda: node_model("Gather", [f(2, 3), C([7])], axis=0),
        "INVALID_NODE", 'index 7 is outside an axis of 2 elements'),
    "gather_index_type": (lambda: node_model("Gather", [f(2, 3), floats(2)], axis=0),
        "INVALID_NODE", 'input 1 has type f32; expected one of i64, i32'),
    "squeeze_extent": (lambda: node_model("Squeeze", [f(2, 3), C([1])]),
        "INVALID_NODE", 'axis 1 of [2, 3] cannot be removed: its extent is not 1'),
    "squeeze_axis": (lambda: node_model("Squeeze", [f(1, 3), C([2])]),
        "INVALID_NODE", 'axis 2 is outside a tensor of 2 dimensions'),
    "unsqueeze_twice": (lambda: node_model("Unsqueeze", [f(2, 3), C([0, 0])]),
        "INVALID_NODE", 'axis 0 is listed twice'),
    "unsqueeze_no_axes": (lambda: node_model("Unsqueeze", [f(2, 3)]),
        "INVALID_NODE", 'input 1 (axes) is required, but left out'),
    "unsqueeze_rank": (lambda: node_model("Unsqueeze", [f(1, 1, 1, 1, 1, 1, 1), C([0, 1])]),
        "UNSUPPORTED_NODE", '2 more axes on the shape [1, 1, 1, 1, 1, 1, 1]: at most 8 dimensions are supported'),
    "split_sum": (lambda: node_model("Split", [f(4, 3), C([1, 2])], outputs=2, axis=0),
        "INVALID_NODE", 'sizes [1, 2] do not add up to the extent 4'),
    "split_count": (lambda: node_model("Split", [f(4, 3), C([1, 1, 2])], outputs=2, axis=0),
        "INVALID_NODE", '3 sizes for 2 outputs'),
    "split_uneven": (lambda: node_model("Split", [f(5, 3)], opset=13, outputs=2, axis=0),
        "INVALID_NODE", 'axis 0 of 5 elements cannot be split into 2 equal parts'),
    "slice_lengths": (lambda: node_model("Slice", [f(4, 3), C([0, 0]), C([1])]),
        "INVALID_NODE", 'starts, ends, steps and axes have 2, 1, 2 and 2 elements, which must be equal'),
    "slice_step": (lambda: node_model("Slice", [f(4, 3), C([0]), C([1]), C([0]), C([0])]),
        "INVALID_NODE", 'a slice with a step of 0'),
    "pad_length": (lambda: node_model("Pad", [f(4, 3), C([0, 0, 1])]),
        "INVALID_NODE", '3 pads for 2 axes; expected twice as many'),
    "pad_mode": (lambda: node_model("Pad", [f(4, 3), C([0, 0, 1, 1])], mode="mirror"),
        "UNSUPPORTED_NODE_ATTR", "attribute 'mode' is 'mirror'; known are 'constant', 'reflect', 'edge', 'wrap'"),
    "resize_mode": (lambda: node_model("Resize", [f(1, 1, 4, 4), None, C([1, 1, 2, 2], np.float32)], mode="lanczos"),
        "UNSUPPORTED_NODE_ATTR", "attribute 'mode' is 'lanczos'; known are 'nearest', 'linear', 'cubic'"),
    "resize_both": (lambda: node_model("Resize", [f(1, 1, 4, 4), None, C([1, 1, 2, 2], np.float32), C([1, 1, 8, 8])]),
        "INVALID_NODE", 'one of inputs 2 (scales) and 3 (sizes) must be given'),
    "resize_neither": (lambda: node_model("Resize", [f(1, 1, 4, 4)]),
        "INVALID_NODE", 'one of inputs 2 (scales) and 3 (sizes) must be given'),
    "resize_scales": (lambda: node_model("Resize", [f(1, 1, 4, 4), None, C([1, 2, 2], np.float32)]),
        "INVALID_NODE", 'the number of scales is 3, but must be 4'),
    "cast_string": (lambda: node_model("Cast", [f(2)], to=T.STRING),
        "UNSUPPORTED_NODE_DATATYPE", 'attribute: element type STRING is not possible in a network'),
    "cast_uint16": (lambda: node_model("Cast", [f(2)], to=T.UINT16),
        "UNSUPPORTED_NODE_DATATYPE", 'attribute: element type UINT16 is not possible in a network'),
    "cast_nothing": (lambda: node_model("Cast", [f(2)]),
        "INVALID_NODE", "attribute 'to' is required, but missing"),
    "cast_unknown": (lambda: node_model("Cast", [f(2)], to=99),
        "UNSUPPORTED_NODE_ATTR", "attribute 'to' is 99, which is no element type"),
    "batchnorm_scale": (lambda: node_model("BatchNormalization", [f(1, 3, 4, 4), floats(4), floats(3), floats(3), floats(3)]),
        "INVALID_NODE", 'input 1: the length is 4, but must be 3'),
    "layernorm_scale": (lambda: node_model("LayerNormalization", [f(2, 3), floats(4)], axis=-1),
        "INVALID_NODE", 'input 1 with the shape [4] cannot be broadcast to [2, 3]'),
    "layernorm_axis": (lambda: node_model("LayerNormalization", [f(2, 3), floats(3)], axis=2),
        "INVALID_NODE", 'axis 2 is out of range for 2 dimensions'),
    "groupnorm_groups": (lambda: node_model("GroupNormalization", [f(1, 4, 3), floats(4), floats(4)], num_groups=3),
        "INVALID_NODE", '4 channels cannot be divided into 3 groups'),
    "instancenorm_scale": (lambda: node_model("InstanceNormalization", [f(1, 4, 3), floats(3), floats(4)]),
        "INVALID_NODE", 'input 1: the length is 3, but must be 4'),
    "topk_k": (lambda: node_model("TopK", [f(2, 3), C([4])], outputs=2),
        "INVALID_NODE", 'k is 4, but axis 1 has only 3 elements'),
    "topk_axis": (lambda: node_model("TopK", [f(2, 3), C([1])], outputs=2, axis=2),
        "INVALID_NODE", 'axis 2 is out of range for 2 dimensions'),
    "reduce_axis": (lambda: node_model("ReduceSum", [f(2, 3), C([2])]),
        "INVALID_NODE", 'axis 2 is out of range for 2 dimensions'),
    "reduce_axis_computed": (lambda: node_model("ReduceSum", [f(2, 3), (I, (1, ))]),
        "UNSUPPORTED_NODE", 'the axes must be known when the engine is built'),
    "argmax_axis": (lambda: node_model("ArgMax", [f(2, 3)], axis=2),
        "INVALID_NODE", 'axis 2 is out of range for 2 dimensions'),
    "onehot_axis": (lambda: node_model("OneHot", [(I, (2, )), C(3), C([0, 1], np.float32)], axis=3),
        "INVALID_NODE", 'axis 3 is out of range for 2 dimensions'),
    "onehot_values": (lambda: node_model("OneHot", [(I, (2, )), C(3), C([0, 1, 2], np.float32)]),
        "INVALID_NODE", 'the extent of values and the number of them must be equal: 3 and 2'),
    "expand_shapes": (lambda: node_model("Expand", [f(2, 3), C([2, 4])]),
        "INVALID_NODE", 'shapes [2, 3] and [2, 4] cannot be broadcast: axis 1 is 3 and 4'),
    "tile_length": (lambda: node_model("Tile", [f(2, 3), C([2])]),
        "INVALID_NODE", '1 repeats for 2 dimensions'),
    "tile_negative": (lambda: node_model("Tile", [f(2, 3), C([2, -1])]),
        "INVALID_NODE", '-1 repeats of axis 1'),
    "scatter_shapes": (lambda: node_model("ScatterElements", [f(3, 3), C([[0, 1]]), f(1, 3)], axis=0),
        "INVALID_NODE", 'the extents of indices and updates on axis 1 must be equal: 2 and 3'),
    "scatter_reduction": (lambda: node_model("ScatterElements", [f(3, 3), C([[0, 1, 2]]), f(1, 3)], axis=0, reduction="mean"),
        "UNSUPPORTED_NODE_ATTR", "attribute 'reduction' is 'mean'; known are 'none', 'add', 'mul', 'max', 'min'"),
    "scatternd_depth": (lambda: node_model("ScatterND", [f(3, 3), C([[0, 1, 2]]), f(1)]),
        "INVALID_NODE", 'positions of 3 coordinates in data of 2 dimensions'),
    "gathernd_depth": (lambda: node_model("GatherND", [f(3, 3), C([[0, 1, 2]])]),
        "INVALID_NODE", 'positions of 3 coordinates in data of 2 dimensions'),
    "gathernd_batch": (lambda: node_model("GatherND", [f(3, 3), C([[0]])], batch_dims=2),
        "INVALID_NODE", "attribute 'batch_dims' is 2 for data [3, 3] and indices [1, 1]"),
    "einsum_terms": (lambda: node_model("Einsum", [f(2, 3)], equation="ij,jk->ik"),
        "INVALID_NODE", "equation 'ij,jk->ik' has 2 terms for 1 inputs"),
    "einsum_extents": (lambda: node_model("Einsum", [f(2, 3), f(4, 5)], equation="ij,jk->ik"),
        "INVALID_NODE", 'input 1, axis 0: shapes [3] and [4] cannot be broadcast: axis 0 is 3 and 4'),
    "einsum_text": (lambda: node_model("Einsum", [f(2, 3)], equation="i1->"),
        "INVALID_NODE", "equation 'i1->': 'i1': expected letters and at most one '...'"),
    "lstm_direction": (lambda: node_model("LSTM", [f(3, 1, 4), floats(1, 20, 4), floats(1, 20, 5)], hidden_size=5, direction="sideways"),
        "UNSUPPORTED_NODE_ATTR", "attribute 'direction' is 'sideways'; known are 'forward', 'reverse', 'bidirectional'"),
    "lstm_weights": (lambda: node_model("LSTM", [f(3, 1, 4), floats(1, 16, 4), floats(1, 20, 5)], hidden_size=5),
        "INVALID_NODE", 'w has the shape [1, 16, 4], but must have [1, 20, 4]'),
    "lstm_activation": (lambda: node_model("LSTM", [f(3, 1, 4), floats(1, 20, 4), floats(1, 20, 5)], hidden_size=5, activations=["Sigmoid", "Tanh", "Cube"]),
        "UNSUPPORTED_NODE", "there is no activation 'cube'"),
    "quantize_scale": (lambda: node_model("QuantizeLinear", [f(2, 3), floats(4), C([0]*4, np.uint8)], axis=1),
        "INVALID_NODE", 'scales of shape [4] do not fit x of shape [2, 3] with axis 1 and block_size 0'),
    "quantize_types": (lambda: node_model("DequantizeLinear", [(T.UINT8, (2, 3)), floats(), C(0, np.int8)]),
        "INVALID_NODE", 'input 2 has type i8; expected one of u8'),
    "depth_to_space": (lambda: node_model("DepthToSpace", [f(1, 6, 2, 2)], blocksize=2),
        "INVALID_NODE", '6 channels cannot make blocks of 2 by 2'),
    "if_one_branch": (lambda: node_model("If", [C(True, bool)], then_branch=RELU),
        "INVALID_NODE", "attribute 'else_branch' is required, but missing"),
    "if_types": (lambda: node_model("If", [(T.BOOL, ())], then_branch=RELU, else_branch=CAST),
        "INVALID_NODE", 'the branches give f32[2] and i64[2]'),
    "if_condition": (lambda: node_model("If", [f()], then_branch=RELU, else_branch=RELU),
        "UNSUPPORTED_NODE_DATATYPE", 'the condition has element type f32; it must be bool'),
    "if_outputs": (lambda: node_model("If", [(T.BOOL, ())], outputs=2, then_branch=RELU, else_branch=RELU),
        "INVALID_NODE", 'a branch gives 1 outputs; the node has 2'),
    "if_ranks": (lambda: node_model("If", [(T.BOOL, ())], then_branch=RELU, else_branch=TWO, extra=[helper.make_node("Constant", [], ["at"], value_ints=[0], name="at")]),
        "UNSUPPORTED_NODE", "which branch runs is only known while running, and they give different numbers of dimensions for output 0 ('y0'): [2] and [1, 2]"),
    "loop_body": (lambda: node_model("Loop", [C(3), None, f(2)], body=LOOP),
        "INVALID_NODE", 'a body with 2 inputs and 1 outputs does not suit 1 carried values and 1 outputs'),
    "loop_endless": (lambda: node_model("Loop", [None, None], body=LOOP, outputs=1),
        "INVALID_NODE", 'a body with 2 inputs and 1 outputs does not suit 0 carried values and 1 outputs'),
    "scan_batch": (lambda: node_model("Scan", [None, f(2, 3)], opset=8, num_scan_inputs=1, body=LOOP),
        "UNSUPPORTED_NODE", 'version 8 scans over a batch; versions from 9 on are supported'),
    "constant_of_shape": (lambda: node_model("ConstantOfShape", [C([2])], value=numpy_helper.from_array(np.array([1, 2]))),
        "UNSUPPORTED_NODE_ATTR", "attribute 'value' has 2 elements; it must have one"),
    "range_types": (lambda: node_model("Range", [C(0), floats(), C(1)]),
        "INVALID_NODE", 'inputs 0 and 1 have the types i64 and f32, which must be equal'),
    "range_step": (lambda: node_model("Range", [C(0), C(3), C(0)]),
        "INVALID_NODE", 'a range with a delta of 0'),
    "sequence": (lambda: node_model("SequenceConstruct", [f(2)]),
        "UNSUPPORTED_NODE", 'operator SequenceConstruct is not supported: it works on sequences, and a network has tensors only'),
    "optional": (lambda: node_model("Optional", [f(2)]),
        "UNSUPPORTED_NODE", 'operator Optional is not supported: it makes an optional value, and a network has tensors only'),
    "strings": (lambda: node_model("StringNormalizer", [f(2)]),
        "UNSUPPORTED_NODE", 'operator StringNormalizer is not supported: it works on strings, which a network has no element type for'),
    "image": (lambda: node_model("ImageDecoder", [(T.UINT8, (9, ))]),
        "UNSUPPORTED_NODE", 'operator ImageDecoder is not supported: it decodes image files'),
    "attention_heads": (lambda: node_model("Attention", [f(1, 5, 16), f(1, 5, 16), f(1, 5, 16)], opset=23),
        "INVALID_NODE", 'inputs of 3 dimensions need q_num_heads and kv_num_heads, which are 0 and 0'),
    "attention_indivisible": (lambda: node_model("Attention", [f(1, 5, 16), f(1, 5, 16), f(1, 5, 16)], opset=23, q_num_heads=3, kv_num_heads=3),
        "INVALID_NODE", 'input 0: 16 cannot be divided into 3 heads'),
    "rotary_rank": (lambda: node_model("RotaryEmbedding", [f(2, 3), floats(3, 2), floats(3, 2)], opset=23),
        "INVALID_NODE", 'input 0 has the shape [2, 3]; expected 3 or 4 dimensions'),
    "clip_bound": (lambda: node_model("Clip", [f(2), floats(2)]),
        "INVALID_NODE", 'input 1 has 2 elements; a bound is a scalar'),
    "where_types": (lambda: node_model("Where", [(T.BOOL, (2, )), f(2), (I, (2, ))]),
        "INVALID_NODE", 'inputs 1 and 2 have the types f32 and i64, which must be equal'),
    "where_condition": (lambda: node_model("Where", [f(2), f(2), f(2)]),
        "INVALID_NODE", 'input 0 has type f32; expected one of bool'),
    "mod_float": (lambda: node_model("Mod", [f(2), f(2)]),
        "INVALID_NODE", "attribute 'fmod' must be 1 for element type f32"),
    "bitshift": (lambda: node_model("BitShift", [(T.UINT8, (2, )), (T.UINT8, (2, ))], direction="UP"),
        "UNSUPPORTED_NODE_ATTR", "attribute 'direction' is 'UP'; known are 'LEFT', 'RIGHT'"),
    "cumsum_axis": (lambda: node_model("CumSum", [f(2, 3), C(2)]),
        "INVALID_NODE", 'axis 2 is outside a tensor of 2 dimensions'),
    "trilu_rank": (lambda: node_model("Trilu", [f(2)]),
        "INVALID_NODE", 'a tensor of shape [2] has no matrices'),
    "grid_sample": (lambda: node_model("GridSample", [f(1, 1, 4, 4), f(1, 2, 2, 3)]),
        "INVALID_NODE", 'the number of coordinates is 3, but must be 2'),
    "nms": (lambda: node_model("NonMaxSuppression", [f(1, 4, 3), f(1, 1, 4)]),
        "INVALID_NODE", 'the number of coordinates is 3, but must be 4'),
    "matmul_integer": (lambda: node_model("MatMulInteger", [f(2, 3), f(3, 4)]),
        "INVALID_NODE", 'input 0 has type f32; expected one of i8, u8'),
    "eye_rank": (lambda: node_model("EyeLike", [f(2)]),
        "INVALID_NODE", 'input 0 has the shape [2]; expected 2 dimensions'),
    "unsupported_intermediate": (lambda: node_model("BitCast", [f(2)], opset=26, to=I),
        "INVALID_NODE", 'f32 has 32 bits and i64 has 64; they must be as many'),
    "flatten_axis": (lambda: node_model("Flatten", [f(2, 3)], axis=3),
        "INVALID_NODE", 'axis 3 is out of range for 2 dimensions'),
    "lrn_size": (lambda: node_model("LRN", [f(1, 3, 4, 4)]),
        "INVALID_NODE", "attribute 'size' is required, but missing"),
    "prelu": (lambda: node_model("PRelu", [f(2, 3), floats(2)]),
        "INVALID_NODE", 'shapes [2, 3] and [2] cannot be broadcast: axis 1 is 3 and 2'),
    "nonzero_string": (lambda: node_model("RegexFullMatch", [f(2)]),
        "UNSUPPORTED_NODE", 'operator RegexFullMatch is not supported: it works on strings, which a network has no element type for'),
    "negative_log": (lambda: node_model("NegativeLogLikelihoodLoss", [f(2, 3), (I, (4, ))], reduction="none"),
        "INVALID_NODE", 'indices of shape [4, 1] are longer than data of shape [2, 3] on axis 0'),
    "space_to_depth": (lambda: node_model("SpaceToDepth", [f(1, 2, 3, 4)], blocksize=2),
        "INVALID_NODE", 'a block size of 2 does not divide the shape [1, 2, 3, 4]'),
    "identity_quant": (lambda: node_model("QLinearMatMul", [(T.UINT8, (2, 3)), floats(), C(0, np.uint8), (T.UINT8, (4, 2)), floats(), C(0, np.uint8), floats(), C(0, np.uint8)]),
        "INVALID_NODE", 'shapes [2, 3] and [4, 2] do not fit: the summed extents are 3 and 4'),
    "conv_transpose": (lambda: node_model("ConvTranspose", [f(1, 3, 4, 4), floats(2, 3, 3, 3)]),
        "INVALID_NODE", "weights 'x1' hold 54 values where the shape [3, 3, 3, 3] needs 81"),
    "roi_align": (lambda: node_model("RoiAlign", [f(1, 1, 4, 4), floats(2, 3), C([0, 0])]),
        "INVALID_NODE", 'the number of coordinates is 3, but must be 4'),
    "reverse_sequence": (lambda: node_model("ReverseSequence", [f(3, 2), C([1, 1, 1])], batch_axis=1, time_axis=0),
        "INVALID_NODE", 'the batch and the number of lengths must be equal: 2 and 3'),
    "max_roi": (lambda: node_model("MaxRoiPool", [f(1, 1, 4, 4), floats(2, 5)]),
        "INVALID_NODE", "attribute 'pooled_shape' has 0 values"),
    "resize_tf": (lambda: node_model("Resize", [f(1, 1, 4, 4), None, C([1, 1, 2, 2], np.float32)], opset=11, coordinate_transformation_mode="tf_half_pixel_for_nn"),
        "UNSUPPORTED_NODE_ATTR", "attribute 'coordinate_transformation_mode' is 'tf_half_pixel_for_nn', which is not supported"),
}


@pytest.mark.parametrize("name", NODES)
def test_a_node_is_refused_by_name(name):
    make, code, said = NODES[name]
    model = make()
    ok, errors, _ = parse(model)
    assert not ok and errors
    error = errors[0]
    assert error.node_name() == "the bad one" and error.node_operator() == model.graph.node[-1].op_type
    assert error.node() == len(model.graph.node) - 1
    assert error.code() == int(getattr(trt.ErrorCode, code))
    assert said in error.desc()
    assert str(error) == f"node {error.node()} 'the bad one' ({error.node_operator()}): {error.desc()}"
    assert "Unnamed" not in str(error)


def test_every_error_of_a_model_is_told_and_what_follows_from_one_is_not():
    nodes = [helper.make_node("Softmax", ["x"], ["a"], name="first", axis=7), helper.make_node("Relu", ["a"], ["b"], name="after"),
             helper.make_node("Sigmoid", ["x"], ["c"], name="fine"), helper.make_node("Concat", ["c", "x"], ["d"], name="second")]
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", F, [2])],
                              [helper.make_empty_tensor_value_info("b"), helper.make_empty_tensor_value_info("d")])
    ok, errors, parser = parse(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10))
    assert not ok and [e.node_name() for e in errors] == ["first", "second"]
    parser.clear_errors()
    assert parser.num_errors == 0


# --- The whole model


def graph_model(nodes, inputs, outputs, opset=21, **more):
    graph = helper.make_graph(nodes, "g", inputs, outputs, more.pop("initializers", []), **more)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)


X = helper.make_tensor_value_info("x", F, [2])
Y = helper.make_empty_tensor_value_info("y")
RELU_NODE = helper.make_node("Relu", ["x"], ["y"], name="relu")


def without_shape():
    value = helper.make_tensor_value_info("x", F, None)
    return graph_model([RELU_NODE], [value], [Y])


def sparse():
    values = helper.make_tensor("w", F, [1], [1.0])
    indices = helper.make_tensor("at", I, [1], [0])
    weights = helper.make_sparse_tensor(values, indices, [2])
    return graph_model([helper.make_node("Add", ["x", "w"], ["y"], name="add")], [X], [Y], sparse_initializer=[weights])


MODELS = {
    "empty": (lambda: b"", "empty"),
    "not_a_model": (lambda: b"this is no model", ""),
    "cut_off": (lambda: graph_model([RELU_NODE], [X], [Y]).SerializeToString()[:-7], ""),
    "undefined_input": (lambda: node_model("Relu", ["nowhere"]), "'the bad one' (Relu): input[0] 'nowhere' is neither"),
    "cycle": (lambda: graph_model([helper.make_node("Add", ["x", "b"], ["a"], name="one"), helper.make_node("Relu", ["a"], ["b"], name="two")],
                                  [X], [helper.make_empty_tensor_value_info("b")]), "'one' (Add)"),
    "made_twice": (lambda: graph_model([RELU_NODE, helper.make_node("Neg", ["x"], ["y"], name="again")], [X], [Y]), "'again' (Neg)"),
    "output_of_no_node": (lambda: graph_model([RELU_NODE], [X], [helper.make_empty_tensor_value_info("z")]), "'z'"),
    "output_of_another_type": (lambda: graph_model([RELU_NODE], [X], [helper.make_tensor_value_info("y", I, [2])]),
                               "output 'y' is declared as INT64, but computed as f32"),
    "input_of_a_type_without_tensors": (lambda: graph_model([RELU_NODE], [helper.make_tensor_value_info("x", T.DOUBLE, [2])], [Y]),
                                        "input 'x' has element type DOUBLE, which a network cannot bind"),
    "input_of_strings": (lambda: graph_model([RELU_NODE], [helper.make_tensor_value_info("x", T.STRING, [2])], [Y]), "STRING"),
    "input_sequence": (lambda: graph_model([RELU_NODE], [helper.make_tensor_sequence_value_info("x", F, [2])], [Y]),
                       "a network binds tensors only"),
    "input_without_shape": (without_shape, "input 'x' has no shape"),
    "nine_dimensions": (lambda: graph_model([RELU_NODE], [helper.make_tensor_value_info("x", F, [1] * 9)], [Y]), "input 'x'"),
    "sparse_initializer": (sparse, "'w' is sparse"),
    "no_opset": (lambda: helper.make_model(helper.make_graph([RELU_NODE], "g", [X], [Y]), opset_imports=[helper.make_opsetid("com.acme", 1)],
                                           ir_version=10), ""),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_model_is_refused(name):
    make, said = MODELS[name]
    ok, errors, _ = parse(make())
    assert not ok and errors and said in str(errors[0])


# --- External data


def external_model(location, offset=None, length=None):
    tensor = T(data_type=F, dims=[2], name="w", data_location=T.EXTERNAL)
    for key, value in (("location", location), ("offset", offset), ("length", length)):
        if value is not None:
            tensor.external_data.add(key=key, value=str(value))
    return graph_model([helper.make_node("Add", ["x", "w"], ["y"], name="add")], [X], [Y], initializers=[tensor])


@pytest.fixture
def folder(tmp_path):
    inside = tmp_path / "model"
    (inside / "sub").mkdir(parents=True)
    data = np.arange(2, dtype=np.float32).tobytes()
    for path in (inside / "w.bin", inside / "sub" / "w.bin", tmp_path / "outside.bin"):
        path.write_bytes(data)
    os.symlink(tmp_path / "outside.bin", inside / "away.bin")
    os.symlink(tmp_path, inside / "up")
    os.symlink(inside / "w.bin", inside / "here.bin")
    return inside


@pytest.mark.parametrize("location", ["w.bin", "./w.bin", "sub/w.bin", "sub/../w.bin"])
def test_external_data_in_the_folder_of_the_model_is_read(folder, location):
    (folder / "m.onnx").write_bytes(external_model(location).SerializeToString())
    ok, errors, _ = parse(external_model(location), str(folder / "m.onnx"))
    inside = ".." not in location
    assert ok or not inside, errors


@pytest.mark.parametrize("location", ["../outside.bin", "sub/../../outside.bin", "away.bin", "up/outside.bin", "missing.bin", "", "sub"])
def test_external_data_anywhere_else_is_refused(folder, location):
    ok, errors, _ = parse(external_model(location), str(folder / "m.onnx"))
    assert not ok and errors and (location in str(errors[0]) or "w" in str(errors[0]))


def test_external_data_by_an_absolute_path_is_refused(folder):
    for path in (folder / "w.bin", folder.parent / "outside.bin"):
        ok, errors, _ = parse(external_model(str(path)), str(folder / "m.onnx"))
        assert not ok and errors


@pytest.mark.parametrize("offset, length", [(4, 8), (0, 16), (100, 8), (-1, 8), (0, 4), ("x", 8), (2**63, 8)])
def test_external_data_outside_of_its_file_is_refused(folder, offset, length):
    ok, errors, _ = parse(external_model("w.bin", offset, length), str(folder / "m.onnx"))
    assert not ok and errors


def test_external_data_without_a_path_of_the_model_is_refused():
    ok, errors, _ = parse(external_model("w.bin"))
    assert not ok and errors


# --- What can be imported


def test_parts_of_a_model_that_can_be_imported():
    def chain(*ops):
        nodes = [helper.make_node(op, [f"t{k}"], [f"t{k + 1}"], name=f"n{k}", **({"axis": 9} if op == "Softmax" else {}))
                 for k, op in enumerate(ops)]
        return graph_model(nodes, [helper.make_tensor_value_info("t0", F, [2])],
                           [helper.make_empty_tensor_value_info(f"t{len(ops)}")])

    logger = trt.Logger(trt.Logger.INTERNAL_ERROR)
    network = trt.Builder(logger).create_network(0)
    parser = trt.OnnxParser(network, logger)
    assert not parser.supports_model_v2(chain("Relu", "Neg", "Softmax", "Abs").SerializeToString())
    parts = [(parser.get_subgraph_nodes(i), parser.is_subgraph_supported(i)) for i in range(parser.num_subgraphs)]
    # Abs can only be judged once its input is there.
    assert parts == [([0, 1], True), ([3], False)]
    assert parser.num_errors == 1 and parser.get_error(0).node() == 2

    network = trt.Builder(logger).create_network(0)
    parser = trt.OnnxParser(network, logger)
    assert parser.supports_model_v2(chain("Relu", "Neg").SerializeToString())
    assert [(parser.get_subgraph_nodes(i), parser.is_subgraph_supported(i)) for i in range(parser.num_subgraphs)] == [([0, 1], True)]
    assert parser.get_subgraph_nodes(5) == [] and not parser.is_subgraph_supported(5) and not parser.is_subgraph_supported(-1)


def test_operators_and_flags():
    logger = trt.Logger(trt.Logger.INTERNAL_ERROR)
    parser = trt.OnnxParser(trt.Builder(logger).create_network(0), logger)
    assert parser.supports_operator("Conv") and parser.supports_operator("SkipLayerNormalization")
    assert not parser.supports_operator("SequenceAt") and not parser.supports_operator("NoSuchOperator")
    flag = trt.OnnxParserFlag
    assert parser.get_flag(flag.NATIVE_INSTANCENORM)
    parser.set_flag(flag.ENABLE_PLUGIN_OVERRIDE)
    assert parser.get_flag(flag.ENABLE_PLUGIN_OVERRIDE)
    assert parser.flags == 1 << int(flag.NATIVE_INSTANCENORM) | 1 << int(flag.ENABLE_PLUGIN_OVERRIDE)
    parser.clear_flag(flag.NATIVE_INSTANCENORM)
    assert not parser.get_flag(flag.NATIVE_INSTANCENORM)
    parser.flags = 0
    assert not parser.get_flag(flag.ENABLE_PLUGIN_OVERRIDE)
