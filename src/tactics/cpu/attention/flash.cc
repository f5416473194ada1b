// SPDX-License-Identifier: Apache-2.0
// Attention without the scores in memory. Queries, keys and values are read where they lie: transposes, reshapes,
// slices and splits before them become strides (three parts of one projection, for example), and so does the transpose
// after the result.
#include <algorithm>
#include <cmath>

#include "kernels/cpu/attention.h"
#include "tactics/common/attention_views.h"

namespace lathe::tactics {
namespace {

void setSizes(cpu::AttentionArgs& a, const ir::Node& n, const attention::Shapes& s) {
    const auto& attrs = n.attrs<ops::AttentionAttrs>();
    a.type = n.input(0)->dtype();
    a.batch = s.batch;
    a.heads = s.heads;
    a.kvHeads = s.kvHeads;
    a.queries = s.queries;
    a.keys = s.keys;
    a.headDim = s.size;
    a.valueDim = s.valueSize;
    a.scale = static_cast<float>(attrs.scale != 0 ? attrs.scale : 1 / std::sqrt(static_cast<double>(s.size)));
    a.causal = attrs.isCausal;
    a.maskSelects = attrs.maskSelects;
    a.hidden = static_cast<float>(attrs.hidden);
    a.blindZero = !attrs.blindNan;
}

class FlashKernel final : public Kernel {
  public:
    cpu::AttentionArgs args;
    int slots[4] = {-1, -1, -1, -1};  // of q, k, v and the mask among the inputs
    int64_t offsets[3] = {};          // bytes
    int64_t workspace = 0;

    int64_t workspaceBytes() const override { return workspace; }
    Status run(const RunArgs& r) override {
        cpu::AttentionArgs a = args;
        auto at = [&](int i) { return static_cast<const char*>(r.inputs[slots[i]]) + offsets[i]; };
        a.q = at(0);
        a.k = at(1);
        a.v = at(2);
        if (slots[3] >= 0) a.mask = r.inputs[slots[3]];
        a.out = r.outputs[0];
        a.workspace = r.workspace;
        cpu::attention(a);
        return {};
    }
};

class FlashTactic final : public Tactic {
  public:
    constexpr FlashTactic() : Tactic("cpu.attention.flash.v1", "attention") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (std::string why = attention::flashRefusal(anchor); !why.empty()) return BindResult::refuse(why);
        // Reading in place costs nothing, so nothing less is offered.
        auto binding = attention::bindInPlace(*this, anchor, c);
        if (!binding.ok()) return BindResult::refuse(binding.status().message());
        Candidate candidate{*std::move(binding), 0, 0};
        cpu::AttentionArgs largest;
        setSizes(largest, anchor, attention::shapesOf(anchor, [&](const ir::Value& v) { return c.maxDims(v); }));
        candidate.workspaceBytes = cpu::attentionWorkspaceBytes(largest);
        attention::Shapes s = attention::shapesOf(anchor, [&](const ir::Value& v) { return c.optDims(v); });
        double flops = 2.0 * static_cast<double>(s.batch * s.heads) * static_cast<double>(s.queries) *
                       static_cast<double>(s.keys) * static_cast<double>(s.size + s.valueSize);
        candidate.estimate = 2e-6 + flops / (3e10 * c.target().threads);
        return {{candidate}, {}};
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        auto dims = [&](const ir::Value& v) { return c.dims(v); };
        auto kernel = std::make_unique<FlashKernel>();
        cpu::AttentionArgs& args = kernel->args;
        const ir::Node& n = attention::anchorOf(binding);
        setSizes(args, n, attention::shapesOf(n, dims));
        attention::Places places = TRY(attention::placesOf(binding, dims));
        auto slotOf = [&](const ir::Value* v) {
            return static_cast<int>(std::find(binding.inputs.begin(), binding.inputs.end(), v) -
                                    binding.inputs.begin());
        };
        auto strides = [](const attention::Strides& s) { return cpu::AttentionArgs::Strides{s.batch, s.head, s.row}; };
        int64_t bytes = bitsOf(args.type) / 8;
        for (int i = 0; i < 3; ++i) {
            kernel->slots[i] = slotOf(places.bases[i]);
            kernel->offsets[i] = places.offsets[i] * bytes;
        }
        args.qStrides = strides(places.inputs[0]);
        args.kStrides = strides(places.inputs[1]);
        args.vStrides = strides(places.inputs[2]);
        args.outStrides = strides(places.output);
        if (const ir::Value* mask = n.input(3)) {
            args.maskStrides = {places.mask[0], places.mask[1], places.mask[2], places.mask[3]};
            args.maskType = mask->dtype();
            if (mask->isConstant())
                args.mask = TRY(c.weights(*mask)).data();
            else
                kernel->slots[3] = slotOf(mask);
        }
        if (places.empty) args.batch = 0;
        kernel->workspace = cpu::attentionWorkspaceBytes(args);
        return std::unique_ptr<Kernel>(std::move(kernel));
    }
};

}  // namespace

LATHE_TACTIC(cpu_attention_flash, FlashTactic)

}  // namespace lathe::tactics
