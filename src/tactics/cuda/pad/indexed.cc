// SPDX-License-Identifier: Apache-2.0
// Padding and cropping by amounts that are known at build, row-major or with the channels last.
#include "kernels/cuda/move.h"
#include "tactics/cuda/pad/mode.h"
#include "tactics/cuda/work.h"

namespace lathe::tactics {
namespace {

class CudaPad final : public CudaTactic {
  public:
    constexpr CudaPad() : CudaTactic("cuda.pad.indexed.v1", "pad") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const ir::Value& x = *anchor.input(0);
        BindResult result;
        for (Layout layout : {Layout::kLinear, Layout::kChannelsLast}) {
            if (layout == Layout::kChannelsLast && (x.isConstant() || x.rank() < 3 || x.rank() > 5)) continue;
            Binding b = bindNode(*this, anchor);
            b.inputs = runtimeInputs({&x, padValueOf(anchor)});
            b.inputLayouts.assign(b.inputs.size(), Layout::kLinear);
            if (!x.isConstant()) b.inputLayouts[0] = layout;
            b.outputLayouts = {layout};
            offer(std::move(b), c, result);
        }
        return result;
    }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target&) const override {
        const ir::Node& n = *binding.nodes[0];
        const ir::Value& x = *n.input(0);
        ir::Dims in = dims(x);
        auto [before, after] = TRY(padsOf(n, in.size()));
        if (binding.outputLayouts[0] == Layout::kChannelsLast)
            for (auto* list : {&in, &before, &after}) {
                list->push_back((*list)[1]);
                list->erase(list->begin() + 1);
            }
        CudaWork work;
        if (ir::volume(dims(*n.output())) == 0) return work;
        if (elementBytes(x.dtype()) == 0) return unsupported("elements of type {} share bytes", toString(x.dtype()));
        const ir::Value* value = padValueOf(n);
        CudaWork::Stage& s =
            work.add(TRY(cuda::pad(in, before, after, cudaPadMode(n), value != nullptr, elementBytes(x.dtype()))));
        s.value(0, x).output(cuda::kOutput, 0);
        if (value) s.value(1, *value);
        return work;
    }
};

}  // namespace

LATHE_TACTIC(cuda_pad_indexed, CudaPad)

}  // namespace lathe::tactics
