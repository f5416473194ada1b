// SPDX-License-Identifier: Apache-2.0
#include "ops/rotary_embedding.h"

#include "kernels/cuda/generate.h"
#include "tactics/common/operands.h"
#include "tactics/cuda/work.h"

namespace lathe::tactics {
namespace {

class CudaRotary final : public CudaTactic {
  public:
    constexpr CudaRotary() : CudaTactic("cuda.rotary_embedding.pairs.v1", "rotary_embedding") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override { return offerNode(anchor, c); }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target&) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& attrs = n.attrs<ops::RotaryEmbeddingAttrs>();
        ir::Dims x = dims(*n.input(0)), table = dims(*n.input(1));
        const ir::Value* ids = inputOf(n, 3);
        cuda::RotateShape s;
        s.type = n.input(0)->dtype();
        s.packed = x.size() == 3;
        if (s.packed && attrs.numHeads <= 0) return unsupported("its number of heads is {}", attrs.numHeads);
        s.batch = x[0];
        s.heads = s.packed ? attrs.numHeads : x[1];
        s.length = s.packed ? x[1] : x[2];
        s.size = s.packed ? x[2] / attrs.numHeads : x[3];
        s.half = (attrs.rotaryDim ? attrs.rotaryDim : s.size) / 2;
        s.positions = table[0];
        s.interleaved = attrs.interleaved;
        if (ids) s.ids = ids->dtype();
        CudaWork work;
        CudaWork::Stage& stage = work.add(TRY(cuda::rotate(s)));
        for (int i = 0; i < 3; ++i) stage.value(i, *n.input(i));
        if (ids) stage.value(3, *ids);
        stage.output(cuda::kOutput, 0);
        return work;
    }
};

}  // namespace

LATHE_TACTIC(cuda_rotary_embedding_pairs, CudaRotary)

}  // namespace lathe::tactics
