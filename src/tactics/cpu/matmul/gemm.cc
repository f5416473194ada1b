// SPDX-License-Identifier: Apache-2.0
// Matrix product by the blocked fp32 kernels, with bias, residual and activation at the store. A constant right operand
// is packed ahead.
#include "kernels/cpu/gemm.h"

#include <algorithm>

#include "ops/matmul.h"
#include "tactics/common/batch_axes.h"
#include "tactics/cpu/epilogue.h"

namespace lathe::tactics {
namespace {

// The product as the kernel sees it. Batch axes that both operands cross evenly are joined; a constant 2-D B makes all
// of A's axes but the last rows of one product.
struct Problem {
    cpu::GemmShape shape;
    bool packedB = false;
    // There was nothing to add up: the shape is that of a sum of one zero, whose result the epilogue still changes.
    bool emptySum = false;

    void checkEmptySum() {
        if (shape.k != 0) return;
        emptySum = true;
        packedB = shape.transA = shape.transB = false;
        shape.k = shape.lda = 1;
        shape.ldb = shape.n;
        for (int d = 0; d < cpu::GemmShape::kBatchDims; ++d) shape.strideA[d] = shape.strideB[d] = 0;
    }
};

bool isPackable(const ir::Node& n) {
    const ir::Value* b = n.input(1);
    return b->isConstant() && b->rank() == 2 && !n.attrs<ops::MatmulAttrs>().transposeA;
}

Result<Problem> describe(const ir::Node& n, ir::Dims a, ir::Dims b) {
    const auto& attrs = n.attrs<ops::MatmulAttrs>();
    Problem p;
    cpu::GemmShape& s = p.shape;
    p.packedB = isPackable(n);
    s.transA = attrs.transposeA;
    s.transB = attrs.transposeB;
    if ((a.size() == 1 && s.transA) || (b.size() == 1 && s.transB)) return unsupported("a vector is transposed");
    // A vector is a row on the left and a column on the right: as stored, a transposed row.
    if (a.size() == 1) a.insert(a.begin(), 1);
    if (b.size() == 1) {
        b.insert(b.begin(), 1);
        s.transB = true;
    }
    size_t ra = a.size(), rb = b.size();
    s.m = s.transA ? a[ra - 1] : a[ra - 2];
    s.k = s.transA ? a[ra - 2] : a[ra - 1];
    s.n = s.transB ? b[rb - 2] : b[rb - 1];
    s.lda = a[ra - 1];
    s.ldb = b[rb - 1];
    s.ldc = s.n;
    if (p.packedB) {
        for (size_t d = 0; d + 2 < ra; ++d) s.m *= a[d];
        p.checkEmptySum();
        return p;
    }
    std::vector<BatchAxis> axes = batchAxesOf(a, b, s.m * s.n);
    if (axes.size() > cpu::GemmShape::kBatchDims)
        return unsupported("{} batch axes that cannot be joined; {} are possible", axes.size(),
                           cpu::GemmShape::kBatchDims);
    // The kernel's axis 0 is the outermost.
    for (size_t i = 0; i < axes.size(); ++i) {
        size_t to = cpu::GemmShape::kBatchDims - 1 - i;
        s.batch[to] = axes[i].extent;
        s.strideA[to] = axes[i].a;
        s.strideB[to] = axes[i].b;
        s.strideC[to] = s.strideResidual[to] = axes[i].c;
    }
    p.checkEmptySum();
    return p;
}

// Columns of the product, if the result has them as an axis: a bias has one value each.
int columnAxis(const ir::Node& n) { return n.input(1)->rank() == 1 ? -1 : n.output()->rank() - 1; }

bool isEmpty(const cpu::GemmShape& s) { return s.m == 0 || s.n == 0 || s.batchCount() == 0; }

int64_t workspaceOf(const Problem& p, int threads) {
    return isEmpty(p.shape) ? 0 : cpu::gemmWorkspaceBytes(p.shape, p.packedB, threads);
}

class GemmKernel final : public Kernel {
  public:
    Problem problem;
    cpu::Epilogue epilogue;
    std::vector<float> biasStorage, zeros;
    const float* constant[2] = {nullptr, nullptr};  // operands that are weights: A raw, B packed or raw
    int slot[2] = {-1, -1};                         // else where they are among the inputs
    int residualSlot = -1;
    int threads = 1;
    int64_t workspace = 0;

    int64_t workspaceBytes() const override { return workspace; }
    Status run(const RunArgs& args) override {
        if (isEmpty(problem.shape)) return {};
        auto operand = [&](int i) {
            return slot[i] < 0 ? constant[i] : static_cast<const float*>(args.inputs[slot[i]]);
        };
        cpu::Epilogue e = epilogue;
        if (residualSlot >= 0) {
            e.residual = static_cast<const float*>(args.inputs[residualSlot]);
            e.ldResidual = problem.shape.ldc;
        }
        float* c = static_cast<float*>(args.outputs[0]);
        if (problem.packedB)
            cpu::gemmPacked(problem.shape, operand(0), operand(1), c, e, args.workspace, threads);
        else
            cpu::gemm(problem.shape, operand(0), operand(1), c, e, args.workspace, threads);
        return {};
    }
};

class GemmTactic final : public Tactic {
  public:
    constexpr GemmTactic() : Tactic("cpu.matmul.gemm.v1", "matmul") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const ir::Value &a = *anchor.input(0), &b = *anchor.input(1);
        if (a.dtype() != DType::kFloat)
            return BindResult::refuse(fmt::format("type {} is not f32", toString(a.dtype())));
        ir::Dims da = c.maxDims(a), db = c.maxDims(b);
        auto largest = describe(anchor, da, db);
        if (!largest.ok()) return BindResult::refuse(largest.status().message());
        auto optimum = describe(anchor, c.optDims(a), c.optDims(b));
        if (!optimum.ok()) return BindResult::refuse(optimum.status().message());
        const cpu::GemmShape& s = optimum->shape;
        double flops = 2.0 * static_cast<double>(s.m) * static_cast<double>(s.n) * static_cast<double>(s.k) *
                       static_cast<double>(s.batchCount());
        BindResult result;
        for (const EpilogueMatch& m : matchEpilogues(*anchor.output(), columnAxis(anchor), false)) {
            Candidate candidate;
            Binding& x = candidate.binding;
            x.tactic = this;
            x.nodes = {&anchor};
            x.nodes.insert(x.nodes.end(), m.nodes.begin(), m.nodes.end());
            for (const ir::Value* v : {&a, &b, m.residual})
                if (v && !v->isConstant() && std::find(x.inputs.begin(), x.inputs.end(), v) == x.inputs.end())
                    x.inputs.push_back(v);
            x.outputs = {m.result};
            x.inputLayouts.assign(x.inputs.size(), Layout::kLinear);
            x.outputLayouts = {Layout::kLinear};
            if (optimum->packedB)
                x.packed.push_back({{&b},
                                    fmt::format("gemm_b.{}.v1{}", c.target().name(), s.transB ? ":t" : ""),
                                    cpu::packedBBytes(s.n, s.k)});
            if (m.residual && m.residual != &a && m.residual != &b)
                for (size_t i = 0; i < x.inputs.size(); ++i)
                    if (x.inputs[i] == m.residual) x.inPlace.push_back({0, static_cast<int>(i)});
            candidate.estimate = 1e-6 + flops / (5e10 * c.target().threads);
            candidate.workspaceBytes = workspaceOf(*largest, c.target().threads);
            result.candidates.push_back(std::move(candidate));
        }
        return result;
    }

    Status pack(const Binding& binding, int, std::span<const std::span<const std::byte>> sources,
                std::span<std::byte> out, const Target& target) const override {
        const ir::Node& n = *binding.nodes[0];
        ir::Dims b = ir::constantDims(n.input(1)->shape());
        bool trans = n.attrs<ops::MatmulAttrs>().transposeB;
        cpu::packB(trans ? b[0] : b[1], trans ? b[1] : b[0], reinterpret_cast<const float*>(sources[0].data()), b[1],
                   trans, reinterpret_cast<float*>(out.data()), target.threads);
        return {};
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        auto kernel = std::make_unique<GemmKernel>();
        kernel->problem = TRY(describe(n, c.dims(*n.input(0)), c.dims(*n.input(1))));
        kernel->threads = c.target().threads;
        for (int i = 0; i < 2; ++i) {
            const ir::Value& v = *n.input(i);
            if (i == 1 && kernel->problem.packedB)
                kernel->constant[1] = reinterpret_cast<const float*>(TRY(c.packed(0)).data());
            else if (v.isConstant())
                kernel->constant[i] = reinterpret_cast<const float*>(TRY(c.weights(v)).data());
            else
                kernel->slot[i] = static_cast<int>(std::find(binding.inputs.begin(), binding.inputs.end(), &v) -
                                                   binding.inputs.begin());
        }
        auto match = TRY(findEpilogue(*n.output(), *binding.outputs[0], columnAxis(n), false));
        kernel->epilogue = TRY(makeEpilogue(match, kernel->problem.shape.n, c, kernel->biasStorage));
        if (match.residual)
            kernel->residualSlot = static_cast<int>(
                std::find(binding.inputs.begin(), binding.inputs.end(), match.residual) - binding.inputs.begin());
        if (kernel->problem.emptySum) {
            const cpu::GemmShape& s = kernel->problem.shape;
            kernel->zeros.assign(static_cast<size_t>(std::max(s.m, s.n)), 0.f);
            for (int i = 0; i < 2; ++i) {
                kernel->slot[i] = -1;
                kernel->constant[i] = kernel->zeros.data();
            }
        }
        kernel->workspace = workspaceOf(kernel->problem, kernel->threads);
        return std::unique_ptr<Kernel>(std::move(kernel));
    }
};

}  // namespace

LATHE_TACTIC(cpu_matmul_gemm, GemmTactic)

}  // namespace lathe::tactics
