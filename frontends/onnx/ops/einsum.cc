// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

Status importEinsum(NodeImport& c) {
    return c.done(TRY(c.op("einsum", TRY(c.allInputs()), Fields()("equation", TRY(c.stringAttr("equation"))))));
}

Status importDet(NodeImport& c) { return c.done(TRY(c.op("det", {TRY(c.input(0))}))); }

}  // namespace

LATHE_ONNX_OPS(einsum,                        //
               {"", "Einsum", importEinsum},  //
               {"", "Det", importDet})

}  // namespace lathe::onnx
