// SPDX-License-Identifier: Apache-2.0
// What a CUDA tactic does, as data: plans of launches, and which values, outputs, packed weights and scratch they work
// on. It is made from extents and target alone, so bind() learns from it what is refused and how much workspace it
// takes where there is no GPU, and prepare() only has to put addresses in.
#pragma once

#include <functional>

#include "tactics/cuda/kernel.h"

namespace lathe::tactics {

using DimsOf = std::function<ir::Dims(const ir::Value&)>;

class CudaWork {
  public:
    struct Use {
        enum class From : uint8_t { kValue, kOutput, kPacked };
        int operand = 0;
        From from = From::kValue;
        const ir::Value* value = nullptr;
        int index = 0;  // of the binding's outputs or packed weights
    };
    // One plan and its operands. Offsets are in bytes.
    class Stage {
      public:
        explicit Stage(cuda::KernelPlan p) : plan(std::move(p)) {}
        // An input of the binding, or a constant.
        Stage& value(int operand, const ir::Value& v, int64_t offset = 0);
        Stage& output(int operand, int index, int64_t offset = 0);
        Stage& packed(int operand, int index);
        // Memory that the work's stages share.
        Stage& scratch(int operand, int64_t offset = 0);
        // It copies operand 0 to kOutput: nothing to do where they are the same memory.
        Stage& copies();

        cuda::KernelPlan plan;
        std::vector<Use> uses;
        bool idleInPlace = false;

      private:
        void shift(int operand, int64_t offset);
    };

    Stage& add(cuda::KernelPlan plan) { return stages.emplace_back(std::move(plan)); }
    int64_t workspaceBytes() const;

    std::vector<Stage> stages;
    int64_t scratchBytes = 0;
};

// A tactic that says its work for given extents.
class CudaTactic : public Tactic {
  public:
    using Tactic::Tactic;
    virtual Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target& target) const = 0;
    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override;

  protected:
    // Adds the candidate with its workspace and an estimate from the bytes that it moves and `flops`; or the reason why
    // its work is refused at the optimum or the largest extents.
    void offer(Binding binding, const BindContext& c, BindResult& result, double flops = 0,
               bool tensorCores = false) const;
    // The one candidate of a node alone, linear.
    BindResult offerNode(const ir::Node& node, const BindContext& c) const;
    // The same, reading these values alone (others are known from the output's extents).
    BindResult offerNode(const ir::Node& node, std::initializer_list<const ir::Value*> reads,
                         const BindContext& c) const;
};

// Inputs of the binding from these values: each once, neither null nor constant.
std::vector<const ir::Value*> runtimeInputs(std::initializer_list<const ir::Value*> values);

}  // namespace lathe::tactics
