// SPDX-License-Identifier: Apache-2.0
// What the tactics of scatter_elements and scatter_nd share.
#pragma once

#include "kernels/cpu/gather.h"
#include "ops/scatter.h"
#include "tactics/cpu/copies.h"
#include "tactics/cpu/operands.h"

namespace lathe::tactics {

inline cpu::ScatterReduction toKernel(ops::Scatter s) {
    switch (s) {
        case ops::Scatter::kNone: return cpu::ScatterReduction::kNone;
        case ops::Scatter::kAdd: return cpu::ScatterReduction::kAdd;
        case ops::Scatter::kMul: return cpu::ScatterReduction::kMul;
        case ops::Scatter::kMax: return cpu::ScatterReduction::kMax;
        case ops::Scatter::kMin: return cpu::ScatterReduction::kMin;
    }
    return cpu::ScatterReduction::kNone;
}

inline BindResult bindScatter(const Tactic& tactic, const ir::Node& anchor, const BindContext& c,
                              ops::Scatter reduction) {
    const ir::Value& x = *anchor.input(0);
    if (x.rank() > cpu::kMaxNestDims)
        return BindResult::refuse(fmt::format("{} dimensions; at most {} are possible", x.rank(), cpu::kMaxNestDims));
    bool sums = reduction == ops::Scatter::kAdd || reduction == ops::Scatter::kMul;
    if (sums && (x.dtype() == DType::kHalf || x.dtype() == DType::kBf16))
        return BindResult::refuse(fmt::format("updates of {} would be rounded one by one", toString(x.dtype())));
    BindResult result = bindCopy(tactic, anchor, c);
    // The data may become the result, as long as it is nothing else's operand here.
    for (Candidate& candidate : result.candidates)
        if (!x.isConstant() && &x != anchor.input(1) && &x != anchor.input(2)) candidate.binding.inPlace = {{0, 0}};
    return result;
}

}  // namespace lathe::tactics
