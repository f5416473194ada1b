// SPDX-License-Identifier: Apache-2.0
#include "ops/eye_like.h"

#include "ops/move.h"
#include "ops/reference_math.h"

namespace lathe::ops {
namespace {

class EyeLikeOp final : public ir::OpWith<EyeLikeAttrs> {
  public:
    constexpr EyeLikeOp() : OpWith("eye_like", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        TRY(requireRank(c, 0, 2));
        DType t = attrs(c).dtype;
        if (bitsOf(t) < 8 || t == DType::kE8M0)
            return unsupported("a constant of type {}: only quantization makes that type", toString(t));
        c.setOutput(0, {t, c.shape(0)});
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor& y = c.output(0);
        int64_t rows = y.dims[0], columns = y.dims[1], k = attrs(c).k;
        double one = 1;
        if (y.byteSize()) std::memset(y.data, 0, y.byteSize());
        if (k <= -rows || k >= columns) return {};
        for (int64_t r = std::max<int64_t>(0, -k); r < rows && r + k < columns; ++r)
            writeDoubles(y, r * columns + r + k, 1, &one);
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        return {
            {.name = "square", .inputs = {{.dims = {5, 5}}}},
            {.name = "above_f16", .attrs = "k=2 dtype=f16", .inputs = {{.dims = {3, 7}}}},
            {.name = "below_i64", .attrs = "k=-1 dtype=i64", .inputs = {{.dtype = DType::kBool, .dims = {4, 2}}}},
            {.name = "outside", .attrs = "k=9 dtype=bool", .inputs = {{.dims = {4, 2}}}},
        };
    }
};

}  // namespace

LATHE_OP(eye_like, EyeLikeOp)

}  // namespace lathe::ops
