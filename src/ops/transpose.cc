// SPDX-License-Identifier: Apache-2.0
#include "ops/transpose.h"

#include "ops/move.h"

namespace lathe::ops {
namespace {

Result<std::vector<int>> permutation(std::span<const int64_t> perm, int rank) {
    std::vector<int> out;
    if (perm.empty())
        for (int d = rank; d-- > 0;) out.push_back(d);
    else
        out = TRY(normalizeAxes(perm, rank));
    if (static_cast<int>(out.size()) != rank)
        return invalidArgument("the permutation has {} axes, the input {}", out.size(), rank);
    return out;
}

template <class T>
void transposed(const T* in, const Dims& dims, const std::vector<int>& perm, T* out) {
    Dims own = rowMajorStrides(dims), strides, to;
    for (int p : perm) {
        strides.push_back(own[p]);
        to.push_back(dims[p]);
    }
    copyStrided(in, strides, out, to);
}

class TransposeOp final : public ir::OpWith<TransposeAttrs> {
  public:
    constexpr TransposeOp() : OpWith("transpose", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        TRY(requireWholeBytes(c, 0));
        auto perm = TRY(permutation(attrs(c).perm, c.rank(0)));
        Shape out;
        for (int p : perm) out.push_back(c.shape(0)[p]);
        c.setOutput(0, {c.dtype(0), out});
        if (const auto* x = knownElements(c, 0)) {
            std::vector<Dim> elements(x->size());
            transposed(x->data(), ir::constantDims(c.shape(0)), perm, elements.data());
            setElements(c, 0, c.dtype(0), std::move(elements));
        }
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &x = c.input(0), &y = c.output(0);
        auto perm = TRY(permutation(attrs(c).perm, x.rank()));
        return dispatchWidth(x.dtype, [&]<class T>() -> Status {
            transposed(data<T>(x), x.dims, perm, mutableData<T>(y));
            return {};
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        return {
            {.name = "matrix", .inputs = {{.dims = {5, 37}}}},
            {.name = "nchw_to_nhwc", .attrs = "perm=[0, 2, 3, 1]", .inputs = {{.dims = {2, 5, 3, 7}}}},
            {.name = "heads", .attrs = "perm=[0, 2, 1, 3]", .inputs = {{.dims = {2, 9, 4, 16}}}},
            {.name = "heads_f16",
             .attrs = "perm=[0, 2, 3, 1]",
             .inputs = {{.dtype = DType::kHalf, .dims = {2, 9, 4, 16}}}},
            {.name = "i64",
             .attrs = "perm=[2, 0, 1]",
             .inputs = {{.dtype = DType::kInt64, .dims = {3, 4, 5}, .high = 99}}},
            {.name = "i8",
             .attrs = "perm=[1, 0]",
             .inputs = {{.dtype = DType::kInt8, .dims = {33, 17}, .low = -9, .high = 99}}},
            {.name = "identity", .attrs = "perm=[0, 1, 2]", .inputs = {{.dims = {3, 4, 5}}}},
            {.name = "five", .attrs = "perm=[4, 2, 0, 3, 1]", .inputs = {{.dims = {2, 3, 2, 5, 3}}}},
            {.name = "scalar", .inputs = {{.dims = {}}}},
            {.name = "empty", .inputs = {{.dims = {3, 0}}}},
        };
    }
};

}  // namespace

LATHE_OP(transpose, TransposeOp)

}  // namespace lathe::ops
