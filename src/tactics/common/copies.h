// SPDX-License-Identifier: Apache-2.0
// Ops that only move elements, as lists of strided copies.
#pragma once

#include <functional>

#include "tactics/common/operands.h"

namespace lathe::tactics {

// One copy: `dims` elements of an input from fromOffset on, to an output from toOffset on; offsets and strides in
// elements. A stride of the source may be 0.
struct CopyShape {
    const ir::Value* from = nullptr;
    int output = 0;
    ir::Dims dims, fromStrides, toStrides;
    int64_t fromOffset = 0, toOffset = 0;
};
using CopyShapes = Result<std::vector<CopyShape>>;
// Extents of the node's values: of a profile, or those of a run.
using ExtentsOf = std::function<ir::Dims(const ir::Value&)>;

CopyShapes concatCopies(const ir::Node& n, const ExtentsOf& dims);
CopyShapes splitCopies(const ir::Node& n, const ExtentsOf& dims);
// Starts, axes and steps must be known.
CopyShapes sliceCopies(const ir::Node& n, const ExtentsOf& dims);
// Start and stride must be known, and every element must lie within the input at these extents.
CopyShapes stridedSliceCopies(const ir::Node& n, const ExtentsOf& dims);
CopyShapes expandCopies(const ir::Node& n, const ExtentsOf& dims);
CopyShapes tileCopies(const ir::Node& n, const ExtentsOf& dims);
CopyShapes transposeCopies(const ir::Node& n, const ExtentsOf& dims);
// Whether the transpose moves only axes that have one element at all extents: the same bytes.
bool transposeIsView(const ir::Node& n, const BindContext& c);

}  // namespace lathe::tactics
