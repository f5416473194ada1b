// SPDX-License-Identifier: Apache-2.0
// Where a kernel's operands come from: a slot of the step or a constant.
#pragma once

#include "tactics/common/operands.h"

namespace lathe::tactics {

struct Operand {
    int slot = -1;  // of the binding's inputs, or -1 for `constant`
    const void* constant = nullptr;
    const void* at(const RunArgs& args) const { return slot >= 0 ? args.inputs[slot] : constant; }
};
// An absent value (null) gives an operand that is null.
Result<Operand> operandOf(const ir::Value* v, const Binding& binding, const PrepareContext& c);

// A candidate of one node whose cost is so many elements of its outputs.
Candidate bindAlone(const Tactic& tactic, const ir::Node& anchor, const BindContext& c, double secondsAnElement);

}  // namespace lathe::tactics
