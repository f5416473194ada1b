// SPDX-License-Identifier: Apache-2.0
#include "ops/arg_reduce.h"

#include "ops/common.h"

namespace lathe::ops {
namespace {

// Whether b takes a's place as the extreme.
template <class T>
bool beats(T b, T a, bool max, bool last) {
    if constexpr (std::is_integral_v<T>) {
        return a == b ? last : (b > a) == max;
    } else {
        float x = a, y = b;
        if (std::isnan(x)) return last && std::isnan(y);
        if (std::isnan(y)) return true;
        return x == y ? last : (y > x) == max;
    }
}

class ArgReduceOp final : public ir::OpWith<ArgReduceAttrs> {
  public:
    constexpr ArgReduceOp() : OpWith("arg_reduce", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        TRY(requireType(
            c, 0,
            {DType::kFloat, DType::kHalf, DType::kBf16, DType::kInt8, DType::kUint8, DType::kInt32, DType::kInt64}));
        int axis = TRY(normalizeAxis(attrs(c).axis, c.rank(0)));
        Shape out = c.shape(0);
        if (out[axis] == Dim(0)) return invalidArgument("axis {} is empty: there is no index to give", axis);
        if (attrs(c).keepDims)
            out[axis] = 1;
        else
            out.erase(out.begin() + axis);
        c.setOutput(0, {DType::kInt64, std::move(out)});
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor& x = c.input(0);
        int axis = TRY(normalizeAxis(attrs(c).axis, x.rank()));
        int64_t n = x.dims[axis], outer = 1, inner = 1;
        for (int d = 0; d < x.rank(); ++d)
            if (d != axis) (d < axis ? outer : inner) *= x.dims[d];
        bool max = attrs(c).kind == ArgReduceKind::kMax, last = attrs(c).selectLastIndex;
        int64_t* out = c.output(0).as<int64_t>();
        return dispatchNumeric(x.dtype, [&]<class T>() -> Status {
            for (int64_t o = 0; o < outer; ++o)
                for (int64_t i = 0; i < inner; ++i) {
                    const T* in = x.as<T>() + o * n * inner + i;
                    int64_t best = 0;
                    for (int64_t k = 1; k < n; ++k)
                        if (beats(in[k * inner], in[best * inner], max, last)) best = k;
                    out[o * inner + i] = best;
                }
            return {};
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        constexpr DType kHalf = DType::kHalf, kBf16 = DType::kBf16, kInt32 = DType::kInt32, kInt64 = DType::kInt64,
                        kInt8 = DType::kInt8;
        return {
            {.name = "max_last", .attrs = "axis=-1", .inputs = {{.dims = {5, 37}}}},
            {.name = "min_first", .attrs = "kind=min axis=0", .inputs = {{.dims = {13, 6}}}},
            {.name = "middle_drop", .attrs = "axis=1 keep_dims=false", .inputs = {{.dims = {3, 21, 4}}}},
            {.name = "last_index",
             .attrs = "axis=1 select_last_index=true",
             .inputs = {{.dtype = kInt32, .dims = {4, 30}, .low = 0, .high = 3}}},
            {.name = "first_index",
             .attrs = "axis=1 kind=min",
             .inputs = {{.dtype = kInt8, .dims = {4, 30}, .low = 0, .high = 3}}},
            {.name = "i64", .attrs = "axis=0", .inputs = {{.dtype = kInt64, .dims = {50}, .low = -9e15, .high = 9e15}}},
            {.name = "f16", .attrs = "axis=-1", .inputs = {{.dtype = kHalf, .dims = {3, 64}}}},
            {.name = "bf16", .attrs = "axis=-1 kind=min", .inputs = {{.dtype = kBf16, .dims = {3, 17}}}},
            {.name = "empty", .attrs = "axis=1", .inputs = {{.dims = {0, 4}}}},
        };
    }
};

}  // namespace

LATHE_OP(arg_reduce, ArgReduceOp)

}  // namespace lathe::ops
