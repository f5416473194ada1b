// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

Status importConcat(NodeImport& c) {
    const TensorList parts = TRY(c.allInputs());
    if (parts.empty()) return c.invalid("there are no inputs");
    const int64_t axis = c.opset() < 4 ? TRY(c.intAttr("axis", 1)) : TRY(c.intAttr("axis"));
    return c.done(TRY(c.concat(parts, TRY(c.axis(axis, c.rank(parts[0]))))));
}

}  // namespace

LATHE_ONNX_OP(concat, "Concat", importConcat)

}  // namespace lathe::onnx
