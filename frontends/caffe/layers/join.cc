// SPDX-License-Identifier: Apache-2.0
// Eltwise, Concat and Slice: several blobs to one, and one to several.
#include <algorithm>

#include "frontends/caffe/layers/common.h"

namespace lathe::caffe {
namespace {

using nvinfer1::ElementWiseOperation;

// Bottoms of one rank whose tensors have one rank too.
Result<std::vector<Value>> alikeBottoms(LayerImport& c) {
    std::vector<Value> out = c.allBottoms();
    bool alike = true;
    for (const Value& v : out) {
        alike &= c.rank(v.tensor) == c.rank(out[0].tensor);
        if (v.rank != out[0].rank) {
            return invalidArgument("its bottoms have the shapes [{}] and [{}]", fmt::join(c.shape(out[0]), ", "),
                                   fmt::join(c.shape(v), ", "));
        }
    }
    if (!alike) {
        for (Value& v : out) v = TRY(c.exact(v));
    }
    return out;
}

Status importEltwise(LayerImport& c) {
    TRY(c.expectBottoms(2, std::numeric_limits<int>::max()));
    TRY(c.expectTops(1, 1));
    Params& p = c.params("eltwise_param");
    const int kind = TRY(p.choice("operation", 1, {"PROD", "SUM", "MAX"}));
    const std::vector<double> coefficients = TRY(p.reals("coeff"));
    const std::vector<Value> values = TRY(alikeBottoms(c));
    if (!coefficients.empty() && coefficients.size() != values.size()) {
        return invalidArgument("{}: {} coefficients for {} bottoms", p.place("coeff"), coefficients.size(),
                               values.size());
    }
    if (kind != 1 && !coefficients.empty()) return invalidArgument("{}: only a sum has coefficients", p.place("coeff"));
    for (const Value& v : values) {
        if (c.shape(v) != c.shape(values[0])) {
            return invalidArgument("its bottoms have the shapes [{}] and [{}]", fmt::join(c.shape(values[0]), ", "),
                                   fmt::join(c.shape(v), ", "));
        }
    }
    static constexpr ElementWiseOperation kOperations[] = {ElementWiseOperation::kPROD, ElementWiseOperation::kSUM,
                                                           ElementWiseOperation::kMAX};
    ITensor* y = nullptr;
    for (size_t i = 0; i < values.size(); ++i) {
        ITensor* x = values[i].tensor;
        if (!coefficients.empty() && coefficients[i] != 1) {
            x = TRY(c.layer(c.network().addScaleNd(*x, nvinfer1::ScaleMode::kUNIFORM, number(c, 0, 0),
                                                   number(c, coefficients[i], 1), number(c, 1, 1), 0),
                            "coefficient"));
        }
        const bool last = i + 1 == values.size();
        y = y ? TRY(c.layer(c.network().addElementWise(*y, *x, kOperations[kind]), "eltwise", last)) : x;
    }
    return c.done(y, values[0].rank);
}

Status importConcat(LayerImport& c) {
    TRY(c.expectBottoms(1, std::numeric_limits<int>::max()));
    TRY(c.expectTops(1, 1));
    const std::vector<Value> values = TRY(alikeBottoms(c));
    const int axis = TRY(joinAxis(c, c.params("concat_param"), "concat_dim", values[0].rank));
    TensorList tensors;
    Ints first = c.shape(values[0]);
    for (const Value& v : values) {
        Ints other = c.shape(v);
        other[static_cast<size_t>(axis)] = first[static_cast<size_t>(axis)];
        if (other != first) {
            return invalidArgument("its bottoms [{}] and [{}] differ in more than axis {}", fmt::join(first, ", "),
                                   fmt::join(c.shape(v), ", "), axis);
        }
        tensors.push_back(v.tensor);
    }
    return c.done(TRY(c.concat(tensors, axis)), values[0].rank);
}

Status importSlice(LayerImport& c) {
    TRY(c.expectBottoms(1, 1));
    TRY(c.expectTops(1, std::numeric_limits<int>::max()));
    const Value x = TRY(c.bottom(0));
    Params& p = c.params("slice_param");
    const int axis = TRY(joinAxis(c, p, "slice_dim", x.rank));
    const int64_t extent = c.shape(x)[static_cast<size_t>(axis)];
    if (extent < 0) return unsupported("{}: slices of the batch, which varies", p.place("axis"));
    const int64_t parts = c.topCount();
    Ints points = TRY(p.integers("slice_point", 0));
    if (points.empty()) {
        if (extent % parts)
            return invalidArgument("{} tops do not divide the extent {} of axis {}", parts, extent, axis);
        for (int64_t i = 1; i < parts; ++i) points.push_back(i * (extent / parts));
    }
    if (static_cast<int64_t>(points.size()) != parts - 1) {
        return invalidArgument("{}: {} points for {} tops", p.place("slice_point"), points.size(), parts);
    }
    points.push_back(extent);
    int64_t begin = 0;
    for (size_t i = 0; i < points.size(); ++i) {
        if (points[i] <= begin || points[i] > extent) {
            return invalidArgument("{}: the points must rise from above 0 to below {}, the extent of axis {}",
                                   p.place("slice_point"), extent, axis);
        }
        ITensor* part = TRY(c.slice(x.tensor, {begin}, {points[i]}, {axis}));
        TRY(c.top(static_cast<int>(i), {part, x.rank}));
        begin = points[i];
    }
    return {};
}

}  // namespace

LATHE_CAFFE_LAYERS(join,                                   //
                   {"Eltwise", "ELTWISE", importEltwise},  //
                   {"Concat", "CONCAT", importConcat},     //
                   {"Slice", "SLICE", importSlice})

}  // namespace lathe::caffe
