// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

Status importShape(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    const int64_t start = TRY(c.intAttr("start", 0));
    const int64_t end = TRY(c.intAttr("end", std::numeric_limits<int64_t>::max()));
    if (start == 0 && end >= c.rank(x)) return c.done(TRY(c.shapeOf(x)));
    return c.done(TRY(c.op("shape", {x}, Fields()("start", start)("end", end))));
}

Status importSize(NodeImport& c) { return c.done(TRY(c.op("size", {TRY(c.input(0))}))); }

}  // namespace

LATHE_ONNX_OPS(shape,                       //
               {"", "Shape", importShape},  //
               {"", "Size", importSize})

}  // namespace lathe::onnx
