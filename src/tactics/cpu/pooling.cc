// SPDX-License-Identifier: Apache-2.0
#include "tactics/cpu/pooling.h"

#include <algorithm>

#include "kernels/cpu/pool.h"

namespace lathe::tactics {
namespace {

class PoolKernel final : public Kernel {
  public:
    cpu::PoolArgs args;
    bool empty = false;
    // Lanes of an image's last block, of `blocks`, that a maximum over no elements would not leave zero.
    int64_t padded = 0, blocks = 1;
    Status run(const RunArgs& a) override {
        if (empty) return {};
        cpu::PoolArgs mine = args;
        mine.x = a.inputs[0];
        mine.y = a.outputs[0];
        cpu::pool(mine);
        if (padded == 0) return {};
        const int64_t positions = args.out[0] * args.out[1] * args.out[2];
        for (int64_t image = blocks - 1; image < args.images; image += blocks)
            for (int64_t p = 0; p < positions; ++p) {
                float* end = static_cast<float*>(a.outputs[0]) + (image * positions + p + 1) * args.vector;
                std::fill(end - padded, end, 0.f);
            }
        return {};
    }
};

bool hasWindowWithoutElements(const WindowNumbers& w) {
    for (int d = 0; d < 3; ++d)
        for (int64_t o = 0; o < w.out[d]; ++o) {
            bool found = false;
            for (int64_t k = 0; k < w.kernel[d] && !found; ++k) {
                const int64_t at = o * w.stride[d] - w.padBegin[d] + k * w.dilation[d];
                found = at >= 0 && at < w.in[d];
            }
            if (!found) return true;
        }
    return false;
}

}  // namespace

BindResult bindPooling(const Tactic& tactic, const ir::Node& anchor, const BindContext& c) {
    const ir::Value& x = *anchor.input(0);
    if (x.isConstant()) return BindResult::refuse("its input is a constant");
    if (x.rank() < 3 || x.rank() > 5)
        return BindResult::refuse(fmt::format("{} dimensions; 3 to 5 are possible", x.rank()));
    static constexpr DType types[] = {DType::kFloat, DType::kHalf, DType::kBf16, DType::kInt8, DType::kUint8};
    if (std::find(std::begin(types), std::end(types), x.dtype()) == std::end(types))
        return BindResult::refuse(fmt::format("type {} has no kernel", toString(x.dtype())));
    BindResult result;
    for (Layout layout : {Layout::kLinear, blockedLayout(c.target()), Layout::kChannelsLast}) {
        // The padded lanes of a block stay zero under both kinds: they are zero in every window (PoolKernel::padded).
        if (blockOf(layout) > 1 && x.dtype() != DType::kFloat) continue;
        Candidate candidate{bindNode(tactic, anchor), 0, 0};
        Binding& b = candidate.binding;
        b.inputs = {&x};
        b.inputLayouts = {layout};
        b.outputs = {anchor.output()};
        b.outputLayouts = {layout};
        double taps = static_cast<double>(ir::volume(c.optDims(x))) / 1e9;
        candidate.estimate = 5e-7 + (layout == Layout::kLinear ? 1.0 : 0.5) * taps;
        result.candidates.push_back(std::move(candidate));
    }
    return result;
}

Result<std::unique_ptr<Kernel>> makePooling(const Binding& binding, const ir::Dims& dims, const WindowNumbers& w,
                                            bool max, bool countPadding) {
    Layout layout = binding.inputLayouts[0];
    auto kernel = std::make_unique<PoolKernel>();
    cpu::PoolArgs& a = kernel->args;
    a.kind = max ? cpu::PoolArgs::Kind::kMax : cpu::PoolArgs::Kind::kAverage;
    a.type = binding.inputs[0]->dtype();
    int64_t block = blockOf(layout);
    a.images = layout == Layout::kChannelsLast ? dims[0] : dims[0] * ((dims[1] + block - 1) / block);
    a.vector = layout == Layout::kChannelsLast ? dims[1] : block;
    for (int d = 0; d < 3; ++d) {
        a.in[d] = w.in[d];
        a.out[d] = w.out[d];
        a.kernel[d] = w.kernel[d];
        a.stride[d] = w.stride[d];
        a.dilation[d] = w.dilation[d];
        a.padBegin[d] = w.padBegin[d];
        a.padEnd[d] = w.padEnd[d];
        kernel->empty |= w.out[d] <= 0;
    }
    kernel->empty |= a.images * a.vector == 0;
    a.countPadding = countPadding;
    if (max && block > 1 && dims[1] % block != 0 && hasWindowWithoutElements(w)) {
        kernel->blocks = (dims[1] + block - 1) / block;
        kernel->padded = kernel->blocks * block - dims[1];
    }
    return std::unique_ptr<Kernel>(std::move(kernel));
}

}  // namespace lathe::tactics
