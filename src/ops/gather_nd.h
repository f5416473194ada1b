// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// gather_nd: the last axis of indices holds positions of k coordinates in data, after the batch_dims leading axes
// that both share. Inputs (data of any type of at least a byte, indices i64 or i32; negative ones count from the
// end). Output: data[:batch_dims] + indices[batch_dims:-1] + data[batch_dims + k:]. k must be known when the engine
// is built; an index out of range is an error of the run.
struct GatherNdAttrs : ir::AttrsOf<GatherNdAttrs> {
    int64_t batchDims = 0;
    void fields(ir::AttrVisitor& f) { f("batch_dims", batchDims); }
};

extern const ir::Op* const op_gather_nd;

}  // namespace lathe::ops
