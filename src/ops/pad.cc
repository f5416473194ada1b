// SPDX-License-Identifier: Apache-2.0
#include "ops/pad.h"

#include "ops/move.h"

namespace lathe::ops {
namespace {

// What comes before and after each axis; constants or expressions.
struct Pads {
    std::vector<Dim> before, after;
};

Result<Pads> place(const std::vector<Dim>& pads, const std::vector<int>& axes, int rank) {
    if (pads.size() != 2 * axes.size())
        return invalidArgument("{} pads for {} axes; expected twice as many", pads.size(), axes.size());
    for (const Dim& d : pads)
        if (d.isConstant() && (d.value() > ir::kMaxExtent || d.value() < -ir::kMaxExtent))
            return invalidArgument("a pad of {} elements", d.value());
    Pads p{std::vector<Dim>(rank), std::vector<Dim>(rank)};
    for (size_t i = 0; i < axes.size(); ++i) {
        p.before[axes[i]] = pads[i];
        p.after[axes[i]] = pads[axes.size() + i];
    }
    return p;
}

// The input's index for each output index along one axis; -1: the constant.
Result<Dims> axisMap(PadMode mode, int64_t extent, int64_t before, int64_t after) {
    // What is cropped takes no part in mirroring or repeating.
    int64_t low = std::max<int64_t>(-before, 0), n = extent - low - std::max<int64_t>(-after, 0);
    int64_t total = extent + before + after;
    if (total < 0)
        return invalidArgument("pads of {} and {} crop more than an axis of {} elements", before, after, extent);
    if (n <= 0 && total > 0 && mode != PadMode::kConstant)
        return invalidArgument("mode {} cannot pad an axis that has no elements left",
                               kPadModeNames[static_cast<int>(mode)]);
    Dims map(total);
    for (int64_t o = 0; o < total; ++o) {
        int64_t i = o - std::max<int64_t>(before, 0);
        if (i < 0 || i >= n) switch (mode) {
                case PadMode::kConstant: i = -1; break;
                case PadMode::kEdge: i = i < 0 ? 0 : n - 1; break;
                case PadMode::kWrap: i = wrapIndex(i, n); break;
                case PadMode::kReflect: i = reflectIndex(i, n); break;
            }
        map[o] = i < 0 ? -1 : i + low;
    }
    return map;
}

Result<AxisMaps> axisMaps(PadMode mode, const Dims& dims, const Pads& p) {
    AxisMaps maps;
    for (size_t d = 0; d < dims.size(); ++d)
        maps.push_back(
            TRY_IN(fmt::format("axis {}", d), axisMap(mode, dims[d], p.before[d].value(), p.after[d].value())));
    return maps;
}

class PadOp final : public ir::OpWith<PadAttrs> {
  public:
    constexpr PadOp() : OpWith("pad", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 2));
        TRY(requireWholeBytes(c, 0));
        bool hasValue = c.inputCount() > 2 && c.has(2);
        if (hasValue) {
            TRY(requireSameType(c, 0, 2));
            if (ir::isConstant(c.shape(2)) && ir::volume(ir::constantDims(c.shape(2))) != 1)
                return invalidArgument("the pad value has the shape {}; expected one element",
                                       ir::toString(c.shape(2)));
        }
        auto axes = TRY(axesInput(c, 3, iota(c.rank(0)), c.rank(0)));
        Pads p = TRY(place(TRY(shapeInput(c, 1)), axes, c.rank(0)));
        Shape out = c.shape(0);
        for (size_t d = 0; d < out.size(); ++d) out[d] = out[d] + p.before[d] + p.after[d];
        c.setOutput(0, {c.dtype(0), out});
        if (!ir::isConstant(c.shape(0)) || !ir::isConstant(p.before) || !ir::isConstant(p.after)) return {};
        Dims dims = ir::constantDims(c.shape(0));
        // The maps of a large output cost time and memory; the kernel makes and checks them anyway.
        auto count = ir::checkedVolume(ir::constantDims(out));
        if (!count.ok() || *count > ir::kMaxElements) return {};
        AxisMaps maps = TRY(axisMaps(attrs(c).mode, dims, p));
        const auto *x = knownElements(c, 0), *value = hasValue ? knownElements(c, 2) : nullptr;
        if (!x || (hasValue && !value && attrs(c).mode == PadMode::kConstant)) return {};
        std::vector<Dim> elements(*count);
        copyMapped(x->data(), dims, maps, elements.data(), value ? (*value)[0] : Dim(0));
        setElements(c, 0, c.dtype(0), std::move(elements));
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &x = c.input(0), &y = c.output(0);
        auto pads = readIntegers(c.input(1));
        auto axes = TRY(axesInput(c, 3, iota(x.rank()), x.rank()));
        AxisMaps maps = TRY(axisMaps(attrs(c).mode, x.dims, TRY(place({pads.begin(), pads.end()}, axes, x.rank()))));
        TRY(requireMaps(maps, x.dims, y.dims));
        if (c.has(2) && c.input(2).count() != 1)
            return invalidArgument("the pad value has the shape {}; expected one element",
                                   ir::toString(c.input(2).dims));
        return dispatchWidth(x.dtype, [&]<class T>() -> Status {
            copyMapped(data<T>(x), x.dims, maps, mutableData<T>(y), c.has(2) ? *data<T>(c.input(2)) : T());
            return {};
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        auto list = [](std::vector<double> v, bool constant = true) {
            Dims dims = {static_cast<int64_t>(v.size())};
            return ir::SampleInput{.dtype = DType::kInt64, .dims = dims, .constant = constant, .values = std::move(v)};
        };
        ir::SampleInput none{.absent = true}, image{.dims = {2, 3, 5, 6}};
        return {
            {.name = "zeros", .inputs = {image, list({0, 0, 1, 2, 0, 0, 3, 1})}},
            {.name = "value", .inputs = {{.dims = {4, 3}}, list({1, 0, 0, 2}), {.dims = {}, .values = {-7}}}},
            {.name = "axes", .inputs = {image, list({1, 2}), none, list({-1})}},
            {.name = "crop", .inputs = {image, list({0, 1, -1, 2, 0, -1, -2, -3})}},
            {.name = "reflect", .attrs = "mode=reflect", .inputs = {image, list({0, 0, 2, 3, 0, 0, 1, 5})}},
            {.name = "edge", .attrs = "mode=edge", .inputs = {image, list({0, 1, 2, 3, 1, 0, 1, 0})}},
            {.name = "wrap", .attrs = "mode=wrap", .inputs = {image, list({0, 0, 2, 7, 0, 0, 1, 0})}},
            {.name = "computed", .inputs = {{.dims = {4, 3}}, list({1, 0, 0, 2}, false)}},
            {.name = "f16", .inputs = {{.dtype = DType::kHalf, .dims = {4}}, list({1, 1})}},
            {.name = "i8", .inputs = {{.dtype = DType::kInt8, .dims = {4}, .low = -9, .high = 9}, list({0, 3})}},
            {.name = "empty", .inputs = {{.dims = {0, 2}}, list({1, 0, 1, 0})}},
        };
    }
};

}  // namespace

LATHE_OP(pad, PadOp)

}  // namespace lathe::ops
