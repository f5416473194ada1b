// SPDX-License-Identifier: Apache-2.0
// Padding and cropping by amounts that are known at build, in every layout.
#include "kernels/cpu/pad.h"

#include "tactics/common/pads.h"
#include "tactics/cpu/copies.h"
#include "tactics/cpu/image.h"
#include "tactics/cpu/operands.h"

namespace lathe::tactics {
namespace {

class PadKernel final : public Kernel {
  public:
    PadKernel(cpu::Pad pad, Operand value) : pad_(std::move(pad)), value_(value) {}
    Status run(const RunArgs& a) override {
        pad_.run(a.inputs[0], a.outputs[0], value_.at(a));
        return {};
    }

  private:
    cpu::Pad pad_;
    Operand value_;
};

cpu::PadMode kindOf(ops::PadMode mode) {
    switch (mode) {
        case ops::PadMode::kConstant: return cpu::PadMode::kConstant;
        case ops::PadMode::kReflect: return cpu::PadMode::kReflect;
        case ops::PadMode::kEdge: return cpu::PadMode::kEdge;
        case ops::PadMode::kWrap: return cpu::PadMode::kWrap;
    }
    return cpu::PadMode::kConstant;
}

Result<cpu::Pad> describe(const ir::Node& n, ir::Dims dims, Layout layout) {
    auto [before, after] = TRY(padsOf(n, dims.size()));
    auto toEnd = [](auto& list) {
        list.push_back(list[1]);
        list.erase(list.begin() + 1);
    };
    if (layout == Layout::kChannelsLast) {
        toEnd(dims);
        toEnd(before);
        toEnd(after);
    } else if (int64_t block = blockOf(layout); block > 1) {
        if (before[1] != 0 || after[1] != 0) return unsupported("channels in blocks are padded");
        dims[1] = (dims[1] + block - 1) / block;
        dims.push_back(block);
        before.push_back(0);
        after.push_back(0);
    }
    return cpu::Pad::make(dims, before, after, kindOf(n.attrs<ops::PadAttrs>().mode),
                          elementBytes(n.output()->dtype()));
}

class PadTactic final : public Tactic {
  public:
    constexpr PadTactic() : Tactic("cpu.pad.runs.v1", "pad") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const ir::Value& x = *anchor.input(0);
        if (x.isConstant()) return BindResult::refuse("its input is a constant");
        if (elementBytes(x.dtype()) == 0) return BindResult::refuse("its elements share bytes");
        BindResult result;
        double bytes = static_cast<double>(bytesOf({x.dtype(), Layout::kLinear}, c.optDims(*anchor.output())));
        for (Layout layout : {Layout::kLinear, blockedLayout(c.target()), Layout::kChannelsLast}) {
            if (layout != Layout::kLinear && (x.rank() < 3 || x.rank() > 5)) continue;
            // A value that isn't 0 would fill the padded lanes of a block too.
            if (blockOf(layout) > 1 && (x.dtype() != DType::kFloat || padValueOf(anchor))) continue;
            if (auto p = describe(anchor, c.optDims(x), layout); !p.ok()) {
                result.refusals.push_back(p.status().message());
                continue;
            }
            Candidate candidate;
            Binding& b = candidate.binding;
            b.tactic = this;
            b.nodes = {&anchor};
            b.inputs = {&x};
            b.inputLayouts = {layout};
            if (const ir::Value* v = padValueOf(anchor); v && !v->isConstant() && v != &x) {
                b.inputs.push_back(v);
                b.inputLayouts.push_back(Layout::kLinear);
            }
            b.outputs = {anchor.output()};
            b.outputLayouts = {layout};
            candidate.estimate = 5e-7 + 1e-10 * bytes;
            result.candidates.push_back(std::move(candidate));
        }
        return result;
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        auto pad = TRY(describe(n, c.dims(*n.input(0)), binding.inputLayouts[0]));
        return std::unique_ptr<Kernel>(
            std::make_unique<PadKernel>(std::move(pad), TRY(operandOf(padValueOf(n), binding, c))));
    }
};

}  // namespace

LATHE_TACTIC(cpu_pad_runs, PadTactic)

}  // namespace lathe::tactics
