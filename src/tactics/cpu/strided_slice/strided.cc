// SPDX-License-Identifier: Apache-2.0
// Strided slices by known numbers that stay within the input, in all modes.
#include "tactics/cpu/copies.h"

namespace lathe::tactics {
namespace {

class StridedSlices final : public Tactic {
  public:
    constexpr StridedSlices() : Tactic("cpu.strided_slice.strided.v1", "strided_slice") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const ir::Value &x = *anchor.input(0), &y = *anchor.output();
        // The least input with the largest output is the worst that can be.
        auto worst = [&](const ir::Value& v) { return &v == &y ? c.maxDims(v) : c.minDims(v); };
        if (auto copies = stridedSliceCopies(anchor, worst); !copies.ok())
            return BindResult::refuse(copies.status().message());
        BindResult result = bindCopy(*this, anchor, c);
        for (Candidate& candidate : result.candidates) {
            candidate.binding.inputs.clear();
            if (!x.isConstant()) candidate.binding.inputs = {&x};
            candidate.binding.inputLayouts.assign(candidate.binding.inputs.size(), Layout::kLinear);
        }
        return result;
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        return makeCopies(TRY(stridedSliceCopies(*binding.nodes[0], [&](const ir::Value& v) { return c.dims(v); })),
                          binding, c);
    }
};

}  // namespace

LATHE_TACTIC(cpu_strided_slice_strided, StridedSlices)

}  // namespace lathe::tactics
