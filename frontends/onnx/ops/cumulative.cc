// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

Status importCumulative(NodeImport& c, const char* kind) {
    ITensor *x = TRY(c.input(0)), *axis = TRY(c.input(1));
    if (c.rank(axis) == 1) axis = TRY(c.squeeze(axis, {0}));
    Fields fields;
    fields("kind", kind)("exclusive", TRY(c.boolAttr("exclusive", false)))("reverse",
                                                                           TRY(c.boolAttr("reverse", false)));
    return c.done(TRY(c.op("cumsum", {x, axis}, fields)));
}

Status importCumSum(NodeImport& c) { return importCumulative(c, "sum"); }
Status importCumProd(NodeImport& c) { return importCumulative(c, "prod"); }

}  // namespace

LATHE_ONNX_OPS(cumulative,                    //
               {"", "CumSum", importCumSum},  //
               {"", "CumProd", importCumProd})

}  // namespace lathe::onnx
