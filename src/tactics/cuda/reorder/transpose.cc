// SPDX-License-Identifier: Apache-2.0
// Channels to the end of an image's axes and back, as transposes of [N, C, points].
#include "ops/reorder.h"

#include "kernels/cuda/pointwise.h"
#include "tactics/common/operands.h"
#include "tactics/cuda/work.h"

namespace lathe::tactics {
namespace {

class CudaReorder final : public CudaTactic {
  public:
    constexpr CudaReorder() : CudaTactic("cuda.reorder.transpose.v1", "reorder") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const auto& a = anchor.attrs<ops::ReorderAttrs>();
        const ir::Value& x = *anchor.input(0);
        if (x.isConstant()) return BindResult::refuse("its input is a constant");
        Layout from = static_cast<Layout>(a.from), to = static_cast<Layout>(a.to);
        for (Layout l : {from, to})
            if (l != Layout::kLinear && l != Layout::kChannelsLast)
                return BindResult::refuse(fmt::format("{} is not for transposes", toString(l)));
        if (from == to) return BindResult::refuse("the layouts are the same");
        if (x.rank() < 3) return BindResult::refuse(fmt::format("{} axes are no image", x.rank()));
        if (elementBytes(x.dtype()) == 0)
            return BindResult::refuse(fmt::format("type {} shares bytes", toString(x.dtype())));
        Binding b = bindNode(*this, anchor);
        b.inputLayouts = {from};
        b.outputLayouts = {to};
        // Channels of one pixel lie the same either way, and so do the pixels of one channel.
        bool onePixel = true;
        for (int d = 2; d < x.rank(); ++d) onePixel = onePixel && x.shape()[static_cast<size_t>(d)] == ir::Dim(1);
        if (onePixel || x.shape()[1] == ir::Dim(1)) {
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
        int64_t points = 1;
        for (size_t d = 2; d < whole.size(); ++d) points *= whole[d];
        bool last = binding.inputLayouts[0] == Layout::kChannelsLast;
        int64_t stored[] = {whole[0], last ? points : whole[1], last ? whole[1] : points};
        int perm[] = {0, 2, 1};
        work.add(TRY(cuda::transpose(stored, perm, elementBytes(x.dtype())))).value(0, x).output(cuda::kOutput, 0);
        return work;
    }
};

}  // namespace

LATHE_TACTIC(cuda_reorder_transpose, CudaReorder)

}  // namespace lathe::tactics
