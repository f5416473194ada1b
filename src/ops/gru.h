// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ops/recurrent.h"

namespace lathe::ops {

// gru: the inputs and outputs of recurrent.h with the gates in the order z, r, h.
//   z = f(x wz + h rz + bz)    r = f(x wr + h rr + br)    h' = (1 - z) k + z h
//   k = g(x wh + (r h) rh + bh), or with linear_before_reset g(x wh + wbh + r (h rh + rbh))
// where f and g are the activations, by default Sigmoid and Tanh.
struct GruAttrs : ir::AttrsOf<GruAttrs>, RecurrentFields {
    bool linearBeforeReset = false;
    void fields(ir::AttrVisitor& f) {
        recurrentFields(f);
        f("linear_before_reset", linearBeforeReset);
    }
};

extern const ir::Op* const op_gru;

}  // namespace lathe::ops
