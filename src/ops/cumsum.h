// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

enum class CumulativeKind { kSum, kProd };
inline constexpr const char* kCumulativeKindNames[] = {"sum", "prod"};

// cumsum: running sums (or products) along an axis. Inputs: x (f32, f16, bf16, i32, i64; integers wrap around), axis
// (i64 or i32, one element). Output: x's type and shape. `exclusive` leaves an element out of its own sum; `reverse`
// runs from the end.
struct CumsumAttrs : ir::AttrsOf<CumsumAttrs> {
    CumulativeKind kind = CumulativeKind::kSum;
    bool exclusive = false;
    bool reverse = false;
    void fields(ir::AttrVisitor& f) {
        f("kind", kind, kCumulativeKindNames);
        f("exclusive", exclusive);
        f("reverse", reverse);
    }
};

extern const ir::Op* const op_cumsum;

}  // namespace lathe::ops
