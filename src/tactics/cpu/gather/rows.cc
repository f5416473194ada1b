// SPDX-License-Identifier: Apache-2.0
// Gather as copies of contiguous rows.
#include "kernels/cpu/gather.h"

#include "ops/gather.h"
#include "tactics/cpu/copies.h"
#include "tactics/cpu/operands.h"

namespace lathe::tactics {
namespace {

class GatherKernel final : public Kernel {
  public:
    cpu::GatherArgs args;
    Operand data, indices;

    Status run(const RunArgs& a) override {
        cpu::GatherArgs mine = args;
        mine.x = data.at(a);
        mine.index = indices.at(a);
        mine.y = a.outputs[0];
        return cpu::gather(mine);
    }
};

class GatherRows final : public Tactic {
  public:
    constexpr GatherRows() : Tactic("cpu.gather.rows.v1", "gather") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override { return bindCopy(*this, anchor, c); }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const ir::Dims &dims = c.dims(*n.input(0)), &index = c.dims(*n.input(1));
        const auto& attrs = n.attrs<ops::GatherAttrs>();
        int64_t axis = fromStart(attrs.axis, static_cast<int>(dims.size()));
        auto kernel = std::make_unique<GatherKernel>();
        kernel->data = TRY(operandOf(n.input(0), binding, c));
        kernel->indices = TRY(operandOf(n.input(1), binding, c));
        cpu::GatherArgs& a = kernel->args;
        a.indexType = n.input(1)->dtype();
        a.elementBytes = elementBytes(n.output()->dtype());
        a.indices = 1;
        for (size_t d = static_cast<size_t>(attrs.batchDims); d < index.size(); ++d) a.indices *= index[d];
        for (int64_t d = 0; d < static_cast<int64_t>(dims.size()); ++d) {
            int64_t extent = dims[static_cast<size_t>(d)];
            (d < attrs.batchDims ? a.batch : d < axis ? a.outer : a.inner) *= d == axis ? 1 : extent;
        }
        a.n = dims[static_cast<size_t>(axis)];
        return std::unique_ptr<Kernel>(std::move(kernel));
    }
};

}  // namespace

LATHE_TACTIC(cpu_gather_rows, GatherRows)

}  // namespace lathe::tactics
