// SPDX-License-Identifier: Apache-2.0
#include "passes/arrange.h"

#include <algorithm>

#include "ops/transpose.h"

namespace lathe::passes {
namespace {

using ir::Dim;
using ir::Shape;

constexpr int kTransposeCost = 10;

// With axes of extent 1 put before `from`, or taken from its front, the operand may exist where it otherwise does not.
struct ReshapeSteps {
    int lead = 0;  // axes put in front; negative: taken away
    std::vector<int64_t> operand;
};

std::optional<ReshapeSteps> stepsTo(const Shape& from, const Shape& to) {
    auto shifted = [&](int lead) {
        Shape s = from;
        if (lead < 0)
            s.erase(s.begin(), s.begin() - lead);
        else
            s.insert(s.begin(), static_cast<size_t>(lead), Dim(1));
        return s;
    };
    for (int lead : {0, 1, -1, 2, -2}) {
        bool fits = lead >= 0 ? static_cast<int>(from.size()) + lead <= ir::kMaxRank
                              : static_cast<int>(from.size()) >= -lead && from[0] == Dim(1) &&
                                    (lead == -1 || from[1] == Dim(1));
        if (!fits) continue;
        if (auto operand = shapeOperand(shifted(lead), to)) return ReshapeSteps{lead, *operand};
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::vector<int64_t>> shapeOperand(const Shape& from, const Shape& to) {
    std::vector<int64_t> out;
    bool rest = false;
    for (size_t d = 0; d < to.size(); ++d) {
        if (to[d].isConstant()) {
            if (to[d].value() == 0) return std::nullopt;
            out.push_back(to[d].value());
        } else if (d < from.size() && from[d] == to[d]) {
            out.push_back(0);
        } else {
            if (rest) return std::nullopt;
            rest = true;
            out.push_back(-1);
        }
    }
    return out;
}

Result<ir::Value*> emitReshape(Rewriter& r, ir::Value* x, const Shape& to) {
    if (x->shape() == to) return x;
    auto steps = stepsTo(x->shape(), to);
    if (!steps) return static_cast<ir::Value*>(nullptr);
    ir::Value* y = x;
    if (steps->lead != 0) {
        std::vector<int64_t> axes;
        for (int i = 0; i < std::abs(steps->lead); ++i) axes.push_back(i);
        y = TRY(r.emit(steps->lead > 0 ? "unsqueeze" : "squeeze", fmt::format("axes={}", ir::toString(axes)), {y}));
    }
    if (!(y->shape() == to)) y = TRY(r.emit("reshape", "", {y, r.integers(steps->operand)}));
    return y->shape() == to ? y : nullptr;
}

Shape Arrangement::shape() const {
    Shape s;
    for (const auto& g : groups) {
        Dim extent = 1;
        for (int p : g) extent = extent * parts[static_cast<size_t>(p)];
        s.push_back(extent);
    }
    return s;
}

bool Arrangement::isView() const {
    int next = 0;
    for (const auto& g : groups)
        for (int p : g)
            if (p != next++) return false;
    return true;
}

Arrangement Arrangement::joined() const {
    // A part is joined to the one before it when it follows that one in the same group.
    std::vector<bool> follows(parts.size(), false);
    for (const auto& g : groups)
        for (size_t i = 1; i < g.size(); ++i)
            if (g[i] == g[i - 1] + 1) follows[static_cast<size_t>(g[i])] = true;
    Arrangement out;
    std::vector<int> number(parts.size());
    for (size_t p = 0; p < parts.size(); ++p) {
        if (follows[p])
            out.parts.back() = out.parts.back() * parts[p];
        else
            out.parts.push_back(parts[p]);
        number[p] = static_cast<int>(out.parts.size()) - 1;
    }
    for (const auto& g : groups) {
        std::vector<int> mine;
        for (int p : g)
            if (!follows[static_cast<size_t>(p)]) mine.push_back(number[static_cast<size_t>(p)]);
        out.groups.push_back(std::move(mine));
    }
    return out;
}

std::optional<Arrangement> arrangementOf(const ops::View& view) {
    if (!(view.offset == Dim(0))) return std::nullopt;
    struct Place {
        ops::ViewPart part;
        size_t axis;
        int number = -1;
    };
    std::vector<Place> places;
    for (size_t d = 0; d < view.axes.size(); ++d)
        for (const ops::ViewPart& p : view.axes[d]) places.push_back({p, d});
    // From the fastest part on, each one's stride is the volume of those before it.
    Dim stride = 1;
    Shape parts;
    for (size_t k = 0; k < places.size(); ++k) {
        auto next = std::find_if(places.begin(), places.end(),
                                 [&](const Place& p) { return p.number < 0 && p.part.stride == stride; });
        if (next == places.end()) return std::nullopt;
        next->number = static_cast<int>(places.size() - 1 - k);
        parts.insert(parts.begin(), next->part.extent);
        stride = stride * next->part.extent;
    }
    if (!(stride == ir::volume(view.base->shape()))) return std::nullopt;
    Arrangement a;
    a.parts = std::move(parts);
    a.groups.resize(view.axes.size());
    for (const Place& p : places) a.groups[p.axis].push_back(p.number);
    return a;
}

int costOf(const Arrangement& all, const Shape& from) {
    Shape to = all.shape();
    auto reshapes = [](const Shape& a, const Shape& b) {
        if (a == b) return 0;
        auto s = stepsTo(a, b);
        return s ? 1 + (s->lead != 0) : -1;
    };
    if (all.isView()) return reshapes(from, to);
    Arrangement a = all.joined();
    if (static_cast<int>(a.parts.size()) > ir::kMaxRank) return -1;
    Shape moved;
    for (const auto& g : a.groups)
        for (int p : g) moved.push_back(a.parts[static_cast<size_t>(p)]);
    int before = reshapes(from, a.parts), after = reshapes(moved, to);
    return before < 0 || after < 0 ? -1 : before + kTransposeCost + after;
}

Result<ir::Value*> emitArrangement(Rewriter& r, ir::Value* x, const Arrangement& all) {
    Shape to = all.shape();
    if (all.isView()) return emitReshape(r, x, to);
    if (costOf(all, x->shape()) < 0) return static_cast<ir::Value*>(nullptr);
    Arrangement a = all.joined();
    ir::Value* y = TRY(emitReshape(r, x, a.parts));
    if (!y) return y;
    std::vector<int64_t> perm;
    for (const auto& g : a.groups) perm.insert(perm.end(), g.begin(), g.end());
    y = TRY(r.emit("transpose", fmt::format("perm={}", ir::toString(perm)), {y}));
    return emitReshape(r, y, to);
}

}  // namespace lathe::passes
