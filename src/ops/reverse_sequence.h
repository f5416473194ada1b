// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// reverse_sequence: for each b along batch_axis the first lens[b] elements along time_axis are put in reverse
// order; the others stay. Inputs (x of any type of at least a byte, lens i64 or i32 [batch]). The two axes differ;
// lengths outside [0, extent] are an error of the run.
struct ReverseSequenceAttrs : ir::AttrsOf<ReverseSequenceAttrs> {
    int64_t batchAxis = 1;
    int64_t timeAxis = 0;
    void fields(ir::AttrVisitor& f) {
        f("batch_axis", batchAxis);
        f("time_axis", timeAxis);
    }
};

extern const ir::Op* const op_reverse_sequence;

}  // namespace lathe::ops
