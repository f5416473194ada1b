// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/softmax.h"
#include "ops/softmax.h"
#include "tactics/tactic.h"

namespace lathe::tactics {
namespace {

class SoftmaxKernel final : public Kernel {
  public:
    cpu::SoftmaxArgs args;
    Status run(const RunArgs& a) override {
        cpu::SoftmaxArgs mine = args;
        mine.x = a.inputs[0];
        mine.y = a.outputs[0];
        cpu::softmax(mine);
        return {};
    }
};

class SoftmaxTactic final : public Tactic {
  public:
    constexpr SoftmaxTactic() : Tactic("cpu.softmax.rows.v1", "softmax") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (anchor.input(0)->isConstant()) return BindResult::refuse("its input is a constant");
        Candidate candidate{bindNode(*this, anchor), 0, 0};
        candidate.binding.inPlace = {{0, 0}};
        candidate.estimate = 1e-6 + 1e-9 * static_cast<double>(ir::volume(c.optDims(*anchor.output())));
        return {{candidate}, {}};
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& attrs = n.attrs<ops::SoftmaxAttrs>();
        const ir::Dims& dims = c.dims(*n.input(0));
        size_t axis = static_cast<size_t>(attrs.axis < 0 ? attrs.axis + static_cast<int64_t>(dims.size()) : attrs.axis);
        auto kernel = std::make_unique<SoftmaxKernel>();
        kernel->args.type = n.input(0)->dtype();
        kernel->args.log = attrs.log;
        kernel->args.n = dims[axis];
        for (size_t d = 0; d < dims.size(); ++d)
            (d < axis ? kernel->args.outer : kernel->args.inner) *= d == axis ? 1 : dims[d];
        return std::unique_ptr<Kernel>(std::move(kernel));
    }
};

}  // namespace

LATHE_TACTIC(cpu_softmax_rows, SoftmaxTactic)

}  // namespace lathe::tactics
