// SPDX-License-Identifier: Apache-2.0
// Each expert's rows are gathered and go through its matrix in one product of the blocked fp32 kernels; a constant
// matrix is packed ahead.
#include "kernels/cpu/gemm.h"

#include <algorithm>
#include <cstring>

#include "ops/expert_matmul.h"
#include "tactics/cpu/operands.h"

namespace lathe::tactics {
namespace {

// Rows of one product at most: its workspace is for the largest.
constexpr int64_t kMostRows = 256;

cpu::GemmShape shapeFor(const ops::ExpertProduct& p, int64_t rows) {
    cpu::GemmShape s;
    s.m = rows;
    s.n = s.ldb = s.ldc = p.width;
    s.k = s.lda = p.depth;
    return s;
}

// gathered rows | products | the kernels' own
struct Space {
    int64_t rows = 0, own = 0, total = 0;
    Space(const ops::ExpertProduct& p, bool packed, int threads) {
        int64_t most = std::min(kMostRows, p.rows), gemm = 0;
        for (int64_t m = 1; m <= most && p.depth > 0 && p.width > 0; ++m)
            gemm = std::max(gemm, cpu::gemmWorkspaceBytes(shapeFor(p, m), packed, threads));
        rows = (most * p.depth * 4 + 63) / 64 * 64;
        own = rows + (most * p.width * 4 + 63) / 64 * 64;
        total = own + gemm;
    }
};

class ExpertKernel final : public Kernel {
  public:
    ops::ExpertProduct p;
    Operand x, choice, w, bias;
    bool longChoice = false, packed = false;
    int threads = 1;
    int64_t matrixFloats = 0;  // of an expert, as stored
    std::unique_ptr<Space> space;
    std::vector<int64_t> starts, order;

    int64_t workspaceBytes() const override { return space->total; }

    Status run(const RunArgs& args) override {
        auto* y = static_cast<float*>(args.outputs[0]);
        const void* chosen = choice.at(args);
        auto expertOf = [&](int64_t r) -> int64_t {
            int64_t e = longChoice ? static_cast<const int64_t*>(chosen)[r] : static_cast<const int32_t*>(chosen)[r];
            return e >= 0 && e < p.experts ? e : -1;
        };
        std::fill(starts.begin(), starts.end(), 0);
        for (int64_t r = 0; r < p.rows; ++r) {
            int64_t e = expertOf(r);
            if (e >= 0)
                ++starts[static_cast<size_t>(e) + 1];
            else
                std::fill_n(y + r * p.width, p.width, 0.f);
        }
        for (size_t e = 1; e < starts.size(); ++e) starts[e] += starts[e - 1];
        // While rows are put in, starts[e] is the next place; afterwards it is the end of expert e.
        for (int64_t r = 0; r < p.rows; ++r)
            if (int64_t e = expertOf(r); e >= 0) order[static_cast<size_t>(starts[static_cast<size_t>(e)]++)] = r;
        auto* bytes = static_cast<std::byte*>(args.workspace);
        auto* gathered = reinterpret_cast<float*>(bytes);
        auto* products = reinterpret_cast<float*>(bytes + space->rows);
        const auto *in = static_cast<const float*>(x.at(args)), *matrices = static_cast<const float*>(w.at(args)),
                   *biases = static_cast<const float*>(bias.at(args));
        for (int64_t e = 0, from = 0; e < p.experts; ++e) {
            int64_t end = starts[static_cast<size_t>(e)];
            for (; from < end; from += kMostRows) {
                int64_t rows = std::min(kMostRows, end - from);
                const int64_t* list = order.data() + from;
                cpu::Epilogue epilogue;
                if (biases) epilogue.bias = biases + e * p.width;
                if (p.depth == 0) {
                    for (int64_t i = 0; i < rows; ++i)
                        for (int64_t n = 0; n < p.width; ++n)
                            y[list[i] * p.width + n] = biases ? epilogue.bias[n] : 0.f;
                    continue;
                }
                const float* a = in + list[0] / p.shared * p.depth;
                float* c = y + list[0] * p.width;
                if (rows > 1) {
                    for (int64_t i = 0; i < rows; ++i)
                        std::memcpy(gathered + i * p.depth, in + list[i] / p.shared * p.depth,
                                    static_cast<size_t>(p.depth) * 4);
                    a = gathered;
                    c = products;
                }
                cpu::GemmShape s = shapeFor(p, rows);
                if (packed)
                    cpu::gemmPacked(s, a, matrices + e * matrixFloats, c, epilogue, bytes + space->own, threads);
                else
                    cpu::gemm(s, a, matrices + e * matrixFloats, c, epilogue, bytes + space->own, threads);
                for (int64_t i = 0; rows > 1 && i < rows; ++i)
                    std::memcpy(y + list[i] * p.width, products + i * p.width, static_cast<size_t>(p.width) * 4);
            }
            from = end;
        }
        return {};
    }
};

class ExpertMatmul final : public Tactic {
  public:
    constexpr ExpertMatmul() : Tactic("cpu.expert_matmul.grouped.v1", "expert_matmul") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const ir::Value &x = *anchor.input(0), &w = *anchor.input(2);
        if (x.dtype() != DType::kFloat)
            return BindResult::refuse(fmt::format("type {} is not f32", toString(x.dtype())));
        auto shape = [&](auto&& dims) { return ops::expertProduct(dims(x), dims(*anchor.input(1)), dims(w)); };
        ops::ExpertProduct best = shape([&](const ir::Value&v) { return c.optDims(v); }),
                           most = shape([&](const ir::Value&v) { return c.maxDims(v); });
        Candidate candidate{bindNode(*this, anchor), 0, 0};
        if (w.isConstant() && best.depth > 0 && best.width > 0)
            candidate.binding.packed.push_back(
                {{&w}, fmt::format("expert_b.{}.v1", c.target().name()), best.experts * matrixBytes(best)});
        candidate.estimate = 2e-6 + 2.0 * static_cast<double>(best.rows) * static_cast<double>(best.depth) *
                                        static_cast<double>(best.width) / (3e10 * c.target().threads);
        candidate.workspaceBytes = Space(most, !candidate.binding.packed.empty(), c.target().threads).total;
        return {{std::move(candidate)}, {}};
    }

    Status pack(const Binding& binding, int, std::span<const std::span<const std::byte>> sources,
                std::span<std::byte> out, const Target& target) const override {
        ir::Dims w = ir::constantDims(binding.nodes[0]->input(2)->shape());
        ops::ExpertProduct p = ops::expertProduct({1, w[1]}, {1, 1}, w);
        for (int64_t e = 0; e < p.experts; ++e)
            cpu::packB(p.width, p.depth, reinterpret_cast<const float*>(sources[0].data()) + e * p.depth * p.width,
                       p.width, false, reinterpret_cast<float*>(out.data() + e * matrixBytes(p)), target.threads);
        return {};
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        auto kernel = std::make_unique<ExpertKernel>();
        kernel->p = ops::expertProduct(c.dims(*n.input(0)), c.dims(*n.input(1)), c.dims(*n.input(2)));
        kernel->x = TRY(operandOf(n.input(0), binding, c));
        kernel->choice = TRY(operandOf(n.input(1), binding, c));
        kernel->packed = !binding.packed.empty();
        if (kernel->packed)
            kernel->w.constant = TRY(c.packed(0)).data();
        else
            kernel->w = TRY(operandOf(n.input(2), binding, c));
        kernel->bias = TRY(operandOf(inputOf(n, 3), binding, c));
        kernel->longChoice = n.input(1)->dtype() == DType::kInt64;
        kernel->threads = c.target().threads;
        kernel->matrixFloats = kernel->packed ? matrixBytes(kernel->p) / 4 : kernel->p.depth * kernel->p.width;
        kernel->space = std::make_unique<Space>(kernel->p, kernel->packed, kernel->threads);
        kernel->starts.resize(static_cast<size_t>(kernel->p.experts) + 1);
        kernel->order.resize(static_cast<size_t>(kernel->p.rows));
        return std::unique_ptr<Kernel>(std::move(kernel));
    }

  private:
    // Of a packed matrix.
    static int64_t matrixBytes(const ops::ExpertProduct& p) {
        return (cpu::packedBBytes(p.width, p.depth) + 63) / 64 * 64;
    }
};

}  // namespace

LATHE_TACTIC(cpu_expert_matmul_grouped, ExpertMatmul)

}  // namespace lathe::tactics
