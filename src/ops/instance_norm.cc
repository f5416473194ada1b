// SPDX-License-Identifier: Apache-2.0
#include "ops/instance_norm.h"

#include "ops/norm_reference.h"

namespace lathe::ops {
namespace {

class InstanceNormOp final : public ir::OpWith<InstanceNormAttrs> {
  public:
    constexpr InstanceNormOp() : OpWith("instance_norm", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 3));
        TRY(requireFloat(c, 0));
        if (c.rank(0) < 3)
            return invalidArgument("input 0 has the shape {}; expected N, C and spatial axes",
                                   ir::toString(c.shape(0)));
        for (int i = 1; i < 3; ++i) {
            TRY(requireSameType(c, 0, i));
            TRY(requireRank(c, i, 1));
            TRY_IN(fmt::format("input {}", i), requireExtent(c.shape(i)[0], c.shape(0)[1], "the length"));
        }
        c.setOutput(0, c.input(0));
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor& x = c.input(0);
        auto scale = readDoubles(c.input(1)), bias = readDoubles(c.input(2));
        int64_t channels = x.dims[1], size = 1;
        for (int d = 2; d < x.rank(); ++d) size *= x.dims[d];
        std::vector<double> line(size);
        for (int64_t plane = 0; plane < x.dims[0] * channels; ++plane) {
            readDoubles(x, plane * size, size, line.data());
            Moments m = momentsOf(line);
            double factor = scale[plane % channels] / std::sqrt(m.variance + attrs(c).epsilon);
            for (double& v : line) v = (v - m.mean) * factor + bias[plane % channels];
            writeDoubles(c.output(0), plane * size, size, line.data());
        }
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        constexpr DType kHalf = DType::kHalf, kBf16 = DType::kBf16;
        return {
            {.name = "2d",
             .attrs = "",
             .inputs = {{.dims = {2, 5, 7, 9}}, {.dims = {5}, .constant = true}, {.dims = {5}, .constant = true}},
             .reduction = 63},
            {.name = "1d",
             .attrs = "epsilon=0.01",
             .inputs = {{.dims = {1, 3, 31}}, {.dims = {3}}, {.dims = {3}}},
             .reduction = 31},
            {.name = "3d_f16",
             .attrs = "",
             .inputs = {{.dtype = kHalf, .dims = {1, 4, 3, 4, 5}},
                        {.dtype = kHalf, .dims = {4}, .constant = true},
                        {.dtype = kHalf, .dims = {4}, .constant = true}},
             .reduction = 60},
            {.name = "bf16",
             .attrs = "",
             .inputs = {{.dtype = kBf16, .dims = {2, 3, 20}},
                        {.dtype = kBf16, .dims = {3}, .constant = true},
                        {.dtype = kBf16, .dims = {3}, .constant = true}},
             .reduction = 20},
            {.name = "empty", .attrs = "", .inputs = {{.dims = {0, 3, 4}}, {.dims = {3}}, {.dims = {3}}}},
        };
    }
};

}  // namespace

LATHE_OP(instance_norm, InstanceNormOp)

}  // namespace lathe::ops
