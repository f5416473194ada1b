// SPDX-License-Identifier: Apache-2.0
// Any einsum, an element of the result a thread: correct before fast.
#include <algorithm>

#include "kernels/cuda/generate.h"
#include "ops/common.h"
#include "ops/einsum.h"
#include "tactics/common/operands.h"
#include "tactics/cuda/work.h"

namespace lathe::tactics {
namespace {

Result<cuda::ContractShape> loopsOf(const ir::Node& n, const DimsOf& dims) {
    std::vector<int> ranks;
    for (const ir::Value* v : n.inputs()) ranks.push_back(v->rank());
    ops::EinsumTerms terms = TRY(ops::parseEinsum(n.attrs<ops::EinsumAttrs>().equation, ranks));
    // Labels: the output's first, then those that are summed up.
    std::vector<int> labels = terms.output;
    for (const auto& term : terms.inputs)
        for (int label : term)
            if (std::find(labels.begin(), labels.end(), label) == labels.end()) labels.push_back(label);
    std::vector<int64_t> extents(labels.size(), 1);
    cuda::ContractShape s;
    s.type = n.output()->dtype();
    for (size_t i = 0; i < terms.inputs.size(); ++i) {
        ir::Dims in = dims(*n.input(static_cast<int>(i))), strides = ops::rowMajorStrides(in);
        std::vector<int64_t> mine(labels.size(), 0);
        for (size_t d = 0; d < in.size(); ++d) {
            auto at = static_cast<size_t>(std::find(labels.begin(), labels.end(), terms.inputs[i][d]) - labels.begin());
            // A label twice in one operand takes its diagonal; an extent of 1 is repeated.
            if (in[d] != 1) {
                mine[at] += strides[d];
                extents[at] = in[d];
            }
        }
        s.strides.push_back(std::move(mine));
    }
    for (size_t l = 0; l < labels.size(); ++l)
        (l < terms.output.size() ? s.outputDims : s.sumDims).push_back(extents[l]);
    return s;
}

class CudaPlainEinsum final : public CudaTactic {
  public:
    constexpr CudaPlainEinsum() : CudaTactic("cuda.einsum.plain.v1", "einsum") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        BindResult result = offerNode(anchor, c);
        // Every label is a loop.
        double steps = 1;
        auto shape = loopsOf(anchor, [&](const ir::Value& v) { return c.optDims(v); });
        if (shape.ok())
            for (const auto* list : {&shape->outputDims, &shape->sumDims})
                for (int64_t extent : *list) steps *= static_cast<double>(extent);
        for (Candidate& candidate : result.candidates)
            candidate.estimate += steps / (2e11 * std::max(1, c.target().smCount) / 132);
        return result;
    }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target&) const override {
        const ir::Node& n = *binding.nodes[0];
        cuda::ContractShape s = TRY(loopsOf(n, dims));
        CudaWork work;
        CudaWork::Stage& stage = work.add(TRY(cuda::contract(s)));
        for (int i = 0; i < n.inputCount(); ++i) stage.value(i, *n.input(i));
        stage.output(cuda::kOutput, 0);
        return work;
    }
};

}  // namespace

LATHE_TACTIC(cuda_einsum_plain, CudaPlainEinsum)

}  // namespace lathe::tactics
