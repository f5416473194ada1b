// SPDX-License-Identifier: Apache-2.0
#include "tactics/common/epilogue_match.h"

#include <cstring>

#include "ops/binary.h"
#include "ops/unary.h"

namespace lathe::tactics {
namespace {

using kernels::Activation;
using ops::UnaryKind;

const ir::Node* onlyReader(const ir::Value& v) { return v.hasOneUse() ? v.uses()[0].node : nullptr; }

bool isAdd(const ir::Node& n) {
    return std::strcmp(n.op().name(), "binary") == 0 && n.attrs<ops::BinaryAttrs>().kind == ops::BinaryKind::kAdd;
}

const ir::Value* otherOperand(const ir::Node& add, const ir::Value& v) {
    if (add.input(0) == add.input(1)) return nullptr;
    return add.input(0) == &v ? add.input(1) : add.input(0);
}

// One value a channel: all axes but the channel's are 1.
bool isChannelConstant(const ir::Value& v, const ir::Value& like, int channelAxis) {
    if (!v.isConstant() || v.dtype() != like.dtype() || v.rank() > like.rank()) return false;
    int offset = like.rank() - v.rank();
    for (int d = 0; d < v.rank(); ++d) {
        bool one = v.shape()[d] == ir::Dim(1);
        if (d + offset == channelAxis ? !(one || v.shape()[d] == like.shape()[channelAxis]) : !one) return false;
    }
    return true;
}

bool setActivation(const ir::Node& n, EpilogueMatch& m) {
    if (std::strcmp(n.op().name(), "unary") != 0) return false;
    const auto& a = n.attrs<ops::UnaryAttrs>();
    m.alpha = static_cast<float>(a.alpha);
    m.beta = static_cast<float>(a.beta);
    switch (a.kind) {
        case UnaryKind::kRelu: m.activation = Activation::kRelu; return true;
        case UnaryKind::kLeakyRelu: m.activation = Activation::kLeakyRelu; return true;
        case UnaryKind::kClip: m.activation = Activation::kClip; return true;
        case UnaryKind::kHardSigmoid: m.activation = Activation::kHardSigmoid; return true;
        case UnaryKind::kHardSwish:
            m.activation = Activation::kHardSwish;
            m.alpha = 1.f / 6;
            m.beta = 0.5f;
            return true;
        case UnaryKind::kSigmoid: m.activation = Activation::kSigmoid; return true;
        case UnaryKind::kSilu: m.activation = Activation::kSilu; return a.alpha == 0 || a.alpha == 1;
        case UnaryKind::kTanh:
            m.activation = Activation::kTanh;
            m.alpha = m.beta = 1;
            return true;
        case UnaryKind::kScaledTanh: m.activation = Activation::kTanh; return true;
        case UnaryKind::kGeluErf: m.activation = Activation::kGeluErf; return true;
        case UnaryKind::kGeluTanh: m.activation = Activation::kGeluTanh; return true;
        case UnaryKind::kElu: m.activation = Activation::kElu; return true;
        case UnaryKind::kSelu: m.activation = Activation::kSelu; return true;
        case UnaryKind::kSoftplus: m.activation = Activation::kSoftplus; return true;
        case UnaryKind::kMish: m.activation = Activation::kMish; return true;
        case UnaryKind::kSoftsign: m.activation = Activation::kSoftsign; return true;
        case UnaryKind::kThresholdedRelu: m.activation = Activation::kThresholdedRelu; return true;
        default: return false;
    }
}

// x * sigmoid(x) or x * hard_sigmoid(x) in two nodes, with x = *m.result read by them alone.
bool setGate(EpilogueMatch& m) {
    const ir::Value& x = *m.result;
    if (x.uses().size() != 2 || m.activation != Activation::kNone) return false;
    const ir::Node *a = x.uses()[0].node, *b = x.uses()[1].node;
    if (!a || !b || a == b) return false;
    if (std::strcmp(a->op().name(), "unary") != 0) std::swap(a, b);
    if (std::strcmp(a->op().name(), "unary") != 0 || std::strcmp(b->op().name(), "binary") != 0) return false;
    if (a->parent() != x.producer()->parent() || b->parent() != a->parent()) return false;
    const auto& gate = a->attrs<ops::UnaryAttrs>();
    const ir::Value& s = *a->output();
    if (b->attrs<ops::BinaryAttrs>().kind != ops::BinaryKind::kMul || !s.hasOneUse()) return false;
    bool both = (b->input(0) == &x && b->input(1) == &s) || (b->input(0) == &s && b->input(1) == &x);
    if (!both || !(b->output()->type() == x.type())) return false;
    if (gate.kind == UnaryKind::kSigmoid) {
        m.activation = Activation::kSilu;
        m.alpha = 1;
    } else if (gate.kind == UnaryKind::kHardSigmoid) {
        m.activation = Activation::kHardSwish;
        m.alpha = static_cast<float>(gate.alpha);
        m.beta = static_cast<float>(gate.beta);
    } else {
        return false;
    }
    m.nodes.push_back(a);
    m.nodes.push_back(b);
    m.result = b->output();
    return true;
}

}  // namespace

std::vector<EpilogueMatch> matchEpilogues(const ir::Value& start, int channelAxis, bool biasTaken) {
    std::vector<EpilogueMatch> out(1);
    out[0].result = &start;
    bool canBias = !biasTaken;
    for (;;) {
        const EpilogueMatch& m = out.back();
        if (EpilogueMatch gated = m; setGate(gated)) {
            out.push_back(std::move(gated));
            continue;
        }
        const ir::Node* n = onlyReader(*m.result);
        // Nodes of nested regions run elsewhere.
        if (!n || n->outputCount() != 1 || n->parent() != m.result->producer()->parent()) return out;
        if (!(n->output()->type() == start.type())) return out;
        EpilogueMatch next = m;
        next.nodes.push_back(n);
        next.result = n->output();
        const ir::Value* other = isAdd(*n) ? otherOperand(*n, *m.result) : nullptr;
        bool activated = m.activation != Activation::kNone;
        if (other && canBias && !m.residual && !activated && isChannelConstant(*other, start, channelAxis)) {
            next.bias = other;
            canBias = false;
        } else if (other && !m.residual && !other->isConstant() && other->type() == start.type()) {
            next.residual = other;
            next.residualAfter = activated;
        } else if (activated || !setActivation(*n, next)) {
            return out;
        }
        out.push_back(std::move(next));
    }
}

Result<EpilogueMatch> findEpilogue(const ir::Value& start, const ir::Value& result, int channelAxis, bool biasTaken) {
    for (EpilogueMatch& m : matchEpilogues(start, channelAxis, biasTaken))
        if (m.result == &result) return std::move(m);
    return internalError("the binding's nodes don't form an epilogue");
}

}  // namespace lathe::tactics
