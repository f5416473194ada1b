// SPDX-License-Identifier: Apache-2.0
#include "ir/dim.h"

#include <algorithm>
#include <charconv>

namespace lathe::ir {
namespace {

constexpr const char* kFnNames[] = {"floordiv", "ceildiv", "mod", "min", "max", "broadcast", "equal", "less", "select"};
constexpr int kFnArity[] = {2, 2, 2, 2, 2, 2, 2, 2, 3};
constexpr int kFnCount = 9;
constexpr int kMaxParseDepth = 64;

int64_t floorDivide(int64_t a, int64_t b) {
    int64_t q = a / b;
    return (a % b != 0 && (a < 0) != (b < 0)) ? q - 1 : q;
}

Result<int64_t> applyConstant(Dim::Fn fn, int64_t a, int64_t b, int64_t c) {
    switch (fn) {
        case Dim::Fn::kFloorDiv:
        case Dim::Fn::kCeilDiv:
        case Dim::Fn::kMod:
            if (b == 0) return invalidArgument("division of {} by zero in a dimension expression", a);
            if (a == INT64_MIN && b == -1) return invalidArgument("overflow in a dimension expression");
            if (fn == Dim::Fn::kFloorDiv) return floorDivide(a, b);
            if (fn == Dim::Fn::kMod) return a - floorDivide(a, b) * b;
            return a % b == 0 ? a / b : floorDivide(a, b) + 1;
        case Dim::Fn::kMin: return std::min(a, b);
        case Dim::Fn::kMax: return std::max(a, b);
        case Dim::Fn::kBroadcast:
            if (a == b || b == 1) return a;
            if (a == 1) return b;
            return invalidArgument("extents {} and {} cannot be broadcast: they differ and neither is 1", a, b);
        case Dim::Fn::kEqual: return int64_t{a == b};
        case Dim::Fn::kLess: return int64_t{a < b};
        case Dim::Fn::kSelect: return a ? b : c;
    }
    return internalError("unknown dimension function");
}

}  // namespace

// A factor that is not a product: a symbol, or a function of Dims. `key` is its canonical text.
struct Atom {
    SymbolId symbol = -1;
    Dim::Fn fn = Dim::Fn::kFloorDiv;
    std::vector<Dim> args;  // empty for a symbol
    std::string key;
};
using AtomRef = std::shared_ptr<const Atom>;

struct Term {
    int64_t coefficient = 0;
    std::vector<AtomRef> atoms;  // sorted by key, repeated for powers

    bool sameAtoms(const Term& o) const {
        return std::equal(atoms.begin(), atoms.end(), o.atoms.begin(), o.atoms.end(),
                          [](const AtomRef& a, const AtomRef& b) { return a->key == b->key; });
    }
};

// The sum of the terms; sorted (more factors first, then by keys), no two with the same atoms, no zero coefficient.
struct Dim::Expr {
    std::vector<Term> terms;

    static bool before(const Term& a, const Term& b) {
        if (a.atoms.size() != b.atoms.size()) return a.atoms.size() > b.atoms.size();
        for (size_t i = 0; i < a.atoms.size(); ++i)
            if (a.atoms[i]->key != b.atoms[i]->key) return a.atoms[i]->key < b.atoms[i]->key;
        return false;
    }
    void add(Term t) {
        auto at = std::lower_bound(terms.begin(), terms.end(), t, before);
        if (at != terms.end() && at->sameAtoms(t)) {
            // Wrapping is harmless: eval() checks the numbers that count.
            at->coefficient =
                static_cast<int64_t>(static_cast<uint64_t>(at->coefficient) + static_cast<uint64_t>(t.coefficient));
            if (at->coefficient == 0) terms.erase(at);
        } else if (t.coefficient != 0) {
            terms.insert(at, std::move(t));
        }
    }
};

namespace {

std::string termText(const Term& t) {
    std::string s;
    for (const AtomRef& a : t.atoms) {
        if (!s.empty()) s += '*';
        s += a->key;
    }
    if (t.atoms.empty()) return std::to_string(t.coefficient);
    if (t.coefficient != 1) s += '*' + std::to_string(t.coefficient);
    return s;
}

Term product(const Term& a, const Term& b) {
    Term t;
    t.coefficient = static_cast<int64_t>(static_cast<uint64_t>(a.coefficient) * static_cast<uint64_t>(b.coefficient));
    t.atoms.resize(a.atoms.size() + b.atoms.size());
    std::merge(a.atoms.begin(), a.atoms.end(), b.atoms.begin(), b.atoms.end(), t.atoms.begin(),
               [](const AtomRef& x, const AtomRef& y) { return x->key < y->key; });
    return t;
}

// a / b when b's factors all occur in a.
bool divideTerm(const Term& a, const Term& b, Term& out) {
    if (b.coefficient == 0 || a.coefficient % b.coefficient != 0) return false;
    out.coefficient = a.coefficient / b.coefficient;
    out.atoms.clear();
    size_t j = 0;
    for (const AtomRef& atom : a.atoms) {
        if (j < b.atoms.size() && b.atoms[j]->key == atom->key)
            ++j;
        else
            out.atoms.push_back(atom);
    }
    return j == b.atoms.size();
}

}  // namespace

void SymbolValues::set(SymbolId id, int64_t value) {
    if (static_cast<size_t>(id) >= values_.size()) values_.resize(id + 1, kUnset);
    values_[id] = value;
}

Dim::Expr Dim::toExpr() const {
    if (expr_) return *expr_;
    Expr e;
    if (value_ != 0) e.terms.push_back(Term{value_, {}});
    return e;
}

Dim Dim::fromExpr(Expr&& e) {
    if (e.terms.empty()) return Dim(int64_t{0});
    if (e.terms.size() == 1 && e.terms[0].atoms.empty()) return Dim(e.terms[0].coefficient);
    return Dim(std::make_shared<const Expr>(std::move(e)));
}

Dim Dim::symbol(SymbolId id) {
    auto atom = std::make_shared<Atom>();
    atom->symbol = id;
    atom->key = "s" + std::to_string(id);
    Expr e;
    e.terms.push_back(Term{1, {std::move(atom)}});
    return fromExpr(std::move(e));
}

int64_t Dim::value() const {
    ASSERT(isConstant());
    return value_;
}

SymbolId Dim::asSymbol() const {
    if (!expr_ || expr_->terms.size() != 1) return -1;
    const Term& t = expr_->terms[0];
    return t.coefficient == 1 && t.atoms.size() == 1 ? t.atoms[0]->symbol : -1;
}

Dim operator+(const Dim& a, const Dim& b) {
    int64_t sum;
    if (a.isConstant() && b.isConstant() && !__builtin_add_overflow(a.value_, b.value_, &sum)) return Dim(sum);
    Dim::Expr e = a.toExpr();
    for (const Term& t : b.toExpr().terms) e.add(t);
    return Dim::fromExpr(std::move(e));
}

Dim operator*(const Dim& a, const Dim& b) {
    int64_t p;
    if (a.isConstant() && b.isConstant() && !__builtin_mul_overflow(a.value_, b.value_, &p)) return Dim(p);
    Dim::Expr e, x = a.toExpr(), y = b.toExpr();
    for (const Term& t : x.terms)
        for (const Term& u : y.terms) e.add(product(t, u));
    return Dim::fromExpr(std::move(e));
}

Dim operator-(const Dim& a, const Dim& b) { return a + b * Dim(-1); }

bool Dim::operator==(const Dim& o) const {
    if (isConstant() != o.isConstant()) return false;
    if (isConstant()) return value_ == o.value_;
    if (expr_ == o.expr_) return true;
    return std::equal(expr_->terms.begin(), expr_->terms.end(), o.expr_->terms.begin(), o.expr_->terms.end(),
                      [](const Term& a, const Term& b) { return a.coefficient == b.coefficient && a.sameAtoms(b); });
}

Dim Dim::apply(Fn fn, const Dim& a, const Dim& b) { return apply(fn, a, b, Dim()); }

Dim Dim::apply(Fn fn, const Dim& a, const Dim& b, const Dim& c) {
    if (a.isConstant() && b.isConstant() && c.isConstant()) {
        auto r = applyConstant(fn, a.value_, b.value_, c.value_);
        if (r.ok()) return Dim(*r);  // what fails is kept, so that eval() reports it with its numbers
    }
    switch (fn) {
        case Fn::kFloorDiv:
        case Fn::kCeilDiv: {
            if (b == Dim(1)) return a;
            if (a == Dim(0) && !(b == Dim(0))) return a;
            Expr divisor = b.toExpr();
            // An extent of zero in the divisor would make the quotient undefined; callers check that apart.
            if (divisor.terms.size() == 1) {
                Expr quotient, rest;
                for (const Term& t : a.toExpr().terms) {
                    Term q;
                    if (divideTerm(t, divisor.terms[0], q))
                        quotient.add(std::move(q));
                    else
                        rest.add(t);
                }
                if (rest.terms.empty()) return fromExpr(std::move(quotient));
                if (!quotient.terms.empty())
                    return fromExpr(std::move(quotient)) + apply(fn, fromExpr(std::move(rest)), b);
            } else if (a == b) {
                return Dim(1);
            }
            break;
        }
        case Fn::kMod:
            if (b == Dim(1) || a == b) return Dim(0);
            break;
        case Fn::kMin:
        case Fn::kMax:
            if (a == b) return a;
            break;
        case Fn::kBroadcast:
            if (a == b || b == Dim(1)) return a;
            if (a == Dim(1)) return b;
            break;
        case Fn::kEqual:
            if (a == b) return Dim(1);
            break;
        case Fn::kLess:
            if (a == b) return Dim(0);
            break;
        case Fn::kSelect:
            if (a.isConstant()) return a.value_ ? b : c;
            if (b == c) return b;
            break;
    }
    auto atom = std::make_shared<Atom>();
    atom->fn = fn;
    atom->args = {a, b};
    if (kFnArity[static_cast<int>(fn)] == 3) atom->args.push_back(c);
    bool commutes = fn == Fn::kMin || fn == Fn::kMax || fn == Fn::kBroadcast || fn == Fn::kEqual;
    if (commutes && atom->args[1].toString() < atom->args[0].toString()) std::swap(atom->args[0], atom->args[1]);
    atom->key = std::string(kFnNames[static_cast<int>(fn)]) + "(";
    for (size_t i = 0; i < atom->args.size(); ++i) atom->key += (i ? ", " : "") + atom->args[i].toString();
    atom->key += ")";
    Expr e;
    e.terms.push_back(Term{1, {std::move(atom)}});
    return fromExpr(std::move(e));
}

Result<int64_t> Dim::eval(const SymbolValues& values) const {
    if (!expr_) return value_;
    int64_t sum = 0;
    for (const Term& t : expr_->terms) {
        int64_t p = t.coefficient;
        for (const AtomRef& a : t.atoms) {
            int64_t factor;
            if (a->args.empty()) {
                factor = values.get(a->symbol);
                if (factor == SymbolValues::kUnset)
                    return makeStatus(Code::kInvalidState, "dimension symbol {} has no value yet", a->key);
            } else {
                int64_t x[3] = {0, 0, 0};
                // Only the chosen branch of a select is evaluated: the other may be undefined.
                if (a->fn == Fn::kSelect) {
                    x[0] = TRY(a->args[0].eval(values));
                    x[x[0] ? 1 : 2] = TRY(a->args[x[0] ? 1 : 2].eval(values));
                } else {
                    for (size_t i = 0; i < a->args.size(); ++i) x[i] = TRY(a->args[i].eval(values));
                }
                factor = TRY(applyConstant(a->fn, x[0], x[1], x[2]));
            }
            if (__builtin_mul_overflow(p, factor, &p)) return invalidArgument("overflow in dimension {}", toString());
        }
        if (__builtin_add_overflow(sum, p, &sum)) return invalidArgument("overflow in dimension {}", toString());
    }
    return sum;
}

Dim Dim::substitute(const std::function<Dim(SymbolId)>& replace) const {
    if (!expr_) return *this;
    Dim sum(0);
    for (const Term& t : expr_->terms) {
        Dim p(t.coefficient);
        for (const AtomRef& a : t.atoms) {
            if (a->args.empty()) {
                p = p * replace(a->symbol);
            } else {
                std::vector<Dim> args;
                for (const Dim& d : a->args) args.push_back(d.substitute(replace));
                p = p * apply(a->fn, args[0], args[1], args.size() > 2 ? args[2] : Dim());
            }
        }
        sum = sum + p;
    }
    return sum;
}

void Dim::forEachSymbol(const std::function<void(SymbolId)>& visit) const {
    if (!expr_) return;
    for (const Term& t : expr_->terms)
        for (const AtomRef& a : t.atoms) {
            if (a->args.empty()) visit(a->symbol);
            for (const Dim& d : a->args) d.forEachSymbol(visit);
        }
}

namespace {

// eval() refuses whatever leaves int64, so bounds may stop there.
int64_t clampToInt64(__int128 v) {
    return v < INT64_MIN ? INT64_MIN : v > INT64_MAX ? INT64_MAX : static_cast<int64_t>(v);
}

Dim::Range hull(const Dim::Range& a, const Dim::Range& b) { return {std::min(a.min, b.min), std::max(a.max, b.max)}; }

Dim::Range product(const Dim::Range& a, const Dim::Range& b) {
    __int128 corners[] = {static_cast<__int128>(a.min) * b.min, static_cast<__int128>(a.min) * b.max,
                          static_cast<__int128>(a.max) * b.min, static_cast<__int128>(a.max) * b.max};
    auto [low, high] = std::minmax_element(std::begin(corners), std::end(corners));
    return {clampToInt64(*low), clampToInt64(*high)};
}

Dim::Range applyRange(Dim::Fn fn, const Dim::Range& a, const Dim::Range& b, const Dim::Range& c) {
    auto divided = [&](int64_t x, int64_t y) {
        return fn == Dim::Fn::kFloorDiv ? floorDivide(x, y) : -floorDivide(-x, y);
    };
    switch (fn) {
        case Dim::Fn::kFloorDiv:
        case Dim::Fn::kCeilDiv:
            if (b.min <= 0) return {};
            // An open end stays open; -INT64_MIN could not be computed anyway.
            return {a.min == INT64_MIN ? a.min : std::min(divided(a.min, b.min), divided(a.min, b.max)),
                    a.max == INT64_MAX ? a.max : std::max(divided(a.max, b.min), divided(a.max, b.max))};
        case Dim::Fn::kMod:
            if (b.min <= 0) return {};
            if (a.min >= 0 && a.max < b.min) return a;
            return {0, b.max - 1};
        case Dim::Fn::kMin: return {std::min(a.min, b.min), std::min(a.max, b.max)};
        case Dim::Fn::kMax: return {std::max(a.min, b.min), std::max(a.max, b.max)};
        case Dim::Fn::kBroadcast:
            if (a.min >= 1 && b.min >= 1) return {std::max(a.min, b.min), std::max(a.max, b.max)};
            return hull(a, b);
        case Dim::Fn::kEqual:
            if (a.max < b.min || b.max < a.min) return {0, 0};
            return {a.min == a.max && a == b, 1};
        case Dim::Fn::kLess: return {a.max < b.min, a.min < b.max};
        case Dim::Fn::kSelect:
            if (a.min > 0 || a.max < 0) return b;
            return a.min == 0 && a.max == 0 ? c : hull(b, c);
    }
    return {};
}

}  // namespace

Dim::Range Dim::range(const std::function<Range(SymbolId)>& ofSymbol) const {
    if (!expr_) return {value_, value_};
    __int128 low = 0, high = 0;
    for (const Term& t : expr_->terms) {
        Range r{t.coefficient, t.coefficient};
        for (const AtomRef& a : t.atoms) {
            Range x[3];
            for (size_t i = 0; i < a->args.size(); ++i) x[i] = a->args[i].range(ofSymbol);
            r = product(r, a->args.empty() ? ofSymbol(a->symbol) : applyRange(a->fn, x[0], x[1], x[2]));
        }
        low += r.min;
        high += r.max;
    }
    return {clampToInt64(low), clampToInt64(high)};
}

std::string Dim::toString() const {
    if (!expr_) return std::to_string(value_);
    std::string s;
    for (const Term& t : expr_->terms) {
        if (!s.empty()) s += " + ";
        s += termText(t);
    }
    return s;
}

namespace {

// sum := product (' + ' product)*; product := factor ('*' factor)*; factor := integer | 's' integer | fn '(' sum, … ')'
class DimParser {
  public:
    explicit DimParser(std::string_view text) : text_(text) {}
    Result<Dim> parse() {
        Dim d = TRY(sum(0));
        if (at_ != text_.size()) return fail("end of text");
        return d;
    }

  private:
    Status fail(std::string_view expected) const {
        return invalidArgument("dimension expression '{}', position {}: expected {}", text_, at_, expected);
    }
    void space() {
        while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    }
    bool accept(char c) {
        space();
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    Result<Dim> sum(int depth) {
        if (depth > kMaxParseDepth) return fail("less nesting");
        Dim d = TRY(term(depth));
        while (accept('+')) d = d + TRY(term(depth));
        return d;
    }
    Result<Dim> term(int depth) {
        Dim d = TRY(factor(depth));
        while (accept('*')) d = d * TRY(factor(depth));
        return d;
    }
    Result<int64_t> integer() {
        int64_t v = 0;
        auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), v);
        if (error != std::errc()) return fail("an integer");
        at_ = static_cast<size_t>(end - text_.data());
        return v;
    }
    Result<Dim> factor(int depth) {
        space();
        if (at_ < text_.size() && text_[at_] == 's' && at_ + 1 < text_.size() && text_[at_ + 1] >= '0' &&
            text_[at_ + 1] <= '9') {
            ++at_;
            int64_t id = TRY(integer());
            if (id < 0 || id > 1'000'000) return fail("a symbol number up to 1000000");
            return Dim::symbol(static_cast<SymbolId>(id));
        }
        for (int i = 0; i < kFnCount; ++i) {
            std::string_view name = kFnNames[i];
            if (text_.substr(at_, name.size()) != name) continue;
            at_ += name.size();
            if (!accept('(')) return fail("'('");
            Dim args[3];
            for (int k = 0; k < kFnArity[i]; ++k) {
                if (k && !accept(',')) return fail("','");
                args[k] = TRY(sum(depth + 1));
            }
            if (!accept(')')) return fail("')'");
            return Dim::apply(static_cast<Dim::Fn>(i), args[0], args[1], args[2]);
        }
        return Dim(TRY(integer()));
    }

    std::string_view text_;
    size_t at_ = 0;
};

template <class V>
std::string listText(const V& v) {
    std::string s = "[";
    for (size_t i = 0; i < v.size(); ++i) {
        if (i) s += ", ";
        if constexpr (std::is_same_v<V, Shape>)
            s += v[i].toString();
        else
            s += std::to_string(v[i]);
    }
    return s + "]";
}

}  // namespace

Result<Dim> Dim::parse(std::string_view text) { return DimParser(text).parse(); }

bool isConstant(const Shape& shape) {
    return std::all_of(shape.begin(), shape.end(), [](const Dim& d) { return d.isConstant(); });
}

Dims constantDims(const Shape& shape) {
    Dims dims;
    dims.reserve(shape.size());
    for (const Dim& d : shape) dims.push_back(d.value());
    return dims;
}

Shape toShape(const Dims& dims) { return Shape(dims.begin(), dims.end()); }

Dim volume(const Shape& shape) {
    Dim v(1);
    for (const Dim& d : shape) v = v * d;
    return v;
}

int64_t volume(const Dims& dims) {
    int64_t v = 1;
    for (int64_t d : dims) v *= d;
    return v;
}

Result<int64_t> checkedVolume(const Dims& dims) {
    int64_t v = 1;
    for (int64_t d : dims) {
        if (d < 0) return invalidArgument("negative extent in shape {}", toString(dims));
        if (__builtin_mul_overflow(v, d, &v))
            return invalidArgument("shape {} has more elements than can be counted", toString(dims));
    }
    return v;
}

Result<Dims> evalShape(const Shape& shape, const SymbolValues& values) {
    Dims dims;
    dims.reserve(shape.size());
    for (const Dim& d : shape) dims.push_back(TRY(d.eval(values)));
    return dims;
}

std::string toString(const Shape& shape) { return listText(shape); }
std::string toString(const Dims& dims) { return listText(dims); }

Result<Shape> broadcastShapes(const Shape& a, const Shape& b) {
    const Shape& longer = a.size() >= b.size() ? a : b;
    const Shape& shorter = a.size() >= b.size() ? b : a;
    Shape out = longer;
    size_t offset = longer.size() - shorter.size();
    for (size_t i = 0; i < shorter.size(); ++i) {
        const Dim &x = longer[offset + i], &y = shorter[i];
        if (x.isConstant() && y.isConstant() && x.value() != y.value() && x.value() != 1 && y.value() != 1)
            return invalidArgument("shapes {} and {} cannot be broadcast: axis {} is {} and {}", toString(a),
                                   toString(b), offset + i, x.toString(), y.toString());
        // A known extent other than 1 decides; the other is 1 or equal, which is checked when it is known.
        if (x.isConstant() && x.value() > 1)
            out[offset + i] = x;
        else if (y.isConstant() && y.value() > 1)
            out[offset + i] = y;
        else
            out[offset + i] = broadcast(x, y);
    }
    return out;
}

}  // namespace lathe::ir
