// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// einsum: the sum over all labels that the output lacks of the product of all inputs. Inputs: one or more of one type
// (f32, f16, bf16, i32, i64; integers wrap around). `equation` names each axis of each input by a letter ("ij,jk->ik");
// a label twice in one input takes its diagonal; "..." stands for any number of leading broadcast axes, which the
// output has too. Without "->" the output has the ellipsis' axes and then, in alphabetical order (capitals first), the
// labels that occur once. Axes of one label have the same extent, or 1, which is repeated.
struct EinsumAttrs : ir::AttrsOf<EinsumAttrs> {
    std::string equation;
    void fields(ir::AttrVisitor& f) { f("equation", equation); }
};

extern const ir::Op* const op_einsum;

// For kernels: an equation's labels by number, in order of the axes. Letters are their character codes; the axes of
// ellipses are 256, 257, …, aligned at the last.
struct EinsumTerms {
    std::vector<std::vector<int>> inputs;
    std::vector<int> output;
};
Result<EinsumTerms> parseEinsum(const std::string& equation, std::span<const int> ranks);

}  // namespace lathe::ops
