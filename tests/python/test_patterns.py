# SPDX-License-Identifier: Apache-2.0
"""Random small networks around the patterns that the builder recognizes (attention, normalization, activations written
out, transposes and reshapes about them) against ONNX Runtime, with fixed shapes and with a range of them."""
import numpy as np
import pytest

trt = pytest.importorskip("tensorrt", reason="the Python module is not built (PYTHONPATH=build/python)")
ort = pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed")
onnx = pytest.importorskip("onnx", reason="the package onnx is not installed")

from onnx import TensorProto, helper, numpy_helper

LOGGER = trt.Logger(trt.Logger.ERROR)


class Graph:
    """Nodes by function calls; names by number. Every choice comes from one generator."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.nodes, self.weights, self.count = [], [], 0

    def chance(self, p=0.5):
        return self.rng.random() < p

    def op(self, kind, *inputs, outputs=1, **attributes):
        names = [f"v{self.count + i}" for i in range(outputs)]
        self.count += outputs
        self.nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names[0] if outputs == 1 else names

    def const(self, array):
        self.count += 1
        self.weights.append(numpy_helper.from_array(np.asarray(array), f"c{self.count}"))
        return self.weights[-1].name

    def scalar(self, value, dtype=np.float32):
        return self.const(np.array(value, dtype) if self.chance() else np.array([value], dtype))

    def ints(self, *values):
        return self.const(np.array(values, np.int64))

    def matrix(self, rows, columns):
        return self.const((self.rng.standard_normal((rows, columns)) / np.sqrt(rows)).astype(np.float32))

    def swap(self, kind, a, b):
        return self.op(kind, *((a, b) if self.chance() else (b, a)))

    def model(self, inputs, outputs):
        graph = helper.make_graph(
            self.nodes, "g",
            [helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(np.dtype(t)), d) for n, t, d in inputs],
            [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in outputs], self.weights)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()


def activation(g, x):
    """One of the activations, written out."""
    kind = g.rng.integers(6)
    if kind == 0:
        inner = g.op("Erf", g.op("Div", x, g.scalar(np.sqrt(2))) if g.chance() else g.swap("Mul", x, g.scalar(np.sqrt(0.5))))
    elif kind == 1:
        cube = g.op("Pow", x, g.scalar(3)) if g.chance() else g.swap("Mul", x, g.op("Mul", x, x))
        inner = g.op("Tanh", g.swap("Mul", g.scalar(np.sqrt(2 / np.pi)), g.swap("Add", x, g.swap("Mul", cube, g.scalar(0.044715)))))
    if kind < 2:
        s = g.swap("Add", inner, g.scalar(1))
        if g.chance():
            return g.swap("Mul", g.swap("Mul", x, g.scalar(0.5)), s)
        return g.swap("Mul", g.swap("Mul", x, s), g.scalar(0.5))
    if kind == 2:
        return g.swap("Mul", x, g.op("Sigmoid", x))
    if kind == 3:
        clip = g.op("Clip", g.swap("Add", x, g.scalar(3)), g.const(np.float32(0)), g.const(np.float32(6)))
        return g.op("Div", g.swap("Mul", x, clip), g.scalar(6))
    if kind == 4:
        return g.swap("Mul", x, g.op("HardSigmoid", x, alpha=1 / 6, beta=0.5))
    return g.swap("Mul", x, g.op("Tanh", g.op("Softplus", x)))


def norm(g, x, width):
    """Layer or root-mean-square normalization, written out."""
    rms = g.chance(0.3)
    d = x if rms else g.op("Sub", x, g.op("ReduceMean", x, axes=[-1]))
    square = g.op("Pow", d, g.scalar(2)) if g.chance() else g.op("Mul", d, d)
    root = g.op("Sqrt", g.swap("Add", g.op("ReduceMean", square, axes=[-1]), g.scalar(1e-5)))
    y = g.op("Div", d, root) if g.chance() else g.swap("Mul", d, g.op("Reciprocal", root))
    if g.chance(0.8):
        y = g.swap("Mul", y, g.const(g.rng.standard_normal(width).astype(np.float32)))
    if g.chance(0.8):
        y = g.swap("Add", y, g.const(g.rng.standard_normal(width).astype(np.float32)))
    return y


def attention(g, x, mask, width, heads):
    """Self-attention with projections, heads and masks in one of the usual ways."""
    size = width // heads
    form = g.rng.integers(3)  # separate projections, one that is split, sequence first with heads in the batch
    shape = g.ints(0, 0, heads, size)
    scale = 1 / np.sqrt(size)
    if form == 2:
        x = g.op("Transpose", x, perm=[1, 0, 2])
    if form == 1:
        y = g.op("Add", g.op("MatMul", x, g.matrix(width, 3 * width)), g.const(g.rng.standard_normal(3 * width).astype(np.float32)))
        q, k, v = g.op("Split", y, g.ints(width, width, width), outputs=3, axis=2)
    else:
        q, k, v = (g.op("MatMul", x, g.matrix(width, width)) for _ in range(3))
        if g.chance():
            q, k, v = (g.op("Add", t, g.const(g.rng.standard_normal(width).astype(np.float32))) for t in (q, k, v))
    before = g.chance()
    if before:
        q = g.swap("Mul", q, g.scalar(scale))
    if form == 2:
        seq = g.op("Shape", x, start=0, end=1)
        shape = g.op("Concat", seq, g.ints(-1, size), axis=0)
        q, v = (g.op("Transpose", g.op("Reshape", t, shape), perm=[1, 0, 2]) for t in (q, v))
        k = g.op("Transpose", g.op("Reshape", k, shape), perm=[1, 2, 0])
    else:
        q, v = (g.op("Transpose", g.op("Reshape", t, shape), perm=[0, 2, 1, 3]) for t in (q, v))
        k = g.op("Transpose", g.op("Reshape", k, shape), perm=[0, 2, 3, 1])
    s = g.op("MatMul", q, k)
    if not before:
        s = g.op("Div", s, g.scalar(np.sqrt(size))) if g.chance() else g.swap("Mul", s, g.scalar(scale))
    if form != 2:
        how = g.rng.integers(3)
        if how == 1:
            s = g.swap("Add", s, g.op("Where", mask, g.scalar(0), g.scalar(-1e9)))
        elif how == 2:
            s = g.op("Where", mask, s, g.const(np.float32(-np.inf if g.chance() else -3e38)))
    y = g.op("MatMul", g.op("Softmax", s, axis=-1), v)
    if form == 2:
        y = g.op("Reshape", g.op("Transpose", y, perm=[1, 0, 2]), g.op("Concat", seq, g.ints(-1, width), axis=0))
    else:
        y = g.op("Reshape", g.op("Transpose", y, perm=[0, 2, 1, 3]), g.ints(0, 0, width))
    y = g.op("MatMul", y, g.matrix(width, width))
    return g.op("Transpose", y, perm=[1, 0, 2]) if form == 2 else y


def run_both(model, feeds, low, high):
    builder = trt.Builder(LOGGER)
    network = builder.create_network(0)
    parser = trt.OnnxParser(network, LOGGER)
    assert parser.parse(model), [parser.get_error(i).desc() for i in range(parser.num_errors)]
    config = builder.create_builder_config()
    config.builder_optimization_level = 1
    profile = builder.create_optimization_profile()
    for name in low:
        profile.set_shape(name, low[name], feeds[0][name].shape, high[name])
    config.add_optimization_profile(profile)
    plan = builder.build_serialized_network(network, config)
    assert plan is not None
    engine = trt.Runtime(LOGGER).deserialize_cuda_engine(plan)
    context = engine.create_execution_context()
    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    for feed in feeds:
        expected = session.run(None, feed)
        got = []
        for name, x in feed.items():
            assert context.set_input_shape(name, x.shape)
            context.set_tensor_address(name, x.ctypes.data)
        for o in session.get_outputs():
            got.append(np.empty(tuple(context.get_tensor_shape(o.name)), np.float32))
            context.set_tensor_address(o.name, got[-1].ctypes.data)
        assert context.execute_async_v3(0)
        for ours, want in zip(got, expected):
            assert ours.shape == want.shape
            # Sums of up to 96 products, a few of them in a row.
            np.testing.assert_allclose(ours, want, rtol=2e-4, atol=2e-4)


@pytest.mark.parametrize("seed", range(12))
def test_transformer_block(seed):
    g = Graph(seed)
    heads = int(g.rng.choice([1, 2, 3]))
    width = heads * int(g.rng.choice([4, 8, 20]))
    x = norm(g, "x", width)
    y = g.swap("Add", attention(g, x, "mask", width, heads), "x")
    z = norm(g, y, width)
    z = activation(g, g.op("Add", g.op("MatMul", z, g.matrix(width, 2 * width)), g.const(g.rng.standard_normal(2 * width).astype(np.float32))))
    z = g.swap("Add", g.op("MatMul", z, g.matrix(2 * width, width)), y)
    outputs = [z] + ([y] if g.chance(0.3) else [])
    model = g.model([("x", np.float32, ["b", "n", width]), ("mask", np.bool_, ["b", 1, 1, "n"])], outputs)

    def feed(batch, length):
        mask = g.rng.random((batch, 1, 1, length)) < 0.7
        mask[..., 0] = True
        return {"x": g.rng.standard_normal((batch, length, width)).astype(np.float32), "mask": mask}

    sizes = [(2, 11), (1, 1), (3, 17)]
    feeds = [feed(*s) for s in sizes]
    if g.chance():  # shapes of one size only
        feeds = feeds[:1]
    shapes = lambda b, n: {"x": (b, n, width), "mask": (b, 1, 1, n)}
    low, high = (sizes[1], sizes[2]) if len(feeds) > 1 else (sizes[0], sizes[0])
    run_both(model, feeds, shapes(*low), shapes(*high))


def test_rows_that_see_nothing():
    """A row of nothing but -inf is NaN, one of nothing but a finite number sees all keys alike, as written."""
    for hidden in (-np.inf, -3e38):
        g = Graph(0)
        s = g.op("Where", "mask", g.op("MatMul", "q", "k"), g.const(np.float32(hidden)))
        y = g.op("MatMul", g.op("Softmax", s, axis=-1), "v")
        model = g.model([("q", np.float32, [1, 2, 5, 8]), ("k", np.float32, [1, 2, 8, 6]), ("v", np.float32, [1, 2, 6, 8]),
                         ("mask", np.bool_, [1, 1, 5, 6])], [y])
        mask = g.rng.random((1, 1, 5, 6)) < 0.5
        mask[0, 0, 2] = False
        feed = {"q": g.rng.standard_normal((1, 2, 5, 8)).astype(np.float32), "k": g.rng.standard_normal((1, 2, 8, 6)).astype(np.float32),
                "v": g.rng.standard_normal((1, 2, 6, 8)).astype(np.float32), "mask": mask}
        shapes = {n: x.shape for n, x in feed.items()}
        run_both(model, [feed], shapes, shapes)


@pytest.mark.parametrize("repeats", [1, 3])
def test_heads_that_share_keys(repeats):
    """Keys and values repeated by expand, as decoders with grouped heads do, with a causal mask of the graph's own."""
    g, groups, size = Graph(repeats), 2, 8
    heads = groups * repeats

    def heads_of(count):
        y = g.op("MatMul", "x", g.matrix(32, count * size))
        return g.op("Transpose", g.op("Reshape", y, g.ints(0, 0, count, size)), perm=[0, 2, 1, 3])

    def repeated(t):
        if repeats == 1:
            return t
        shape = g.op("Shape", t)
        b, n = g.op("Gather", shape, g.ints(0)), g.op("Gather", shape, g.ints(2))
        five = g.op("Concat", b, g.ints(groups, repeats), n, g.ints(size), axis=0)
        four = g.op("Concat", b, g.ints(heads), n, g.ints(size), axis=0)
        return g.op("Reshape", g.op("Expand", g.op("Unsqueeze", t, g.ints(2)), five), four)

    q, k, v = heads_of(heads), repeated(heads_of(groups)), repeated(heads_of(groups))
    length = g.op("Shape", "x", start=1, end=2)
    steps = g.op("Range", g.const(np.int64(0)), g.op("Squeeze", length), g.const(np.int64(1)))
    hidden = g.op("Less", g.op("Unsqueeze", steps, g.ints(1)), g.op("Unsqueeze", steps, g.ints(0)))
    s = g.op("Mul", g.op("MatMul", q, g.op("Transpose", k, perm=[0, 1, 3, 2])), g.scalar(size ** -0.5))
    s = g.op("Where", hidden, g.const(np.float32(-np.inf)), s)
    y = g.op("Transpose", g.op("MatMul", g.op("Softmax", s, axis=-1), v), perm=[0, 2, 1, 3])
    model = g.model([("x", np.float32, ["b", "n", 32])], [g.op("Reshape", y, g.ints(0, 0, heads * size))])
    feeds = [{"x": g.rng.standard_normal((b, n, 32)).astype(np.float32)} for b, n in [(2, 9), (1, 1), (3, 40)]]
    run_both(model, feeds, {"x": (1, 1, 32)}, {"x": (3, 40, 32)})


def test_outputs_that_become_one_value():
    """Nodes that change nothing may be outputs of the network themselves, of an input or beside what they copy."""
    g = Graph(0)
    y = g.op("Relu", "x")
    same = g.op("Identity", y)
    there_and_back = g.op("Transpose", g.op("Transpose", y, perm=[1, 0]), perm=[1, 0])
    nothing = g.op("Add", "x", g.const(np.float32(0)))
    flat = g.op("Reshape", g.op("Reshape", y, g.ints(-1)), g.ints(4, 6))
    model = g.model([("x", np.float32, [4, 6])], [y, same, there_and_back, nothing, flat])
    feed = {"x": g.rng.standard_normal((4, 6)).astype(np.float32)}
    run_both(model, [feed], {"x": (4, 6)}, {"x": (4, 6)})


def test_patterns_inside_of_branches():
    """A branch that begins in the middle of a pattern: what it reads was made outside of it."""
    for condition in (True, False):
        g = Graph(1)
        t = g.op("Transpose", "x", perm=[1, 0, 2])
        e = g.op("Erf", g.op("Mul", t, g.const(np.float32(np.sqrt(0.5)))))
        branches = []
        for name in ("then", "else"):
            b = Graph(2)
            b.count = 1000 if name == "then" else 2000
            if name == "then":
                gelu = b.op("Mul", b.op("Mul", t, b.const(np.float32(0.5))), b.op("Add", e, b.const(np.float32(1))))
                z = b.op("Transpose", gelu, perm=[1, 0, 2])
            else:
                z = b.op("Transpose", t, perm=[1, 0, 2])
            branches.append(helper.make_graph(b.nodes, name, [], [helper.make_tensor_value_info(z, TensorProto.FLOAT, None)], b.weights))
        y = g.op("If", "c", then_branch=branches[0], else_branch=branches[1])
        model = g.model([("x", np.float32, [2, 3, 4]), ("c", np.bool_, [])], [y])
        feed = {"x": g.rng.standard_normal((2, 3, 4)).astype(np.float32), "c": np.array(condition)}
        run_both(model, [feed], {"x": (2, 3, 4), "c": ()}, {"x": (2, 3, 4), "c": ()})
