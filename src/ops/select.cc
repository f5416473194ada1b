// SPDX-License-Identifier: Apache-2.0
#include "ops/select.h"

#include "ops/move.h"

namespace lathe::ops {
namespace {

class SelectOp final : public ir::OpWith<SelectAttrs> {
  public:
    constexpr SelectOp() : OpWith("select", kElementwise) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 3));
        TRY(requireType(c, 0, {DType::kBool}));
        TRY(requireSameType(c, 1, 2));
        TRY(requireWholeBytes(c, 1));
        Shape values = TRY(ir::broadcastShapes(c.shape(1), c.shape(2)));
        Shape shape = TRY(ir::broadcastShapes(c.shape(0), values));
        c.setOutput(0, {c.dtype(1), shape});
        propagate(c, shape);
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor& y = c.output(0);
        std::array<Dims, 3> strides;
        for (int i = 0; i < 3; ++i) {
            TRY(requireBroadcast(i, c.input(i).dims, y.dims));
            strides[i] = broadcastStrides(c.input(i).dims, y.dims);
        }
        return dispatchWidth(y.dtype, [&]<class T>() -> Status {
            const T *a = data<T>(c.input(1)), *b = data<T>(c.input(2));
            const bool* cond = data<bool>(c.input(0));
            T* out = mutableData<T>(y);
            forEachOffset<3>(y.dims, strides, [&](const auto& at) { *out++ = cond[at[0]] ? a[at[1]] : b[at[2]]; });
            return {};
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        auto cond = [](Dims dims) { return ir::SampleInput{.dtype = DType::kBool, .dims = std::move(dims)}; };
        return {
            {.name = "same", .inputs = {cond({3, 21}), {.dims = {3, 21}}, {.dims = {3, 21}}}},
            {.name = "mask", .inputs = {cond({1, 1, 5, 5}), {.dims = {2, 3, 5, 5}}, {.dims = {}, .values = {-9}}}},
            {.name = "three_ways", .inputs = {cond({2, 1, 1}), {.dims = {3, 1}}, {.dims = {7}}}},
            {.name = "f16",
             .inputs = {cond({17}), {.dtype = DType::kHalf, .dims = {17}}, {.dtype = DType::kHalf, .dims = {1}}}},
            {.name = "i64",
             .inputs = {cond({2, 3}),
                        {.dtype = DType::kInt64, .dims = {3}, .high = 9},
                        {.dtype = DType::kInt64, .dims = {2, 1}, .high = 9}}},
            {.name = "i8",
             .inputs = {cond({5}),
                        {.dtype = DType::kInt8, .dims = {5}, .high = 9},
                        {.dtype = DType::kInt8, .dims = {5}}}},
            {.name = "empty", .inputs = {cond({1}), {.dims = {0, 3}}, {.dims = {3}}}},
        };
    }

  private:
    static void propagate(InferContext& c, const Shape& shape) {
        const auto *cond = knownElements(c, 0), *a = knownElements(c, 1), *b = knownElements(c, 2);
        if (!cond || (!a && !b) || !ir::isConstant(shape)) return;
        Dims dims = ir::constantDims(shape);
        auto count = ir::checkedVolume(dims);
        if (!count.ok() || *count > ir::kMaxElements) return;
        std::array<Dims, 3> strides;
        for (int i = 0; i < 3; ++i) {
            // The extents of an input with unknown elements may still be symbols.
            if (!ir::isConstant(c.shape(i))) return;
            strides[i] = broadcastStrides(ir::constantDims(c.shape(i)), dims);
        }
        std::vector<Dim> out;
        bool known = true;
        forEachOffset<3>(dims, strides, [&](const auto& at) {
            const Dim& d = (*cond)[at[0]];
            bool needA = !(d == Dim(0)), needB = !d.isConstant() || d.value() == 0;
            if ((needA && !a) || (needB && !b)) known = false;
            if (known)
                out.push_back(needA && needB ? ir::select(d, (*a)[at[1]], (*b)[at[2]])
                              : needA        ? (*a)[at[1]]
                                             : (*b)[at[2]]);
        });
        if (known) setElements(c, 0, c.dtype(1), std::move(out));
    }
};

}  // namespace

LATHE_OP(select, SelectOp)

}  // namespace lathe::ops
