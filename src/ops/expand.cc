// SPDX-License-Identifier: Apache-2.0
#include "ops/expand.h"

#include "ops/move.h"

namespace lathe::ops {
namespace {

template <class T>
void expanded(const T* in, const Dims& dims, T* out, const Dims& to) {
    copyStrided(in, broadcastStrides(dims, to), out, to);
}

class ExpandOp final : public ir::OpWith<ExpandAttrs> {
  public:
    constexpr ExpandOp() : OpWith("expand", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 2));
        TRY(requireWholeBytes(c, 0));
        auto target = TRY(shapeInput(c, 1));
        for (const Dim& d : target)
            if (d.isConstant() && d.value() < 0)
                return invalidArgument("a negative extent in the shape {}", ir::toString(target));
        Shape out = TRY(ir::broadcastShapes(c.shape(0), target));
        c.setOutput(0, {c.dtype(0), out});
        const auto* x = knownElements(c, 0);
        if (!x || !ir::isConstant(out)) return {};
        Dims to = ir::constantDims(out);
        auto count = ir::checkedVolume(to);
        if (!count.ok() || *count > ir::kMaxElements) return {};
        std::vector<Dim> elements(*count);
        expanded(x->data(), ir::constantDims(c.shape(0)), elements.data(), to);
        setElements(c, 0, c.dtype(0), std::move(elements));
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &x = c.input(0), &y = c.output(0);
        TRY(requireBroadcast(0, x.dims, y.dims));
        TRY(requireBroadcast(1, readIntegers(c.input(1)), y.dims));
        return dispatchWidth(x.dtype, [&]<class T>() -> Status {
            expanded(data<T>(x), x.dims, mutableData<T>(y), y.dims);
            return {};
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        auto shape = [](std::vector<double> v, bool constant = true) {
            Dims dims = {static_cast<int64_t>(v.size())};
            return ir::SampleInput{.dtype = DType::kInt64, .dims = dims, .constant = constant, .values = std::move(v)};
        };
        return {
            {.name = "rows", .inputs = {{.dims = {3, 1}}, shape({3, 9})}},
            {.name = "more_axes", .inputs = {{.dims = {3, 1}}, shape({2, 1, 5})}},
            {.name = "shape_is_smaller", .inputs = {{.dims = {2, 3, 4}}, shape({3, 1})}},
            {.name = "computed_f16", .inputs = {{.dtype = DType::kHalf, .dims = {5, 1}}, shape({1, 4}, false)}},
            {.name = "i64_scalar", .inputs = {{.dtype = DType::kInt64, .dims = {}, .high = 9}, shape({7})}},
            {.name = "empty", .inputs = {{.dims = {1, 3}}, shape({0, 1})}},
        };
    }
};

}  // namespace

LATHE_OP(expand, ExpandOp)

}  // namespace lathe::ops
