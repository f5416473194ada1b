// SPDX-License-Identifier: Apache-2.0
// Attention with all that the op knows, scores in memory: for what the fast kernels refuse.
#include <algorithm>
#include <cmath>

#include "kernels/cuda/attention_general.h"
#include "kernels/cuda/pointwise.h"
#include "ops/attention.h"
#include "ops/common.h"
#include "tactics/common/operands.h"
#include "tactics/cuda/work.h"

namespace lathe::tactics {
namespace {

// Whether the fast kernels leave it to this one, so far as its node tells.
bool isGeneral(const ir::Node& n) {
    const auto& a = n.attrs<ops::AttentionAttrs>();
    if (n.outputCount() > 1 || inputOf(n, 4) || inputOf(n, 5) || inputOf(n, 6)) return true;
    if (a.softcap != 0 || a.leftWindow != -1 || a.rightWindow != -1) return true;
    for (int i = 0; i < 3; ++i)
        if (n.input(i)->isConstant()) return true;
    if (const ir::Value* mask = inputOf(n, 3)) {
        const ir::Shape& k = n.input(1)->shape();
        if (!(mask->shape().back() == (k.size() == 4 ? k[2] : k[1]))) return true;
    }
    return false;
}

class CudaGeneralAttention final : public CudaTactic {
  public:
    constexpr CudaGeneralAttention() : CudaTactic("cuda.attention.general.v1", "attention") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        ir::Dims q = c.optDims(*anchor.input(0)), v = c.optDims(*anchor.input(2));
        // Head dimensions past those of every other kernel.
        const auto& a = anchor.attrs<ops::AttentionAttrs>();
        bool wide =
            (q.size() == 4 ? q[3] : q[2] / a.qNumHeads) > 256 || (v.size() == 4 ? v[3] : v[2] / a.kvNumHeads) > 256;
        if (!wide && !isGeneral(anchor)) return BindResult::refuse("it is left to the faster kernels");
        return offerNode(anchor, c);
    }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target&) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& a = n.attrs<ops::AttentionAttrs>();
        // [batch, heads, rows, size] and its strides, of either form.
        struct Four {
            ir::Dims dims;
            cuda::AttentionShape::Strides strides;
        };
        auto four = [&](const ir::Dims& d, int64_t heads) -> Four {
            if (d.size() == 4) return {d, {d[1] * d[2] * d[3], d[2] * d[3], d[3]}};
            int64_t size = d[2] / heads;
            return {{d[0], heads, d[1], size}, {d[1] * d[2], size, d[2]}};
        };
        Four q = four(dims(*n.input(0)), a.qNumHeads), k = four(dims(*n.input(1)), a.kvNumHeads),
             v = four(dims(*n.input(2)), a.kvNumHeads);
        Four out = four(dims(*n.output(0)), a.qNumHeads);
        cuda::GeneralAttention g;
        cuda::AttentionShape& s = g.shape;
        g.past = inputOf(n, 4) ? dims(*n.input(4))[2] : 0;
        s.type = n.input(0)->dtype();
        s.batch = q.dims[0];
        s.heads = q.dims[1];
        s.kvHeads = k.dims[1];
        s.queries = q.dims[2];
        s.keys = g.past + k.dims[2];
        s.headDim = q.dims[3];
        s.valueDim = v.dims[3];
        s.q = q.strides;
        s.k = k.strides;
        s.v = v.strides;
        s.out = out.strides;
        s.scale = static_cast<float>(a.scale != 0 ? a.scale : 1 / std::sqrt(static_cast<double>(s.headDim)));
        s.causal = a.isCausal;
        s.causalOffset = g.past;
        s.blindNan = a.blindNan;
        g.cap = static_cast<float>(a.softcap);
        g.left = a.leftWindow;
        g.right = a.rightWindow;
        const ir::Value *mask = inputOf(n, 3), *lengths = inputOf(n, 6);
        if (lengths) g.lengths = lengths->dtype();
        if (mask) {
            s.mask = mask->dtype();
            ir::Dims m = dims(*mask), over = {s.batch, s.heads, s.queries, m.back()};
            ir::Dims strides = ops::broadcastStrides(m, over);
            s.maskStrides = {strides[0], strides[1], strides[2], strides[3]};
            g.maskKeys = m.back();
            if (a.maskSelects) s.hidden = static_cast<float>(a.hidden);
        }
        if (n.outputCount() > 3) g.show = static_cast<cuda::GeneralAttention::Show>(static_cast<int>(a.scores) + 1);
        CudaWork work;
        CudaWork::Stage& stage = work.add(TRY(cuda::attentionGeneral(g)));
        for (int i = 0; i < 3; ++i) stage.value(i, *n.input(i));
        if (mask) stage.value(3, *mask);
        if (inputOf(n, 4)) stage.value(4, *n.input(4)).value(5, *n.input(5));
        if (lengths) stage.value(6, *lengths);
        stage.output(cuda::kOutput, 0);
        if (n.outputCount() > 3) stage.output(cuda::kOutput + 1, 3);
        // Present keys and values: the past, then the new ones.
        for (int o = 1; o < std::min(n.outputCount(), 3); ++o) {
            const Four& from = o == 1 ? k : v;
            int64_t size = from.dims[3], bytes = bitsOf(s.type) / 8, all = s.keys;
            auto copy = [&](const ir::Value& value, int64_t rows, ir::Dims strides, int64_t first) -> Status {
                ir::Dims extents = {s.batch, s.kvHeads, rows, size};
                if (ir::volume(extents) == 0) return {};
                ir::Dims to = {s.kvHeads * all * size, all * size, size, 1};
                int64_t offset = first * size * bytes;
                work.add(TRY(cuda::stridedCopy(extents, strides, to, static_cast<int>(bytes),
                                               offset % 16 == 0 ? 16 : static_cast<int>(bytes))))
                    .value(0, value)
                    .output(cuda::kOutput, o, offset);
                return {};
            };
            if (g.past > 0) TRY(copy(*n.input(3 + o), g.past, {s.kvHeads * g.past * size, g.past * size, size, 1}, 0));
            TRY(copy(*n.input(o), from.dims[2], {from.strides.batch, from.strides.head, from.strides.row, 1}, g.past));
        }
        return work;
    }
};

}  // namespace

LATHE_TACTIC(cuda_attention_general, CudaGeneralAttention)

}  // namespace lathe::tactics
