// SPDX-License-Identifier: Apache-2.0
// Numbers that the graph knows, and shapes seen from one axis.
#pragma once

#include <optional>

#include "tactics/tactic.h"

namespace lathe::tactics {

// Input i, or null where the node has fewer or it is absent.
inline const ir::Value* inputOf(const ir::Node& n, int i) { return i < n.inputCount() ? n.input(i) : nullptr; }

// The elements of an integer value that are numbers already when the engine is built.
std::optional<std::vector<int64_t>> knownIntegers(const ir::Value* v);

// A node whose output is its first input in another shape, without a copy; not for others.
BindResult bindView(const Tactic& tactic, const ir::Node& node);

// A shape as [outer, n, inner] around one axis (negative: from the end).
struct AxisSplit {
    int64_t outer = 1, n = 1, inner = 1;
};
AxisSplit splitAt(const ir::Dims& dims, int64_t axis);

inline int64_t fromStart(int64_t axis, int rank) { return axis < 0 ? axis + rank : axis; }

// A constant as floats, broadcast to `dims`. REQUIRES: f32, f16 or bf16.
Result<std::vector<float>> constantFloats(const ir::Value& v, const ir::Dims& dims, const PrepareContext& c);
inline bool isReal(DType t) { return t == DType::kFloat || t == DType::kHalf || t == DType::kBf16; }

// Whole bytes, or 0 for types that share a byte.
inline int elementBytes(DType t) { return bitsOf(t) % 8 == 0 ? bitsOf(t) / 8 : 0; }

}  // namespace lathe::tactics
