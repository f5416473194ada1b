// SPDX-License-Identifier: Apache-2.0
#include "ops/compress.h"

#include "ops/move.h"

namespace lathe::ops {
namespace {

class CompressOp final : public ir::OpWith<CompressAttrs> {
  public:
    constexpr CompressOp() : OpWith("compress", kDataDependent) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 2));
        TRY(requireWholeBytes(c, 0));
        TRY(requireType(c, 1, {DType::kBool}));
        TRY(requireRank(c, 1, 1));
        Shape out = {ir::volume(c.shape(0))};
        int axis = 0;
        if (attrs(c).hasAxis) {
            out = c.shape(0);
            axis = TRY(normalizeAxis(attrs(c).axis, c.rank(0)));
        }
        out[axis] = c.dataDependentDim(0, axis, ElementMath(c).min(out[axis], c.shape(1)[0]));
        c.setOutput(0, {c.dtype(0), out});
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor& x = c.input(0);
        Dims dims = {x.count()};
        int axis = 0;
        if (attrs(c).hasAxis) {
            dims = x.dims;
            axis = TRY(normalizeAxis(attrs(c).axis, x.rank()));
        }
        AxisMaps maps;
        for (int64_t d : dims) maps.push_back(iota(d));
        maps[axis].clear();
        for (int64_t i = 0; i < std::min(dims[axis], c.input(1).count()); ++i)
            if (c.input(1).as<bool>()[i]) maps[axis].push_back(i);
        Dims out = dims;
        out[axis] = static_cast<int64_t>(maps[axis].size());
        Tensor y = TRY(c.allocateOutput(0, out));
        return dispatchWidth(x.dtype, [&]<class T>() -> Status {
            copyMapped(data<T>(x), dims, maps, mutableData<T>(y));
            return {};
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        auto cond = [](int64_t n) { return ir::SampleInput{.dtype = DType::kBool, .dims = {n}}; };
        return {
            {.name = "flat", .inputs = {{.dims = {3, 4}}, cond(12)}},
            {.name = "rows", .attrs = "has_axis=true axis=0", .inputs = {{.dims = {5, 4}}, cond(5)}},
            {.name = "columns_f16",
             .attrs = "has_axis=true axis=-1",
             .inputs = {{.dtype = DType::kHalf, .dims = {5, 4}}, cond(3)}},
            {.name = "longer_condition", .inputs = {{.dims = {3}}, cond(9)}},
        };
    }
};

}  // namespace

LATHE_OP(compress, CompressOp)

}  // namespace lathe::ops
