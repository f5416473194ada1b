// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"
#include "frontends/onnx/ops/common.h"

namespace lathe::onnx {
namespace {

Status apply(NodeImport& c, const char* op) {
    ITensor* x = TRY(c.input(0));
    const Axes axes = TRY(readAxes(c, 1, 13));
    Fields fields;
    if (axes.known) fields("axes", *axes.known);
    // No axes at all, as opposed to none given: nothing happens.
    if (axes.known && axes.known->empty()) return c.done(TRY(c.layer(c.network().addIdentity(*x), "identity")));
    return c.done(TRY(c.op(op, {x, axes.tensor}, fields)));
}

Status importSqueeze(NodeImport& c) { return apply(c, "squeeze"); }
Status importUnsqueeze(NodeImport& c) {
    if (c.opset() < 13 && !c.hasAttr("axes")) return c.invalid("attribute 'axes' is required, but missing");
    if (c.opset() >= 13 && !c.has(1)) return c.invalid("input 1 (axes) is required, but left out");
    return apply(c, "unsqueeze");
}

}  // namespace

LATHE_ONNX_OPS(squeeze,                         //
               {"", "Squeeze", importSqueeze},  //
               {"", "Unsqueeze", importUnsqueeze})

}  // namespace lathe::onnx
