// SPDX-License-Identifier: Apache-2.0
#include "ops/strided_slice.h"

#include "ops/move.h"

namespace lathe::ops {
namespace {

struct Inputs {
    std::vector<int> axes;
    std::vector<Dim> start, size, stride;
};

Result<Inputs> inputsOf(InferContext& c, const StridedSliceAttrs& a) {
    Inputs in;
    auto list = [&](int i, const std::vector<int64_t>& attribute) -> Result<std::vector<Dim>> {
        if (i < c.inputCount() && c.has(i)) return shapeInput(c, i);
        return std::vector<Dim>(attribute.begin(), attribute.end());
    };
    in.axes = TRY(normalizeAxes(a.axes.empty() ? iota(c.rank(0)) : a.axes, c.rank(0)));
    in.start = TRY(list(1, a.start));
    in.size = TRY(list(2, a.size));
    in.stride = TRY(list(3, a.stride));
    if (in.stride.empty()) in.stride.assign(in.axes.size(), Dim(1));
    size_t n = in.axes.size();
    if (in.start.size() != n || in.size.size() != n || in.stride.size() != n)
        return invalidArgument("start, size and stride have {}, {} and {} elements for {} axes", in.start.size(),
                               in.size.size(), in.stride.size(), n);
    return in;
}

// The input's index for each output index along one axis; -1: the fill value.
Result<Dims> axisMap(SampleMode mode, int64_t extent, int64_t start, int64_t size, int64_t stride) {
    int64_t last;
    if (__builtin_mul_overflow(size - 1, stride, &last) || __builtin_add_overflow(last, start, &last))
        return invalidArgument("start {}, size {} and stride {} leave the range of indices", start, size, stride);
    if (size > 0 && extent == 0 && mode != SampleMode::kFill)
        return invalidArgument("{} elements of an empty axis", size);
    Dims map(std::max<int64_t>(size, 0));
    for (int64_t o = 0; o < size; ++o) {
        int64_t i = start + o * stride;
        if (i < 0 || i >= extent) switch (mode) {
                case SampleMode::kStrict:
                    return makeStatus(Code::kFailedComputation, "index {} is outside an axis of {} elements", i,
                                      extent);
                case SampleMode::kWrap: i = wrapIndex(i, extent); break;
                case SampleMode::kClamp: i = i < 0 ? 0 : extent - 1; break;
                case SampleMode::kFill: i = -1; break;
                case SampleMode::kReflect: i = reflectIndex(i, extent); break;
            }
        map[o] = i;
    }
    return map;
}

class StridedSliceOp final : public ir::OpWith<StridedSliceAttrs> {
  public:
    constexpr StridedSliceOp() : OpWith("strided_slice", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        TRY(requireWholeBytes(c, 0));
        const StridedSliceAttrs& a = attrs(c);
        bool hasFill = c.inputCount() > 4 && c.has(4);
        if (hasFill) TRY(requireSameType(c, 0, 4));
        Inputs in = TRY(inputsOf(c, a));
        Shape out = c.shape(0);
        for (size_t i = 0; i < in.axes.size(); ++i) out[in.axes[i]] = in.size[i];
        c.setOutput(0, {c.dtype(0), out});
        // What is known now is checked now.
        AxisMaps maps;
        for (const Dim& d : c.shape(0))
            maps.push_back(iota(d.isConstant() && d.value() <= ir::kMaxElements ? d.value() : 0));
        bool known = true;
        for (size_t i = 0; i < in.axes.size(); ++i) {
            const Dim& extent = c.shape(0)[in.axes[i]];
            bool small = in.size[i].isConstant() && in.size[i].value() >= 0 && in.size[i].value() <= ir::kMaxElements;
            if (small && extent.isConstant() && in.start[i].isConstant() && in.stride[i].isConstant())
                maps[in.axes[i]] = TRY_IN(
                    fmt::format("axis {}", in.axes[i]),
                    axisMap(a.mode, extent.value(), in.start[i].value(), in.size[i].value(), in.stride[i].value()));
            else
                known = false;
        }
        const auto *x = knownElements(c, 0), *fill = hasFill ? knownElements(c, 4) : nullptr;
        if (!known || !x || !ir::isConstant(out) || (hasFill && !fill && a.mode == SampleMode::kFill)) return {};
        if (TRY(ir::checkedVolume(ir::constantDims(out))) > ir::kMaxElements) return {};
        std::vector<Dim> elements(ir::volume(ir::constantDims(out)));
        copyMapped(x->data(), ir::constantDims(c.shape(0)), maps, elements.data(), fill ? fill->at(0) : Dim(0));
        setElements(c, 0, c.dtype(0), std::move(elements));
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &x = c.input(0), &y = c.output(0);
        const StridedSliceAttrs& a = attrs(c);
        auto list = [&](int i, const std::vector<int64_t>& attribute) {
            return c.has(i) ? readIntegers(c.input(i)) : attribute;
        };
        auto axes = TRY(normalizeAxes(a.axes.empty() ? iota(x.rank()) : a.axes, x.rank()));
        auto start = list(1, a.start), stride = list(3, a.stride);
        if (stride.empty()) stride.assign(axes.size(), 1);
        AxisMaps maps;
        for (int64_t d : x.dims) maps.push_back(iota(d));
        for (size_t i = 0; i < axes.size(); ++i)
            maps[axes[i]] = TRY_IN(fmt::format("axis {}", axes[i]),
                                   axisMap(a.mode, x.dims[axes[i]], start[i], y.dims[axes[i]], stride[i]));
        TRY(requireMaps(maps, x.dims, y.dims));
        if (c.has(4) && c.input(4).count() != 1)
            return invalidArgument("the fill value has the shape {}; expected one element",
                                   ir::toString(c.input(4).dims));
        return dispatchWidth(x.dtype, [&]<class T>() -> Status {
            copyMapped(data<T>(x), x.dims, maps, mutableData<T>(y), c.has(4) ? *data<T>(c.input(4)) : T());
            return {};
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        auto list = [](std::vector<double> v, bool constant = true) {
            Dims dims = {static_cast<int64_t>(v.size())};
            return ir::SampleInput{.dtype = DType::kInt32, .dims = dims, .constant = constant, .values = std::move(v)};
        };
        ir::SampleInput x{.dims = {3, 7}}, none{.absent = true};
        return {
            {.name = "strict", .attrs = "start=[1, 6] size=[2, 3] stride=[1, -2]", .inputs = {x}},
            {.name = "axes", .attrs = "start=[2] size=[4] axes=[-1]", .inputs = {x}},
            {.name = "wrap", .attrs = "start=[-1, 5] size=[4, 9] mode=wrap", .inputs = {x}},
            {.name = "clamp", .attrs = "start=[-1, 5] size=[4, 9] mode=clamp", .inputs = {x}},
            {.name = "reflect", .attrs = "start=[-1, 5] size=[4, 9] stride=[1, 2] mode=reflect", .inputs = {x}},
            {.name = "fill",
             .attrs = "start=[-1, 5] size=[4, 9] mode=fill",
             .inputs = {x, none, none, none, {.dims = {}, .values = {7}}}},
            {.name = "computed", .attrs = "mode=fill", .inputs = {x, list({0, -2}, false), list({3, 8}, false)}},
            {.name = "f16", .attrs = "start=[0] size=[3] stride=[2]", .inputs = {{.dtype = DType::kHalf, .dims = {5}}}},
            {.name = "empty", .attrs = "start=[0, 0] size=[0, 7]", .inputs = {x}},
        };
    }
};

}  // namespace

LATHE_OP(strided_slice, StridedSliceOp)

}  // namespace lathe::ops
