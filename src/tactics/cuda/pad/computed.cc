// SPDX-License-Identifier: Apache-2.0
// Padding by amounts that are computed while running, and what is cropped and padded with its own elements.
#include "kernels/cuda/generate.h"
#include "tactics/cuda/pad/mode.h"
#include "tactics/cuda/work.h"

namespace lathe::tactics {
namespace {

class CudaPadComputed final : public CudaTactic {
  public:
    constexpr CudaPadComputed() : CudaTactic("cuda.pad.computed.v1", "pad") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        BindResult result = offerNode(anchor, {anchor.input(0), anchor.input(1), padValueOf(anchor)}, c);
        // Where the amounts are known, the kernel that has them in its parameters does less.
        for (Candidate& candidate : result.candidates) candidate.estimate *= 2;
        return result;
    }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target&) const override {
        const ir::Node& n = *binding.nodes[0];
        const ir::Value &x = *n.input(0), &pads = *n.input(1), *value = padValueOf(n);
        ir::Dims in = dims(x), out = dims(*n.output());
        int64_t count = ir::volume(dims(pads)) / 2;
        std::vector<int64_t> axes = TRY(padAxesOf(n, static_cast<size_t>(count)));
        if (static_cast<int64_t>(axes.size()) != count || axes.size() > in.size())
            return unsupported("{} pads for {} axes", 2 * count, axes.size());
        std::vector<int> at(in.size(), -1);
        for (size_t i = 0; i < axes.size(); ++i)
            at[static_cast<size_t>(fromStart(axes[i], static_cast<int>(in.size())))] = static_cast<int>(i);
        CudaWork work;
        CudaWork::Stage& s = work.add(TRY(
            cuda::padComputed(in, out, at, pads.dtype(), cudaPadMode(n), value != nullptr, elementBytes(x.dtype()))));
        s.value(0, x).value(1, pads).output(cuda::kOutput, 0);
        if (value) s.value(2, *value);
        return work;
    }
};

}  // namespace

LATHE_TACTIC(cuda_pad_computed, CudaPadComputed)

}  // namespace lathe::tactics
