// SPDX-License-Identifier: Apache-2.0
#include "ops/movement.h"

#include <algorithm>
#include <cstring>

#include "ops/gather.h"
#include "ops/split.h"
#include "ops/transpose.h"

namespace lathe::ops {
namespace {

using ir::Dim;
using ir::Shape;
using Axis = std::vector<ViewPart>;

bool is(const ir::Node& n, const char* op) { return std::strcmp(n.op().name(), op) == 0; }

// Joins neighbours that are one run of the base.
void join(Axis& axis) {
    for (size_t i = 0; i + 1 < axis.size();) {
        if (axis[i].stride == axis[i + 1].stride * axis[i + 1].extent) {
            axis[i] = {axis[i].extent * axis[i + 1].extent, axis[i + 1].stride};
            axis.erase(axis.begin() + static_cast<long>(i) + 1);
        } else {
            ++i;
        }
    }
}

bool followReshape(View& view, const Shape& to) {
    Axis all;
    for (const Axis& a : view.axes) all.insert(all.end(), a.begin(), a.end());
    auto axes = regroup(all, to);
    if (!axes) return false;
    view.axes = std::move(*axes);
    return true;
}

bool followTranspose(View& view, const TransposeAttrs& attrs) {
    std::vector<Axis> axes;
    size_t rank = view.axes.size();
    for (size_t d = 0; d < rank; ++d)
        axes.push_back(view.axes[attrs.perm.empty() ? rank - 1 - d : static_cast<size_t>(attrs.perm[d])]);
    view.axes = std::move(axes);
    return true;
}

// `count` elements of the axis, from `start` on, `step` apart.
bool cut(View& view, size_t axis, const Dim& start, const Dim& count, int64_t step) {
    Axis& a = view.axes[axis];
    join(a);
    if (a.size() > 1) return false;
    if (a.empty()) return start == Dim(0) && count == Dim(1);
    view.offset = view.offset + start * a[0].stride;
    if (count == Dim(1))
        a.clear();
    else
        a[0] = {count, a[0].stride * Dim(step)};
    return true;
}

bool followSlice(View& view, const ir::Node& n, const Shape& from, const Shape& to) {
    auto starts = knownIntegers(n.input(1));
    if (!starts) return false;
    std::vector<int64_t> axes, steps(starts->size(), 1);
    if (n.input(3)) {
        auto given = knownIntegers(n.input(3));
        if (!given) return false;
        axes = *given;
    } else {
        for (size_t i = 0; i < starts->size(); ++i) axes.push_back(static_cast<int64_t>(i));
    }
    if (n.input(4)) {
        auto given = knownIntegers(n.input(4));
        if (!given) return false;
        steps = *given;
    }
    if (axes.size() != starts->size() || steps.size() != starts->size()) return false;
    for (size_t i = 0; i < axes.size(); ++i) {
        size_t axis = static_cast<size_t>(axes[i] < 0 ? axes[i] + static_cast<int64_t>(from.size()) : axes[i]);
        if (axis >= from.size() || steps[i] < 1) return false;
        int64_t start = (*starts)[i];
        if (start != 0) {
            // Where it begins must not depend on clamping.
            if (!from[axis].isConstant()) return false;
            int64_t extent = from[axis].value();
            start = std::clamp<int64_t>(start < 0 ? start + extent : start, 0, extent);
        }
        if (!cut(view, axis, start, to[axis], steps[i])) return false;
    }
    return true;
}

bool followSplit(View& view, const ir::Node& n, int output, const ShapeOf& shapeOf) {
    int64_t axis = n.attrs<SplitAttrs>().axis;
    if (axis < 0) axis += static_cast<int64_t>(view.axes.size());
    size_t d = static_cast<size_t>(axis);
    Dim start = 0;
    for (int o = 0; o < output; ++o) start = start + shapeOf(*n.output(o))[d];
    return cut(view, d, start, shapeOf(*n.output(output))[d], 1);
}

bool followGather(View& view, const ir::Node& n, const Shape& from) {
    const auto& attrs = n.attrs<GatherAttrs>();
    auto index = knownIntegers(n.input(1));
    if (!index || index->size() != 1 || attrs.batchDims != 0) return false;
    int64_t axis = attrs.axis < 0 ? attrs.axis + static_cast<int64_t>(from.size()) : attrs.axis, i = (*index)[0];
    size_t d = static_cast<size_t>(axis);
    if (i < 0) {
        if (!from[d].isConstant()) return false;
        i += from[d].value();
    }
    // Elsewhere an index out of range is the run's error.
    if (!from[d].isConstant() || i < 0 || i >= from[d].value() || !cut(view, d, i, 1, 1)) return false;
    view.axes.erase(view.axes.begin() + axis);
    view.axes.insert(view.axes.begin() + axis, static_cast<size_t>(n.input(1)->rank()), Axis());
    return true;
}

bool followExpand(View& view, const Shape& from, const Shape& to) {
    size_t more = to.size() - from.size();
    view.axes.insert(view.axes.begin(), more, Axis());
    for (size_t d = 0; d < to.size(); ++d) {
        Dim had = d < more ? Dim(1) : from[d - more];
        if (had == to[d]) continue;
        if (!(had == Dim(1))) return false;
        view.axes[d] = {{to[d], 0}};
    }
    return true;
}

}  // namespace

std::optional<std::vector<int64_t>> knownIntegers(const ir::Value* v) {
    if (!v) return std::nullopt;
    if (v->isConstant()) return ir::integerElements(*v->constant());
    if (!v->elements()) return std::nullopt;
    std::vector<int64_t> out;
    for (const Dim& d : *v->elements()) {
        if (!d.isConstant()) return std::nullopt;
        out.push_back(d.value());
    }
    return out;
}

std::optional<Dim> exactQuotient(const Dim& a, const Dim& b) {
    if (b == Dim(0)) return std::nullopt;
    if (b == Dim(1)) return a;
    Dim q = floorDiv(a, b);
    if (q * b == a) return q;
    return std::nullopt;
}

std::optional<std::vector<std::vector<ViewPart>>> regroup(const std::vector<ViewPart>& parts, const Shape& extents) {
    std::vector<std::vector<ViewPart>> out(extents.size());
    std::vector<ViewPart> left(parts.rbegin(), parts.rend());  // the slowest last
    for (size_t d = 0; d < extents.size(); ++d) {
        Dim need = extents[d];
        while (!(need == Dim(1))) {
            if (left.empty()) return std::nullopt;
            ViewPart p = left.back();
            if (auto rest = exactQuotient(need, p.extent)) {
                left.pop_back();
                out[d].push_back(p);
                need = *rest;
            } else if (auto inner = exactQuotient(p.extent, need)) {
                out[d].push_back({need, p.stride * *inner});
                left.back() = {*inner, p.stride};
                need = 1;
            } else {
                return std::nullopt;
            }
        }
    }
    if (!left.empty()) return std::nullopt;
    return out;
}

std::optional<Dim> strideOf(const std::vector<ViewPart>& axis) {
    Axis joined = axis;
    join(joined);
    if (joined.empty()) return Dim(0);
    if (joined.size() > 1) return std::nullopt;
    return joined[0].stride;
}

View wholeView(const ir::Value& v, const ShapeOf& shapeOf) {
    View view;
    view.base = &v;
    Shape shape = shapeOf(v);
    view.axes.resize(shape.size());
    Dim stride = 1;
    for (size_t d = shape.size(); d-- > 0;) {
        if (!(shape[d] == Dim(1))) view.axes[d] = {{shape[d], stride}};
        stride = stride * shape[d];
    }
    return view;
}

bool isMovement(const ir::Node& n) {
    if (n.op().is(ir::Op::kView)) return true;
    for (const char* op : {"transpose", "slice", "split", "expand"})
        if (is(n, op)) return true;
    if (!is(n, "gather")) return false;
    auto index = knownIntegers(n.input(1));
    return index && index->size() == 1;
}

bool follow(View& view, const ir::Node& n, int output, const ShapeOf& shapeOf) {
    View before = view;
    Shape to = shapeOf(*n.output(output));
    bool done = false;
    if (n.op().is(ir::Op::kView))
        done = followReshape(view, to);
    else if (is(n, "transpose"))
        done = followTranspose(view, n.attrs<TransposeAttrs>());
    else if (is(n, "slice"))
        done = followSlice(view, n, shapeOf(*n.input(0)), to);
    else if (is(n, "split"))
        done = followSplit(view, n, output, shapeOf);
    else if (is(n, "expand"))
        done = followExpand(view, shapeOf(*n.input(0)), to);
    else if (is(n, "gather"))
        done = followGather(view, n, shapeOf(*n.input(0)));
    if (!done) {
        view = std::move(before);
        return false;
    }
    view.nodes.push_back(&n);
    return true;
}

View viewOf(const ir::Value& v, const std::function<bool(const ir::Node&)>& mayPass, const ShapeOf& shapeOf) {
    std::vector<std::pair<const ir::Node*, int>> chain;  // from v back
    const ir::Value* at = &v;
    while (at->producer() && isMovement(*at->producer()) && mayPass(*at->producer()) && at->producer()->input(0)) {
        chain.push_back({at->producer(), at->outputIndex()});
        at = at->producer()->input(0);
    }
    View view = wholeView(*at, shapeOf);
    for (size_t i = chain.size(); i-- > 0;) {
        auto [node, output] = chain[i];
        if (!follow(view, *node, output, shapeOf)) view = wholeView(*node->output(output), shapeOf);
    }
    return view;
}

}  // namespace lathe::ops
