// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

enum class BinaryKind : int64_t {
    kAdd,
    kSub,
    kMul,
    kDiv,  // integers: towards zero
    kPow,  // the exponent's type may differ; the result has the base's
    kMin,
    kMax,  // NaN when either is NaN
    kFloorDiv,
    kMod,   // the divisor's sign
    kFmod,  // the dividend's sign
    kAnd,
    kOr,
    kXor,
    kEqual,
    kGreater,
    kLess,
    kGreaterEqual,
    kLessEqual,
    kBitAnd,
    kBitOr,
    kBitXor,
    kShiftLeft,
    kShiftRight,
    kPrelu,  // a < 0 ? a*b : a
    kAtan2,
};
inline constexpr const char* kBinaryNames[] = {
    "add",     "sub",    "mul",     "div",        "pow",         "min",     "max",  "floor_div",     "mod",
    "fmod",    "and",    "or",      "xor",        "equal",       "greater", "less", "greater_equal", "less_equal",
    "bit_and", "bit_or", "bit_xor", "shift_left", "shift_right", "prelu",   "atan2"};
inline constexpr int kBinaryCount = 25;
static_assert(std::size(kBinaryNames) == kBinaryCount && static_cast<int>(BinaryKind::kAtan2) == kBinaryCount - 1);

// binary: a function of the elements of a and b, which are broadcast as in numpy. Both have one type, which the result
// has too; comparisons give bool.
// Types: arithmetic, min, max, comparisons, prelu: f32, f16, bf16, i8, u8, i32, i64 (equal: also bool); bit_* and
// shift_*: integers; and, or, xor: bool; atan2: floating. Integers wrap. x / 0 and x mod 0 are 0; the smallest integer
// divided by -1 is itself. A shift by a negative amount, or by the type's width or more, shifts everything out: the
// result is 0, or -1 where a negative integer goes to the right, whose sign moves in. An integer to a negative power is
// what division towards zero gives.
struct BinaryAttrs : ir::AttrsOf<BinaryAttrs> {
    BinaryKind kind = BinaryKind::kAdd;
    void fields(ir::AttrVisitor& f) { f("kind", kind, kBinaryNames); }
};

extern const ir::Op* const op_binary;

}  // namespace lathe::ops
