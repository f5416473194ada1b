// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

// Before version 13 the data was seen as a matrix, cut before `axis`, and its rows were normalized.
template <class F>
Status overAxis(NodeImport& c, F&& normalize) {
    ITensor* x = TRY(c.input(0));
    const bool rows = c.opset() < 13;
    const int64_t given = TRY(c.intAttr("axis", rows ? 1 : -1));
    const int rank = c.rank(x);
    // A matrix can also be cut behind the last axis.
    const int axis = rows && given == rank ? rank : TRY(c.axis(given, rank));
    if (!rows || axis == rank - 1) return c.done(TRY(normalize(x, axis)));
    ITensor* matrix = TRY(c.op("flatten", {x}, Fields()("axis", axis)));
    return c.done(TRY(c.reshape(TRY(normalize(matrix, 1)), TRY(c.shapeOf(x)))));
}

Status importSoftmax(NodeImport& c) {
    return overAxis(c, [&](ITensor* x, int axis) { return c.softmax(x, axis); });
}
Status importLogSoftmax(NodeImport& c) {
    return overAxis(c, [&](ITensor* x, int axis) { return c.op("softmax", {x}, Fields()("axis", axis)("log", true)); });
}
Status importHardmax(NodeImport& c) {
    return overAxis(c, [&](ITensor* x, int axis) { return c.op("hardmax", {x}, Fields()("axis", axis)); });
}

}  // namespace

LATHE_ONNX_OPS(softmax,                               //
               {"", "Softmax", importSoftmax},        //
               {"", "LogSoftmax", importLogSoftmax},  //
               {"", "Hardmax", importHardmax})

}  // namespace lathe::onnx
