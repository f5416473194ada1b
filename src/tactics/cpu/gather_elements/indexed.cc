// SPDX-License-Identifier: Apache-2.0
#include "ops/gather_elements.h"

#include "kernels/cpu/gather.h"
#include "tactics/cpu/copies.h"
#include "tactics/cpu/operands.h"

namespace lathe::tactics {
namespace {

class GatherElementsKernel final : public Kernel {
  public:
    cpu::GatherElementsArgs args;
    Operand data, indices;
    ir::Dims dims, indexDims;  // what args refers to

    Status run(const RunArgs& a) override {
        cpu::GatherElementsArgs mine = args;
        mine.x = data.at(a);
        mine.index = indices.at(a);
        mine.y = a.outputs[0];
        return cpu::gatherElements(mine);
    }
};

class GatherElements final : public Tactic {
  public:
    constexpr GatherElements() : Tactic("cpu.gather_elements.indexed.v1", "gather_elements") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (anchor.output()->rank() > cpu::kMaxNestDims)
            return BindResult::refuse(
                fmt::format("{} dimensions; at most {} are possible", anchor.output()->rank(), cpu::kMaxNestDims));
        return bindCopy(*this, anchor, c);
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        auto kernel = std::make_unique<GatherElementsKernel>();
        kernel->data = TRY(operandOf(n.input(0), binding, c));
        kernel->indices = TRY(operandOf(n.input(1), binding, c));
        kernel->dims = c.dims(*n.input(0));
        kernel->indexDims = c.dims(*n.input(1));
        cpu::GatherElementsArgs& a = kernel->args;
        a.indexType = n.input(1)->dtype();
        a.dims = kernel->dims;
        a.indexDims = kernel->indexDims;
        a.axis = static_cast<int>(
            fromStart(n.attrs<ops::GatherElementsAttrs>().axis, static_cast<int>(kernel->dims.size())));
        a.elementBytes = elementBytes(n.output()->dtype());
        return std::unique_ptr<Kernel>(std::move(kernel));
    }
};

}  // namespace

LATHE_TACTIC(cpu_gather_elements_indexed, GatherElements)

}  // namespace lathe::tactics
