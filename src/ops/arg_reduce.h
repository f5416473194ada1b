// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

enum class ArgReduceKind { kMax, kMin };
inline constexpr const char* kArgReduceKindNames[] = {"max", "min"};

// arg_reduce: the index of the largest or smallest element along an axis; of equal ones the first, or with
// select_last_index the last. A NaN is taken for the extreme. Input: x (f32, f16, bf16, i8, u8, i32, i64), whose axis
// must not be empty. Output: i64; the axis has extent 1 (keep_dims) or goes.
struct ArgReduceAttrs : ir::AttrsOf<ArgReduceAttrs> {
    ArgReduceKind kind = ArgReduceKind::kMax;
    int64_t axis = 0;
    bool keepDims = true;
    bool selectLastIndex = false;
    void fields(ir::AttrVisitor& f) {
        f("kind", kind, kArgReduceKindNames);
        f("axis", axis);
        f("keep_dims", keepDims);
        f("select_last_index", selectLastIndex);
    }
};

extern const ir::Op* const op_arg_reduce;

}  // namespace lathe::ops
