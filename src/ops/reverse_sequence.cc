// SPDX-License-Identifier: Apache-2.0
#include "ops/reverse_sequence.h"

#include "ops/move.h"

namespace lathe::ops {
namespace {

class ReverseSequenceOp final : public ir::OpWith<ReverseSequenceAttrs> {
  public:
    constexpr ReverseSequenceOp() : OpWith("reverse_sequence", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 2));
        TRY(requireWholeBytes(c, 0));
        TRY(requireType(c, 1, {DType::kInt64, DType::kInt32}));
        TRY(requireRank(c, 1, 1));
        int batch = TRY(normalizeAxis(attrs(c).batchAxis, c.rank(0))),
            time = TRY(normalizeAxis(attrs(c).timeAxis, c.rank(0)));
        if (batch == time) return invalidArgument("batch_axis and time_axis are both {}", batch);
        TRY(sameExtent(c.shape(0)[batch], c.shape(1)[0], "the batch and the number of lengths"));
        c.setOutput(0, c.input(0));
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &x = c.input(0), &y = c.output(0);
        int batch = TRY(normalizeAxis(attrs(c).batchAxis, x.rank())),
            time = TRY(normalizeAxis(attrs(c).timeAxis, x.rank()));
        auto lengths = readIntegers(c.input(1));
        if (static_cast<int64_t>(lengths.size()) != x.dims[batch])
            return invalidArgument("{} lengths for a batch of {}", lengths.size(), x.dims[batch]);
        for (int64_t n : lengths)
            if (n < 0 || n > x.dims[time])
                return makeStatus(Code::kFailedComputation, "a length of {} on an axis of {} elements", n,
                                  x.dims[time]);
        Dims strides = rowMajorStrides(x.dims);
        return dispatchWidth(x.dtype, [&]<class T>() -> Status {
            for (int64_t i = 0; i < x.count(); ++i) {
                int64_t t = i / strides[time] % x.dims[time], n = lengths[i / strides[batch] % x.dims[batch]];
                mutableData<T>(y)[i] = data<T>(x)[t < n ? i + (n - 1 - 2 * t) * strides[time] : i];
            }
            return {};
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        auto lengths = [](std::vector<double> v) {
            Dims dims = {static_cast<int64_t>(v.size())};
            return ir::SampleInput{.dtype = DType::kInt64, .dims = dims, .values = std::move(v)};
        };
        return {
            {.name = "time_major", .inputs = {{.dims = {5, 3, 2}}, lengths({5, 1, 4})}},
            {.name = "batch_major",
             .attrs = "batch_axis=0 time_axis=1",
             .inputs = {{.dtype = DType::kHalf, .dims = {2, 6}}, lengths({0, 3})}},
        };
    }
};

}  // namespace

LATHE_OP(reverse_sequence, ReverseSequenceOp)

}  // namespace lathe::ops
