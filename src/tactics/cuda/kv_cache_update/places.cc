// SPDX-License-Identifier: Apache-2.0
// Where the output is bound to the cache's memory, only the new places are written.
#include "tactics/cuda/alone.h"
#include "tactics/cuda/copies.h"

namespace lathe::tactics {
namespace {

class CudaKvCacheUpdate final : public CudaTactic {
  public:
    constexpr CudaKvCacheUpdate() : CudaTactic("cuda.kv_cache_update.places.v1", "kv_cache_update") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override { return offerNode(anchor, c); }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target&) const override {
        const ir::Node& n = *binding.nodes[0];
        const ir::Value &cache = *n.input(0), &update = *n.input(1), &index = *n.input(2);
        ir::Dims whole = dims(cache), written = dims(update);
        CudaWork work;
        if (ir::volume(whole) == 0) return work;
        TRY(addWholeCopy(work, cache, whole));
        cuda::SmallKernel k{.file = "fill.cu", .entry = "cacheUpdate"};
        k.items = ir::volume(written);
        if (k.items == 0) return work;
        k.defines = {fmt::format("W={}", cudaWord(elementBytes(cache.dtype()))), cudaDefine("I", index.dtype())};
        k.operands = {0, 1, cuda::kOutput};
        k.n = {written[1], written[2], written[3], whole[2]};
        work.add(TRY(cuda::smallPlan(k))).value(0, update).value(1, index).output(cuda::kOutput, 0);
        return work;
    }
};

}  // namespace

LATHE_TACTIC(cuda_kv_cache_update_places, CudaKvCacheUpdate)

}  // namespace lathe::tactics
