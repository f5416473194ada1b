// SPDX-License-Identifier: Apache-2.0
#include "ops/quantize_linear.h"

#include "ops/move.h"
#include "ops/narrow.h"
#include "ops/scalar_math.h"
#include "ops/scales.h"

namespace lathe::ops {
namespace {

class QuantizeLinearOp final : public ir::OpWith<QuantizeLinearAttrs> {
  public:
    constexpr QuantizeLinearOp() : OpWith("quantize_linear", kNone) {}

    Status infer(InferContext& c) const override {
        using enum DType;
        TRY(requireInputs(c, 2));
        TRY(requireType(c, 0, {kFloat, kHalf, kBf16, kInt32}));
        const QuantizeLinearAttrs& a = attrs(c);
        if (a.outputDtype != kInt8 && a.outputDtype != kUint8 && a.outputDtype != kInt4 && a.outputDtype != kFp8 &&
            a.outputDtype != kFp4)
            return invalidArgument("quantization to {}; expected one of i8, u8, i4, f8e4m3, f4e2m1",
                                   toString(a.outputDtype));
        TRY(requireScales(c, a.axis, a.blockSize, a.outputDtype));
        c.setOutput(0, {a.outputDtype, c.shape(0)});
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &x = c.input(0), &scale = c.input(1), &y = c.output(0);
        const QuantizeLinearAttrs& a = attrs(c);
        ScaleIndex index = TRY(ScaleIndex::make(x.dims, scale.dims, a.axis, a.blockSize));
        if (c.has(2) && isFloating(y.dtype))
            for (int64_t i = 0; i < c.input(2).count(); ++i)
                if (loadFloating(y.dtype, c.input(2).data, i) != 0)
                    return invalidArgument("a zero point other than 0 for the type {}", toString(y.dtype));
        if (y.byteSize()) std::memset(y.data, 0, y.byteSize());  // the last byte may hold one element only
        for (int64_t i = 0; i < x.count(); ++i) {
            int64_t s = index(i);
            auto v = static_cast<float>(loadNumber(x.dtype, x.data, i));
            float quotient = v / static_cast<float>(loadFloating(scale.dtype, scale.data, s));
            int64_t zero = c.has(2) && !isFloating(y.dtype) ? loadInteger(y.dtype, c.input(2).data, s) : 0;
            auto rounded = [&](int64_t low, int64_t high) {
                // Far inside int64, so that adding the zero point cannot overflow.
                double q =
                    std::clamp(std::isnan(quotient) ? 0. : std::nearbyint(static_cast<double>(quotient)), -1e9, 1e9);
                return std::clamp(static_cast<int64_t>(q) + zero, low, high);
            };
            switch (y.dtype) {
                case DType::kInt8: y.as<int8_t>()[i] = static_cast<int8_t>(rounded(-128, 127)); break;
                case DType::kUint8: y.as<uint8_t>()[i] = static_cast<uint8_t>(rounded(0, 255)); break;
                case DType::kInt4: storeInt4(y.data, i, rounded(-8, 7)); break;
                case DType::kFp4: storeFp4(y.data, i, quotient); break;
                default: y.as<Fp8>()[i] = a.saturate ? Fp8(quotient) : fp8WithoutSaturation(quotient);
            }
        }
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        ir::SampleInput x{.dims = {2, 3, 4, 5}, .low = -3, .high = 3};
        auto scale = [](Dims dims) { return ir::SampleInput{.dims = std::move(dims), .low = 0.01, .high = 0.1}; };
        auto zero = [](DType t, Dims dims) {
            return ir::SampleInput{.dtype = t, .dims = std::move(dims), .low = 0, .high = 9};
        };
        return {
            {.name = "tensor", .inputs = {x, scale({})}},
            {.name = "tensor_u8", .attrs = "output_dtype=u8", .inputs = {x, scale({1}), zero(DType::kUint8, {1})}},
            {.name = "channels", .attrs = "axis=1", .inputs = {x, scale({3}), zero(DType::kInt8, {3})}},
            {.name = "last_f16",
             .attrs = "axis=-1",
             .inputs = {{.dtype = DType::kHalf, .dims = {3, 8}},
                        {.dtype = DType::kHalf, .dims = {8}, .low = 0.01, .high = 0.1}}},
            {.name = "blocks", .attrs = "axis=1 block_size=4", .inputs = {{.dims = {3, 10}}, scale({3, 3})}},
            {.name = "f8", .attrs = "output_dtype=f8e4m3", .inputs = {x, scale({})}},
            {.name = "i32",
             .inputs = {{.dtype = DType::kInt32, .dims = {33}, .low = -500, .high = 500},
                        {.dims = {}, .values = {2.5}}}},
            {.name = "empty", .inputs = {{.dims = {0, 3}}, scale({3})}},
        };
    }
};

}  // namespace

LATHE_OP(quantize_linear, QuantizeLinearOp)

}  // namespace lathe::ops
