// SPDX-License-Identifier: Apache-2.0
#include "ops/gather_elements.h"

#include "ops/move.h"

namespace lathe::ops {
namespace {

class GatherElementsOp final : public ir::OpWith<GatherElementsAttrs> {
  public:
    constexpr GatherElementsOp() : OpWith("gather_elements", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 2));
        TRY(requireWholeBytes(c, 0));
        TRY(requireType(c, 1, {DType::kInt64, DType::kInt32}));
        int axis = TRY(normalizeAxis(attrs(c).axis, c.rank(0)));
        TRY(requireRank(c, 1, c.rank(0)));
        for (int d = 0; d < c.rank(0); ++d) {
            const Dim &x = c.shape(0)[d], &i = c.shape(1)[d];
            if (d != axis && x.isConstant() && i.isConstant() && i.value() > x.value())
                return invalidArgument("indices of shape {} are longer than data of shape {} on axis {}",
                                       ir::toString(c.shape(1)), ir::toString(c.shape(0)), d);
        }
        c.setOutput(0, {c.dtype(0), c.shape(1)});
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &x = c.input(0), &y = c.output(0);
        int axis = TRY(normalizeAxis(attrs(c).axis, x.rank()));
        Dims strides = rowMajorStrides(x.dims);
        for (int d = 0; d < x.rank(); ++d)
            if (d != axis && y.dims[d] > x.dims[d])
                return invalidArgument("indices of shape {} are longer than data of shape {} on axis {}",
                                       ir::toString(y.dims), ir::toString(x.dims), d);
        auto indices = readIntegers(c.input(1));
        for (int64_t& i : indices) i = TRY(normalizeIndex(i, x.dims[axis])) * strides[axis];
        strides[axis] = 0;
        return dispatchWidth(x.dtype, [&]<class T>() -> Status {
            T* out = mutableData<T>(y);
            const int64_t* along = indices.data();
            forEachOffset<1>(y.dims, {strides}, [&](const auto& at) { *out++ = data<T>(x)[at[0] + *along++]; });
            return {};
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        auto index = [](Dims dims, double low, double high, DType t = DType::kInt64) {
            return ir::SampleInput{.dtype = t, .dims = std::move(dims), .low = low, .high = high};
        };
        return {
            {.name = "rows", .attrs = "axis=0", .inputs = {{.dims = {5, 4}}, index({3, 4}, -5, 4)}},
            {.name = "last",
             .attrs = "axis=-1",
             .inputs = {{.dims = {2, 3, 9}}, index({2, 3, 4}, 0, 8, DType::kInt32)}},
            {.name = "shorter_f16",
             .attrs = "axis=1",
             .inputs = {{.dtype = DType::kHalf, .dims = {4, 5}}, index({2, 7}, 0, 4)}},
            {.name = "empty", .attrs = "axis=0", .inputs = {{.dims = {4, 5}}, index({0, 5}, 0, 0)}},
        };
    }
};

}  // namespace

LATHE_OP(gather_elements, GatherElementsOp)

}  // namespace lathe::ops
