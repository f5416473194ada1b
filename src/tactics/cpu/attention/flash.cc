// SPDX-License-Identifier: Apache-2.0
// Attention without the scores in memory. Queries, keys and values are read where they lie: transposes, reshapes,
// slices and splits before them become strides (three parts of one projection, for example), and so does the transpose
// after the result.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/cpu/attention.h"
#include "ops/attention.h"
#include "ops/common.h"
#include "ops/movement.h"
#include "ops/transpose.h"
#include "tactics/tactic.h"

namespace lathe::tactics {
namespace {

using ir::Dim;
using ops::View;

struct Shapes {
    int64_t batch, heads, kvHeads, queries, keys, size, valueSize;
};

// An input's view with the axes batch, head, row, element; nothing when its last axis cannot be cut into heads.
std::optional<View> fourAxes(View view, int64_t heads) {
    if (view.axes.size() == 4) return view;
    Dim width = 1;
    for (const ops::ViewPart& p : view.axes[2]) width = width * p.extent;
    auto size = ops::exactQuotient(width, heads);
    if (!size) return std::nullopt;
    auto parts = ops::regroup(view.axes[2], {Dim(heads), *size});
    if (!parts) return std::nullopt;
    view.axes = {view.axes[0], (*parts)[0], view.axes[1], (*parts)[1]};
    return view;
}

// One stride an axis, and the elements of a row side by side.
bool isUsable(const View& view) {
    if (view.base->isConstant()) return false;
    for (size_t d = 0; d < 4; ++d) {
        auto stride = ops::strideOf(view.axes[d]);
        if (!stride || (d == 3 && !view.axes[3].empty() && !(*stride == Dim(1)))) return false;
    }
    return true;
}

int64_t headsOf(const ir::Node& n, int input) {
    const auto& a = n.attrs<ops::AttentionAttrs>();
    return input == 0 ? a.qNumHeads : a.kvNumHeads;
}

ir::Dims fourDims(const ir::Dims& dims, int64_t heads) {
    if (dims.size() == 4) return dims;
    return {dims[0], heads, dims[1], dims[2] / heads};
}

Shapes shapesOf(const ir::Node& n, const std::function<ir::Dims(const ir::Value&)>& dims) {
    ir::Dims q = fourDims(dims(*n.input(0)), headsOf(n, 0)), k = fourDims(dims(*n.input(1)), headsOf(n, 1)),
             v = fourDims(dims(*n.input(2)), headsOf(n, 2));
    return {q[0], q[1], k[1], q[2], k[2], q[3], v[3]};
}

void setSizes(cpu::AttentionArgs& a, const ir::Node& n, const Shapes& s) {
    const auto& attrs = n.attrs<ops::AttentionAttrs>();
    a.type = n.input(0)->dtype();
    a.batch = s.batch;
    a.heads = s.heads;
    a.kvHeads = s.kvHeads;
    a.queries = s.queries;
    a.keys = s.keys;
    a.headDim = s.size;
    a.valueDim = s.valueSize;
    a.scale = static_cast<float>(attrs.scale != 0 ? attrs.scale : 1 / std::sqrt(static_cast<double>(s.size)));
    a.causal = attrs.isCausal;
    a.maskSelects = attrs.maskSelects;
    a.hidden = static_cast<float>(attrs.hidden);
    a.blindZero = !attrs.blindNan;
}

bool covers(const std::vector<const ir::Node*>& nodes, const ir::Node* n) {
    return std::find(nodes.begin(), nodes.end(), n) != nodes.end();
}

// Nodes before q, k and v that nobody else reads.
std::vector<const ir::Node*> ownMovements(const ir::Node& anchor) {
    std::vector<const ir::Node*> nodes;
    for (int i = 0; i < 3; ++i) {
        const ir::Value* v = anchor.input(i);
        while (const ir::Node* n = v->producer()) {
            if (n->parent() != anchor.parent() || !ops::isMovement(*n) || covers(nodes, n)) break;
            nodes.push_back(n);
            v = n->input(0);
        }
    }
    auto leaves = [&](const ir::Node* n) {
        for (const ir::Value* v : n->outputs())
            for (const ir::Use& u : v->uses())
                if (!u.node || (u.node != &anchor && !covers(nodes, u.node))) return true;
        return false;
    };
    for (size_t before = nodes.size() + 1; nodes.size() < before;) {
        before = nodes.size();
        std::erase_if(nodes, leaves);
    }
    return nodes;
}

struct Inputs {
    View views[3];
    std::vector<const ir::Node*> nodes;  // covered, in no order
};

// Reads as far back as views go; those nodes of `allowed` that turn out to be of no use are left out, and then so are
// nodes whose other outputs only they would have read.
Inputs readBack(const ir::Node& anchor, std::vector<const ir::Node*> allowed) {
    for (;;) {
        Inputs in;
        for (int i = 0; i < 3; ++i) {
            std::vector<const ir::Node*> mine = allowed;
            for (;;) {
                View view = ops::viewOf(*anchor.input(i), [&](const ir::Node& n) { return covers(mine, &n); });
                auto four = fourAxes(view, headsOf(anchor, i));
                if (view.nodes.empty() || (four && isUsable(*four))) {
                    in.views[i] = std::move(view);
                    break;
                }
                std::erase(mine, view.nodes[0]);
            }
            for (const ir::Node* n : in.views[i].nodes)
                if (!covers(in.nodes, n)) in.nodes.push_back(n);
        }
        // Every output of a covered node must be read through covered nodes.
        std::vector<const ir::Node*> bad;
        for (const ir::Node* n : in.nodes)
            for (const ir::Value* v : n->outputs())
                for (const ir::Use& u : v->uses())
                    if (u.node != &anchor && !covers(in.nodes, u.node)) bad.push_back(n);
        if (bad.empty()) return in;
        std::erase_if(allowed, [&](const ir::Node* n) { return covers(bad, n) || !covers(in.nodes, n); });
    }
}

// The transpose after a result of four axes, if it leaves rows together.
const ir::Node* outputTranspose(const ir::Node& anchor, const BindContext& c) {
    const ir::Node* n = c.onlyUser(*anchor.output());
    if (!n || n->parent() != anchor.parent() || std::strcmp(n->op().name(), "transpose") != 0) return nullptr;
    const auto& perm = n->attrs<ops::TransposeAttrs>().perm;
    return perm.size() == 4 && perm[3] == 3 ? n : nullptr;
}

class FlashKernel final : public Kernel {
  public:
    cpu::AttentionArgs args;
    int slots[4] = {-1, -1, -1, -1};  // of q, k, v and the mask among the inputs
    int64_t offsets[3] = {};          // bytes
    int64_t workspace = 0;

    int64_t workspaceBytes() const override { return workspace; }
    Status run(const RunArgs& r) override {
        cpu::AttentionArgs a = args;
        auto at = [&](int i) { return static_cast<const char*>(r.inputs[slots[i]]) + offsets[i]; };
        a.q = at(0);
        a.k = at(1);
        a.v = at(2);
        if (slots[3] >= 0) a.mask = r.inputs[slots[3]];
        a.out = r.outputs[0];
        a.workspace = r.workspace;
        cpu::attention(a);
        return {};
    }
};

class FlashTactic final : public Tactic {
  public:
    constexpr FlashTactic() : Tactic("cpu.attention.flash.v1", "attention") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const auto& a = anchor.attrs<ops::AttentionAttrs>();
        if (anchor.outputCount() > 1) return BindResult::refuse("it has more outputs than the result");
        if (anchor.input(4) || anchor.input(5)) return BindResult::refuse("it has past keys and values");
        if (anchor.input(6)) return BindResult::refuse("it has lengths of the keys");
        if (a.softcap != 0) return BindResult::refuse("its scores are capped");
        if (a.leftWindow != -1 || a.rightWindow != -1) return BindResult::refuse("it has a window");
        for (int i = 0; i < 3; ++i)
            if (anchor.input(i)->isConstant()) return BindResult::refuse("an input is a constant");
        if (const ir::Value* mask = anchor.input(3)) {
            const ir::Shape& k = anchor.input(1)->shape();
            const Dim& keys = k.size() == 4 ? k[2] : k[1];
            if (!(mask->shape().back() == keys)) return BindResult::refuse("its mask may have fewer columns than keys");
        }
        BindResult result;
        // Reading in place costs nothing, so nothing less is offered.
        offer(anchor, readBack(anchor, ownMovements(anchor)).nodes, outputTranspose(anchor, c), c, result);
        return result;
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        auto dims = [&](const ir::Value& v) { return c.dims(v); };
        auto kernel = std::make_unique<FlashKernel>();
        cpu::AttentionArgs& args = kernel->args;
        const ir::Node& n = anchorOf(binding);
        Shapes s = shapesOf(n, dims);
        setSizes(args, n, s);
        auto slotOf = [&](const ir::Value* v) {
            return static_cast<int>(std::find(binding.inputs.begin(), binding.inputs.end(), v) -
                                    binding.inputs.begin());
        };
        bool empty = s.batch == 0 || s.heads == 0 || s.queries == 0 || s.valueSize == 0;
        cpu::AttentionArgs::Strides* strides[3] = {&args.qStrides, &args.kStrides, &args.vStrides};
        ops::ShapeOf shapeOf = [&](const ir::Value& v) { return ir::toShape(c.dims(v)); };
        int64_t bytes = bitsOf(args.type) / 8;
        for (int i = 0; i < 3; ++i) {
            // The path as it was bound; with numbers for the extents, so strides are numbers too.
            View symbolic = viewIn(binding, *n.input(i), ops::symbolicShape);
            kernel->slots[i] = slotOf(symbolic.base);
            if (empty || s.keys == 0 || s.size == 0) continue;
            View view = viewIn(binding, *n.input(i), shapeOf);
            auto four = fourAxes(view, headsOf(n, i));
            if (view.base != symbolic.base || !four || !isUsable(*four))
                return internalError("input {} is no view at these extents", i);
            auto stride = [&](size_t d) { return ops::strideOf(four->axes[d])->value(); };
            *strides[i] = {stride(0), stride(1), stride(2)};
            kernel->offsets[i] = view.offset.value() * bytes;
        }
        if (const ir::Value* mask = n.input(3)) {
            ir::Dims to = {s.batch, s.heads, s.queries, s.keys};
            ir::Dims at = ops::broadcastStrides(c.dims(*mask), to);
            args.maskStrides = {at[0], at[1], at[2], at[3]};
            args.maskType = mask->dtype();
            if (mask->isConstant())
                args.mask = TRY(c.weights(*mask)).data();
            else
                kernel->slots[3] = slotOf(mask);
        }
        // Where batch, head and query lie in the output as it is stored.
        ir::Dims stored = c.dims(*binding.outputs[0]), at = ops::rowMajorStrides(stored);
        if (stored.size() == 3) {
            args.outStrides = {at[0], s.valueSize, at[1]};
        } else {
            ir::Dims own = at;
            if (const ir::Node* t = binding.outputs[0]->producer(); t != &n)
                for (size_t d = 0; d < 4; ++d)
                    own[static_cast<size_t>(t->attrs<ops::TransposeAttrs>().perm[d])] = at[d];
            args.outStrides = {own[0], own[1], own[2]};
        }
        if (empty) args.batch = 0;
        kernel->workspace = cpu::attentionWorkspaceBytes(args);
        return std::unique_ptr<Kernel>(std::move(kernel));
    }

  private:
    static const ir::Node& anchorOf(const Binding& binding) {
        for (const ir::Node* n : binding.nodes)
            if (n->outputCount() == 1 && &n->op() == ops::op_attention) return *n;
        return *binding.nodes[0];
    }

    static View viewIn(const Binding& binding, const ir::Value& v, const ops::ShapeOf& shapeOf) {
        return ops::viewOf(
            v, [&](const ir::Node& m) { return covers(binding.nodes, &m); }, shapeOf);
    }

    void offer(const ir::Node& anchor, const std::vector<const ir::Node*>& before, const ir::Node* after,
               const BindContext& c, BindResult& result) const {
        Candidate candidate;
        Binding& b = candidate.binding;
        b.tactic = this;
        b.nodes = before;
        b.nodes.push_back(&anchor);
        if (after) b.nodes.push_back(after);
        const ir::Region* region = anchor.parent();
        std::sort(b.nodes.begin(), b.nodes.end(),
                  [&](const ir::Node* x, const ir::Node* y) { return region->indexOf(x) < region->indexOf(y); });
        for (int i = 0; i < 3; ++i) {
            View view = viewIn(b, *anchor.input(i), ops::symbolicShape);
            auto four = fourAxes(view, headsOf(anchor, i));
            if (!four || !isUsable(*four)) {
                result.refusals.push_back(fmt::format("input {} cannot be cut into heads", i));
                return;
            }
            if (std::find(b.inputs.begin(), b.inputs.end(), view.base) == b.inputs.end()) b.inputs.push_back(view.base);
        }
        if (const ir::Value* mask = anchor.input(3); mask && !mask->isConstant())
            if (std::find(b.inputs.begin(), b.inputs.end(), mask) == b.inputs.end()) b.inputs.push_back(mask);
        b.outputs = {after ? after->output() : anchor.output()};
        b.inputLayouts.assign(b.inputs.size(), Layout::kLinear);
        b.outputLayouts = {Layout::kLinear};
        cpu::AttentionArgs largest;
        setSizes(largest, anchor, shapesOf(anchor, [&](const ir::Value& v) { return c.maxDims(v); }));
        candidate.workspaceBytes = cpu::attentionWorkspaceBytes(largest);
        Shapes s = shapesOf(anchor, [&](const ir::Value& v) { return c.optDims(v); });
        double flops = 2.0 * static_cast<double>(s.batch * s.heads) * static_cast<double>(s.queries) *
                       static_cast<double>(s.keys) * static_cast<double>(s.size + s.valueSize);
        candidate.estimate = 2e-6 + flops / (3e10 * c.target().threads);
        result.candidates.push_back(std::move(candidate));
    }
};

}  // namespace

LATHE_TACTIC(cpu_attention_flash, FlashTactic)

}  // namespace lathe::tactics
