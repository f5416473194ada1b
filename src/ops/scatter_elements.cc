// SPDX-License-Identifier: Apache-2.0
#include "ops/scatter_elements.h"

#include "ops/move.h"

namespace lathe::ops {
namespace {

class ScatterElementsOp final : public ir::OpWith<ScatterElementsAttrs> {
  public:
    constexpr ScatterElementsOp() : OpWith("scatter_elements", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 3));
        TRY(requireScatterType(c, attrs(c).reduction));
        TRY(requireType(c, 1, {DType::kInt64, DType::kInt32}));
        int axis = TRY(normalizeAxis(attrs(c).axis, c.rank(0)));
        TRY(requireRank(c, 1, c.rank(0)));
        TRY(requireRank(c, 2, c.rank(0)));
        for (int d = 0; d < c.rank(0); ++d) {
            const Dim &x = c.shape(0)[d], &i = c.shape(1)[d];
            TRY(sameExtent(i, c.shape(2)[d], fmt::format("the extents of indices and updates on axis {}", d)));
            if (d != axis && x.isConstant() && i.isConstant() && i.value() > x.value())
                return invalidArgument("indices of shape {} are longer than data of shape {} on axis {}",
                                       ir::toString(c.shape(1)), ir::toString(c.shape(0)), d);
        }
        c.setOutput(0, c.input(0));
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &x = c.input(0), &y = c.output(0);
        int axis = TRY(normalizeAxis(attrs(c).axis, x.rank()));
        const Dims& dims = c.input(1).dims;
        if (c.input(2).dims != dims)
            return invalidArgument("indices of shape {} and updates of shape {}", ir::toString(dims),
                                   ir::toString(c.input(2).dims));
        Dims strides = rowMajorStrides(x.dims);
        for (int d = 0; d < x.rank(); ++d)
            if (d != axis && dims[d] > x.dims[d])
                return invalidArgument("indices of shape {} are longer than data of shape {} on axis {}",
                                       ir::toString(dims), ir::toString(x.dims), d);
        auto targets = readIntegers(c.input(1));
        for (int64_t& i : targets) i = TRY(normalizeIndex(i, x.dims[axis])) * strides[axis];
        strides[axis] = 0;
        int64_t* next = targets.data();
        forEachOffset<1>(dims, {strides}, [&](const auto& at) { *next++ += at[0]; });
        return scatter(x, c.input(2), y, attrs(c).reduction, [&](int64_t i) { return targets[i]; });
    }

    std::vector<ir::SampleCase> samples() const override {
        ir::SampleInput rows{.dtype = DType::kInt64, .dims = {2, 4}, .values = {0, 2, -1, 1, 3, 0, 1, 4}};
        ir::SampleInput same{.dtype = DType::kInt32, .dims = {3, 4}, .low = 0, .high = 4};
        std::vector<ir::SampleCase> list = {
            {.name = "rows", .attrs = "axis=0", .inputs = {{.dims = {5, 4}}, rows, {.dims = {2, 4}}}},
            {.name = "rows_f16",
             .attrs = "axis=0",
             .inputs = {{.dtype = DType::kHalf, .dims = {5, 4}}, rows, {.dtype = DType::kHalf, .dims = {2, 4}}}},
            {.name = "columns",
             .attrs = "axis=-1",
             .inputs = {{.dims = {2, 9}},
                        {.dtype = DType::kInt32, .dims = {2, 2}, .values = {1, 8, 0, 3}},
                        {.dims = {2, 2}}}},
            {.name = "empty",
             .attrs = "axis=0",
             .inputs = {{.dims = {5, 4}}, {.dtype = DType::kInt64, .dims = {0, 4}}, {.dims = {0, 4}}}},
        };
        for (const char* r : {"add", "mul", "max", "min"})
            for (DType t : {DType::kFloat, DType::kInt64})
                list.push_back({.name = fmt::format("{}_{}", r, toString(t)),
                                .attrs = fmt::format("axis=0 reduction={}", r),
                                .inputs = {{.dtype = t, .dims = {5, 4}, .low = -3, .high = 3},
                                           same,
                                           {.dtype = t, .dims = {3, 4}, .low = -3, .high = 3}},
                                .reduction = 4});
        return list;
    }
};

}  // namespace

LATHE_OP(scatter_elements, ScatterElementsOp)

}  // namespace lathe::ops
