// SPDX-License-Identifier: Apache-2.0
#include "ops/hardmax.h"

#include "ops/common.h"

namespace lathe::ops {
namespace {

class HardmaxOp final : public ir::OpWith<HardmaxAttrs> {
  public:
    constexpr HardmaxOp() : OpWith("hardmax", kNone) {}

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
        int64_t outer = n > 0 && inner > 0 ? x.count() / (n * inner) : 0;
        return dispatchFloat(x.dtype, [&]<class T>() -> Status {
            for (int64_t o = 0; o < outer; ++o)
                for (int64_t i = 0; i < inner; ++i) {
                    const T* in = x.as<T>() + o * n * inner + i;
                    T* out = y.as<T>() + o * n * inner + i;
                    int64_t best = 0;
                    for (int64_t k = 1; k < n; ++k) {
                        float v = in[k * inner], peak = in[best * inner];
                        if (v > peak || (std::isnan(v) && !std::isnan(peak))) best = k;
                    }
                    for (int64_t k = 0; k < n; ++k) out[k * inner] = k == best ? 1.0f : 0.0f;
                }
            return {};
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        return {
            {.name = "last", .attrs = "", .inputs = {{.dims = {4, 19}}}},
            {.name = "middle", .attrs = "axis=1", .inputs = {{.dims = {2, 7, 5}}}},
            {.name = "f16", .attrs = "axis=0", .inputs = {{.dtype = DType::kHalf, .dims = {33, 2}}}},
            {.name = "bf16", .attrs = "", .inputs = {{.dtype = DType::kBf16, .dims = {3, 9}}}},
            {.name = "empty", .attrs = "", .inputs = {{.dims = {0, 4}}}},
        };
    }
};

}  // namespace

LATHE_OP(hardmax, HardmaxOp)

}  // namespace lathe::ops
