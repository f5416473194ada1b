// SPDX-License-Identifier: Apache-2.0
#include "ops/depth_to_space.h"

#include "ops/move.h"

namespace lathe::ops {
namespace {

// The kernel's view: input axes in the order of the output's [n, c, h, b, w, b].
Dims permuted(const Dims& dims, const Dims& strides, DepthOrder mode, Dims& out) {
    // As [n, b, b, c, h, w] or [n, c, b, b, h, w].
    int c = mode == DepthOrder::kDcr ? 3 : 1, row = mode == DepthOrder::kDcr ? 1 : 2;
    Dims order;
    for (int axis : {0, c, 4, row, 5, row + 1}) {
        out.push_back(dims[axis]);
        order.push_back(strides[axis]);
    }
    return order;
}

class DepthToSpaceOp final : public ir::OpWith<DepthToSpaceAttrs> {
  public:
    constexpr DepthToSpaceOp() : OpWith("depth_to_space", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        TRY(requireWholeBytes(c, 0));
        TRY(requireRank(c, 0, 4));
        int64_t b = attrs(c).blockSize;
        if (b < 1 || b > ir::kMaxExtent) return invalidArgument("a block size of {}", b);
        const Shape& x = c.shape(0);
        if (x[1].isConstant() && x[1].value() % (b * b) != 0)
            return invalidArgument("{} channels cannot make blocks of {} by {}", x[1].value(), b, b);
        c.setOutput(0, {c.dtype(0), {x[0], floorDiv(x[1], b * b), x[2] * b, x[3] * b}});
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &x = c.input(0), &y = c.output(0);
        if (x.count() != y.count())
            return invalidArgument("{} cannot become {}", ir::toString(x.dims), ir::toString(y.dims));
        int64_t b = attrs(c).blockSize, channels = y.dims[1];
        Dims dims = {x.dims[0], b, b, channels, x.dims[2], x.dims[3]}, out;
        if (attrs(c).mode == DepthOrder::kCrd) dims = {x.dims[0], channels, b, b, x.dims[2], x.dims[3]};
        Dims strides = permuted(dims, rowMajorStrides(dims), attrs(c).mode, out);
        return dispatchWidth(x.dtype, [&]<class T>() -> Status {
            copyStrided(data<T>(x), strides, mutableData<T>(y), out);
            return {};
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        return {
            {.name = "dcr", .attrs = "block_size=2", .inputs = {{.dims = {2, 12, 3, 5}}}},
            {.name = "crd", .attrs = "block_size=2 mode=crd", .inputs = {{.dims = {2, 12, 3, 5}}}},
            {.name = "three_f16", .attrs = "block_size=3", .inputs = {{.dtype = DType::kHalf, .dims = {1, 9, 2, 2}}}},
            {.name = "empty", .attrs = "block_size=2", .inputs = {{.dims = {0, 4, 2, 2}}}},
        };
    }
};

}  // namespace

LATHE_OP(depth_to_space, DepthToSpaceOp)

}  // namespace lathe::ops
