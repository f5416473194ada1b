// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

Status importTopK(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    const int axis = TRY(c.axis(TRY(c.intAttr("axis", -1)), c.rank(x)));
    ITensor* k = c.opset() < 10 ? TRY(c.intScalar(TRY(c.intAttr("k")))) : TRY(c.input(1));
    if (c.rank(k) == 1) k = TRY(c.squeeze(k, {0}));
    Fields fields;
    fields("axis", axis)("largest", TRY(c.boolAttr("largest", true)))("sorted", TRY(c.boolAttr("sorted", true)));
    return c.outputs(TRY(c.ops("topk", {x, k}, 2, fields)));
}

}  // namespace

LATHE_ONNX_OP(topk, "TopK", importTopK)

}  // namespace lathe::onnx
