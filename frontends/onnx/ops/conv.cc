// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "frontends/onnx/importer/node_import.h"
#include "frontends/onnx/ops/common.h"

namespace lathe::onnx {
namespace {

Status importConv(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    const std::optional<Weights> kernel = TRY(c.weights(1));
    ITensor* w = kernel ? nullptr : TRY(c.input(1));
    const Dims shape = kernel ? TRY(toDims(c.constant(1)->dims)) : c.dims(w);
    if (shape.nbDims != c.rank(x)) {
        return c.fail(ErrorCode::kINVALID_NODE, "the weights {} and the data {} differ in rank", toString(shape),
                      toString(c.dims(x)));
    }
    Ints extents(shape.d + std::min(shape.nbDims, 2), shape.d + shape.nbDims);
    const bool known = std::all_of(extents.begin(), extents.end(), [](int64_t e) { return e >= 0; });
    const Window window = TRY(readWindow(c, c.rank(x), known ? std::optional(extents) : std::nullopt));
    const int64_t group = TRY(c.intAttr("group", 1));
    if (shape.d[0] < 0 || c.dims(x).d[1] < 0) {
        // The layer wants to know the channels.
        Fields fields;
        window.addTo(fields);
        return c.done(TRY(c.op("conv", {x, TRY(c.input(1)), TRY(c.optionalInput(2))}, fields("group", group))));
    }
    const std::optional<Weights> bias = c.has(2) ? TRY(c.weights(2)) : std::nullopt;
    const Weights none{c.type(x), nullptr, 0};
    auto* layer = TRY(c.made(c.network().addConvolutionNd(*x, shape.d[0], TRY(toDims(window.kernel)),
                                                          kernel.value_or(none), bias.value_or(none)),
                             "conv", true));
    setWindow(layer, window);
    layer->setDilationNd(TRY(toDims(window.dilations)));
    layer->setNbGroups(group);
    if (w) layer->setInput(1, *w);
    if (c.has(2) && !bias) layer->setInput(2, *TRY(c.input(2)));
    return c.done(TRY(c.set(layer)));
}

}  // namespace

LATHE_ONNX_OP(conv, "Conv", importConv)

}  // namespace lathe::onnx
