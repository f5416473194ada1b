// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// assume: x itself, for which every element of a condition must have the value `expected`; otherwise an error that says
// `message`. Inputs: x of any type, condition (bool, i32 or i64, of a known and small number of elements).
struct AssumeAttrs : ir::AttrsOf<AssumeAttrs> {
    bool expected = true;
    std::string message;
    void fields(ir::AttrVisitor& f) {
        f("expected", expected);
        f("message", message);
    }
};

extern const ir::Op* const op_assume;

}  // namespace lathe::ops
