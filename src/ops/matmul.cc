// SPDX-License-Identifier: Apache-2.0
#include "ops/matmul.h"

#include "ops/matmul_reference.h"

namespace lathe::ops {
namespace {

class MatmulOp final : public ir::OpWith<MatmulAttrs> {
  public:
    constexpr MatmulOp() : OpWith("matmul", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 2));
        TRY(requireType(c, 0, {DType::kFloat, DType::kHalf, DType::kBf16, DType::kInt32, DType::kInt64}));
        TRY(requireSameType(c, 0, 1));
        Shape out = TRY(matmulShape(c.shape(0), c.shape(1), attrs(c).transposeA, attrs(c).transposeB));
        c.setOutput(0, {c.dtype(0), std::move(out)});
        return {};
    }

    Status reference(RefContext& c) const override {
        if (isFloating(c.input(0).dtype))
            multiply<double>(c);
        else
            multiply<uint64_t>(c);
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        constexpr DType kHalf = DType::kHalf, kBf16 = DType::kBf16, kInt32 = DType::kInt32, kInt64 = DType::kInt64;
        return {
            {.name = "2d", .attrs = "", .inputs = {{.dims = {17, 33}}, {.dims = {33, 29}}}, .reduction = 33},
            {.name = "weights",
             .attrs = "",
             .inputs = {{.dims = {2, 9, 64}}, {.dims = {64, 40}, .constant = true}},
             .reduction = 64},
            {.name = "weights_transposed",
             .attrs = "transpose_b=true",
             .inputs = {{.dims = {5, 48}}, {.dims = {31, 48}, .constant = true}},
             .reduction = 48},
            {.name = "batched",
             .attrs = "",
             .inputs = {{.dims = {2, 3, 7, 16}}, {.dims = {2, 3, 16, 11}}},
             .reduction = 16},
            {.name = "scores",
             .attrs = "transpose_b=true",
             .inputs = {{.dims = {2, 4, 13, 24}}, {.dims = {2, 4, 15, 24}}},
             .reduction = 24},
            {.name = "transpose_a",
             .attrs = "transpose_a=true",
             .inputs = {{.dims = {2, 21, 6}}, {.dims = {2, 21, 10}}},
             .reduction = 21},
            {.name = "broadcast",
             .attrs = "transpose_a=true transpose_b=true",
             .inputs = {{.dims = {3, 1, 8, 5}}, {.dims = {2, 9, 8}}},
             .reduction = 8},
            {.name = "row", .attrs = "", .inputs = {{.dims = {19}}, {.dims = {2, 19, 7}}}, .reduction = 19},
            {.name = "column", .attrs = "", .inputs = {{.dims = {3, 6, 12}}, {.dims = {12}}}, .reduction = 12},
            {.name = "dot", .attrs = "", .inputs = {{.dims = {100}}, {.dims = {100}}}, .reduction = 100},
            {.name = "f16",
             .attrs = "",
             .inputs = {{.dtype = kHalf, .dims = {24, 72}}, {.dtype = kHalf, .dims = {72, 40}, .constant = true}},
             .reduction = 72},
            {.name = "bf16",
             .attrs = "transpose_b=true",
             .inputs = {{.dtype = kBf16, .dims = {2, 9, 33}}, {.dtype = kBf16, .dims = {2, 8, 33}}},
             .reduction = 33},
            {.name = "i32",
             .attrs = "",
             .inputs = {{.dtype = kInt32, .dims = {5, 9}, .low = -1000, .high = 1000},
                        {.dtype = kInt32, .dims = {9, 4}, .low = -1000, .high = 1000}}},
            {.name = "i64",
             .attrs = "transpose_b=true",
             .inputs = {{.dtype = kInt64, .dims = {2, 5, 9}, .low = -9e9, .high = 9e9},
                        {.dtype = kInt64, .dims = {4, 9}, .low = -9, .high = 9}}},
            {.name = "empty_sum", .attrs = "", .inputs = {{.dims = {3, 0}}, {.dims = {0, 4}}}},
            {.name = "empty", .attrs = "", .inputs = {{.dims = {0, 5, 3}}, {.dims = {3, 4}}}},
        };
    }

  private:
    template <class Cell>
    static void multiply(RefContext& c) {
        const Tensor &a = c.input(0), &b = c.input(1), &y = c.output(0);
        bool ta = attrs(c).transposeA, tb = attrs(c).transposeB;
        MatmulBatches s = matmulBatches(a.dims, b.dims, ta, tb);
        for (size_t i = 0; i < s.aOffset.size(); ++i) {
            BlockProduct<Cell> p;
            p.readA = [&](int64_t row, int64_t rows, Cell* out) {
                readBlock(a, s.aOffset[i], ta, ta ? s.m : s.k, row, rows, 0, s.k, out);
            };
            p.readB = [&](int64_t column, int64_t columns, Cell* out) {
                readBlock(b, s.bOffset[i], tb, tb ? s.k : s.n, 0, s.k, column, columns, out);
            };
            p.store = [&](int64_t row, int64_t rows, int64_t column, int64_t columns, const Cell* sums) {
                for (int64_t r = 0; r < rows; ++r) {
                    int64_t at = (static_cast<int64_t>(i) * s.m + row + r) * s.n + column;
                    if constexpr (std::is_same_v<Cell, double>) {
                        writeDoubles(y, at, columns, sums + r * columns);
                    } else if (y.dtype == DType::kInt32) {
                        for (int64_t k = 0; k < columns; ++k)
                            y.as<int32_t>()[at + k] = static_cast<int32_t>(sums[r * columns + k]);
                    } else {
                        for (int64_t k = 0; k < columns; ++k)
                            y.as<int64_t>()[at + k] = static_cast<int64_t>(sums[r * columns + k]);
                    }
                }
            };
            p.run(s.m, s.n, s.k);
        }
    }
};

}  // namespace

LATHE_OP(matmul, MatmulOp)

}  // namespace lathe::ops
