// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ops/recurrent.h"

namespace lathe::ops {

// rnn: the inputs and outputs of recurrent.h with one gate: h' = f(x w + h r + b), where f is by default Tanh.
struct RnnAttrs : ir::AttrsOf<RnnAttrs>, RecurrentFields {
    void fields(ir::AttrVisitor& f) { recurrentFields(f); }
};

extern const ir::Op* const op_rnn;

}  // namespace lathe::ops
