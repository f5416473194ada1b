// SPDX-License-Identifier: Apache-2.0
// Any op by its reference kernel: always fits, seldom wins.
#include <cstring>

#include "ir/infer.h"
#include "ir/interpreter.h"
#include "ops/outside.h"
#include "tactics/tactic.h"

namespace lathe::tactics {
namespace {

// Hands a run's pointers to Op::reference.
class ReferenceKernel final : public Kernel, public ir::RefContext {
  public:
    ReferenceKernel(const Binding& binding) : binding_(binding), node_(*binding.nodes[0]) {}

    Status setUp(const PrepareContext& c) {
        for (const ir::Value* v : node_.inputs()) {
            present_.push_back(v != nullptr);
            slot_.push_back(-1);
            inputs_.emplace_back();
            if (!v) continue;
            inputs_.back() = {v->dtype(), c.dims(*v), nullptr};
            if (v->isConstant()) {
                inputs_.back().data = const_cast<std::byte*>(TRY(c.weights(*v)).data());
            } else {
                auto at = std::find(binding_.inputs.begin(), binding_.inputs.end(), v);
                slot_.back() = static_cast<int>(at - binding_.inputs.begin());
            }
        }
        for (const ir::Value* v : node_.outputs()) outputs_.push_back({v->dtype(), c.dims(*v), nullptr});
        return {};
    }

    Status run(const RunArgs& args) override {
        for (size_t i = 0; i < inputs_.size(); ++i)
            if (slot_[i] >= 0) inputs_[i].data = const_cast<void*>(args.inputs[slot_[i]]);
        for (size_t i = 0; i < outputs_.size(); ++i) outputs_[i].data = args.outputs[i];
        args_ = &args;
        return node_.op().reference(*this);
    }

    const ir::Node& node() const override { return node_; }
    bool has(int i) const override { return i < static_cast<int>(present_.size()) && present_[i]; }
    const ir::Tensor& input(int i) const override { return inputs_[i]; }
    const ir::Tensor& output(int i) const override { return outputs_[i]; }
    Result<ir::Tensor> allocateOutput(int i, const ir::Dims& dims) override {
        int64_t need = TRY(ir::checkedVolume(dims)), room = outputs_[i].count();
        if (need > room) return internalError("output {} needs {} elements, its bound was {}", i, need, room);
        if (args_->outputDims) args_->outputDims[i] = dims;
        return ir::Tensor{outputs_[i].dtype, dims, outputs_[i].data};
    }
    Result<std::vector<ir::Tensor>> runRegion(int, std::span<const ir::Tensor>) override {
        return internalError("regions are run by their own steps");
    }

  private:
    const Binding& binding_;
    const ir::Node& node_;
    std::vector<bool> present_;
    std::vector<int> slot_;  // of each input among the binding's inputs, -1 for constants
    std::vector<ir::Tensor> inputs_, outputs_;
    const RunArgs* args_ = nullptr;
};

class ReferenceTactic final : public Tactic {
  public:
    constexpr ReferenceTactic() : Tactic("cpu.any.reference.v1", "*") {}

    bool lastResort() const override { return true; }

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (anchor.op().is(ir::Op::kRegions) || ops::worksOutside(anchor.op())) return {};
        Candidate candidate{bindNode(*this, anchor), 0, 0};
        // No kernel of ours is as slow as a nanosecond an element, so the estimate ranks it last.
        for (const ir::Value* v : candidate.binding.outputs)
            candidate.estimate += 2e-8 * static_cast<double>(ir::volume(c.optDims(*v)));
        for (const ir::Value* v : candidate.binding.inputs)
            candidate.estimate += 2e-8 * static_cast<double>(ir::volume(c.optDims(*v)));
        return {{candidate}, {}};
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        auto kernel = std::make_unique<ReferenceKernel>(binding);
        TRY(kernel->setUp(c));
        return std::unique_ptr<Kernel>(std::move(kernel));
    }
};

}  // namespace

LATHE_TACTIC(cpu_any_reference, ReferenceTactic)

}  // namespace lathe::tactics
