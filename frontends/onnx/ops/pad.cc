// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

Status importPad(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    static constexpr const char* kModes[] = {"constant", "reflect", "edge", "wrap"};
    const int mode = TRY(c.choiceAttr("mode", "constant", {"constant", "reflect", "edge", "wrap"}));
    ITensor *pads = nullptr, *value = nullptr, *axes = nullptr;
    if (c.opset() < 11) {
        const Ints list = TRY(c.intsAttr(c.opset() < 2 ? "paddings" : "pads"));
        const double constant = TRY(c.floatAttr("value", 0));
        pads = TRY(c.ints(list));
        if (mode == 0 && constant != 0) value = TRY(c.scalarLike(constant, x));
    } else {
        pads = TRY(c.input(1));
        if (mode == 0) {
            value = TRY(c.optionalInput(2));
        } else {
            c.ignoreInput(2);
        }
        axes = TRY(c.optionalInput(3));
    }
    // Some exporters write the constant as a vector of one element.
    if (value && c.rank(value) == 1) value = TRY(c.squeeze(value, {0}));
    return c.done(TRY(c.op("pad", {x, pads, value, axes}, Fields()("mode", kModes[mode]))));
}

}  // namespace

LATHE_ONNX_OP(pad, "Pad", importPad)

}  // namespace lathe::onnx
