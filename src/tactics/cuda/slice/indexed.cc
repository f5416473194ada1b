// SPDX-License-Identifier: Apache-2.0
// Slices whose starts or steps are computed while running.
#include "ops/slice.h"

#include "kernels/cuda/generate.h"
#include "tactics/common/copies.h"
#include "tactics/cuda/work.h"

namespace lathe::tactics {
namespace {

class CudaSliceIndexed final : public CudaTactic {
  public:
    constexpr CudaSliceIndexed() : CudaTactic("cuda.slice.indexed.v1", "slice") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        auto optimum = [&](const ir::Value& v) { return c.optDims(v); };
        if (sliceCopies(anchor, optimum).ok()) return BindResult::refuse("its numbers are known: it is a strided copy");
        return offerNode(anchor, {anchor.input(0), anchor.input(1), inputOf(anchor, 4)}, c);
    }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target&) const override {
        const ir::Node& n = *binding.nodes[0];
        const ir::Value &x = *n.input(0), &starts = *n.input(1);
        const ir::Value* steps = inputOf(n, 4);
        ir::Dims in = dims(x), out = dims(*n.output());
        auto axes = knownIntegers(inputOf(n, 3));
        if (inputOf(n, 3) && !axes) return unsupported("its axes are not known");
        // (GCC 12 takes a vector of ones that is made in one go for memory that is freed at an offset.)
        std::vector<int64_t> zeros(in.size()), ones(in.size());
        for (int64_t& one : ones) one = 1;
        std::vector<int> startAt(in.size(), -1), stepAt(in.size(), -1);
        int64_t count = ir::volume(dims(starts));
        if (axes && static_cast<int64_t>(axes->size()) != count)
            return unsupported("{} axes for {} starts", axes->size(), count);
        for (int64_t i = 0; i < count; ++i) {
            auto d =
                static_cast<size_t>(fromStart(axes ? (*axes)[static_cast<size_t>(i)] : i, static_cast<int>(in.size())));
            startAt[d] = static_cast<int>(i);
            if (steps) stepAt[d] = static_cast<int>(i);
        }
        cuda::SliceShape s;
        s.in = in;
        s.out = out;
        s.starts = zeros;
        s.steps = ones;
        s.startAt = startAt;
        s.stepAt = stepAt;
        s.startType = starts.dtype();
        if (steps) s.stepType = steps->dtype();
        s.fromEnd = true;
        s.elementBytes = elementBytes(x.dtype());
        CudaWork work;
        CudaWork::Stage& stage = work.add(TRY(cuda::slice(s)));
        stage.value(0, x).value(1, starts).output(cuda::kOutput, 0);
        if (steps) stage.value(2, *steps);
        return work;
    }
};

}  // namespace

LATHE_TACTIC(cuda_slice_indexed, CudaSliceIndexed)

}  // namespace lathe::tactics
