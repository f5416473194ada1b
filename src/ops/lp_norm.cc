// SPDX-License-Identifier: Apache-2.0
#include "ops/lp_norm.h"

#include "ops/common.h"

namespace lathe::ops {
namespace {

class LpNormOp final : public ir::OpWith<LpNormAttrs> {
  public:
    constexpr LpNormOp() : OpWith("lp_norm", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        TRY(requireFloat(c, 0));
        TRY(normalizeAxis(attrs(c).axis, c.rank(0)));
        if (attrs(c).p != 1 && attrs(c).p != 2) return invalidArgument("p is {}; expected 1 or 2", attrs(c).p);
        c.setOutput(0, c.input(0));
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &x = c.input(0), &y = c.output(0);
        int axis = TRY(normalizeAxis(attrs(c).axis, x.rank()));
        int64_t n = x.dims[axis], inner = 1;
        for (int d = axis + 1; d < x.rank(); ++d) inner *= x.dims[d];
        int64_t outer = n > 0 && inner > 0 ? x.count() / (n * inner) : 0;
        bool squares = attrs(c).p == 2;
        return dispatchFloat(x.dtype, [&]<class T>() -> Status {
            for (int64_t o = 0; o < outer; ++o)
                for (int64_t i = 0; i < inner; ++i) {
                    const T* in = x.as<T>() + o * n * inner + i;
                    T* out = y.as<T>() + o * n * inner + i;
                    double sum = 0;
                    for (int64_t k = 0; k < n; ++k) {
                        double v = in[k * inner];
                        sum += squares ? v * v : std::abs(v);
                    }
                    double norm = squares ? std::sqrt(sum) : sum;
                    for (int64_t k = 0; k < n; ++k)
                        out[k * inner] =
                            norm == 0 ? 0.0f : static_cast<float>(static_cast<double>(in[k * inner]) / norm);
                }
            return {};
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        return {
            {.name = "l2_last", .attrs = "", .inputs = {{.dims = {3, 37}}}, .reduction = 37},
            {.name = "l1_middle", .attrs = "axis=1 p=1", .inputs = {{.dims = {2, 9, 5}}}, .reduction = 9},
            {.name = "f16", .attrs = "axis=0", .inputs = {{.dtype = DType::kHalf, .dims = {16, 3}}}, .reduction = 16},
            {.name = "bf16", .attrs = "p=1", .inputs = {{.dtype = DType::kBf16, .dims = {3, 9}}}, .reduction = 9},
            {.name = "zeros", .attrs = "", .inputs = {{.dims = {2, 3}, .low = 0, .high = 0}}},
            {.name = "empty", .attrs = "", .inputs = {{.dims = {0, 4}}}},
        };
    }
};

}  // namespace

LATHE_OP(lp_norm, LpNormOp)

}  // namespace lathe::ops
