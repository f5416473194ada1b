// SPDX-License-Identifier: Apache-2.0
#include "tactics/cpu/copies.h"

namespace lathe::tactics {
namespace {

class StridedSplit final : public Tactic {
  public:
    constexpr StridedSplit() : Tactic("cpu.split.strided.v1", "split") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override { return bindCopy(*this, anchor, c); }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        return makeCopies(TRY(splitCopies(*binding.nodes[0], [&](const ir::Value& v) { return c.dims(v); })), binding,
                          c);
    }
};

}  // namespace

LATHE_TACTIC(cpu_split_strided, StridedSplit)

}  // namespace lathe::tactics
