// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"
#include "frontends/onnx/ops/common.h"

namespace lathe::onnx {
namespace {

Result<ApiType> outputType(NodeImport& c, int zeroPoint, ApiType otherwise) {
    const int64_t asked = TRY(c.intAttr("output_dtype", 0));
    if (c.has(zeroPoint)) {
        ITensor* zero = TRY(c.input(zeroPoint));
        if (asked) {
            const ApiType type = TRY(c.typeAttr("output_dtype", std::nullopt));
            if (type != c.type(zero)) {
                return c.invalid("attribute 'output_dtype' is {}, but the zero point is {}", typeName(type),
                                 typeName(c.type(zero)));
            }
        }
        return c.type(zero);
    }
    return asked ? c.typeAttr("output_dtype", std::nullopt) : otherwise;
}

Result<Fields> blockFields(NodeImport& c, ITensor* x, ITensor* scale) {
    Fields fields;
    // The axis has a meaning only for more than one scale.
    const int64_t axis = TRY(c.intAttr("axis", 1));
    if (c.rank(scale) > 0 && !(c.rank(scale) == 1 && c.dims(scale).d[0] == 1)) {
        fields("axis", TRY(c.axis(axis, c.rank(x))));
    }
    return fields("block_size", TRY(c.intAttr("block_size", 0)));
}

// One scale may also be a vector of one element.
Result<ITensor*> asScalar(NodeImport& c, ITensor* t) {
    if (t && c.rank(t) == 1 && c.dims(t).d[0] == 1) return c.squeeze(t, {0});
    return t;
}

Status importQuantizeLinear(NodeImport& c) {
    ITensor *x = TRY(c.input(0)), *scale = TRY(c.input(1));
    const ApiType type = TRY(outputType(c, 2, ApiType::kUINT8));
    Fields fields = TRY(blockFields(c, x, scale));
    fields("output_dtype", type)("saturate", TRY(c.boolAttr("saturate", true)));
    if (const int64_t precision = TRY(c.intAttr("precision", 0)); precision != 0) {
        const auto asked = static_cast<DataType>(precision);
        if (!isKnown(asked) || toApi(asked) != c.type(x)) {
            return c.fail(ErrorCode::kUNSUPPORTED_NODE_ATTR,
                          "attribute 'precision' is {}; the division is computed in {}", precision,
                          typeName(c.type(x)));
        }
    }
    ITensor* zero = TRY(asScalar(c, TRY(c.optionalInput(2))));
    return c.done(TRY(c.op("quantize_linear", {x, TRY(asScalar(c, scale)), zero}, fields)));
}

Status importDequantizeLinear(NodeImport& c) {
    ITensor *x = TRY(c.input(0)), *scale = TRY(c.input(1));
    Fields fields = TRY(blockFields(c, x, scale));
    fields("output_dtype", TRY(c.typeAttr("output_dtype", c.type(scale))));
    ITensor* zero = TRY(asScalar(c, TRY(c.optionalInput(2))));
    return c.done(TRY(c.op("dequantize_linear", {x, TRY(asScalar(c, scale)), zero}, fields)));
}

Status importDynamicQuantizeLinear(NodeImport& c) {
    return c.outputs(TRY(c.ops("dynamic_quantize_linear", {TRY(c.input(0))}, 3)));
}

Status importMatMulInteger(NodeImport& c) {
    return c.done(TRY(
        c.op("matmul_integer", {TRY(c.input(0)), TRY(c.input(1)), TRY(c.optionalInput(2)), TRY(c.optionalInput(3))})));
}

Status importConvInteger(NodeImport& c) {
    ITensor *x = TRY(c.input(0)), *w = TRY(c.input(1));
    const Window window = TRY(readWindow(c, c.rank(x), std::nullopt, true));
    Fields fields;
    window.addTo(fields);
    fields("group", TRY(c.intAttr("group", 1)));
    return c.done(TRY(c.op("conv_integer", {x, w, TRY(c.optionalInput(2)), TRY(c.optionalInput(3))}, fields)));
}

Status importQLinearMatMul(NodeImport& c) {
    TensorList inputs;
    for (int i = 0; i < 8; ++i) inputs.push_back(TRY(c.input(i)));
    return c.done(TRY(c.op("qlinear_matmul", inputs)));
}

Status importQLinearConv(NodeImport& c) {
    TensorList inputs;
    for (int i = 0; i < 9; ++i) inputs.push_back(TRY(i < 8 ? c.input(i) : c.optionalInput(i)));
    const Window window = TRY(readWindow(c, c.rank(inputs[0]), std::nullopt, true));
    Fields fields;
    window.addTo(fields);
    fields("group", TRY(c.intAttr("group", 1)));
    return c.done(TRY(c.op("qlinear_conv", inputs, fields)));
}

}  // namespace

LATHE_ONNX_OPS(quantize,                                                    //
               {"", "QuantizeLinear", importQuantizeLinear},                //
               {"", "DequantizeLinear", importDequantizeLinear},            //
               {"", "DynamicQuantizeLinear", importDynamicQuantizeLinear},  //
               {"", "MatMulInteger", importMatMulInteger},                  //
               {"", "ConvInteger", importConvInteger},                      //
               {"", "QLinearMatMul", importQLinearMatMul},                  //
               {"", "QLinearConv", importQLinearConv},                      //
               {"com.microsoft", "QuantizeLinear", importQuantizeLinear},   //
               {"com.microsoft", "DequantizeLinear", importDequantizeLinear})

}  // namespace lathe::onnx
