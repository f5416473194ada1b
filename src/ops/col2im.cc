// SPDX-License-Identifier: Apache-2.0
#include "ops/col2im.h"

#include "ops/move.h"

namespace lathe::ops {
namespace {

struct Blocks {
    std::vector<int64_t> block, dilations, pads, strides;
};

Result<Blocks> blocksOf(const Col2imAttrs& a, std::vector<int64_t> block) {
    size_t n = block.size();
    Blocks b{std::move(block), a.dilations, a.pads, a.strides};
    if (b.dilations.empty()) b.dilations.assign(n, 1);
    if (b.strides.empty()) b.strides.assign(n, 1);
    if (b.pads.empty()) b.pads.assign(2 * n, 0);
    if (n == 0 || b.dilations.size() != n || b.strides.size() != n || b.pads.size() != 2 * n)
        return invalidArgument("a block of {} dimensions with {} dilations, {} strides and {} pads", n,
                               b.dilations.size(), b.strides.size(), b.pads.size());
    for (size_t i = 0; i < n; ++i)
        for (int64_t v : {b.block[i], b.dilations[i], b.strides[i], b.pads[i] + 1, b.pads[n + i] + 1})
            if (v < 1 || v > ir::kMaxExtent)
                return invalidArgument("block, dilation, stride or pad of axis {} is out of range", i);
    return b;
}

// How many blocks fit along axis d of an image of this extent.
Dim blockCount(const Blocks& b, size_t d, const Dim& extent) {
    return floorDiv(extent + b.pads[d] + b.pads[b.block.size() + d] - b.dilations[d] * (b.block[d] - 1) - 1,
                    b.strides[d]) +
           1;
}

class Col2imOp final : public ir::OpWith<Col2imAttrs> {
  public:
    constexpr Col2imOp() : OpWith("col2im", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 3));
        TRY(requireFloat(c, 0));
        TRY(requireRank(c, 0, 3));
        auto image = TRY(shapeInput(c, 1));
        TRY(requireType(c, 2, {DType::kInt64, DType::kInt32}));
        Blocks b = TRY(blocksOf(attrs(c), TRY(requireIntegers(c, 2, "the block shape"))));
        if (image.size() != b.block.size())
            return invalidArgument("an image of {} and a block of {} dimensions", image.size(), b.block.size());
        Dim perChannel(1), blocks(1);
        for (size_t d = 0; d < image.size(); ++d) {
            perChannel = perChannel * b.block[d];
            blocks = blocks * blockCount(b, d, image[d]);
        }
        const Shape& x = c.shape(0);
        if (x[1].isConstant() && x[1].value() % perChannel.value() != 0)
            return invalidArgument("{} rows are no multiple of a block of {} elements", x[1].value(),
                                   perChannel.value());
        TRY(sameExtent(blocks, x[2], "the number of blocks that fit the image and that of columns"));
        Shape out = {x[0], floorDiv(x[1], perChannel)};
        out.insert(out.end(), image.begin(), image.end());
        c.setOutput(0, {c.dtype(0), out});
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &x = c.input(0), &y = c.output(0);
        Blocks b = TRY(blocksOf(attrs(c), readIntegers(c.input(2))));
        size_t n = b.block.size();
        Dims image(y.dims.begin() + 2, y.dims.end()), counts;
        for (size_t d = 0; d < n; ++d) counts.push_back(blockCount(b, d, image[d]).value());
        int64_t columns = x.dims[2], perChannel = ir::volume(b.block), planes = x.dims[0] * y.dims[1];
        for (int64_t count : counts)
            if (count < 1 && columns != 0)
                return invalidArgument("a block does not fit an image of {}", ir::toString(image));
        if (columns != ir::volume(counts) || x.dims[1] != perChannel * y.dims[1])
            return invalidArgument("columns of shape {} for an image of {}", ir::toString(x.dims),
                                   ir::toString(y.dims));
        Dims imageStrides = rowMajorStrides(image), countStrides = rowMajorStrides(counts),
             blockStrides = rowMajorStrides(b.block);
        std::vector<double> in = readDoubles(x), out(y.count(), 0.);
        for (int64_t p = 0; p < planes; ++p)
            for (int64_t k = 0; k < perChannel; ++k)
                for (int64_t l = 0; l < columns; ++l) {
                    int64_t offset = 0;
                    bool inside = true;
                    for (size_t d = 0; d < n; ++d) {
                        int64_t at = l / countStrides[d] % counts[d] * b.strides[d] +
                                     k / blockStrides[d] % b.block[d] * b.dilations[d] - b.pads[d];
                        inside = inside && at >= 0 && at < image[d];
                        offset += at * imageStrides[d];
                    }
                    if (inside) out[p * ir::volume(image) + offset] += in[(p * perChannel + k) * columns + l];
                }
        writeDoubles(y, out);
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        auto list = [](std::vector<double> v) {
            Dims dims = {static_cast<int64_t>(v.size())};
            return ir::SampleInput{.dtype = DType::kInt64, .dims = dims, .constant = true, .values = std::move(v)};
        };
        return {
            {.name = "overlapping", .inputs = {{.dims = {2, 12, 12}}, list({4, 5}), list({2, 2})}, .reduction = 4},
            {.name = "padded",
             .attrs = "pads=[1, 1, 1, 1] strides=[2, 2] dilations=[2, 1]",
             .inputs = {{.dims = {1, 6, 4}}, list({5, 3}), list({3, 2})},
             .reduction = 6},
            {.name = "one_axis_f16",
             .inputs = {{.dtype = DType::kHalf, .dims = {1, 6, 4}}, list({6}), list({3})},
             .reduction = 3},
        };
    }
};

}  // namespace

LATHE_OP(col2im, Col2imOp)

}  // namespace lathe::ops
