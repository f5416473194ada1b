# SPDX-License-Identifier: Apache-2.0
"""If nodes: only the branch that runs is computed, and branches of different numbers of dimensions."""
import numpy as np
import pytest

trt = pytest.importorskip("tensorrt", reason="the Python module is not built (PYTHONPATH=build/python)")
onnx = pytest.importorskip("onnx", reason="the package onnx is not installed")
onnx_runners = pytest.importorskip("onnx_runners")

helper = onnx.helper
F, B, I = onnx.TensorProto.FLOAT, onnx.TensorProto.BOOL, onnx.TensorProto.INT64


def branch(nodes, output):
    return helper.make_graph(nodes, "branch", [], [helper.make_empty_tensor_value_info(output)])


def model_of(nodes, inputs, outputs):
    graph = helper.make_graph(nodes, "g", inputs, outputs)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8).SerializeToString()


def info(name, kind, shape):
    return helper.make_tensor_value_info(name, kind, shape)


def squeeze_where_one(output_rank):
    """What exporters write for squeeze(x, -1): the condition asks whether the last extent is 1."""
    nodes = [helper.make_node("Constant", [], ["last"], value_ints=[-1]), helper.make_node("Constant", [], ["one"], value_ints=[1]),
             helper.make_node("Shape", ["x"], ["s"]), helper.make_node("Gather", ["s", "last"], ["d"], axis=0),
             helper.make_node("Equal", ["d", "one"], ["is_one"]),
             helper.make_node("If", ["is_one"], ["y"], name="squeeze",
                              then_branch=branch([helper.make_node("Squeeze", ["x", "last"], ["a"])], "a"),
                              else_branch=branch([helper.make_node("Identity", ["x"], ["b"])], "b"))]
    return model_of(nodes, [info("x", F, ["n", 3, "m"])], [info("y", F, [None] * output_rank)])


def run(engine, feeds):
    return dict(engine.run(feeds))["y"]


@pytest.mark.parametrize("rank, fits, other", [(2, (4, 3, 1), (4, 3, 2)), (3, (4, 3, 2), (4, 3, 1))])
def test_the_branch_that_the_rest_of_the_graph_allows_is_taken_under_its_condition(rank, fits, other):
    engine = onnx_runners.EngineRunner(1).build(squeeze_where_one(rank), {"x": ((1, 3, 1), (8, 3, 5))})
    x = np.random.default_rng(0).standard_normal(fits).astype(np.float32)
    for _ in range(2):
        np.testing.assert_array_equal(run(engine, {"x": x}), x[..., 0] if rank == 2 else x)
        with pytest.raises(RuntimeError):
            run(engine, {"x": np.zeros(other, np.float32)})


def test_a_choice_that_nothing_decides_is_refused():
    with pytest.raises(onnx_runners.Unsupported, match=r"'squeeze' \(If\): which branch runs is only known while running"):
        model = onnx.ModelProto.FromString(squeeze_where_one(2))
        model.graph.output[0].type.tensor_type.ClearField("shape")
        onnx_runners.EngineRunner(0).build(model.SerializeToString(), {"x": ((1, 3, 1), (8, 3, 5))})


def rows_or_columns():
    """Reshapes that suit one number of elements each."""
    nodes = [helper.make_node("Constant", [], ["four"], value_ints=[4, -1]), helper.make_node("Constant", [], ["six"], value_ints=[6, -1]),
             helper.make_node("If", ["c"], ["y"], name="choose",
                              then_branch=branch([helper.make_node("Reshape", ["x", "four"], ["r4"]), helper.make_node("Exp", ["r4"], ["a"])], "a"),
                              else_branch=branch([helper.make_node("Reshape", ["x", "six"], ["b"])], "b"))]
    return model_of(nodes, [info("c", B, []), info("x", F, ["n"])], [info("y", F, ["p", "q"])])


@pytest.mark.parametrize("level", [0, 2])
def test_only_the_branch_that_runs_must_suit_the_shapes(level):
    engine = onnx_runners.EngineRunner(level).build(rows_or_columns(), {"c": ((), ()), "x": ((4,), (24,))})
    for n, c in ((4, True), (6, False), (8, True), (18, False), (24, True), (24, False), (4, True)):
        x = np.random.default_rng(n).standard_normal(n).astype(np.float32)
        want = np.exp(x.reshape(4, -1)) if c else x.reshape(6, -1)
        np.testing.assert_allclose(run(engine, {"c": np.array(c), "x": x}), want, rtol=1e-5)
    with pytest.raises(RuntimeError):
        run(engine, {"c": np.array(True), "x": np.zeros(6, np.float32)})


def test_a_branch_that_the_profile_makes_impossible_may_stand_there():
    engine = onnx_runners.EngineRunner(1).build(rows_or_columns(), {"c": ((), ()), "x": ((6,), (6,))})
    x = np.arange(6, dtype=np.float32)
    for _ in range(2):
        np.testing.assert_array_equal(run(engine, {"c": np.array(False), "x": x}), x.reshape(6, -1))
        with pytest.raises(RuntimeError, match="does not suit the shapes|does not divide"):
            run(engine, {"c": np.array(True), "x": x})


def test_a_loop_without_a_length_stacks_what_it_ran():
    body = helper.make_graph(
        [helper.make_node("Add", ["v", "x"], ["w"]), helper.make_node("ReduceSum", ["w"], ["sum"], keepdims=0),
         helper.make_node("Less", ["sum", "most"], ["again"]), helper.make_node("Identity", ["w"], ["each"])], "body",
        [info("i", I, []), info("c", B, []), info("v", F, [2])],
        [info("again", B, []), info("w", F, [2]), info("each", F, [2])])
    nodes = [helper.make_node("Constant", [], ["most"], value_float=7.0), helper.make_node("Loop", ["", "go", "x"], ["last", "y"], body=body)]
    model = model_of(nodes, [info("go", B, []), info("x", F, [2])], [info("last", F, [2]), info("y", F, ["k", 2])])
    engine = onnx_runners.EngineRunner(0).build(model, {"go": ((), ()), "x": ((2,), (2,))})
    x = np.ones(2, np.float32)
    np.testing.assert_array_equal(run(engine, {"go": np.array(True), "x": x}), [[2, 2], [3, 3], [4, 4]])
    assert run(engine, {"go": np.array(False), "x": x}).shape == (0, 2)
