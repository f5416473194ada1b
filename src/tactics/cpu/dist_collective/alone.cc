// SPDX-License-Identifier: Apache-2.0
// A process by itself: nothing is communicated.
#include "ops/dist_collective.h"

#include <cstring>

#include "tactics/cpu/operands.h"

namespace lathe::tactics {
namespace {

class CollectiveAloneKernel final : public Kernel {
  public:
    Operand x;
    size_t bytes = 0;
    Status run(const RunArgs& args) override {
        const void* from = x.at(args);
        if (bytes && from != args.outputs[0]) std::memcpy(args.outputs[0], from, bytes);
        return {};
    }
};

class CpuDistCollective final : public Tactic {
  public:
    constexpr CpuDistCollective() : Tactic("cpu.dist_collective.alone.v1", "dist_collective") {}
    bool lastResort() const override { return true; }

    BindResult bind(const ir::Node& anchor, const BindContext&) const override {
        if (int64_t ranks = anchor.attrs<ops::DistCollectiveAttrs>().ranks; ranks != 1)
            return BindResult::refuse(
                fmt::format("{} ranks take part; processes communicate by way of NCCL, between GPUs", ranks));
        return {{{bindNode(*this, anchor), 1e-6, 0}}, {}};
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Value& x = *binding.nodes[0]->input(0);
        auto kernel = std::make_unique<CollectiveAloneKernel>();
        kernel->x = TRY(operandOf(&x, binding, c));
        kernel->bytes = static_cast<size_t>(bytesOf({x.dtype(), Layout::kLinear}, c.dims(x)));
        return std::unique_ptr<Kernel>(std::move(kernel));
    }
};

}  // namespace

LATHE_TACTIC(cpu_dist_collective_alone, CpuDistCollective)

}  // namespace lathe::tactics
