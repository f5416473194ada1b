// SPDX-License-Identifier: Apache-2.0
#include "tactics/cpu/copies.h"

namespace lathe::tactics {
namespace {

class StridedExpand final : public Tactic {
  public:
    constexpr StridedExpand() : Tactic("cpu.expand.strided.v1", "expand") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override { return bindCopy(*this, anchor, c); }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        return makeCopies(TRY(expandCopies(*binding.nodes[0], [&](const ir::Value& v) { return c.dims(v); })), binding,
                          c);
    }
};

}  // namespace

LATHE_TACTIC(cpu_expand_strided, StridedExpand)

}  // namespace lathe::tactics
