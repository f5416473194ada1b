// SPDX-License-Identifier: Apache-2.0
#include "ops/center_crop_pad.h"

#include "ops/move.h"

namespace lathe::ops {
namespace {

class CenterCropPadOp final : public ir::OpWith<CenterCropPadAttrs> {
  public:
    constexpr CenterCropPadOp() : OpWith("center_crop_pad", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 2));
        TRY(requireWholeBytes(c, 0));
        auto target = TRY(shapeInput(c, 1));
        auto axes = TRY(axesOf(attrs(c), c.rank(0)));
        if (axes.size() != target.size()) return invalidArgument("{} extents for {} axes", target.size(), axes.size());
        Shape out = c.shape(0);
        for (size_t i = 0; i < axes.size(); ++i) out[axes[i]] = target[i];
        c.setOutput(0, {c.dtype(0), out});
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &x = c.input(0), &y = c.output(0);
        AxisMaps maps;
        for (int d = 0; d < x.rank(); ++d) {
            int64_t from = x.dims[d], to = y.dims[d];
            Dims map = iota(to);
            for (int64_t& i : map) {
                i += to < from ? (from - to) / 2 : -((to - from) / 2);
                if (i >= from) i = -1;
            }
            for (int64_t& i : map) i = std::max<int64_t>(i, -1);
            maps.push_back(std::move(map));
        }
        return dispatchWidth(x.dtype, [&]<class T>() -> Status {
            copyMapped(data<T>(x), x.dims, maps, mutableData<T>(y));
            return {};
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        auto list = [](std::vector<double> v, bool constant = true) {
            Dims dims = {static_cast<int64_t>(v.size())};
            return ir::SampleInput{.dtype = DType::kInt64, .dims = dims, .constant = constant, .values = std::move(v)};
        };
        return {
            {.name = "crop_and_pad", .inputs = {{.dims = {5, 4}}, list({2, 7})}},
            {.name = "axes_f16",
             .attrs = "axes=[-1, 1]",
             .inputs = {{.dtype = DType::kHalf, .dims = {2, 3, 8}}, list({3, 4})}},
            {.name = "computed", .attrs = "axes=[0]", .inputs = {{.dims = {5, 2}}, list({8}, false)}},
        };
    }

  private:
    static Result<std::vector<int>> axesOf(const CenterCropPadAttrs& a, int rank) {
        return normalizeAxes(a.axes.empty() ? iota(rank) : a.axes, rank);
    }
};

}  // namespace

LATHE_OP(center_crop_pad, CenterCropPadOp)

}  // namespace lathe::ops
