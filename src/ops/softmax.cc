// SPDX-License-Identifier: Apache-2.0
#include "ops/softmax.h"

#include <algorithm>
#include <cmath>

#include "ops/common.h"

namespace lathe::ops {
namespace {

class SoftmaxOp final : public ir::OpWith<SoftmaxAttrs> {
  public:
    constexpr SoftmaxOp() : OpWith("softmax", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        TRY(requireFloat(c, 0));
        TRY(normalizeAxis(attrs(c).axis, c.rank(0)));
        c.setOutput(0, c.input(0));
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &x = c.input(0), &y = c.output(0);
        int axis = TRY(normalizeAxis(attrs(c).axis, x.rank()));
        int64_t n = x.dims[axis], inner = 1;
        for (int d = axis + 1; d < x.rank(); ++d) inner *= x.dims[d];
        int64_t outer = n ? x.count() / (n * inner) : 0;
        bool log = attrs(c).log;
        return dispatchFloat(x.dtype, [&]<class T>() -> Status {
            for (int64_t o = 0; o < outer; ++o)
                for (int64_t i = 0; i < inner; ++i) {
                    const T* in = x.as<T>() + o * n * inner + i;
                    T* out = y.as<T>() + o * n * inner + i;
                    double peak = in[0], sum = 0;
                    for (int64_t k = 1; k < n; ++k) peak = std::max<double>(peak, in[k * inner]);
                    for (int64_t k = 0; k < n; ++k) sum += std::exp(in[k * inner] - peak);
                    for (int64_t k = 0; k < n; ++k) {
                        double shifted = in[k * inner] - peak;
                        out[k * inner] = static_cast<float>(log ? shifted - std::log(sum) : std::exp(shifted) / sum);
                    }
                }
            return {};
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        return {
            {.name = "last", .attrs = "axis=-1", .inputs = {{.dims = {3, 17}}}, .reduction = 17},
            {.name = "middle_log",
             .attrs = "axis=1 log=true",
             .inputs = {{.dims = {2, 5, 7}, .low = -9, .high = 9}},
             .reduction = 5},
            {.name = "f16", .attrs = "axis=0", .inputs = {{.dtype = DType::kHalf, .dims = {64}}}, .reduction = 64},
            {.name = "empty", .attrs = "axis=1", .inputs = {{.dims = {0, 4}}}},
        };
    }
};

}  // namespace

LATHE_OP(softmax, SoftmaxOp)

}  // namespace lathe::ops
