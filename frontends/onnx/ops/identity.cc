// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

Status importIdentity(NodeImport& c) {
    // A constant stays one.
    if (const Tensor* constant = c.constant(0)) {
        c.ignoreInput(0);
        return c.constantOutput(0, *constant);
    }
    return c.done(TRY(c.layer(c.network().addIdentity(*TRY(c.input(0))), "identity")));
}

}  // namespace

LATHE_ONNX_OP(identity, "Identity", importIdentity)

}  // namespace lathe::onnx
