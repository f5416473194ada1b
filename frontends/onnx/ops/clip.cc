// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

// min(max(x, low), high): where the bounds cross, the upper one wins.
Status importClip(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    c.ignoreAttr("consumed_inputs");
    for (int i = 1; i < std::min(c.inputCount(), 3); ++i) {
        if (!c.has(i)) continue;
        if (const Tensor* known = c.constant(i)) {
            const int64_t count = TRY(known->elementCount());
            if (count != 1) return c.invalid("input {} has {} elements; a bound is a scalar", i, count);
            continue;
        }
        const Dims bound = c.dims(TRY(c.input(i)));
        if (bound.nbDims > 1 || (bound.nbDims == 1 && bound.d[0] != 1)) {
            return c.invalid("input {} has the shape {}; a bound is a scalar", i, toString(bound));
        }
    }
    std::optional<double> low, high;
    if (c.opset() < 11) {
        if (c.hasAttr("min")) low = TRY(c.floatAttr("min"));
        if (c.hasAttr("max")) high = TRY(c.floatAttr("max"));
    } else if (isFloat(c.type(x))) {
        const auto lows = TRY(c.knownReals(1)), highs = TRY(c.knownReals(2));
        if (lows && lows->size() == 1) low = (*lows)[0];
        if (highs && highs->size() == 1) high = (*highs)[0];
    }
    const bool known = c.opset() < 11 || ((low || !c.has(1)) && (high || !c.has(2)));
    const float lowest = std::numeric_limits<float>::lowest(), highest = std::numeric_limits<float>::max();
    const double from = low.value_or(lowest), to = high.value_or(highest);
    if (known && isFloat(c.type(x)) && std::isfinite(from) && std::isfinite(to) && from <= to && (low || high)) {
        // A bound that is left out lets infinities through, which the activation would not.
        if (low && high) {
            auto* layer = TRY(c.made(c.network().addActivation(*x, nvinfer1::ActivationType::kCLIP), "clip"));
            layer->setAlpha(static_cast<float>(from));
            layer->setBeta(static_cast<float>(to));
            return c.done(TRY(c.set(layer)));
        }
    }
    ITensor* y = x;
    using Op = nvinfer1::ElementWiseOperation;
    if (c.opset() < 11) {
        if (low) y = TRY(c.binary("max", y, TRY(c.scalarLike(*low, x))));
        if (high) y = TRY(c.binary("min", y, TRY(c.scalarLike(*high, x))));
    } else {
        if (c.has(1)) y = TRY(c.layer(c.network().addElementWise(*y, *TRY(c.input(1)), Op::kMAX), "max"));
        if (c.has(2)) y = TRY(c.layer(c.network().addElementWise(*y, *TRY(c.input(2)), Op::kMIN), "min"));
    }
    if (y == x) y = TRY(c.layer(c.network().addIdentity(*x), "identity"));
    return c.done(y);
}

}  // namespace

LATHE_ONNX_OP(clip, "Clip", importClip)

}  // namespace lathe::onnx
