// SPDX-License-Identifier: Apache-2.0
// Transposed convolution of channels-last images: a product that gives every input pixel's multiples of the kernel, in
// f32, and a sum of those that meet at an output, with bias, residual and activation at the store. params: {tile,
// splits}.
#include "ops/deconv.h"

#include <algorithm>

#include "kernels/cuda/pointwise.h"
#include "tactics/common/operands.h"
#include "tactics/cuda/image.h"
#include "tactics/cuda/tables.h"

namespace lathe::tactics {
namespace {

struct DeconvNumbers {
    DType type = DType::kFloat;
    int64_t n = 1, ic = 1, oc = 1, groups = 1;
    int64_t in[3] = {1, 1, 1}, out[3] = {1, 1, 1}, kernel[3] = {1, 1, 1}, stride[3] = {1, 1, 1},
            dilation[3] = {1, 1, 1}, pad[3] = {};

    int64_t pixels() const { return n * in[0] * in[1] * in[2]; }
    int64_t outputs() const { return n * oc * out[0] * out[1] * out[2]; }
    int64_t taps() const { return kernel[0] * kernel[1] * kernel[2]; }
    int64_t columnBytes() const { return pixels() * taps() * oc * int64_t{sizeof(float)}; }
};

Result<DeconvNumbers> deconvNumbers(const ir::Node& n, const ir::Dims& x, const ir::Dims& w) {
    const auto& a = n.attrs<ops::DeconvAttrs>();
    ir::Shape spatial(x.begin() + 2, x.end());
    auto axes = TRY(ops::deconvAxes(a, spatial, std::span(w).subspan(2)));
    DeconvNumbers s;
    s.type = n.input(0)->dtype();
    s.n = x[0];
    s.ic = w[0];
    s.groups = a.group;
    s.oc = w[1] * a.group;
    for (size_t i = 0; i < axes.size(); ++i) {
        size_t d = 3 - axes.size() + i;
        s.in[d] = x[2 + i];
        s.out[d] = std::max<int64_t>(TRY(axes[i].out.eval(ir::SymbolValues())), 0);
        s.kernel[d] = axes[i].kernel;
        s.stride[d] = axes[i].stride;
        s.dilation[d] = axes[i].dilation;
        s.pad[d] = TRY(axes[i].padBegin.eval(ir::SymbolValues()));
    }
    return s;
}

// Rows: input pixels; columns: taps and channels of one group; a product a group.
cuda::GemmShape columnsShape(const DeconvNumbers& s) {
    int64_t icg = s.ic / s.groups, ocg = s.oc / s.groups;
    cuda::GemmShape g;
    g.type = s.type;
    g.outType = DType::kFloat;
    g.m = s.pixels();
    g.n = g.ldc = g.ldr = s.taps() * ocg;
    g.k = g.ldb = icg;
    g.lda = s.ic;
    g.transB = true;
    g.batch[2] = s.groups;
    g.strideA[2] = icg;
    g.strideB[2] = s.taps() * ocg * icg;
    g.strideC[2] = s.pixels() * s.taps() * ocg;
    return g;
}

Result<cuda::KernelPlan> columnsPlan(const DeconvNumbers& s, int tile, int splits, const cuda::KernelTarget& target) {
    cuda::GemmShape g = columnsShape(s);
    Result<cuda::KernelPlan> plan = cuda::gemm(g, {}, tile, splits, target);
    if (plan.ok()) return plan;
    bool simt = tile >= 0 && static_cast<size_t>(tile) < cuda::gemmTiles().size() &&
                cuda::gemmTiles()[static_cast<size_t>(tile)].kernel == cuda::GemmKernel::kSimt;
    cuda::GemmChoice other = cuda::chooseGemm(g, !simt, target);
    return cuda::gemm(g, {}, other.tile, other.splits, target);
}

class DeconvColumns final : public Tactic {
  public:
    constexpr DeconvColumns() : Tactic("cuda.deconv.columns.v1", "deconv") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const ir::Value &x = *anchor.input(0), &w = *anchor.input(1);
        const ir::Value* bias = inputOf(anchor, 2);
        if (!isCudaFloat(x.dtype()))
            return BindResult::refuse(fmt::format("type {} is not f32, f16 or bf16", toString(x.dtype())));
        if (x.isConstant()) return BindResult::refuse("its input is a constant");
        if (!isImageRank(x.rank())) return BindResult::refuse(fmt::format("{} dimensions; 3 to 5 are done", x.rank()));
        if (!ir::isConstant(w.shape())) return BindResult::refuse("the weights' shape is not known");
        ir::Dims weights = ir::constantDims(w.shape());
        auto best = deconvNumbers(anchor, c.optDims(x), weights);
        if (!best.ok()) return BindResult::refuse(best.status().message());
        cuda::KernelTarget target = kernelTarget(c.target());
        auto ranked = cuda::rankGemm(columnsShape(*best), c.relaxed(), target);
        if (ranked.size() > 4) ranked.resize(4);
        BindResult result;
        for (const cuda::RankedTile& r : ranked) {
            auto plan = columnsPlan(*best, r.choice.tile, r.choice.splits, target);
            if (!plan.ok()) {
                result.refusals.push_back(plan.status().message());
                continue;
            }
            int64_t workspace = -1;  // whatever the epilogue
            double bytes = 2.0 * static_cast<double>(best->columnBytes()) +
                           static_cast<double>(best->outputs() * (bitsOf(x.dtype()) / 8));
            for (const EpilogueMatch& m : matchEpilogues(*anchor.output(), 1, bias != nullptr)) {
                Candidate candidate;
                Binding& b = candidate.binding;
                b.tactic = this;
                b.nodes = {&anchor};
                b.nodes.insert(b.nodes.end(), m.nodes.begin(), m.nodes.end());
                b.inputs = {&x};
                b.inputLayouts = {Layout::kChannelsLast};
                auto add = [&](const ir::Value& v, Layout layout) {
                    if (std::find(b.inputs.begin(), b.inputs.end(), &v) != b.inputs.end()) return false;
                    b.inputs.push_back(&v);
                    b.inputLayouts.push_back(layout);
                    return true;
                };
                if (w.isConstant())
                    b.packed.push_back({{&w},
                                        fmt::format("cuda.deconv.gtoi.{}.v1", best->groups),
                                        ir::volume(weights) * (bitsOf(w.dtype()) / 8)});
                else
                    add(w, Layout::kLinear);
                const ir::Value* channels = bias ? bias : m.bias;
                if (channels && channels->isConstant())
                    b.packed.push_back(packedChannels(*channels, best->oc));
                else if (channels)
                    add(*channels, Layout::kLinear);
                if (m.residual && add(*m.residual, Layout::kChannelsLast))
                    b.inPlace = {{0, static_cast<int>(b.inputs.size()) - 1}};
                b.outputs = {m.result};
                b.outputLayouts = {Layout::kChannelsLast};
                b.params = {r.choice.tile, r.choice.splits};
                candidate.estimate = r.seconds + cudaEstimate(c.target(), bytes);
                if (workspace < 0) workspace = cudaWorkspaceOf(b, c);
                candidate.workspaceBytes = workspace;
                result.candidates.push_back(std::move(candidate));
            }
        }
        return result;
    }

    Status pack(const Binding& binding, int index, std::span<const std::span<const std::byte>> sources,
                std::span<std::byte> out, const Target&) const override {
        const ir::Node& n = *binding.nodes[0];
        const ir::Value& w = *n.input(1);
        if (index > 0 || !w.isConstant()) return packChannels(binding, index, sources[0], out);
        ir::Dims dims, from;
        orderOf(n, dims, from);
        gatherBytes(sources[0], out, dims, from, bitsOf(w.dtype()) / 8);
        return {};
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const ir::Value &x = *n.input(0), &w = *n.input(1);
        const ir::Value* bias = inputOf(n, 2);
        DeconvNumbers s = TRY(deconvNumbers(n, c.dims(x), c.dims(w)));
        if (s.outputs() == 0) return cudaKernels(c, {});
        if (binding.params.size() != 2) return internalError("a transposed convolution without its tile");
        EpilogueMatch match = TRY(findEpilogue(*n.output(), *binding.outputs[0], 1, bias != nullptr));
        Scratch scratch = scratchOf(n, s);
        std::vector<CudaStage> stages;
        int bytes = bitsOf(x.dtype()) / 8;

        // A product without rows or depth leaves nothing: there is nothing to sum then.
        cuda::KernelPlan product = TRY(columnsPlan(s, static_cast<int>(binding.params[0]),
                                                   static_cast<int>(binding.params[1]), kernelTarget(c.target())));
        CudaOperands operands;
        TRY(operands.value(cuda::kOperandA, x, binding, c));
        if (w.isConstant()) {
            operands.fixed(cuda::kOperandB, TRY(c.resident(0)));
        } else {
            ir::Dims dims, from;
            orderOf(n, dims, from);
            ir::Dims to(dims.size());
            int64_t step = 1;
            for (size_t d = dims.size(); d-- > 0; step *= dims[d]) to[d] = step;
            cuda::KernelPlan order = TRY(cuda::stridedCopy(dims, from, to, bytes));
            cuda::toScratch(order, cuda::kOutput, scratch.weightsAt);
            CudaOperands read;
            TRY(read.value(0, w, binding, c));
            stages.push_back({std::move(order), read});
            cuda::toScratch(product, cuda::kOperandB, scratch.weightsAt);
        }
        cuda::toScratch(product, cuda::kOutput, scratch.columnsAt);
        stages.push_back({std::move(product), operands});

        cuda::Epilogue e = cudaEpilogue(match, x.dtype());
        CudaOperands more;
        const ir::Value* channels = bias ? bias : match.bias;
        if (channels && channels->isConstant()) {
            e.bias = DType::kFloat;
            more.fixed(cuda::kOperandBias, TRY(c.resident(w.isConstant() ? 1 : 0)));
        } else if (channels) {
            e.bias = channels->dtype();
            TRY(more.value(cuda::kOperandBias, *channels, binding, c));
        }
        if (match.residual) TRY(more.value(cuda::kOperandResidual, *match.residual, binding, c));
        more.output(cuda::kOutput, 0);
        cuda::SmallKernel k{.file = "image.cu", .entry = "foldColumns"};
        k.middle = "#define CONV 0\n#define SPLIT 0\n" + cuda::epilogueText(e);
        k.store = true;
        k.defines = {cuda::typeDefine("T", x.dtype()), cuda::typeDefine("OUT", x.dtype()), "COL=f32", "BY_GROUP=1",
                     "CHANNELS_LAST=1"};
        k.items = s.outputs();
        k.operands = {0, cuda::kOutput, cuda::kOperandBias, cuda::kOperandResidual};
        k.n = {s.oc};
        for (const auto* list : {&s.out, &s.in, &s.kernel, &s.stride, &s.dilation, &s.pad})
            k.n.insert(k.n.end(), std::begin(*list), std::end(*list));
        k.n.push_back(s.n);
        k.n.push_back(s.oc / s.groups);
        cuda::KernelPlan fold = TRY(cuda::smallPlan(k));
        cuda::toScratch(fold, 0, scratch.columnsAt);
        stages.push_back({std::move(fold), more});
        return cudaKernels(c, std::move(stages), scratch.bytes);
    }

  private:
    struct Scratch {
        int64_t columnsAt = 0, weightsAt = -1, bytes = 0;
    };
    static Scratch scratchOf(const ir::Node& n, const DeconvNumbers& s) {
        ScratchPlan plan;
        Scratch out;
        out.columnsAt = plan.take(s.columnBytes());
        if (!n.input(1)->isConstant())
            out.weightsAt = plan.take(s.ic * s.oc / s.groups * s.taps() * (bitsOf(s.type) / 8));
        out.bytes = plan.bytes();
        return out;
    }
    // [groups, taps, outputs of a group, inputs of a group] of w [inputs, outputs of a group, taps].
    static void orderOf(const ir::Node& n, ir::Dims& dims, ir::Dims& from) {
        ir::Dims w = ir::constantDims(n.input(1)->shape());
        int64_t groups = n.attrs<ops::DeconvAttrs>().group, taps = 1;
        for (size_t d = 2; d < w.size(); ++d) taps *= w[d];
        int64_t row = w[1] * taps;
        dims = {groups, taps, w[1], w[0] / groups};
        from = {w[0] / groups * row, 1, taps, row};
    }
};

}  // namespace

LATHE_TACTIC(cuda_deconv_columns, DeconvColumns)

}  // namespace lathe::tactics
