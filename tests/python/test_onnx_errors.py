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

# Name -> (model, what the error must say).
NODES = {
}


@pytest.mark.parametrize("name", NODES)
def test_a_node_is_refused_by_name(name):
    model, said = NODES[name]
    ok, errors, _ = parse(model)
    assert not ok and errors
    for error in errors:
        assert error.node_name() == "the bad one" and error.node_operator() == model.graph.node[-1].op_type
        assert error.node() == len(model.graph.node) - 1
    text = str(errors[0])
    assert "'the bad one'" in text and model.graph.node[-1].op_type in text
    for part in said:
        assert part in text
