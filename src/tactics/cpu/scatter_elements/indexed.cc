// SPDX-License-Identifier: Apache-2.0
#include "ops/scatter_elements.h"

#include "tactics/cpu/scatters.h"

namespace lathe::tactics {
namespace {

class ScatterElementsKernel final : public Kernel {
  public:
    cpu::ScatterElementsArgs args;
    Operand data, indices, updates;
    ir::Dims dims, indexDims;  // what args refers to

    Status run(const RunArgs& a) override {
        cpu::ScatterElementsArgs mine = args;
        mine.x = data.at(a);
        mine.index = indices.at(a);
        mine.updates = updates.at(a);
        mine.y = a.outputs[0];
        return cpu::scatterElements(mine);
    }
};

class ScatterElements final : public Tactic {
  public:
    constexpr ScatterElements() : Tactic("cpu.scatter_elements.indexed.v1", "scatter_elements") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        return bindScatter(*this, anchor, c, anchor.attrs<ops::ScatterElementsAttrs>().reduction);
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& attrs = n.attrs<ops::ScatterElementsAttrs>();
        auto kernel = std::make_unique<ScatterElementsKernel>();
        kernel->data = TRY(operandOf(n.input(0), binding, c));
        kernel->indices = TRY(operandOf(n.input(1), binding, c));
        kernel->updates = TRY(operandOf(n.input(2), binding, c));
        kernel->dims = c.dims(*n.input(0));
        kernel->indexDims = c.dims(*n.input(1));
        cpu::ScatterElementsArgs& a = kernel->args;
        a.type = n.input(0)->dtype();
        a.indexType = n.input(1)->dtype();
        a.dims = kernel->dims;
        a.indexDims = kernel->indexDims;
        a.axis = static_cast<int>(fromStart(attrs.axis, static_cast<int>(kernel->dims.size())));
        a.reduction = toKernel(attrs.reduction);
        return std::unique_ptr<Kernel>(std::move(kernel));
    }
};

}  // namespace

LATHE_TACTIC(cpu_scatter_elements_indexed, ScatterElements)

}  // namespace lathe::tactics
