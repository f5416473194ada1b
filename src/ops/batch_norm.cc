// SPDX-License-Identifier: Apache-2.0
#include "ops/batch_norm.h"

#include "ops/reference_math.h"

namespace lathe::ops {
namespace {

class BatchNormOp final : public ir::OpWith<BatchNormAttrs> {
  public:
    constexpr BatchNormOp() : OpWith("batch_norm", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 5));
        for (int i = 0; i < 5; ++i) TRY(requireFloat(c, i));
        TRY(requireSameType(c, 1, 2));
        TRY(requireSameType(c, 3, 4));
        if (c.rank(0) < 2)
            return invalidArgument("input 0 has the shape {}; expected at least N and C", ir::toString(c.shape(0)));
        for (int i = 1; i < 5; ++i) {
            TRY(requireRank(c, i, 1));
            TRY_IN(fmt::format("input {}", i), requireExtent(c.shape(i)[0], c.shape(0)[1], "the length"));
        }
        c.setOutput(0, c.input(0));
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &x = c.input(0), &y = c.output(0);
        auto scale = readDoubles(c.input(1)), bias = readDoubles(c.input(2));
        auto mean = readDoubles(c.input(3)), var = readDoubles(c.input(4));
        int64_t channels = x.dims[1], size = 1;
        for (int d = 2; d < x.rank(); ++d) size *= x.dims[d];
        std::vector<double> line(size);
        for (int64_t plane = 0; plane < x.dims[0] * channels; ++plane) {
            int64_t ch = plane % channels;
            double factor = scale[ch] / std::sqrt(var[ch] + attrs(c).epsilon);
            readDoubles(x, plane * size, size, line.data());
            for (double& v : line) v = (v - mean[ch]) * factor + bias[ch];
            writeDoubles(y, plane * size, size, line.data());
        }
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        constexpr DType kHalf = DType::kHalf, kBf16 = DType::kBf16;
        auto with = [](ir::SampleInput x, int64_t channels, DType scale, DType stats) -> std::vector<ir::SampleInput> {
            return {std::move(x),
                    {.dtype = scale, .dims = {channels}, .constant = true},
                    {.dtype = scale, .dims = {channels}, .constant = true},
                    {.dtype = stats, .dims = {channels}, .constant = true},
                    {.dtype = stats, .dims = {channels}, .constant = true, .low = 0.1, .high = 2}};
        };
        constexpr DType kFloat = DType::kFloat;
        return {
            {.name = "2d", .attrs = "", .inputs = with({.dims = {2, 19, 7, 5}}, 19, kFloat, kFloat)},
            {.name = "flat", .attrs = "epsilon=0.001", .inputs = with({.dims = {5, 33}}, 33, kFloat, kFloat)},
            {.name = "3d_f16",
             .attrs = "",
             .inputs = with({.dtype = kHalf, .dims = {1, 8, 3, 4, 5}}, 8, kHalf, kFloat)},
            {.name = "bf16", .attrs = "", .inputs = with({.dtype = kBf16, .dims = {2, 6, 11}}, 6, kBf16, kBf16)},
            {.name = "empty", .attrs = "", .inputs = with({.dims = {0, 3, 4}}, 3, kFloat, kFloat)},
        };
    }
};

}  // namespace

LATHE_OP(batch_norm, BatchNormOp)

}  // namespace lathe::ops
