// SPDX-License-Identifier: Apache-2.0
#include "tactics/common/pointwise_program.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "ops/binary.h"
#include "ops/cast.h"
#include "ops/unary.h"

namespace lathe::tactics::pointwise {
namespace {

using kernels::PointwiseProgram;
using kernels::PwOp;
using kernels::PwType;
using ops::BinaryKind;
using ops::UnaryKind;

bool hasKernels(DType t) { return t != DType::kInt4 && t != DType::kFp4 && t != DType::kE8M0; }

// 8-bit integers are computed in 32 bits; a result that left the range is brought back as if it had been stored.
int wrap(PointwiseProgram& p, int value, DType type) {
    if (type == DType::kInt8) return p.unary(PwOp::kWrapI8, value);
    if (type == DType::kUint8) return p.unary(PwOp::kWrapU8, value);
    return value;
}

// The function of a floating-point unary kind, or nothing.
std::optional<PwOp> floatOp(UnaryKind kind) {
    switch (kind) {
        case UnaryKind::kExp: return PwOp::kExp;
        case UnaryKind::kLog: return PwOp::kLog;
        case UnaryKind::kSqrt: return PwOp::kSqrt;
        case UnaryKind::kReciprocal: return PwOp::kRecip;
        case UnaryKind::kSin: return PwOp::kSin;
        case UnaryKind::kCos: return PwOp::kCos;
        case UnaryKind::kTan: return PwOp::kTan;
        case UnaryKind::kSinh: return PwOp::kSinh;
        case UnaryKind::kCosh: return PwOp::kCosh;
        case UnaryKind::kAsin: return PwOp::kAsin;
        case UnaryKind::kAcos: return PwOp::kAcos;
        case UnaryKind::kAtan: return PwOp::kAtan;
        case UnaryKind::kAsinh: return PwOp::kAsinh;
        case UnaryKind::kAcosh: return PwOp::kAcosh;
        case UnaryKind::kAtanh: return PwOp::kAtanh;
        case UnaryKind::kCeil: return PwOp::kCeil;
        case UnaryKind::kFloor: return PwOp::kFloor;
        case UnaryKind::kRound: return PwOp::kRound;
        case UnaryKind::kErf: return PwOp::kErf;
        case UnaryKind::kIsInf: return PwOp::kIsInf;
        case UnaryKind::kIsNan: return PwOp::kIsNan;
        case UnaryKind::kRelu: return PwOp::kRelu;
        case UnaryKind::kSigmoid: return PwOp::kSigmoid;
        case UnaryKind::kTanh: return PwOp::kTanh;
        case UnaryKind::kLeakyRelu: return PwOp::kLeakyRelu;
        case UnaryKind::kElu: return PwOp::kElu;
        case UnaryKind::kSelu: return PwOp::kSelu;
        case UnaryKind::kCelu: return PwOp::kCelu;
        case UnaryKind::kSoftsign: return PwOp::kSoftsign;
        case UnaryKind::kSoftplus: return PwOp::kSoftplus;
        case UnaryKind::kClip: return PwOp::kClip;
        case UnaryKind::kHardSigmoid: return PwOp::kHardSigmoid;
        case UnaryKind::kHardSwish: return PwOp::kHardSwish;
        case UnaryKind::kScaledTanh: return PwOp::kScaledTanh;
        case UnaryKind::kThresholdedRelu: return PwOp::kThresholdedRelu;
        case UnaryKind::kGeluErf: return PwOp::kGeluErf;
        case UnaryKind::kGeluTanh: return PwOp::kGeluTanh;
        case UnaryKind::kSilu: return PwOp::kSilu;
        case UnaryKind::kMish: return PwOp::kMish;
        case UnaryKind::kShrink: return PwOp::kShrink;
        default: return std::nullopt;
    }
}

// What integers are clamped to.
int64_t bound(double v, DType type) {
    double low = type == DType::kInt8    ? -128
                 : type == DType::kUint8 ? 0
                 : type == DType::kInt32 ? -2147483648.
                                         : -0x1p63;
    double high = type == DType::kInt8    ? 127
                  : type == DType::kUint8 ? 255
                  : type == DType::kInt32 ? 2147483647.
                                          : 0x1p63;
    if (std::isnan(v)) return 0;
    if (v <= low) return type == DType::kInt64 ? INT64_MIN : static_cast<int64_t>(low);
    if (v >= high) return type == DType::kInt64 ? INT64_MAX : static_cast<int64_t>(high);
    return static_cast<int64_t>(v);
}

Result<int> unary(PointwiseProgram& p, const ir::Node& n, int x, Backend backend) {
    const auto& a = n.attrs<ops::UnaryAttrs>();
    DType type = n.input(0)->dtype();
    float alpha = static_cast<float>(a.alpha), beta = static_cast<float>(a.beta);
    switch (a.kind) {
        case UnaryKind::kAbs: return wrap(p, p.unary(PwOp::kAbs, x), type);
        case UnaryKind::kNeg: return wrap(p, p.unary(PwOp::kNeg, x), type);
        case UnaryKind::kSign: return p.unary(PwOp::kSign, x);
        case UnaryKind::kNot: return p.unary(PwOp::kNot, x);
        case UnaryKind::kBitNot: return wrap(p, p.unary(PwOp::kBitNot, x), type);
        case UnaryKind::kLogSigmoid:
            if (type != DType::kFloat && backend == Backend::kCpu) break;
            return p.unary(PwOp::kNeg, p.unary(PwOp::kSoftplus, x, 1.f, -1.f));
        default: break;
    }
    if (!isFloating(type)) {
        if (a.kind == UnaryKind::kRelu) return p.binary(PwOp::kMax, x, p.constant(kernels::pwTypeOf(type), 0));
        if (a.kind == UnaryKind::kClip && backend == Backend::kCuda && isInteger(type)) {
            kernels::PwType t = kernels::pwTypeOf(type);
            int least = p.constant(t, bound(std::ceil(a.alpha), type)),
                most = p.constant(t, bound(std::floor(a.beta), type));
            return p.binary(PwOp::kMin, p.binary(PwOp::kMax, x, least), most);
        }
        return unsupported("{} of {}", ops::kUnaryNames[static_cast<int>(a.kind)], toString(type));
    }
    if (a.kind == UnaryKind::kSilu && alpha == 0) alpha = 1;
    if (auto op = floatOp(a.kind)) return p.unary(*op, x, alpha, beta);
    return unsupported("{} of {}", ops::kUnaryNames[static_cast<int>(a.kind)], toString(type));
}

// Bit shifts of every width; amounts outside of it shift everything out.
int shift(PointwiseProgram& p, PwOp op, int x, int y, DType type) {
    kernels::PwType t = kernels::pwTypeOf(type);
    int zero = p.constant(t, 0);
    int out = p.binary(PwOp::kOr, p.binary(PwOp::kLess, y, zero),
                       p.binary(PwOp::kGreaterEqual, y, p.constant(t, bitsOf(type))));
    int rest = op == PwOp::kShiftLeft ? zero : p.select(p.binary(PwOp::kLess, x, zero), p.constant(t, -1), zero);
    return p.select(out, rest, wrap(p, p.binary(op, x, y), type));
}

// The angle of (x, y), by quadrants.
int atan2(PointwiseProgram& p, int y, int x) {
    constexpr float kPi = 3.14159265358979f;
    int zero = p.constant(0.f);
    // Infinite both: only their signs count.
    int infinite = p.binary(PwOp::kAnd, p.unary(PwOp::kIsInf, x, 1, 1), p.unary(PwOp::kIsInf, y, 1, 1));
    x = p.select(infinite, p.unary(PwOp::kSign, x), x);
    y = p.select(infinite, p.unary(PwOp::kSign, y), y);
    // Zeros have signs too.
    auto negative = [&](int v) {
        int isZero = p.binary(PwOp::kEqual, v, zero);
        return p.binary(PwOp::kLess, p.select(isZero, p.unary(PwOp::kRecip, v), v), zero);
    };
    int origin = p.binary(PwOp::kAnd, p.binary(PwOp::kEqual, x, zero), p.binary(PwOp::kEqual, y, zero));
    int angle = p.unary(PwOp::kAtan, p.select(origin, y, p.binary(PwOp::kDiv, y, x)));
    int half = p.select(negative(y), p.constant(-kPi), p.constant(kPi));
    // At x = -0 the quotient is infinite with the wrong sign, which the half turn puts right.
    return p.select(negative(x), p.binary(PwOp::kAdd, angle, half), angle);
}

Result<int> binary(PointwiseProgram& p, const ir::Node& n, int x, int y, Backend backend) {
    BinaryKind kind = n.attrs<ops::BinaryAttrs>().kind;
    DType type = n.input(0)->dtype(), other = n.input(1)->dtype();
    bool gpu = backend == Backend::kCuda;
    if (kind == BinaryKind::kPow && other != type && !(isFloating(type) && isFloating(other))) {
        // Between kinds of numbers the result is the base's type; an integer's power by a fraction has no kernel.
        if (!gpu || (!isFloating(type) && isFloating(other)))
            return unsupported("pow of {} and {}", toString(type), toString(other));
        if (isFloating(type)) return p.binary(PwOp::kPow, x, p.cast(y, DType::kFloat));
        return p.cast(p.binary(PwOp::kPow, p.cast(x, DType::kInt64), p.cast(y, DType::kInt64)), type);
    }
    auto both = [&](PwOp op) -> Result<int> { return wrap(p, p.binary(op, x, y), type); };
    switch (kind) {
        case BinaryKind::kAdd: return both(PwOp::kAdd);
        case BinaryKind::kSub: return both(PwOp::kSub);
        case BinaryKind::kMul: return both(PwOp::kMul);
        case BinaryKind::kDiv: return both(PwOp::kDiv);
        case BinaryKind::kPow: return both(PwOp::kPow);
        case BinaryKind::kMin: return both(PwOp::kMin);
        case BinaryKind::kMax: return both(PwOp::kMax);
        case BinaryKind::kFloorDiv: return both(PwOp::kFloorDiv);
        case BinaryKind::kMod: return both(PwOp::kMod);
        case BinaryKind::kFmod: return both(PwOp::kFmod);
        case BinaryKind::kAnd:
        case BinaryKind::kBitAnd: return both(PwOp::kAnd);
        case BinaryKind::kOr:
        case BinaryKind::kBitOr: return both(PwOp::kOr);
        case BinaryKind::kXor:
        case BinaryKind::kBitXor: return both(PwOp::kXor);
        case BinaryKind::kEqual: return p.binary(PwOp::kEqual, x, y);
        case BinaryKind::kGreater: return p.binary(PwOp::kGreater, x, y);
        case BinaryKind::kLess: return p.binary(PwOp::kLess, x, y);
        case BinaryKind::kGreaterEqual: return p.binary(PwOp::kGreaterEqual, x, y);
        case BinaryKind::kLessEqual: return p.binary(PwOp::kLessEqual, x, y);
        case BinaryKind::kPrelu:
            if (isFloating(type)) return both(PwOp::kPrelu);
            if (gpu && isInteger(type))
                return p.select(p.binary(PwOp::kLess, x, p.constant(kernels::pwTypeOf(type), 0)),
                                wrap(p, p.binary(PwOp::kMul, x, y), type), x);
            break;
        // On the CPU the reference fixes what out-of-range amounts and 8-bit operands give.
        case BinaryKind::kShiftLeft:
            if (gpu) return shift(p, PwOp::kShiftLeft, x, y, type);
            break;
        case BinaryKind::kShiftRight:
            if (gpu) return shift(p, PwOp::kShiftRight, x, y, type);
            break;
        case BinaryKind::kAtan2:
            if (gpu) return atan2(p, x, y);
            break;
    }
    return unsupported("{} of {}", ops::kBinaryNames[static_cast<int>(kind)], toString(type));
}

Result<int> node(PointwiseProgram& p, const ir::Node& n, const std::vector<int>& in, Backend backend) {
    std::string_view op = n.op().name();
    if (op == "unary") return unary(p, n, in[0], backend);
    if (op == "binary") return binary(p, n, in[0], in[1], backend);
    if (op == "select") return p.select(in[0], in[1], in[2]);
    if (op == "cast") {
        DType from = n.input(0)->dtype(), to = n.output()->dtype();
        if (backend == Backend::kCpu && (to == DType::kFp8 || from == DType::kFp8))
            return unsupported("cast of {} to {}", toString(from), toString(to));
        if (to == DType::kFp8 && from != to && !n.attrs<ops::CastAttrs>().saturate && isFloating(from)) {
            // What rounds beyond the largest number, 448, becomes NaN.
            int past = p.binary(PwOp::kGreater, p.unary(PwOp::kAbs, in[0]), p.constant(464.f));
            return p.cast(p.select(past, p.constant(std::numeric_limits<float>::quiet_NaN()), in[0]), to);
        }
        // A cast between storage types of one computing type rounds or wraps as if stored.
        return p.cast(in[0], to);
    }
    return unsupported("op {}", op);
}

}  // namespace

Status check(const ir::Node& n, Backend backend) {
    PointwiseProgram p;
    std::vector<int> in;
    for (const ir::Value* v : n.inputs()) {
        if (!v) return unsupported("an absent operand");
        if (!hasKernels(v->dtype())) return unsupported("type {}", toString(v->dtype()));
        in.push_back(p.input(v->dtype()));
    }
    if (n.outputCount() != 1 || !hasKernels(n.output()->dtype())) return unsupported("its outputs");
    p.output(TRY(node(p, n, in, backend)), n.output()->dtype());
    return p.check();
}

Result<Translation> translate(const Binding& binding, Backend backend) {
    Translation t;
    std::unordered_map<const ir::Value*, int> numbers;
    // All inputs come first in a program.
    for (const ir::Node* n : binding.nodes)
        for (const ir::Value* v : n->inputs()) {
            bool inner = std::find(binding.nodes.begin(), binding.nodes.end(), v->producer()) != binding.nodes.end();
            if ((inner && v->producer()) || numbers.count(v)) continue;
            numbers[v] = t.program.input(v->dtype());
            t.inputs.push_back(v);
        }
    for (const ir::Node* n : binding.nodes) {
        std::vector<int> in;
        for (const ir::Value* v : n->inputs()) in.push_back(numbers.at(v));
        numbers[n->output()] = TRY(node(t.program, *n, in, backend));
    }
    for (const ir::Value* v : binding.outputs) t.program.output(numbers.at(v), v->dtype());
    TRY(t.program.check());
    return t;
}

}  // namespace lathe::tactics::pointwise
