// SPDX-License-Identifier: Apache-2.0
#include "tactics/cpu/copies.h"

namespace lathe::tactics {
namespace {

class StridedTranspose final : public Tactic {
  public:
    constexpr StridedTranspose() : Tactic("cpu.transpose.strided.v1", "transpose") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override { return bindCopy(*this, anchor, c); }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        return makeCopies(TRY(transposeCopies(*binding.nodes[0], [&](const ir::Value& v) { return c.dims(v); })),
                          binding, c);
    }
};

}  // namespace

LATHE_TACTIC(cpu_transpose_strided, StridedTranspose)

}  // namespace lathe::tactics
