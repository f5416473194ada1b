// SPDX-License-Identifier: Apache-2.0
// Makes the nodes that reshape and transpose a value, as few as will do.
#pragma once

#include "ops/movement.h"
#include "passes/rewrite.h"

namespace lathe::passes {

// A constant shape operand (with 0 for "copy" and -1 for "the rest") that gives `to` for every size of the symbols;
// nothing when there is none.
std::optional<std::vector<int64_t>> shapeOperand(const ir::Shape& from, const ir::Shape& to);
// x as `to`, a view of it, with constant operands only; null when that cannot be said.
Result<ir::Value*> emitReshape(Rewriter& r, ir::Value* x, const ir::Shape& to);

// How a value's elements, cut into `parts` (extents, the slowest first), stand in an order of their own: axis i of the
// result is made of the parts groups[i], the slowest first.
struct Arrangement {
    ir::Shape parts;
    std::vector<std::vector<int>> groups;

    ir::Shape shape() const;
    // Parts stand in their own order, so that no element moves.
    bool isView() const;
    // Parts that stay neighbours made one.
    Arrangement joined() const;
};
// A view of all of its base, made of reshapes and transposes, as such; nothing for other views.
std::optional<Arrangement> arrangementOf(const ops::View& view);
// Nodes that emitArrangement would make, a transpose counting as 10; -1 when it cannot.
int costOf(const Arrangement& a, const ir::Shape& from);
// x so arranged; null when it cannot be said.
Result<ir::Value*> emitArrangement(Rewriter& r, ir::Value* x, const Arrangement& a);

}  // namespace lathe::passes
