// SPDX-License-Identifier: Apache-2.0
#include "ops/concat.h"

#include "ops/move.h"

namespace lathe::ops {
namespace {

// Copies [outer, extent * inner] blocks of each input in turn.
template <class T>
void concatenate(const std::vector<const T*>& in, const std::vector<Dims>& dims, int axis, T* out) {
    int64_t outer = AxisSplit(dims[0], axis).outer;
    for (int64_t o = 0; o < outer; ++o)
        for (size_t i = 0; i < in.size(); ++i) {
            AxisSplit s(dims[i], axis);
            out = std::copy_n(in[i] + o * s.extent * s.inner, s.extent * s.inner, out);
        }
}

class ConcatOp final : public ir::OpWith<ConcatAttrs> {
  public:
    constexpr ConcatOp() : OpWith("concat", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, std::max(1, c.inputCount())));
        TRY(requireWholeBytes(c, 0));
        int axis = TRY(normalizeAxis(attrs(c).axis, c.rank(0)));
        Shape out = c.shape(0);
        for (int i = 1; i < c.inputCount(); ++i) {
            TRY(requireSameType(c, 0, i));
            TRY(requireRank(c, i, c.rank(0)));
            for (int d = 0; d < c.rank(0); ++d) {
                const Dim& e = c.shape(i)[d];
                out[d] = d == axis ? out[d] + e : TRY(sameExtent(out[d], e, fmt::format("the extents of axis {}", d)));
            }
        }
        c.setOutput(0, {c.dtype(0), out});
        std::vector<const Dim*> known;
        std::vector<Dims> dims;
        for (int i = 0; i < c.inputCount(); ++i)
            if (const auto* e = knownElements(c, i)) {
                known.push_back(e->data());
                dims.push_back(ir::constantDims(c.shape(i)));
            }
        if (static_cast<int>(known.size()) == c.inputCount()) {
            std::vector<Dim> elements(ir::volume(ir::constantDims(out)));
            concatenate(known, dims, axis, elements.data());
            setElements(c, 0, c.dtype(0), std::move(elements));
        }
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor& y = c.output(0);
        int axis = TRY(normalizeAxis(attrs(c).axis, y.rank()));
        std::vector<Dims> dims;
        int64_t sum = 0;
        for (int i = 0; i < c.inputCount(); ++i) {
            dims.push_back(c.input(i).dims);
            sum += dims.back()[axis];
            Dims expected = y.dims;
            expected[axis] = dims.back()[axis];
            if (dims.back() != expected)
                return invalidArgument("input {} has the shape {}; expected {}", i, ir::toString(dims.back()),
                                       ir::toString(expected));
        }
        if (sum != y.dims[axis]) return internalError("extents of {} do not add up to {}", sum, y.dims[axis]);
        return dispatchWidth(y.dtype, [&]<class T>() -> Status {
            std::vector<const T*> in;
            for (int i = 0; i < c.inputCount(); ++i) in.push_back(data<T>(c.input(i)));
            concatenate(in, dims, axis, mutableData<T>(y));
            return {};
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        auto f16 = [](Dims dims) { return ir::SampleInput{.dtype = DType::kHalf, .dims = std::move(dims)}; };
        return {
            {.name = "channels",
             .attrs = "axis=1",
             .inputs = {{.dims = {2, 3, 4, 5}}, {.dims = {2, 1, 4, 5}}, {.dims = {2, 4, 4, 5}}}},
            {.name = "first", .attrs = "axis=0", .inputs = {{.dims = {2, 7}}, {.dims = {3, 7}}}},
            {.name = "last", .attrs = "axis=-1", .inputs = {{.dims = {5, 3}}, {.dims = {5, 4}}}},
            {.name = "one", .attrs = "axis=0", .inputs = {{.dims = {3}}}},
            {.name = "f16", .attrs = "axis=1", .inputs = {f16({3, 8, 2}), f16({3, 5, 2})}},
            {.name = "bool",
             .attrs = "axis=0",
             .inputs = {{.dtype = DType::kBool, .dims = {3}}, {.dtype = DType::kBool, .dims = {4}}}},
            {.name = "empty_part", .attrs = "axis=1", .inputs = {{.dims = {2, 0}}, {.dims = {2, 3}}, {.dims = {2, 0}}}},
            {.name = "twice",
             .attrs = "axis=0",
             .inputs = {{.dims = {2, 2}, .constant = true}, {.dims = {1, 2}}, {.dims = {2, 2}, .constant = true}}},
        };
    }
};

}  // namespace

LATHE_OP(concat, ConcatOp)

}  // namespace lathe::ops
