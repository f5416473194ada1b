// SPDX-License-Identifier: Apache-2.0
#include "ops/gemm.h"

#include "ops/matmul_reference.h"

namespace lathe::ops {
namespace {

class GemmOp final : public ir::OpWith<GemmAttrs> {
  public:
    constexpr GemmOp() : OpWith("gemm", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 2));
        TRY(requireFloat(c, 0));
        TRY(requireSameType(c, 0, 1));
        TRY(requireRank(c, 0, 2));
        TRY(requireRank(c, 1, 2));
        Shape out = TRY(matmulShape(c.shape(0), c.shape(1), attrs(c).transA, attrs(c).transB));
        if (c.has(2)) {
            TRY(requireSameType(c, 0, 2));
            TRY(requireBroadcastTo(c, 2, out));
        }
        c.setOutput(0, {c.dtype(0), std::move(out)});
        return {};
    }

    Status reference(RefContext& c) const override {
        const GemmAttrs& at = attrs(c);
        const Tensor &a = c.input(0), &b = c.input(1), &y = c.output(0);
        MatmulBatches s = matmulBatches(a.dims, b.dims, at.transA, at.transB);
        std::vector<double> add, line;
        Dims strides(2, 0);
        if (c.has(2)) {
            add = readDoubles(c.input(2));
            strides = broadcastStrides(c.input(2).dims, y.dims);
        }
        BlockProduct<double> p;
        p.readA = [&](int64_t row, int64_t rows, double* out) {
            readBlock(a, 0, at.transA, a.dims[1], row, rows, 0, s.k, out);
        };
        p.readB = [&](int64_t column, int64_t columns, double* out) {
            readBlock(b, 0, at.transB, b.dims[1], 0, s.k, column, columns, out);
        };
        p.store = [&](int64_t row, int64_t rows, int64_t column, int64_t columns, const double* sums) {
            line.resize(columns);
            for (int64_t r = 0; r < rows; ++r) {
                for (int64_t k = 0; k < columns; ++k) {
                    line[k] = at.alpha * sums[r * columns + k];
                    if (!add.empty()) line[k] += at.beta * add[(row + r) * strides[0] + (column + k) * strides[1]];
                }
                writeDoubles(y, (row + r) * s.n + column, columns, line.data());
            }
        };
        p.run(s.m, s.n, s.k);
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        constexpr DType kHalf = DType::kHalf, kBf16 = DType::kBf16;
        return {
            {.name = "plain", .attrs = "", .inputs = {{.dims = {7, 19}}, {.dims = {19, 13}}}, .reduction = 19},
            {.name = "linear",
             .attrs = "trans_b=true",
             .inputs = {{.dims = {5, 64}}, {.dims = {30, 64}, .constant = true}, {.dims = {30}, .constant = true}},
             .reduction = 64},
            {.name = "trans_a",
             .attrs = "trans_a=true alpha=0.5 beta=2",
             .inputs = {{.dims = {21, 6}}, {.dims = {21, 9}}, {.dims = {6, 1}}},
             .reduction = 21},
            {.name = "both_full_c",
             .attrs = "trans_a=true trans_b=true beta=-1",
             .inputs = {{.dims = {8, 3}}, {.dims = {5, 8}}, {.dims = {3, 5}}},
             .reduction = 8},
            {.name = "scalar_c",
             .attrs = "",
             .inputs = {{.dims = {4, 10}}, {.dims = {10, 17}}, {.dims = {}}},
             .reduction = 10},
            {.name = "f16",
             .attrs = "trans_b=true",
             .inputs = {{.dtype = kHalf, .dims = {9, 40}},
                        {.dtype = kHalf, .dims = {16, 40}},
                        {.dtype = kHalf, .dims = {1, 16}}},
             .reduction = 40},
            {.name = "bf16",
             .attrs = "alpha=1.5",
             .inputs = {{.dtype = kBf16, .dims = {9, 24}}, {.dtype = kBf16, .dims = {24, 8}}},
             .reduction = 24},
            {.name = "empty_sum", .attrs = "", .inputs = {{.dims = {3, 0}}, {.dims = {0, 2}}, {.dims = {2}}}},
            {.name = "empty", .attrs = "", .inputs = {{.dims = {0, 4}}, {.dims = {4, 2}}, {.dims = {2}}}},
        };
    }
};

}  // namespace

LATHE_OP(gemm, GemmOp)

}  // namespace lathe::ops
