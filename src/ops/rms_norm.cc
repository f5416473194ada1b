// SPDX-License-Identifier: Apache-2.0
#include "ops/rms_norm.h"

#include "ops/norm_reference.h"

namespace lathe::ops {
namespace {

class RmsNormOp final : public ir::OpWith<RmsNormAttrs> {
  public:
    constexpr RmsNormOp() : OpWith("rms_norm", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        TRY(requireFloat(c, 0));
        TRY(normalizeAxis(attrs(c).axis, c.rank(0)));
        if (c.inputCount() > 1 && c.has(1)) {
            TRY(requireSameType(c, 0, 1));
            TRY(requireBroadcastTo(c, 1, c.shape(0)));
        }
        c.setOutput(0, c.input(0));
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor& x = c.input(0);
        int axis = TRY(normalizeAxis(attrs(c).axis, x.rank()));
        int64_t size = 1, groups = 1;
        for (int d = 0; d < x.rank(); ++d) (d < axis ? groups : size) *= x.dims[d];
        Affine affine(c, 1, -1, x.dims);
        std::vector<double> line(size);
        for (int64_t g = 0; g < groups; ++g) {
            readDoubles(x, g * size, size, line.data());
            double sum = 0;
            for (double v : line) sum += v * v;
            double factor = 1 / std::sqrt(sum / static_cast<double>(size) + attrs(c).epsilon);
            for (double& v : line) v *= factor;
            affine.apply(g * size, line);
            writeDoubles(c.output(0), g * size, size, line.data());
        }
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        constexpr DType kHalf = DType::kHalf, kBf16 = DType::kBf16;
        return {
            {.name = "last",
             .attrs = "epsilon=1e-6",
             .inputs = {{.dims = {2, 5, 64}}, {.dims = {64}, .constant = true}},
             .reduction = 64},
            {.name = "odd", .attrs = "", .inputs = {{.dims = {3, 37}}, {.dims = {37}}}, .reduction = 37},
            {.name = "two_axes",
             .attrs = "axis=1",
             .inputs = {{.dims = {3, 5, 7}}, {.dims = {5, 1}, .constant = true}},
             .reduction = 35},
            {.name = "plain", .attrs = "", .inputs = {{.dims = {3, 8}}}, .reduction = 8},
            {.name = "f16",
             .attrs = "",
             .inputs = {{.dtype = kHalf, .dims = {6, 96}}, {.dtype = kHalf, .dims = {96}, .constant = true}},
             .reduction = 96},
            {.name = "bf16",
             .attrs = "",
             .inputs = {{.dtype = kBf16, .dims = {6, 33}}, {.dtype = kBf16, .dims = {33}, .constant = true}},
             .reduction = 33},
            {.name = "empty", .attrs = "", .inputs = {{.dims = {0, 8}}, {.dims = {8}}}},
        };
    }
};

}  // namespace

LATHE_OP(rms_norm, RmsNormOp)

}  // namespace lathe::ops
