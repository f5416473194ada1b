// SPDX-License-Identifier: Apache-2.0
#include "ops/transpose.h"

#include "tactics/cpu/copies.h"

namespace lathe::tactics {
namespace {

class StridedTranspose final : public Tactic {
  public:
    constexpr StridedTranspose() : Tactic("cpu.transpose.strided.v1", "transpose") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override { return bindCopy(*this, anchor, c); }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const ir::Dims& dims = c.dims(*n.input(0));
        std::vector<int> perm(dims.size());
        const auto& given = n.attrs<ops::TransposeAttrs>().perm;
        for (size_t i = 0; i < perm.size(); ++i)
            perm[i] = given.empty() ? static_cast<int>(perm.size() - 1 - i) : static_cast<int>(given[i]);
        for (int& p : perm)
            if (p < 0) p += static_cast<int>(perm.size());
        CopyPart part{TRY(cpu::StridedCopy::transpose(dims, perm, elementBytes(n.output()->dtype())))};
        TRY(setSource(part, *n.input(0), binding, c));
        return std::unique_ptr<Kernel>(std::make_unique<CopyKernel>(std::vector<CopyPart>{part}));
    }
};

}  // namespace

LATHE_TACTIC(cpu_transpose_strided, StridedTranspose)

}  // namespace lathe::tactics
