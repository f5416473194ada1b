// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

enum class PadMode : int64_t { kConstant, kReflect, kEdge, kWrap };
inline constexpr const char* kPadModeNames[] = {"constant", "reflect", "edge", "wrap"};

// pad: x with elements added before and after. Inputs (x of any type of at least a byte, pads i64 or i32 [2n], value?
// scalar of x's type, axes? i64 or i32 [n], known when the engine is built); without axes, n is the rank. pads lists
// what comes before each axis, then what comes after each; negative numbers crop, which is done first. Modes: constant
// (value, or 0), edge (the nearest element), reflect (mirrored, the edge not repeated), wrap (the other end). Pads may
// be computed while running.
struct PadAttrs : ir::AttrsOf<PadAttrs> {
    PadMode mode = PadMode::kConstant;
    void fields(ir::AttrVisitor& f) { f("mode", mode, kPadModeNames); }
};

extern const ir::Op* const op_pad;

}  // namespace lathe::ops
