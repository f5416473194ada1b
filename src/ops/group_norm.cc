// SPDX-License-Identifier: Apache-2.0
#include "ops/group_norm.h"

#include "ops/norm_reference.h"

namespace lathe::ops {
namespace {

class GroupNormOp final : public ir::OpWith<GroupNormAttrs> {
  public:
    constexpr GroupNormOp() : OpWith("group_norm", kNone) {}

    Status infer(InferContext& c) const override {
        const GroupNormAttrs& a = attrs(c);
        TRY(requireInputs(c, 3));
        TRY(requireFloat(c, 0));
        if (c.rank(0) < 2)
            return invalidArgument("input 0 has the shape {}; expected at least N and C", ir::toString(c.shape(0)));
        const Dim& channels = c.shape(0)[1];
        if (a.numGroups < 1) return invalidArgument("num_groups is {}; it must be at least 1", a.numGroups);
        if (channels.isConstant() && channels.value() % a.numGroups != 0)
            return invalidArgument("{} channels cannot be divided into {} groups", channels.value(), a.numGroups);
        for (int i = 1; i < 3; ++i) {
            TRY(requireSameType(c, 0, i));
            TRY(requireRank(c, i, 1));
            TRY_IN(fmt::format("input {}", i),
                   requireExtent(c.shape(i)[0], a.perGroup ? Dim(a.numGroups) : channels, "the length"));
        }
        c.setOutput(0, c.input(0));
        return {};
    }

    Status reference(RefContext& c) const override {
        const GroupNormAttrs& a = attrs(c);
        const Tensor& x = c.input(0);
        auto scale = readDoubles(c.input(1)), bias = readDoubles(c.input(2));
        int64_t perGroup = x.dims[1] / a.numGroups, plane = 1;
        for (int d = 2; d < x.rank(); ++d) plane *= x.dims[d];
        std::vector<double> line(perGroup * plane);
        for (int64_t g = 0; g < x.dims[0] * a.numGroups; ++g) {
            int64_t begin = g * perGroup * plane;
            readDoubles(x, begin, perGroup * plane, line.data());
            Moments m = momentsOf(line);
            double factor = 1 / std::sqrt(m.variance + a.epsilon);
            for (int64_t i = 0; i < perGroup * plane; ++i) {
                int64_t at = a.perGroup ? g % a.numGroups : g % a.numGroups * perGroup + i / plane;
                line[i] = (line[i] - m.mean) * factor * scale[at] + bias[at];
            }
            writeDoubles(c.output(0), begin, perGroup * plane, line.data());
        }
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        constexpr DType kHalf = DType::kHalf, kBf16 = DType::kBf16;
        return {
            {.name = "channels",
             .attrs = "num_groups=4",
             .inputs = {{.dims = {2, 12, 5, 7}}, {.dims = {12}, .constant = true}, {.dims = {12}, .constant = true}},
             .reduction = 105},
            {.name = "groups",
             .attrs = "num_groups=3 per_group=true epsilon=0.01",
             .inputs = {{.dims = {2, 6, 11}}, {.dims = {3}, .constant = true}, {.dims = {3}, .constant = true}},
             .reduction = 22},
            {.name = "one_group",
             .attrs = "",
             .inputs = {{.dims = {2, 5, 3, 3, 3}}, {.dims = {5}}, {.dims = {5}}},
             .reduction = 135},
            {.name = "flat",
             .attrs = "num_groups=2",
             .inputs = {{.dims = {3, 32}}, {.dims = {32}}, {.dims = {32}}},
             .reduction = 16},
            {.name = "f16",
             .attrs = "num_groups=2",
             .inputs = {{.dtype = kHalf, .dims = {1, 8, 6, 5}},
                        {.dtype = kHalf, .dims = {8}, .constant = true},
                        {.dtype = kHalf, .dims = {8}, .constant = true}},
             .reduction = 120},
            {.name = "bf16",
             .attrs = "num_groups=2",
             .inputs = {{.dtype = kBf16, .dims = {1, 4, 9}},
                        {.dtype = kBf16, .dims = {4}, .constant = true},
                        {.dtype = kBf16, .dims = {4}, .constant = true}},
             .reduction = 18},
            {.name = "empty", .attrs = "num_groups=2", .inputs = {{.dims = {0, 4, 9}}, {.dims = {4}}, {.dims = {4}}}},
        };
    }
};

}  // namespace

LATHE_OP(group_norm, GroupNormOp)

}  // namespace lathe::ops
