// SPDX-License-Identifier: Apache-2.0
#include "ops/qlinear_matmul.h"

#include "ops/quantized_product.h"

namespace lathe::ops {
namespace {

class QlinearMatmulOp final : public ir::OpWith<QlinearMatmulAttrs> {
    enum { kA, kAScale, kAZero, kB, kBScale, kBZero, kYScale, kYZero };  // inputs

  public:
    constexpr QlinearMatmulOp() : OpWith("qlinear_matmul", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 8));
        Shape out = TRY(quantizedProductShape(c, kA, kB, kAZero, kBZero));
        const Shape &a = c.shape(kA), &b = c.shape(kB);
        for (int i : {kAScale, kBScale, kYScale}) TRY(requireFloat(c, i));
        TRY(requireOneOrEach(c, kAScale, a.size() > 1 ? a[a.size() - 2] : Dim(1), "for each row"));
        TRY(requireOneOrEach(c, kBScale, b.size() > 1 ? b.back() : Dim(1), "for each column"));
        TRY(requireByte(c, kYZero));
        for (int i : {kYScale, kYZero}) TRY(requireOneOrEach(c, i, 1, "for the tensor"));
        c.setOutput(0, {c.dtype(kYZero), std::move(out)});
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor& y = c.output(0);
        const auto yScale = static_cast<float>(oneOrEach(c, kYScale, 0, 1));
        const double yZero = oneOrEach(c, kYZero, 0, 0);
        quantizedProduct(c, kA, kB, kAZero, kBZero, [&](int64_t i, int64_t row, int64_t column, double sum) {
            float scale = static_cast<float>(oneOrEach(c, kAScale, row, 1)) *
                          static_cast<float>(oneOrEach(c, kBScale, column, 1)) / yScale;
            double q = requantized(sum, scale, yZero, y.dtype);
            writeDoubles(y, i, 1, &q);
        });
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        auto one = [](double value) { return ir::SampleInput{.dims = {}, .values = {value}}; };
        ir::SampleInput zero{.dtype = DType::kUint8, .dims = {}, .low = 0, .high = 9};
        return {{.name = "u8",
                 .inputs = {{.dtype = DType::kUint8, .dims = {2, 5, 9}, .low = 0, .high = 255},
                            one(0.5),
                            zero,
                            {.dtype = DType::kUint8, .dims = {9, 4}, .low = 0, .high = 255},
                            one(0.25),
                            zero,
                            one(256),
                            zero}}};
    }
};

}  // namespace

LATHE_OP(qlinear_matmul, QlinearMatmulOp)

}  // namespace lathe::ops
