// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

Status importSwiGlu(NodeImport& c) {
    ITensor *gate = TRY(c.input(0)), *value = TRY(c.input(1));
    const double alpha = TRY(c.floatAttr("alpha", 1));
    gate = TRY(alpha == 0 ? c.scale(gate, 0.5) : c.unary("silu", gate, alpha));
    return c.done(TRY(c.mul(gate, value)));
}

}  // namespace

LATHE_ONNX_OP(swiglu, "SwiGLU", importSwiGlu)

}  // namespace lathe::onnx
