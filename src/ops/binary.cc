// SPDX-License-Identifier: Apache-2.0
#include "ops/binary.h"

#include "ops/elements.h"
#include "ops/move.h"
#include "ops/scalar_math.h"

namespace lathe::ops {
namespace {

bool isComparison(BinaryKind k) { return k >= BinaryKind::kEqual && k <= BinaryKind::kLessEqual; }

Status checkTypes(const InferContext& c, BinaryKind kind) {
    using enum DType;
    using K = BinaryKind;
    switch (kind) {
        case K::kAnd:
        case K::kOr:
        case K::kXor: TRY(requireType(c, 0, {kBool})); break;
        case K::kBitAnd:
        case K::kBitOr:
        case K::kBitXor:
        case K::kShiftLeft:
        case K::kShiftRight: TRY(requireType(c, 0, {kInt8, kUint8, kInt32, kInt64})); break;
        case K::kAtan2: TRY(requireFloat(c, 0)); break;
        case K::kEqual: TRY(requireType(c, 0, {kFloat, kHalf, kBf16, kInt8, kUint8, kInt32, kInt64, kBool})); break;
        case K::kPow:
            TRY(requireType(c, 0, {kFloat, kHalf, kBf16, kInt8, kUint8, kInt32, kInt64}));
            return requireType(c, 1, {kFloat, kHalf, kBf16, kInt8, kUint8, kInt32, kInt64});
        default: TRY(requireType(c, 0, {kFloat, kHalf, kBf16, kInt8, kUint8, kInt32, kInt64}));
    }
    return requireSameType(c, 0, 1);
}

// The result as an expression; nothing for kinds that Dim cannot express.
std::optional<Dim> applySymbolic(const ElementMath& math, BinaryKind kind, DType t, const Dim& a, const Dim& b) {
    using K = BinaryKind;
    if (a.isConstant() && b.isConstant() && t != DType::kBool) {
        if (t == DType::kInt32 && !isComparison(kind))
            return applyBinaryInteger(kind, static_cast<int32_t>(a.value()), static_cast<int32_t>(b.value()));
        return applyBinaryInteger(kind, a.value(), b.value());
    }
    switch (kind) {
        case K::kAdd: return a + b;
        case K::kSub: return a - b;
        case K::kMul:
        case K::kAnd: return a * b;
        case K::kDiv: return math.truncDiv(a, b);
        case K::kMin: return math.min(a, b);
        case K::kMax:
        case K::kOr: return math.max(a, b);
        case K::kFloorDiv: return math.floorDivide(a, b);
        case K::kMod: return math.floorMod(a, b);
        case K::kFmod: return a - math.truncDiv(a, b) * b;
        case K::kXor: return a + b - a * b * 2;
        case K::kEqual: return math.equal(a, b);
        case K::kGreater: return math.less(b, a);
        case K::kLess: return math.less(a, b);
        case K::kGreaterEqual: return Dim(1) - math.less(a, b);
        case K::kLessEqual: return Dim(1) - math.less(b, a);
        default: return std::nullopt;
    }
}

class BinaryOp final : public ir::OpWith<BinaryAttrs> {
  public:
    constexpr BinaryOp() : OpWith("binary", kElementwise) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 2));
        BinaryKind kind = attrs(c).kind;
        TRY(checkTypes(c, kind));
        DType t = isComparison(kind) ? DType::kBool : c.dtype(0);
        c.setOutput(0, {t, TRY(ir::broadcastShapes(c.shape(0), c.shape(1)))});
        const auto *a = knownElements(c, 0), *b = knownElements(c, 1);
        if (!a || !b || c.dtype(0) != c.dtype(1)) return {};
        Dims x = ir::constantDims(c.shape(0)), y = ir::constantDims(c.shape(1));
        Dims dims = ir::constantDims(TRY(ir::broadcastShapes(c.shape(0), c.shape(1))));
        if (TRY(ir::checkedVolume(dims)) > ir::kMaxElements) return {};
        std::vector<Dim> out;
        bool known = true;
        ElementMath math(c);
        forEachOffset<2>(dims, {broadcastStrides(x, dims), broadcastStrides(y, dims)}, [&](const auto& at) {
            auto value = applySymbolic(math, kind, c.dtype(0), (*a)[at[0]], (*b)[at[1]]);
            known = known && value;
            if (known) out.push_back(*value);
        });
        if (known) setElements(c, 0, t, std::move(out));
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &a = c.input(0), &b = c.input(1), &y = c.output(0);
        TRY(requireBroadcast(0, a.dims, y.dims));
        TRY(requireBroadcast(1, b.dims, y.dims));
        BinaryKind kind = attrs(c).kind;
        std::array<Dims, 2> strides = {broadcastStrides(a.dims, y.dims), broadcastStrides(b.dims, y.dims)};
        // f gives the result for a pair of elements, converted to the output's type.
        auto run = [&]<class A, class B, class Y>(const A*, const B*, Y* out, auto f) {
            const A* x = a.as<A>();
            const B* z = b.as<B>();
            forEachOffset<2>(y.dims, strides, [&](const auto& at) { *out++ = static_cast<Y>(f(x[at[0]], z[at[1]])); });
        };
        if (a.dtype == DType::kBool) {
            run(a.as<bool>(), b.as<bool>(), y.as<bool>(), [&](bool p, bool q) { return applyBinaryBool(kind, p, q); });
            return {};
        }
        return dispatchNumeric(a.dtype, [&]<class T>() -> Status {
            constexpr bool kInteger = std::is_integral_v<T>;
            auto apply = [&](T p, T q) {
                if constexpr (kInteger)
                    return applyBinaryInteger(kind, p, q);
                else
                    return static_cast<float>(applyBinary(kind, p, q));
            };
            if (kind == BinaryKind::kPow)
                return dispatchNumeric(b.dtype, [&]<class E>() -> Status {
                    run(a.as<T>(), b.as<E>(), y.as<T>(), [&](T p, E q) {
                        if constexpr (kInteger && std::is_integral_v<E>)
                            return integerPower(p, q);
                        else if constexpr (kInteger)
                            return saturatingCast<T>(std::pow(static_cast<double>(p), static_cast<double>(q)));
                        else
                            return static_cast<float>(std::pow(static_cast<double>(p), static_cast<double>(q)));
                    });
                    return {};
                });
            if (isComparison(kind))
                run(a.as<T>(), b.as<T>(), y.as<bool>(), [&](T p, T q) { return apply(p, q) != 0; });
            else
                run(a.as<T>(), b.as<T>(), y.as<T>(), apply);
            return {};
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        using K = BinaryKind;
        std::vector<ir::SampleCase> list;
        auto add = [&](const std::string& name, K kind, ir::SampleInput a, ir::SampleInput b) {
            std::string attrs = std::string("kind=") + kBinaryNames[static_cast<int>(kind)];
            list.push_back({.name = name, .attrs = attrs, .inputs = {std::move(a), std::move(b)}});
        };
        for (int i = 0; i < kBinaryCount; ++i) {
            auto kind = static_cast<K>(i);
            std::string name = kBinaryNames[i];
            bool logical = kind == K::kAnd || kind == K::kOr || kind == K::kXor;
            bool integer = (kind >= K::kBitAnd && kind <= K::kShiftRight);
            if (logical) {
                add(name, kind, {.dtype = DType::kBool, .dims = {3, 21}}, {.dtype = DType::kBool, .dims = {3, 21}});
                continue;
            }
            bool shift = kind == K::kShiftLeft || kind == K::kShiftRight;
            if (kind != K::kAtan2)
                for (DType t : {DType::kInt8, DType::kUint8, DType::kInt32, DType::kInt64}) {
                    double low = t == DType::kUint8 ? 0 : -20;
                    add(fmt::format("{}_{}", name, toString(t)), kind,
                        {.dtype = t, .dims = {3, 21}, .low = low, .high = 20},
                        {.dtype = t,
                         .dims = {3, 21},
                         .low = shift || kind == K::kPow ? 0 : low,
                         .high = shift ? 9. : 5.});
                }
            if (integer) continue;
            bool pow = kind == K::kPow;
            ir::SampleInput a{.dims = {2, 3, 19}, .low = pow ? 0.1 : -3, .high = 3}, b = a;
            // Quotients of numbers near zero, and floors near a whole number, would compare noise.
            if (kind == K::kDiv || kind == K::kFmod || kind == K::kMod || kind == K::kFloorDiv) b.low = 0.5;
            add(name, kind, a, b);
            if (kind == K::kAdd || kind == K::kMul || kind == K::kMax) {
                for (DType t : {DType::kHalf, DType::kBf16}) {
                    a.dtype = b.dtype = t;
                    add(fmt::format("{}_{}", name, toString(t)), kind, a, b);
                }
            }
        }
        auto shapes = [&](const char* name, Dims a, Dims b) {
            add(name, K::kSub, {.dims = std::move(a)}, {.dims = std::move(b)});
        };
        shapes("scalar_right", {2, 3, 5}, {});
        shapes("scalar_left", {1}, {2, 3, 5});
        shapes("per_channel", {2, 7, 4, 5}, {7, 1, 1});
        shapes("per_row", {6, 9}, {6, 1});
        shapes("last_axis", {4, 3, 33}, {33});
        shapes("both_ways", {3, 1, 5}, {1, 4, 1});
        shapes("inner_and_outer", {2, 1, 3, 1}, {2, 3, 4});
        shapes("empty", {0, 3}, {1, 3});
        add("pow_integer_exponent", K::kPow, {.dims = {17}, .low = -2, .high = 2},
            {.dtype = DType::kInt64, .dims = {1}, .values = {3}});
        add("equal_bool", K::kEqual, {.dtype = DType::kBool, .dims = {9}}, {.dtype = DType::kBool, .dims = {9}});
        add("prelu_channels", K::kPrelu, {.dims = {2, 5, 3, 3}}, {.dims = {5, 1, 1}, .constant = true});
        return list;
    }
};

}  // namespace

LATHE_OP(binary, BinaryOp)

}  // namespace lathe::ops
