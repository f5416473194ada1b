// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

enum class ReduceKind { kSum, kMean, kMax, kMin, kProd, kL1, kL2, kSumSquare, kLogSum, kLogSumExp };
inline constexpr const char* kReduceKindNames[] = {"sum", "mean", "max",        "min",     "prod",
                                                   "l1",  "l2",   "sum_square", "log_sum", "log_sum_exp"};

// reduce: one number of all elements along the axes. Inputs: x (f32, f16, bf16, i32, i64; max and min also i8, u8,
// bool; log_sum_exp only the floating ones), axes (optional, i64 or i32, with elements that are known when the engine
// is built; instead of the attribute). Output: x's type; a reduced axis has extent 1 (keep_dims) or goes. No axes at
// all means every axis, or, with noop_with_empty_axes, none: then each element is a group of its own. Along axes
// without elements: sum 0, prod 1, max the type's lowest value
// (-inf), min its highest (inf), mean NaN (an integer mean is 0). Integers: sums and products wrap around, mean
// truncates, and l2 and log_sum truncate their real result. max and min of a group with a NaN are NaN.
struct ReduceAttrs : ir::AttrsOf<ReduceAttrs> {
    ReduceKind kind = ReduceKind::kSum;
    std::vector<int64_t> axes;
    bool keepDims = true;
    bool noopWithEmptyAxes = false;
    void fields(ir::AttrVisitor& f) {
        f("kind", kind, kReduceKindNames);
        f("axes", axes);
        f("keep_dims", keepDims);
        f("noop_with_empty_axes", noopWithEmptyAxes);
    }
};

extern const ir::Op* const op_reduce;

}  // namespace lathe::ops
