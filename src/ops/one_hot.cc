// SPDX-License-Identifier: Apache-2.0
#include "ops/one_hot.h"

#include "ops/move.h"
#include "ops/narrow.h"
#include "ops/scalar_math.h"

namespace lathe::ops {
namespace {

class OneHotOp final : public ir::OpWith<OneHotAttrs> {
  public:
    constexpr OneHotOp() : OpWith("one_hot", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 3));
        using enum DType;
        TRY(requireType(c, 0, {kInt64, kInt32, kInt8, kUint8, kFloat, kHalf, kBf16}));
        TRY(requireWholeBytes(c, 2));
        TRY(requireRank(c, 2, 1));
        TRY(sameExtent(c.shape(2)[0], 2, "the extent of values and the number of them"));
        auto depth = TRY(shapeInput(c, 1));
        if (depth.size() != 1) return invalidArgument("the depth has {} elements; expected one", depth.size());
        int axis = TRY(normalizeAxis(attrs(c).axis, c.rank(0) + 1));
        Shape out = c.shape(0);
        out.insert(out.begin() + axis, depth[0]);
        c.setOutput(0, {c.dtype(2), out});
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &x = c.input(0), &y = c.output(0);
        AxisSplit split(y.dims, TRY(normalizeAxis(attrs(c).axis, y.rank())));
        return dispatchWidth(y.dtype, [&]<class T>() -> Status {
            const T* values = data<T>(c.input(2));
            T* out = mutableData<T>(y);
            std::fill_n(out, y.count(), values[0]);
            for (int64_t i = 0; i < x.count(); ++i) {
                int64_t index = isFloating(x.dtype) ? saturatingCast<int64_t>(loadFloating(x.dtype, x.data, i))
                                                    : loadInteger(x.dtype, x.data, i);
                if (index < -split.extent || index >= split.extent) continue;
                if (index < 0) index += split.extent;
                out[(i / split.inner * split.extent + index) * split.inner + i % split.inner] = values[1];
            }
            return {};
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        auto depth = [](double v, bool constant = true) {
            return ir::SampleInput{.dtype = DType::kInt64, .dims = {}, .constant = constant, .values = {v}};
        };
        ir::SampleInput values{.dims = {2}, .values = {0.5, 3}};
        return {
            {.name = "last",
             .inputs = {{.dtype = DType::kInt64, .dims = {3, 2}, .low = -7, .high = 7}, depth(6), values}},
            {.name = "first",
             .attrs = "axis=0",
             .inputs = {{.dtype = DType::kInt32, .dims = {5}, .low = 0, .high = 3}, depth(4), values}},
            {.name = "middle",
             .attrs = "axis=1",
             .inputs = {{.dims = {2, 3}, .values = {0, 1, 2, -1, 9, 1}}, depth(3), values}},
            {.name = "computed",
             .inputs = {{.dtype = DType::kInt64, .dims = {}, .values = {2}}, depth(3, false), values}},
            {.name = "i8",
             .inputs = {{.dtype = DType::kInt64, .dims = {4}, .low = 0, .high = 3},
                        depth(4),
                        {.dtype = DType::kInt8, .dims = {2}, .values = {-1, 1}}}},
        };
    }
};

}  // namespace

LATHE_OP(one_hot, OneHotOp)

}  // namespace lathe::ops
