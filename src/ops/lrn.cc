// SPDX-License-Identifier: Apache-2.0
#include "ops/lrn.h"

#include <algorithm>

#include "ops/reference_math.h"

namespace lathe::ops {
namespace {

class LrnOp final : public ir::OpWith<LrnAttrs> {
  public:
    constexpr LrnOp() : OpWith("lrn", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        TRY(requireFloat(c, 0));
        if (c.rank(0) < 2)
            return invalidArgument("input 0 has the shape {}; expected at least N and C", ir::toString(c.shape(0)));
        if (attrs(c).size < 1) return invalidArgument("size is {}; it must be at least 1", attrs(c).size);
        c.setOutput(0, c.input(0));
        return {};
    }

    Status reference(RefContext& c) const override {
        const LrnAttrs& a = attrs(c);
        const Tensor& x = c.input(0);
        int64_t channels = x.dims[1], plane = 1;
        for (int d = 2; d < x.rank(); ++d) plane *= x.dims[d];
        int64_t size = std::min(a.size, 2 * channels + 2), before = (size - 1) / 2;
        std::vector<double> in(channels * plane), out(plane);
        for (int64_t image = 0; image < x.dims[0]; ++image) {
            readDoubles(x, image * channels * plane, channels * plane, in.data());
            for (int64_t ch = 0; ch < channels; ++ch) {
                std::fill(out.begin(), out.end(), 0.0);
                for (int64_t k = std::max<int64_t>(ch - before, 0); k < std::min(ch - before + size, channels); ++k)
                    for (int64_t i = 0; i < plane; ++i) out[i] += in[k * plane + i] * in[k * plane + i];
                for (int64_t i = 0; i < plane; ++i)
                    out[i] =
                        in[ch * plane + i] / std::pow(a.bias + a.alpha / static_cast<double>(a.size) * out[i], a.beta);
                writeDoubles(c.output(0), (image * channels + ch) * plane, plane, out.data());
            }
        }
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        constexpr DType kHalf = DType::kHalf, kBf16 = DType::kBf16;
        return {
            {.name = "alexnet",
             .attrs = "size=5 alpha=0.0001 beta=0.75 bias=2",
             .inputs = {{.dims = {1, 24, 7, 9}, .low = -20, .high = 20}},
             .reduction = 5},
            {.name = "even", .attrs = "size=4 alpha=0.5 beta=0.5", .inputs = {{.dims = {2, 9, 5}}}, .reduction = 4},
            {.name = "wider_than_channels", .attrs = "size=9 alpha=1", .inputs = {{.dims = {2, 3}}}, .reduction = 3},
            {.name = "f16",
             .attrs = "size=3 alpha=0.1",
             .inputs = {{.dtype = kHalf, .dims = {1, 8, 6, 5}}},
             .reduction = 3},
            {.name = "bf16",
             .attrs = "size=3 alpha=0.1",
             .inputs = {{.dtype = kBf16, .dims = {1, 8, 30}}},
             .reduction = 3},
            {.name = "empty", .attrs = "size=3", .inputs = {{.dims = {0, 3, 4}}}},
        };
    }
};

}  // namespace

LATHE_OP(lrn, LrnOp)

}  // namespace lathe::ops
