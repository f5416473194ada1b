// SPDX-License-Identifier: Apache-2.0
// What Tactic::prepare sees, from a table of dims and a store of packed weights.
#pragma once

#include <functional>

#include "exec/packed_store.h"
#include "plan/needed.h"
#include "tactics/cuda/preparation.h"
#include "tactics/outside.h"
#include "tactics/shared_state.h"

namespace lathe::exec {

class Preparation : public tactics::PrepareContext,
                    public tactics::CudaPreparation,
                    public tactics::SharedState,
                    public tactics::OutsidePreparation {
  public:
    using DimsOf = std::function<const ir::Dims&(const ir::Value&)>;
    Preparation(const tactics::Binding& binding, DimsOf dims, PackedStore& store, uint32_t* faultWord = nullptr,
                std::shared_ptr<void>* shared = nullptr, const tactics::Outside* outside = nullptr)
        : binding_(binding),
          dims_(std::move(dims)),
          store_(store),
          faultWord_(faultWord),
          shared_(shared),
          outside_(outside) {}

    const tactics::Target& target() const override { return store_.target(); }
    const ir::Dims& dims(const ir::Value& v) const override { return dims_(v); }
    Result<std::span<const std::byte>> weights(const ir::Value& constant) const override {
        if (!constant.isConstant()) return internalError("value '{}' is not a constant", constant.name());
        if (plan::isReadPackedOnly(binding_, *constant.constant()))
            return internalError("weights '{}' are read as they are, but the binding says that they are read packed",
                                 constant.name());
        return constant.constant()->bytes();
    }
    Result<std::span<const std::byte>> packed(int i) const override { return store_.get(binding_, i); }
    device::Device* device() const override { return store_.device(); }
    uint32_t* faultWord() const override { return faultWord_; }
    Result<const void*> resident(int i) const override { return store_.resident(binding_, i); }
    Result<const void*> residentWeights(const ir::Value& constant) const override {
        TRY(weights(constant));
        return store_.residentWeights(*constant.constant());
    }
    std::shared_ptr<void>* shared() const override { return shared_; }
    const tactics::Outside* outside() const override { return outside_; }

  private:
    const tactics::Binding& binding_;
    DimsOf dims_;
    PackedStore& store_;
    uint32_t* faultWord_;
    std::shared_ptr<void>* shared_;
    const tactics::Outside* outside_;
};

// Only asks for the plans of launches that a CUDA tactic would load: nothing is compiled nor uploaded, and no GPU is
// needed. Addresses of weights are made up.
class PlanPreparation final : public Preparation {
  public:
    PlanPreparation(const tactics::Binding& binding, DimsOf dims, PackedStore& store,
                    std::vector<cuda::KernelPlan>& plans)
        : Preparation(binding, std::move(dims), store), plans_(plans) {}
    Result<const void*> resident(int) const override { return madeUp(); }
    Result<const void*> residentWeights(const ir::Value&) const override { return madeUp(); }
    bool takePlan(const cuda::KernelPlan& plan) const override {
        plans_.push_back(plan);
        return true;
    }

  private:
    static const void* madeUp() { return reinterpret_cast<const void*>(uintptr_t{1} << 20); }
    std::vector<cuda::KernelPlan>& plans_;
};

}  // namespace lathe::exec
