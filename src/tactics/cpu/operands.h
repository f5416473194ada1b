// SPDX-License-Identifier: Apache-2.0
// Where a kernel's operands come from: a slot of the step or a constant, numbers that the graph knows, and shapes seen
// from one axis.
#pragma once

#include <optional>

#include "tactics/tactic.h"

namespace lathe::tactics {

struct Operand {
    int slot = -1;  // of the binding's inputs, or -1 for `constant`
    const void* constant = nullptr;
    const void* at(const RunArgs& args) const { return slot >= 0 ? args.inputs[slot] : constant; }
};
// An absent value (null) gives an operand that is null.
Result<Operand> operandOf(const ir::Value* v, const Binding& binding, const PrepareContext& c);

// Input i, or null where the node has fewer or it is absent.
inline const ir::Value* inputOf(const ir::Node& n, int i) { return i < n.inputCount() ? n.input(i) : nullptr; }

// The elements of an integer value that are numbers already when the engine is built.
std::optional<std::vector<int64_t>> knownIntegers(const ir::Value* v);

// A shape as [outer, n, inner] around one axis (negative: from the end).
struct AxisSplit {
    int64_t outer = 1, n = 1, inner = 1;
};
AxisSplit splitAt(const ir::Dims& dims, int64_t axis);

inline int64_t fromStart(int64_t axis, int rank) { return axis < 0 ? axis + rank : axis; }

// A constant as floats, broadcast to `dims`. REQUIRES: f32, f16 or bf16.
Result<std::vector<float>> constantFloats(const ir::Value& v, const ir::Dims& dims, const PrepareContext& c);
inline bool isReal(DType t) { return t == DType::kFloat || t == DType::kHalf || t == DType::kBf16; }

// A candidate of one node whose cost is so many elements of its outputs.
Candidate bindAlone(const Tactic& tactic, const ir::Node& anchor, const BindContext& c, double secondsAnElement);

}  // namespace lathe::tactics
