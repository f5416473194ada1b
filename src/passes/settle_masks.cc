// SPDX-License-Identifier: Apache-2.0
// Masks of attention whose contents are known: one that hides nothing goes, a lower triangle becomes is_causal. One
// that was made the same for many queries, heads or batch entries is kept as it was before that: kernels broadcast
// masks.
#include <cmath>
#include <unordered_map>

#include "base/dtype.h"
#include "ir/infer.h"
#include "ops/attention.h"
#include "passes/consulted.h"
#include "passes/passes.h"
#include "passes/rewrite.h"

namespace lathe::passes {
namespace {

using ir::Dim;
using ir::Shape;

constexpr int kDeepest = 12;
constexpr int64_t kLargest = int64_t{1} << 24;  // elements of a mask that is looked through
// No finite score brings a key back that is this far below.
constexpr float kHidden = -1e30f;

// How a constant mask's places are: 1 seen, 0 hidden; nothing when there are others.
std::optional<std::vector<uint8_t>> seenPlaces(const ir::Weights& w, double hidden) {
    if (w.count() > kLargest) return std::nullopt;
    std::vector<uint8_t> seen;
    if (w.dtype() == DType::kBool) {
        if (!(hidden <= kHidden)) return std::nullopt;
        auto bytes = w.bytes();
        if (!bytes.ok()) return std::nullopt;
        for (std::byte b : *bytes) seen.push_back(b != std::byte{0});
        return seen;
    }
    bool known = true;
    Status s = dispatchFloat(w.dtype(), [&]<class T>() -> Status {
        for (T x : TRY(w.as<T>())) {
            float v = static_cast<float>(x);
            known = known && (v == 0 || v <= kHidden);
            seen.push_back(v == 0);
        }
        return {};
    });
    if (!s.ok() || !known) return std::nullopt;
    return seen;
}

// The constant with one element when all of v's are the same, else null.
ir::WeightsRef uniform(const ir::Value& v) {
    const ir::Weights& w = *v.constant();
    if (w.count() < 2 || w.count() > kLargest || bitsOf(w.dtype()) < 8) return nullptr;
    auto bytes = w.bytes();
    if (!bytes.ok()) return nullptr;
    size_t one = bytes->size() / static_cast<size_t>(w.count());
    // Each element equals the one before it.
    if (std::memcmp(bytes->data(), bytes->data() + one, bytes->size() - one) != 0) return nullptr;
    auto copy = ir::copyWeights(w.dtype(), {}, bytes->first(one));
    if (!copy.ok()) return nullptr;
    Consulted::look(w);
    return copy.take();
}

class Narrower {
  public:
    // What v broadcasts from, its last axis unchanged; v itself when nothing smaller is known.
    Result<ir::Value*> narrow(ir::Value* v, int depth = 0) {
        if (auto at = known_.find(v); at != known_.end()) return at->second;
        ir::Value* made = depth < kDeepest && v->rank() > 0 ? TRY(tryNarrow(v, depth)) : v;
        known_[v] = made;
        return made;
    }

  private:
    static bool keepsLastAxis(const Shape& from, const ir::Value& v) {
        return !from.empty() && from.back() == v.shape().back();
    }

    Result<ir::Value*> tryNarrow(ir::Value* v, int depth) {
        ir::Node* n = v->producer();
        if (!n || n->outputCount() != 1) return v;
        if (isOp(n, "expand")) return keepsLastAxis(n->input(0)->shape(), *v) ? TRY(narrow(n->input(0), depth + 1)) : v;
        bool elementwise = isOp(n, "unary") || isOp(n, "cast") || isOp(n, "binary") || isOp(n, "select");
        if (!elementwise) return v;
        Rewriter r(*n);
        std::vector<ir::Value*> inputs = n->inputs();
        Shape shape;
        for (ir::Value*& in : inputs) {
            if (!in) return v;
            if (!in->isConstant())
                in = TRY(narrow(in, depth + 1));
            else if (ir::WeightsRef w = uniform(*in))
                in = r.constant(std::move(w));
            auto joined = ir::broadcastShapes(shape, in->shape());
            if (!joined.ok()) return v;
            shape = joined.take();
        }
        if (inputs == n->inputs() || shape == v->shape() || !keepsLastAxis(shape, *v)) return v;
        return r.emit(n->op(), n->anyAttrs().clone(), std::move(inputs));
    }

    std::unordered_map<const ir::Value*, ir::Value*> known_;
};

// The same attention with another mask (null: none).
Status remake(ir::Node& n, ir::Value* mask, bool causal) {
    Rewriter r(n);
    std::vector<ir::Value*> inputs = n.inputs();
    inputs[3] = mask;
    if (!mask) inputs.resize(3);
    auto attrs = n.anyAttrs().clone();
    if (causal) TRY(ir::setAttr(*attrs, "is_causal", "true"));
    if (!mask) {
        TRY(ir::setAttr(*attrs, "mask_selects", "false"));
        TRY(ir::setAttr(*attrs, "hidden", "-inf"));
    }
    ir::Value* y = TRY(r.emit(n.op(), std::move(attrs), std::move(inputs)));
    Rewriter::replace(*n.output(), *y);
    return {};
}

Result<bool> visit(ir::Node& n, Narrower& narrower) {
    if (!isOp(&n, "attention") || n.outputCount() != 1 || n.inputCount() != 4 || !n.input(3)) return false;
    if (n.output()->uses().empty()) return false;
    ir::Value* mask = n.input(3);
    const auto& a = n.attrs<ops::AttentionAttrs>();
    size_t row = n.input(1)->rank() == 4 ? 2 : 1;
    const Dim &queries = n.input(0)->shape()[row], &keys = n.input(1)->shape()[row];
    if (mask->rank() < 1 || !(mask->shape().back() == keys)) return false;
    if (!mask->isConstant()) {
        ir::Value* narrow = TRY(narrower.narrow(mask));
        if (narrow == mask) return false;
        TRY(remake(n, narrow, a.isCausal));
        return true;
    }
    auto seen = seenPlaces(*mask->constant(), a.maskSelects ? a.hidden : -INFINITY);
    if (!seen || !keys.isConstant()) return false;
    bool all = true;
    for (uint8_t s : *seen) all = all && s;
    bool triangle = !all && mask->rank() >= 2 && queries.isConstant() && mask->shape()[mask->rank() - 2] == queries &&
                    keys.value() > 0;
    for (size_t i = 0; triangle && i < seen->size(); ++i) {
        size_t key = i % static_cast<size_t>(keys.value());
        size_t query = i / static_cast<size_t>(keys.value()) % static_cast<size_t>(queries.value());
        triangle = (*seen)[i] == (key <= query);
    }
    if (!all && !triangle) return false;
    Consulted::look(*mask->constant());
    TRY(remake(n, nullptr, a.isCausal || triangle));
    return true;
}

}  // namespace

Result<bool> settleMasks(ir::Graph& graph) {
    Narrower narrower;
    bool changed = TRY(forEach(graph, [&](ir::Node& n) { return visit(n, narrower); }));
    if (changed) TRY(removeUnused(graph));
    return changed;
}

}  // namespace lathe::passes
