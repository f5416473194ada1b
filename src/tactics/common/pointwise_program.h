// SPDX-License-Identifier: Apache-2.0
// Elementwise nodes as a pointwise program.
#pragma once

#include "kernels/pointwise_program.h"
#include "tactics/tactic.h"

namespace lathe::tactics::pointwise {

// A GPU's program must do all elementwise ops; on the CPU the reference does what is rare.
enum class Backend { kCpu, kCuda };

// Whether the node has a translation: its op, kind and types. An error says what is missing.
Status check(const ir::Node& node, Backend backend = Backend::kCpu);

struct Translation {
    kernels::PointwiseProgram program;
    std::vector<const ir::Value*> inputs;  // of the program, constants among them
};
// The binding's nodes, outputs in the binding's order. Errors: too many operands or instructions.
Result<Translation> translate(const Binding& binding, Backend backend = Backend::kCpu);

}  // namespace lathe::tactics::pointwise
