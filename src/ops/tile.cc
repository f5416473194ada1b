// SPDX-License-Identifier: Apache-2.0
#include "ops/tile.h"

#include "ops/move.h"

namespace lathe::ops {
namespace {

class TileOp final : public ir::OpWith<TileAttrs> {
  public:
    constexpr TileOp() : OpWith("tile", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 2));
        TRY(requireWholeBytes(c, 0));
        auto repeats = TRY(shapeInput(c, 1));
        if (static_cast<int>(repeats.size()) != c.rank(0))
            return invalidArgument("{} repeats for {} dimensions", repeats.size(), c.rank(0));
        Shape out = c.shape(0);
        for (size_t d = 0; d < out.size(); ++d) {
            if (repeats[d].isConstant() && repeats[d].value() < 0)
                return invalidArgument("{} repeats of axis {}", repeats[d].value(), d);
            out[d] = out[d] * repeats[d];
        }
        c.setOutput(0, {c.dtype(0), out});
        const auto* x = knownElements(c, 0);
        if (!x || !ir::isConstant(out)) return {};
        auto count = ir::checkedVolume(ir::constantDims(out));
        if (!count.ok() || *count > ir::kMaxElements) return {};
        Dims dims = ir::constantDims(c.shape(0));
        std::vector<Dim> elements(*count);
        copyMapped(x->data(), dims, axisMaps(dims, ir::constantDims(out)), elements.data());
        setElements(c, 0, c.dtype(0), std::move(elements));
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &x = c.input(0), &y = c.output(0);
        for (int d = 0; d < x.rank(); ++d)
            if (x.dims[d] ? y.dims[d] % x.dims[d] != 0 : y.dims[d] != 0)
                return invalidArgument("{} cannot be repeated to {}", ir::toString(x.dims), ir::toString(y.dims));
        return dispatchWidth(x.dtype, [&]<class T>() -> Status {
            copyMapped(data<T>(x), x.dims, axisMaps(x.dims, y.dims), mutableData<T>(y));
            return {};
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        auto list = [](std::vector<double> v, bool constant = true) {
            Dims dims = {static_cast<int64_t>(v.size())};
            return ir::SampleInput{.dtype = DType::kInt64, .dims = dims, .constant = constant, .values = std::move(v)};
        };
        return {
            {.name = "both", .inputs = {{.dims = {3, 5}}, list({2, 3})}},
            {.name = "inner_f16", .inputs = {{.dtype = DType::kHalf, .dims = {2, 1, 7}}, list({1, 4, 1})}},
            {.name = "computed", .inputs = {{.dims = {5}}, list({3}, false)}},
            {.name = "none", .inputs = {{.dims = {5}}, list({0})}},
        };
    }

  private:
    static AxisMaps axisMaps(const Dims& dims, const Dims& out) {
        AxisMaps maps;
        for (size_t d = 0; d < dims.size(); ++d) {
            maps.push_back(iota(out[d]));
            for (int64_t& i : maps.back()) i %= dims[d];
        }
        return maps;
    }
};

}  // namespace

LATHE_OP(tile, TileOp)

}  // namespace lathe::ops
