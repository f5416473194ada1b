// SPDX-License-Identifier: Apache-2.0
#include "ops/layer_norm.h"

#include "ops/norm_reference.h"

namespace lathe::ops {
namespace {

class LayerNormOp final : public ir::OpWith<LayerNormAttrs> {
  public:
    constexpr LayerNormOp() : OpWith("layer_norm", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        TRY(requireFloat(c, 0));
        int axis = TRY(normalizeAxis(attrs(c).axis, c.rank(0)));
        for (int i = 1; i < 3; ++i) {
            if (i >= c.inputCount() || !c.has(i)) continue;
            TRY(requireSameType(c, 0, i));
            TRY(requireBroadcastTo(c, i, c.shape(0)));
        }
        c.setOutput(0, c.input(0));
        Shape statistics = c.shape(0);
        for (int d = axis; d < c.rank(0); ++d) statistics[d] = 1;
        for (int i = 1; i < c.outputCount(); ++i) c.setOutput(i, {DType::kFloat, statistics});
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor& x = c.input(0);
        int axis = TRY(normalizeAxis(attrs(c).axis, x.rank()));
        int64_t size = 1;
        for (int d = axis; d < x.rank(); ++d) size *= x.dims[d];
        int64_t groups = 1;
        for (int d = 0; d < axis; ++d) groups *= x.dims[d];
        Affine affine(c, 1, 2, x.dims);
        std::vector<double> line(size);
        int outputs = c.node().outputCount();
        for (int64_t g = 0; g < groups; ++g) {
            readDoubles(x, g * size, size, line.data());
            Moments m = momentsOf(line);
            double factor = 1 / std::sqrt(m.variance + attrs(c).epsilon);
            for (double& v : line) v = (v - m.mean) * factor;
            affine.apply(g * size, line);
            writeDoubles(c.output(0), g * size, size, line.data());
            if (outputs > 1) c.output(1).as<float>()[g] = static_cast<float>(m.mean);
            if (outputs > 2) c.output(2).as<float>()[g] = static_cast<float>(factor);
        }
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        constexpr DType kHalf = DType::kHalf, kBf16 = DType::kBf16;
        return {
            {.name = "last",
             .attrs = "",
             .inputs = {{.dims = {2, 5, 64}}, {.dims = {64}, .constant = true}, {.dims = {64}, .constant = true}},
             .reduction = 64},
            {.name = "odd",
             .attrs = "epsilon=1e-12",
             .inputs = {{.dims = {3, 37}}, {.dims = {37}, .constant = true}, {.dims = {37}, .constant = true}},
             .reduction = 37},
            {.name = "two_axes",
             .attrs = "axis=1",
             .inputs = {{.dims = {3, 5, 7}}, {.dims = {5, 7}}, {.dims = {5, 1}}},
             .reduction = 35},
            {.name = "no_bias", .attrs = "axis=-1", .inputs = {{.dims = {4, 20}}, {.dims = {20}}}, .reduction = 20},
            {.name = "plain", .attrs = "axis=-1", .inputs = {{.dims = {4, 20}}}, .reduction = 20},
            {.name = "statistics",
             .attrs = "axis=2",
             .inputs = {{.dims = {2, 3, 16}}, {.dims = {16}}, {.dims = {16}}},
             .outputs = 3,
             .reduction = 16},
            {.name = "offset",
             .attrs = "",
             .inputs = {{.dims = {2, 48}, .low = 99, .high = 101}, {.dims = {48}}},
             .reduction = 48},
            {.name = "f16",
             .attrs = "",
             .inputs = {{.dtype = kHalf, .dims = {6, 96}},
                        {.dtype = kHalf, .dims = {96}},
                        {.dtype = kHalf, .dims = {96}}},
             .reduction = 96},
            {.name = "bf16",
             .attrs = "",
             .inputs = {{.dtype = kBf16, .dims = {6, 33}},
                        {.dtype = kBf16, .dims = {33}},
                        {.dtype = kBf16, .dims = {33}}},
             .reduction = 33},
            {.name = "empty", .attrs = "", .inputs = {{.dims = {0, 8}}, {.dims = {8}}}},
        };
    }
};

}  // namespace

LATHE_OP(layer_norm, LayerNormOp)

}  // namespace lathe::ops
