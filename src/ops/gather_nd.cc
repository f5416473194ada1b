// SPDX-License-Identifier: Apache-2.0
#include "ops/gather_nd.h"

#include "ops/move.h"
#include "ops/position.h"

namespace lathe::ops {
namespace {

class GatherNdOp final : public ir::OpWith<GatherNdAttrs> {
  public:
    constexpr GatherNdOp() : OpWith("gather_nd", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 2));
        TRY(requireWholeBytes(c, 0));
        int64_t batch = attrs(c).batchDims;
        int k = TRY(coordinateCount(c, 0, 1));
        const Shape &x = c.shape(0), &indices = c.shape(1);
        if (batch < 0 || batch >= c.rank(1) || batch + k > c.rank(0))
            return invalidArgument("batch_dims {} with {} coordinates, data of {} and indices of {} dimensions", batch,
                                   k, c.rank(0), c.rank(1));
        Shape out;
        for (int64_t d = 0; d < batch; ++d)
            out.push_back(TRY(sameExtent(x[d], indices[d], fmt::format("the extents of batch axis {}", d))));
        out.insert(out.end(), indices.begin() + batch, indices.end() - 1);
        out.insert(out.end(), x.begin() + batch + k, x.end());
        c.setOutput(0, {c.dtype(0), out});
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &x = c.input(0), &y = c.output(0);
        int64_t batch = attrs(c).batchDims;
        if (!std::equal(x.dims.begin(), x.dims.begin() + batch, c.input(1).dims.begin()))
            return invalidArgument("the batch axes of {} and {} differ", ir::toString(x.dims),
                                   ir::toString(c.input(1).dims));
        Positions p = TRY(positionsOf(x.dims, c.input(1), batch));
        return dispatchWidth(x.dtype, [&]<class T>() -> Status {
            T* out = mutableData<T>(y);
            for (int64_t offset : p.offsets) out = std::copy_n(data<T>(x) + offset, p.slice, out);
            return {};
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        auto index = [](Dims dims, double low, double high, DType t = DType::kInt64) {
            return ir::SampleInput{.dtype = t, .dims = std::move(dims), .low = low, .high = high};
        };
        return {
            {.name = "elements", .inputs = {{.dims = {3, 4}}, index({5, 2}, -3, 2)}},
            {.name = "slices", .inputs = {{.dims = {3, 4, 5}}, index({2, 2, 1}, 0, 2, DType::kInt32)}},
            {.name = "batched_f16",
             .attrs = "batch_dims=1",
             .inputs = {{.dtype = DType::kHalf, .dims = {3, 4, 5}}, index({3, 2, 1}, 0, 3)}},
            {.name = "empty", .inputs = {{.dims = {3, 4}}, index({0, 1}, 0, 0)}},
        };
    }
};

}  // namespace

LATHE_OP(gather_nd, GatherNdOp)

}  // namespace lathe::ops
