// SPDX-License-Identifier: Apache-2.0
#include "ops/trilu.h"

#include "kernels/cuda/generate.h"
#include "tactics/common/operands.h"
#include "tactics/cuda/work.h"

namespace lathe::tactics {
namespace {

class CudaTrilu final : public CudaTactic {
  public:
    constexpr CudaTrilu() : CudaTactic("cuda.trilu.rows.v1", "trilu") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const ir::Value& x = *anchor.input(0);
        if (const ir::Value* k = inputOf(anchor, 1)) {
            if (!ir::isConstant(k->shape()) || ir::volume(ir::constantDims(k->shape())) != 1)
                return BindResult::refuse("k is not a single element");
        }
        Binding b = bindNode(*this, anchor);
        if (!x.isConstant() && &x != inputOf(anchor, 1)) b.inPlace = {{0, 0}};
        BindResult result;
        offer(std::move(b), c, result);
        return result;
    }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target&) const override {
        const ir::Node& n = *binding.nodes[0];
        ir::Dims in = dims(*n.input(0));
        const ir::Value* k = inputOf(n, 1);
        int64_t rows = in[in.size() - 2], columns = in.back(), count = ir::volume(ir::Dims(in.begin(), in.end() - 2));
        CudaWork work;
        CudaWork::Stage& s =
            work.add(TRY(cuda::trilu(count, rows, columns, n.attrs<ops::TriluAttrs>().upper,
                                     k ? std::optional(k->dtype()) : std::nullopt, elementBytes(n.output()->dtype()))));
        s.value(0, *n.input(0)).output(cuda::kOutput, 0);
        if (k) s.value(1, *k);
        return work;
    }
};

}  // namespace

LATHE_TACTIC(cuda_trilu_rows, CudaTrilu)

}  // namespace lathe::tactics
