// SPDX-License-Identifier: Apache-2.0
#include "ops/slice.h"

#include "ops/move.h"

namespace lathe::ops {
namespace {

struct Inputs {
    std::vector<int> axes;
    std::vector<Dim> starts, ends, steps;
};

Status checkLengths(size_t starts, size_t ends, size_t steps, size_t axes) {
    if (starts == ends && starts == steps && starts == axes) return {};
    return invalidArgument("starts, ends, steps and axes have {}, {}, {} and {} elements, which must be equal", starts,
                           ends, steps, axes);
}

Result<Inputs> inputsOf(InferContext& c) {
    Inputs in;
    in.starts = TRY(shapeInput(c, 1));
    in.ends = TRY(shapeInput(c, 2));
    Dims first = iota(static_cast<int64_t>(in.starts.size()));
    in.axes = TRY(axesInput(c, 3, first, c.rank(0)));
    in.steps.assign(in.starts.size(), Dim(1));
    if (c.inputCount() > 4 && c.has(4)) in.steps = TRY(shapeInput(c, 4));
    TRY(checkLengths(in.starts.size(), in.ends.size(), in.steps.size(), in.axes.size()));
    return in;
}

// Where the slice begins and how many elements it has, for a step whose sign is given.
std::pair<Dim, Dim> bounds(const ElementMath& m, const Dim& extent, const Dim& start, const Dim& end, const Dim& step,
                           bool forward) {
    Dim last = forward ? extent : extent - 1, before = forward ? Dim(0) : Dim(-1);
    auto counted = [&](const Dim& v, const Dim& low) {
        // A number from the end lies before the last element already, one from the start not before the first.
        Dim::Range r = m.range(v);
        Dim fromStart = m.min(v, last), fromEnd = v == Dim(-1) && !forward ? last : m.max(v + extent, low);
        if (r.min >= 0) return fromStart;
        return r.max < 0 ? fromEnd : ir::select(m.less(v, 0), fromEnd, fromStart);
    };
    Dim from = counted(start, 0), to = counted(end, before);
    Dim count = m.max(ceilDiv(to - from, step), 0);
    // Backwards, an empty axis has no last element to begin at.
    return {from, forward ? count : m.min(count, extent)};
}

Result<Dim> sliceExtent(const ElementMath& m, const Dim& extent, const Dim& start, const Dim& end, const Dim& step) {
    if (step == Dim(0)) return invalidArgument("a slice with a step of 0");
    Dim::Range r = m.range(step);
    if (r.min > 0) return bounds(m, extent, start, end, step, true).second;
    if (r.max < 0) return bounds(m, extent, start, end, step, false).second;
    return ir::select(m.less(0, step), bounds(m, extent, start, end, step, true).second,
                      bounds(m, extent, start, end, step, false).second);
}

// The input's index for each output index along one axis.
Dims axisMap(const ElementMath& m, int64_t extent, int64_t start, int64_t end, int64_t step) {
    auto [from, count] = bounds(m, extent, start, end, step, step > 0);
    Dims map(count.value());
    for (size_t i = 0; i < map.size(); ++i) map[i] = from.value() + static_cast<int64_t>(i) * step;
    return map;
}

class SliceOp final : public ir::OpWith<SliceAttrs> {
  public:
    constexpr SliceOp() : OpWith("slice", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 3));
        TRY(requireWholeBytes(c, 0));
        Inputs in = TRY(inputsOf(c));
        ElementMath m(c);
        Shape out = c.shape(0);
        for (size_t i = 0; i < in.axes.size(); ++i)
            out[in.axes[i]] = TRY(sliceExtent(m, c.shape(0)[in.axes[i]], in.starts[i], in.ends[i], in.steps[i]));
        c.setOutput(0, {c.dtype(0), out});
        const auto* x = knownElements(c, 0);
        if (!x) return {};
        Dims dims = ir::constantDims(c.shape(0));
        AxisMaps maps;
        for (int64_t d : dims) maps.push_back(iota(d));
        for (size_t i = 0; i < in.axes.size(); ++i) {
            if (!in.starts[i].isConstant() || !in.ends[i].isConstant() || !in.steps[i].isConstant()) return {};
            int a = in.axes[i];
            maps[a] = axisMap(m, dims[a], in.starts[i].value(), in.ends[i].value(), in.steps[i].value());
        }
        std::vector<Dim> elements(ir::volume(ir::constantDims(out)));
        copyMapped(x->data(), dims, maps, elements.data());
        setElements(c, 0, c.dtype(0), std::move(elements));
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &x = c.input(0), &y = c.output(0);
        auto starts = readIntegers(c.input(1)), ends = readIntegers(c.input(2));
        auto steps = c.has(4) ? readIntegers(c.input(4)) : std::vector<int64_t>(starts.size(), 1);
        auto axes = TRY(axesInput(c, 3, iota(static_cast<int64_t>(starts.size())), x.rank()));
        TRY(checkLengths(starts.size(), ends.size(), steps.size(), axes.size()));
        AxisMaps maps;
        for (int64_t d : x.dims) maps.push_back(iota(d));
        for (size_t i = 0; i < axes.size(); ++i) {
            if (steps[i] == 0) return invalidArgument("a slice with a step of 0");
            maps[axes[i]] = axisMap(ElementMath(), x.dims[axes[i]], starts[i], ends[i], steps[i]);
        }
        TRY(requireMaps(maps, x.dims, y.dims));
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
        ir::SampleInput none{.absent = true};
        return {
            {.name = "rows", .inputs = {{.dims = {9, 5}}, list({2}), list({7})}},
            {.name = "last_axis", .inputs = {{.dims = {3, 4, 17}}, list({1}), list({-2}), list({-1}), list({3})}},
            {.name = "reversed", .inputs = {{.dims = {3, 8}}, list({-1}), list({-100}), list({1}), list({-1})}},
            {.name = "two_axes",
             .inputs = {{.dims = {2, 6, 7, 3}}, list({1, 0}), list({5, 1e9}), list({1, 2}), list({2, 2})}},
            {.name = "computed",
             .inputs = {{.dims = {9, 5}}, list({1}, false), list({8}, false), list({0}), list({2}, false)}},
            {.name = "clamped_f16",
             .inputs = {{.dtype = DType::kHalf, .dims = {5, 6}}, list({-9, 4}), list({9, 100}), none, none}},
            {.name = "nothing_left", .inputs = {{.dims = {5, 3}}, list({4}), list({2})}},
            {.name = "i64", .inputs = {{.dtype = DType::kInt64, .dims = {5}, .high = 9}, list({1}), list({4})}},
        };
    }
};

}  // namespace

LATHE_OP(slice, SliceOp)

}  // namespace lathe::ops
