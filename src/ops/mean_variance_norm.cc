// SPDX-License-Identifier: Apache-2.0
#include "ops/mean_variance_norm.h"

#include "ops/norm_reference.h"

namespace lathe::ops {
namespace {

class MeanVarianceNormOp final : public ir::OpWith<MeanVarianceNormAttrs> {
  public:
    constexpr MeanVarianceNormOp() : OpWith("mean_variance_norm", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        TRY(requireFloat(c, 0));
        TRY(normalizeAxes(attrs(c).axes, c.rank(0)));
        c.setOutput(0, c.input(0));
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor& x = c.input(0);
        std::vector<bool> reduced(x.dims.size(), false);
        for (int d : TRY(normalizeAxes(attrs(c).axes, x.rank()))) reduced[d] = true;
        std::vector<double> values = readDoubles(x);
        standardize(values, x.dims, reduced, [](double variance) { return 1 / (std::sqrt(variance) + 1e-9); });
        writeDoubles(c.output(0), values);
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        return {
            {.name = "images", .attrs = "", .inputs = {{.dims = {3, 4, 5, 6}}}, .reduction = 90},
            {.name = "last", .attrs = "axes=[-1]", .inputs = {{.dims = {5, 23}}}, .reduction = 23},
            {.name = "f16",
             .attrs = "axes=[0, 1]",
             .inputs = {{.dtype = DType::kHalf, .dims = {6, 5, 3}}},
             .reduction = 30},
            {.name = "bf16", .attrs = "axes=[1]", .inputs = {{.dtype = DType::kBf16, .dims = {3, 9}}}, .reduction = 9},
            {.name = "empty", .attrs = "axes=[1]", .inputs = {{.dims = {0, 9}}}},
        };
    }
};

}  // namespace

LATHE_OP(mean_variance_norm, MeanVarianceNormOp)

}  // namespace lathe::ops
