// SPDX-License-Identifier: Apache-2.0
#include "tactics/cuda/scatter.h"

#include "kernels/cuda/pointwise.h"
#include "tactics/cuda/copies.h"

namespace lathe::tactics {
namespace {

cuda::ScatterReduction toCudaKernel(ops::Scatter s) {
    switch (s) {
        case ops::Scatter::kNone: return cuda::ScatterReduction::kNone;
        case ops::Scatter::kAdd: return cuda::ScatterReduction::kAdd;
        case ops::Scatter::kMul: return cuda::ScatterReduction::kMul;
        case ops::Scatter::kMax: return cuda::ScatterReduction::kMax;
        case ops::Scatter::kMin: return cuda::ScatterReduction::kMin;
    }
    return cuda::ScatterReduction::kNone;
}

Result<cuda::KernelPlan> castPlan(DType from, DType to, int64_t count) {
    kernels::PointwiseProgram p;
    p.output(p.cast(p.input(from), to), to);
    int64_t dims[] = {count};
    std::span<const int64_t> in[] = {dims};
    return cuda::pointwiseDense(p, dims, in);
}

}  // namespace

Binding bindScatter(const Tactic& tactic, const ir::Node& anchor) {
    const ir::Value& x = *anchor.input(0);
    Binding b = bindNode(tactic, anchor);
    // The data may become the result, as long as it is nothing else's operand here.
    if (!x.isConstant() && &x != anchor.input(1) && &x != anchor.input(2)) b.inPlace = {{0, 0}};
    return b;
}

Result<CudaWork> scatterWork(const ir::Node& n, ops::Scatter reduction, const DimsOf& dims, const ScatterPlan& plan) {
    const ir::Value &x = *n.input(0), &indices = *n.input(1), &updates = *n.input(2);
    ir::Dims whole = dims(x);
    int64_t count = ir::volume(whole), updated = ir::volume(dims(updates));
    bool gathers = reduction == ops::Scatter::kAdd || reduction == ops::Scatter::kMul;
    CudaWork work;
    if (count == 0) return work;
    if (gathers && (x.dtype() == DType::kHalf || x.dtype() == DType::kBf16) && updated > 0) {
        // The data and the updates in f32, one behind the other.
        int64_t at = (count * 4 + 255) / 256 * 256;
        work.scratchBytes = at + updated * 4;
        work.add(TRY(castPlan(x.dtype(), DType::kFloat, count))).value(0, x).scratch(cuda::kOutput);
        work.add(TRY(castPlan(x.dtype(), DType::kFloat, updated))).value(0, updates).scratch(cuda::kOutput, at);
        work.add(TRY(plan(DType::kFloat, toCudaKernel(reduction))))
            .value(1, indices)
            .scratch(2, at)
            .scratch(cuda::kOutput);
        work.add(TRY(castPlan(DType::kFloat, x.dtype(), count))).scratch(0).output(cuda::kOutput, 0);
        return work;
    }
    TRY(addWholeCopy(work, x, whole));
    if (updated > 0)
        work.add(TRY(plan(x.dtype(), toCudaKernel(reduction))))
            .value(1, indices)
            .value(2, updates)
            .output(cuda::kOutput, 0);
    return work;
}

}  // namespace lathe::tactics
