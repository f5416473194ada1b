// SPDX-License-Identifier: Apache-2.0
#include "tactics/cuda/recurrent.h"

#include <algorithm>

#include "kernels/cuda/gemm.h"
#include "kernels/cuda/move.h"
#include "tactics/common/operands.h"
#include "tactics/cuda/image.h"
#include "tactics/cuda/tables.h"

namespace lathe::tactics {
namespace {

enum CudaRecurrentInput { kInX, kInW, kInR, kInBias, kInLengths, kInH, kInC, kInPeephole };

struct RecurrentSizes {
    int64_t steps = 0, batch = 0, input = 0, directions = 1, hidden = 0, gates = 1;
    bool batchFirst = false;
    int64_t rows() const { return steps * batch; }
    int64_t width() const { return directions * gates * hidden; }
    int64_t state() const { return directions * batch * hidden; }
};

RecurrentSizes recurrentSizes(const ops::RecurrentFields& f, int gates, const ir::Dims& x, const ir::Dims& r) {
    RecurrentSizes s;
    s.batchFirst = f.layout != 0;
    s.steps = x[s.batchFirst ? 1 : 0];
    s.batch = x[s.batchFirst ? 0 : 1];
    s.input = x[2];
    s.directions = f.directions();
    s.hidden = r[2];
    s.gates = gates;
    return s;
}

cuda::GemmShape inputProduct(const RecurrentSizes& s, DType type) {
    cuda::GemmShape g;
    g.type = type;
    g.outType = DType::kFloat;
    g.m = s.rows();
    g.n = g.ldc = g.ldr = s.width();
    g.k = g.lda = g.ldb = s.input;
    g.transB = true;
    return g;
}

// Scratch: products, two hidden states, the cells' state, and what a gru keeps between its phases.
struct RecurrentScratch {
    int64_t products = 0, h = 0, c = 0, gates = 0, bytes = 0;
};
RecurrentScratch recurrentScratch(const RecurrentSizes& s) {
    ScratchPlan plan;
    RecurrentScratch r;
    r.products = plan.take(s.rows() * s.width() * 4);
    r.h = plan.take(2 * s.state() * 4);
    r.c = plan.take(s.state() * 4);
    r.gates = plan.take(2 * s.state() * 4);
    r.bytes = plan.bytes();
    return r;
}

std::string recurrentActivationText(const ops::Activation& a) {
    using K = ops::Activation::Kind;
    using kernels::Activation;
    auto alpha = static_cast<float>(a.alpha), beta = static_cast<float>(a.beta);
    auto text = [](Activation kind, float p, float q) { return cuda::activationText(kind, p, q, "x"); };
    switch (a.kind) {
        case K::kRelu: return text(Activation::kRelu, 0, 0);
        case K::kTanh: return text(Activation::kTanh, 1, 1);
        case K::kSigmoid: return text(Activation::kSigmoid, 0, 0);
        case K::kAffine: return fmt::format("({} * x + {})", cuda::literal(alpha), cuda::literal(beta));
        case K::kLeakyRelu: return text(Activation::kLeakyRelu, alpha, 0);
        case K::kThresholdedRelu: return text(Activation::kThresholdedRelu, alpha, 0);
        case K::kScaledTanh: return text(Activation::kTanh, alpha, beta);
        case K::kHardSigmoid: return text(Activation::kHardSigmoid, alpha, beta);
        case K::kElu: return text(Activation::kElu, alpha, 0);
        case K::kSoftsign: return text(Activation::kSoftsign, 0, 0);
        case K::kSoftplus: return text(Activation::kSoftplus, 1, 1);
    }
    return "x";
}

}  // namespace

BindResult CudaRecurrent::bind(const ir::Node& anchor, const BindContext& c) const {
    const ir::Value& x = *anchor.input(kInX);
    if (!isCudaFloat(x.dtype()))
        return BindResult::refuse(fmt::format("type {} is not f32, f16 or bf16", toString(x.dtype())));
    if (!ir::isConstant(anchor.input(kInR)->shape())) return BindResult::refuse("the weights' shape is not known");
    Description d = describe(anchor);
    int gates = kind_ == 0 ? 1 : kind_ == 1 ? 4 : 3;
    ir::Dims r = ir::constantDims(anchor.input(kInR)->shape());
    RecurrentSizes best = recurrentSizes(*d.fields, gates, c.optDims(x), r);
    constexpr int64_t kMostSteps = 65536;
    if (best.steps > kMostSteps) return BindResult::refuse(fmt::format("{} steps, at most {}", best.steps, kMostSteps));
    Candidate candidate{bindNode(*this, anchor), 0, 0};
    candidate.binding.params = {c.relaxed()};
    double weights = static_cast<double>(best.width() * best.hidden) * (bitsOf(x.dtype()) / 8);
    candidate.estimate =
        cudaEstimate(c.target(), static_cast<double>(best.rows() * (best.input + best.width())) * 4,
                     2.0 * static_cast<double>(best.rows() * best.width() * best.input)) +
        static_cast<double>(best.steps) * (kind_ == 2 && !d.linearBeforeReset ? 2 : 1) *
            cudaEstimate(c.target(), weights, 2.0 * static_cast<double>(best.batch * best.width() * best.hidden));
    candidate.workspaceBytes = cudaWorkspaceOf(candidate.binding, c);
    return {{candidate}, {}};
}

Result<std::unique_ptr<Kernel>> CudaRecurrent::prepare(const Binding& binding, const PrepareContext& c) const {
    const ir::Node& n = *binding.nodes[0];
    Description d = describe(n);
    int kind = kind_ == 2 && d.linearBeforeReset ? 3 : kind_, gates = kind_ == 0 ? 1 : kind_ == 1 ? 4 : 3;
    const ir::Value& x = *n.input(kInX);
    DType type = x.dtype();
    RecurrentSizes s = recurrentSizes(*d.fields, gates, c.dims(x), c.dims(*n.input(kInR)));
    RecurrentScratch scratch = recurrentScratch(s);
    if (s.state() == 0) return cudaKernels(c, {});
    std::vector<CudaStage> stages;
    if (s.rows() > 0) {
        cuda::GemmShape g = inputProduct(s, type);
        bool tf32 = !binding.params.empty() && binding.params[0] != 0;
        cuda::KernelTarget target = kernelTarget(c.target());
        cuda::GemmChoice choice = cuda::chooseGemm(g, tf32, target);
        cuda::KernelPlan product = TRY(cuda::gemm(g, {}, choice.tile, choice.splits, target));
        cuda::toScratch(product, cuda::kOutput, scratch.products);
        CudaOperands read;
        TRY(read.value(cuda::kOperandA, x, binding, c));
        TRY(read.value(cuda::kOperandB, *n.input(kInW), binding, c));
        stages.push_back({std::move(product), read});
    }

    // Numbers of the operands in the plan of all steps; those of scratch are put there at the end.
    enum { kProducts = 10, kStates, kCells, kPhases, kFinalH, kFinalC };
    CudaOperands operands;
    for (int i : {kInR, kInBias, kInLengths, kInH, kInC, kInPeephole}) {
        if (const ir::Value* v = inputOf(n, i)) TRY(operands.value(i, *v, binding, c));
    }
    for (int o = 0; o < n.outputCount(); ++o) operands.output(cuda::kOutput + o, o);

    cuda::KernelPlan plan;
    std::vector<std::string> defines = {cuda::typeDefine("T", type), fmt::format("KIND={}", kind)};
    int64_t first = s.batchFirst;
    cuda::SmallKernel begin{.file = "recurrent.cu", .entry = "recurrentBegin"};
    begin.defines = defines;
    begin.items = s.state();
    begin.operands = {kInH, kInC, kStates, kCells};
    begin.n = {s.directions, s.batch, s.hidden, first};
    TRY(cuda::addSmall(plan, begin));

    auto activations = TRY(ops::recurrentActivations(*d.fields, d.defaults));
    std::string text;
    static constexpr const char* names[] = {"actF", "actG", "actH"};
    size_t each = d.defaults.size();
    for (size_t k = 0; k < std::size(names); ++k) {
        std::string one = k < each ? recurrentActivationText(activations[k]) : "x";
        std::string two = k < each && s.directions > 1 ? recurrentActivationText(activations[each + k]) : one;
        text += fmt::format("DEV float {}(int d, float x) {{ return d == 0 ? {} : {}; }}\n", names[k], one, two);
    }
    auto clip = static_cast<float>(d.fields->clip);
    text += fmt::format("#define CLIP {}\n#define CLIP_AT {}\n#define INPUT_FORGET {}\n", clip > 0 ? 1 : 0,
                        cuda::literal(clip > 0 ? clip : 0.f), d.inputForget ? 1 : 0);
    int most = 16 / (bitsOf(type) / 8), v = most;
    while (s.hidden % v != 0) v /= 2;
    int64_t tile = s.batch == 1 ? 1 : s.batch <= 4 ? 4 : 8;
    const ir::Value* lengths = inputOf(n, kInLengths);
    int64_t lengthBytes = lengths ? bitsOf(lengths->dtype()) / 8 : 0;
    bool reverse = d.fields->direction == ops::RecurrentDirection::kReverse;
    size_t sources[2] = {};
    for (int64_t step = 0; step < s.steps; ++step) {
        for (int phase = kind == 2 ? 1 : 0; phase <= (kind == 2 ? 2 : 0); ++phase) {
            int dots = phase == 1 ? 2 : phase == 2 ? 1 : gates;
            cuda::SmallKernel k{.file = "recurrent.cu", .entry = "recurrentStep"};
            k.defines = defines;
            for (const std::string& define :
                 {fmt::format("PHASE={}", phase), fmt::format("DOTS={}", dots),
                  fmt::format("GATE0={}", phase == 2 ? 2 : 0), fmt::format("BT={}", tile), fmt::format("V={}", v)})
                k.defines.push_back(define);
            k.middle = text;
            k.items = s.directions * ((s.batch + tile - 1) / tile) * s.hidden;
            k.blocks = (k.items + 7) / 8;
            k.operands = {kProducts, kInR,   kInBias,       kInLengths, kInPeephole,
                          kStates,   kCells, cuda::kOutput, kPhases,    cuda::kFault};
            k.n = {s.directions, s.batch, s.hidden, first, s.steps, step, reverse, lengthBytes, step % 2};
            if (step == 0) {
                sources[phase == 2] = plan.sources.size();
                TRY(cuda::addSmall(plan, k));
            } else {
                // The same code with the next step's numbers.
                TRY(cuda::addSmallAgain(plan, k, static_cast<int>(sources[phase == 2])));
            }
        }
    }
    cuda::SmallKernel end{.file = "recurrent.cu", .entry = "recurrentEnd"};
    end.defines = defines;
    end.items = n.outputCount() > 1 ? s.state() : 0;
    end.operands = {kStates, kCells, kFinalH, kFinalC};
    end.offsets = {s.steps % 2 * s.state() * 4};
    end.n = begin.n;
    TRY(cuda::addSmall(plan, end));
    for (cuda::Launch& l : plan.launches)
        for (cuda::PointerAt& p : l.pointers) {
            if (p.operand == kFinalH) p.operand = cuda::kOutput + 1;
            if (p.operand == kFinalC) p.operand = cuda::kOutput + 2;
        }
    cuda::toScratch(plan, kProducts, scratch.products);
    cuda::toScratch(plan, kStates, scratch.h);
    cuda::toScratch(plan, kCells, scratch.c);
    cuda::toScratch(plan, kPhases, scratch.gates);
    stages.push_back({std::move(plan), operands});
    return cudaKernels(c, std::move(stages), scratch.bytes);
}

}  // namespace lathe::tactics
