// SPDX-License-Identifier: Apache-2.0
#include "ops/trilu.h"

#include "ops/move.h"

namespace lathe::ops {
namespace {

class TriluOp final : public ir::OpWith<TriluAttrs> {
  public:
    constexpr TriluOp() : OpWith("trilu", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        TRY(requireWholeBytes(c, 0));
        if (c.rank(0) < 2) return invalidArgument("a tensor of shape {} has no matrices", ir::toString(c.shape(0)));
        if (c.inputCount() > 1 && c.has(1)) {
            TRY(requireType(c, 1, {DType::kInt64, DType::kInt32}));
            if (c.rank(1) > 1 || (c.rank(1) == 1 && c.shape(1)[0].isConstant() && c.shape(1)[0].value() != 1))
                return invalidArgument("input 1 has the shape {}; expected a scalar", ir::toString(c.shape(1)));
        }
        c.setOutput(0, c.input(0));
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &x = c.input(0), &y = c.output(0);
        int64_t rows = x.dims[x.rank() - 2], columns = x.dims[x.rank() - 1], k = 0;
        if (c.has(1)) {
            if (c.input(1).count() != 1)
                return invalidArgument("k has the shape {}; expected a scalar", ir::toString(c.input(1).dims));
            // Beyond these, no diagonal is left to tell apart.
            k = std::clamp(readIntegers(c.input(1))[0], -rows - 1, columns + 1);
        }
        bool upper = attrs(c).upper;
        return dispatchWidth(x.dtype, [&]<class T>() -> Status {
            for (int64_t i = 0; i < x.count(); ++i) {
                int64_t distance = i % columns - i / columns % rows;
                mutableData<T>(y)[i] = (upper ? distance >= k : distance <= k) ? data<T>(x)[i] : T();
            }
            return {};
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        auto k = [](double v, bool constant = true) {
            return ir::SampleInput{.dtype = DType::kInt64, .dims = {}, .constant = constant, .values = {v}};
        };
        return {
            {.name = "upper", .inputs = {{.dims = {2, 5, 7}}}},
            {.name = "lower", .attrs = "upper=false", .inputs = {{.dims = {7, 5}}}},
            {.name = "above_diagonal", .inputs = {{.dims = {6, 6}}, k(1)}},
            {.name = "causal_mask",
             .attrs = "upper=false",
             .inputs = {{.dtype = DType::kBool, .dims = {9, 9}}, k(-1, false)}},
            {.name = "i64", .inputs = {{.dtype = DType::kInt64, .dims = {3, 4}, .high = 9}}},
            {.name = "empty", .inputs = {{.dims = {0, 4}}}},
        };
    }
};

}  // namespace

LATHE_OP(trilu, TriluOp)

}  // namespace lathe::ops
