// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

Status importSplit(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    const int axis = TRY(c.axis(TRY(c.intAttr("axis", 0)), c.rank(x)));
    const int outputs = c.outputCount();
    if (outputs == 0) return c.invalid("there are no outputs");
    ITensor* sizes = nullptr;
    int64_t parts = 0;
    if (c.opset() < 13 && !c.has(1)) {
        if (c.hasAttr("split")) sizes = TRY(c.ints(TRY(c.intsAttr("split"))));
    } else {
        sizes = TRY(c.optionalInput(1));
    }
    if (c.opset() >= 18) {
        parts = TRY(c.intAttr("num_outputs", 0));
        if (sizes && parts) return c.invalid("both input 1 (split) and attribute 'num_outputs' are there");
        if (parts && parts != outputs) {
            return c.invalid("attribute 'num_outputs' is {}, but the node has {} outputs", parts, outputs);
        }
    } else if (!sizes && c.dims(x).d[axis] >= 0 && c.dims(x).d[axis] % outputs) {
        return c.invalid("axis {} of {} elements cannot be split into {} equal parts", axis, c.dims(x).d[axis],
                         outputs);
    }
    Fields fields;
    fields("axis", axis);
    if (!sizes) fields("num_outputs", outputs);
    return c.outputs(TRY(c.ops("split", {x, sizes}, outputs, fields)));
}

}  // namespace

LATHE_ONNX_OP(split, "Split", importSplit)

}  // namespace lathe::onnx
