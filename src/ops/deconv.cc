// SPDX-License-Identifier: Apache-2.0
#include "ops/deconv.h"

#include <algorithm>

#include "ops/reference_math.h"

namespace lathe::ops {

Result<std::vector<WindowAxis>> deconvAxes(const DeconvAttrs& attrs, std::span<const Dim> spatial,
                                           std::span<const int64_t> kernel) {
    size_t n = spatial.size();
    auto strides = TRY(windowList("strides", attrs.strides, n, 1, 1));
    auto dilations = TRY(windowList("dilations", attrs.dilations, n, 1, 1));
    auto pads = TRY(windowList("pads", attrs.pads, 2 * n, 0, 0));
    auto extra = TRY(windowList("output_padding", attrs.outputPadding, n, 0, 0));
    auto given = TRY(windowList("output_shape", attrs.outputShape, n, 0, 0));
    bool same = attrs.autoPad == AutoPad::kSameUpper || attrs.autoPad == AutoPad::kSameLower;
    std::vector<WindowAxis> axes(n);
    for (size_t i = 0; i < n; ++i) {
        WindowAxis& a = axes[i];
        a.in = spatial[i];
        a.kernel = kernel[i];
        a.stride = strides[i];
        a.dilation = dilations[i];
        int64_t extent;
        if (__builtin_mul_overflow(a.kernel - 1, a.dilation, &extent) || extent > INT32_MAX)
            return invalidArgument("a kernel of {} positions with dilation {} is too large", a.kernel, a.dilation);
        Dim whole = (a.in - 1) * a.stride + extra[i] + a.extent();
        if (!attrs.outputShape.empty() || same) {
            a.out = attrs.outputShape.empty() ? a.in * a.stride : Dim(given[i]);
            Dim total = max(whole - a.out, 0), half = floorDiv(total, 2);
            a.padBegin = attrs.autoPad == AutoPad::kSameUpper ? half : total - half;
            a.padEnd = total - a.padBegin;
            continue;
        }
        bool valid = attrs.autoPad == AutoPad::kValid;
        a.padBegin = valid ? 0 : pads[i];
        a.padEnd = valid ? 0 : pads[n + i];
        a.out = whole - a.padBegin - a.padEnd;
        if (a.out.isConstant() && a.out.value() < 0)
            return invalidArgument("spatial axis {}: pads of {} and {} take more than the {} positions that there are",
                                   i, a.padBegin.toString(), a.padEnd.toString(), whole.toString());
    }
    return axes;
}

namespace {

struct Axis {
    int64_t in = 1, out = 1, pad = 0, kernel = 1, stride = 1, dilation = 1;
};

class DeconvOp final : public ir::OpWith<DeconvAttrs> {
  public:
    constexpr DeconvOp() : OpWith("deconv", kNone) {}

    Status infer(InferContext& c) const override {
        const DeconvAttrs& a = attrs(c);
        TRY(requireInputs(c, 2));
        TRY(requireFloat(c, 0));
        TRY(requireSameType(c, 0, 1));
        const Shape &x = c.shape(0), &w = c.shape(1);
        if (x.size() < 3 || x.size() > 5)
            return unsupported("input 0 has the shape {}; expected N, C and one to three spatial axes",
                               ir::toString(x));
        TRY(requireRank(c, 1, c.rank(0)));
        if (a.ceilMode) return invalidArgument("ceil_mode has no meaning for a transposed convolution");
        if (a.group < 1) return invalidArgument("group is {}; it must be at least 1", a.group);
        TRY(requireExtent(x[1], w[0], "the number of input channels"));
        if (w[0].isConstant() && w[0].value() % a.group != 0)
            return invalidArgument("{} input channels cannot be divided into {} groups", w[0].value(), a.group);
        auto kernel = TRY(kernelExtents(a.kernel, std::span(w).subspan(2)));
        auto axes = TRY(deconvAxes(a, std::span(x).subspan(2), kernel));
        Shape out = {x[0], w[1] * a.group};
        for (const WindowAxis& axis : axes) out.push_back(axis.out);
        if (c.inputCount() > 2 && c.has(2)) {
            TRY(requireSameType(c, 0, 2));
            TRY(requireRank(c, 2, 1));
            TRY(requireExtent(c.shape(2)[0], out[1], "the bias's length"));
        }
        c.setOutput(0, {c.dtype(0), std::move(out)});
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &x = c.input(0), &y = c.output(0);
        const Dims& w = c.input(1).dims;
        int64_t group = attrs(c).group;
        Shape spatial(x.dims.begin() + 2, x.dims.end());
        std::vector<int64_t> kernel(w.begin() + 2, w.end());
        auto axes = TRY(deconvAxes(attrs(c), spatial, kernel));
        Axis a[3];
        for (size_t i = 0; i < axes.size(); ++i)
            a[3 - axes.size() + i] = {axes[i].in.value(), axes[i].out.value(), axes[i].padBegin.value(),
                                      axes[i].kernel,     axes[i].stride,      axes[i].dilation};
        int64_t inSize = a[0].in * a[1].in * a[2].in, outSize = a[0].out * a[1].out * a[2].out;
        int64_t channels = w[0] / group, perGroup = w[1], taps = a[0].kernel * a[1].kernel * a[2].kernel;
        if (y.count() == 0) return {};
        std::vector<double> bias(y.dims[1], 0.0), weights = readDoubles(c.input(1));
        if (c.has(2)) bias = readDoubles(c.input(2));

        // Per group: (output channel and tap, input channel), so that one product gives every tap's contributions.
        int64_t rows = perGroup * taps;
        std::vector<double> transposed(weights.size());
        for (int64_t g = 0; g < group; ++g)
            for (int64_t ch = 0; ch < channels; ++ch)
                for (int64_t r = 0; r < rows; ++r)
                    transposed[(g * rows + r) * channels + ch] = weights[(g * channels + ch) * rows + r];

        int64_t tile = std::clamp<int64_t>((int64_t{1} << 18) / std::max<int64_t>(rows + channels, 1), 8, 2048);
        std::vector<double> in(channels * tile), sums(rows * tile), out(perGroup * outSize);
        for (int64_t image = 0; image < x.dims[0]; ++image)
            for (int64_t g = 0; g < group; ++g) {
                for (int64_t m = 0; m < perGroup; ++m)
                    std::fill_n(out.begin() + m * outSize, outSize, bias[g * perGroup + m]);
                for (int64_t first = 0; first < inSize; first += tile) {
                    int64_t count = std::min(tile, inSize - first);
                    for (int64_t ch = 0; ch < channels; ++ch)
                        readDoubles(x, ((image * group + g) * channels + ch) * inSize + first, count,
                                    in.data() + ch * count);
                    std::fill(sums.begin(), sums.end(), 0.0);
                    addProduct(rows, count, channels, transposed.data() + g * rows * channels, channels, in.data(),
                               count, sums.data(), count);
                    for (int64_t r = 0; r < rows; ++r)
                        scatter(a, r % taps, first, count, sums.data() + r * count, out.data() + r / taps * outSize);
                }
                writeDoubles(y, (image * group + g) * perGroup * outSize, perGroup * outSize, out.data());
            }
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        constexpr DType kHalf = DType::kHalf, kBf16 = DType::kBf16;
        return {
            {.name = "2x",
             .attrs = "strides=[2, 2]",
             .inputs = {{.dims = {1, 8, 7, 5}},
                        {.dims = {8, 6, 2, 2}, .constant = true},
                        {.dims = {6}, .constant = true}},
             .reduction = 8},
            {.name = "4x4",
             .attrs = "strides=[2, 2] pads=[1, 1, 1, 1]",
             .inputs = {{.dims = {2, 5, 6, 7}}, {.dims = {5, 7, 4, 4}, .constant = true}},
             .reduction = 20},
            {.name = "output_padding",
             .attrs = "strides=[3, 2] pads=[1, 0, 0, 2] output_padding=[2, 1]",
             .inputs = {{.dims = {1, 3, 5, 6}},
                        {.dims = {3, 4, 3, 3}, .constant = true},
                        {.dims = {4}, .constant = true}},
             .reduction = 27},
            {.name = "dilated_groups",
             .attrs = "dilations=[2, 3] group=2",
             .inputs = {{.dims = {1, 6, 4, 5}}, {.dims = {6, 2, 3, 2}, .constant = true}},
             .reduction = 18},
            {.name = "depthwise",
             .attrs = "strides=[2, 2] pads=[1, 1, 1, 1] group=5",
             .inputs = {{.dims = {1, 5, 6, 6}}, {.dims = {5, 1, 4, 4}, .constant = true}},
             .reduction = 4},
            {.name = "output_shape",
             .attrs = "strides=[2, 2] output_shape=[9, 12]",
             .inputs = {{.dims = {1, 3, 4, 5}}, {.dims = {3, 2, 3, 3}, .constant = true}},
             .reduction = 27},
            {.name = "same_upper",
             .attrs = "strides=[2, 3] auto_pad=same_upper",
             .inputs = {{.dims = {1, 3, 4, 5}}, {.dims = {3, 2, 3, 4}, .constant = true}},
             .reduction = 36},
            {.name = "1d",
             .attrs = "strides=[5] pads=[2, 1]",
             .inputs = {{.dims = {2, 4, 9}}, {.dims = {4, 3, 7}, .constant = true}, {.dims = {3}, .constant = true}},
             .reduction = 28},
            {.name = "3d",
             .attrs = "strides=[2, 1, 2]",
             .inputs = {{.dims = {1, 3, 3, 4, 3}}, {.dims = {3, 4, 2, 3, 2}, .constant = true}},
             .reduction = 36},
            {.name = "f16",
             .attrs = "strides=[2, 2]",
             .inputs = {{.dtype = kHalf, .dims = {1, 16, 6, 6}},
                        {.dtype = kHalf, .dims = {16, 8, 3, 3}, .constant = true},
                        {.dtype = kHalf, .dims = {8}, .constant = true}},
             .reduction = 64},
            {.name = "bf16",
             .attrs = "",
             .inputs = {{.dtype = kBf16, .dims = {1, 6, 5, 5}},
                        {.dtype = kBf16, .dims = {6, 4, 3, 3}, .constant = true}},
             .reduction = 54},
            {.name = "blocks",
             .attrs = "strides=[2, 1] pads=[1, 1, 0, 2] group=2",
             .inputs = {{.dims = {2, 32, 5, 9}},
                        {.dims = {32, 16, 3, 4}, .constant = true},
                        {.dims = {32}, .constant = true}},
             .reduction = 96},
            {.name = "fewer_outputs_than_phases",
             .attrs = "strides=[4, 5]",
             .inputs = {{.dims = {1, 8, 1, 1}}, {.dims = {8, 8, 2, 3}, .constant = true}},
             .reduction = 8},
            {.name = "empty", .attrs = "", .inputs = {{.dims = {0, 2, 3}}, {.dims = {2, 2, 3}, .constant = true}}},
        };
    }

  private:
    // Adds the contributions of one tap, from input positions [first, first + count), to one output channel.
    static void scatter(const Axis (&a)[3], int64_t tap, int64_t first, int64_t count, const double* values,
                        double* out) {
        int64_t k[3] = {tap / (a[1].kernel * a[2].kernel), tap / a[2].kernel % a[1].kernel, tap % a[2].kernel};
        for (int64_t i = 0; i < count; ++i) {
            int64_t p = first + i;
            int64_t w = p % a[2].in * a[2].stride - a[2].pad + k[2] * a[2].dilation;
            int64_t h = p / a[2].in % a[1].in * a[1].stride - a[1].pad + k[1] * a[1].dilation;
            int64_t d = p / a[2].in / a[1].in * a[0].stride - a[0].pad + k[0] * a[0].dilation;
            if (w >= 0 && w < a[2].out && h >= 0 && h < a[1].out && d >= 0 && d < a[0].out)
                out[(d * a[1].out + h) * a[2].out + w] += values[i];
        }
    }
};

}  // namespace

LATHE_OP(deconv, DeconvOp)

}  // namespace lathe::ops
