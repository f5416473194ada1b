# SPDX-License-Identifier: Apache-2.0
"""A graph that grows by drawn nodes, each run by ONNX Runtime at once; for onnx_random.py."""
import collections
import pathlib
import sys

import ml_dtypes
import numpy as np
from onnx import helper, numpy_helper

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import onnx_runners  # noqa: E402

OPSET = 21
IR_VERSION = 10
LARGEST = 20000  # elements of a value
F32, F16, BF16 = np.dtype(np.float32), np.dtype(np.float16), np.dtype(ml_dtypes.bfloat16)
I64, I32, I8, U8, BOOL = (np.dtype(t) for t in (np.int64, np.int32, np.int8, np.uint8, np.bool_))
FLOATS = [F32, F32, F32, F16]
EPS = {F32: 2.0**-23, F16: 2.0**-10, BF16: 2.0**-7}

Value = collections.namedtuple("Value", "name array exact dynamic")


class Retry(Exception):
    """The drawn node does not suit."""


def ort():
    import onnxruntime
    onnxruntime.set_default_logger_severity(4)
    return onnxruntime


def ort_session(model):
    o = ort()
    options = o.SessionOptions()
    options.graph_optimization_level = o.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    return o.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def info(name, dtype, shape):
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(dtype), shape)


class Generator:
    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.values = []
        self.nodes = []
        self.inputs = []        # Value
        self.initializers = []  # TensorProto
        self.counter = 0
        self.names = {}         # (input, axis) -> dim name

    # --- Draws
    def integer(self, low, high):
        return int(self.rng.integers(low, high + 1))

    def choice(self, items):
        return items[int(self.rng.integers(len(items)))]

    def chance(self, p):
        return bool(self.rng.random() < p)

    def shape(self, rank, largest=6):
        return tuple(1 if self.chance(0.12) else self.integer(1, largest) for _ in range(rank))

    def array(self, dtype, shape, low=None, high=None):
        if dtype == BOOL:
            return self.rng.integers(0, 2, shape).astype(bool)
        if dtype in EPS:
            low, high = (-3 if low is None else low), (3 if high is None else high)
            return (self.rng.integers(int(low * 4), int(high * 4) + 1, shape) / 4).astype(dtype)
        low = (0 if dtype == U8 else -6) if low is None else low
        return self.rng.integers(low, (9 if high is None else high) + 1, shape).astype(dtype)

    # --- Values
    def fresh(self, stem="v"):
        self.counter += 1
        return f"{stem}{self.counter}"

    def make(self, dtype, shape, low=None, high=None, constant=None):
        """A new input or initializer."""
        a = self.array(dtype, shape, low, high)
        return self.give(a, constant)

    def give(self, a, constant=None):
        name = self.fresh("x")
        constant = self.chance(0.4) if constant is None else constant
        value = Value(name, a, True, not constant)
        if constant:
            self.initializers.append(numpy_helper.from_array(a, name))
        else:
            self.inputs.append(value)
        self.values.append(value)
        return value

    def const(self, values, dtype=I64):
        return self.give(np.asarray(values, dtype), True)

    def pick(self, dtypes, rank=None, least=0, most=5, exact=False, test=None, fresh_shape=None):
        """A value of one of the types, an existing one if any suits (mostly)."""
        found = [v for v in self.values
                 if v.array.dtype in dtypes and least <= v.array.ndim <= most and (rank is None or v.array.ndim == rank)
                 and (v.exact or not exact) and v.array.size and (test is None or test(v.array))]
        if found and self.chance(0.85):
            # The newest ones make deep graphs.
            return found[-1] if self.chance(0.6) else self.choice(found)
        shape = fresh_shape or self.shape(rank if rank is not None else self.integer(least, min(most, 4)))
        v = self.make(self.choice(dtypes), shape, constant=False if self.chance(0.8) else None)
        if test is not None and not test(v.array):
            raise Retry
        return v

    def matching(self, v, exact=False):
        """Another value that broadcasts with v."""
        def fits(a):
            try:
                return np.broadcast_shapes(a.shape, v.array.shape) is not None
            except ValueError:
                return False
        found = [w for w in self.values if w.array.dtype == v.array.dtype and fits(w.array) and w.array.size and
                 (w.exact or not exact)]
        if found and self.chance(0.4):
            return self.choice(found)
        shape = [1 if self.chance(0.25) else d for d in v.array.shape]
        return self.make(v.array.dtype, tuple(shape[self.integer(0, len(shape)):] if self.chance(0.3) else shape))

    def node(self, op, inputs, outputs=1, exact=False, domain="", **attrs):
        """Adds the node if ONNX Runtime takes it; its outputs."""
        names = [self.fresh() for _ in range(outputs)]
        n = helper.make_node(op, [i.name if i is not None else "" for i in inputs], names, domain=domain, **attrs)
        feeds = {i.name: i for i in inputs if i is not None}
        graph = helper.make_graph([n], "g", [info(v.name, v.array.dtype, v.array.shape) for v in feeds.values()],
                                  [helper.make_empty_tensor_value_info(o) for o in names])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        try:
            arrays = ort_run(model, {k: v.array for k, v in feeds.items()})
        except Exception as refused:  # noqa: BLE001
            raise Retry from refused
        for a in arrays:
            if a.size > LARGEST or (a.dtype in EPS and a.size and not np.isfinite(a.astype(np.float32)).all()
                                    and self.chance(0.9)):
                raise Retry
            if a.dtype in EPS and a.size and np.abs(np.nan_to_num(a.astype(np.float32))).max() > 1e4:
                raise Retry
            if a.dtype in (I64, I32) and a.size and np.abs(a.astype(np.float64)).max() > 2**30:
                raise Retry  # what overflows is nowhere said
            if a.dtype not in onnx_runners.TYPES or (op.endswith(("Pool", "Conv")) and a.size == 0):
                raise Retry
        self.nodes.append(n)
        exact = exact and all(i is None or i.exact for i in inputs)
        made = []
        for name, a in zip(names, arrays):
            fine = exact and (a.dtype not in EPS or is_exact(a))
            made.append(Value(name, a, fine or (a.dtype not in EPS and exact), any(i is not None and i.dynamic for i in inputs)))
        self.values += made
        return made

    def structured(self, node, read):
        outputs = list(node.output)
        graph = helper.make_graph([node], "g", [info(v.name, v.array.dtype, v.array.shape) for v in read],
                                  [helper.make_empty_tensor_value_info(o) for o in outputs])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        try:
            arrays = ort_run(model, {v.name: v.array for v in read})
        except Exception as refused:  # noqa: BLE001
            raise Retry from refused
        if any(a.size > LARGEST or (a.size and np.abs(a).max() > 1e4) for a in arrays):
            raise Retry
        self.nodes.append(node)
        self.values += [Value(n, a, False, True) for n, a in zip(outputs, arrays)]


def is_exact(a):
    """Whether sums and products of a few such numbers are still exact."""
    x = a.astype(np.float64)
    limit = 64 if a.dtype == F32 else 8
    return bool(a.size == 0 or (np.isfinite(x).all() and np.abs(x).max() <= limit and (x * 16 == np.round(x * 16)).all()))


def ort_run(model, feeds):
    """Runs a model in ONNX Runtime; bfloat16 goes through its own value type."""
    session = ort_session(model)
    return session.run(None, feeds)


OPS = []


def op(weight=1):
    def add(f):
        OPS.extend([f] * weight)
        return f
    return add
