# SPDX-License-Identifier: Apache-2.0
"""The operators that random graphs are made of: functions that add a node to a Generator."""
import numpy as np
from onnx import helper, numpy_helper
from random_graph import BOOL, EPS, F16, F32, FLOATS, I8, I32, I64, U8, Retry, info, op


@op(4)
def unary(g):
    x = g.pick(FLOATS)
    name = g.choice(["Relu", "Sigmoid", "Tanh", "Exp", "Abs", "Neg", "Sqrt", "Log", "Erf", "Sin", "Cos", "Tan", "Atan", "Sinh",
                     "Cosh", "Asinh", "Softplus", "Softsign", "Reciprocal", "HardSwish", "Mish", "Identity", "Gelu", "Asin",
                     "Acos", "Acosh", "Atanh", "Elu", "Selu", "LeakyRelu", "ThresholdedRelu", "HardSigmoid", "Celu", "Shrink"])
    attrs = {}
    if name in ("Elu", "LeakyRelu", "ThresholdedRelu", "HardSigmoid", "Celu") and g.chance(0.7):
        attrs["alpha"] = g.integer(1, 8) / 4
    if name == "HardSigmoid" and g.chance(0.5):
        attrs["beta"] = 0.25
    if name == "Shrink":
        attrs = {"lambd": g.integer(0, 8) / 4, "bias": g.integer(0, 4) / 4}
    if name == "Gelu":
        attrs["approximate"] = g.choice(["none", "tanh"])
    jumps = name in ("ThresholdedRelu", "Shrink")
    if jumps and not x.exact:
        raise Retry
    g.node(name, [x], exact=name in ("Relu", "Abs", "Neg", "Identity", "ThresholdedRelu", "Shrink"), **attrs)


@op()
def unary_jump(g):
    x = g.pick(FLOATS, exact=True)
    g.node(g.choice(["Floor", "Ceil", "Round", "Sign"]), [x], exact=True)


@op()
def unary_integer(g):
    x = g.pick([I64, I32, I8])
    g.node(g.choice(["Abs", "Neg", "Sign", "Identity", "Relu"]), [x], exact=True)


@op()
def tests(g):
    x = g.pick(FLOATS)
    g.node(g.choice(["IsNaN", "IsInf"]), [x], exact=True)


@op(5)
def binary(g):
    x = g.pick(FLOATS + [I64, I32])
    y = g.matching(x)
    if g.chance(0.3):
        x, y = y, x
    name = g.choice(["Add", "Sub", "Mul", "Div", "Pow", "Max", "Min"])
    if name in ("Div", "Pow"):
        if x.array.dtype in (I64, I32):
            y = g.make(x.array.dtype, y.array.shape, 1, 3)
        elif name == "Pow":
            x = g.node("Abs", [x], exact=True)[0]
    g.node(name, [x, y], exact=name != "Div" and not (name == "Pow" and x.array.dtype in EPS) or x.array.dtype not in EPS)


@op()
def narrow_binary(g):
    x = g.pick([U8, I8, I64, I32])
    y = g.matching(x)
    g.node(g.choice(["Add", "Sub", "Mul", "Max", "Min", "BitwiseAnd", "BitwiseOr", "BitwiseXor"]), [x, y], exact=True)


@op()
def mod(g):
    x = g.pick([I64, I32, I8, U8] + FLOATS, exact=True)
    y = g.make(x.array.dtype, x.array.shape if g.chance(0.5) else (), 1, 4)
    g.node("Mod", [x, y], exact=True, fmod=1 if x.array.dtype in EPS else g.integer(0, 1))


@op(2)
def compare(g):
    x = g.pick(FLOATS + [I64, I32, I8, U8], exact=True)
    g.node(g.choice(["Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual"]), [x, g.matching(x, exact=True)], exact=True)


@op()
def logic(g):
    x = g.pick([BOOL])
    if g.chance(0.3):
        g.node("Not", [x], exact=True)
    else:
        g.node(g.choice(["And", "Or", "Xor"]), [x, g.matching(x)], exact=True)


@op(2)
def where(g):
    x = g.pick(FLOATS + [I64, I32, U8, I8, BOOL])
    y = g.matching(x)
    c = g.pick([BOOL], test=lambda a: fits(a, x.array, y.array), fresh_shape=x.array.shape)
    g.node("Where", [c, x, y], exact=True)


def fits(*arrays):
    try:
        np.broadcast_shapes(*[a.shape for a in arrays])
        return True
    except ValueError:
        return False


@op()
def variadic(g):
    x = g.pick(FLOATS)
    g.node(g.choice(["Sum", "Mean", "Max", "Min"]), [x] + [g.matching(x) for _ in range(g.integer(0, 2))])


@op()
def clip(g):
    x = g.pick(FLOATS + [I64, I32, U8, I8])
    low = g.const(g.integer(0, 1), x.array.dtype) if g.chance(0.7) else None
    high = g.const(g.integer(1, 3), x.array.dtype) if g.chance(0.7) else None
    g.node("Clip", [x, low, high], exact=True)


@op(2)
def cast(g):
    x = g.pick(FLOATS + [I64, I32, BOOL, U8, I8], exact=True)
    to = g.choice([F32, F16, I64, I32, BOOL, U8, I8])
    if to == U8 and x.array.dtype != BOOL and x.array.astype(np.float32).min() < 0:
        raise Retry  # what a negative float becomes is nowhere said
    g.node("Cast", [x], exact=True, to=helper.np_dtype_to_tensor_dtype(to))


def axes_of(g, rank, least=1):
    n = g.integer(min(least, rank), rank)
    axes = g.rng.permutation(rank)[:n]
    return [int(a) - (rank if g.chance(0.3) else 0) for a in axes]


@op(4)
def reduce(g):
    x = g.pick(FLOATS + [I64, I32], least=1)
    names = ["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd"]
    if x.array.dtype in EPS:
        names += ["ReduceL1", "ReduceL2", "ReduceLogSumExp", "ReduceSumSquare", "ReduceLogSum"]
    name = g.choice(names)
    if name == "ReduceLogSum":
        x = g.node("Exp", [x])[0]
    if name == "ReduceMean" and x.array.dtype not in EPS:
        raise Retry
    axes = axes_of(g, x.array.ndim, 0)
    inputs = [x] + ([g.const(axes)] if axes else [])
    attrs = {"keepdims": g.integer(0, 1)}
    if not axes and g.chance(0.3):
        attrs["noop_with_empty_axes"] = 1
    g.node(name, inputs, exact=name in ("ReduceSum", "ReduceMax", "ReduceMin"), **attrs)


@op(2)
def arg(g):
    x = g.pick(FLOATS + [I32, I8, U8], least=1, exact=True)
    g.node(g.choice(["ArgMax", "ArgMin"]), [x], exact=True, axis=g.integer(-x.array.ndim, x.array.ndim - 1),
           keepdims=g.integer(0, 1), select_last_index=g.integer(0, 1))


@op()
def topk(g):
    x = g.pick(FLOATS + [I64], least=1, exact=True)
    axis = g.integer(-x.array.ndim, x.array.ndim - 1)
    k = g.const([g.integer(1, x.array.shape[axis])])
    largest = g.integer(0, 1)
    g.node("TopK", [x, k], 2, exact=True, axis=axis, largest=largest, sorted=1)


@op(3)
def softmax(g):
    x = g.pick(FLOATS, least=1)
    name = g.choice(["Softmax", "Softmax", "LogSoftmax", "Hardmax"])
    if name == "Hardmax" and not x.exact:
        raise Retry
    g.node(name, [x], exact=name == "Hardmax", axis=g.integer(-x.array.ndim, x.array.ndim - 1))


@op(3)
def transpose(g):
    x = g.pick(FLOATS + [I64, I32, BOOL, U8, I8], least=1)
    attrs = {} if g.chance(0.2) else {"perm": [int(p) for p in g.rng.permutation(x.array.ndim)]}
    g.node("Transpose", [x], exact=True, **attrs)


@op(3)
def reshape(g):
    x = g.pick(FLOATS + [I64, BOOL, U8])
    left, dims = x.array.size, []
    while left > 1 and len(dims) < 4 and not g.chance(0.2):
        d = g.choice([k for k in range(1, left + 1) if left % k == 0][:6])
        dims.append(d)
        left //= d
    dims.append(left)
    if g.chance(0.5):
        dims[g.integer(0, len(dims) - 1)] = -1
    for i, d in enumerate(dims):
        if d > 0 and i < x.array.ndim and x.array.shape[i] == d and g.chance(0.4):
            dims[i] = 0
    g.node("Reshape", [x, g.const(dims)], exact=True)


@op(2)
def reshape_by_shape(g):
    """Extents computed from a shape, as exporters write them."""
    x = g.pick(FLOATS, least=2)
    axis = g.integer(0, x.array.ndim - 1)
    s = g.node("Shape", [x], exact=True)[0]
    d = g.node("Gather", [s, g.const([axis])], exact=True, axis=0)[0]
    t = g.node("Concat", [d, g.const([-1])] if g.chance(0.5) else [g.const([-1]), d], exact=True, axis=0)[0]
    g.node("Reshape", [x, t], exact=True)


@op()
def expand_by_shape(g):
    x, y = g.pick(FLOATS, least=1), None
    y = g.matching(x)
    s = g.node("Shape", [x], exact=True)[0]
    g.node("Expand", [y, s], exact=True)


@op()
def slice_by_shape(g):
    x = g.pick(FLOATS + [I64], least=1)
    axis = g.integer(0, x.array.ndim - 1)
    s = g.node("Shape", [x], exact=True)[0]
    d = g.node("Gather", [s, g.const([axis])], exact=True, axis=0)[0]
    half = g.node("Div", [d, g.const([2])], exact=True)[0]
    g.node("Slice", [x, g.const([0]), half, g.const([axis])] if g.chance(0.5) else [x, half, d, g.const([axis])], exact=True)


@op()
def fill_by_shape(g):
    x = g.pick(FLOATS, least=1)
    s = g.node("Shape", [x], exact=True)[0]
    value = numpy_helper.from_array(np.array([g.integer(-2, 2)], g.choice([F32, I64, I32])))
    g.node("ConstantOfShape", [s], exact=True, value=value)


@op()
def range_of_extent(g):
    x = g.pick(FLOATS, least=1)
    n = g.node("Gather", [g.node("Shape", [x], exact=True)[0], g.const(g.integer(0, x.array.ndim - 1))], exact=True, axis=0)[0]
    g.node("Range", [g.const(0), n, g.const(g.integer(1, 2))], exact=True)


@op()
def size_and_shape(g):
    x = g.pick(FLOATS, least=1)
    if g.chance(0.3):
        g.node("Size", [x], exact=True)
    else:
        g.node("Shape", [x], exact=True, start=g.integer(-2, 1), end=g.integer(1, 4))


@op()
def flatten(g):
    x = g.pick(FLOATS + [I64], least=1)
    g.node("Flatten", [x], exact=True, axis=g.integer(0, x.array.ndim))


@op()
def squeeze(g):
    x = g.pick(FLOATS + [I64], test=lambda a: 1 in a.shape, fresh_shape=(1,) + g.shape(2))
    ones = [i for i, d in enumerate(x.array.shape) if d == 1]
    g.node("Squeeze", [x, g.const([g.choice(ones)])], exact=True)


@op()
def unsqueeze(g):
    x = g.pick(FLOATS + [I64, BOOL], most=3)
    n = g.integer(1, 2)
    g.node("Unsqueeze", [x, g.const([int(a) for a in g.rng.permutation(x.array.ndim + n)[:n]])], exact=True)


@op(3)
def slices(g):
    x = g.pick(FLOATS + [I64, I32, U8, BOOL], least=1)
    axes = axes_of(g, x.array.ndim)
    starts, ends, steps = [], [], []
    for a in axes:
        d = x.array.shape[a]
        step = g.choice([1, 1, 2, -1, -2])
        starts.append(g.integer(-d, d))
        ends.append(g.choice([g.integer(-d - 1, d + 1), 2**31 - 1 if step > 0 else -(2**31)]))
        steps.append(step)
    g.node("Slice", [x, g.const(starts), g.const(ends), g.const(axes), g.const(steps)], exact=True)


@op(2)
def split(g):
    x = g.pick(FLOATS + [I64], least=1, test=lambda a: max(a.shape) >= 2, fresh_shape=(4, 6))
    axis = g.choice([i for i, d in enumerate(x.array.shape) if d >= 2])
    d = x.array.shape[axis]
    if g.chance(0.5):
        first = g.integer(1, d - 1)
        g.node("Split", [x, g.const([first, d - first])], 2, exact=True, axis=axis)
    else:
        n = g.integer(2, min(d, 3))
        g.node("Split", [x], n, exact=True, axis=axis, num_outputs=n)


@op(3)
def concat(g):
    x = g.pick(FLOATS + [I64, BOOL, U8], least=1)
    axis = g.integer(-x.array.ndim, x.array.ndim - 1)
    others = []
    for _ in range(g.integer(1, 2)):
        shape = list(x.array.shape)
        shape[axis] = g.integer(1, 4)
        others.append(g.make(x.array.dtype, tuple(shape)))
    parts = [x] + others
    if g.chance(0.3):
        parts.append(x)
    g.node("Concat", [parts[i] for i in g.rng.permutation(len(parts))], exact=True, axis=axis)


@op(2)
def gather(g):
    x = g.pick(FLOATS + [I64, U8, BOOL], least=1)
    axis = g.integer(-x.array.ndim, x.array.ndim - 1)
    d = x.array.shape[axis]
    i = g.make(g.choice([I64, I32]), g.shape(g.integer(0, 2)), -d, d - 1)
    g.node("Gather", [x, i], exact=True, axis=axis)


@op()
def gather_elements(g):
    x = g.pick(FLOATS + [I64], least=1)
    axis = g.integer(-x.array.ndim, x.array.ndim - 1)
    shape = list(x.array.shape)
    shape[axis] = g.integer(1, 5)
    g.node("GatherElements", [x, g.make(I64, tuple(shape), -x.array.shape[axis], x.array.shape[axis] - 1)], exact=True, axis=axis)


@op()
def gather_nd(g):
    x = g.pick(FLOATS + [I64], least=2)
    n = g.integer(1, x.array.ndim)
    shape = g.shape(g.integer(0, 2)) + (n,)
    low = [np.array(g.array(I64, shape[:-1], 0, x.array.shape[k] - 1)) for k in range(n)]
    g.node("GatherND", [x, g.give(np.stack(low, -1))], exact=True)


@op()
def scatter_elements(g):
    x = g.pick(FLOATS + [I64], least=1)
    axis = g.integer(-x.array.ndim, x.array.ndim - 1)
    d = x.array.shape[axis]
    shape = list(x.array.shape)
    shape[axis] = g.integer(1, d)
    reduction = g.choice(["none", "add", "mul", "max", "min"])
    # Without a reduction the order of equal indices would matter.
    index = np.stack([g.rng.permutation(d)[:shape[axis]] for _ in range(int(np.prod(shape)) // shape[axis])]).astype(np.int64)
    rest = [s for k, s in enumerate(shape) if k != axis % x.array.ndim]
    index = np.moveaxis(index.reshape(*rest, shape[axis]), -1, axis)
    g.node("ScatterElements", [x, g.give(index), g.make(x.array.dtype, tuple(shape))], exact=True, axis=axis, reduction=reduction)


@op()
def scatter_nd(g):
    x = g.pick(FLOATS + [I64], least=1)
    d = x.array.shape[0]
    n = g.integer(1, d)
    index = g.give(g.rng.permutation(d)[:n].astype(np.int64).reshape(n, 1))
    g.node("ScatterND", [x, index, g.make(x.array.dtype, (n,) + x.array.shape[1:])], exact=True,
           reduction=g.choice(["none", "add", "max", "min"]))


@op()
def expand(g):
    x = g.pick(FLOATS + [I64, BOOL])
    shape = [g.integer(2, 4) if d == 1 and g.chance(0.7) else d for d in x.array.shape]
    if g.chance(0.4):
        shape = [g.integer(1, 3)] + shape
    g.node("Expand", [x, g.const(shape)], exact=True)


@op()
def tile(g):
    x = g.pick(FLOATS + [I64, BOOL], least=1)
    g.node("Tile", [x, g.const([g.integer(1, 3) for _ in x.array.shape])], exact=True)


@op(2)
def pad(g):
    x = g.pick(FLOATS + [I64], least=1)
    mode = g.choice(["constant", "constant", "reflect", "edge", "wrap"])
    if mode == "constant":
        pads = [g.integer(-1 if d > 2 else 0, 2) for d in x.array.shape * 2]
    else:
        pads = [g.integer(0, max(min(2, d - 1), 0)) for d in x.array.shape * 2]
    inputs = [x, g.const(pads)]
    if mode == "constant" and g.chance(0.6):
        inputs.append(g.const(g.integer(-2, 2), x.array.dtype))
    g.node("Pad", inputs, exact=True, mode=mode)


@op()
def cumulative(g):
    x = g.pick([F32, I64, I32], least=1)
    axis = g.const(g.integer(-x.array.ndim, x.array.ndim - 1))
    g.node("CumSum", [x, axis], exact=x.array.dtype not in EPS, exclusive=g.integer(0, 1), reverse=g.integer(0, 1))


@op(4)
def matmul(g):
    x = g.pick(FLOATS, least=1, most=4)
    k = x.array.shape[-1]
    n = g.integer(1, 40)
    if x.array.ndim >= 2 and g.chance(0.3):
        batch = x.array.shape[:-2]
        y = g.make(x.array.dtype, tuple(1 if g.chance(0.3) else b for b in batch) + (k, n))
    else:
        y = g.make(x.array.dtype, (k, n) if g.chance(0.85) else (k,))
    g.node("MatMul", [x, y])


@op(3)
def gemm(g):
    x = g.pick(FLOATS, rank=2)
    ta, tb = g.integer(0, 1), g.integer(0, 1)
    k = x.array.shape[0 if ta else 1]
    m = x.array.shape[1 if ta else 0]
    n = g.integer(1, 40)
    inputs = [x, g.make(x.array.dtype, (n, k) if tb else (k, n))]
    if g.chance(0.7):
        inputs.append(g.make(x.array.dtype, g.choice([(n,), (1, n), (m, 1), (m, n), ()])))
    g.node("Gemm", inputs, transA=ta, transB=tb, alpha=g.choice([1.0, 0.5]), beta=g.choice([1.0, 2.0]))


@op()
def einsum(g):
    a, b, c, d = (g.integer(1, 5) for _ in range(4))
    equation, shapes = g.choice([("ij,jk->ik", [(a, b), (b, c)]), ("bij,bjk->bik", [(d, a, b), (d, b, c)]),
                                 ("bhid,bhjd->bhij", [(a, b, c, d), (a, b, 3, d)]), ("ij->ji", [(a, b)]), ("ii->i", [(a, a)]),
                                 ("ij->", [(a, b)]), ("...ij,...jk->...ik", [(d, a, b), (d, b, c)]), ("i,j->ij", [(a,), (b,)])])
    g.node("Einsum", [g.make(F32, s) for s in shapes], equation=equation)


def window(g, x, kernel_max=3, dilate=True):
    """Attributes of a sliding window over x's spatial axes."""
    spatial = x.array.shape[2:]
    kernel = [g.integer(1, min(kernel_max, d)) for d in spatial]
    attrs = {"kernel_shape": kernel}
    if g.chance(0.5):
        attrs["strides"] = [g.integer(1, 2) for _ in spatial]
    if dilate and g.chance(0.3):
        attrs["dilations"] = [g.integer(1, 2) for _ in spatial]
    how = g.integer(0, 3)
    if how == 1:
        attrs["pads"] = [g.integer(0, k // 2) for k in kernel * 2]
    elif how == 2 and "dilations" not in attrs:
        attrs["auto_pad"] = g.choice(["SAME_UPPER", "SAME_LOWER", "VALID"])
    return attrs


def image(g, dtypes=None, spatial=None):
    dims = spatial or g.choice([1, 2, 2, 2, 3])
    shape = (g.integer(1, 2), g.choice([1, 2, 3, 4, 8, 16]), *[g.integer(3, 9) for _ in range(dims)])
    return g.pick(dtypes or FLOATS, rank=dims + 2, fresh_shape=shape, test=lambda a: min(a.shape[2:]) >= 2)


@op(6)
def conv(g):
    x = image(g)
    c = x.array.shape[1]
    group = g.choice([k for k in range(1, c + 1) if c % k == 0] + [1, c])
    m = group * g.integer(1, 6)
    attrs = window(g, x)
    inputs = [x, g.make(x.array.dtype, (m, c // group, *attrs["kernel_shape"]), constant=g.chance(0.9))]
    if g.chance(0.6):
        inputs.append(g.make(x.array.dtype, (m,), constant=g.chance(0.9)))
    if g.chance(0.3):
        del attrs["kernel_shape"]
    y = g.node("Conv", inputs, group=group, **attrs)[0]
    if g.chance(0.5):
        y = g.node(g.choice(["Relu", "Sigmoid", "HardSwish", "LeakyRelu"]), [y])[0]
    if g.chance(0.3):
        g.node("Add", [y, g.make(y.array.dtype, y.array.shape)])


@op(2)
def conv_transpose(g):
    x = image(g, spatial=g.choice([1, 2, 2]))
    c = x.array.shape[1]
    group = g.choice([k for k in range(1, c + 1) if c % k == 0])
    spatial = x.array.ndim - 2
    kernel = [g.integer(1, 3) for _ in range(spatial)]
    strides = [g.integer(1, 2) for _ in range(spatial)]
    attrs = {"strides": strides, "group": group}
    if g.chance(0.4):
        attrs["pads"] = [g.integer(0, k // 2) for k in kernel * 2]
    if g.chance(0.3):
        attrs["output_padding"] = [g.integer(0, s - 1) for s in strides]
    if g.chance(0.3):
        attrs["dilations"] = [g.integer(1, 2) for _ in kernel]
    m = g.integer(1, 4)
    inputs = [x, g.make(x.array.dtype, (c, m, *kernel), constant=True)]
    if g.chance(0.5):
        inputs.append(g.make(x.array.dtype, (m * group,), constant=True))
    g.node("ConvTranspose", inputs, **attrs)


@op(4)
def pool(g):
    x = image(g)
    name = g.choice(["MaxPool", "AveragePool", "LpPool"])
    attrs = window(g, x)
    if g.chance(0.3) and "auto_pad" not in attrs:
        attrs["ceil_mode"] = 1
    if name == "AveragePool":
        attrs["count_include_pad"] = g.integer(0, 1)
    if name == "LpPool":
        attrs["p"] = g.integer(1, 2)
        if x.array.dtype != F32:
            raise Retry
    if name == "AveragePool" and attrs.get("ceil_mode") and attrs["count_include_pad"]:
        raise Retry  # ONNX's text and ONNX Runtime differ there
    g.node(name, [x], exact=name == "MaxPool", **attrs)


@op()
def global_pool(g):
    g.node(g.choice(["GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"]), [image(g, [F32])])


@op(2)
def batch_norm(g):
    x = image(g)
    c = x.array.shape[1]
    p = [g.make(x.array.dtype, (c,), constant=True) for _ in range(3)]
    g.node("BatchNormalization", [x, *p, g.make(x.array.dtype, (c,), 0.5, 3, constant=True)], epsilon=g.choice([1e-5, 1e-3]))


@op()
def instance_norm(g):
    x = image(g)
    c = x.array.shape[1]
    g.node("InstanceNormalization", [x, g.make(x.array.dtype, (c,)), g.make(x.array.dtype, (c,))], epsilon=1e-2)


@op(2)
def layer_norm(g):
    x = g.pick(FLOATS, least=1)
    axis = g.integer(-x.array.ndim, -1)
    shape = x.array.shape[axis:]
    inputs = [x, g.make(x.array.dtype, shape)] + ([g.make(x.array.dtype, shape)] if g.chance(0.7) else [])
    g.node("LayerNormalization", inputs, axis=axis, epsilon=1e-2)


@op()
def group_norm(g):
    x = image(g)
    c = x.array.shape[1]
    groups = g.choice([k for k in range(1, c + 1) if c % k == 0])
    # ONNX Runtime takes scales of one element, which ONNX does not have.
    scale, bias = (g.make(x.array.dtype, (c,), constant=True) for _ in range(2))
    g.node("GroupNormalization", [x, scale, bias], num_groups=groups, epsilon=1e-2)


@op()
def lrn(g):
    x = image(g, [F32], 2)
    g.node("LRN", [x], size=g.choice([1, 3, 5]), alpha=0.5, beta=0.75, bias=1.0)


@op()
def lp_norm(g):
    x = g.pick([F32], least=1)
    g.node("LpNormalization", [x], axis=g.integer(-x.array.ndim, x.array.ndim - 1), p=g.integer(1, 2))


@op(2)
def resize(g):
    x = image(g, [F32], g.choice([1, 2, 2]))
    mode = g.choice(["nearest", "linear", "cubic"])
    attrs = {"mode": mode, "coordinate_transformation_mode":
             g.choice(["half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"])}
    if mode == "nearest":
        attrs["nearest_mode"] = g.choice(["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"])
    if mode == "cubic" and x.array.ndim != 4:
        raise Retry
    if g.chance(0.5):
        scales = [1.0, 1.0] + [g.choice([0.5, 1.0, 2.0, 1.5]) for _ in x.array.shape[2:]]
        g.node("Resize", [x, None, g.const(scales, F32)], **attrs)
    else:
        sizes = list(x.array.shape[:2]) + [g.integer(2, 12) for _ in x.array.shape[2:]]
        g.node("Resize", [x, None, None, g.const(sizes)], **attrs)


@op()
def space(g):
    b = g.integer(2, 3)
    if g.chance(0.5):
        x = g.make(F32, (g.integer(1, 2), b * b * g.integer(1, 3), g.integer(1, 4), g.integer(1, 4)))
        g.node("DepthToSpace", [x], exact=True, blocksize=b, mode=g.choice(["DCR", "CRD"]))
    else:
        x = g.make(F32, (g.integer(1, 2), g.integer(1, 3), b * g.integer(1, 3), b * g.integer(1, 3)))
        g.node("SpaceToDepth", [x], exact=True, blocksize=b)


@op()
def one_hot(g):
    x = g.pick([I64, I32], most=2)
    depth = g.integer(2, 6)
    g.node("OneHot", [x, g.const(depth), g.const([0, 1], g.choice([F32, I64]))], exact=True,
           axis=g.integer(-x.array.ndim - 1, x.array.ndim))


@op()
def non_zero(g):
    x = g.pick([F32, I64, I32, BOOL, U8], least=1, exact=True)
    g.node("NonZero", [x], exact=True)


@op()
def compress(g):
    x = g.pick([F32, I64], least=1)
    axis = g.integer(0, x.array.ndim - 1)
    g.node("Compress", [x, g.make(BOOL, (x.array.shape[axis],))], exact=True, axis=axis)


@op()
def trilu(g):
    x = g.pick([F32, I64, BOOL], least=2)
    g.node("Trilu", [x, g.const(g.integer(-2, 2))] if g.chance(0.6) else [x], exact=True, upper=g.integer(0, 1))


@op()
def eye(g):
    x = g.pick([F32, I64, I32], rank=2)
    g.node("EyeLike", [x], exact=True, k=g.integer(-2, 2))


@op()
def prelu(g):
    x = g.pick(FLOATS, least=1)
    slope = g.make(x.array.dtype, g.choice([x.array.shape[-1:], (1,), tuple([1] * (x.array.ndim - 1)) + x.array.shape[-1:]]))
    g.node("PRelu", [x, slope], exact=True)


@op(2)
def quantize(g):
    x = g.pick([F32], least=1, exact=True)
    zero = g.choice([U8, I8])
    per_axis = g.chance(0.4)
    axis = g.integer(-x.array.ndim, x.array.ndim - 1)
    n = (x.array.shape[axis],) if per_axis else ()
    scale = g.give((2.0 ** g.rng.integers(-3, 1, n)).astype(np.float32), True)
    offset = g.give(g.array(zero, n, 0, 4), True)
    q = g.node("QuantizeLinear", [x, scale, offset], exact=True, axis=axis)[0]
    g.node("DequantizeLinear", [q, scale, offset], exact=True, axis=axis)


@op()
def dynamic_quantize(g):
    x = g.pick([F32], least=1, exact=True)
    g.node("DynamicQuantizeLinear", [x], 3)


@op()
def matmul_integer(g):
    m, k, n = g.integer(1, 6), g.integer(1, 9), g.integer(1, 6)
    a, b = g.make(g.choice([U8, I8]), (m, k)), g.make(g.choice([U8, I8]), (k, n))
    inputs = [a, b]
    if g.chance(0.6):
        inputs += [g.give(g.array(a.array.dtype, ()), True), g.give(g.array(b.array.dtype, ()), True)]
    g.node("MatMulInteger", inputs, exact=True)


@op()
def conv_integer(g):
    x = g.make(U8, (1, g.integer(1, 3), g.integer(3, 6), g.integer(3, 6)))
    w = g.make(U8, (g.integer(1, 3), x.array.shape[1], 2, 2), constant=True)
    g.node("ConvInteger", [x, w, g.const(g.integer(0, 3), U8)] if g.chance(0.6) else [x, w], exact=True,
           pads=[g.integer(0, 1)] * 4)


@op()
def qlinear_matmul(g):
    m, k, n = g.integer(1, 6), g.integer(1, 9), g.integer(1, 6)
    t = g.choice([U8, I8])
    def scale():
        return g.const(g.choice([0.25, 0.5, 1.0]), F32)
    def zero():
        return g.const(g.integer(0, 3), t)
    g.node("QLinearMatMul", [g.make(t, (m, k)), scale(), zero(), g.make(t, (k, n)), scale(), zero(), scale(), zero()], exact=True)


@op(2)
def recurrent(g):
    name = g.choice(["LSTM", "GRU", "RNN"])
    gates = {"LSTM": 4, "GRU": 3, "RNN": 1}[name]
    x = g.pick([F32], rank=3, fresh_shape=(g.integer(1, 5), g.integer(1, 3), g.integer(1, 8)))
    t, b, i = x.array.shape
    h = g.integer(1, 9)
    direction = g.choice(["forward", "reverse", "bidirectional"])
    d = 2 if direction == "bidirectional" else 1
    inputs = [x, g.make(F32, (d, gates * h, i), -1, 1, constant=True), g.make(F32, (d, gates * h, h), -1, 1, constant=True),
              g.make(F32, (d, 2 * gates * h), -1, 1, constant=True) if g.chance(0.7) else None,
              g.give(g.array(I32, (b,), 1, t)) if g.chance(0.3) else None,
              g.make(F32, (d, b, h), -1, 1) if g.chance(0.4) else None]
    if name == "LSTM" and g.chance(0.4):
        inputs.append(g.make(F32, (d, b, h), -1, 1))
    while inputs[-1] is None:
        inputs.pop()
    attrs = {"linear_before_reset": g.integer(0, 1)} if name == "GRU" else {}
    g.node(name, inputs, 3 if name == "LSTM" else 2, hidden_size=h, direction=direction, **attrs)


@op()
def reverse_sequence(g):
    x = g.pick([F32, I64], least=2)
    n, t = x.array.shape[0], x.array.shape[1]
    g.node("ReverseSequence", [x, g.give(g.array(I64, (n,), 1, t))], exact=True, batch_axis=0, time_axis=1)


@op()
def grid_sample(g):
    x = image(g, [F32], 2)
    n = x.array.shape[0]
    grid = g.give((g.rng.integers(-9, 10, (n, g.integer(1, 4), g.integer(1, 4), 2)) / 8 + 0.01).astype(np.float32))
    mode, padding = g.choice(["linear", "nearest", "cubic"]), g.choice(["zeros", "border", "reflection"])
    if (mode, padding) == ("cubic", "border"):
        raise Retry  # ONNX Runtime clamps each pixel; ONNX's evaluator, and this library, clamp the place
    g.node("GridSample", [x, grid], mode=mode, padding_mode=padding, align_corners=g.integer(0, 1))


@op()
def bit_shift(g):
    x = g.pick([U8])
    g.node("BitShift", [x, g.make(U8, x.array.shape if g.chance(0.6) else (), 0, 4)], exact=True,
           direction=g.choice(["LEFT", "RIGHT"]))


@op()
def unique(g):
    x = g.pick([F32, I64], rank=1, exact=True)
    g.node("Unique", [x], g.integer(1, 4), exact=True, sorted=1)


@op()
def dropout(g):
    g.node("Dropout", [g.pick(FLOATS)], exact=True)


@op()
def branch(g):
    x = g.pick([F32], least=1)
    c = g.give(np.array(g.chance(0.5)))
    names = [g.fresh("b") for _ in range(3)]
    then = helper.make_graph([helper.make_node(g.choice(["Relu", "Neg", "Sigmoid"]), [x.name], [names[0]])], "then", [],
                             [info(names[0], F32, [None] * x.array.ndim)])
    otherwise = helper.make_graph([helper.make_node("Add", [x.name, x.name], [names[1]]),
                                   helper.make_node("Exp", [names[1]], [names[2]])] if g.chance(0.5) else
                                  [helper.make_node("Identity", [x.name], [names[2]])], "else", [],
                                  [info(names[2], F32, [None] * x.array.ndim)])
    # The branches read x from around them, which the trial of a single node does not see as an input.
    y = helper.make_node("If", [c.name], [g.fresh()], then_branch=then, else_branch=otherwise)
    g.structured(y, [c, x])


@op()
def loop(g):
    x = g.pick([F32], most=3)
    trips = g.give(np.array(g.integer(0, 4), np.int64), g.chance(0.5))
    i, cond, v, cond_out, v_out, each = (g.fresh("l") for _ in range(6))
    free = [None] * x.array.ndim
    body = helper.make_graph(
        [helper.make_node("Identity", [cond], [cond_out]), helper.make_node(g.choice(["Tanh", "Sigmoid", "Neg"]), [v], [v_out]),
         helper.make_node("Add", [v_out, x.name], [each])], "body",
        [info(i, I64, []), info(cond, BOOL, []), info(v, F32, free)],
        [info(cond_out, BOOL, []), info(v_out, F32, free), info(each, F32, free)])
    y = helper.make_node("Loop", [trips.name, "", x.name], [g.fresh(), g.fresh()], body=body)
    g.structured(y, [trips, x])


@op()
def scan(g):
    x = g.pick([F32], least=1, most=3)
    shape = x.array.shape[1:]
    s0 = g.make(F32, shape)
    s, e, s2, y2 = (g.fresh("s") for _ in range(4))
    free = [None] * len(shape)
    body = helper.make_graph([helper.make_node("Add", [s, e], [s2]), helper.make_node("Tanh", [s2], [y2])], "body",
                             [info(s, F32, free), info(e, F32, free)], [info(s2, F32, free), info(y2, F32, free)])
    y = helper.make_node("Scan", [s0.name, x.name], [g.fresh(), g.fresh()], body=body, num_scan_inputs=1,
                         scan_input_directions=[g.integer(0, 1)], scan_output_directions=[g.integer(0, 1)])
    g.structured(y, [s0, x])
