// SPDX-License-Identifier: Apache-2.0
// A transpose that moves only axes of one element: the same bytes, so nothing runs.
#include "ops/transpose.h"

#include "tactics/cpu/operands.h"

namespace lathe::tactics {
namespace {

class NothingMoves final : public Kernel {
  public:
    Status run(const RunArgs&) override { return {}; }
};

class TransposeView final : public Tactic {
  public:
    constexpr TransposeView() : Tactic("cpu.transpose.view.v1", "transpose") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const ir::Value& x = *anchor.input(0);
        if (x.isConstant()) return BindResult::refuse("its input is a constant");
        ir::Dims most = c.maxDims(x), least = c.minDims(x);
        const auto& perm = anchor.attrs<ops::TransposeAttrs>().perm;
        int64_t before = -1;
        for (int d = 0; d < x.rank(); ++d) {
            int64_t axis = perm.empty() ? x.rank() - 1 - d : fromStart(perm[static_cast<size_t>(d)], x.rank());
            if (most[static_cast<size_t>(axis)] == 1 && least[static_cast<size_t>(axis)] == 1) continue;
            if (axis < before) return BindResult::refuse("it moves more than axes of one element");
            before = axis;
        }
        Candidate candidate{bindNode(*this, anchor), 0, 0};
        candidate.binding.aliases = {{0, 0}};
        return {{candidate}, {}};
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding&, const PrepareContext&) const override {
        return std::unique_ptr<Kernel>(std::make_unique<NothingMoves>());
    }
};

}  // namespace

LATHE_TACTIC(cpu_transpose_view, TransposeView)

}  // namespace lathe::tactics
