// SPDX-License-Identifier: Apache-2.0
#include "ops/unary.h"

#include "ops/elements.h"
#include "ops/scalar_math.h"

namespace lathe::ops {
namespace {

Status checkType(const InferContext& c, UnaryKind kind) {
    using enum DType;
    switch (kind) {
        case UnaryKind::kNot: return requireType(c, 0, {kBool});
        case UnaryKind::kBitNot: return requireType(c, 0, {kInt8, kUint8, kInt32, kInt64});
        case UnaryKind::kAbs:
        case UnaryKind::kSign:
        case UnaryKind::kClip: return requireType(c, 0, {kFloat, kHalf, kBf16, kInt8, kUint8, kInt32, kInt64});
        case UnaryKind::kNeg:
        case UnaryKind::kRelu: return requireType(c, 0, {kFloat, kHalf, kBf16, kInt8, kInt32, kInt64});
        default: return requireFloat(c, 0);
    }
}

// The result as an expression, for the kinds that integers and bool can have.
Dim applySymbolic(const ElementMath& math, const UnaryAttrs& a, const Dim& x) {
    switch (a.kind) {
        case UnaryKind::kNot: return Dim(1) - x;
        case UnaryKind::kBitNot: return Dim(-1) - x;
        case UnaryKind::kAbs: return math.max(x, Dim(0) - x);
        case UnaryKind::kNeg: return Dim(0) - x;
        case UnaryKind::kSign: return math.less(0, x) - math.less(x, 0);
        case UnaryKind::kRelu: return math.max(x, 0);
        case UnaryKind::kClip:
            return math.clamp(x, saturatingCast<int64_t>(std::ceil(a.alpha)),
                              saturatingCast<int64_t>(std::floor(a.beta)));
        default: ASSERT(!"a kind that has no integer form"); return x;
    }
}

class UnaryOp final : public ir::OpWith<UnaryAttrs> {
  public:
    constexpr UnaryOp() : OpWith("unary", kElementwise) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, 1));
        TRY(checkType(c, attrs(c).kind));
        bool test = attrs(c).kind == UnaryKind::kIsInf || attrs(c).kind == UnaryKind::kIsNan;
        c.setOutput(0, {test ? DType::kBool : c.dtype(0), c.shape(0)});
        if (const auto* x = knownElements(c, 0)) {
            std::vector<Dim> out;
            for (const Dim& d : *x) out.push_back(applySymbolic(ElementMath(c), attrs(c), d));
            setElements(c, 0, c.dtype(0), std::move(out));
        }
        return {};
    }

    Status reference(RefContext& c) const override {
        const Tensor &x = c.input(0), &y = c.output(0);
        const UnaryAttrs& a = attrs(c);
        int64_t n = x.count();
        if (a.kind == UnaryKind::kNot) {
            for (int64_t i = 0; i < n; ++i) y.as<bool>()[i] = !x.as<bool>()[i];
            return {};
        }
        return dispatchNumeric(x.dtype, [&]<class T>() -> Status {
            const T* in = x.as<T>();
            if constexpr (std::is_integral_v<T>) {
                for (int64_t i = 0; i < n; ++i) y.as<T>()[i] = applyUnaryInteger(a.kind, in[i], a.alpha, a.beta);
            } else if (y.dtype == DType::kBool) {
                for (int64_t i = 0; i < n; ++i) y.as<bool>()[i] = applyUnary(a.kind, in[i], a.alpha, a.beta) != 0;
            } else {
                for (int64_t i = 0; i < n; ++i)
                    y.as<T>()[i] = static_cast<float>(applyUnary(a.kind, in[i], a.alpha, a.beta));
            }
            return {};
        });
    }

    std::vector<ir::SampleCase> samples() const override {
        std::vector<ir::SampleCase> list;
        for (int i = 0; i < kUnaryCount; ++i) {
            auto kind = static_cast<UnaryKind>(i);
            std::string attrs = std::string("kind=") + kUnaryNames[i];
            ir::SampleInput in{.dims = {3, 37}, .low = -4, .high = 4};
            switch (kind) {
                case UnaryKind::kLog:
                case UnaryKind::kSqrt:
                case UnaryKind::kReciprocal: in.low = 0.05; break;
                case UnaryKind::kAsin:
                case UnaryKind::kAcos: in.low = -1, in.high = 1; break;
                case UnaryKind::kAtanh: in.low = -0.95, in.high = 0.95; break;
                case UnaryKind::kAcosh: in.low = 1; break;
                case UnaryKind::kTan: in.low = -1.3, in.high = 1.3; break;
                case UnaryKind::kNot: in.dtype = DType::kBool; break;
                case UnaryKind::kBitNot: in.dtype = DType::kInt32, in.low = -100; break;
                case UnaryKind::kIsInf: attrs += " alpha=1 beta=1"; break;
                case UnaryKind::kLeakyRelu: attrs += " alpha=0.1"; break;
                case UnaryKind::kElu:
                case UnaryKind::kCelu: attrs += " alpha=1.5"; break;
                case UnaryKind::kSelu:
                    attrs += " alpha=1.67326319217681884765625 beta=1.05070102214813232421875";
                    break;
                case UnaryKind::kSoftplus: attrs += " alpha=1 beta=1"; break;
                case UnaryKind::kClip: attrs += " alpha=-1.25 beta=2.5"; break;
                case UnaryKind::kHardSigmoid: attrs += " alpha=0.2 beta=0.5"; break;
                case UnaryKind::kScaledTanh: attrs += " alpha=1.7 beta=0.6"; break;
                case UnaryKind::kThresholdedRelu: attrs += " alpha=1"; break;
                case UnaryKind::kSilu: attrs += " alpha=1"; break;
                case UnaryKind::kShrink: attrs += " alpha=1.5 beta=0.5"; break;
                default: break;
            }
            list.push_back({.name = kUnaryNames[i], .attrs = attrs, .inputs = {in}});
            if (kind == UnaryKind::kExp || kind == UnaryKind::kGeluErf || kind == UnaryKind::kSigmoid)
                for (DType t : {DType::kHalf, DType::kBf16}) {
                    in.dtype = t;
                    list.push_back(
                        {.name = fmt::format("{}_{}", kUnaryNames[i], toString(t)), .attrs = attrs, .inputs = {in}});
                }
        }
        constexpr double kInf = std::numeric_limits<double>::infinity(),
                         kNan = std::numeric_limits<double>::quiet_NaN();
        ir::SampleInput special{.dims = {6}, .values = {0, -0.0, kInf, -kInf, kNan, 1e30}};
        for (const char* kind : {"relu", "is_inf", "is_nan", "sign", "floor", "tanh", "sigmoid", "clip"})
            list.push_back({.name = std::string(kind) + "_special",
                            .attrs = std::string("kind=") + kind + " alpha=-1 beta=1",
                            .inputs = {special}});
        for (DType t : {DType::kInt8, DType::kInt32, DType::kInt64})
            for (const char* kind : {"abs", "neg", "sign", "relu", "clip"})
                list.push_back({.name = fmt::format("{}_{}", kind, toString(t)),
                                .attrs = fmt::format("kind={} alpha=-5 beta=70", kind),
                                .inputs = {{.dtype = t, .dims = {2, 3, 5}, .low = -128, .high = 127}}});
        list.push_back({.name = "scalar", .attrs = "kind=neg", .inputs = {{.dims = {}}}});
        list.push_back({.name = "empty", .attrs = "kind=exp", .inputs = {{.dims = {4, 0}}}});
        return list;
    }
};

}  // namespace

LATHE_OP(unary, UnaryOp)

}  // namespace lathe::ops
