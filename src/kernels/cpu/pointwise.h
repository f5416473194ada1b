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
#include "kernels/pointwise_program.h"

namespace lathe::cpu {

using kernels::kPwOpCount;
using kernels::kPwTypeCount;
using kernels::PointwiseProgram;
using kernels::pwArity;
using kernels::PwInstr;
using kernels::PwOp;
using kernels::PwOutput;
using kernels::pwResultType;
using kernels::PwType;
using kernels::pwTypeOf;
using kernels::toString;

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
