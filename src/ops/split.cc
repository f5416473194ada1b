// SPDX-License-Identifier: Apache-2.0
#include "ops/split.h"

#include "ops/move.h"

namespace lathe::ops {
namespace {

template <class T>
void part(const T* in, const AxisSplit& split, int64_t from, int64_t extent, T* out) {
    for (int64_t o = 0; o < split.outer; ++o)
        out = std::copy_n(in + (o * split.extent + from) * split.inner, extent * split.inner, out);
}

class SplitOp final : public ir::OpWith<SplitAttrs> {
  public:
    constexpr SplitOp() : OpWith("split", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        TRY(requireWholeBytes(c, 0));
        int axis = TRY(normalizeAxis(attrs(c).axis, c.rank(0)));
        int count = c.outputCount();
        const Dim& extent = c.shape(0)[axis];
        std::vector<Dim> sizes;
        if (c.inputCount() > 1 && c.has(1)) {
            sizes = TRY(shapeInput(c, 1));
            if (static_cast<int>(sizes.size()) != count)
                return invalidArgument("{} sizes for {} outputs", sizes.size(), count);
            Dim sum(0);
            for (const Dim& s : sizes) {
                if (s.isConstant() && (s.value() < 0 || s.value() > c.range(extent).max))
                    return invalidArgument("a size of {} for an extent of {}", s.value(), extent.toString());
                sum = sum + s;
            }
            if (sum.isConstant() && extent.isConstant() && !(sum == extent))
                return invalidArgument("sizes {} do not add up to the extent {}", ir::toString(sizes), extent.value());
        } else {
            if (attrs(c).numOutputs != 0 && attrs(c).numOutputs != count)
                return invalidArgument("num_outputs {} for {} outputs", attrs(c).numOutputs, count);
            Dim chunk = ceilDiv(extent, count);
            sizes.assign(count, chunk);
            sizes.back() = extent - chunk * (count - 1);
            if (sizes.back().isConstant() && sizes.back().value() < 0)
                return invalidArgument("an extent of {} is too short for {} outputs", extent.value(), count);
        }
        int64_t from = 0;
        const auto* x = knownElements(c, 0);
        for (int i = 0; i < count; ++i) {
            Shape out = c.shape(0);
            out[axis] = sizes[i];
            c.setOutput(i, {c.dtype(0), out});
            if (!x || !sizes[i].isConstant() || sizes[i].value() < 0 || from + sizes[i].value() > extent.value()) {
                x = nullptr;
                continue;
            }
            AxisSplit split(ir::constantDims(c.shape(0)), axis);
            std::vector<Dim> elements(split.outer * split.inner * sizes[i].value());
            part(x->data(), split, from, sizes[i].value(), elements.data());
            setElements(c, i, c.dtype(0), std::move(elements));
            from += sizes[i].value();
        }
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor& x = c.input(0);
        int axis = TRY(normalizeAxis(attrs(c).axis, x.rank()));
        AxisSplit split(x.dims, axis);
        int64_t sum = 0;
        for (int i = 0; i < c.node().outputCount(); ++i) sum += c.output(i).dims[axis];
        if (sum != split.extent)
            return invalidArgument("sizes that add up to {} for an extent of {}", sum, split.extent);
        return dispatchWidth(x.dtype, [&]<class T>() -> Status {
            int64_t from = 0;
            for (int i = 0; i < c.node().outputCount(); ++i) {
                const Tensor& y = c.output(i);
                part(data<T>(x), split, from, y.dims[axis], mutableData<T>(y));
                from += y.dims[axis];
            }
            return {};
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        auto list = [](std::vector<double> v, bool constant = true) {
            Dims dims = {static_cast<int64_t>(v.size())};
            return ir::SampleInput{.dtype = DType::kInt64, .dims = dims, .constant = constant, .values = std::move(v)};
        };
        return {
            {.name = "even", .attrs = "axis=1", .inputs = {{.dims = {2, 6, 5}}}, .outputs = 3},
            {.name = "last_smaller", .attrs = "axis=0 num_outputs=3", .inputs = {{.dims = {8, 3}}}, .outputs = 3},
            {.name = "sizes", .attrs = "axis=-1", .inputs = {{.dims = {3, 7}}, list({2, 4, 1})}, .outputs = 3},
            {.name = "computed_f16",
             .inputs = {{.dtype = DType::kHalf, .dims = {7, 3}}, list({5, 2}, false)},
             .outputs = 2},
            {.name = "one", .inputs = {{.dims = {7}}}, .outputs = 1},
            {.name = "empty_part", .inputs = {{.dims = {4, 2}}, list({0, 4})}, .outputs = 2},
        };
    }
};

}  // namespace

LATHE_OP(split, SplitOp)

}  // namespace lathe::ops
