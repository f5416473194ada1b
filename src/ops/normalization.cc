// SPDX-License-Identifier: Apache-2.0
#include "ops/normalization.h"

#include "ops/norm_reference.h"

namespace lathe::ops {
namespace {

class NormalizationOp final : public ir::OpWith<NormalizationAttrs> {
  public:
    constexpr NormalizationOp() : OpWith("normalization", kNone) {}

    Status infer(InferContext& c) const override {
        const NormalizationAttrs& a = attrs(c);
        TRY(requireInputs(c, 1));
        TRY(requireFloat(c, 0));
        int rank = c.rank(0);
        auto axes = TRY(normalizeAxes(a.axes, rank));
        if (axes.empty()) return invalidArgument("there are no axes to normalize");
        Shape shape = c.shape(0);
        if (a.groups < 1) return invalidArgument("groups is {}; it must be at least 1", a.groups);
        if (a.groups > 1) {
            if (rank < 3)
                return invalidArgument("groups need N, C and more axes, but input 0 has the shape {}",
                                       ir::toString(shape));
            if (shape[1].isConstant() && shape[1].value() % a.groups != 0)
                return invalidArgument("{} channels cannot be divided into {} groups", shape[1].value(), a.groups);
            bool allAfter = static_cast<int>(axes.size()) == rank - 2;
            for (int d : axes) allAfter = allAfter && d >= 2;
            if (!allAfter)
                return invalidArgument("with groups, the axes must be all those from 2 on, but are {}",
                                       ir::toString(a.axes));
        }
        for (int i = 1; i < 3; ++i) {
            if (i >= c.inputCount() || !c.has(i)) continue;
            TRY(requireSameType(c, 0, i));
            TRY(requireRank(c, i, rank));
            Shape to = shape;
            if (a.groups > 1 && c.shape(i)[1] == Dim(a.groups)) to[1] = a.groups;
            TRY(requireBroadcastTo(c, i, to));
        }
        c.setOutput(0, c.input(0));
        return {};
    }

    Status reference(RefContext& c) const override {
        const NormalizationAttrs& a = attrs(c);
        const Tensor& x = c.input(0);
        std::vector<double> values = readDoubles(x);
        Dims dims = grouped(x.dims, a.groups);
        std::vector<bool> reduced(dims.size(), false);
        for (int d : TRY(normalizeAxes(a.axes, x.rank()))) reduced[a.groups > 1 ? d + 1 : d] = true;
        if (a.groups > 1) reduced[2] = true;
        standardize(values, dims, reduced, [&](double variance) { return 1 / std::sqrt(variance + a.epsilon); });
        for (int i = 1; i < 3; ++i) {
            if (!c.has(i)) continue;
            std::vector<double> factor = readDoubles(c.input(i));
            size_t at = 0;
            forEachOffset<1>(dims, {broadcastStrides(grouped(c.input(i).dims, a.groups), dims)},
                             [&](const std::array<int64_t, 1>& o) {
                                 double& v = values[at++];
                                 v = i == 1 ? v * factor[o[0]] : v + factor[o[0]];
                             });
        }
        writeDoubles(c.output(0), values);
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        constexpr DType kHalf = DType::kHalf, kBf16 = DType::kBf16;
        return {
            {.name = "layer",
             .attrs = "axes=[2]",
             .inputs = {{.dims = {2, 5, 32}},
                        {.dims = {1, 1, 32}, .constant = true},
                        {.dims = {1, 1, 32}, .constant = true}},
             .reduction = 32},
            {.name = "instance",
             .attrs = "axes=[2, 3]",
             .inputs = {{.dims = {2, 3, 5, 7}},
                        {.dims = {1, 3, 1, 1}, .constant = true},
                        {.dims = {1, 3, 1, 1}, .constant = true}},
             .reduction = 35},
            {.name = "group",
             .attrs = "axes=[2, 3] groups=2",
             .inputs = {{.dims = {2, 6, 5, 7}},
                        {.dims = {1, 6, 1, 1}, .constant = true},
                        {.dims = {1, 6, 1, 1}, .constant = true}},
             .reduction = 105},
            {.name = "group_scale",
             .attrs = "axes=[2] groups=3",
             .inputs = {{.dims = {2, 6, 9}},
                        {.dims = {1, 3, 1}, .constant = true},
                        {.dims = {1, 3, 1}, .constant = true}},
             .reduction = 18},
            {.name = "middle_no_bias",
             .attrs = "axes=[1]",
             .inputs = {{.dims = {3, 11, 4}}, {.dims = {1, 11, 1}}},
             .reduction = 11},
            {.name = "f16",
             .attrs = "axes=[1]",
             .inputs = {{.dtype = kHalf, .dims = {3, 40}},
                        {.dtype = kHalf, .dims = {1, 40}, .constant = true},
                        {.dtype = kHalf, .dims = {1, 40}, .constant = true}},
             .reduction = 40},
            {.name = "bf16", .attrs = "axes=[0, 1]", .inputs = {{.dtype = kBf16, .dims = {3, 10}}}, .reduction = 30},
            {.name = "empty", .attrs = "axes=[1]", .inputs = {{.dims = {0, 4}}}},
        };
    }

  private:
    // [N, C, …] as [N, groups, C / groups, …]; what has one entry a group, or one for all, is shared by its channels.
    static Dims grouped(Dims dims, int64_t groups) {
        if (groups == 1) return dims;
        int64_t channels = dims[1];
        dims[1] = channels == 1 ? 1 : groups;
        dims.insert(dims.begin() + 2, channels == 1 ? 1 : channels / groups);
        return dims;
    }
};

}  // namespace

LATHE_OP(normalization, NormalizationOp)

}  // namespace lathe::ops
