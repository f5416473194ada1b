// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"
#include "frontends/onnx/ops/com_microsoft/common.h"

namespace lathe::onnx {
namespace {

// Quantized operators are what they stand for: dequantize, compute, quantize. The builder finds the integer kernels.

struct Quantized {
    ITensor *values, *scale, *zeroPoint;
};

Result<Quantized> read(NodeImport& c, int i) {
    return Quantized{TRY(c.input(i)), TRY(c.input(i + 1)), TRY(c.optionalInput(i + 2))};
}

Result<ITensor*> real(NodeImport& c, int i) {
    const Quantized q = TRY(read(c, i));
    return dequantize(c, q.values, q.scale, q.zeroPoint);
}

// To the scale and zero point of inputs i and i + 1; the type is that of the zero point, or of input 0.
Status quantized(NodeImport& c, ITensor* y, int i) {
    ITensor *scale = TRY(c.input(i)), *zero = TRY(c.optionalInput(i + 1));
    return c.done(TRY(quantize(c, y, scale, zero, c.type(zero ? zero : TRY(c.input(0))))));
}

Status importQLinearAdd(NodeImport& c) { return quantized(c, TRY(c.add(TRY(real(c, 0)), TRY(real(c, 3)))), 6); }
Status importQLinearMul(NodeImport& c) { return quantized(c, TRY(c.mul(TRY(real(c, 0)), TRY(real(c, 3)))), 6); }
Status importQLinearSigmoid(NodeImport& c) { return quantized(c, TRY(c.unary("sigmoid", TRY(real(c, 0)))), 3); }
Status importQLinearLeakyRelu(NodeImport& c) {
    const double alpha = TRY(c.floatAttr("alpha", 0.01f));
    return quantized(c, TRY(c.unary("leaky_relu", TRY(real(c, 0)), alpha)), 3);
}

Status importQLinearSoftmax(NodeImport& c) {
    ITensor* x = TRY(real(c, 0));
    const int axis = TRY(c.axis(TRY(c.intAttr("axis", -1)), c.rank(x)));
    const int64_t version = TRY(c.intAttr("opset"));
    if (version >= 13 || axis == c.rank(x) - 1) return quantized(c, TRY(c.softmax(x, axis)), 3);
    ITensor* matrix = TRY(c.op("flatten", {x}, Fields()("axis", axis)));
    return quantized(c, TRY(c.reshape(TRY(c.softmax(matrix, 1)), TRY(c.shapeOf(x)))), 3);
}

// Scale, zero point, then three inputs for each part.
Status importQLinearConcat(NodeImport& c) {
    const int64_t axis = TRY(c.intAttr("axis"));
    if (c.inputCount() < 5 || (c.inputCount() - 2) % 3) return c.invalid("{} inputs", c.inputCount());
    TensorList parts;
    for (int i = 2; i < c.inputCount(); i += 3) parts.push_back(TRY(real(c, i)));
    ITensor* y = TRY(c.concat(parts, TRY(c.axis(axis, c.rank(parts[0])))));
    ITensor *scale = TRY(c.input(0)), *zero = TRY(c.input(1));
    return c.done(TRY(quantize(c, y, scale, zero, c.type(zero))));
}

Status importQLinearWhere(NodeImport& c) {
    ITensor* y = TRY(c.select(TRY(c.input(0)), TRY(real(c, 1)), TRY(real(c, 4))));
    ITensor *scale = TRY(c.input(7)), *zero = TRY(c.input(8));
    return c.done(TRY(quantize(c, y, scale, zero, c.type(zero))));
}

// Brings the channels of [N, ..., C] to the second place and back.
Result<ITensor*> channels(NodeImport& c, ITensor* x, bool toSecond) {
    Ints order = {0};
    const int rank = c.rank(x);
    if (toSecond) order.push_back(rank - 1);
    for (int axis = toSecond ? 1 : 2; axis < (toSecond ? rank - 1 : rank); ++axis) order.push_back(axis);
    if (!toSecond) order.push_back(1);
    return c.transpose(x, order);
}

Status importQLinearGlobalAveragePool(NodeImport& c) {
    ITensor* x = TRY(real(c, 0));
    const bool last = TRY(c.boolAttr("channels_last", false));
    const int rank = c.rank(x);
    if (rank < 3) return c.invalid("data {} has no spatial dimensions", toString(c.dims(x)));
    const Ints axes = last ? axesFrom(1, rank - 1) : axesFrom(2, rank);
    return quantized(c, TRY(c.reduce("mean", x, axes)), 3);
}

Status importQLinearAveragePool(NodeImport& c) {
    ITensor* x = TRY(real(c, 0));
    const bool last = TRY(c.boolAttr("channels_last", false));
    if (last) x = TRY(channels(c, x, true));
    const Window window = TRY(readWindow(c, c.rank(x), std::nullopt));
    Fields fields;
    window.addTo(fields);
    fields("kind", "average")("ceil_mode", TRY(c.boolAttr("ceil_mode", false)));
    fields("count_include_pad", TRY(c.boolAttr("count_include_pad", false)));
    ITensor* y = TRY(c.op("pool", {x}, fields));
    return quantized(c, last ? TRY(channels(c, y, false)) : y, 3);
}

// alpha * A * B, C being integers of the product's own scale.
Status importQGemm(NodeImport& c) {
    ITensor* a = TRY(real(c, 0));
    const bool transposeB = TRY(c.boolAttr("transB", false));
    const Quantized q = TRY(read(c, 3));
    ITensor* b = TRY(dequantize(c, q.values, q.scale, q.zeroPoint, transposeB ? 0 : 1));
    ITensor* y = TRY(c.matmul(a, b, TRY(c.boolAttr("transA", false)), transposeB));
    if (c.has(6)) {
        ITensor* scale = TRY(c.mul(TRY(c.input(1)), q.scale));
        y = TRY(c.add(y, TRY(c.mul(TRY(c.cast(TRY(c.input(6)), ApiType::kFLOAT)), scale))));
    }
    const double alpha = TRY(c.floatAttr("alpha", 1));
    if (alpha != 1) y = TRY(c.scale(y, alpha));
    return c.has(7) ? quantized(c, y, 7) : c.done(y);
}

Status importMatMulIntegerToFloat(NodeImport& c) {
    ITensor *a = TRY(c.input(0)), *b = TRY(c.input(1)), *scaleA = TRY(c.input(2)), *scaleB = TRY(c.input(3));
    ITensor *zeroA = TRY(c.optionalInput(4)), *zeroB = TRY(c.optionalInput(5)), *bias = TRY(c.optionalInput(6));
    ITensor* sum = TRY(c.op("matmul_integer", {a, b, zeroA, zeroB}));
    ITensor* y = TRY(c.mul(TRY(c.cast(sum, c.type(scaleA))), TRY(c.mul(scaleA, scaleB))));
    return c.done(bias ? TRY(c.add(y, bias)) : y);
}

Status importDynamicQuantizeMatMul(NodeImport& c) {
    ITensor *a = TRY(c.input(0)), *b = TRY(c.input(1)), *scale = TRY(c.input(2));
    ITensor *zero = TRY(c.optionalInput(3)), *bias = TRY(c.optionalInput(4));
    const TensorList q = TRY(c.ops("dynamic_quantize_linear", {a}, 3));
    ITensor* sum = TRY(c.op("matmul_integer", {q[0], b, q[2], zero}));
    ITensor* y = TRY(c.mul(TRY(c.cast(sum, c.type(scale))), TRY(c.mul(q[1], scale))));
    return c.done(bias ? TRY(c.add(y, bias)) : y);
}

// A product with weights of 4 or 8 bits, quantized in blocks along the inner dimension. The weights become float here.
Status importMatMulNBits(NodeImport& c) {
    ITensor* a = TRY(c.input(0));
    const int64_t k = TRY(c.intAttr("K")), n = TRY(c.intAttr("N")), block = TRY(c.intAttr("block_size"));
    const int64_t bits = TRY(c.intAttr("bits", 4));
    c.ignoreAttr("accuracy_level");
    for (int i = 4; i < 5; ++i) {
        if (c.has(i)) return c.notSupported("input {} (g_idx)", i);
    }
    if ((bits != 4 && bits != 8) || k < 1 || n < 1 || block < 1 || k > 1 << 24 || n > 1 << 24) {
        return c.fail(ErrorCode::kUNSUPPORTED_NODE_ATTR, "{} bits, K {}, N {}, blocks of {}", bits, k, n, block);
    }
    const Tensor *packed = c.constant(1), *scales = c.constant(2), *zeros = c.has(3) ? c.constant(3) : nullptr;
    if (!packed || !scales || (c.has(3) && !zeros)) {
        return c.fail(ErrorCode::kUNSUPPORTED_NODE_INPUT, "weights, scales and zero points must be constants");
    }
    for (int i = 1; i < 4; ++i) c.ignoreInput(i);
    const int64_t blocks = (k + block - 1) / block, perByte = 8 / bits, bytes = (block + perByte - 1) / perByte;
    const auto data = TRY(packed->bytes());
    const std::vector<double> factors = TRY(scales->toDoubles());
    if (static_cast<int64_t>(data.size()) != n * blocks * bytes || static_cast<int64_t>(factors.size()) != n * blocks) {
        return c.invalid("{} bytes of weights and {} scales; {} and {} are needed", data.size(), factors.size(),
                         n * blocks * bytes, n * blocks);
    }
    std::vector<double> offsets(static_cast<size_t>(n * blocks), static_cast<double>(1 << (bits - 1)));
    if (zeros && zeros->dataType == DataType::kUint8) {
        const auto raw = TRY(zeros->bytes());
        const int64_t row = (blocks + perByte - 1) / perByte;
        if (static_cast<int64_t>(raw.size()) != n * row) return c.invalid("{} bytes of zero points", raw.size());
        for (int64_t i = 0; i < n; ++i) {
            for (int64_t j = 0; j < blocks; ++j) {
                const auto byte = static_cast<int>(raw[static_cast<size_t>(i * row + j / perByte)]);
                offsets[static_cast<size_t>(i * blocks + j)] = (byte >> (bits * (j % perByte))) & ((1 << bits) - 1);
            }
        }
    } else if (zeros) {
        offsets = TRY(zeros->toDoubles());
        if (offsets.size() != factors.size()) return c.invalid("{} zero points", offsets.size());
    }
    std::vector<float> weights(static_cast<size_t>(n * k));
    for (int64_t i = 0; i < n; ++i) {
        for (int64_t j = 0; j < k; ++j) {
            const int64_t at = i * blocks + j / block, place = j % block;
            const auto byte = static_cast<int>(data[static_cast<size_t>(at * bytes + place / perByte)]);
            const int value = (byte >> (bits * (place % perByte))) & ((1 << bits) - 1);
            weights[static_cast<size_t>(i * k + j)] =
                static_cast<float>((value - offsets[static_cast<size_t>(at)]) * factors[static_cast<size_t>(at)]);
        }
    }
    ITensor* w = TRY(c.cast(TRY(c.floats({n, k}, weights)), c.type(a)));
    ITensor* y = TRY(c.matmul(a, w, false, true));
    return c.done(c.has(5) ? TRY(c.add(y, TRY(c.input(5)))) : y);
}

}  // namespace

LATHE_ONNX_OPS(com_microsoft_quantized,                                                        //
               {"com.microsoft", "QLinearAdd", importQLinearAdd},                              //
               {"com.microsoft", "QLinearMul", importQLinearMul},                              //
               {"com.microsoft", "QLinearSigmoid", importQLinearSigmoid},                      //
               {"com.microsoft", "QLinearLeakyRelu", importQLinearLeakyRelu},                  //
               {"com.microsoft", "QLinearSoftmax", importQLinearSoftmax},                      //
               {"com.microsoft", "QLinearConcat", importQLinearConcat},                        //
               {"com.microsoft", "QLinearWhere", importQLinearWhere},                          //
               {"com.microsoft", "QLinearGlobalAveragePool", importQLinearGlobalAveragePool},  //
               {"com.microsoft", "QLinearAveragePool", importQLinearAveragePool},              //
               {"com.microsoft", "QGemm", importQGemm},                                        //
               {"com.microsoft", "MatMulIntegerToFloat", importMatMulIntegerToFloat},          //
               {"com.microsoft", "DynamicQuantizeMatMul", importDynamicQuantizeMatMul},        //
               {"com.microsoft", "MatMulNBits", importMatMulNBits})

}  // namespace lathe::onnx
