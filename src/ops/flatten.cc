// SPDX-License-Identifier: Apache-2.0
#include "ops/flatten.h"

#include "ops/move.h"

namespace lathe::ops {
namespace {

class FlattenOp final : public ir::OpWith<FlattenAttrs> {
  public:
    constexpr FlattenOp() : OpWith("flatten", kView) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        int64_t axis = attrs(c).axis;
        int rank = c.rank(0);
        if (axis < -rank || axis > rank) return invalidArgument("axis {} is outside [{}, {}]", axis, -rank, rank);
        if (axis < 0) axis += rank;
        Shape out = {1, 1};
        for (int d = 0; d < rank; ++d) out[d >= axis] = out[d >= axis] * c.shape(0)[d];
        c.setOutput(0, {c.dtype(0), out});
        if (const auto* x = c.elements(0)) setElements(c, 0, c.dtype(0), *x);
        return {};
    }

    Status reference(RefContext& c) const override { return copyAll(c.input(0), c.output(0)); }

    std::vector<ir::SampleCase> samples() const override {
        return {
            {.name = "after_batch", .inputs = {{.dims = {2, 3, 4}}}},
            {.name = "negative", .attrs = "axis=-1", .inputs = {{.dtype = DType::kHalf, .dims = {2, 3, 4}}}},
            {.name = "all", .attrs = "axis=0", .inputs = {{.dims = {2, 3}}}},
            {.name = "scalar", .attrs = "axis=0", .inputs = {{.dims = {}}}},
            {.name = "empty", .inputs = {{.dims = {0, 3, 2}}}},
        };
    }
};

}  // namespace

LATHE_OP(flatten, FlattenOp)

}  // namespace lathe::ops
