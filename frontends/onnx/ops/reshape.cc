// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

Status importReshape(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    const bool allowZero = TRY(c.boolAttr("allowzero", false));
    std::optional<Ints> known;
    if (c.opset() < 5) {
        known = TRY(c.intsAttr("shape"));
        c.ignoreAttr("consumed_inputs");
    } else {
        known = TRY(c.knownInts(1));
    }
    auto* layer = TRY(c.made(c.network().addShuffle(*x), "reshape"));
    layer->setZeroIsPlaceholder(!allowZero);
    if (known) {
        layer->setReshapeDimensions(TRY(toDims(*known)));
    } else {
        layer->setInput(1, *TRY(c.input(1)));
    }
    return c.done(TRY(c.set(layer)));
}

Status importFlatten(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    const int64_t given = TRY(c.intAttr("axis", 1));
    const Dims dims = c.dims(x);
    const int axis = given == dims.nbDims ? dims.nbDims : TRY(c.axis(given, dims.nbDims));
    int64_t product[2] = {1, 1};
    for (int i = 0; i < dims.nbDims; ++i) {
        int64_t& side = product[i < axis ? 0 : 1];
        side = side < 0 || dims.d[i] < 0 ? -1 : side * dims.d[i];
    }
    // One side may vary; zeros leave nothing to infer it from.
    if ((product[0] < 0 && product[1] < 0) || product[0] == 0 || product[1] == 0) {
        return c.done(TRY(c.op("flatten", {x}, Fields()("axis", axis))));
    }
    return c.done(TRY(c.reshape(x, {product[0], product[1]})));
}

}  // namespace

LATHE_ONNX_OPS(reshape,                         //
               {"", "Reshape", importReshape},  //
               {"", "Flatten", importFlatten})

}  // namespace lathe::onnx
