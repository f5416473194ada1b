// SPDX-License-Identifier: Apache-2.0
// Convolution of channels-last images with bias, residual and activation at the store: as an implicit product, as a
// plain one where the window is a single element, or depthwise. A first layer of few channels also takes a row-major
// image, which is brought into pixels of 4 or 8 channels first. params: {algorithm, tile, splits, channels of a pixel}.
#include <algorithm>

#include "kernels/cuda/pointwise.h"
#include "ops/conv.h"
#include "tactics/common/operands.h"
#include "tactics/cuda/image.h"
#include "tactics/cuda/tables.h"

namespace lathe::tactics {
namespace {

enum ConvWay : int64_t { kImplicit = 0, kProduct = 1, kDepthwise = 2 };

// Candidates of each way that are offered; the builder measures as many as its level allows.
constexpr size_t kMostTiles = 6;

struct ConvChoice {
    ConvWay way = kImplicit;
    int tile = 0, splits = 1;
    int64_t pixel = 0;  // channels of a pixel that is padded; 0: as it is
    double seconds = 0;
};

bool isOneElement(const cuda::ConvShape& s) {
    for (int d = 0; d < 3; ++d)
        if (s.kernel[d] != 1 || s.stride[d] != 1 || s.padBefore[d] != 0 || s.out(d) != s.in[d]) return false;
    return s.groups == 1;
}
bool isDepthwise(const cuda::ConvShape& s) { return s.groups == s.ic && s.oc == s.ic && s.ic > 0; }
int64_t outPixels(const cuda::ConvShape& s) { return s.n * s.out(0) * s.out(1) * s.out(2); }
bool isEmptyConv(const cuda::ConvShape& s) { return s.oc == 0 || outPixels(s) <= 0; }

cuda::GemmShape productShape(const cuda::ConvShape& s) {
    cuda::GemmShape g;
    g.type = s.type;
    g.outType = s.outType;
    g.m = outPixels(s);
    g.n = g.ldc = g.ldr = s.oc;
    // Without channels, what is left is the epilogue.
    g.k = g.lda = g.ldb = s.ic;
    g.transB = true;
    return g;
}

cuda::ConvShape padded(cuda::ConvShape s, int64_t pixel) {
    if (pixel > 0) s.ic = pixel;
    return s;
}

bool isTensorCore(int tile) {
    return tile < 0 || static_cast<size_t>(tile) >= cuda::gemmTiles().size() ||
           cuda::gemmTiles()[static_cast<size_t>(tile)].kernel != cuda::GemmKernel::kSimt;
}

Result<cuda::KernelPlan> planConv(const cuda::ConvShape& shape, const ConvChoice& choice, const cuda::Epilogue& e,
                                  const cuda::KernelTarget& target) {
    cuda::ConvShape s = padded(shape, choice.pixel);
    if (isEmptyConv(s)) return cuda::KernelPlan{};
    if (choice.way == kDepthwise) return cuda::depthwise(s, e);
    // Tiles are chosen for one shape of the profile; another may not allow them.
    bool tf32 = isTensorCore(choice.tile);
    if (choice.way == kProduct || s.ic == 0) {
        cuda::GemmShape g = productShape(s);
        Result<cuda::KernelPlan> plan = cuda::gemm(g, e, choice.tile, choice.splits, target);
        if (plan.ok()) return plan;
        cuda::GemmChoice other = cuda::chooseGemm(g, tf32, target);
        return cuda::gemm(g, e, other.tile, other.splits, target);
    }
    Result<cuda::KernelPlan> plan = cuda::conv(s, e, choice.tile, choice.splits, target);
    if (plan.ok()) return plan;
    cuda::GemmChoice other = cuda::chooseConv(s, tf32, target);
    return cuda::conv(s, e, other.tile, other.splits, target);
}

double bytesOfConv(const cuda::ConvShape& s) {
    return static_cast<double>(s.n * s.ic * s.in[0] * s.in[1] * s.in[2] + outPixels(s) * s.oc) * (bitsOf(s.type) / 8);
}

std::vector<ConvChoice> choicesOf(const cuda::ConvShape& s, bool tf32, const Target& target) {
    cuda::KernelTarget kt = kernelTarget(target);
    std::vector<ConvChoice> out;
    double bytes = cudaEstimate(target, bytesOfConv(s));
    auto add = [&](ConvWay way, std::vector<cuda::RankedTile> ranked, int64_t pixel, double more) {
        if (ranked.size() > kMostTiles) ranked.resize(kMostTiles);
        for (const cuda::RankedTile& r : ranked)
            out.push_back({way, r.choice.tile, r.choice.splits, pixel, std::max(r.seconds, bytes) + more});
    };
    if (isEmptyConv(s) || s.ic == 0) {
        add(kProduct, cuda::rankGemm(productShape(s), false, kt), 0, 0);
        if (out.size() > 1) out.resize(1);
        return out;
    }
    // Conversions and addresses bound it: a third of the bandwidth.
    if (isDepthwise(s)) out.push_back({kDepthwise, 0, 1, 0, 2 * bytes});
    if (isDepthwise(s) && s.ic >= 8) return out;
    if (isOneElement(s)) add(kProduct, cuda::rankGemm(productShape(s), tf32, kt), 0, 0);
    add(kImplicit, cuda::rankConv(s, tf32, kt), 0, isOneElement(s) ? 2e-7 : 0);
    if (s.groups == 1 && s.ic < 8)
        for (int64_t pixel : {4, 8}) {
            if (pixel <= s.ic || (pixel == 8 && s.type == DType::kFloat)) continue;
            cuda::ConvShape wide = padded(s, pixel);
            add(kImplicit, cuda::rankConv(wide, tf32, kt), pixel,
                cudaEstimate(target, static_cast<double>(s.n * s.in[0] * s.in[1] * s.in[2] * (s.ic + pixel)) *
                                         (bitsOf(s.type) / 8)));
        }
    return out;
}

class ConvNhwc final : public Tactic {
  public:
    constexpr ConvNhwc() : Tactic("cuda.conv.nhwc.v1", "conv") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const ir::Value &x = *anchor.input(0), &w = *anchor.input(1);
        const ir::Value* bias = inputOf(anchor, 2);
        if (!isCudaFloat(x.dtype()))
            return BindResult::refuse(fmt::format("type {} is not f32, f16 or bf16", toString(x.dtype())));
        if (x.isConstant()) return BindResult::refuse("its input is a constant");
        if (!isImageRank(x.rank())) return BindResult::refuse(fmt::format("{} dimensions; 3 to 5 are done", x.rank()));
        if (!ir::isConstant(w.shape())) return BindResult::refuse("the weights' shape is not known");
        ir::Dims weights = ir::constantDims(w.shape());
        const auto& a = anchor.attrs<ops::ConvAttrs>();
        auto best = cudaConvShape(a, a.group, x.dtype(), c.optDims(x), weights);
        if (!best.ok()) return BindResult::refuse(best.status().message());
        auto matches = matchEpilogues(*anchor.output(), 1, bias != nullptr);
        cuda::KernelTarget target = kernelTarget(c.target());
        BindResult result;
        for (const ConvChoice& choice : choicesOf(*best, c.relaxed(), c.target())) {
            if (choice.pixel > 0 && !w.isConstant()) continue;
            Result<cuda::KernelPlan> plan = planConv(*best, choice, {}, target);
            if (!plan.ok()) {
                result.refusals.push_back(plan.status().message());
                continue;
            }
            int64_t workspace = -1;  // whatever the epilogue
            for (const EpilogueMatch& m : matches) {
                // The image would have to lie in two layouts.
                if (choice.pixel > 0 && m.residual == &x) continue;
                Candidate candidate;
                describe(anchor, choice, m, candidate.binding);
                candidate.estimate = choice.seconds;
                // What a residual adds is read; a step of its own would read and write more.
                if (m.residual)
                    candidate.estimate += cudaEstimate(c.target(), static_cast<double>(outPixels(*best) * best->oc) *
                                                                       (bitsOf(x.dtype()) / 8)) -
                                          cudaEstimate(c.target(), 0);
                if (workspace < 0) workspace = cudaWorkspaceOf(candidate.binding, c);
                candidate.workspaceBytes = workspace;
                result.candidates.push_back(std::move(candidate));
            }
        }
        return result;
    }

    Status pack(const Binding& binding, int index, std::span<const std::span<const std::byte>> sources,
                std::span<std::byte> out, const Target&) const override {
        const ir::Node& n = *binding.nodes[0];
        if (index > 0 || !n.input(1)->isConstant()) return packChannels(binding, index, sources[0], out);
        ir::Dims w = ir::constantDims(n.input(1)->shape());
        int64_t taps = 1, pixel = choiceOf(binding).pixel;
        for (size_t d = 2; d < w.size(); ++d) taps *= w[d];
        int bytes = bitsOf(n.input(1)->dtype()) / 8;
        if (choiceOf(binding).way == kDepthwise) {
            int64_t dims[] = {taps, w[0]}, from[] = {1, taps};
            gatherBytes(sources[0], out, dims, from, bytes);
        } else if (pixel == 0) {
            packOhwi(*n.input(1), sources[0], out);
        } else {
            std::fill(out.begin(), out.end(), std::byte{0});
            for (int64_t o = 0; o < w[0] * taps; ++o) {
                int64_t dims[] = {w[1]}, from[] = {taps};
                gatherBytes(sources[0].subspan(static_cast<size_t>((o / taps * w[1] * taps + o % taps) * bytes)),
                            out.subspan(static_cast<size_t>(o * pixel * bytes)), dims, from, bytes);
            }
        }
        return {};
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const ir::Value &x = *n.input(0), &w = *n.input(1);
        const ir::Value* bias = inputOf(n, 2);
        const auto& a = n.attrs<ops::ConvAttrs>();
        ConvChoice choice = choiceOf(binding);
        cuda::ConvShape s = TRY(cudaConvShape(a, a.group, x.dtype(), c.dims(x), c.dims(w)));
        if (isEmptyConv(s)) return cudaKernels(c, {});
        EpilogueMatch match = TRY(findEpilogue(*n.output(), *binding.outputs[0], 1, bias != nullptr));
        cuda::Epilogue e = cudaEpilogue(match, x.dtype());
        CudaOperands operands;
        const ir::Value* channels = bias ? bias : match.bias;
        if (channels && channels->isConstant()) {
            e.bias = DType::kFloat;
            operands.fixed(cuda::kOperandBias, TRY(c.resident(w.isConstant() ? 1 : 0)));
        } else if (channels) {
            e.bias = channels->dtype();
            TRY(operands.value(cuda::kOperandBias, *channels, binding, c));
        }
        if (match.residual) TRY(operands.value(cuda::kOperandResidual, *match.residual, binding, c));
        cuda::KernelPlan plan = TRY(planConv(s, choice, e, kernelTarget(c.target())));
        Scratch scratch = scratchOf(n, s, choice);
        std::vector<CudaStage> stages;
        int bytes = bitsOf(x.dtype()) / 8;
        if (choice.pixel > 0) {
            int64_t positions = s.in[0] * s.in[1] * s.in[2];
            cuda::KernelPlan pad =
                TRY(cuda::smallPlan({.file = "image.cu",
                                     .entry = "padChannels",
                                     .defines = {cuda::typeDefine("T", x.dtype()), fmt::format("W={}", choice.pixel)},
                                     .items = s.n * positions,
                                     .operands = {0, cuda::kOutput},
                                     .n = {s.ic, positions}}));
            cuda::toScratch(pad, cuda::kOutput, scratch.imageAt);
            stages.push_back({std::move(pad), CudaOperands().input(0, 0)});
            cuda::toScratch(plan, cuda::kOperandA, scratch.imageAt);
        } else {
            TRY(operands.value(cuda::kOperandA, x, binding, c));
        }
        if (w.isConstant()) {
            operands.fixed(cuda::kOperandB, TRY(c.resident(0)));
        } else if (scratch.weightsAt < 0) {
            TRY(operands.value(cuda::kOperandB, w, binding, c));
        } else {
            int64_t taps = s.kernel[0] * s.kernel[1] * s.kernel[2], icg = s.ic / s.groups;
            bool depthwise = choice.way == kDepthwise;
            std::vector<int64_t> dims = {s.oc, taps, icg}, from = {icg * taps, 1, taps}, to = {icg * taps, icg, 1};
            if (depthwise) dims = {taps, s.oc}, from = {1, taps}, to = {s.oc, 1};
            cuda::KernelPlan order = TRY(cuda::stridedCopy(dims, from, to, bytes));
            cuda::toScratch(order, cuda::kOutput, scratch.weightsAt);
            CudaOperands read;
            TRY(read.value(0, w, binding, c));
            stages.push_back({std::move(order), read});
            cuda::toScratch(plan, cuda::kOperandB, scratch.weightsAt);
        }
        operands.output(cuda::kOutput, 0);
        stages.push_back({std::move(plan), operands});
        return cudaKernels(c, std::move(stages), scratch.bytes);
    }

  private:
    static ConvChoice choiceOf(const Binding& b) {
        ConvChoice c;
        if (b.params.size() != 4) return c;
        c.way = static_cast<ConvWay>(b.params[0]);
        c.tile = static_cast<int>(b.params[1]);
        c.splits = static_cast<int>(b.params[2]);
        c.pixel = b.params[3];
        return c;
    }

    // What stages leave for each other: the padded image, and weights of the run in their order.
    struct Scratch {
        int64_t imageAt = -1, weightsAt = -1, bytes = 0;
    };
    static Scratch scratchOf(const ir::Node& n, const cuda::ConvShape& s, const ConvChoice& choice) {
        ScratchPlan plan;
        Scratch out;
        int bytes = bitsOf(s.type) / 8;
        if (choice.pixel > 0) out.imageAt = plan.take(s.n * s.in[0] * s.in[1] * s.in[2] * choice.pixel * bytes);
        int64_t taps = s.kernel[0] * s.kernel[1] * s.kernel[2];
        if (!n.input(1)->isConstant() && taps > 1) out.weightsAt = plan.take(s.oc * taps * (s.ic / s.groups) * bytes);
        out.bytes = plan.bytes();
        return out;
    }

    void describe(const ir::Node& anchor, const ConvChoice& choice, const EpilogueMatch& m, Binding& b) const {
        const ir::Value &x = *anchor.input(0), &w = *anchor.input(1);
        const ir::Value* bias = inputOf(anchor, 2);
        b.tactic = this;
        b.nodes = {&anchor};
        b.nodes.insert(b.nodes.end(), m.nodes.begin(), m.nodes.end());
        b.inputs = {&x};
        b.inputLayouts = {choice.pixel > 0 ? Layout::kLinear : Layout::kChannelsLast};
        auto add = [&](const ir::Value& v, Layout layout) {
            if (std::find(b.inputs.begin(), b.inputs.end(), &v) != b.inputs.end()) return false;
            b.inputs.push_back(&v);
            b.inputLayouts.push_back(layout);
            return true;
        };
        ir::Dims dims = ir::constantDims(w.shape());
        int64_t elements = ir::volume(dims), bytes = bitsOf(w.dtype()) / 8;
        if (!w.isConstant()) {
            add(w, Layout::kLinear);
        } else if (choice.way == kDepthwise) {
            b.packed.push_back({{&w}, "cuda.conv.depthwise.v1", elements * bytes});
        } else if (choice.pixel > 0) {
            int64_t wide = elements / std::max<int64_t>(dims[1], 1) * choice.pixel;
            b.packed.push_back({{&w}, fmt::format("cuda.conv.ohwi.{}.v1", choice.pixel), wide * bytes});
        } else {
            b.packed.push_back(packedOhwi(w));
        }
        const ir::Value* channels = bias ? bias : m.bias;
        if (channels && channels->isConstant())
            b.packed.push_back(packedChannels(*channels, dims[0]));
        else if (channels)
            add(*channels, Layout::kLinear);
        // One that is read for nothing else may become the output.
        if (m.residual && add(*m.residual, Layout::kChannelsLast))
            b.inPlace = {{0, static_cast<int>(b.inputs.size()) - 1}};
        b.outputs = {m.result};
        b.outputLayouts = {Layout::kChannelsLast};
        b.params = {choice.way, choice.tile, choice.splits, choice.pixel};
    }
};

}  // namespace

LATHE_TACTIC(cuda_conv_nhwc, ConvNhwc)

}  // namespace lathe::tactics
