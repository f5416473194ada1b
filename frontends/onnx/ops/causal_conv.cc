// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

// A depthwise convolution over [N, C, L] that sees its own and earlier places only; the places before the first come
// from the state, or are zero.
Status importCausalConv(NodeImport& c) {
    ITensor *x = TRY(c.input(0)), *w = TRY(c.input(1)), *bias = TRY(c.optionalInput(2)),
            *state = TRY(c.optionalInput(3));
    const int activation = TRY(c.choiceAttr("activation", "none", {"none", "silu", "swish"}));
    const Dims kernel = c.dims(w), data = c.dims(x);
    if (data.nbDims != 3 || kernel.nbDims != 3 || kernel.d[0] < 0 || kernel.d[2] < 1) {
        return c.fail(ErrorCode::kUNSUPPORTED_NODE_SHAPE,
                      "data {} and weights {}: three dimensions are needed, and the "
                      "weights' must be known",
                      toString(data), toString(kernel));
    }
    const int64_t past = kernel.d[2] - 1;
    ITensor* wide = x;
    if (past > 0) {
        if (state) {
            wide = TRY(c.concat({state, x}, 2));
        } else {
            wide =
                TRY(c.op("pad", {x, TRY(c.ints({past, 0})), nullptr, TRY(c.ints({2}))}, Fields()("mode", "constant")));
        }
    }
    Fields fields;
    fields("group", kernel.d[0])("kernel", Ints{kernel.d[2]})("strides", Ints{1})("dilations", Ints{1});
    fields("pads", Ints{0, 0})("auto_pad", "notset");
    ITensor* y = TRY(c.op("conv", {wide, w, bias}, fields));
    if (activation) y = TRY(c.unary("silu", y, 1));
    TRY(c.done(y));
    if (!c.wants(1)) return {};
    // The last places of what the convolution saw.
    const int64_t end = std::numeric_limits<int64_t>::max();
    return c.output(1, past == 0 ? TRY(c.slice(x, {0}, {0}, {2})) : TRY(c.slice(wide, {-past}, {end}, {2})));
}

}  // namespace

LATHE_ONNX_OP(causal_conv, "CausalConvWithState", importCausalConv)

}  // namespace lathe::onnx
