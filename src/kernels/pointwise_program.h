// SPDX-License-Identifier: Apache-2.0
// A chain of elementwise operations, written down: a short list of instructions over typed values. Every backend has
// its own way of running one: a loop over prepared tiles on the CPU, generated CUDA C++ on a GPU.
//
//     PointwiseProgram p;
//     int x = p.input(DType::kHalf), bias = p.input(DType::kFloat);
//     p.output(p.unary(PwOp::kGeluErf, p.binary(PwOp::kAdd, x, bias)), DType::kHalf);
//     TRY(p.check());
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/dtype.h"
#include "base/status.h"

namespace lathe::kernels {

// What values are computed in: f32 for f32, f16, bf16 and f8 storage; i32 for i32, i8, u8 and bool (0 or 1); i64 for
// i64.
enum class PwType : uint8_t { kF32, kI32, kI64 };
inline constexpr int kPwTypeCount = 3;
PwType pwTypeOf(DType storage);
std::string_view toString(PwType t);

// alpha and beta are the instruction's immediate values. Integers wrap. min and max of a NaN are NaN, and comparisons
// and select conditions are i32 values 0 or 1.
enum class PwOp : uint8_t {
    kConst,  // the value is in `bits`
    // One argument of any type.
    kAbs,
    kNeg,
    kSign,
    kToBool,  // x != 0, an i32
    // One i32 or i64 argument.
    kNot,  // x == 0, an i32
    kBitNot,
    kWrapI8,  // as if stored in i8, i32 only
    kWrapU8,  // as if stored in u8, i32 only
    // Between types. To an integer: towards zero, saturating, NaN to 0.
    kF32ToI32,
    kF32ToI64,
    kI32ToF32,
    kI32ToI64,
    kI64ToF32,
    kI64ToI32,  // wraps
    // One f32 argument.
    kRoundF16,  // as if stored in the type
    kRoundBf16,
    kRoundFp8,
    kExp,
    kExpm1,
    kLog,
    kLog1p,
    kSqrt,
    kRsqrt,
    kRecip,
    kSin,
    kCos,
    kTan,
    kSinh,
    kCosh,
    kAsin,
    kAcos,
    kAtan,
    kAsinh,
    kAcosh,
    kAtanh,
    kTanh,
    kErf,
    kCeil,
    kFloor,
    kRound,  // ties to even
    kTrunc,
    kIsInf,  // an i32; alpha != 0: +infinity counts; beta != 0: -infinity counts
    kIsNan,  // an i32
    kRelu,
    kSigmoid,
    kLeakyRelu,        // x < 0 ? alpha x : x
    kElu,              // x < 0 ? alpha (e^x - 1) : x
    kSelu,             // beta (x < 0 ? alpha (e^x - 1) : x)
    kCelu,             // max(0, x) + min(0, alpha (e^(x / alpha) - 1))
    kSoftsign,         // x / (1 + |x|)
    kSoftplus,         // alpha log(1 + e^(beta x))
    kClip,             // min(beta, max(alpha, x))
    kHardSigmoid,      // min(1, max(0, alpha x + beta))
    kHardSwish,        // x min(1, max(0, x / 6 + 1 / 2))
    kScaledTanh,       // alpha tanh(beta x)
    kThresholdedRelu,  // x > alpha ? x : 0
    kGeluErf,
    kGeluTanh,
    kSilu,    // x sigmoid(alpha x)
    kMish,    // x tanh(log(1 + e^x))
    kShrink,  // x < -alpha ? x + beta : x > alpha ? x - beta : 0
    kAffine,  // alpha x + beta
    // Two arguments of one type.
    kAdd,
    kSub,
    kMul,
    kDiv,  // integers: towards zero; by zero: 0
    kMin,
    kMax,
    kPow,       // integers: by squaring; a negative exponent gives 1 / x^|n| towards zero
    kFloorDiv,  // by an integer zero: 0
    kMod,       // the sign of the divisor; by an integer zero: 0
    kFmod,      // the sign of the dividend; by an integer zero: 0
    kPrelu,     // a < 0 ? a b : a, f32 only
    kEqual,     // comparisons give an i32
    kNotEqual,
    kLess,
    kLessEqual,
    kGreater,
    kGreaterEqual,
    kAnd,  // these: i32 and i64 only, bit by bit
    kOr,
    kXor,
    kShiftLeft,   // by 0 when the amount is out of [0, bits)
    kShiftRight,  // logical for non-negative values of 8-bit types, arithmetic else
    // Three arguments.
    kSelect,  // an i32 condition, two values of one type
    kFma,     // a b + c, f32 only; rounded once where the processor can
};
inline constexpr int kPwOpCount = static_cast<int>(PwOp::kFma) + 1;
std::string_view toString(PwOp op);
int pwArity(PwOp op);

// One instruction; it defines the value numbered (inputs + its index).
struct PwInstr {
    PwOp op = PwOp::kConst;
    PwType type = PwType::kF32;   // of the arguments that are values (not select's condition); of a constant itself
    uint8_t args[3] = {0, 0, 0};  // value numbers, all below the value that this defines
    float alpha = 0, beta = 0;
    int64_t bits = 0;  // kConst: the value; an f32 by its bits
    friend bool operator==(const PwInstr&, const PwInstr&) = default;
};
PwType pwResultType(const PwInstr& instr);

struct PwOutput {
    uint8_t value = 0;
    DType storage = DType::kFloat;
    friend bool operator==(const PwOutput&, const PwOutput&) = default;
};

class PointwiseProgram {
  public:
    static constexpr int kMaxInputs = 12, kMaxOutputs = 4, kMaxInstrs = 96;

    // Building. Each returns the new value's number. Mistakes (types that do not fit, too many of something) are
    // remembered and reported by check().
    int input(DType storage);
    int constant(float value);
    int constant(PwType type, int64_t value);  // an i32 or i64, or the number as an f32
    int unary(PwOp op, int a, float alpha = 0, float beta = 0);
    int binary(PwOp op, int a, int b);
    int select(int condition, int a, int b);
    int fma(int a, int b, int c);
    // As the op cast: floats to an integer towards zero and to the ends of its range, integers wrap, to bool by != 0,
    // to a narrow float by rounding.
    int cast(int a, DType to);
    // The value's type must be pwTypeOf(storage).
    void output(int value, DType storage);

    // A program from its parts, as read from a plan: checked in full.
    static Result<PointwiseProgram> fromParts(std::vector<DType> inputs, std::vector<PwInstr> instrs,
                                              std::vector<PwOutput> outputs);
    Status check() const;

    PwType typeOf(int value) const;
    std::span<const DType> inputs() const { return inputs_; }
    std::span<const PwInstr> instrs() const { return instrs_; }
    std::span<const PwOutput> outputs() const { return outputs_; }
    // One line: "v2 = add.f32 v0 v1; v3 = relu.f32 v2; out f16 v3".
    std::string toString() const;

  private:
    int add(PwInstr instr);
    int valueCount() const { return static_cast<int>(inputs_.size() + instrs_.size()); }
    void fail(std::string message);

    std::vector<DType> inputs_;
    std::vector<PwInstr> instrs_;
    std::vector<PwOutput> outputs_;
    Status error_;
};

}  // namespace lathe::kernels
