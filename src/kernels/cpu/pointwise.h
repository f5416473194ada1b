// SPDX-License-Identifier: Apache-2.0
// Chains of elementwise operations in one pass over memory.
//
// A PointwiseProgram is a short list of instructions over typed values; a PointwiseLoop binds it to a shape and
// strides. The loop evaluates the program on tiles that stay in L1, one vectorized kernel call per instruction and
// tile, so that intermediate results never reach memory and nothing is compiled at run time.
//
//     PointwiseProgram p;
//     int x = p.input(DType::kHalf), bias = p.input(DType::kFloat);
//     p.output(p.unary(PwOp::kGeluErf, p.binary(PwOp::kAdd, x, bias)), DType::kHalf);
//     TRY(p.check());
//     PointwiseLoop loop = TRY(PointwiseLoop::make(p, dims, inputStrides, outputStrides));   // at prepare
//     loop.run(inputs, outputs);                                                             // any number of times
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/dtype.h"
#include "base/status.h"
#include "kernels/cpu/nest.h"

namespace lathe::cpu {

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
    // As ONNX's Cast: to an integer towards zero, integers wrap, to bool by != 0, to a narrow float by rounding.
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

struct PointwiseTable;

class PointwiseLoop {
  public:
    // strides[k] has dims.size() entries in elements; 0 repeats an input along a dimension. Strides may be negative.
    // Distinct indices must be distinct elements of an output. Takes the kernels of activeIsa().
    static Result<PointwiseLoop> make(const PointwiseProgram& program, std::span<const int64_t> dims,
                                      std::span<const std::span<const int64_t>> inputStrides,
                                      std::span<const std::span<const int64_t>> outputStrides);
    // Dense operands: each input's dims broadcast against the outputs' (aligned at the end; 1 repeats).
    static Result<PointwiseLoop> makeDense(const PointwiseProgram& program, std::span<const int64_t> dims,
                                           std::span<const std::span<const int64_t>> inputDims);

    // An output may share memory with an input of the same strides and element size that starts at the same address;
    // any other overlap is forbidden. Allocates nothing.
    void run(const void* const* inputs, void* const* outputs) const;

    // What the binding decided, for reports and tests: "tile 1024 of [64, 3136], 3 steps, 2 slots".
    std::string describe() const;

  private:
    friend struct PwBinder;
    static constexpr int kOperands = PointwiseProgram::kMaxInputs + PointwiseProgram::kMaxOutputs;

    // Where a value is while a tile is computed.
    enum class Place : uint8_t { kSlot, kConstant, kInput, kOutput };
    struct Where {
        Place place = Place::kSlot;
        uint8_t index = 0;     // input or output number
        bool uniform = false;  // one element stands for the whole tile
        int32_t offset = 0;    // in the register file, or index of the constant
    };
    enum class StepKind : uint8_t { kLoad, kLoadOnce, kOp, kStore };
    struct Step {
        StepKind kind;
        uint8_t operand = 0;   // loads and stores: operand of the nest,
        uint8_t width = 4;     // and bytes of its elements in a slot
        bool uniform = false;  // compute or load one element
        bool repeats = false;  // loads: every run of the innermost loop reads the same elements
        void* fn = nullptr;
        Where to, args[3];
        float alpha = 0, beta = 0;
    };
    void runTiles(const void* const* inputs, void* const* outputs, int64_t begin, int64_t end) const;

    // File of slots: 24 KiB, so that it and the tiles of inputs and outputs share L1.
    static constexpr int kFileBytes = 24 << 10;

    Nest<kOperands> nest_;  // inputs, then outputs
    int inputs_ = 0, outputs_ = 0;
    std::array<uint8_t, kOperands> elementBytes_{};
    std::vector<Step> steps_;
    std::vector<int64_t> constants_;
    int splitDim_ = 0;  // a tile is tileRows_ steps of this loop and all of the loops inside it
    int64_t tileRows_ = 1;
    int64_t rowElements_ = 1;  // of the loops inside
    int64_t chunks_ = 1;       // tiles along the split loop
    int64_t tiles_ = 0;
    int64_t grain_ = 1;  // tiles a part should have
    int slots_ = 0;
};

}  // namespace lathe::cpu
