// SPDX-License-Identifier: Apache-2.0
// Padding and cropping by amounts that are known at build, row-major or with the channels last.
#include "kernels/cuda/move.h"
#include "ops/pad.h"
#include "tactics/common/operands.h"
#include "tactics/cuda/work.h"

namespace lathe::tactics {
namespace {

cuda::PadMode padModeOf(ops::PadMode mode) {
    switch (mode) {
        case ops::PadMode::kConstant: return cuda::PadMode::kConstant;
        case ops::PadMode::kReflect: return cuda::PadMode::kReflect;
        case ops::PadMode::kEdge: return cuda::PadMode::kEdge;
        case ops::PadMode::kWrap: return cuda::PadMode::kWrap;
    }
    return cuda::PadMode::kConstant;
}

// The value input, where it counts.
const ir::Value* padValueOf(const ir::Node& n) {
    return n.attrs<ops::PadAttrs>().mode == ops::PadMode::kConstant ? inputOf(n, 2) : nullptr;
}

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
        auto pads = knownIntegers(inputOf(n, 1));
        if (!pads) return unsupported("its pads are not known");
        size_t rank = in.size();
        std::vector<int64_t> axes;
        if (const ir::Value* list = inputOf(n, 3)) {
            auto known = knownIntegers(list);
            if (!known) return unsupported("its axes are not known");
            axes = *known;
        } else {
            for (size_t d = 0; d < rank; ++d) axes.push_back(static_cast<int64_t>(d));
        }
        if (pads->size() != 2 * axes.size()) return unsupported("{} pads for {} axes", pads->size(), axes.size());
        std::vector<int64_t> before(rank, 0), after(rank, 0);
        auto mode = padModeOf(n.attrs<ops::PadAttrs>().mode);
        for (size_t i = 0; i < axes.size(); ++i) {
            auto d = static_cast<size_t>(fromStart(axes[i], static_cast<int>(rank)));
            before[d] = (*pads)[i];
            after[d] = (*pads)[axes.size() + i];
            // Cropping comes first: what is repeated then starts at another edge.
            if (mode != cuda::PadMode::kConstant && (before[d] < 0 || after[d] < 0))
                return unsupported("axis {} is cropped and padded with its own elements", d);
        }
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
            work.add(TRY(cuda::pad(in, before, after, mode, value != nullptr, elementBytes(x.dtype()))));
        s.value(0, x).output(cuda::kOutput, 0);
        if (value) s.value(1, *value);
        return work;
    }
};

}  // namespace

LATHE_TACTIC(cuda_pad_indexed, CudaPad)

}  // namespace lathe::tactics
