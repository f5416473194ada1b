// SPDX-License-Identifier: Apache-2.0
// Layouts of inputs and outputs, and of the CPU, to and from others that move the same axis.
#include "kernels/cuda/move.h"
#include "ops/reorder.h"
#include "tactics/common/operands.h"
#include "tactics/common/reorders.h"
#include "tactics/cuda/work.h"

namespace lathe::tactics {
namespace {

class CudaRegroup final : public CudaTactic {
  public:
    constexpr CudaRegroup() : CudaTactic("cuda.reorder.regroup.v1", "reorder") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const auto& a = anchor.attrs<ops::ReorderAttrs>();
        const ir::Value& x = *anchor.input(0);
        Layout from = static_cast<Layout>(a.from), to = static_cast<Layout>(a.to);
        if (from == Layout::kHost || to == Layout::kHost) return {};
        auto isTransposed = [](Layout l) { return l == Layout::kLinear || l == Layout::kChannelsLast; };
        if (isTransposed(from) && isTransposed(to)) return {};
        if (x.isConstant()) return BindResult::refuse("its input is a constant");
        if (reorderAxis(from, to, x.rank()) < 0)
            return BindResult::refuse(fmt::format("{} and {} move different axes", toString(from), toString(to)));
        if (elementBytes(x.dtype()) == 0)
            return BindResult::refuse(fmt::format("type {} shares bytes", toString(x.dtype())));
        Binding b = bindNode(*this, anchor);
        b.inputLayouts = {from};
        b.outputLayouts = {to};
        if (movesNothing(from, to, x.shape())) {
            b.aliases = {{0, 0}};
            return {{{std::move(b), 0, 0}}, {}};
        }
        BindResult result;
        offer(std::move(b), c, result);
        return result;
    }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target&) const override {
        CudaWork work;
        if (!binding.aliases.empty()) return work;
        const ir::Value& x = *binding.inputs[0];
        ir::Dims whole = dims(x);
        int axis = reorderAxis(binding.inputLayouts[0], binding.outputLayouts[0], x.rank());
        Grouping f = groupingOf(binding.inputLayouts[0], whole, axis);
        Grouping t = groupingOf(binding.outputLayouts[0], whole, axis);
        cuda::Regroup shape{t.outer, t.channels, t.inner, f.groups, f.width, t.groups, t.width};
        work.add(TRY(cuda::regroup(shape, elementBytes(x.dtype())))).value(0, x).output(cuda::kOutput, 0);
        return work;
    }
};

}  // namespace

LATHE_TACTIC(cuda_reorder_regroup, CudaRegroup)

}  // namespace lathe::tactics
