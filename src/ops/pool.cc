// SPDX-License-Identifier: Apache-2.0
#include "ops/pool.h"

#include <algorithm>

#include "ops/reference_math.h"

namespace lathe::ops {
namespace {

// A spatial axis in numbers; fewer than three are padded in front with axes of one position.
struct Axis {
    int64_t in = 1, out = 1, pad = 0, end = 1, kernel = 1, stride = 1, dilation = 1;  // end: in + padEnd
};

struct Peak {
    double value;
    int64_t at[3];
};

class PoolOp final : public ir::OpWith<PoolAttrs> {
  public:
    constexpr PoolOp() : OpWith("pool", kNone) {}

    Status infer(InferContext& c) const override {
        const PoolAttrs& a = attrs(c);
        TRY(requireInputs(c, 1));
        if (a.kind == PoolKind::kMax)
            TRY(requireType(c, 0, {DType::kFloat, DType::kHalf, DType::kBf16, DType::kInt8, DType::kUint8}));
        else
            TRY(requireFloat(c, 0));
        if (a.kind == PoolKind::kLp && !(a.p > 0)) return invalidArgument("p is {}; it must be positive", a.p);
        if (a.storageOrder != 0 && a.storageOrder != 1)
            return invalidArgument("storage_order is {}; expected 0 or 1", a.storageOrder);
        Shape out = c.shape(0);
        if (out.size() < 3 || out.size() > 5)
            return unsupported("input 0 has the shape {}; expected N, C and one to three spatial axes",
                               ir::toString(out));
        if (a.kernel.empty()) return invalidArgument("'kernel' is missing");
        auto kernel = TRY(windowList("kernel", a.kernel, out.size() - 2, 1, 1));
        auto axes = TRY(resolveWindow(a, std::span(out).subspan(2), kernel));
        for (size_t i = 0; i < axes.size(); ++i) out[2 + i] = axes[i].out;
        c.setOutput(0, {c.dtype(0), out});
        if (c.outputCount() > 1) {
            if (a.kind != PoolKind::kMax) return invalidArgument("only max pooling has indices as a second output");
            c.setOutput(1, {DType::kInt64, std::move(out)});
        }
        return {};
    }

    Status reference(RefContext& c) const override {
        const PoolAttrs& at = attrs(c);
        const Tensor &x = c.input(0), &y = c.output(0);
        Shape spatial(x.dims.begin() + 2, x.dims.end());
        auto axes = TRY(resolveWindow(at, spatial, at.kernel));
        Axis a[3];
        for (size_t i = 0; i < axes.size(); ++i)
            a[3 - axes.size() + i] = {axes[i].in.value(),       axes[i].out.value(),
                                      axes[i].padBegin.value(), (axes[i].in + axes[i].padEnd).value(),
                                      axes[i].kernel,           axes[i].stride,
                                      axes[i].dilation};
        int64_t inSize = a[0].in * a[1].in * a[2].in, outSize = a[0].out * a[1].out * a[2].out;
        int64_t* indices = c.node().outputCount() > 1 ? c.output(1).as<int64_t>() : nullptr;
        std::vector<double> in(inSize), out(outSize);
        for (int64_t plane = 0; plane < x.dims[0] * x.dims[1]; ++plane) {
            readDoubles(x, plane * inSize, inSize, in.data());
            int64_t o[3], k = 0;
            for (o[0] = 0; o[0] < a[0].out; ++o[0])
                for (o[1] = 0; o[1] < a[1].out; ++o[1])
                    for (o[2] = 0; o[2] < a[2].out; ++o[2], ++k) {
                        Peak peak{};
                        out[k] = window(at, a, o, in.data(), peak);
                        if (indices) indices[plane * outSize + k] = indexOf(at, a, axes.size(), plane * inSize, peak);
                    }
            writeDoubles(y, plane * outSize, outSize, out.data());
        }
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        constexpr DType kHalf = DType::kHalf, kBf16 = DType::kBf16, kInt8 = DType::kInt8, kUint8 = DType::kUint8;
        return {
            {.name = "max_2x2", .attrs = "kernel=[2, 2] strides=[2, 2]", .inputs = {{.dims = {2, 5, 9, 12}}}},
            {.name = "max_3x3_pads",
             .attrs = "kernel=[3, 3] strides=[2, 2] pads=[1, 1, 1, 1]",
             .inputs = {{.dims = {1, 16, 15, 17}}}},
            {.name = "max_ceil_dilated",
             .attrs = "kernel=[3, 2] strides=[2, 3] dilations=[2, 1] pads=[1, 0, 2, 1] ceil_mode=true",
             .inputs = {{.dims = {1, 3, 12, 13}}}},
            {.name = "max_ceil_all",
             .attrs = "kernel=[2, 1] strides=[2, 3] pads=[1, 0, 1, 0] ceil_mode=true ceil_all=true",
             .inputs = {{.dims = {1, 17, 5, 6}}}},
            {.name = "average_ceil_all",
             .attrs = "kind=average kernel=[2, 1] strides=[2, 3] pads=[1, 0, 1, 1] count_include_pad=true "
                      "ceil_mode=true ceil_all=true",
             .inputs = {{.dims = {1, 17, 5, 6}}},
             .reduction = 2},
            {.name = "max_indices",
             .attrs = "kernel=[2, 3] strides=[1, 2] pads=[0, 1, 1, 1]",
             .inputs = {{.dims = {2, 3, 5, 8}}},
             .outputs = 2},
            {.name = "max_indices_columns",
             .attrs = "kernel=[2, 2, 2] storage_order=1",
             .inputs = {{.dims = {1, 2, 3, 4, 5}}},
             .outputs = 2},
            {.name = "max_i8",
             .attrs = "kernel=[3, 3] auto_pad=same_upper",
             .inputs = {{.dtype = kInt8, .dims = {1, 20, 7, 6}, .low = -128, .high = 127}}},
            {.name = "max_u8_1d",
             .attrs = "kernel=[4] strides=[3] auto_pad=same_lower",
             .inputs = {{.dtype = kUint8, .dims = {2, 3, 17}, .low = 0, .high = 255}}},
            {.name = "average",
             .attrs = "kind=average kernel=[3, 3] strides=[2, 2] pads=[1, 1, 1, 1]",
             .inputs = {{.dims = {2, 7, 9, 10}}},
             .reduction = 9},
            {.name = "average_with_padding",
             .attrs =
                 "kind=average kernel=[3, 3] strides=[2, 2] pads=[1, 0, 1, 2] count_include_pad=true ceil_mode=true",
             .inputs = {{.dims = {1, 4, 8, 10}}},
             .reduction = 9},
            {.name = "average_global",
             .attrs = "kind=average kernel=[7, 7]",
             .inputs = {{.dims = {2, 32, 7, 7}}},
             .reduction = 49},
            {.name = "average_3d_f16",
             .attrs = "kind=average kernel=[2, 1, 3] pads=[1, 0, 1, 0, 0, 1]",
             .inputs = {{.dtype = kHalf, .dims = {1, 3, 4, 5, 6}}},
             .reduction = 6},
            {.name = "lp",
             .attrs = "kind=lp p=3 kernel=[2, 2] pads=[1, 1, 0, 0]",
             .inputs = {{.dims = {1, 3, 6, 5}}},
             .reduction = 4},
            {.name = "blend_bf16",
             .attrs = "kind=max_average_blend blend=0.25 kernel=[2, 2]",
             .inputs = {{.dtype = kBf16, .dims = {1, 3, 6, 5}}},
             .reduction = 4},
            {.name = "empty", .attrs = "kernel=[2, 2]", .inputs = {{.dims = {0, 3, 6, 5}}}},
        };
    }

  private:
    static double window(const PoolAttrs& at, const Axis (&a)[3], const int64_t (&o)[3], const double* in, Peak& peak) {
        int64_t begin[3], inside = 1;
        for (int i = 0; i < 3; ++i) {
            begin[i] = o[i] * a[i].stride - a[i].pad;
            int64_t taps = 0;
            for (int64_t k = 0; k < a[i].kernel; ++k) {
                int64_t p = begin[i] + k * a[i].dilation;
                taps += at.countIncludePad ? p < a[i].end : p >= 0 && p < a[i].in;
            }
            inside *= taps;
        }
        double sum = 0;
        bool lp = at.kind == PoolKind::kLp;
        peak = {-INFINITY, {-1, -1, -1}};
        for (int64_t kd = 0; kd < a[0].kernel; ++kd) {
            int64_t d = begin[0] + kd * a[0].dilation;
            if (d < 0 || d >= a[0].in) continue;
            for (int64_t kh = 0; kh < a[1].kernel; ++kh) {
                int64_t h = begin[1] + kh * a[1].dilation;
                if (h < 0 || h >= a[1].in) continue;
                for (int64_t kw = 0; kw < a[2].kernel; ++kw) {
                    int64_t w = begin[2] + kw * a[2].dilation;
                    if (w < 0 || w >= a[2].in) continue;
                    double v = in[(d * a[1].in + h) * a[2].in + w];
                    if (peak.at[0] < 0 || v > peak.value || (std::isnan(v) && !std::isnan(peak.value)))
                        peak = {v, {d, h, w}};
                    sum += lp ? std::pow(std::abs(v), at.p) : v;
                }
            }
        }
        double average = inside ? sum / static_cast<double>(inside) : 0;
        switch (at.kind) {
            case PoolKind::kMax: return peak.value;
            case PoolKind::kAverage: return average;
            case PoolKind::kLp: return std::pow(sum, 1 / at.p);
            case PoolKind::kMaxAverageBlend: return (1 - at.blend) * peak.value + at.blend * average;
        }
        return 0;
    }

    static int64_t indexOf(const PoolAttrs& at, const Axis (&a)[3], size_t axes, int64_t base, const Peak& peak) {
        if (peak.at[0] < 0) return -1;
        if (at.storageOrder == 0) return base + (peak.at[0] * a[1].in + peak.at[1]) * a[2].in + peak.at[2];
        int64_t index = 0, stride = 1;
        for (size_t i = 3 - axes; i < 3; ++i) {
            index += peak.at[i] * stride;
            stride *= a[i].in;
        }
        return base + index;
    }
};

}  // namespace

LATHE_OP(pool, PoolOp)

}  // namespace lathe::ops
