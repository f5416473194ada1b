// SPDX-License-Identifier: Apache-2.0
// Which weights running a plan reads as they are, and which only in packed form.
#pragma once

#include <unordered_set>

#include "plan/plan.h"

namespace lathe::plan {

// Whether a step reads these weights through its packed forms alone (tactics::PackedWeights), so that it needs no
// others once it has those: Tactic::prepare() must not ask PrepareContext::weights() for large weights that its binding
// packs. Small ones are always there: shapes are checked with them, and tactics may look at them to bind.
inline constexpr size_t kSmallWeights = 64 << 10;  // bytes
bool isReadPackedOnly(const tactics::Binding& binding, const ir::Weights& weights);

// Weights whose own bytes running the plan may ask for, its packed weights being there. Derived ones stand for
// themselves: what their recipes need is not listed.
Result<std::unordered_set<const ir::Weights*>> weightsReadAsTheyAre(const Plan& plan);

}  // namespace lathe::plan
