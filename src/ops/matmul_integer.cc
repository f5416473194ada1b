// SPDX-License-Identifier: Apache-2.0
#include "ops/matmul_integer.h"

#include "ops/quantized_product.h"

namespace lathe::ops {
namespace {

class MatmulIntegerOp final : public ir::OpWith<MatmulIntegerAttrs> {
  public:
    constexpr MatmulIntegerOp() : OpWith("matmul_integer", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 2));
        c.setOutput(0, {DType::kInt32, TRY(quantizedProductShape(c, 0, 1, 2, 3))});
        return {};
    }

    Status reference(RefContext& c) const override {
        int32_t* y = c.output(0).as<int32_t>();
        // Sums of products of 9 bits are exact in a double.
        quantizedProduct(c, 0, 1, 2, 3, [&](int64_t i, int64_t, int64_t, double sum) {
            y[i] = static_cast<int32_t>(static_cast<int64_t>(sum));
        });
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        ir::SampleInput a{.dtype = DType::kUint8, .dims = {5, 9}, .low = 0, .high = 255};
        ir::SampleInput b{.dtype = DType::kInt8, .dims = {9, 4}, .low = -128, .high = 127};
        return {{.name = "plain", .inputs = {a, b}},
                {.name = "zeros",
                 .inputs = {a,
                            b,
                            {.dtype = DType::kUint8, .dims = {5}, .low = 0, .high = 9},
                            {.dtype = DType::kInt8, .dims = {4}, .low = -9, .high = 9}}}};
    }
};

}  // namespace

LATHE_OP(matmul_integer, MatmulIntegerOp)

}  // namespace lathe::ops
