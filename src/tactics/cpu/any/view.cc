// SPDX-License-Identifier: Apache-2.0
// Reshape and its kin: the same bytes under another shape, so nothing runs.
#include "tactics/common/operands.h"

namespace lathe::tactics {
namespace {

class NothingToDo final : public Kernel {
  public:
    Status run(const RunArgs&) override { return {}; }
};

class ViewTactic final : public Tactic {
  public:
    constexpr ViewTactic() : Tactic("cpu.any.view.v1", "*") {}

    BindResult bind(const ir::Node& anchor, const BindContext&) const override { return bindView(*this, anchor); }

    Result<std::unique_ptr<Kernel>> prepare(const Binding&, const PrepareContext&) const override {
        return std::unique_ptr<Kernel>(std::make_unique<NothingToDo>());
    }
};

}  // namespace

LATHE_TACTIC(cpu_any_view, ViewTactic)

}  // namespace lathe::tactics
