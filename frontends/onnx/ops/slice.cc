// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

Status importSlice(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    if (c.opset() >= 10) {
        return c.done(TRY(
            c.op("slice", {x, TRY(c.input(1)), TRY(c.input(2)), TRY(c.optionalInput(3)), TRY(c.optionalInput(4))})));
    }
    const Ints starts = TRY(c.intsAttr("starts")), ends = TRY(c.intsAttr("ends"));
    Ints axes = TRY(c.intsAttr("axes"));
    if (axes.empty()) {
        for (size_t i = 0; i < starts.size(); ++i) axes.push_back(static_cast<int64_t>(i));
    }
    if (starts.size() != ends.size() || starts.size() != axes.size()) {
        return c.invalid("{} starts, {} ends and {} axes", starts.size(), ends.size(), axes.size());
    }
    return c.done(TRY(c.slice(x, starts, ends, axes)));
}

}  // namespace

LATHE_ONNX_OP(slice, "Slice", importSlice)

}  // namespace lathe::onnx
