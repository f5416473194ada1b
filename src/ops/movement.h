// SPDX-License-Identifier: Apache-2.0
// Follows a value back through nodes that only pick and rearrange elements (reshape and its kin, transpose, slice,
// split, expand, a gather of one index), and says how it lies in the value that they start from: as a strided view
// whose axes may each be made of several axes of the base.
#pragma once

#include <functional>
#include <optional>

#include "ir/op.h"

namespace lathe::ops {

// Part of an axis: `extent` steps of `stride` elements of the base.
struct ViewPart {
    ir::Dim extent, stride;
};

struct View {
    const ir::Value* base = nullptr;
    ir::Dim offset = 0;                       // elements of the base
    std::vector<std::vector<ViewPart>> axes;  // of the viewed value: parts, the slowest first; extents of 1 have none
    std::vector<const ir::Node*> nodes;       // between base and value, in execution order
};

using ShapeOf = std::function<ir::Shape(const ir::Value&)>;
inline ir::Shape symbolicShape(const ir::Value& v) { return v.shape(); }

// The view of v itself.
View wholeView(const ir::Value& v, const ShapeOf& shapeOf = symbolicShape);
// Whether the node is one of those, so far as its attributes tell.
bool isMovement(const ir::Node& n);
// Turns a view of the node's input into one of its output; false (and the view as it was) when that is no view.
bool follow(View& view, const ir::Node& n, int output, const ShapeOf& shapeOf = symbolicShape);
// The view of v in the farthest base from which every node may be passed.
View viewOf(const ir::Value& v, const std::function<bool(const ir::Node&)>& mayPass,
            const ShapeOf& shapeOf = symbolicShape);

// One stride for the axis; nothing when its parts have no common one. An extent of 1 has stride 0.
std::optional<ir::Dim> strideOf(const std::vector<ViewPart>& axis);
// Cuts a list of parts, the slowest first, into axes of these extents; nothing when they don't fit.
std::optional<std::vector<std::vector<ViewPart>>> regroup(const std::vector<ViewPart>& parts, const ir::Shape& extents);
// a / b when that is exact for all values of the symbols.
std::optional<ir::Dim> exactQuotient(const ir::Dim& a, const ir::Dim& b);
// The integers of a constant, or of a value whose elements are known.
std::optional<std::vector<int64_t>> knownIntegers(const ir::Value* v);

}  // namespace lathe::ops
