// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ops/window.h"

namespace lathe::ops {

enum class PoolKind { kMax, kAverage, kLp, kMaxAverageBlend };
inline constexpr const char* kPoolKindNames[] = {"max", "average", "lp", "max_average_blend"};

// pool: one number of each window of x [N, C, spatial…] (one to three spatial axes); `kernel` is required. Output:
// [N, C, out…] of x's type: floating, and i8 or u8 for max.
//   max                 NaN when the window holds one
//   average             divides by the taps inside the input, or, with count_include_pad, inside the padded input
//   lp                  (sum |x|^p)^(1/p)
//   max_average_blend   (1 - blend) * max + blend * average
// An optional second output (max only), i64 [N, C, out…]: each maximum's place in the whole input, row-major, or, with
// storage_order 1, with the spatial axes column-major; -1 for a window without input elements.
struct PoolAttrs : ir::AttrsOf<PoolAttrs>, WindowFields {
    PoolKind kind = PoolKind::kMax;
    bool countIncludePad = false;
    double p = 2;
    double blend = 0;
    int64_t storageOrder = 0;
    void fields(ir::AttrVisitor& f) {
        f("kind", kind, kPoolKindNames);
        windowFields(f);
        f("count_include_pad", countIncludePad);
        f("p", p);
        f("blend", blend);
        f("storage_order", storageOrder);
    }
};

extern const ir::Op* const op_pool;

}  // namespace lathe::ops
