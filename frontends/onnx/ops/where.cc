// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

Status importWhere(NodeImport& c) {
    ITensor *condition = TRY(c.input(0)), *a = TRY(c.input(1)), *b = TRY(c.input(2));
    return c.done(TRY(c.layer(c.network().addSelect(*condition, *a, *b), "select")));
}

}  // namespace

LATHE_ONNX_OP(where, "Where", importWhere)

}  // namespace lathe::onnx
