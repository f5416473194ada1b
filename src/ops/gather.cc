// SPDX-License-Identifier: Apache-2.0
#include "ops/gather.h"

#include "ops/move.h"

namespace lathe::ops {
namespace {

// out[o, i, n] = data[o, index(i), n] for each batch; `index` gives a row in [0, extent).
template <class T, class F>
void gathered(const T* in, const AxisSplit& split, int64_t batches, int64_t count, F index, T* out) {
    int64_t perBatch = batches ? split.outer / batches : 0;
    for (int64_t o = 0; o < split.outer; ++o)
        for (int64_t i = 0; i < count; ++i)
            out =
                std::copy_n(in + (o * split.extent + index(o / perBatch * count + i)) * split.inner, split.inner, out);
}

int64_t batchVolume(const Dims& dims, int64_t batchDims) {
    int64_t v = 1;
    for (int64_t d = 0; d < batchDims; ++d) v *= dims[d];
    return v;
}

class GatherOp final : public ir::OpWith<GatherAttrs> {
  public:
    constexpr GatherOp() : OpWith("gather", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 2));
        TRY(requireWholeBytes(c, 0));
        TRY(requireType(c, 1, {DType::kInt64, DType::kInt32}));
        const Shape &x = c.shape(0), &indices = c.shape(1);
        int axis = TRY(normalizeAxis(attrs(c).axis, c.rank(0)));
        int64_t batch = attrs(c).batchDims;
        if (batch < 0 || batch > axis || batch > c.rank(1))
            return invalidArgument("batch_dims {} with axis {} and indices of {} dimensions", batch, axis, c.rank(1));
        Shape out(x.begin(), x.begin() + axis);
        for (int64_t d = 0; d < batch; ++d)
            out[d] = TRY(sameExtent(x[d], indices[d], fmt::format("the extents of batch axis {}", d)));
        out.insert(out.end(), indices.begin() + batch, indices.end());
        out.insert(out.end(), x.begin() + axis + 1, x.end());
        c.setOutput(0, {c.dtype(0), out});
        auto known = knownIntegers(c, 1);
        if (!known) return {};
        if (x[axis].isConstant())
            for (int64_t i : *known) TRY(normalizeIndex(i, x[axis].value()));
        const auto* elements = knownElements(c, 0);
        if (!elements) return {};
        Dims dims = ir::constantDims(x), outDims = ir::constantDims(out);
        if (TRY(ir::checkedVolume(outDims)) > ir::kMaxElements) return {};
        std::vector<Dim> picked(ir::volume(outDims));
        int64_t batches = batchVolume(dims, batch);
        if (picked.empty()) return setElements(c, 0, c.dtype(0), {}), Status();
        gathered(
            elements->data(), AxisSplit(dims, axis), batches, static_cast<int64_t>(known->size()) / batches,
            [&](int64_t k) { return (*known)[k] < 0 ? (*known)[k] + dims[axis] : (*known)[k]; }, picked.data());
        setElements(c, 0, c.dtype(0), std::move(picked));
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &x = c.input(0), &y = c.output(0);
        int axis = TRY(normalizeAxis(attrs(c).axis, x.rank()));
        int64_t batches = batchVolume(x.dims, attrs(c).batchDims);
        if (batches != batchVolume(c.input(1).dims, attrs(c).batchDims))
            return invalidArgument("the batch axes of {} and {} differ", ir::toString(x.dims),
                                   ir::toString(c.input(1).dims));
        auto indices = readIntegers(c.input(1));
        for (int64_t& i : indices) {
            i = TRY(normalizeIndex(i, x.dims[axis]));
        }
        if (y.count() == 0) return {};
        return dispatchWidth(x.dtype, [&]<class T>() -> Status {
            gathered(
                data<T>(x), AxisSplit(x.dims, axis), batches, static_cast<int64_t>(indices.size()) / batches,
                [&](int64_t k) { return indices[k]; }, mutableData<T>(y));
            return {};
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        auto index = [](Dims dims, double low, double high, DType t = DType::kInt64) {
            return ir::SampleInput{.dtype = t, .dims = std::move(dims), .low = low, .high = high};
        };
        return {
            {.name = "embedding", .attrs = "axis=0", .inputs = {{.dims = {11, 16}}, index({2, 5}, 0, 10)}},
            {.name = "embedding_f16",
             .attrs = "axis=0",
             .inputs = {{.dtype = DType::kHalf, .dims = {11, 7}}, index({3}, 0, 10, DType::kInt32)}},
            {.name = "middle_negative", .attrs = "axis=1", .inputs = {{.dims = {3, 5, 4}}, index({2}, -5, 4)}},
            {.name = "scalar", .attrs = "axis=-1", .inputs = {{.dims = {3, 5}}, index({}, 2, 2)}},
            {.name = "batched",
             .attrs = "axis=2 batch_dims=1",
             .inputs = {{.dims = {2, 3, 6, 2}}, index({2, 4}, 0, 5)}},
            {.name = "i64",
             .attrs = "axis=0",
             .inputs = {{.dtype = DType::kInt64, .dims = {6}, .high = 99}, index({2, 2}, 0, 5)}},
            {.name = "no_indices", .attrs = "axis=0", .inputs = {{.dims = {4, 3}}, index({0}, 0, 0)}},
        };
    }
};

}  // namespace

LATHE_OP(gather, GatherOp)

}  // namespace lathe::ops
