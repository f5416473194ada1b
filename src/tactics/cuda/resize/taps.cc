// SPDX-License-Identifier: Apache-2.0
// Resampling of up to three neighbouring axes from the op's own tables of taps, row-major and channels-last.
#include <algorithm>

#include "kernels/cuda/window.h"
#include "ops/resize.h"
#include "tactics/common/operands.h"
#include "tactics/cuda/image.h"
#include "tactics/cuda/tables.h"

namespace lathe::tactics {
namespace {

bool isCudaCrop(const ir::Node& n) { return n.attrs<ops::ResizeAttrs>().coord == ops::ResizeCoord::kTfCropAndResize; }

Result<std::vector<double>> cudaResizeNumbers(const ir::Value* v) {
    std::vector<double> out;
    if (!v) return out;
    if (!v->isConstant()) return unsupported("roi or scales are not constant");
    auto bytes = TRY(v->constant()->bytes());
    for (int64_t i = 0; i < ir::volume(ir::constantDims(v->shape())); ++i) switch (v->dtype()) {
            case DType::kHalf: out.push_back(static_cast<float>(reinterpret_cast<const Half*>(bytes.data())[i])); break;
            case DType::kBf16:
                out.push_back(static_cast<float>(reinterpret_cast<const BFloat16*>(bytes.data())[i]));
                break;
            case DType::kFloat: out.push_back(reinterpret_cast<const float*>(bytes.data())[i]); break;
            default: return unsupported("roi or scales of type {}", toString(v->dtype()));
        }
    return out;
}

// One axis's taps, equally many for every output. A shorter list shares its last weight among copies of its tap: a
// weight of 0 would make NaN of an infinite element.
struct CudaResizeAxis {
    std::vector<int32_t> index;
    std::vector<float> weight;
    std::vector<uint8_t> outside;
    int64_t in = 1, out = 1;
    int taps = 1;

    static CudaResizeAxis same(int64_t extent) {
        CudaResizeAxis a;
        a.in = a.out = extent;
        for (int64_t i = 0; i < extent; ++i) a.index.push_back(static_cast<int32_t>(i));
        a.weight.assign(static_cast<size_t>(extent), 1.f);
        return a;
    }
    static CudaResizeAxis of(const ops::ResizeAxis& r) {
        CudaResizeAxis a;
        a.in = r.in;
        a.out = r.out;
        auto weighs = [](const ops::ResizeTap& t) { return static_cast<float>(t.weight) != 0; };
        for (const auto& list : r.taps)
            a.taps = std::max(a.taps, static_cast<int>(std::count_if(list.begin(), list.end(), weighs)));
        for (const auto& list : r.taps) {
            std::vector<std::pair<int32_t, float>> taps;
            for (const ops::ResizeTap& t : list)
                if (weighs(t)) taps.push_back({static_cast<int32_t>(t.index), static_cast<float>(t.weight)});
            if (taps.empty()) taps.push_back({list.empty() ? 0 : static_cast<int32_t>(list[0].index), 0.f});
            while (static_cast<int>(taps.size()) < a.taps) {
                taps.back().second /= 2;
                taps.push_back(taps.back());
            }
            for (auto [i, w] : taps) a.index.push_back(i), a.weight.push_back(w);
        }
        if (std::find(r.outside.begin(), r.outside.end(), true) != r.outside.end())
            for (bool b : r.outside) a.outside.push_back(b);
        return a;
    }
};

struct CudaResizePlan {
    cuda::ResizeShape shape;
    CudaResizeAxis axes[3];
};

Result<CudaResizePlan> cudaResizePlan(const ir::Node& n, const ir::Dims& in, const ir::Dims& out, Layout layout) {
    const auto& a = n.attrs<ops::ResizeAttrs>();
    std::vector<double> roi = TRY(cudaResizeNumbers(isCudaCrop(n) ? inputOf(n, 1) : nullptr));
    std::vector<double> scales = TRY(cudaResizeNumbers(inputOf(n, 2)));
    // Without scales the output's extents say all, unless the aspect is kept: then the sizes that were asked for count.
    std::vector<int64_t> sizes;
    if (scales.empty() && a.keepAspect != ops::ResizeAspect::kStretch) {
        auto known = knownIntegers(inputOf(n, 3));
        if (!known) return unsupported("sizes that keep the aspect are not known");
        sizes = *known;
    }
    auto plan = TRY(ops::resizePlan(a, in, out, roi, scales, sizes));
    int rank = static_cast<int>(in.size()), first = rank, last = -1;
    for (const ops::ResizeAxis& r : plan) first = std::min(first, r.axis), last = std::max(last, r.axis);
    if (last < 0) first = last = rank - 1;
    if (layout == Layout::kChannelsLast) {
        if (first < 2 && !plan.empty()) return unsupported("axis {} is resampled, and channels lie last", first);
        first = 2, last = rank - 1;
    }
    int count = last - first + 1;
    if (count > 3) return unsupported("axes {} to {} are resampled; at most three neighbours are", first, last);
    CudaResizePlan p;
    for (int d = 0; d < 3; ++d) p.axes[d] = CudaResizeAxis::same(1);
    for (int d = first; d <= last; ++d)
        p.axes[3 - count + d - first] = CudaResizeAxis::same(in[static_cast<size_t>(d)]);
    for (const ops::ResizeAxis& r : plan) p.axes[3 - count + r.axis - first] = CudaResizeAxis::of(r);
    cuda::ResizeShape& s = p.shape;
    s.type = n.input(0)->dtype();
    if (layout == Layout::kChannelsLast) {
        s.images = in[0];
        s.vector = in[1];
    } else {
        for (int d = 0; d < rank; ++d) {
            if (d < first) s.images *= in[static_cast<size_t>(d)];
            if (d > last) s.vector *= in[static_cast<size_t>(d)];
        }
    }
    s.copy = true;
    for (int d = 0; d < 3; ++d) {
        s.in[d] = p.axes[d].in;
        s.out[d] = p.axes[d].out;
        s.taps[d] = p.axes[d].taps;
        s.outside[d] = !p.axes[d].outside.empty();
        s.copy = s.copy && s.taps[d] == 1 && !s.outside[d] &&
                 std::all_of(p.axes[d].weight.begin(), p.axes[d].weight.end(), [](float w) { return w == 1.f; });
    }
    s.outsideValue = static_cast<float>(a.extrapolationValue);
    return p;
}

class CudaResize final : public Tactic {
  public:
    constexpr CudaResize() : Tactic("cuda.resize.taps.v1", "resize") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const ir::Value& x = *anchor.input(0);
        if (x.isConstant()) return BindResult::refuse("its input is a constant");
        ir::Dims in = c.optDims(x), out = c.optDims(*anchor.output());
        BindResult result;
        for (Layout layout : {Layout::kLinear, Layout::kChannelsLast}) {
            if (layout == Layout::kChannelsLast && !isImageRank(x.rank())) continue;
            auto p = cudaResizePlan(anchor, in, out, layout);
            auto kernel = p.ok() ? cuda::resize(p->shape) : Result<cuda::KernelPlan>(p.status());
            if (!kernel.ok()) {
                result.refusals.push_back(kernel.status().message());
                continue;
            }
            Candidate candidate{bindNode(*this, anchor), 0, 0};
            candidate.binding.inputs = {&x};
            candidate.binding.inputLayouts = candidate.binding.outputLayouts = {layout};
            double bytes = static_cast<double>(ir::volume(in) + ir::volume(out)) * (bitsOf(x.dtype()) / 8);
            candidate.estimate = cudaEstimate(c.target(), bytes * (layout == Layout::kLinear ? 2 : 1));
            result.candidates.push_back(std::move(candidate));
        }
        return result;
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        CudaResizePlan p = TRY(cudaResizePlan(n, c.dims(*n.input(0)), c.dims(*n.output()), binding.inputLayouts[0]));
        CudaTables tables(c);
        CudaOperands operands;
        operands.input(0, 0).output(cuda::kOutput, 0);
        for (int d = 0; d < 3; ++d) {
            operands.fixed(1 + d, TRY(tables.add(p.axes[d].index)));
            operands.fixed(4 + d, TRY(tables.add(p.axes[d].weight)));
            if (p.shape.outside[d]) operands.fixed(7 + d, TRY(tables.add(p.axes[d].outside)));
        }
        return tables.into(TRY(cudaKernel(c, TRY(cuda::resize(p.shape)), operands)));
    }
};

}  // namespace

LATHE_TACTIC(cuda_resize_taps, CudaResize)

}  // namespace lathe::tactics
