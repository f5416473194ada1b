# SPDX-License-Identifier: Apache-2.0
"""Operators in the forms that they had in each version of ONNX's operator set, against ONNX Runtime.

What was an attribute became an input, defaults changed, and so did meanings (Softmax before and after 13). Where ONNX Runtime
has no kernel, the evaluator of the package `onnx` answers.
"""
import ml_dtypes
import numpy as np
import pytest

trt = pytest.importorskip("tensorrt", reason="the Python module is not built (PYTHONPATH=build/python)")
ort = pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed")
onnx = pytest.importorskip("onnx", reason="the package onnx is not installed")
onnx_runners = pytest.importorskip("onnx_runners")

helper = onnx.helper
F, I = np.float32, np.int64


def x(*shape, seed=0, dtype=F, low=-3.0, high=3.0):
    values = np.random.default_rng(seed + len(shape)).uniform(low, high, shape)
    return values.astype(dtype) if np.dtype(dtype).kind == "f" else np.round(values).astype(dtype)


class C:
    """A constant input, in contrast to one that is bound."""

    def __init__(self, values, dtype=I):
        self.array = np.asarray(values, dtype)


def row(op, versions, inputs, outputs=1, **attrs):
    return [(f"{op}-{v}", v, op, inputs, outputs, attrs) for v in versions]


IMAGE = x(1, 4, 6, 6)
ROWS = []
for op in ("Softmax", "LogSoftmax", "Hardmax"):
    ROWS += row(op, [7, 11, 13], [x(2, 3, 4)])
    ROWS += row(op, [7, 11, 13], [x(2, 3, 4)], axis=2)
    ROWS += row(op, [7, 11, 13], [x(2, 3, 4)], axis=0)
    ROWS += row(op, [11, 13], [x(2, 3, 4)], axis=-1)
NORM = [C(x(4), F), C(x(4, seed=1), F), C(x(4, seed=2), F), C(x(4, low=0.5), F)]
ROWS += row("BatchNormalization", [7], [IMAGE, *NORM], spatial=1)
ROWS += row("BatchNormalization", [7, 9, 14, 15], [IMAGE, *NORM], epsilon=1e-3)
ROWS += row("BatchNormalization", [14, 15], [IMAGE, *NORM], training_mode=0, momentum=0.8)
ROWS += row("Upsample", [7], [IMAGE], scales=[1.0, 1.0, 2.0, 2.0], mode="nearest")
ROWS += row("Upsample", [7], [IMAGE], scales=[1.0, 1.0, 2.0, 3.0], mode="linear")
ROWS += row("Upsample", [9, 10], [IMAGE, C([1, 1, 2, 3], F)], mode="nearest")
ROWS += row("Upsample", [9], [IMAGE, C([1, 1, 2, 2], F)], mode="linear")
ROWS += row("Resize", [10], [IMAGE, C([1, 1, 2, 2], F)], mode="nearest")
ROWS += row("Resize", [10], [IMAGE, C([1, 1, 1.5, 2], F)], mode="linear")
ROI = C([], F)
for mode in ("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"):
    ROWS += row("Resize", [11, 13, 18, 19], [IMAGE, ROI, C([1, 1, 1.5, 0.5], F)], mode="linear", coordinate_transformation_mode=mode)
    ROWS += row("Resize", [11, 13, 18], [IMAGE, ROI, C([], F), C([1, 4, 9, 4])], mode="cubic", coordinate_transformation_mode=mode)
    ROWS += row("Resize", [11, 13], [IMAGE, ROI, C([1, 1, 2, 3], F)], mode="nearest", coordinate_transformation_mode=mode,
                nearest_mode="floor")
ROWS += row("Resize", [11, 13], [IMAGE, C([0, 0, 0.2, 0.1, 1, 1, 0.8, 1.1], F), C([], F), C([1, 4, 5, 5])], mode="linear",
            coordinate_transformation_mode="tf_crop_and_resize", extrapolation_value=7.0)
ROWS += row("Resize", [18], [IMAGE, None, C([0.5, 0.5], F)], mode="linear", axes=[2, 3], antialias=1)
ROWS += row("Resize", [18], [IMAGE, None, None, C([9, 5])], mode="linear", axes=[2, 3], keep_aspect_ratio_policy="not_larger")
ROWS += row("Clip", [7], [x(3, 4)], min=-1.0, max=1.5)
ROWS += row("Clip", [7], [x(3, 4)], max=0.5)
ROWS += row("Clip", [11, 12, 13], [x(3, 4), C(-1, F), C(1.5, F)])
ROWS += row("Clip", [11, 13], [x(3, 4), None, C(0.5, F)])
ROWS += row("Clip", [12, 13], [x(3, 4, dtype=np.int32), C(-1, np.int32), C(2, np.int32)])
for mode in ("constant", "reflect", "edge"):
    ROWS += row("Pad", [7], [x(3, 4)], pads=[1, 2, 0, 1], mode=mode)
    ROWS += row("Pad", [11, 13, 18, 19, 21], [x(3, 4), C([1, 2, 0, 1])], mode=mode)
ROWS += row("Pad", [7], [x(3, 4)], pads=[1, 0, 0, 1], value=2.5)
ROWS += row("Pad", [11, 13, 18], [x(3, 4), C([1, 0, -1, 1]), C(2.5, F)])
ROWS += row("Pad", [18, 19], [x(3, 4), C([1, 2]), C(1.5, F), C([1])])
ROWS += row("Pad", [19, 21], [x(3, 4), C([1, 2, 1, 1])], mode="wrap")
ROWS += row("Squeeze", [7, 11], [x(1, 3, 1)], axes=[0])
ROWS += row("Squeeze", [11], [x(1, 3, 1)], axes=[-1])
ROWS += row("Squeeze", [7, 13, 21], [x(1, 3, 1)])
ROWS += row("Squeeze", [13, 21], [x(1, 3, 1), C([0, -1])])
ROWS += row("Unsqueeze", [7, 11], [x(3, 2)], axes=[0, 3])
ROWS += row("Unsqueeze", [11], [x(3, 2)], axes=[-1])
ROWS += row("Unsqueeze", [13, 21], [x(3, 2), C([-1, 0])])
REDUCTIONS = ["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare",
              "ReduceLogSumExp"]
for op in REDUCTIONS:
    ROWS += row(op, [7, 11], [x(2, 3, 4)], axes=[1], keepdims=0)
    ROWS += row(op, [11], [x(2, 3, 4)], axes=[-1, 0])
    ROWS += row(op, [7, 13, 18], [x(2, 3, 4)])
    if op == "ReduceSum":
        ROWS += row(op, [13], [x(2, 3, 4), C([1])], keepdims=0)
        ROWS += row(op, [13], [x(2, 3, 4)], noop_with_empty_axes=1)
    else:
        ROWS += row(op, [13], [x(2, 3, 4)], axes=[1], keepdims=0)
        ROWS += row(op, [18], [x(2, 3, 4), C([1, -1])], keepdims=0)
        ROWS += row(op, [18], [x(2, 3, 4), C([])], noop_with_empty_axes=1)
ROWS += row("ReduceMin", [12, 13], [x(2, 3, dtype=np.uint8, low=0)], axes=[1])
ROWS += row("ReduceMin", [20], [x(2, 3, dtype=np.int32, low=0, high=1).astype(bool), C([1])])
ROWS += row("ReduceLogSum", [18], [x(2, 3, 4, low=0.5), C([1])])
ROWS += row("ReduceLogSum", [7, 11, 13], [x(2, 3, 4, low=0.5)], axes=[1])
ROWS += row("ReduceMax", [12, 13], [x(2, 3, dtype=np.int8)], axes=[1])
ROWS += row("ReduceMax", [20], [x(2, 3, dtype=np.int32, low=0, high=1).astype(bool), C([1])])
ROWS += row("Dropout", [7, 10], [x(3, 4)], ratio=0.3)
ROWS += row("Dropout", [12, 13, 22], [x(3, 4)])
ROWS += row("Dropout", [12, 13], [x(3, 4), C(0.3, F), C(False, bool)])
ROWS += row("LayerNormalization", [17], [x(2, 3, 4), C(x(4), F), C(x(4, seed=1), F)], axis=-1)
ROWS += row("LayerNormalization", [17], [x(2, 3, 4), C(x(3, 4), F)], outputs=3, axis=1)
ROWS += row("GroupNormalization", [18], [IMAGE, C(x(2), F), C(x(2, seed=1), F)], num_groups=2)
ROWS += row("GroupNormalization", [21], [IMAGE, C(x(4), F), C(x(4, seed=1), F)], num_groups=2)
ROWS += row("Split", [7, 11], [x(4, 6)], outputs=2, axis=1)
ROWS += row("Split", [7, 11], [x(4, 6)], outputs=2, axis=1, split=[2, 4])
ROWS += row("Split", [13, 18], [x(4, 6), C([1, 5])], outputs=2, axis=-1)
ROWS += row("Split", [13], [x(4, 6)], outputs=2)
ROWS += row("Split", [18], [x(5, 6)], outputs=3, num_outputs=3)
ROWS += row("Slice", [7], [x(4, 6)], starts=[1, -3], ends=[3, 100])
ROWS += row("Slice", [7], [x(4, 6)], starts=[1], ends=[-1], axes=[1])
ROWS += row("Slice", [10, 11, 13], [x(4, 6), C([1, 0]), C([4, 5])])
ROWS += row("Slice", [10, 11, 13], [x(4, 6), C([5]), C([0]), C([1]), C([-2])])
ROWS += row("Slice", [11, 13], [x(4, 6), C([-5], np.int32), C([2**31 - 1], np.int32), C([-1], np.int32)])
ROWS += row("TopK", [7], [x(3, 8)], outputs=2, k=3)
ROWS += row("TopK", [10, 11, 24], [x(3, 8), C([3])], outputs=2, axis=-1)
ROWS += row("TopK", [11], [x(3, 8), C([2])], outputs=2, axis=0, largest=0)
ROWS += row("Cast", [7, 9, 13, 19], [x(3, 4)], to=onnx.TensorProto.INT32)
ROWS += row("Cast", [7, 9, 13], [x(3, 4)], to=onnx.TensorProto.FLOAT16)
ROWS += row("Cast", [19, 21], [x(3, 4)], to=onnx.TensorProto.INT64, saturate=1)
ROWS += row("Gather", [7, 11, 13], [x(4, 3), C([2, 0, 1])], axis=0)
ROWS += row("Gather", [11, 13], [x(4, 3), C([[-1, 0]])], axis=1)
ROWS += row("Scatter", [9], [x(3, 3), C([[1, 0, 2]]), x(1, 3, seed=4)], axis=0)
ROWS += row("ScatterElements", [11, 13, 16, 18], [x(3, 3), C([[1, 0, 2]]), x(1, 3, seed=4)], axis=0)
ROWS += row("ScatterElements", [16, 18], [x(3, 3), C([[1, 0, 1]]), x(1, 3, seed=4)], axis=1, reduction="add")
ROWS += row("ScatterElements", [18], [x(3, 3), C([[1, 0, 1]]), x(1, 3, seed=4)], axis=1, reduction="max")
ROWS += row("ScatterND", [11, 13, 16, 18], [x(4, 3), C([[2], [0]]), x(2, 3, seed=4)])
ROWS += row("ScatterND", [16, 18], [x(4, 3), C([[2], [2]]), x(2, 3, seed=4)], reduction="mul")
ROWS += row("GatherND", [11, 12, 13], [x(2, 3, 4), C([[0, 1], [1, 2]])])
ROWS += row("GatherND", [12, 13], [x(2, 3, 4), C([[1], [2]])], batch_dims=1)
ROWS += row("Gemm", [7, 9], [x(3, 4), C(x(4, 5), F), C(x(5), F)])
ROWS += row("Gemm", [11, 13], [x(3, 4), C(x(5, 4), F)], transB=1, alpha=0.5)
ROWS += row("Gemm", [7, 9, 11, 13], [x(4, 3), C(x(4, 5), F), C(x(3, 1), F)], transA=1, beta=2.0)
for op in ("Add", "Sub", "Mul", "Div"):
    ROWS += row(op, [7, 13, 14], [x(3, 4), x(4, seed=3, low=0.5)])
ROWS += row("Add", [14], [x(3, dtype=np.int8), x(3, seed=1, dtype=np.int8)])
ROWS += row("Pow", [7, 12, 13, 15], [x(3, 4, low=0.1), x(4, seed=3)])
ROWS += row("Pow", [12, 13, 15], [x(3, 4, low=0.1), C([2], I)])
for op in ("Max", "Min", "Sum", "Mean"):
    ROWS += row(op, [7], [x(3, 4), x(3, 4, seed=3)])
    ROWS += row(op, [8, 13], [x(3, 4), x(4, seed=3), x(3, 1, seed=5)])
ROWS += row("Min", [12, 13], [x(3, dtype=I), x(3, seed=1, dtype=I)])
ROWS += row("Max", [12, 13], [x(3, dtype=np.int32), x(3, seed=1, dtype=np.int32)])
ROWS += row("Mod", [10, 13], [x(5, dtype=I), C([3, -3, 2, -2, 4])])
ROWS += row("Mod", [10, 13], [x(5), C([1.5, -1.5, 2, -2, 1], F)], fmod=1)
for op in ("Equal", "Less", "Greater"):
    ROWS += row(op, [7, 9, 11, 13], [x(5, dtype=np.int32), x(5, seed=1, dtype=np.int32)] if op == "Equal" else [x(5), x(5, seed=1)])
ROWS += row("LessOrEqual", [12, 16], [x(5), x(5, seed=1)])
for op in ("ArgMax", "ArgMin"):
    ROWS += row(op, [7, 11, 12, 13], [x(3, 4)], axis=1, keepdims=0)
    ROWS += row(op, [11, 12, 13], [x(3, 4)], axis=-2)
    ROWS += row(op, [12, 13], [np.ones((3, 4), F)], axis=1, select_last_index=1)
ROWS += row("AveragePool", [7, 10, 11, 19, 22], [IMAGE], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 0, 0], count_include_pad=1)
ROWS += row("AveragePool", [10, 11, 19], [IMAGE], kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
ROWS += row("AveragePool", [19, 22], [IMAGE], kernel_shape=[2, 2], dilations=[2, 2])
ROWS += row("AveragePool", [7, 11], [IMAGE], kernel_shape=[2, 3], auto_pad="SAME_UPPER")
ROWS += row("MaxPool", [7, 8, 10, 11, 12, 22], [IMAGE], kernel_shape=[3, 3], strides=[2, 2], pads=[0, 1, 1, 0])
ROWS += row("MaxPool", [8, 10, 11, 12], [IMAGE], outputs=2, kernel_shape=[2, 2], strides=[2, 2])
ROWS += row("MaxPool", [8], [IMAGE], outputs=2, kernel_shape=[2, 2], strides=[2, 2], storage_order=1)
ROWS += row("MaxPool", [10, 11, 12], [IMAGE], kernel_shape=[2, 2], dilations=[2, 2], ceil_mode=1)
# Rounding up gives a last row of windows that begins in the padding, which is dropped.
for op in ("MaxPool", "AveragePool"):
    ROWS += row(op, [10, 11], [x(1, 4, 5, 6)], kernel_shape=[2, 2], strides=[2, 3], pads=[1, 1, 1, 1], ceil_mode=1)
ROWS += row("LpPool", [7, 11, 18, 22], [IMAGE], kernel_shape=[2, 2], p=1)
ROWS += row("Conv", [7, 11, 22], [IMAGE, C(x(3, 4, 3, 3), F), C(x(3), F)], pads=[1, 1, 1, 1])
ROWS += row("Conv", [7, 11, 22], [IMAGE, C(x(4, 1, 3, 3), F)], group=4, auto_pad="SAME_LOWER", strides=[2, 2])
ROWS += row("ConvTranspose", [7, 11, 22], [IMAGE, C(x(4, 2, 3, 3), F)], strides=[2, 2], output_padding=[1, 1], pads=[1, 1, 1, 1])
ROWS += row("ConvTranspose", [7, 11], [IMAGE, C(x(4, 2, 3, 3), F)], strides=[2, 2], output_shape=[12, 13])
ROWS += row("ConstantOfShape", [9, 20], [C([2, 3])], value=onnx.numpy_helper.from_array(np.array([7], I)))
ROWS += row("CumSum", [11, 14], [x(3, 4), C(1, np.int32)], reverse=1)
ROWS += row("DepthToSpace", [7, 11, 13], [IMAGE], blocksize=2)
ROWS += row("DepthToSpace", [11, 13], [IMAGE], blocksize=2, mode="CRD")
ROWS += row("SpaceToDepth", [7, 13], [IMAGE], blocksize=3)
ROWS += row("Einsum", [12], [x(2, 3), x(3, 4)], equation="ij,jk->ki")
ROWS += row("Expand", [8, 13], [x(3, 1), C([2, 1, 4])])
ROWS += row("EyeLike", [9, 22], [x(3, 4)], k=1, dtype=onnx.TensorProto.INT64)
ROWS += row("Flatten", [7, 9, 11, 13], [x(2, 3, 4)], axis=2)
ROWS += row("Flatten", [11, 13], [x(2, 3, 4)], axis=-1)
SEQUENCE = x(3, 2, 4)
for op, gates in (("LSTM", 4), ("GRU", 3), ("RNN", 1)):
    WEIGHTS = [C(x(1, gates * 5, 4, low=-1, high=1), F), C(x(1, gates * 5, 5, low=-1, high=1), F)]
    ROWS += row(op, [7, 14, 22], [SEQUENCE, *WEIGHTS], outputs=2, hidden_size=5)
    ROWS += row(op, [7, 14], [SEQUENCE, *WEIGHTS, C(x(1, 2 * gates * 5), F), C([2, 3], np.int32)], outputs=2, hidden_size=5,
                direction="reverse")
ROWS += row("HardSwish", [14, 22], [x(3, 4)])
ROWS += row("HardSigmoid", [7, 22], [x(3, 4)], alpha=0.3)
ROWS += row("Identity", [7, 13, 14, 16, 19], [x(3, 4)])
ROWS += row("IsInf", [10, 20], [np.array([1, np.inf, -np.inf], F)], detect_negative=0)
ROWS += row("IsNaN", [9, 13, 20], [np.array([1, np.nan], F)])
ROWS += row("LRN", [7, 13], [IMAGE], size=3)
ROWS += row("InstanceNormalization", [7, 22], [IMAGE, C(x(4), F), C(x(4, seed=1), F)])
BOXES, SCORES = np.array([[[0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, 5, 1, 6]]], F), np.array([[[0.9, 0.8, 0.7]]], F)
ROWS += row("NonMaxSuppression", [10, 11], [BOXES, SCORES, C([3]), C([0.5], F), C([0.0], F)])
ROWS += row("OneHot", [9, 11], [C([0, 2, 1]), C([3]), C([0, 1], F)], axis=-1)
ROWS += row("PRelu", [7, 9, 16], [x(3, 4), C(x(4), F)])
QUANT = [x(3, 4), C(0.02, F), C(3, np.uint8)]
ROWS += row("QuantizeLinear", [10, 13, 19, 21, 23], QUANT)
ROWS += row("QuantizeLinear", [13, 19, 21], [x(3, 4), C([0.02, 0.1, 0.3], F), C([1, 2, 3], np.int8)], axis=0)
ROWS += row("DequantizeLinear", [10, 13, 19, 21, 23], [x(3, 4, dtype=np.int8), C(0.02, F), C(3, np.int8)])
ROWS += row("DequantizeLinear", [21], [x(4, 6, dtype=np.int8), C(x(2, 6, low=0.1), F)], axis=0, block_size=2)
ROWS += row("Reshape", [7, 13, 14, 19], [x(2, 3, 4), C([0, -1])])
ROWS += row("Reshape", [14, 19], [x(2, 0, 4), C([0, 4, 7])], allowzero=1)
ROWS += row("ReverseSequence", [10], [x(4, 3), C([1, 4, 2])], time_axis=0, batch_axis=1)
ROIS = [C([[0, 0, 3, 3], [1, 1, 5, 4]], F), C([0, 0])]
ROWS += row("RoiAlign", [10], [IMAGE, *ROIS], output_height=2, output_width=2, sampling_ratio=2)
ROWS += row("RoiAlign", [16, 22], [IMAGE, *ROIS], output_height=2, output_width=2, sampling_ratio=2)
ROWS += row("RoiAlign", [16], [IMAGE, *ROIS], output_height=2, output_width=2, coordinate_transformation_mode="output_half_pixel",
            mode="max", sampling_ratio=1)
ROWS += row("Shape", [7, 13, 15, 19], [x(2, 3, 4)])
ROWS += row("Shape", [15, 19], [x(2, 3, 4)], start=1, end=-1)
ROWS += row("Tile", [7, 13], [x(2, 3), C([2, 1])])
ROWS += row("Transpose", [7, 13, 21], [x(2, 3, 4)], perm=[2, 0, 1])
ROWS += row("Where", [9, 16], [C([True, False, True], bool), x(3), x(3, seed=1)])
ROWS += row("Trilu", [14], [x(3, 4), C(1)], upper=0)
GRID = x(1, 3, 3, 2, low=-1.1, high=1.1)
ROWS += row("GridSample", [16], [IMAGE, GRID], mode="bilinear")
ROWS += row("GridSample", [16], [IMAGE, GRID], mode="bicubic", padding_mode="zeros")
ROWS += row("GridSample", [20, 22], [IMAGE, GRID], mode="linear", align_corners=1)
ROWS += row("GridSample", [20, 22], [IMAGE, GRID], mode="cubic", padding_mode="reflection")
ROWS += row("Gelu", [20], [x(3, 4)])
ROWS += row("Gelu", [20], [x(3, 4)], approximate="tanh")
ROWS += row("Celu", [12], [x(3, 4)], alpha=0.5)
ROWS += row("Elu", [7, 22], [x(3, 4)], alpha=0.5)
ROWS += row("Selu", [7, 22], [x(3, 4)])
ROWS += row("LeakyRelu", [7, 16], [x(3, 4)], alpha=0.2)
ROWS += row("ThresholdedRelu", [10, 22], [x(3, 4)], alpha=0.7)
ROWS += row("Mish", [18, 22], [x(3, 4)])
ROWS += row("Relu", [7, 13, 14], [x(3, 4)])
ROWS += row("Relu", [14], [x(3, 4, dtype=np.int32)])
ROWS += row("Round", [11, 22], [np.array([0.5, 1.5, -0.5, 2.4], F)])
ROWS += row("BitShift", [11], [np.array([1, 16], np.uint8), np.array([2, 3], np.uint8)], direction="RIGHT")
ROWS += row("Range", [11], [C(1), C(9), C(3)])
ROWS += row("Size", [7, 13, 19], [x(2, 3, 4)])
ROWS += row("CastLike", [15, 19], [x(3), C([1], np.int32)])
ROWS += row("Unique", [11], [np.array([3, 1, 3, 2], F)], outputs=4)
ROWS += row("Compress", [9, 11], [x(3, 4), C([True, False, True], bool)], axis=0)
ROWS += row("NonZero", [9, 13], [x(3, 4, dtype=np.int32, low=-1, high=1)])
ROWS += row("MeanVarianceNormalization", [9, 13], [IMAGE])
ROWS += row("MatMul", [7, 9, 13], [x(2, 3, 4), C(x(4, 5), F)])
ROWS += row("MatMulInteger", [10], [x(3, 4, dtype=np.uint8, low=0), C(x(4, 5, dtype=np.int8), np.int8), C(2, np.uint8), C(1, np.int8)])
ROWS += row("BitwiseXor", [18], [x(3, dtype=np.int32), x(3, seed=1, dtype=np.int32)])
ROWS += row("LpNormalization", [7, 22], [x(3, 4)], axis=1, p=1)
ROWS += row("GlobalAveragePool", [7, 22], [IMAGE])
ROWS += row("Constant", [12, 13], [], value_ints=[1, 2, 3])
ROWS += row("Constant", [12, 13], [], value_float=2.5)
ROWS += row("Constant", [7, 9, 11, 13], [], value=onnx.numpy_helper.from_array(np.arange(3, dtype=F)))
QKV = [x(1, 2, 5, 8), x(1, 2, 6, 8, seed=1), x(1, 2, 6, 8, seed=2)]
ROWS += row("Attention", [23, 24], QKV)
ROWS += row("Attention", [23, 24], QKV, is_causal=1, scale=0.25)
ROWS += row("Attention", [23, 24], [x(1, 5, 16), x(1, 6, 8, seed=1), x(1, 6, 8, seed=2)], q_num_heads=4, kv_num_heads=2)
ROWS += row("Attention", [23, 24], [*QKV, C(x(5, 6), F)], softcap=2.0)
ROPE = [C(x(7, 2, low=-1, high=1), F), C(x(7, 2, seed=1, low=-1, high=1), F)]
ROWS += row("RotaryEmbedding", [23], [x(1, 2, 5, 4), *ROPE, C([[0, 1, 2, 3, 6]])])
ROWS += row("RotaryEmbedding", [23], [x(1, 2, 5, 4), *ROPE, C([[0, 1, 2, 3, 6]])], interleaved=1)
ROWS += row("RMSNormalization", [23], [x(2, 3, 4), C(x(4), F)], axis=-1)
ROWS += row("Swish", [24], [x(3, 4)], alpha=0.7)
ROWS += row("TensorScatter", [24], [x(2, 6, 3), x(2, 2, 3, seed=1), C([1, 3])], axis=1)




def later(rows):
    """The newest form of each operator in the versions that came after."""
    for op in {r[2] for r in rows}:
        newest = max(r[1] for r in rows if r[2] == op)
        since = {s.since_version for s in onnx.defs.get_all_schemas_with_history() if s.domain == "" and s.name == op}
        if any(s.deprecated and s.since_version > newest for s in onnx.defs.get_all_schemas_with_history() if s.name == op):
            continue
        for _, _, _, inputs, outputs, attrs in [r for r in rows if r[2] == op and r[1] == newest]:
            yield from row(op, sorted(v for v in since if v > newest), inputs, outputs, **attrs)


ROWS += list(later(ROWS))


def model_of(version, op, inputs, outputs, attrs):
    names, bound, weights = [], [], []
    for k, value in enumerate(inputs):
        names.append(f"x{k}" if value is not None else "")
        if isinstance(value, C):
            weights.append(onnx.numpy_helper.from_array(value.array, names[-1]))
        elif value is not None:
            bound.append(helper.make_tensor_value_info(names[-1], helper.np_dtype_to_tensor_dtype(value.dtype), value.shape))
    node = helper.make_node(op, names, [f"y{k}" for k in range(outputs)], name="it", **attrs)
    graph = helper.make_graph([node], "version", bound, [helper.make_empty_tensor_value_info(f"y{k}") for k in range(outputs)],
                              weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", version)], ir_version=min(10, onnx.IR_VERSION))


def expected_of(model, feeds):
    try:
        options = ort.SessionOptions()
        options.log_severity_level = 4
        return ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"]).run(None, feeds)
    except Exception:  # noqa: BLE001
        from onnx.reference import ReferenceEvaluator
        return ReferenceEvaluator(model).run(None, feeds)


@pytest.fixture(scope="module")
def runner():
    return onnx_runners.EngineRunner(0)


def checked(runner, case):
    _, version, op, inputs, outputs, attrs = case
    model = model_of(version, op, inputs, outputs, attrs)
    feeds = {f"x{k}": v for k, v in enumerate(inputs) if v is not None and not isinstance(v, C)}
    want = expected_of(model, feeds)
    got = runner.run(model.SerializeToString(), feeds)
    for w, (_, g) in zip(want, got, strict=True):
        w = np.asarray(w)
        assert w.dtype == g.dtype and w.shape == g.shape
        if w.dtype.kind == "f":
            np.testing.assert_allclose(g.astype(F), w.astype(F), rtol=2e-4, atol=1e-5)
        elif op == "QuantizeLinear":
            assert np.abs(g.astype(int) - w.astype(int)).max() <= 0
        else:
            np.testing.assert_array_equal(g, w)


@pytest.mark.parametrize("op", sorted({case[2] for case in ROWS}))
def test_every_version_of(op, runner):
    for case in (c for c in ROWS if c[2] == op):
        try:
            checked(runner, case)
        except Exception as e:
            raise AssertionError(f"{case[0]} {case[5]}: {e}") from e


def test_the_table_has_every_version_since_7_of_its_operators():
    missing = []
    for op in {case[2] for case in ROWS}:
        since = {s.since_version for s in onnx.defs.get_all_schemas_with_history() if s.domain == "" and s.name == op}
        tried = {max([s for s in since if s <= case[1]], default=0) for case in ROWS if case[2] == op}
        first = max([t for t in since if t <= 7], default=0)
        deprecated = {t.since_version for t in onnx.defs.get_all_schemas_with_history() if t.name == op and t.deprecated}
        missing += [f"{op}-{v}" for v in sorted({v for v in since if v >= 7 or v == first} - tried - deprecated)]
    assert not missing, missing


assert ml_dtypes  # the runners' element types
