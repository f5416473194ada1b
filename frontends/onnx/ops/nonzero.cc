// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

Status importNonZero(NodeImport& c) { return c.done(TRY(c.op("nonzero", {TRY(c.input(0))}))); }

Status importCompress(NodeImport& c) {
    ITensor *x = TRY(c.input(0)), *condition = TRY(c.input(1));
    Fields fields;
    if (c.hasAttr("axis")) fields("has_axis", true)("axis", TRY(c.axis(TRY(c.intAttr("axis")), c.rank(x))));
    return c.done(TRY(c.op("compress", {x, condition}, fields)));
}

Status importUnique(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    Fields fields;
    fields("sorted", TRY(c.boolAttr("sorted", true)));
    if (c.hasAttr("axis")) fields("has_axis", true)("axis", TRY(c.axis(TRY(c.intAttr("axis")), c.rank(x))));
    return c.outputs(TRY(c.ops("unique", {x}, 4, fields)));
}

}  // namespace

LATHE_ONNX_OPS(nonzero,                           //
               {"", "NonZero", importNonZero},    //
               {"", "Compress", importCompress},  //
               {"", "Unique", importUnique})

}  // namespace lathe::onnx
