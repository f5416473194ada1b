// SPDX-License-Identifier: Apache-2.0
// A connected group of elementwise nodes in one pass over memory. The group grows from its first node along values of
// one shape; values that others read too become further outputs. Images may lie in any layout of the target.
#include "kernels/cpu/pointwise.h"

#include <algorithm>

#include "tactics/common/pointwise_group.h"
#include "tactics/cpu/image.h"
#include "tactics/cpu/pointwise_layout.h"
#include "tactics/tactic.h"

namespace lathe::tactics {
namespace {

class PointwiseKernel final : public Kernel {
  public:
    PointwiseKernel(cpu::PointwiseLoop loop, std::vector<const void*> fixed, std::vector<int> slots,
                    std::vector<std::vector<float>> storage)
        : loop_(std::move(loop)), pointers_(std::move(fixed)), slots_(std::move(slots)), storage_(std::move(storage)) {}

    Status run(const RunArgs& args) override {
        for (size_t i = 0; i < slots_.size(); ++i)
            if (slots_[i] >= 0) pointers_[i] = args.inputs[slots_[i]];
        loop_.run(pointers_.data(), args.outputs);
        return {};
    }

  private:
    cpu::PointwiseLoop loop_;
    std::vector<const void*> pointers_;        // of the program's inputs; constants stay
    std::vector<int> slots_;                   // which of the step's inputs, -1 for constants
    std::vector<std::vector<float>> storage_;  // of padded constants
};

class PointwiseTactic final : public Tactic {
  public:
    constexpr PointwiseTactic() : Tactic("cpu.any.pointwise.v1", "*") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (!anchor.op().is(ir::Op::kElementwise)) return {};
        if (Status s = pointwise::check(anchor); !s.ok()) return BindResult::refuse(s.message());
        BindResult result;
        auto fits = [](const ir::Node& n) { return pointwise::check(n).ok(); };
        for (const auto& group : pointwise::groupsFrom(anchor, fits)) offer(group, c, result);
        if (result.candidates.empty())
            return BindResult::refuse("its operands are too many or of types without kernels");
        return result;
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        pointwise::Translation t = TRY(pointwise::translate(binding));
        const ir::Dims& dims = c.dims(*binding.outputs[0]);
        std::vector<std::span<const int64_t>> inputDims;
        std::vector<const void*> pointers;
        std::vector<int> slots;
        for (const ir::Value* v : t.inputs) {
            inputDims.push_back(c.dims(*v));
            pointers.push_back(v->isConstant() ? static_cast<const void*>(TRY(c.weights(*v)).data()) : nullptr);
            auto at = std::find(binding.inputs.begin(), binding.inputs.end(), v);
            slots.push_back(v->isConstant() ? -1 : static_cast<int>(at - binding.inputs.begin()));
        }
        std::vector<std::vector<float>> storage;
        Layout layout = binding.outputLayouts[0];
        std::optional<cpu::PointwiseLoop> loop;
        if (layout == Layout::kLinear) {
            loop = TRY(cpu::PointwiseLoop::makeDense(t.program, dims, inputDims));
        } else {
            auto operands = TRY(pointwise::operandsIn(layout, binding, t));
            loop = TRY(pointwise::makeLoop(layout, t, operands, c, dims, pointers, storage));
        }
        return std::unique_ptr<Kernel>(std::make_unique<PointwiseKernel>(*std::move(loop), std::move(pointers),
                                                                         std::move(slots), std::move(storage)));
    }

  private:
    void offer(const std::vector<const ir::Node*>& group, const BindContext& c, BindResult& result) const {
        Candidate candidate;
        candidate.binding = pointwise::bindGroup(*this, group);
        const Binding& b = candidate.binding;
        auto translation = pointwise::translate(b);
        if (!translation.ok()) return;
        double elements = static_cast<double>(ir::volume(c.optDims(*b.outputs[0])));
        candidate.estimate = 3e-7 + elements * (2e-10 * static_cast<double>(b.inputs.size() + b.outputs.size()) +
                                                1e-10 * static_cast<double>(b.nodes.size()));
        result.candidates.push_back(candidate);
        for (Layout layout : {blockedLayout(c.target()), Layout::kChannelsLast}) {
            auto operands = pointwise::operandsIn(layout, b, *translation);
            if (!operands.ok()) continue;
            Candidate other = candidate;
            Binding& o = other.binding;
            o.outputLayouts.assign(o.outputs.size(), layout);
            for (size_t i = 0; i < o.inputs.size(); ++i) {
                auto at = std::find(translation->inputs.begin(), translation->inputs.end(), o.inputs[i]);
                bool scalar =
                    at != translation->inputs.end() &&
                    (*operands)[static_cast<size_t>(at - translation->inputs.begin())] == pointwise::Operand::kScalar;
                o.inputLayouts[i] = scalar ? Layout::kLinear : layout;
            }
            result.candidates.push_back(std::move(other));
        }
    }
};

}  // namespace

LATHE_TACTIC(cpu_any_pointwise, PointwiseTactic)

}  // namespace lathe::tactics
