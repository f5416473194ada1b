// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

// An optional value that is a tensor is there, and is the tensor. Others cannot be in a network.
Status importGetElement(NodeImport& c) {
    return c.done(TRY(c.layer(c.network().addIdentity(*TRY(c.input(0))), "identity")));
}

Status importHasElement(NodeImport& c) {
    if (c.has(0)) TRY(c.input(0));
    return c.done(TRY(c.scalar(c.has(0), ApiType::kBOOL)));
}

}  // namespace

LATHE_ONNX_OPS(optional,                                      //
               {"", "OptionalGetElement", importGetElement},  //
               {"", "OptionalHasElement", importHasElement})

}  // namespace lathe::onnx
