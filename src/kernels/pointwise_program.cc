// SPDX-License-Identifier: Apache-2.0
#include <bit>

#include "kernels/pointwise_program.h"

namespace lathe::kernels {
namespace {

// Types that an operation takes, and what it gives: its argument's type or a fixed one.
enum Takes : uint8_t { kF = 1, kI = 2, kL = 4, kInts = kI | kL, kAny = kF | kInts };
enum class Gives : uint8_t { kSame, kF32, kI32, kI64 };
struct OpInfo {
    PwOp op;
    std::string_view name;
    int arity;
    uint8_t takes;
    Gives gives = Gives::kSame;
};

constexpr OpInfo kOps[] = {
    {PwOp::kConst, "const", 0, kAny},
    {PwOp::kAbs, "abs", 1, kAny},
    {PwOp::kNeg, "neg", 1, kAny},
    {PwOp::kSign, "sign", 1, kAny},
    {PwOp::kToBool, "toBool", 1, kAny, Gives::kI32},
    {PwOp::kNot, "not", 1, kInts, Gives::kI32},
    {PwOp::kBitNot, "bitNot", 1, kInts},
    {PwOp::kWrapI8, "wrapI8", 1, kI},
    {PwOp::kWrapU8, "wrapU8", 1, kI},
    {PwOp::kF32ToI32, "toI32", 1, kF, Gives::kI32},
    {PwOp::kF32ToI64, "toI64", 1, kF, Gives::kI64},
    {PwOp::kI32ToF32, "toF32", 1, kI, Gives::kF32},
    {PwOp::kI32ToI64, "toI64", 1, kI, Gives::kI64},
    {PwOp::kI64ToF32, "toF32", 1, kL, Gives::kF32},
    {PwOp::kI64ToI32, "toI32", 1, kL, Gives::kI32},
    {PwOp::kRoundF16, "roundF16", 1, kF},
    {PwOp::kRoundBf16, "roundBf16", 1, kF},
    {PwOp::kRoundFp8, "roundFp8", 1, kF},
    {PwOp::kExp, "exp", 1, kF},
    {PwOp::kExpm1, "expm1", 1, kF},
    {PwOp::kLog, "log", 1, kF},
    {PwOp::kLog1p, "log1p", 1, kF},
    {PwOp::kSqrt, "sqrt", 1, kF},
    {PwOp::kRsqrt, "rsqrt", 1, kF},
    {PwOp::kRecip, "recip", 1, kF},
    {PwOp::kSin, "sin", 1, kF},
    {PwOp::kCos, "cos", 1, kF},
    {PwOp::kTan, "tan", 1, kF},
    {PwOp::kSinh, "sinh", 1, kF},
    {PwOp::kCosh, "cosh", 1, kF},
    {PwOp::kAsin, "asin", 1, kF},
    {PwOp::kAcos, "acos", 1, kF},
    {PwOp::kAtan, "atan", 1, kF},
    {PwOp::kAsinh, "asinh", 1, kF},
    {PwOp::kAcosh, "acosh", 1, kF},
    {PwOp::kAtanh, "atanh", 1, kF},
    {PwOp::kTanh, "tanh", 1, kF},
    {PwOp::kErf, "erf", 1, kF},
    {PwOp::kCeil, "ceil", 1, kF},
    {PwOp::kFloor, "floor", 1, kF},
    {PwOp::kRound, "round", 1, kF},
    {PwOp::kTrunc, "trunc", 1, kF},
    {PwOp::kIsInf, "isInf", 1, kF, Gives::kI32},
    {PwOp::kIsNan, "isNan", 1, kF, Gives::kI32},
    {PwOp::kRelu, "relu", 1, kF},
    {PwOp::kSigmoid, "sigmoid", 1, kF},
    {PwOp::kLeakyRelu, "leakyRelu", 1, kF},
    {PwOp::kElu, "elu", 1, kF},
    {PwOp::kSelu, "selu", 1, kF},
    {PwOp::kCelu, "celu", 1, kF},
    {PwOp::kSoftsign, "softsign", 1, kF},
    {PwOp::kSoftplus, "softplus", 1, kF},
    {PwOp::kClip, "clip", 1, kF},
    {PwOp::kHardSigmoid, "hardSigmoid", 1, kF},
    {PwOp::kHardSwish, "hardSwish", 1, kF},
    {PwOp::kScaledTanh, "scaledTanh", 1, kF},
    {PwOp::kThresholdedRelu, "thresholdedRelu", 1, kF},
    {PwOp::kGeluErf, "geluErf", 1, kF},
    {PwOp::kGeluTanh, "geluTanh", 1, kF},
    {PwOp::kSilu, "silu", 1, kF},
    {PwOp::kMish, "mish", 1, kF},
    {PwOp::kShrink, "shrink", 1, kF},
    {PwOp::kAffine, "affine", 1, kF},
    {PwOp::kAdd, "add", 2, kAny},
    {PwOp::kSub, "sub", 2, kAny},
    {PwOp::kMul, "mul", 2, kAny},
    {PwOp::kDiv, "div", 2, kAny},
    {PwOp::kMin, "min", 2, kAny},
    {PwOp::kMax, "max", 2, kAny},
    {PwOp::kPow, "pow", 2, kAny},
    {PwOp::kFloorDiv, "floorDiv", 2, kAny},
    {PwOp::kMod, "mod", 2, kAny},
    {PwOp::kFmod, "fmod", 2, kAny},
    {PwOp::kPrelu, "prelu", 2, kF},
    {PwOp::kEqual, "equal", 2, kAny, Gives::kI32},
    {PwOp::kNotEqual, "notEqual", 2, kAny, Gives::kI32},
    {PwOp::kLess, "less", 2, kAny, Gives::kI32},
    {PwOp::kLessEqual, "lessEqual", 2, kAny, Gives::kI32},
    {PwOp::kGreater, "greater", 2, kAny, Gives::kI32},
    {PwOp::kGreaterEqual, "greaterEqual", 2, kAny, Gives::kI32},
    {PwOp::kAnd, "and", 2, kInts},
    {PwOp::kOr, "or", 2, kInts},
    {PwOp::kXor, "xor", 2, kInts},
    {PwOp::kShiftLeft, "shiftLeft", 2, kInts},
    {PwOp::kShiftRight, "shiftRight", 2, kInts},
    {PwOp::kSelect, "select", 3, kAny},
    {PwOp::kFma, "fma", 3, kF},
};
static_assert(std::size(kOps) == kPwOpCount);
constexpr bool opsInOrder() {
    for (int i = 0; i < kPwOpCount; ++i)
        if (kOps[i].op != static_cast<PwOp>(i)) return false;
    return true;
}
static_assert(opsInOrder());

bool known(PwOp op) { return static_cast<int>(op) < kPwOpCount; }
const OpInfo& info(PwOp op) { return kOps[static_cast<int>(op)]; }

bool addressable(DType t) {
    return static_cast<int>(t) >= 0 && static_cast<int>(t) < kDTypeCount && bitsOf(t) >= 8 && t != DType::kE8M0;
}

}  // namespace

PwType pwTypeOf(DType storage) {
    if (isFloating(storage)) return PwType::kF32;
    return storage == DType::kInt64 ? PwType::kI64 : PwType::kI32;
}

std::string_view toString(PwType t) { return t == PwType::kF32 ? "f32" : t == PwType::kI32 ? "i32" : "i64"; }
std::string_view toString(PwOp op) { return known(op) ? info(op).name : "?"; }
int pwArity(PwOp op) { return known(op) ? info(op).arity : 0; }

PwType pwResultType(const PwInstr& instr) {
    if (!known(instr.op)) return instr.type;
    switch (info(instr.op).gives) {
        case Gives::kF32: return PwType::kF32;
        case Gives::kI32: return PwType::kI32;
        case Gives::kI64: return PwType::kI64;
        case Gives::kSame: break;
    }
    return instr.type;
}

void PointwiseProgram::fail(std::string message) {
    if (error_.ok()) error_ = invalidArgument("pointwise program: {}", message);
}

PwType PointwiseProgram::typeOf(int value) const {
    int n = static_cast<int>(inputs_.size());
    if (value < 0 || value >= valueCount()) return PwType::kF32;
    return value < n ? pwTypeOf(inputs_[value]) : pwResultType(instrs_[value - n]);
}

int PointwiseProgram::input(DType storage) {
    if (!instrs_.empty()) fail("inputs must come before instructions");
    if (static_cast<int>(inputs_.size()) >= kMaxInputs) fail(fmt::format("more than {} inputs", kMaxInputs));
    if (!error_.ok()) return 0;
    inputs_.push_back(storage);
    return static_cast<int>(inputs_.size()) - 1;
}

int PointwiseProgram::add(PwInstr instr) {
    if (static_cast<int>(instrs_.size()) >= kMaxInstrs) fail(fmt::format("more than {} instructions", kMaxInstrs));
    if (!error_.ok()) return 0;
    instrs_.push_back(instr);
    return valueCount() - 1;
}

int PointwiseProgram::constant(float value) {
    PwInstr i;
    i.bits = std::bit_cast<uint32_t>(value);
    return add(i);
}

int PointwiseProgram::constant(PwType type, int64_t value) {
    if (type == PwType::kF32) return constant(static_cast<float>(value));
    PwInstr i;
    i.type = type;
    i.bits = value;
    return add(i);
}

int PointwiseProgram::unary(PwOp op, int a, float alpha, float beta) {
    if (pwArity(op) != 1) fail(fmt::format("{} does not take one argument", kernels::toString(op)));
    PwInstr i;
    i.op = op;
    i.type = typeOf(a);
    i.args[0] = static_cast<uint8_t>(a);
    i.alpha = alpha;
    i.beta = beta;
    return add(i);
}

int PointwiseProgram::binary(PwOp op, int a, int b) {
    if (pwArity(op) != 2) fail(fmt::format("{} does not take two arguments", kernels::toString(op)));
    PwInstr i;
    i.op = op;
    i.type = typeOf(a);
    i.args[0] = static_cast<uint8_t>(a);
    i.args[1] = static_cast<uint8_t>(b);
    return add(i);
}

int PointwiseProgram::select(int condition, int a, int b) {
    PwInstr i;
    i.op = PwOp::kSelect;
    i.type = typeOf(a);
    i.args[0] = static_cast<uint8_t>(condition);
    i.args[1] = static_cast<uint8_t>(a);
    i.args[2] = static_cast<uint8_t>(b);
    return add(i);
}

int PointwiseProgram::fma(int a, int b, int c) {
    PwInstr i;
    i.op = PwOp::kFma;
    i.type = typeOf(a);
    i.args[0] = static_cast<uint8_t>(a);
    i.args[1] = static_cast<uint8_t>(b);
    i.args[2] = static_cast<uint8_t>(c);
    return add(i);
}

int PointwiseProgram::cast(int a, DType to) {
    if (!addressable(to)) {
        fail(fmt::format("cannot cast to {}", lathe::toString(to)));
        return 0;
    }
    PwType from = typeOf(a), type = pwTypeOf(to);
    if (to == DType::kBool) return unary(PwOp::kToBool, a);
    if (from == PwType::kF32 && to == DType::kInt8) a = unary(PwOp::kClip, a, -128.f, 127.f);
    if (from == PwType::kF32 && to == DType::kUint8) a = unary(PwOp::kClip, a, 0.f, 255.f);
    if (from != type) {
        PwOp op = from == PwType::kF32   ? (type == PwType::kI32 ? PwOp::kF32ToI32 : PwOp::kF32ToI64)
                  : from == PwType::kI32 ? (type == PwType::kF32 ? PwOp::kI32ToF32 : PwOp::kI32ToI64)
                                         : (type == PwType::kF32 ? PwOp::kI64ToF32 : PwOp::kI64ToI32);
        a = unary(op, a);
    }
    switch (to) {
        case DType::kHalf: return unary(PwOp::kRoundF16, a);
        case DType::kBf16: return unary(PwOp::kRoundBf16, a);
        case DType::kFp8: return unary(PwOp::kRoundFp8, a);
        case DType::kInt8: return unary(PwOp::kWrapI8, a);
        case DType::kUint8: return unary(PwOp::kWrapU8, a);
        default: return a;
    }
}

void PointwiseProgram::output(int value, DType storage) {
    if (static_cast<int>(outputs_.size()) >= kMaxOutputs) fail(fmt::format("more than {} outputs", kMaxOutputs));
    if (error_.ok()) outputs_.push_back({static_cast<uint8_t>(value), storage});
}

Result<PointwiseProgram> PointwiseProgram::fromParts(std::vector<DType> inputs, std::vector<PwInstr> instrs,
                                                     std::vector<PwOutput> outputs) {
    PointwiseProgram p;
    p.inputs_ = std::move(inputs);
    p.instrs_ = std::move(instrs);
    p.outputs_ = std::move(outputs);
    TRY(p.check());
    return p;
}

Status PointwiseProgram::check() const {
    TRY(Status(error_));
    auto bad = [](std::string text) { return invalidArgument("pointwise program: {}", text); };
    if (static_cast<int>(inputs_.size()) > kMaxInputs || static_cast<int>(instrs_.size()) > kMaxInstrs ||
        static_cast<int>(outputs_.size()) > kMaxOutputs)
        return bad(fmt::format("{} inputs, {} instructions and {} outputs are too many", inputs_.size(), instrs_.size(),
                               outputs_.size()));
    if (outputs_.empty()) return bad("there is no output");
    for (size_t i = 0; i < inputs_.size(); ++i)
        if (!addressable(inputs_[i])) return bad(fmt::format("input {} is of type {}", i, lathe::toString(inputs_[i])));
    int n = static_cast<int>(inputs_.size());
    for (size_t k = 0; k < instrs_.size(); ++k) {
        const PwInstr& in = instrs_[k];
        int self = n + static_cast<int>(k);
        if (!known(in.op) || static_cast<int>(in.type) >= kPwTypeCount)
            return bad(fmt::format("instruction {} has op {} and type {}", k, static_cast<int>(in.op),
                                   static_cast<int>(in.type)));
        const OpInfo& op = info(in.op);
        if (!(op.takes >> static_cast<int>(in.type) & 1))
            return bad(fmt::format("{} does not take {}", op.name, kernels::toString(in.type)));
        for (int a = 0; a < op.arity; ++a) {
            if (in.args[a] >= self) return bad(fmt::format("v{} uses v{}", self, in.args[a]));
            PwType want = in.op == PwOp::kSelect && a == 0 ? PwType::kI32 : in.type;
            if (typeOf(in.args[a]) != want)
                return bad(fmt::format("v{} = {} takes {}, but v{} is {}", self, op.name, kernels::toString(want),
                                       in.args[a], kernels::toString(typeOf(in.args[a]))));
        }
    }
    for (const PwOutput& out : outputs_) {
        if (out.value >= valueCount()) return bad(fmt::format("an output is v{} of {}", out.value, valueCount()));
        if (!addressable(out.storage)) return bad(fmt::format("an output is of type {}", lathe::toString(out.storage)));
        if (typeOf(out.value) != pwTypeOf(out.storage))
            return bad(fmt::format("v{} is {}, but its output is stored as {}", out.value,
                                   kernels::toString(typeOf(out.value)), lathe::toString(out.storage)));
    }
    return {};
}

std::string PointwiseProgram::toString() const {
    std::string text;
    int n = static_cast<int>(inputs_.size());
    for (int i = 0; i < n; ++i) text += fmt::format("v{} = in {}; ", i, lathe::toString(inputs_[i]));
    for (size_t k = 0; k < instrs_.size(); ++k) {
        const PwInstr& in = instrs_[k];
        text +=
            fmt::format("v{} = {}.{}", n + static_cast<int>(k), kernels::toString(in.op), kernels::toString(in.type));
        if (in.op == PwOp::kConst && in.type == PwType::kF32)
            text += fmt::format(" {}", std::bit_cast<float>(static_cast<uint32_t>(in.bits)));
        else if (in.op == PwOp::kConst)
            text += fmt::format(" {}", in.bits);
        for (int a = 0; a < pwArity(in.op); ++a) text += fmt::format(" v{}", in.args[a]);
        if (in.alpha != 0 || in.beta != 0) text += fmt::format(" ({}, {})", in.alpha, in.beta);
        text += "; ";
    }
    for (const PwOutput& out : outputs_) text += fmt::format("out {} v{}; ", lathe::toString(out.storage), out.value);
    if (!text.empty()) text.resize(text.size() - 2);
    return text;
}

}  // namespace lathe::kernels
