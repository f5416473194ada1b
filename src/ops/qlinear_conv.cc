// SPDX-License-Identifier: Apache-2.0
#include "ops/qlinear_conv.h"

#include "ops/conv_reference.h"
#include "ops/requantize.h"

namespace lathe::ops {
namespace {

class QlinearConvOp final : public ir::OpWith<QlinearConvAttrs> {
    enum { kX, kXScale, kXZero, kW, kWScale, kWZero, kYScale, kYZero, kBias };  // inputs

  public:
    constexpr QlinearConvOp() : OpWith("qlinear_conv", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 8));
        for (int i : {kX, kW, kYZero}) TRY(requireByte(c, i));
        TRY(requireSameType(c, kX, kXZero));
        TRY(requireSameType(c, kW, kWZero));
        Shape out = TRY(convShape(c, kX, kW, attrs(c), attrs(c).group));
        for (int i : {kXScale, kWScale, kYScale}) TRY(requireType(c, i, {DType::kFloat}));
        for (int i : {kXScale, kXZero, kYScale, kYZero}) TRY(requireOneOrEach(c, i, 1, "for the tensor"));
        for (int i : {kWScale, kWZero}) TRY(requireOneOrEach(c, i, out[1], "for each output channel"));
        if (c.has(kBias)) {
            TRY(requireType(c, kBias, {DType::kInt32}));
            TRY(requireRank(c, kBias, 1));
            TRY(requireExtent(c.shape(kBias)[0], out[1], "the bias's length"));
        }
        c.setOutput(0, {c.dtype(kYZero), std::move(out)});
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor& y = c.output(0);
        const Dims& wDims = c.input(kW).dims;
        std::vector<double> w = readDoubles(c.input(kW)), bias(wDims[0], 0.0), out;
        if (c.has(kBias)) bias = readDoubles(c.input(kBias));
        const int64_t each = wDims[0] ? static_cast<int64_t>(w.size()) / wDims[0] : 0;
        for (int64_t i = 0; i < static_cast<int64_t>(w.size()); ++i) w[i] -= oneOrEach(c, kWZero, i / each, 0);
        const auto xScale = static_cast<float>(oneOrEach(c, kXScale, 0, 1)),
                   yScale = static_cast<float>(oneOrEach(c, kYScale, 0, 1));
        const double yZero = oneOrEach(c, kYZero, 0, 0);
        int64_t size = 1;
        for (int d = 2; d < y.rank(); ++d) size *= y.dims[d];
        return convolve(c.input(kX), oneOrEach(c, kXZero, 0, 0), w, wDims, attrs(c), attrs(c).group,
                        [&](int64_t image, int64_t channel, int64_t first, int64_t count, const double* sums) {
                            const auto wScale = static_cast<float>(oneOrEach(c, kWScale, channel, 1));
                            out.assign(sums, sums + count);
                            for (double& s : out)
                                s = requantized(s + bias[channel], xScale * wScale / yScale, yZero, y.dtype);
                            writeDoubles(y, (image * y.dims[1] + channel) * size + first, count, out.data());
                        });
    }

    std::vector<ir::SampleCase> samples() const override {
        auto bytes = [](DType t, Dims dims) {
            return ir::SampleInput{.dtype = t,
                                   .dims = std::move(dims),
                                   .low = t == DType::kInt8 ? -128. : 0.,
                                   .high = t == DType::kInt8 ? 127. : 255.};
        };
        auto scale = [](Dims dims, double value) {
            return ir::SampleInput{.dims = dims, .values = std::vector<double>(ir::volume(dims), value)};
        };
        return {{.name = "u8",
                 .attrs = "pads=[1, 1, 1, 1]",
                 .inputs = {bytes(DType::kUint8, {1, 2, 5, 6}),
                            scale({}, 0.5),
                            bytes(DType::kUint8, {}),
                            bytes(DType::kInt8, {3, 2, 3, 3}),
                            scale({3}, 0.25),
                            bytes(DType::kInt8, {3}),
                            scale({}, 64),
                            bytes(DType::kUint8, {}),
                            {.dtype = DType::kInt32, .dims = {3}, .low = -1000, .high = 1000}}}};
    }
};

}  // namespace

LATHE_OP(qlinear_conv, QlinearConvOp)

}  // namespace lathe::ops
