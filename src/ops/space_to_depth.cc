// SPDX-License-Identifier: Apache-2.0
#include "ops/space_to_depth.h"

#include "ops/move.h"

namespace lathe::ops {
namespace {

class SpaceToDepthOp final : public ir::OpWith<SpaceToDepthAttrs> {
  public:
    constexpr SpaceToDepthOp() : OpWith("space_to_depth", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        TRY(requireWholeBytes(c, 0));
        TRY(requireRank(c, 0, 4));
        int64_t b = attrs(c).blockSize;
        if (b < 1 || b > ir::kMaxExtent) return invalidArgument("a block size of {}", b);
        const Shape& x = c.shape(0);
        for (int d : {2, 3})
            if (x[d].isConstant() && x[d].value() % b != 0)
                return invalidArgument("a block size of {} does not divide the shape {}", b, ir::toString(x));
        c.setOutput(0, {c.dtype(0), {x[0], x[1] * b * b, floorDiv(x[2], b), floorDiv(x[3], b)}});
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &x = c.input(0), &y = c.output(0);
        if (x.count() != y.count())
            return invalidArgument("{} cannot become {}", ir::toString(x.dims), ir::toString(y.dims));
        int64_t b = attrs(c).blockSize, h = y.dims[2], w = y.dims[3];
        // x as [n, c, h, b, w, b].
        Dims s = rowMajorStrides({x.dims[0], x.dims[1], h, b, w, b});
        Dims strides = {s[0], s[3], s[5], s[1], s[2], s[4]}, dims = {x.dims[0], b, b, x.dims[1], h, w};
        if (attrs(c).mode == DepthOrder::kCrd) {
            strides = {s[0], s[1], s[3], s[5], s[2], s[4]};
            dims = {x.dims[0], x.dims[1], b, b, h, w};
        }
        return dispatchWidth(x.dtype, [&]<class T>() -> Status {
            copyStrided(data<T>(x), strides, mutableData<T>(y), dims);
            return {};
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        return {
            {.name = "two", .attrs = "block_size=2", .inputs = {{.dims = {2, 3, 4, 6}}}},
            {.name = "crd", .attrs = "block_size=2 mode=crd", .inputs = {{.dims = {2, 3, 4, 6}}}},
            {.name = "three_f16", .attrs = "block_size=3", .inputs = {{.dtype = DType::kHalf, .dims = {1, 2, 3, 9}}}},
            {.name = "empty", .attrs = "block_size=2", .inputs = {{.dims = {1, 4, 0, 2}}}},
        };
    }
};

}  // namespace

LATHE_OP(space_to_depth, SpaceToDepthOp)

}  // namespace lathe::ops
