// SPDX-License-Identifier: Apache-2.0
#include "ops/gather_nd.h"

#include "kernels/cpu/gather.h"
#include "tactics/cpu/copies.h"
#include "tactics/cpu/operands.h"

namespace lathe::tactics {
namespace {

class GatherNdKernel final : public Kernel {
  public:
    cpu::GatherNdArgs args;
    Operand data, indices;
    ir::Dims dims;  // what args refers to

    Status run(const RunArgs& a) override {
        cpu::GatherNdArgs mine = args;
        mine.x = data.at(a);
        mine.index = indices.at(a);
        mine.y = a.outputs[0];
        return cpu::gatherNd(mine);
    }
};

class GatherNd final : public Tactic {
  public:
    constexpr GatherNd() : Tactic("cpu.gather_nd.indexed.v1", "gather_nd") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (anchor.input(0)->rank() > cpu::kMaxNestDims)
            return BindResult::refuse(
                fmt::format("{} dimensions; at most {} are possible", anchor.input(0)->rank(), cpu::kMaxNestDims));
        return bindCopy(*this, anchor, c);
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        auto kernel = std::make_unique<GatherNdKernel>();
        kernel->data = TRY(operandOf(n.input(0), binding, c));
        kernel->indices = TRY(operandOf(n.input(1), binding, c));
        kernel->dims = c.dims(*n.input(0));
        const ir::Dims& index = c.dims(*n.input(1));
        cpu::GatherNdArgs& a = kernel->args;
        a.indexType = n.input(1)->dtype();
        a.dims = kernel->dims;
        a.batchDims = static_cast<int>(n.attrs<ops::GatherNdAttrs>().batchDims);
        a.depth = static_cast<int>(index.back());
        a.tuples = 1;
        for (size_t d = static_cast<size_t>(a.batchDims); d + 1 < index.size(); ++d) a.tuples *= index[d];
        a.elementBytes = elementBytes(n.output()->dtype());
        return std::unique_ptr<Kernel>(std::move(kernel));
    }
};

}  // namespace

LATHE_TACTIC(cpu_gather_nd_indexed, GatherNd)

}  // namespace lathe::tactics
