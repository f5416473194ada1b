// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ops/scatter.h"

namespace lathe::ops {

// scatter_nd: data with slices replaced by, or reduced with, those of updates. The last axis of indices holds positions
// of k coordinates in data (k known when the engine is built). Inputs (data of any type of at least a byte, for
// reductions f32, f16, bf16, i8, u8, i32 or i64; indices i64 or i32, negative ones count from the end; updates of the
// shape indices[:-1] + data[k:]). An index out of range is an error of the run.
struct ScatterNdAttrs : ir::AttrsOf<ScatterNdAttrs> {
    Scatter reduction = Scatter::kNone;
    void fields(ir::AttrVisitor& f) { f("reduction", reduction, kScatterNames); }
};

extern const ir::Op* const op_scatter_nd;

}  // namespace lathe::ops
