// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// rotary_embedding: turns pairs of a head's elements by an angle that depends on the position. Inputs, floating of one
// type: x [batch, heads, length, size], or [batch, length, heads * size] with num_heads; cos and sin [positions, R / 2]
// with position_ids (i64 or i32, [batch, length]), or without them [batch, length, R / 2]. Output: x's type and shape.
// R is rotary_dim, or the whole size when that is 0; elements from R on stay. The pairs are (i, i + R / 2), or with
// `interleaved` (2i, 2i + 1): (a, b) becomes (a cos - b sin, a sin + b cos).
struct RotaryEmbeddingAttrs : ir::AttrsOf<RotaryEmbeddingAttrs> {
    bool interleaved = false;
    int64_t rotaryDim = 0;
    int64_t numHeads = 0;
    void fields(ir::AttrVisitor& f) {
        f("interleaved", interleaved);
        f("rotary_dim", rotaryDim);
        f("num_heads", numHeads);
    }
};

extern const ir::Op* const op_rotary_embedding;

}  // namespace lathe::ops
