// SPDX-License-Identifier: Apache-2.0
// Resampling of up to three neighbouring axes from the op's own table of taps, in every layout.
#include <algorithm>

#include "kernels/cpu/resize.h"
#include "ops/resize.h"
#include "tactics/cpu/image.h"
#include "tactics/cpu/operands.h"

namespace lathe::tactics {
namespace {

class ResizeKernel final : public Kernel {
  public:
    explicit ResizeKernel(cpu::Resize resize) : resize_(std::move(resize)) {}
    Status run(const RunArgs& a) override {
        resize_.run(a.inputs[0], a.outputs[0]);
        return {};
    }

  private:
    cpu::Resize resize_;
};

bool isCrop(const ir::Node& n) { return n.attrs<ops::ResizeAttrs>().coord == ops::ResizeCoord::kTfCropAndResize; }

// The axes that may be resampled lie in [first, last].
struct Reach {
    int first = 0, last = -1;
};

Result<Reach> reachOf(const ir::Node& n) {
    const auto& a = n.attrs<ops::ResizeAttrs>();
    int rank = n.input(0)->rank();
    std::vector<int64_t> axes = a.axes;
    if (axes.empty())
        for (int d = 0; d < rank; ++d) axes.push_back(d);
    const ir::Value* scales = inputOf(n, 2);
    const float* scale = nullptr;
    if (scales && scales->isConstant() && scales->dtype() == DType::kFloat) {
        auto bytes = TRY(scales->constant()->bytes());
        if (bytes.size() == axes.size() * sizeof(float)) scale = reinterpret_cast<const float*>(bytes.data());
    }
    Reach r{rank, -1};
    for (size_t i = 0; i < axes.size(); ++i) {
        int d = static_cast<int>(fromStart(axes[i], rank));
        // A given scale may move positions even where the extent stays.
        bool same = scale ? scale[i] == 1 : n.input(0)->shape()[d] == n.output()->shape()[d];
        if (same && !isCrop(n) && a.keepAspect == ops::ResizeAspect::kStretch) continue;
        r.first = std::min(r.first, d);
        r.last = std::max(r.last, d);
    }
    if (r.last < 0) r.first = r.last = rank - 1;
    return r;
}

// One axis's taps in the kernel's form: equally many for every output. A list that is shorter shares its last weight
// among copies of its tap: a weight of 0 would make NaN of an infinite element.
cpu::ResizeAxis axisOf(const ops::ResizeAxis& r) {
    cpu::ResizeAxis axis;
    axis.in = r.in;
    axis.out = r.out;
    axis.identity = false;
    auto weighs = [](const ops::ResizeTap& t) { return static_cast<float>(t.weight) != 0; };
    for (const auto& list : r.taps)
        axis.taps = std::max(axis.taps, static_cast<int>(std::count_if(list.begin(), list.end(), weighs)));
    for (const auto& list : r.taps) {
        std::vector<std::pair<int32_t, float>> taps;
        for (const ops::ResizeTap& t : list)
            if (weighs(t)) taps.push_back({static_cast<int32_t>(t.index), static_cast<float>(t.weight)});
        if (taps.empty()) taps.push_back({list.empty() ? 0 : static_cast<int32_t>(list[0].index), 0.f});
        while (static_cast<int>(taps.size()) < axis.taps) {
            taps.back().second /= 2;
            taps.push_back(taps.back());
        }
        for (auto [index, weight] : taps) {
            axis.index.push_back(index);
            axis.weight.push_back(weight);
        }
    }
    if (std::find(r.outside.begin(), r.outside.end(), true) != r.outside.end())
        axis.isOutside.assign(r.outside.begin(), r.outside.end());
    return axis;
}

Result<cpu::Resize> describe(const ir::Node& n, const ir::Dims& in, const ir::Dims& out, Layout layout,
                             std::span<const double> roi, std::span<const double> scales,
                             std::span<const int64_t> sizes) {
    const auto& a = n.attrs<ops::ResizeAttrs>();
    Reach reach = TRY(reachOf(n));
    if (layout != Layout::kLinear) reach = {2, static_cast<int>(in.size()) - 1};
    int count = reach.last - reach.first + 1;
    if (count > 3)
        return unsupported("axes {} to {} may be resampled; at most three neighbours are", reach.first, reach.last);
    auto plan = TRY(ops::resizePlan(a, in, out, roi, scales, sizes));
    cpu::ResizeAxis axes[3];
    for (int d = reach.first; d <= reach.last; ++d)
        axes[3 - count + d - reach.first].in = axes[3 - count + d - reach.first].out = in[static_cast<size_t>(d)];
    for (const ops::ResizeAxis& r : plan) {
        if (r.axis < reach.first || r.axis > reach.last) return internalError("axis {} is resampled", r.axis);
        axes[3 - count + r.axis - reach.first] = axisOf(r);
    }
    int64_t images = 1, vector = 1;
    if (layout == Layout::kLinear) {
        for (int d = 0; d < static_cast<int>(in.size()); ++d) {
            if (d < reach.first) images *= in[static_cast<size_t>(d)];
            if (d > reach.last) vector *= in[static_cast<size_t>(d)];
        }
    } else if (layout == Layout::kChannelsLast) {
        images = in[0];
        vector = in[1];
    } else {
        vector = blockOf(layout);
        images = in[0] * ((in[1] + vector - 1) / vector);
    }
    return cpu::Resize::make(n.input(0)->dtype(), images, vector, axes, static_cast<float>(a.extrapolationValue));
}

Result<std::vector<double>> doublesOf(const ir::Value* v) {
    std::vector<double> out;
    if (!v) return out;
    if (!v->isConstant()) return unsupported("roi or scales are not constant");
    ir::Dims dims = ir::constantDims(v->shape());
    auto bytes = TRY(v->constant()->bytes());
    for (int64_t i = 0; i < ir::volume(dims); ++i) switch (v->dtype()) {
            case DType::kHalf: out.push_back(static_cast<float>(reinterpret_cast<const Half*>(bytes.data())[i])); break;
            case DType::kBf16:
                out.push_back(static_cast<float>(reinterpret_cast<const BFloat16*>(bytes.data())[i]));
                break;
            case DType::kFloat: out.push_back(reinterpret_cast<const float*>(bytes.data())[i]); break;
            default: return unsupported("roi or scales of type {}", toString(v->dtype()));
        }
    return out;
}

Result<cpu::Resize> describe(const ir::Node& n, const ir::Dims& in, const ir::Dims& out, Layout layout) {
    std::vector<double> roi = TRY(doublesOf(isCrop(n) ? inputOf(n, 1) : nullptr));
    std::vector<double> scales = TRY(doublesOf(inputOf(n, 2)));
    // Without scales, the output's extents say all, unless the aspect is kept: then the sizes that were asked for
    // count.
    std::vector<int64_t> sizes;
    if (scales.empty() && n.attrs<ops::ResizeAttrs>().keepAspect != ops::ResizeAspect::kStretch) {
        auto known = knownIntegers(inputOf(n, 3));
        if (!known) return unsupported("sizes that keep the aspect are not known");
        sizes = *known;
    }
    return describe(n, in, out, layout, roi, scales, sizes);
}

class ResizeTactic final : public Tactic {
  public:
    constexpr ResizeTactic() : Tactic("cpu.resize.taps.v1", "resize") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const ir::Value& x = *anchor.input(0);
        if (x.isConstant()) return BindResult::refuse("its input is a constant");
        ir::Dims in = c.optDims(x), out = c.optDims(*anchor.output());
        auto reach = reachOf(anchor);
        if (!reach.ok()) return BindResult::refuse(reach.status().message());
        BindResult result;
        for (Layout layout : {Layout::kLinear, blockedLayout(c.target()), Layout::kChannelsLast}) {
            if (layout != Layout::kLinear && (x.rank() < 3 || x.rank() > 5 || reach->first < 2)) continue;
            // What fills positions outside would fill the padded lanes of a block too.
            if (blockOf(layout) > 1 && (x.dtype() != DType::kFloat || isCrop(anchor))) continue;
            if (auto r = describe(anchor, in, out, layout); !r.ok()) {
                result.refusals.push_back(r.status().message());
                continue;
            }
            Candidate candidate{bindNode(*this, anchor), 0, 0};
            candidate.binding.inputs = {&x};
            candidate.binding.inputLayouts = {layout};
            candidate.binding.outputLayouts = {layout};
            candidate.estimate =
                5e-7 + (layout == Layout::kLinear ? 2e-9 : 1e-9) * static_cast<double>(ir::volume(out));
            result.candidates.push_back(std::move(candidate));
        }
        return result;
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        return std::unique_ptr<Kernel>(std::make_unique<ResizeKernel>(
            TRY(describe(n, c.dims(*n.input(0)), c.dims(*n.output()), binding.inputLayouts[0]))));
    }
};

}  // namespace

LATHE_TACTIC(cpu_resize_taps, ResizeTactic)

}  // namespace lathe::tactics
