// SPDX-License-Identifier: Apache-2.0
// Activations that are written out become one node: GELU by erf and by tanh, x sigmoid(a x), hard swish, mish, sigmoid.
//
// Such an expression is a polynomial in two unknowns: x, and e, the one special function of x in it, whose own argument
// is a polynomial in x. Whatever the order of factors and wherever the constants stand, the coefficients are the same.
#include <algorithm>
#include <cmath>

#include "ops/binary.h"
#include "ops/unary.h"
#include "passes/passes.h"
#include "passes/rewrite.h"

namespace lathe::passes {
namespace {

using ops::BinaryKind;
using ops::UnaryKind;

constexpr int kMaxNodes = 16;
constexpr int kPowers = 4;

const ops::UnaryAttrs* unaryOf(const ir::Value* v) {
    const ir::Node* n = madeBy(v, "unary");
    return n ? &n->attrs<ops::UnaryAttrs>() : nullptr;
}

bool isUnary(const ir::Value* v, UnaryKind kind) {
    const auto* a = unaryOf(v);
    return a && a->kind == kind;
}

bool isBinary(const ir::Value* v, BinaryKind kind) {
    const ir::Node* n = madeBy(v, "binary");
    return n && n->attrs<ops::BinaryAttrs>().kind == kind;
}

// The operand beside a scalar constant, and that constant.
std::optional<std::pair<ir::Value*, double>> withScalar(const ir::Value* v, BinaryKind kind) {
    if (!isBinary(v, kind)) return std::nullopt;
    const ir::Node& n = *v->producer();
    for (int i = 0; i < 2; ++i)
        if (auto c = scalarOf(n.input(1 - i)); c && n.input(i)->type() == v->type())
            return std::make_pair(n.input(i), *c);
    return std::nullopt;
}

// The function in an expression: which, of what, with which bounds.
struct Special {
    enum Kind { kErf, kTanh, kSigmoid, kHardSigmoid, kClamp, kTanhSoftplus } kind;
    ir::Value* argument;
    double a = 0, b = 0;  // of hard_sigmoid; bounds of the clamp
};

std::optional<Special> specialOf(const ir::Value* v) {
    if (const auto* a = unaryOf(v)) {
        ir::Value* x = v->producer()->input(0);
        switch (a->kind) {
            case UnaryKind::kErf: return Special{Special::kErf, x};
            case UnaryKind::kSigmoid: return Special{Special::kSigmoid, x};
            case UnaryKind::kHardSigmoid: return Special{Special::kHardSigmoid, x, a->alpha, a->beta};
            case UnaryKind::kClip: return Special{Special::kClamp, x, a->alpha, a->beta};
            case UnaryKind::kTanh: break;
            default: return std::nullopt;
        }
        const auto* inner = unaryOf(x);
        if (!inner || !x->hasOneUse()) return Special{Special::kTanh, x};
        ir::Value* y = x->producer()->input(0);
        if (inner->kind == UnaryKind::kSoftplus && inner->alpha == 1 && inner->beta == 1)
            return Special{Special::kTanhSoftplus, y};
        if (inner->kind == UnaryKind::kLog && y->hasOneUse())
            if (auto sum = withScalar(y, BinaryKind::kAdd);
                sum && sum->second == 1 && sum->first->hasOneUse() && isUnary(sum->first, UnaryKind::kExp))
                return Special{Special::kTanhSoftplus, sum->first->producer()->input(0)};
        return Special{Special::kTanh, x};
    }
    // min(max(x, a), b)
    if (auto top = withScalar(v, BinaryKind::kMin); top && top->first->hasOneUse()) {
        if (auto low = withScalar(top->first, BinaryKind::kMax))
            return Special{Special::kClamp, low->first, low->second, top->second};
        if (isUnary(top->first, UnaryKind::kRelu))
            return Special{Special::kClamp, top->first->producer()->input(0), 0, top->second};
    }
    return std::nullopt;
}

// c[i][j] x^i e^j
struct Polynomial {
    double c[kPowers][2] = {};

    static std::optional<Polynomial> product(const Polynomial& p, const Polynomial& q) {
        Polynomial out;
        for (int i = 0; i < kPowers; ++i)
            for (int j = 0; j < 2; ++j)
                for (int k = 0; k < kPowers; ++k)
                    for (int l = 0; l < 2; ++l) {
                        double t = p.c[i][j] * q.c[k][l];
                        if (t == 0) continue;
                        if (i + k >= kPowers || j + l > 1) return std::nullopt;
                        out.c[i + k][j + l] += t;
                    }
        return out;
    }
    Polynomial plus(const Polynomial& q, double factor) const {
        Polynomial out = *this;
        for (int i = 0; i < kPowers; ++i)
            for (int j = 0; j < 2; ++j) out.c[i][j] += factor * q.c[i][j];
        return out;
    }
    bool is(std::initializer_list<std::array<double, 3>> terms, double tolerance) const {
        Polynomial want;
        for (const auto& t : terms) want.c[static_cast<int>(t[0])][static_cast<int>(t[1])] = t[2];
        for (int i = 0; i < kPowers; ++i)
            for (int j = 0; j < 2; ++j)
                if (!(std::fabs(c[i][j] - want.c[i][j]) <= tolerance * std::fabs(want.c[i][j]))) return false;
        return true;
    }
};

class Expression {
  public:
    Expression(const ir::Value& x, const ir::Value* e) : x_(x), e_(e) {}

    std::optional<Polynomial> of(const ir::Value& v, bool root = true) {
        Polynomial p;
        if (&v == &x_) {
            p.c[1][0] = 1;
            return p;
        }
        if (&v == e_) {
            p.c[0][1] = 1;
            return p;
        }
        if (auto c = scalarOf(&v)) {
            p.c[0][0] = *c;
            return p;
        }
        if ((!root && !v.hasOneUse()) || ++nodes_ > kMaxNodes) return std::nullopt;
        const ir::Node* n = v.producer();
        if (isUnary(&v, UnaryKind::kNeg)) {
            auto a = of(*n->input(0), false);
            return a ? std::optional(p.plus(*a, -1)) : std::nullopt;
        }
        if (!isOp(n, "binary")) return std::nullopt;
        const ir::Value &left = *n->input(0), &right = *n->input(1);
        auto a = of(left, false);
        if (!a) return std::nullopt;
        switch (n->attrs<ops::BinaryAttrs>().kind) {
            case BinaryKind::kAdd:
            case BinaryKind::kSub: {
                auto b = of(right, false);
                if (!b) return std::nullopt;
                return a->plus(*b, n->attrs<ops::BinaryAttrs>().kind == BinaryKind::kAdd ? 1 : -1);
            }
            case BinaryKind::kMul: {
                auto b = of(right, false);
                return b ? Polynomial::product(*a, *b) : std::nullopt;
            }
            case BinaryKind::kDiv: {
                auto d = scalarOf(&right);
                if (!d || *d == 0) return std::nullopt;
                return p.plus(*a, 1 / *d);
            }
            case BinaryKind::kPow: {
                auto power = scalarOf(&right);
                if (!power || (*power != 2 && *power != 3)) return std::nullopt;
                auto square = Polynomial::product(*a, *a);
                return square && *power == 3 ? Polynomial::product(*square, *a) : square;
            }
            default: return std::nullopt;
        }
    }

  private:
    const ir::Value &x_, *e_;
    int nodes_ = 0;
};

// Follows arithmetic with scalars down to what it is made from. Gathers the special functions and the other leaves.
void gather(const ir::Value& v, bool root, std::vector<const ir::Value*>& specials,
            std::vector<const ir::Value*>& leaves, int& budget) {
    if (--budget < 0 || scalarOf(&v)) return;
    const ir::Node* n = v.producer();
    bool own = root || v.hasOneUse();
    if (own && specialOf(&v)) {
        specials.push_back(&v);
    } else if (own && isOp(n, "binary") && n->attrs<ops::BinaryAttrs>().kind <= BinaryKind::kPow) {
        for (int i = 0; i < 2; ++i) gather(*n->input(i), false, specials, leaves, budget);
    } else if (own && isUnary(&v, UnaryKind::kNeg)) {
        gather(*n->input(0), false, specials, leaves, budget);
    } else if (std::find(leaves.begin(), leaves.end(), &v) == leaves.end()) {
        leaves.push_back(&v);
    }
}

bool isNear(double a, double b, double tolerance) { return std::fabs(a - b) <= tolerance * std::fabs(b); }

// The attributes of the unary node that the value is, in x.
struct Match {
    ir::Value* x;
    std::string attrs;
};

std::optional<Match> match(const ir::Value& root) {
    std::vector<const ir::Value*> specials, leaves;
    int budget = 4 * kMaxNodes;
    gather(root, true, specials, leaves, budget);
    if (budget < 0 || specials.size() != 1 || specials[0] == &root || leaves.size() != 1) return std::nullopt;
    const ir::Value& x = *leaves[0];
    if (!(x.type() == root.type()) || x.isConstant()) return std::nullopt;
    Special s = *specialOf(specials[0]);
    const double tolerance = root.dtype() == DType::kFloat ? 1e-5 : 8e-3;
    auto inner = Expression(x, nullptr).of(*s.argument, s.argument == &x);
    auto outer = Expression(x, specials[0]).of(root);
    if (!inner || !outer) return std::nullopt;
    auto isX = [&](std::initializer_list<std::array<double, 3>> terms) { return inner->is(terms, tolerance); };
    auto is = [&](std::initializer_list<std::array<double, 3>> terms) { return outer->is(terms, tolerance); };
    auto found = [&](std::string attrs) { return Match{const_cast<ir::Value*>(&x), std::move(attrs)}; };
    constexpr double kRootHalf = 0.70710678118654752, kTanhFactor = 0.79788456080286536;
    switch (s.kind) {
        case Special::kErf:
            if (isX({{1, 0, kRootHalf}}) && is({{1, 0, 0.5}, {1, 1, 0.5}})) return found("kind=gelu_erf");
            break;
        case Special::kTanh:
            if (isX({{1, 0, kTanhFactor}, {3, 0, kTanhFactor * 0.044715}}) && is({{1, 0, 0.5}, {1, 1, 0.5}}))
                return found("kind=gelu_tanh");
            break;
        case Special::kSigmoid:
            if (double a = inner->c[1][0]; a != 0 && isX({{1, 0, a}}) && is({{1, 1, 1}}))
                return found(fmt::format("kind=silu alpha={}", a));
            break;
        case Special::kHardSigmoid:
            if (isX({{1, 0, 1}}) && isNear(s.a, 1.0 / 6, tolerance) && s.b == 0.5 && is({{1, 1, 1}}))
                return found("kind=hard_swish");
            break;
        case Special::kClamp:
            if (s.a == 0 && s.b == 6 && isX({{0, 0, 3}, {1, 0, 1}}) && is({{1, 1, 1.0 / 6}}))
                return found("kind=hard_swish");
            if (s.a == 0 && s.b == 1 && isX({{0, 0, 0.5}, {1, 0, 1.0 / 6}}) && is({{1, 1, 1}}))
                return found("kind=hard_swish");
            break;
        case Special::kTanhSoftplus:
            if (isX({{1, 0, 1}}) && is({{1, 1, 1}})) return found("kind=mish");
            break;
    }
    return std::nullopt;
}

// 1 / (1 + e^-x)
std::optional<Match> matchSigmoid(const ir::Value& root) {
    const ir::Value* below = nullptr;
    if (isUnary(&root, UnaryKind::kReciprocal))
        below = root.producer()->input(0);
    else if (isBinary(&root, BinaryKind::kDiv) && scalarOf(root.producer()->input(0)) == 1.0)
        below = root.producer()->input(1);
    if (!below || !below->hasOneUse() || !(below->type() == root.type())) return std::nullopt;
    auto sum = withScalar(below, BinaryKind::kAdd);
    if (!sum || sum->second != 1 || !sum->first->hasOneUse() || !isUnary(sum->first, UnaryKind::kExp))
        return std::nullopt;
    const ir::Value* minus = sum->first->producer()->input(0);
    if (!minus->hasOneUse()) return std::nullopt;
    if (isUnary(minus, UnaryKind::kNeg)) return Match{minus->producer()->input(0), "kind=sigmoid"};
    if (auto p = withScalar(minus, BinaryKind::kMul); p && p->second == -1) return Match{p->first, "kind=sigmoid"};
    return std::nullopt;
}

Result<bool> visit(ir::Node& n) {
    if (n.outputCount() != 1 || n.output()->uses().empty() || !isFloating(n.output()->dtype())) return false;
    if (!isOp(&n, "binary") && !isUnary(n.output(), UnaryKind::kReciprocal)) return false;
    std::optional<Match> m = matchSigmoid(*n.output());
    if (!m && isOp(&n, "binary")) m = match(*n.output());
    if (!m) return false;
    Rewriter r(n);
    Rewriter::replace(*n.output(), *TRY(r.emit("unary", m->attrs, {m->x})));
    return true;
}

}  // namespace

Result<bool> recognizeActivations(ir::Graph& graph) {
    bool changed = false;
    // What was replaced must be gone before its operands' readers are counted again.
    while (TRY(forEach(graph, visit))) {
        changed = true;
        TRY(removeUnused(graph));
    }
    return changed;
}

}  // namespace lathe::passes
