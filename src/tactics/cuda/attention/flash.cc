// SPDX-License-Identifier: Apache-2.0
// Attention without the scores in memory, operands read where they lie. params: {kernel}.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels/cuda/attention.h"
#include "tactics/common/attention_views.h"
#include "tactics/cuda/work.h"

namespace lathe::tactics {
namespace {

// Written to plans.
enum AttentionKernel : int64_t { kWarpgroups = 0, kTensorCores = 1, kPlain = 2 };

Result<cuda::KernelPlan> attentionPlan(int64_t kernel, const cuda::AttentionShape& s,
                                       const cuda::KernelTarget& target) {
    switch (kernel) {
        case kWarpgroups: return cuda::attentionWgmma(s, target);
        case kTensorCores: return cuda::attention(s, target);
        case kPlain: return cuda::attentionPlain(s);
        default: return invalidArgument("there is no attention kernel {}", kernel);
    }
}

class CudaFlash final : public CudaTactic {
  public:
    constexpr CudaFlash() : CudaTactic("cuda.attention.flash.v1", "attention") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const auto& a = anchor.attrs<ops::AttentionAttrs>();
        if (std::string why = attention::flashRefusal(anchor); !why.empty()) return BindResult::refuse(why);
        attention::Shapes s = attention::shapesOf(anchor, [&](const ir::Value& v) { return c.optDims(v); });
        double flops = 2.0 * static_cast<double>(s.batch * s.heads) * static_cast<double>(s.queries) *
                       static_cast<double>(s.keys) * static_cast<double>(s.size + s.valueSize);
        if (a.isCausal && s.queries == s.keys) flops /= 2;
        BindResult result;
        auto offerAll = [&](const Binding& b) {
            for (int64_t kernel : {kWarpgroups, kTensorCores, kPlain}) {
                // The plain kernel is for what the others refuse.
                if (kernel == kPlain && std::any_of(result.candidates.begin(), result.candidates.end(),
                                                    [&](const Candidate& x) { return x.binding.nodes == b.nodes; }))
                    continue;
                Binding x = b;
                x.params = {kernel};
                size_t before = result.candidates.size();
                offer(std::move(x), c, result, kernel == kPlain ? flops * 8 : flops * 2, kernel != kPlain);
                if (result.candidates.size() > before && kernel == kTensorCores)
                    result.candidates.back().estimate *= 1.2;
            }
        };
        auto alone = attention::bindInPlace(*this, anchor, c, false);
        if (!alone.ok()) return BindResult::refuse(alone.status().message());
        offerAll(*alone);
        auto most = attention::bindInPlace(*this, anchor, c, true);
        if (!most.ok())
            result.refusals.push_back(most.status().message());
        else if (most->nodes != alone->nodes)
            offerAll(*most);
        return result;
    }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target& target) const override {
        const ir::Node& n = attention::anchorOf(binding);
        const auto& attrs = n.attrs<ops::AttentionAttrs>();
        attention::Shapes sizes = attention::shapesOf(n, dims);
        attention::Places places = TRY(attention::placesOf(binding, dims));
        CudaWork work;
        if (places.empty) return work;
        cuda::AttentionShape s;
        s.type = n.input(0)->dtype();
        s.batch = sizes.batch;
        s.heads = sizes.heads;
        s.kvHeads = sizes.kvHeads;
        s.queries = sizes.queries;
        s.keys = sizes.keys;
        s.headDim = sizes.size;
        s.valueDim = sizes.valueSize;
        auto strides = [](const attention::Strides& p) {
            return cuda::AttentionShape::Strides{p.batch, p.head, p.row};
        };
        s.q = strides(places.inputs[0]);
        s.k = strides(places.inputs[1]);
        s.v = strides(places.inputs[2]);
        s.out = strides(places.output);
        s.scale = static_cast<float>(attrs.scale != 0 ? attrs.scale : 1 / std::sqrt(static_cast<double>(sizes.size)));
        s.causal = attrs.isCausal;
        s.blindNan = attrs.blindNan && sizes.keys > 0;
        const ir::Value* mask = n.input(3);
        if (mask) {
            s.mask = mask->dtype();
            s.maskStrides = {places.mask[0], places.mask[1], places.mask[2], places.mask[3]};
            if (attrs.maskSelects && mask->dtype() == DType::kBool) s.hidden = static_cast<float>(attrs.hidden);
        }
        // Vectors of 16 bytes must stay together.
        int64_t bytes = bitsOf(s.type) / 8;
        for (int64_t offset : places.offsets)
            s.alignment = std::gcd(s.alignment, static_cast<int>(offset * bytes % 16));
        cuda::KernelTarget gpu = kernelTarget(target);
        if (binding.params.size() != 1) return internalError("attention with {} parameters", binding.params.size());
        Result<cuda::KernelPlan> plan = attentionPlan(binding.params[0], s, gpu);
        // Extents that the kernel does not take: the next one.
        for (int64_t next = binding.params[0] + 1; !plan.ok() && plan.status().code() == Code::kUnsupported &&
                                                   next <= kPlain && !binding.nodes.empty() && varies(binding);
             ++next)
            plan = attentionPlan(next, s, gpu);
        TRY(plan.status());
        CudaWork::Stage& stage = work.add(plan.take());
        for (int i = 0; i < 3; ++i) stage.value(i, *places.bases[i], places.offsets[i] * bytes);
        if (mask) stage.value(3, *mask);
        stage.output(cuda::kOutput, 0);
        return work;
    }

  private:
    static bool varies(const Binding& binding) {
        for (const ir::Value* v : binding.inputs)
            if (!ir::isConstant(v->shape())) return true;
        return false;
    }
};

}  // namespace

LATHE_TACTIC(cuda_attention_flash, CudaFlash)

}  // namespace lathe::tactics
