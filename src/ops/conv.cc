// SPDX-License-Identifier: Apache-2.0
#include "ops/conv.h"

#include "ops/conv_reference.h"
#include "ops/reference_math.h"

namespace lathe::ops {
namespace {

class ConvOp final : public ir::OpWith<ConvAttrs> {
  public:
    constexpr ConvOp() : OpWith("conv", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 2));
        TRY(requireFloat(c, 0));
        TRY(requireSameType(c, 0, 1));
        Shape out = TRY(convShape(c, 0, 1, attrs(c), attrs(c).group));
        if (c.has(2)) {
            TRY(requireSameType(c, 0, 2));
            TRY(requireRank(c, 2, 1));
            TRY(requireExtent(c.shape(2)[0], out[1], "the bias's length"));
        }
        c.setOutput(0, {c.dtype(0), std::move(out)});
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor& y = c.output(0);
        std::vector<double> bias(y.dims[1], 0.0), sums;
        if (c.has(2)) bias = readDoubles(c.input(2));
        int64_t size = 1;
        for (int d = 2; d < y.rank(); ++d) size *= y.dims[d];
        return convolve(c.input(0), 0, readDoubles(c.input(1)), c.input(1).dims, attrs(c), attrs(c).group,
                        [&](int64_t image, int64_t channel, int64_t first, int64_t count, const double* values) {
                            sums.assign(values, values + count);
                            for (double& s : sums) s += bias[channel];
                            writeDoubles(y, (image * y.dims[1] + channel) * size + first, count, sums.data());
                        });
    }

    std::vector<ir::SampleCase> samples() const override {
        constexpr DType kHalf = DType::kHalf, kBf16 = DType::kBf16;
        return {
            {.name = "3x3",
             .attrs = "pads=[1, 1, 1, 1]",
             .inputs = {{.dims = {2, 5, 9, 11}}, {.dims = {7, 5, 3, 3}}, {.dims = {7}}},
             .reduction = 45},
            {.name = "ceil_all",
             .attrs = "strides=[2, 3] pads=[1, 1, 1, 1] ceil_mode=true ceil_all=true",
             .inputs = {{.dims = {1, 16, 7, 8}}, {.dims = {24, 16, 2, 2}, .constant = true}, {.dims = {24}}},
             .reduction = 64},
            {.name = "1x1",
             .attrs = "",
             .inputs = {{.dims = {1, 16, 7, 5}}, {.dims = {24, 16, 1, 1}}, {.dims = {24}}},
             .reduction = 16},
            {.name = "stem",
             .attrs = "kernel=[7, 7] strides=[2, 2] pads=[3, 3, 3, 3]",
             .inputs = {{.dims = {1, 3, 31, 29}}, {.dims = {16, 3, 7, 7}, .constant = true}},
             .reduction = 147},
            {.name = "depthwise",
             .attrs = "pads=[1, 1, 1, 1] group=19",
             .inputs = {{.dims = {1, 19, 10, 12}},
                        {.dims = {19, 1, 3, 3}, .constant = true},
                        {.dims = {19}, .constant = true}},
             .reduction = 9},
            {.name = "depthwise_stride",
             .attrs = "pads=[2, 2, 2, 2] strides=[2, 2] group=8",
             .inputs = {{.dims = {2, 8, 13, 12}}, {.dims = {8, 1, 5, 5}, .constant = true}},
             .reduction = 25},
            {.name = "groups",
             .attrs = "group=3 pads=[0, 1, 0, 1]",
             .inputs = {{.dims = {2, 6, 6, 8}}, {.dims = {9, 2, 3, 3}}},
             .reduction = 18},
            {.name = "multiplier",
             .attrs = "group=4",
             .inputs = {{.dims = {1, 4, 5, 5}}, {.dims = {8, 1, 3, 3}}},
             .reduction = 9},
            {.name = "dilated_uneven",
             .attrs = "strides=[2, 1] dilations=[1, 3] pads=[0, 2, 3, 1]",
             .inputs = {{.dims = {1, 4, 11, 13}}, {.dims = {5, 4, 2, 3}}},
             .reduction = 24},
            {.name = "same_upper",
             .attrs = "auto_pad=same_upper strides=[2, 3]",
             .inputs = {{.dims = {1, 3, 8, 10}}, {.dims = {4, 3, 3, 4}}},
             .reduction = 36},
            {.name = "same_lower",
             .attrs = "auto_pad=same_lower",
             .inputs = {{.dims = {1, 3, 5, 6}}, {.dims = {4, 3, 2, 4}}},
             .reduction = 24},
            {.name = "1d",
             .attrs = "pads=[2, 0] dilations=[2]",
             .inputs = {{.dims = {2, 6, 33}}, {.dims = {5, 6, 4}}, {.dims = {5}}},
             .reduction = 24},
            {.name = "3d",
             .attrs = "pads=[1, 0, 1, 0, 1, 1] strides=[2, 1, 1]",
             .inputs = {{.dims = {1, 3, 5, 6, 7}}, {.dims = {4, 3, 3, 2, 3}}, {.dims = {4}}},
             .reduction = 54},
            {.name = "wide_f16",
             .attrs = "pads=[1, 1, 1, 1]",
             .inputs = {{.dtype = kHalf, .dims = {1, 32, 14, 14}},
                        {.dtype = kHalf, .dims = {32, 32, 3, 3}, .constant = true},
                        {.dtype = kHalf, .dims = {32}, .constant = true}},
             .reduction = 288},
            {.name = "bf16",
             .attrs = "strides=[2, 2]",
             .inputs = {{.dtype = kBf16, .dims = {1, 8, 9, 9}}, {.dtype = kBf16, .dims = {8, 8, 3, 3}}},
             .reduction = 72},
            {.name = "empty_batch", .attrs = "", .inputs = {{.dims = {0, 3, 5, 5}}, {.dims = {4, 3, 3, 3}}}},
            {.name = "no_channels",
             .attrs = "",
             .inputs = {{.dims = {1, 0, 5, 5}}, {.dims = {4, 0, 3, 3}}, {.dims = {4}}}},
        };
    }
};

}  // namespace

LATHE_OP(conv, ConvOp)

}  // namespace lathe::ops
