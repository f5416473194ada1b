// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "frontends/onnx/importer/node_import.h"
#include "frontends/onnx/ops/common.h"

namespace lathe::onnx {
namespace {

Status importConvTranspose(NodeImport& c) {
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
    const Ints extra = TRY(c.intsAttr("output_padding"));
    const Ints outputShape = TRY(c.intsAttr("output_shape"));
    const bool plain = std::all_of(extra.begin(), extra.end(), [](int64_t e) { return e == 0; }) &&
                       outputShape.empty() && window.autoPad == Window::AutoPad::kNotSet && shape.d[1] >= 0 &&
                       c.dims(x).d[1] >= 0;
    if (!plain) {
        // The layer has neither of the two, and pads otherwise.
        Fields fields;
        window.addTo(fields);
        fields("group", group)("output_padding", extra)("output_shape", outputShape);
        return c.done(TRY(c.op("deconv", {x, TRY(c.input(1)), TRY(c.optionalInput(2))}, fields)));
    }
    const std::optional<Weights> bias = c.has(2) ? TRY(c.weights(2)) : std::nullopt;
    const Weights none{c.type(x), nullptr, 0};
    auto* layer = TRY(c.made(c.network().addDeconvolutionNd(*x, shape.d[1] * group, TRY(toDims(window.kernel)),
                                                            kernel.value_or(none), bias.value_or(none)),
                             "deconv", true));
    setWindow(layer, window);
    layer->setDilationNd(TRY(toDims(window.dilations)));
    layer->setNbGroups(group);
    if (w) layer->setInput(1, *w);
    if (c.has(2) && !bias) layer->setInput(2, *TRY(c.input(2)));
    return c.done(TRY(c.set(layer)));
}

}  // namespace

LATHE_ONNX_OP(conv_transpose, "ConvTranspose", importConvTranspose)

}  // namespace lathe::onnx
