// SPDX-License-Identifier: Apache-2.0
#include "ops/reshape.h"

#include "ops/move.h"

namespace lathe::ops {
namespace {

// The output shape for the elements of the shape input.
Result<Shape> resolve(const InferContext& c, const std::vector<Dim>& elements, bool allowZero) {
    const Shape& x = c.shape(0);
    int rank = static_cast<int>(elements.size());
    if (rank > ir::kMaxRank)
        return unsupported("a shape of {} dimensions; at most {} are supported", rank, ir::kMaxRank);
    Shape out(rank);
    int rest = -1;               // the axis that takes what is left
    std::vector<int> maybeRest;  // axes that may turn out to be it
    std::vector<bool> copied(x.size(), false);
    for (int i = 0; i < rank; ++i) {
        const Dim& e = elements[i];
        if (e.isConstant()) {
            int64_t v = e.value();
            if (v == 0 && !allowZero) {
                if (i >= static_cast<int>(x.size()))
                    return invalidArgument("shape element {} is 0 (copy), but the input has the shape {}", i,
                                           ir::toString(x));
                out[i] = x[i];
                copied[i] = true;
            } else if (v == -1) {
                if (rest >= 0) return invalidArgument("shape {} has more than one -1", ir::toString(elements));
                rest = i;
            } else if (v < 0) {
                return invalidArgument("shape {} has a negative element other than -1", ir::toString(elements));
            } else {
                out[i] = e;
            }
            continue;
        }
        out[i] = e;
        // An extent that is 0 while running makes the tensor empty, whether 0 means "copy" or not.
        if (c.range(e).min >= 0) continue;
        if (!allowZero && i < static_cast<int>(x.size()))
            out[i] = ir::select(Dim::apply(Dim::Fn::kEqual, e, 0), x[i], e);
        maybeRest.push_back(i);
    }
    if (rest >= 0) {
        // Copied extents stand on both sides; leaving them out keeps the quotient defined when one is 0.
        Dim have(1), others(1);
        for (size_t i = 0; i < x.size(); ++i)
            if (!copied[i]) have = have * x[i];
        for (int i = 0; i < rank; ++i)
            if (i != rest && !(i < static_cast<int>(x.size()) && copied[i])) others = others * out[i];
        if (others == Dim(0))
            return invalidArgument("shape {}: with an extent of 0, -1 could be anything", ir::toString(elements));
        if (have.isConstant() && others.isConstant() && have.value() % others.value() != 0)
            return invalidArgument("shape {} does not divide the {} elements of {}", ir::toString(elements),
                                   ir::volume(x).toString(), ir::toString(x));
        out[rest] = floorDiv(have, others);
    } else {
        Shape plain = out;
        for (int i : maybeRest) {
            // As above: an extent that turns out to be copied stands on neither side.
            Dim have(1), others(1);
            for (int k = 0; k < std::max(rank, static_cast<int>(x.size())); ++k) {
                Dim isCopy = k != i && k < rank && k < static_cast<int>(x.size()) && !allowZero
                                 ? Dim::apply(Dim::Fn::kEqual, elements[k], 0)
                                 : Dim(0);
                if (k < static_cast<int>(x.size())) have = have * ir::select(isCopy, 1, x[k]);
                if (k < rank && k != i) others = others * ir::select(isCopy, 1, elements[k]);
            }
            out[i] = ir::select(Dim::apply(Dim::Fn::kEqual, elements[i], -1), floorDiv(have, others), plain[i]);
        }
    }
    Dim have = ir::volume(x), want = ir::volume(out);
    if (have.isConstant() && want.isConstant() && !(have == want))
        return invalidArgument("shape {} has {} elements, but {} has {}", ir::toString(elements), want.value(),
                               ir::toString(x), have.value());
    return out;
}

class ReshapeOp final : public ir::OpWith<ReshapeAttrs> {
  public:
    constexpr ReshapeOp() : OpWith("reshape", kView) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 2));
        c.setOutput(0, {c.dtype(0), TRY(resolve(c, TRY(shapeInput(c, 1)), attrs(c).allowZero))});
        if (const auto* x = c.elements(0)) setElements(c, 0, c.dtype(0), *x);
        return {};
    }

    Status reference(RefContext& c) const override { return copyAll(c.input(0), c.output(0)); }

    std::vector<ir::SampleCase> samples() const override {
        auto shape = [](std::vector<double> v, bool constant = true) {
            Dims dims = {static_cast<int64_t>(v.size())};
            return ir::SampleInput{.dtype = DType::kInt64, .dims = dims, .constant = constant, .values = std::move(v)};
        };
        return {
            {.name = "merge", .inputs = {{.dims = {2, 3, 5}}, shape({6, 5})}},
            {.name = "copy_and_rest", .inputs = {{.dims = {2, 3, 8}}, shape({0, -1, 4})}},
            {.name = "computed", .inputs = {{.dims = {4, 3}}, shape({2, -1}, false)}},
            {.name = "to_scalar",
             .inputs = {{.dims = {1, 1}}, {.dtype = DType::kInt64, .dims = {0}, .constant = true}}},
            {.name = "empty", .attrs = "allow_zero=true", .inputs = {{.dims = {0, 3}}, shape({3, 0})}},
            {.name = "i8", .inputs = {{.dtype = DType::kInt8, .dims = {12}}, shape({3, 4})}},
        };
    }
};

}  // namespace

LATHE_OP(reshape, ReshapeOp)

}  // namespace lathe::ops
