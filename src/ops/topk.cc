// SPDX-License-Identifier: Apache-2.0
#include "ops/topk.h"

#include <algorithm>
#include <numeric>

#include "ops/elements.h"

namespace lathe::ops {
namespace {

template <class T>
bool less(T a, T b) {
    if constexpr (std::is_integral_v<T>) {
        return a < b;
    } else {
        float x = a, y = b;
        return std::isnan(y) ? !std::isnan(x) : x < y;
    }
}

class TopkOp final : public ir::OpWith<TopkAttrs> {
  public:
    constexpr TopkOp() : OpWith("topk", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 2));
        TRY(requireType(
            c, 0,
            {DType::kFloat, DType::kHalf, DType::kBf16, DType::kInt8, DType::kUint8, DType::kInt32, DType::kInt64}));
        int axis = TRY(normalizeAxis(attrs(c).axis, c.rank(0)));
        auto k = TRY(shapeInput(c, 1));
        if (k.size() != 1) return invalidArgument("k has {} elements; expected one", k.size());
        Shape out = c.shape(0);
        if (k[0].isConstant()) {
            if (k[0].value() < 0) return invalidArgument("k is {}", k[0].value());
            if (out[axis].isConstant() && k[0].value() > out[axis].value())
                return invalidArgument("k is {}, but axis {} has only {} elements", k[0].value(), axis,
                                       out[axis].value());
        }
        out[axis] = k[0];
        c.setOutput(0, {c.dtype(0), out});
        if (c.outputCount() > 1) c.setOutput(1, {DType::kInt64, std::move(out)});
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &x = c.input(0), &y = c.output(0);
        int axis = TRY(normalizeAxis(attrs(c).axis, x.rank()));
        int64_t n = x.dims[axis], k = y.dims[axis], outer = 1, inner = 1;
        for (int d = 0; d < x.rank(); ++d)
            if (d != axis) (d < axis ? outer : inner) *= x.dims[d];
        bool largest = attrs(c).largest;
        int64_t* indices = c.node().outputCount() > 1 ? c.output(1).as<int64_t>() : nullptr;
        std::vector<int64_t> order(n);
        return dispatchNumeric(x.dtype, [&]<class T>() -> Status {
            for (int64_t o = 0; o < outer; ++o)
                for (int64_t i = 0; i < inner; ++i) {
                    const T* in = x.as<T>() + o * n * inner + i;
                    std::iota(order.begin(), order.end(), 0);
                    std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
                        return largest ? less(in[b * inner], in[a * inner]) : less(in[a * inner], in[b * inner]);
                    });
                    for (int64_t j = 0; j < k; ++j) {
                        int64_t at = (o * k + j) * inner + i;
                        y.as<T>()[at] = in[order[j] * inner];
                        if (indices) indices[at] = order[j];
                    }
                }
            return {};
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        constexpr DType kHalf = DType::kHalf, kBf16 = DType::kBf16, kInt32 = DType::kInt32, kInt64 = DType::kInt64,
                        kUint8 = DType::kUint8;
        auto with = [](ir::SampleInput x, double k, bool constant = true) -> std::vector<ir::SampleInput> {
            return {std::move(x), {.dtype = DType::kInt64, .dims = {1}, .constant = constant, .values = {k}}};
        };
        return {
            {.name = "last", .attrs = "", .inputs = with({.dims = {3, 100}}, 5), .outputs = 2},
            {.name = "smallest_middle",
             .attrs = "axis=1 largest=false",
             .inputs = with({.dims = {2, 17, 3}}, 4),
             .outputs = 2},
            {.name = "all", .attrs = "axis=0", .inputs = with({.dims = {9, 5}}, 9), .outputs = 2},
            {.name = "values_only", .attrs = "", .inputs = with({.dims = {300}}, 1)},
            {.name = "k_computed", .attrs = "", .inputs = with({.dims = {4, 20}}, 3, false), .outputs = 2},
            {.name = "ties",
             .attrs = "",
             .inputs = with({.dtype = kInt32, .dims = {6, 40}, .low = 0, .high = 4}, 10),
             .outputs = 2},
            {.name = "i64",
             .attrs = "largest=false",
             .inputs = with({.dtype = kInt64, .dims = {30}, .low = -9e15, .high = 9e15}, 7),
             .outputs = 2},
            {.name = "u8",
             .attrs = "axis=0",
             .inputs = with({.dtype = kUint8, .dims = {11, 3}, .low = 0, .high = 255}, 2),
             .outputs = 2},
            {.name = "f16", .attrs = "", .inputs = with({.dtype = kHalf, .dims = {2, 64}}, 8), .outputs = 2},
            {.name = "bf16", .attrs = "", .inputs = with({.dtype = kBf16, .dims = {2, 33}}, 3), .outputs = 2},
            {.name = "none", .attrs = "", .inputs = with({.dims = {3, 4}}, 0), .outputs = 2},
            {.name = "empty", .attrs = "", .inputs = with({.dims = {0, 4}}, 2), .outputs = 2},
        };
    }
};

}  // namespace

LATHE_OP(topk, TopkOp)

}  // namespace lathe::ops
