// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ops/recurrent.h"

namespace lathe::ops {

// lstm: the inputs and outputs of recurrent.h with the gates in the order i, o, f, c, and
//   6 initial_c like initial_h (optional), 7 p [D, 3 * H] peepholes of i, o, f (optional); output 2: y_c.
//   i = f(x wi + h ri + pi c + bi)    o = f(x wo + h ro + po c' + bo)
//   f = f(x wf + h rf + pf c + bf), with input_forget 1 - i
//   c' = f c + i g(x wc + h rc + bc)  h' = o h(c')
// where f, g, h are the activations, by default Sigmoid, Tanh, Tanh.
struct LstmAttrs : ir::AttrsOf<LstmAttrs>, RecurrentFields {
    bool inputForget = false;
    void fields(ir::AttrVisitor& f) {
        recurrentFields(f);
        f("input_forget", inputForget);
    }
};

extern const ir::Op* const op_lstm;

}  // namespace lathe::ops
