// SPDX-License-Identifier: Apache-2.0
// Connected groups of elementwise nodes, which one pass over memory computes.
#pragma once

#include <functional>

#include "tactics/tactic.h"

namespace lathe::tactics::pointwise {

// Groups that begin with the anchor and grow along values of its result's shape by nodes that fit, shorter ones first;
// not of every size. Each in execution order.
std::vector<std::vector<const ir::Node*>> groupsFrom(const ir::Node& anchor,
                                                     const std::function<bool(const ir::Node&)>& fits);

// The binding of these nodes, all linear: outputs are the values read outside of them, and may take over the buffers of
// inputs that go along with them element by element.
Binding bindGroup(const Tactic& tactic, const std::vector<const ir::Node*>& nodes);

}  // namespace lathe::tactics::pointwise
