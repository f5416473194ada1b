// SPDX-License-Identifier: Apache-2.0
#include "ops/dequantize_linear.h"

#include "ops/move.h"
#include "ops/narrow.h"
#include "ops/scales.h"

namespace lathe::ops {
namespace {

class DequantizeLinearOp final : public ir::OpWith<DequantizeLinearAttrs> {
  public:
    constexpr DequantizeLinearOp() : OpWith("dequantize_linear", kNone) {}

    Status infer(InferContext& c) const override {
        using enum DType;
        TRY(requireInputs(c, 2));
        TRY(requireType(c, 0, {kInt8, kUint8, kInt32, kInt4, kFp8, kFp4}));
        const DequantizeLinearAttrs& a = attrs(c);
        if (a.outputDtype != kFloat && a.outputDtype != kHalf && a.outputDtype != kBf16)
            return invalidArgument("dequantization to {}; expected one of f32, f16, bf16", toString(a.outputDtype));
        TRY(requireScales(c, a.axis, a.blockSize, c.dtype(0)));
        c.setOutput(0, {a.outputDtype, c.shape(0)});
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &x = c.input(0), &scale = c.input(1), &y = c.output(0);
        ScaleIndex index = TRY(ScaleIndex::make(x.dims, scale.dims, attrs(c).axis, attrs(c).blockSize));
        return dispatchFloat(y.dtype, [&]<class T>() -> Status {
            for (int64_t i = 0; i < x.count(); ++i) {
                int64_t s = index(i);
                double v = loadNumber(x.dtype, x.data, i);
                if (c.has(2)) v -= loadNumber(x.dtype, c.input(2).data, s);
                y.as<T>()[i] = static_cast<float>(v * loadFloating(scale.dtype, scale.data, s));
            }
            return {};
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        auto x = [](DType t, Dims dims) {
            return ir::SampleInput{
                .dtype = t, .dims = std::move(dims), .low = t == DType::kUint8 ? 0. : -100., .high = 100};
        };
        auto scale = [](Dims dims) { return ir::SampleInput{.dims = std::move(dims), .low = 0.01, .high = 0.1}; };
        return {
            {.name = "tensor", .inputs = {x(DType::kInt8, {2, 3, 4, 5}), scale({})}},
            {.name = "channels_u8",
             .attrs = "axis=1",
             .inputs = {x(DType::kUint8, {2, 3, 4, 5}), scale({3}), x(DType::kUint8, {3})}},
            {.name = "rows_f16",
             .attrs = "axis=0 output_dtype=f16",
             .inputs = {x(DType::kInt8, {4, 9}), {.dtype = DType::kHalf, .dims = {4}, .low = 0.01, .high = 0.1}}},
            {.name = "blocks",
             .attrs = "axis=0 block_size=2",
             .inputs = {x(DType::kInt8, {5, 3}), scale({3, 3}), x(DType::kInt8, {3, 3})}},
            {.name = "i32", .inputs = {x(DType::kInt32, {33}), scale({1})}},
            {.name = "f8_bf16", .attrs = "output_dtype=bf16", .inputs = {x(DType::kFp8, {33}), scale({})}},
            {.name = "empty", .inputs = {x(DType::kInt8, {0, 3}), scale({3})}},
        };
    }
};

}  // namespace

LATHE_OP(dequantize_linear, DequantizeLinearOp)

}  // namespace lathe::ops
