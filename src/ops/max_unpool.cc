// SPDX-License-Identifier: Apache-2.0
#include "ops/max_unpool.h"

#include <cstring>

#include "ops/elements.h"
#include "ops/window.h"

namespace lathe::ops {
namespace {

class MaxUnpoolOp final : public ir::OpWith<MaxUnpoolAttrs> {
  public:
    constexpr MaxUnpoolOp() : OpWith("max_unpool", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 2));
        TRY(requireFloat(c, 0));
        TRY(requireType(c, 1, {DType::kInt64}));
        const Shape& x = c.shape(0);
        TRY(requireRank(c, 1, c.rank(0)));
        for (size_t d = 0; d < x.size(); ++d)
            TRY(requireExtent(c.shape(1)[d], x[d], fmt::format("axis {} of the indices", d)));
        Shape inner = TRY(unpooled(attrs(c), x));
        if (c.has(2)) {
            Shape out = TRY(shapeInput(c, 2));
            if (out.size() != x.size())
                return invalidArgument("the output's shape has {} elements for {} dimensions", out.size(), x.size());
            for (size_t d = 0; d < out.size(); ++d)
                if (out[d].isConstant() && inner[d].isConstant() && out[d].value() < inner[d].value())
                    return invalidArgument("the output's shape {} is smaller than {}", ir::toString(out),
                                           ir::toString(inner));
            inner = std::move(out);
        }
        c.setOutput(0, {c.dtype(0), std::move(inner)});
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &x = c.input(0), &at = c.input(1), &y = c.output(0);
        Dims inner = ir::constantDims(TRY(unpooled(attrs(c), ir::toShape(x.dims))));
        const int64_t places = ir::volume(inner);
        const Dims strides = rowMajorStrides(inner), out = rowMajorStrides(y.dims);
        for (size_t d = 0; d < inner.size(); ++d)
            if (inner[d] > y.dims[d])
                return invalidArgument("the output's shape {} is smaller than {}", ir::toString(y.dims),
                                       ir::toString(inner));
        if (y.byteSize()) std::memset(y.data, 0, y.byteSize());
        const auto width = static_cast<size_t>(bytesOf(x.dtype, 1));
        for (int64_t i = 0; i < x.count(); ++i) {
            int64_t place = at.as<int64_t>()[i], to = 0;
            if (place < 0 || place >= places)
                return makeStatus(Code::kFailedComputation, "index {} is outside of {} elements", place, places);
            for (size_t d = 0; d < inner.size(); ++d) {
                to += place / strides[d] * out[d];
                place %= strides[d];
            }
            std::memcpy(static_cast<std::byte*>(y.data) + to * width, static_cast<const std::byte*>(x.data) + i * width,
                        width);
        }
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        ir::SampleInput at{.dtype = DType::kInt64, .dims = {1, 1, 2, 2}, .values = {5, 7, 13, 15}};
        return {{.name = "plain", .attrs = "kernel=[2, 2] strides=[2, 2]", .inputs = {{.dims = {1, 1, 2, 2}}, at}},
                {.name = "shape",
                 .attrs = "kernel=[2, 2] strides=[2, 2]",
                 .inputs = {{.dims = {1, 1, 2, 2}},
                            at,
                            {.dtype = DType::kInt64, .dims = {4}, .constant = true, .values = {1, 1, 5, 5}}}}};
    }

  private:
    static Result<Shape> unpooled(const MaxUnpoolAttrs& a, const Shape& x) {
        if (x.size() < 3) return unsupported("an input of {} dimensions; expected N, C and spatial axes", x.size());
        const size_t axes = x.size() - 2;
        if (a.kernel.size() != axes)
            return invalidArgument("the kernel has {} extents for {} spatial axes", a.kernel.size(), axes);
        auto kernel = TRY(windowList("kernel", a.kernel, axes, 1, 1)),
             strides = TRY(windowList("strides", a.strides, axes, 1, 1)),
             pads = TRY(windowList("pads", a.pads, axes * 2, 0, 0));
        Shape out = {x[0], x[1]};
        for (size_t d = 0; d < axes; ++d)
            out.push_back((x[d + 2] - 1) * strides[d] + (kernel[d] - pads[d] - pads[d + axes]));
        return out;
    }
};

}  // namespace

LATHE_OP(max_unpool, MaxUnpoolOp)

}  // namespace lathe::ops
