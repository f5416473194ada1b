// SPDX-License-Identifier: Apache-2.0
// Turns a chosen cover into steps: reorders become nodes, nodes stand in execution order.
#pragma once

#include "builder/cover.h"
#include "plan/plan.h"

namespace lathe::builder {

// Binds a fresh reorder node; the answer is timed like any other.
using BindReorder = std::function<Result<TimedCandidate>(const ir::Node& reorder)>;
// Steps of the nested regions of a control node.
using NestedSteps = std::function<Result<std::vector<std::vector<plan::Step>>>(ir::Node& control)>;

// Rewrites `region` (inserts reorders, sorts nodes) and returns its steps.
Result<std::vector<plan::Step>> emitSteps(ir::Region& region, const Cover& cover, const BindReorder& bindReorder,
                                          const NestedSteps& nested, const plan::Placement& placement);

}  // namespace lathe::builder
