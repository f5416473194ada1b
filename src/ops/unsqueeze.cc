// SPDX-License-Identifier: Apache-2.0
#include "ops/unsqueeze.h"

#include "ops/move.h"

namespace lathe::ops {
namespace {

class UnsqueezeOp final : public ir::OpWith<UnsqueezeAttrs> {
  public:
    constexpr UnsqueezeOp() : OpWith("unsqueeze", kView) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        size_t count = attrs(c).axes.size();
        if (c.inputCount() > 1 && c.has(1)) count = TRY(requireIntegers(c, 1, "the list of axes")).size();
        if (c.shape(0).size() + count > static_cast<size_t>(ir::kMaxRank))
            return unsupported("{} more axes on the shape {}: at most {} dimensions are supported", count,
                               ir::toString(c.shape(0)), ir::kMaxRank);
        int rank = c.rank(0) + static_cast<int>(count);
        Shape out(rank, Dim(-1));
        for (int a : TRY(axesInput(c, 1, attrs(c).axes, rank))) out[a] = 1;
        auto next = c.shape(0).begin();
        for (Dim& d : out)
            if (d == Dim(-1)) d = *next++;
        c.setOutput(0, {c.dtype(0), out});
        if (const auto* e = c.elements(0)) setElements(c, 0, c.dtype(0), *e);
        return {};
    }

    Status reference(RefContext& c) const override { return copyAll(c.input(0), c.output(0)); }

    std::vector<ir::SampleCase> samples() const override {
        return {
            {.name = "ends", .attrs = "axes=[0, -1]", .inputs = {{.dims = {3, 5}}}},
            {.name = "input",
             .inputs = {{.dims = {3}}, {.dtype = DType::kInt64, .dims = {2}, .constant = true, .values = {2, 0}}}},
            {.name = "scalar", .attrs = "axes=[0]", .inputs = {{.dtype = DType::kInt64, .dims = {}, .high = 9}}},
        };
    }
};

}  // namespace

LATHE_OP(unsqueeze, UnsqueezeOp)

}  // namespace lathe::ops
