// SPDX-License-Identifier: Apache-2.0
#include "ops/scatter_nd.h"

#include "ops/move.h"
#include "ops/position.h"

namespace lathe::ops {
namespace {

class ScatterNdOp final : public ir::OpWith<ScatterNdAttrs> {
  public:
    constexpr ScatterNdOp() : OpWith("scatter_nd", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 3));
        TRY(requireScatterType(c, attrs(c).reduction));
        int k = TRY(coordinateCount(c, 0, 1));
        Shape expected(c.shape(1).begin(), c.shape(1).end() - 1);
        expected.insert(expected.end(), c.shape(0).begin() + k, c.shape(0).end());
        TRY(requireRank(c, 2, static_cast<int>(expected.size())));
        for (size_t d = 0; d < expected.size(); ++d)
            TRY(sameExtent(expected[d], c.shape(2)[d],
                           fmt::format("the extents of the positions' slices and of updates on axis {}", d)));
        c.setOutput(0, c.input(0));
        return {};
    }

    Status reference(RefContext& c) const override {
        Positions p = TRY(positionsOf(c.input(0).dims, c.input(1), 0));
        if (c.input(2).count() != static_cast<int64_t>(p.offsets.size()) * p.slice)
            return invalidArgument("{} positions of {} elements, but updates of shape {}", p.offsets.size(), p.slice,
                                   ir::toString(c.input(2).dims));
        return scatter(c.input(0), c.input(2), c.output(0), attrs(c).reduction,
                       [&](int64_t i) { return p.offsets[i / p.slice] + i % p.slice; });
    }

    std::vector<ir::SampleCase> samples() const override {
        std::vector<ir::SampleCase> list = {
            {.name = "elements",
             .inputs = {{.dims = {3, 4}},
                        {.dtype = DType::kInt64, .dims = {3, 2}, .values = {0, 1, 2, -1, 1, 0}},
                        {.dims = {3}}}},
            {.name = "slices_f16",
             .inputs = {{.dtype = DType::kHalf, .dims = {4, 5}},
                        {.dtype = DType::kInt32, .dims = {2, 1}, .values = {3, 1}},
                        {.dtype = DType::kHalf, .dims = {2, 5}}}},
            {.name = "empty", .inputs = {{.dims = {3, 4}}, {.dtype = DType::kInt64, .dims = {0, 2}}, {.dims = {0}}}},
        };
        for (const char* r : {"add", "mul", "max", "min"})
            for (DType t : {DType::kFloat, DType::kInt32})
                list.push_back({.name = fmt::format("{}_{}", r, toString(t)),
                                .attrs = fmt::format("reduction={}", r),
                                .inputs = {{.dtype = t, .dims = {3, 5}, .low = -3, .high = 3},
                                           {.dtype = DType::kInt64, .dims = {4, 1}, .values = {2, 0, 2, 2}},
                                           {.dtype = t, .dims = {4, 5}, .low = -3, .high = 3}},
                                .reduction = 4});
        return list;
    }
};

}  // namespace

LATHE_OP(scatter_nd, ScatterNdOp)

}  // namespace lathe::ops
