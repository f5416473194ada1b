// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

// The slope is broadcast to the data alone, never the data to the slope.
Status importPRelu(NodeImport& c) {
    c.ignoreAttr("consumed_inputs");
    ITensor *x = TRY(c.input(0)), *slope = TRY(c.input(1));
    if (c.rank(slope) > c.rank(x)) {
        return c.fail(ErrorCode::kINVALID_NODE, "the slope {} has more dimensions than the data {}",
                      toString(c.dims(slope)), toString(c.dims(x)));
    }
    // Before version 7 the slope was one value a channel.
    if (c.opset() < 7 && c.rank(slope) == 1 && c.rank(x) > 1 && c.dims(slope).d[0] != 1) {
        Ints behind;
        for (int axis = 1; axis < c.rank(x) - 1; ++axis) behind.push_back(axis);
        slope = TRY(c.unsqueeze(slope, behind));
    }
    // Where extents are free, the general op checks the broadcast while running.
    bool known = c.rank(slope) == c.rank(x);
    for (int d = 0; known && d < c.rank(x); ++d) {
        known = c.dims(slope).d[d] == 1 || (c.dims(slope).d[d] >= 0 && c.dims(x).d[d] >= 0);
    }
    if (isFloat(c.type(x)) && known) {
        return c.done(TRY(c.layer(c.network().addParametricReLU(*x, *slope), "prelu")));
    }
    return c.done(TRY(c.binary("prelu", x, slope)));
}

}  // namespace

LATHE_ONNX_OP(prelu, "PRelu", importPRelu)

}  // namespace lathe::onnx
