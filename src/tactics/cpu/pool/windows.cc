// SPDX-License-Identifier: Apache-2.0
// Maximum and average pooling in every layout.
#include "kernels/cpu/pool.h"

#include "ops/pool.h"
#include "tactics/cpu/image.h"
#include "tactics/cpu/pooling.h"

namespace lathe::tactics {
namespace {

class PoolTactic final : public Tactic {
  public:
    constexpr PoolTactic() : Tactic("cpu.pool.windows.v1", "pool") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const auto& a = anchor.attrs<ops::PoolAttrs>();
        if (a.kind != ops::PoolKind::kMax && a.kind != ops::PoolKind::kAverage)
            return BindResult::refuse(
                fmt::format("kind {} has no kernel", ops::kPoolKindNames[static_cast<int>(a.kind)]));
        if (anchor.outputCount() > 1 && !anchor.output(1)->uses().empty())
            return BindResult::refuse("the places of the maxima are read");
        return bindPooling(*this, anchor, c);
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& a = n.attrs<ops::PoolAttrs>();
        WindowNumbers w = TRY(windowNumbers(a, c.dims(*n.input(0)), a.kernel));
        return makePooling(binding, c.dims(*n.input(0)), w, a.kind == ops::PoolKind::kMax, a.countIncludePad);
    }
};

}  // namespace

LATHE_TACTIC(cpu_pool_windows, PoolTactic)

}  // namespace lathe::tactics
