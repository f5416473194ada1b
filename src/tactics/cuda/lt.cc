// SPDX-License-Identifier: Apache-2.0
#include "tactics/cuda/lt.h"

#include <algorithm>

#include "device/cuda/cublaslt.h"

namespace lathe::tactics {
namespace {

constexpr int64_t kLtWorkspace = int64_t{32} << 20, kLtRanks = 4;

// The batch dimension with several products, if there is one; more than one has no description.
Result<cuda::LtProblem> problemOf(const cuda::GemmShape& s) {
    cuda::LtProblem p;
    p.type = s.type;
    p.m = s.m;
    p.n = s.n;
    p.k = s.k;
    p.lda = s.lda;
    p.ldb = s.ldb;
    p.ldc = s.ldc;
    p.transA = s.transA;
    p.transB = s.transB;
    if (s.m * s.n * s.k == 0) return unsupported("cuBLASLt: {} x {} x {}", s.m, s.n, s.k);
    if (s.lda < (s.transA ? s.m : s.k) || s.ldb < (s.transB ? s.k : s.n) || s.ldc < s.n)
        return unsupported("cuBLASLt: rows that overlap");
    for (int i = 0; i < 3; ++i) {
        if (s.batch[i] == 1) continue;
        if (p.batch != 1 || s.batch[i] == 0)
            return unsupported("cuBLASLt: a batch of {} x {} x {}", s.batch[0], s.batch[1], s.batch[2]);
        p.batch = s.batch[i];
        p.strideA = s.strideA[i];
        p.strideB = s.strideB[i];
        p.strideC = s.strideC[i];
    }
    return p;
}

class LtKernel final : public Kernel {
  public:
    struct Operand {
        int input = -1;  // of the step, or else `fixed`
        const void* fixed = nullptr;
        const void* at(const RunArgs& a) const { return input >= 0 ? a.inputs[input] : fixed; }
    };
    std::unique_ptr<cuda::CublasLt::Product> product;
    Operand a, b, residual;

    int64_t workspaceBytes() const override { return product->workspaceBytes(); }
    Status run(const RunArgs& args) override {
        return product->run(a.at(args), b.at(args), residual.at(args), args.outputs[0], args.workspace, args.stream);
    }
};

}  // namespace

std::string whyNoLt(const Target& target, const cuda::GemmShape& shape, const EpilogueMatch& match) {
    if (target.cublasLt.empty()) return "the target has no cuBLASLt";
    if (auto p = problemOf(shape); !p.ok()) return p.status().message();
    using kernels::Activation;
    // Its GELU is the one by tanh.
    if (match.activation != Activation::kNone && match.activation != Activation::kRelu &&
        match.activation != Activation::kGeluTanh)
        return "cuBLASLt has no such activation";
    if (match.residual && match.residualAfter) return "cuBLASLt adds nothing after the activation";
    return {};
}

void offerLt(const Tactic& tactic, const ir::Node& anchor, const EpilogueMatch& match, double seconds, bool tf32,
             BindResult& result) {
    Binding b;
    b.tactic = &tactic;
    b.nodes = {&anchor};
    b.nodes.insert(b.nodes.end(), match.nodes.begin(), match.nodes.end());
    b.inputs = runtimeInputs({anchor.input(0), anchor.input(1), match.residual});
    b.outputs = {match.result};
    b.inputLayouts.assign(b.inputs.size(), Layout::kLinear);
    b.outputLayouts = {Layout::kLinear};
    // What is added may become the result.
    if (match.residual && match.residual != anchor.input(0) && match.residual != anchor.input(1))
        for (size_t i = 0; i < b.inputs.size(); ++i)
            if (b.inputs[i] == match.residual) b.inPlace.push_back({0, static_cast<int>(i)});
    for (int64_t rank = 0; rank < kLtRanks; ++rank) {
        Candidate c{b, seconds * (0.95 + 0.02 * static_cast<double>(rank)), kLtWorkspace};
        c.binding.params = {rank, tf32 ? 1 : 0};
        result.candidates.push_back(std::move(c));
    }
}

Result<std::unique_ptr<Kernel>> makeLt(const cuda::GemmShape& shape, const EpilogueMatch& match,
                                       const LtOperands& operands, const Binding& binding, const PrepareContext& c) {
    if (binding.params.size() != 2) return internalError("a product of {} parameters", binding.params.size());
    // Nothing to launch, or nothing to launch it on: plans are only looked at.
    if (shape.m * shape.n * shape.batch[0] * shape.batch[1] * shape.batch[2] == 0 || !c.device())
        return cudaKernels(c, {});
    const cuda::CublasLt* lt = TRY(cuda::CublasLt::get());
    if (lt->version() != c.target().cublasLt)
        return makeStatus(Code::kInvalidState, "cuBLASLt is {}, and the engine was built with {}", lt->version(),
                          c.target().cublasLt);
    cuda::LtProblem p = TRY(problemOf(shape));
    p.tf32 = binding.params[1] != 0;
    p.activation = match.activation == kernels::Activation::kRelu       ? cuda::LtProblem::Activation::kRelu
                   : match.activation == kernels::Activation::kGeluTanh ? cuda::LtProblem::Activation::kGeluTanh
                                                                        : cuda::LtProblem::Activation::kNone;
    p.bias = operands.bias != nullptr;
    p.residual = operands.residual != nullptr;
    const void* bias = operands.bias ? TRY(c.residentWeights(*operands.bias)) : nullptr;
    auto kernel = std::make_unique<LtKernel>();
    kernel->product = TRY(lt->make(static_cast<const cuda::Gpu&>(*c.device()), p, bias,
                                   static_cast<int>(binding.params[0]), kLtWorkspace));
    auto place = [&](const ir::Value& v) -> Result<LtKernel::Operand> {
        if (v.isConstant()) return LtKernel::Operand{-1, TRY(c.residentWeights(v))};
        auto at = std::find(binding.inputs.begin(), binding.inputs.end(), &v);
        if (at == binding.inputs.end()) return internalError("'{}' is no input of {}", v.name(), binding.tactic->id());
        return LtKernel::Operand{static_cast<int>(at - binding.inputs.begin()), nullptr};
    };
    kernel->a = TRY(place(*operands.a));
    kernel->b = TRY(place(*operands.b));
    if (operands.residual) kernel->residual = TRY(place(*operands.residual));
    return std::unique_ptr<Kernel>(std::move(kernel));
}

}  // namespace lathe::tactics
