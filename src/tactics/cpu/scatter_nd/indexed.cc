// SPDX-License-Identifier: Apache-2.0
#include "ops/scatter_nd.h"

#include "tactics/cpu/scatters.h"

namespace lathe::tactics {
namespace {

class ScatterNdKernel final : public Kernel {
  public:
    cpu::ScatterNdArgs args;
    Operand data, indices, updates;
    ir::Dims dims, indexDims;  // what args refers to

    Status run(const RunArgs& a) override {
        cpu::ScatterNdArgs mine = args;
        mine.x = data.at(a);
        mine.index = indices.at(a);
        mine.updates = updates.at(a);
        mine.y = a.outputs[0];
        return cpu::scatterNd(mine);
    }
};

class ScatterNd final : public Tactic {
  public:
    constexpr ScatterNd() : Tactic("cpu.scatter_nd.indexed.v1", "scatter_nd") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        return bindScatter(*this, anchor, c, anchor.attrs<ops::ScatterNdAttrs>().reduction);
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& attrs = n.attrs<ops::ScatterNdAttrs>();
        auto kernel = std::make_unique<ScatterNdKernel>();
        kernel->data = TRY(operandOf(n.input(0), binding, c));
        kernel->indices = TRY(operandOf(n.input(1), binding, c));
        kernel->updates = TRY(operandOf(n.input(2), binding, c));
        kernel->dims = c.dims(*n.input(0));
        kernel->indexDims = c.dims(*n.input(1));
        cpu::ScatterNdArgs& a = kernel->args;
        a.type = n.input(0)->dtype();
        a.indexType = n.input(1)->dtype();
        a.dims = kernel->dims;
        a.depth = static_cast<int>(kernel->indexDims.back());
        a.tuples = 1;
        for (size_t d = 0; d + 1 < kernel->indexDims.size(); ++d) a.tuples *= kernel->indexDims[d];
        a.reduction = toKernel(attrs.reduction);
        return std::unique_ptr<Kernel>(std::move(kernel));
    }
};

}  // namespace

LATHE_TACTIC(cpu_scatter_nd_indexed, ScatterNd)

}  // namespace lathe::tactics
