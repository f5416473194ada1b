// SPDX-License-Identifier: Apache-2.0
#include "ops/expand.h"

#include "tactics/cpu/copies.h"

namespace lathe::tactics {
namespace {

class StridedExpand final : public Tactic {
  public:
    constexpr StridedExpand() : Tactic("cpu.expand.strided.v1", "expand") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override { return bindCopy(*this, anchor, c); }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        CopyPart part{
            TRY(cpu::StridedCopy::expand(c.dims(*n.input(0)), c.dims(*n.output()), elementBytes(n.output()->dtype())))};
        TRY(setSource(part, *n.input(0), binding, c));
        return std::unique_ptr<Kernel>(std::make_unique<CopyKernel>(std::vector<CopyPart>{part}));
    }
};

}  // namespace

LATHE_TACTIC(cpu_expand_strided, StridedExpand)

}  // namespace lathe::tactics
