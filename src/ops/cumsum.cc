// SPDX-License-Identifier: Apache-2.0
#include "ops/cumsum.h"

#include "ops/elements.h"

namespace lathe::ops {
namespace {

class CumsumOp final : public ir::OpWith<CumsumAttrs> {
  public:
    constexpr CumsumOp() : OpWith("cumsum", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 2));
        TRY(requireType(c, 0, {DType::kFloat, DType::kHalf, DType::kBf16, DType::kInt32, DType::kInt64}));
        TRY(requireType(c, 1, {DType::kInt64, DType::kInt32}));
        Dim count = ir::volume(c.shape(1));
        if (c.rank(1) > 1 || (count.isConstant() && count.value() != 1))
            return invalidArgument("the axis has the shape {}; expected one element", ir::toString(c.shape(1)));
        if (auto axis = knownIntegers(c, 1)) TRY(normalizeAxis(axis->at(0), c.rank(0)));
        c.setOutput(0, c.input(0));
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor& x = c.input(0);
        int axis = TRY(normalizeAxis(readIntegers(c.input(1)).at(0), x.rank()));
        int64_t inner = 1;
        for (int d = axis + 1; d < x.rank(); ++d) inner *= x.dims[d];
        switch (x.dtype) {
            case DType::kInt32: run<int32_t, uint64_t>(c, axis, inner); return {};
            case DType::kInt64: run<int64_t, uint64_t>(c, axis, inner); return {};
            case DType::kHalf: run<Half, double>(c, axis, inner); return {};
            case DType::kBf16: run<BFloat16, double>(c, axis, inner); return {};
            default: run<float, double>(c, axis, inner); return {};
        }
    }

    std::vector<ir::SampleCase> samples() const override {
        constexpr DType kHalf = DType::kHalf, kBf16 = DType::kBf16, kInt32 = DType::kInt32, kInt64 = DType::kInt64;
        auto along = [](ir::SampleInput x, double axis) -> std::vector<ir::SampleInput> {
            return {std::move(x), {.dtype = DType::kInt64, .dims = {}, .constant = true, .values = {axis}}};
        };
        return {
            {.name = "last", .attrs = "", .inputs = along({.dims = {4, 33}}, -1), .reduction = 33},
            {.name = "first_reverse", .attrs = "reverse=true", .inputs = along({.dims = {17, 5}}, 0), .reduction = 17},
            {.name = "middle_exclusive",
             .attrs = "exclusive=true",
             .inputs = along({.dims = {2, 9, 3}}, 1),
             .reduction = 9},
            {.name = "both",
             .attrs = "exclusive=true reverse=true",
             .inputs = along({.dims = {20}}, 0),
             .reduction = 20},
            {.name = "prod",
             .attrs = "kind=prod",
             .inputs = along({.dims = {3, 8}, .low = 0.5, .high = 1.5}, 1),
             .reduction = 8},
            {.name = "i64",
             .attrs = "",
             .inputs = along({.dtype = kInt64, .dims = {3, 8}, .low = -9e15, .high = 9e15}, 1)},
            {.name = "i32_prod",
             .attrs = "kind=prod exclusive=true",
             .inputs = along({.dtype = kInt32, .dims = {5, 4}, .low = -99, .high = 99}, 0)},
            {.name = "f16", .attrs = "", .inputs = along({.dtype = kHalf, .dims = {2, 64}}, 1), .reduction = 64},
            {.name = "bf16",
             .attrs = "reverse=true",
             .inputs = along({.dtype = kBf16, .dims = {2, 20}}, 1),
             .reduction = 20},
            {.name = "empty", .attrs = "", .inputs = along({.dims = {2, 0, 3}}, 1)},
        };
    }

  private:
    template <class T, class Sum>
    static void run(const RefContext& c, int axis, int64_t inner) {
        const Tensor& x = c.input(0);
        const CumsumAttrs& a = attrs(c);
        int64_t n = x.dims[axis], outer = n > 0 && inner > 0 ? x.count() / (n * inner) : 0;
        for (int64_t o = 0; o < outer; ++o)
            for (int64_t i = 0; i < inner; ++i) {
                const T* in = x.as<T>() + o * n * inner + i;
                T* out = c.output(0).as<T>() + o * n * inner + i;
                Sum sum = a.kind == CumulativeKind::kProd ? 1 : 0;
                for (int64_t k = 0; k < n; ++k) {
                    int64_t at = (a.reverse ? n - 1 - k : k) * inner;
                    auto store = [&] {
                        if constexpr (std::is_integral_v<T>)
                            out[at] = static_cast<T>(sum);
                        else
                            out[at] = static_cast<float>(sum);
                    };
                    if (a.exclusive) store();
                    Sum v;
                    if constexpr (std::is_integral_v<T>)
                        v = static_cast<Sum>(in[at]);
                    else
                        v = static_cast<float>(in[at]);
                    sum = a.kind == CumulativeKind::kProd ? sum * v : sum + v;
                    if (!a.exclusive) store();
                }
            }
    }
};

}  // namespace

LATHE_OP(cumsum, CumsumOp)

}  // namespace lathe::ops
