// SPDX-License-Identifier: Apache-2.0
#include "ops/reorder.h"

#include "ops/common.h"

namespace lathe::ops {
namespace {

class ReorderOp final : public ir::OpWith<ReorderAttrs> {
  public:
    constexpr ReorderOp() : OpWith("reorder", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        const ReorderAttrs& a = attrs(c);
        constexpr int64_t kHost = 4;  // row-major, as 0
        if (a.from < 0 || a.from > kHost || a.to < 0 || a.to > kHost)
            return invalidArgument("layouts {} and {} are not from 0 to {}", a.from, a.to, kHost);
        if ((a.from % kHost || a.to % kHost) && c.rank(0) < 3)
            return invalidArgument("a tensor of shape {} has no channels to reorder", ir::toString(c.shape(0)));
        c.setOutput(0, c.input(0));
        if (const auto* known = c.elements(0)) c.setElements(0, *known);
        return {};
    }

    Status reference(RefContext& c) const override {
        if (size_t n = c.input(0).byteSize()) std::memcpy(c.output(0).data, c.input(0).data, n);
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        return {
            {.name = "to_blocked8", .attrs = "from=0 to=2", .inputs = {{.dims = {2, 13, 5, 3}}}},
            {.name = "from_blocked8", .attrs = "from=2 to=0", .inputs = {{.dims = {2, 13, 5, 3}}}},
            {.name = "to_blocked16", .attrs = "from=0 to=3", .inputs = {{.dims = {1, 19, 7}}}},
            {.name = "blocked16_to_8", .attrs = "from=3 to=2", .inputs = {{.dims = {1, 19, 2, 3, 2}}}},
            {.name = "to_host", .attrs = "from=0 to=4", .inputs = {{.dims = {5, 7}}}},
            {.name = "from_host", .attrs = "from=4 to=0", .inputs = {{.dtype = DType::kInt64, .dims = {9}}}},
            {.name = "to_channels_last", .attrs = "from=0 to=1", .inputs = {{.dims = {2, 3, 4, 5}}}},
            {.name = "from_channels_last",
             .attrs = "from=1 to=0",
             .inputs = {{.dtype = DType::kHalf, .dims = {2, 3, 4, 5}}}},
        };
    }
};

}  // namespace

LATHE_OP(reorder, ReorderOp)

}  // namespace lathe::ops
