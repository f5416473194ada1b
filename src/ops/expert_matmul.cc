// SPDX-License-Identifier: Apache-2.0
#include "ops/expert_matmul.h"

#include <algorithm>

#include "ops/elements.h"

namespace lathe::ops {

ExpertProduct expertProduct(const Dims& x, const Dims& choice, const Dims& w) {
    ExpertProduct p;
    p.rows = ir::volume(choice);
    p.shared = x.size() == choice.size() ? choice.back() : 1;
    p.experts = w[0];
    p.depth = w[1];
    p.width = w[2];
    return p;
}

namespace {

class ExpertMatmulOp final : public ir::OpWith<ExpertMatmulAttrs> {
  public:
    constexpr ExpertMatmulOp() : OpWith("expert_matmul", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 3));
        TRY(requireFloat(c, 0));
        TRY(requireType(c, 1, {DType::kInt32, DType::kInt64}));
        TRY(requireSameType(c, 0, 2));
        TRY(requireRank(c, 2, 3));
        int rank = c.rank(1);
        if (rank < 1) return invalidArgument("the choices are a scalar; expected a list for each token");
        if (c.rank(0) != rank && c.rank(0) != rank + 1)
            return invalidArgument("x has the shape {} where the choices have {}", ir::toString(c.shape(0)),
                                   ir::toString(c.shape(1)));
        const Shape &x = c.shape(0), &choice = c.shape(1), &w = c.shape(2);
        for (int d = 0; d + 1 < c.rank(0) && d < rank; ++d)
            TRY(requireExtent(x[d], choice[d], fmt::format("axis {} of x", d)));
        TRY(requireExtent(w[1], x.back(), "the depth of the weights"));
        if (given(c, 3)) {
            TRY(requireSameType(c, 0, 3));
            TRY(requireRank(c, 3, 2));
            TRY(requireExtent(c.shape(3)[0], w[0], "the number of biases"));
            TRY(requireExtent(c.shape(3)[1], w[2], "the width of the biases"));
        }
        Shape y = choice;
        y.push_back(w[2]);
        c.setOutput(0, {c.dtype(0), std::move(y)});
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &x = c.input(0), &w = c.input(2), &y = c.output(0);
        ExpertProduct p = expertProduct(x.dims, c.input(1).dims, w.dims);
        const std::vector<int64_t> choice = readIntegers(c.input(1));
        return dispatchFloat(x.dtype, [&]<class T>() -> Status {
            std::vector<double> sums(static_cast<size_t>(p.width));
            for (int64_t r = 0; r < p.rows; ++r) {
                std::fill(sums.begin(), sums.end(), 0.);
                if (int64_t e = choice[r]; e >= 0 && e < p.experts) {
                    const T *row = x.as<T>() + r / p.shared * p.depth, *from = w.as<T>() + e * p.depth * p.width;
                    if (c.has(3))
                        for (int64_t n = 0; n < p.width; ++n)
                            sums[n] = static_cast<float>(c.input(3).as<T>()[e * p.width + n]);
                    for (int64_t k = 0; k < p.depth; ++k) {
                        double v = static_cast<float>(row[k]);
                        for (int64_t n = 0; n < p.width; ++n) sums[n] += v * static_cast<float>(from[k * p.width + n]);
                    }
                }
                for (int64_t n = 0; n < p.width; ++n) y.as<T>()[r * p.width + n] = static_cast<float>(sums[n]);
            }
            return {};
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        auto choice = [](Dims dims, double experts, DType t = DType::kInt32) {
            return ir::SampleInput{.dtype = t, .dims = std::move(dims), .low = 0, .high = experts - 1};
        };
        auto of = [](DType t, Dims dims) { return ir::SampleInput{.dtype = t, .dims = std::move(dims)}; };
        return {
            {.name = "shared_rows",
             .inputs = {{.dims = {2, 3, 8}}, choice({2, 3, 2}, 4), {.dims = {4, 8, 5}}},
             .reduction = 8},
            {.name = "own_rows_bias",
             .inputs = {{.dims = {3, 2, 7}}, choice({3, 2}, 3, DType::kInt64), {.dims = {3, 7, 9}}, {.dims = {3, 9}}},
             .reduction = 8},
            {.name = "many_rows",
             .inputs = {{.dims = {150, 33}}, choice({150, 2}, 3), {.dims = {3, 33, 70}}, {.dims = {3, 70}}},
             .reduction = 34},
            {.name = "f16",
             .inputs = {of(DType::kHalf, {5, 16}), choice({5, 2}, 8), of(DType::kHalf, {8, 16, 24})},
             .reduction = 16},
            {.name = "bf16_no_such_expert",
             .inputs = {of(DType::kBf16, {4, 6}),
                        {.dtype = DType::kInt32, .dims = {4, 1}, .values = {0, -1, 2, 1}},
                        of(DType::kBf16, {2, 6, 4})},
             .reduction = 6},
            {.name = "no_tokens", .inputs = {{.dims = {0, 8}}, choice({0, 2}, 4), {.dims = {4, 8, 5}}}},
            {.name = "no_depth",
             .inputs = {{.dims = {2, 0}}, choice({2, 2}, 4), {.dims = {4, 0, 5}}, {.dims = {4, 5}}}},
        };
    }
};

}  // namespace

LATHE_OP(expert_matmul, ExpertMatmulOp)

}  // namespace lathe::ops
