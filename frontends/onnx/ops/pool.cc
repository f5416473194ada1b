// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "frontends/onnx/importer/node_import.h"
#include "frontends/onnx/ops/common.h"

namespace lathe::onnx {
namespace {

bool allOnes(const Ints& values) {
    return std::all_of(values.begin(), values.end(), [](int64_t v) { return v == 1; });
}

// Whether ONNX may drop the last of the windows that rounding up gives, because it begins behind the data. Pooling
// layers keep it.
bool mayDrop(NodeImport& c, ITensor* x, const Window& w) {
    using AutoPad = Window::AutoPad;
    if (w.autoPad == AutoPad::kSameUpper || w.autoPad == AutoPad::kSameLower) return false;
    for (size_t i = 0; i < w.kernel.size(); ++i) {
        const int64_t in = c.dims(x).d[2 + i];
        if (in < 0) return true;
        const int64_t before = w.before.empty() ? 0 : w.before[i], after = w.after.empty() ? 0 : w.after[i];
        const int64_t room = in + before + after - w.kernel[i];
        if ((room + w.strides[i] - 1) / w.strides[i] * w.strides[i] >= in + before) return true;
    }
    return false;
}

Status importMaxPool(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    const Window window = TRY(readWindow(c, c.rank(x), std::nullopt));
    const bool ceil = TRY(c.boolAttr("ceil_mode", false));
    const bool columns = TRY(c.boolAttr("storage_order", false));
    if (c.wants(1) || !allOnes(window.dilations) || !isFloat(c.type(x)) || (ceil && mayDrop(c, x, window))) {
        Fields fields;
        window.addTo(fields);
        fields("kind", "max")("ceil_mode", ceil)("storage_order", static_cast<int64_t>(columns));
        return c.outputs(TRY(c.ops("pool", {x}, c.wants(1) ? 2 : 1, fields)));
    }
    auto* layer =
        TRY(c.made(c.network().addPoolingNd(*x, nvinfer1::PoolingType::kMAX, TRY(toDims(window.kernel))), "pool"));
    setWindow(layer, window, ceil);
    return c.done(TRY(c.set(layer)));
}

Status importAveragePool(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    const Window window = TRY(readWindow(c, c.rank(x), std::nullopt));
    const bool ceil = TRY(c.boolAttr("ceil_mode", false));
    const bool padding = TRY(c.boolAttr("count_include_pad", false));
    if (!allOnes(window.dilations) || (ceil && mayDrop(c, x, window))) {
        Fields fields;
        window.addTo(fields);
        fields("kind", "average")("ceil_mode", ceil)("count_include_pad", padding);
        return c.done(TRY(c.op("pool", {x}, fields)));
    }
    auto* layer =
        TRY(c.made(c.network().addPoolingNd(*x, nvinfer1::PoolingType::kAVERAGE, TRY(toDims(window.kernel))), "pool"));
    setWindow(layer, window, ceil);
    layer->setAverageCountExcludesPadding(!padding);
    return c.done(TRY(c.set(layer)));
}

Status importLpPool(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    const Window window = TRY(readWindow(c, c.rank(x), std::nullopt));
    // Version 1 had a real p.
    const double p = c.opset() < 2 ? TRY(c.floatAttr("p", 2)) : static_cast<double>(TRY(c.intAttr("p", 2)));
    Fields fields;
    window.addTo(fields);
    fields("kind", "lp")("ceil_mode", TRY(c.boolAttr("ceil_mode", false)))("p", p);
    return c.done(TRY(c.op("pool", {x}, fields)));
}

// All spatial axes as a mask.
Result<uint32_t> spatialMask(NodeImport& c, ITensor* x) {
    if (c.rank(x) < 3) {
        return c.fail(ErrorCode::kUNSUPPORTED_NODE_SHAPE, "data {} has no spatial dimensions", toString(c.dims(x)));
    }
    return ((1u << c.rank(x)) - 1) & ~3u;
}

template <nvinfer1::ReduceOperation operation>
Status importGlobal(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    return c.done(TRY(c.layer(c.network().addReduce(*x, operation, TRY(spatialMask(c, x)), true), "reduce")));
}

Status importGlobalLpPool(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    TRY(spatialMask(c, x));
    const Ints axes = axesFrom(2, c.rank(x));
    const double p = c.opset() < 2 ? TRY(c.floatAttr("p", 2)) : static_cast<double>(TRY(c.intAttr("p", 2)));
    if (p == 1 || p == 2) return c.done(TRY(c.reduce(p == 1 ? "l1" : "l2", x, axes)));
    if (p < 1) return c.fail(ErrorCode::kUNSUPPORTED_NODE_ATTR, "attribute 'p' is {}; the least is 1", p);
    ITensor* powers = TRY(c.binary("pow", TRY(c.unary("abs", x)), TRY(c.scalarLike(p, x))));
    ITensor* sum = TRY(c.reduce("sum", powers, axes));
    return c.done(TRY(c.binary("pow", sum, TRY(c.scalarLike(1 / p, x)))));
}

}  // namespace

LATHE_ONNX_OPS(pool,                                                                      //
               {"", "MaxPool", importMaxPool},                                            //
               {"", "AveragePool", importAveragePool},                                    //
               {"", "LpPool", importLpPool},                                              //
               {"", "GlobalAveragePool", importGlobal<nvinfer1::ReduceOperation::kAVG>},  //
               {"", "GlobalMaxPool", importGlobal<nvinfer1::ReduceOperation::kMAX>},      //
               {"", "GlobalLpPool", importGlobalLpPool})

}  // namespace lathe::onnx
