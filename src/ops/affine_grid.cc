// SPDX-License-Identifier: Apache-2.0
#include "ops/affine_grid.h"

#include "ops/elements.h"

namespace lathe::ops {
namespace {

class AffineGridOp final : public ir::OpWith<AffineGridAttrs> {
  public:
    constexpr AffineGridOp() : OpWith("affine_grid", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 2));
        TRY(requireFloat(c, 0));
        TRY(requireRank(c, 0, 3));
        auto size = TRY(shapeInput(c, 1));
        if (size.size() != 4 && size.size() != 5)
            return invalidArgument("size has {} elements; expected N, C and two or three extents", size.size());
        int64_t axes = static_cast<int64_t>(size.size()) - 2;
        TRY(requireExtent(c.shape(0)[1], axes, "the number of theta's rows"));
        TRY(requireExtent(c.shape(0)[2], axes + 1, "the number of theta's columns"));
        Shape out = {TRY(sameExtent(c.shape(0)[0], size[0], "the batch sizes of theta and size"))};
        out.insert(out.end(), size.begin() + 2, size.end());
        out.push_back(axes);
        c.setOutput(0, {c.dtype(0), std::move(out)});
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor& y = c.output(0);
        int axes = y.rank() - 2;
        int64_t places = 1;
        for (int d = 0; d < axes; ++d) places *= y.dims[1 + d];
        std::vector<double> theta = readDoubles(c.input(0)), out(axes);
        for (int64_t n = 0; n < y.dims[0]; ++n)
            for (int64_t p = 0; p < places; ++p) {
                double at[4] = {};
                int64_t rest = p;
                for (int k = 0; k < axes; ++k) {  // the last axis is x
                    int64_t extent = y.dims[axes - k], i = rest % extent;
                    rest /= extent;
                    double e = static_cast<double>(extent), o = static_cast<double>(i);
                    at[k] = attrs(c).alignCorners ? (extent > 1 ? 2 * o / (e - 1) - 1 : 0) : (2 * o + 1) / e - 1;
                }
                at[axes] = 1;
                for (int row = 0; row < axes; ++row) {
                    out[row] = 0;
                    for (int k = 0; k <= axes; ++k) out[row] += theta[(n * axes + row) * (axes + 1) + k] * at[k];
                }
                writeDoubles(y, (n * places + p) * axes, axes, out.data());
            }
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        auto with = [](ir::SampleInput theta, std::vector<double> size,
                       bool constant = true) -> std::vector<ir::SampleInput> {
            return {std::move(theta),
                    {.dtype = DType::kInt64,
                     .dims = {static_cast<int64_t>(size.size())},
                     .constant = constant,
                     .values = size}};
        };
        return {
            {.name = "2d", .attrs = "", .inputs = with({.dims = {2, 2, 3}}, {2, 3, 5, 6}), .reduction = 3},
            {.name = "2d_corners",
             .attrs = "align_corners=true",
             .inputs = with({.dims = {2, 2, 3}}, {2, 3, 5, 1}),
             .reduction = 3},
            {.name = "3d", .attrs = "", .inputs = with({.dims = {1, 3, 4}}, {1, 3, 2, 3, 4}), .reduction = 4},
            {.name = "computed_size",
             .attrs = "",
             .inputs = with({.dims = {1, 2, 3}}, {1, 1, 4, 4}, false),
             .reduction = 3},
            {.name = "f16",
             .attrs = "",
             .inputs = with({.dtype = DType::kHalf, .dims = {1, 2, 3}}, {1, 1, 4, 4}),
             .reduction = 3},
            {.name = "empty", .attrs = "", .inputs = with({.dims = {1, 2, 3}}, {1, 1, 0, 4})},
        };
    }
};

}  // namespace

LATHE_OP(affine_grid, AffineGridOp)

}  // namespace lathe::ops
