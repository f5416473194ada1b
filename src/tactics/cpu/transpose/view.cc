// SPDX-License-Identifier: Apache-2.0
// A transpose that moves only axes of one element: the same bytes, so nothing runs.
#include "tactics/common/copies.h"

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
        if (anchor.input(0)->isConstant()) return BindResult::refuse("its input is a constant");
        if (!transposeIsView(anchor, c)) return BindResult::refuse("it moves more than axes of one element");
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
