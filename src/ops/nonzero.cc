// SPDX-License-Identifier: Apache-2.0
#include "ops/nonzero.h"

#include "ops/move.h"
#include "ops/narrow.h"

namespace lathe::ops {
namespace {

class NonzeroOp final : public ir::OpWith<NonzeroAttrs> {
  public:
    constexpr NonzeroOp() : OpWith("nonzero", kDataDependent) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        TRY(requireWholeBytes(c, 0));
        c.setOutput(0, {DType::kInt64, {c.rank(0), c.dataDependentDim(0, 1, ir::volume(c.shape(0)))}});
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor& x = c.input(0);
        std::vector<int64_t> found;
        for (int64_t i = 0; i < x.count(); ++i)
            if (isFloating(x.dtype) ? loadFloating(x.dtype, x.data, i) != 0 : loadInteger(x.dtype, x.data, i) != 0)
                found.push_back(i);
        auto count = static_cast<int64_t>(found.size());
        Tensor y = TRY(c.allocateOutput(0, {x.rank(), count}));
        Dims strides = rowMajorStrides(x.dims);
        for (int d = 0; d < x.rank(); ++d)
            for (int64_t k = 0; k < count; ++k) y.as<int64_t>()[d * count + k] = found[k] / strides[d] % x.dims[d];
        return {};
    }

    std::vector<ir::SampleCase> samples() const override {
        return {
            {.name = "bool", .inputs = {{.dtype = DType::kBool, .dims = {3, 7}}}},
            {.name = "i32", .inputs = {{.dtype = DType::kInt32, .dims = {2, 3, 4}, .low = 0, .high = 1}}},
            {.name = "f32",
             .inputs = {{.dims = {6}, .values = {0, -0.0, 1, std::numeric_limits<double>::quiet_NaN(), 0, 3}}}},
            {.name = "none", .inputs = {{.dims = {0, 3}}}},
        };
    }
};

}  // namespace

LATHE_OP(nonzero, NonzeroOp)

}  // namespace lathe::ops
