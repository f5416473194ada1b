// SPDX-License-Identifier: Apache-2.0
#include "ops/conv_integer.h"

#include "ops/conv_reference.h"
#include "ops/requantize.h"

namespace lathe::ops {
namespace {

class ConvIntegerOp final : public ir::OpWith<ConvIntegerAttrs> {
  public:
    constexpr ConvIntegerOp() : OpWith("conv_integer", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 2));
        TRY(requireByte(c, 0));
        TRY(requireByte(c, 1));
        Shape out = TRY(convShape(c, 0, 1, attrs(c), attrs(c).group));
        if (c.has(2)) {
            TRY(requireSameType(c, 0, 2));
            TRY(requireOneOrEach(c, 2, 1, "for the tensor"));
        }
        if (c.has(3)) {
            TRY(requireSameType(c, 1, 3));
            TRY(requireOneOrEach(c, 3, out[1], "for each output channel"));
        }
        c.setOutput(0, {DType::kInt32, std::move(out)});
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor& y = c.output(0);
        const Dims& wDims = c.input(1).dims;
        std::vector<double> w = readDoubles(c.input(1));
        const int64_t each = wDims[0] ? static_cast<int64_t>(w.size()) / wDims[0] : 0;
        for (int64_t i = 0; i < static_cast<int64_t>(w.size()); ++i) w[i] -= oneOrEach(c, 3, i / each, 0);
        int64_t size = 1;
        for (int d = 2; d < y.rank(); ++d) size *= y.dims[d];
        return convolve(c.input(0), oneOrEach(c, 2, 0, 0), w, wDims, attrs(c), attrs(c).group,
                        [&](int64_t image, int64_t channel, int64_t first, int64_t count, const double* sums) {
                            int32_t* out = y.as<int32_t>() + (image * y.dims[1] + channel) * size + first;
                            // Sums of products of 9 bits are exact in a double.
                            for (int64_t i = 0; i < count; ++i)
                                out[i] = static_cast<int32_t>(static_cast<int64_t>(sums[i]));
                        });
    }

    std::vector<ir::SampleCase> samples() const override {
        auto bytes = [](DType t, Dims dims) {
            return ir::SampleInput{.dtype = t,
                                   .dims = std::move(dims),
                                   .low = t == DType::kInt8 ? -128. : 0.,
                                   .high = t == DType::kInt8 ? 127. : 255.};
        };
        return {
            {.name = "u8",
             .attrs = "pads=[1, 1, 1, 1]",
             .inputs = {bytes(DType::kUint8, {2, 3, 5, 6}), bytes(DType::kUint8, {4, 3, 3, 3}),
                        bytes(DType::kUint8, {}), bytes(DType::kUint8, {4})}},
            {.name = "grouped",
             .attrs = "group=2 strides=[2]",
             .inputs = {bytes(DType::kUint8, {1, 4, 9}), bytes(DType::kInt8, {6, 2, 3})}},
        };
    }
};

}  // namespace

LATHE_OP(conv_integer, ConvIntegerOp)

}  // namespace lathe::ops
