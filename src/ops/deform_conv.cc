// SPDX-License-Identifier: Apache-2.0
#include "ops/deform_conv.h"

#include <cmath>

#include "ops/conv_reference.h"
#include "ops/reference_math.h"

namespace lathe::ops {
namespace {

// A plane's value between its pixels; 0 outside.
double bilinear(const double* plane, int64_t height, int64_t width, double y, double x) {
    if (!(y > -1 && x > -1 && y < static_cast<double>(height) && x < static_cast<double>(width))) return 0;
    const auto top = static_cast<int64_t>(std::floor(y)), left = static_cast<int64_t>(std::floor(x));
    const double down = y - static_cast<double>(top), right = x - static_cast<double>(left);
    auto at = [&](int64_t r, int64_t q) {
        return r < 0 || q < 0 || r >= height || q >= width ? 0.0 : plane[r * width + q];
    };
    return (1 - down) * ((1 - right) * at(top, left) + right * at(top, left + 1)) +
           down * ((1 - right) * at(top + 1, left) + right * at(top + 1, left + 1));
}

class DeformConvOp final : public ir::OpWith<DeformConvAttrs> {
  public:
    constexpr DeformConvOp() : OpWith("deform_conv", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 3));
        TRY(requireFloat(c, 0));
        const DeformConvAttrs& a = attrs(c);
        TRY(requireRank(c, 0, 4));
        for (int i = 1; i < c.inputCount(); ++i)
            if (c.has(i)) TRY(requireSameType(c, 0, i));
        Shape out = TRY(convShape(c, 0, 1, a, a.group));
        if (a.offsetGroup < 1) return invalidArgument("offset_group is {}; it must be at least 1", a.offsetGroup);
        if (c.shape(0)[1].isConstant() && c.shape(0)[1].value() % a.offsetGroup)
            return invalidArgument("{} channels cannot be divided into {} offset groups", c.shape(0)[1].value(),
                                   a.offsetGroup);
        const Dim taps = c.shape(1)[2] * c.shape(1)[3] * a.offsetGroup;
        auto check = [&](int i, const Dim& channels, const char* what) -> Status {
            TRY(requireRank(c, i, 4));
            TRY(requireExtent(c.shape(i)[0], out[0], fmt::format("the number of images of the {}", what)));
            TRY(requireExtent(c.shape(i)[1], channels, fmt::format("the number of channels of the {}", what)));
            for (int d : {2, 3}) TRY(requireExtent(c.shape(i)[d], out[d], fmt::format("axis {} of the {}", d, what)));
            return {};
        };
        TRY(check(2, taps * 2, "offsets"));
        if (c.has(3)) {
            TRY(requireRank(c, 3, 1));
            TRY(requireExtent(c.shape(3)[0], out[1], "the bias's length"));
        }
        if (c.has(4)) TRY(check(4, taps, "mask"));
        c.setOutput(0, {c.dtype(0), std::move(out)});
        return {};
    }

    Status reference(RefContext& c) const override {
        const DeformConvAttrs& a = attrs(c);
        const Tensor &x = c.input(0), &w = c.input(1), &y = c.output(0);
        const Shape spatial(ir::toShape(Dims(x.dims.begin() + 2, x.dims.end())));
        const std::vector<int64_t> kernel(w.dims.begin() + 2, w.dims.end());
        const auto axes = TRY(resolveWindow(a, spatial, kernel));
        const int64_t height = x.dims[2], width = x.dims[3], oh = y.dims[2], ow = y.dims[3],
                      taps = kernel[0] * kernel[1];
        const int64_t perGroup = w.dims[1], outPerGroup = y.dims[1] / a.group, perOffset = x.dims[1] / a.offsetGroup;
        const std::vector<double> in = readDoubles(x), weights = readDoubles(w), offset = readDoubles(c.input(2));
        std::vector<double> bias(y.dims[1], 0.0), mask, samples(x.dims[1] * taps), row(ow);
        if (c.has(3)) bias = readDoubles(c.input(3));
        if (c.has(4)) mask = readDoubles(c.input(4));
        std::vector<double> out(y.dims[1] * oh * ow);
        for (int64_t n = 0; n < y.dims[0]; ++n) {
            for (int64_t i = 0; i < oh; ++i)
                for (int64_t j = 0; j < ow; ++j) {
                    for (int64_t ch = 0; ch < x.dims[1]; ++ch)
                        for (int64_t t = 0; t < taps; ++t) {
                            const int64_t moved = n * a.offsetGroup * taps + ch / perOffset * taps + t;
                            auto shift = [&](int64_t d) { return offset[((moved * 2 + d) * oh + i) * ow + j]; };
                            auto place = [&](int d, int64_t o, int64_t k) {
                                return static_cast<double>(o * axes[d].stride - axes[d].padBegin.value() +
                                                           k * axes[d].dilation);
                            };
                            double v =
                                bilinear(in.data() + (n * x.dims[1] + ch) * height * width, height, width,
                                         place(0, i, t / kernel[1]) + shift(0), place(1, j, t % kernel[1]) + shift(1));
                            if (!mask.empty()) v *= mask[(moved * oh + i) * ow + j];
                            samples[ch * taps + t] = v;
                        }
                    for (int64_t m = 0; m < y.dims[1]; ++m) {
                        double sum = bias[m];
                        const double* from = samples.data() + m / outPerGroup * perGroup * taps;
                        for (int64_t k = 0; k < perGroup * taps; ++k) sum += weights[m * perGroup * taps + k] * from[k];
                        out[(m * oh + i) * ow + j] = sum;
                    }
                }
            writeDoubles(y, n * static_cast<int64_t>(out.size()), static_cast<int64_t>(out.size()), out.data());
        }
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        return {{.name = "plain",
                 .attrs = "pads=[1, 1, 1, 1]",
                 .inputs = {{.dims = {2, 2, 5, 6}}, {.dims = {3, 2, 3, 3}}, {.dims = {2, 18, 5, 6}}, {.dims = {3}}},
                 .reduction = 18},
                {.name = "groups",
                 .attrs = "group=2 offset_group=2 strides=[2, 1]",
                 .inputs = {{.dims = {1, 4, 7, 5}},
                            {.dims = {6, 2, 3, 2}},
                            {.dims = {1, 24, 3, 4}},
                            {.absent = true},
                            {.dims = {1, 12, 3, 4}}},
                 .reduction = 12}};
    }
};

}  // namespace

LATHE_OP(deform_conv, DeformConvOp)

}  // namespace lathe::ops
