// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// matmul: numpy's matrix product. Inputs: a [batch…, m, k], b [batch…, k, n] of one type (f32, f16, bf16, i32, i64;
// integers wrap around); batch axes broadcast. A 1-D a is a row, a 1-D b a column, and the output [batch…, m, n] lacks
// its axis. transpose_a and transpose_b swap the operand's last two axes first.
struct MatmulAttrs : ir::AttrsOf<MatmulAttrs> {
    bool transposeA = false;
    bool transposeB = false;
    void fields(ir::AttrVisitor& f) {
        f("transpose_a", transposeA);
        f("transpose_b", transposeB);
    }
};

extern const ir::Op* const op_matmul;

}  // namespace lathe::ops
