// SPDX-License-Identifier: Apache-2.0
// Elementwise nodes as a pointwise program.
#pragma once

#include "kernels/cpu/pointwise.h"
#include "tactics/tactic.h"

namespace lathe::tactics::pointwise {

// Whether the node has a translation: its op, kind and types. An error says what is missing.
Status check(const ir::Node& node);

struct Translation {
    cpu::PointwiseProgram program;
    std::vector<const ir::Value*> inputs;  // of the program, constants among them
};
// The binding's nodes, outputs in the binding's order. Errors: too many operands or instructions.
Result<Translation> translate(const Binding& binding);

}  // namespace lathe::tactics::pointwise
