// SPDX-License-Identifier: Apache-2.0
#include "tactics/cpu/recurrent.h"

#include <algorithm>
#include <cstring>

#include "kernels/cpu/gemm.h"
#include "tactics/cpu/operands.h"

namespace lathe::tactics {
namespace {

// Inputs of the ops.
enum Place { kX, kW, kR, kBias, kLengths, kInitialH, kInitialC, kPeephole, kPlaces };

// The node in numbers.
struct Sizes {
    int64_t steps = 0, batch = 0, input = 0, directions = 1, hidden = 0, gates = 1;
    bool batchFirst = false;

    int64_t width() const { return directions * gates * hidden; }  // of a row of products
    int64_t rows() const { return steps * batch; }
};

int64_t roundUp(int64_t floats) { return (floats + 15) / 16 * 16; }

cpu::GemmShape productOf(const Sizes& s) {
    cpu::GemmShape g;
    g.m = s.rows();
    g.n = g.ldc = s.width();
    g.k = g.lda = s.input;
    return g;
}

// Offsets of the workspace's parts, in floats.
struct Plan {
    int64_t product = 0, scratch = 0, state = 0, statePart = 0, h = 0, c = 0, lengths = 0, total = 0;
};

Plan planOf(const Sizes& s, cpu::RnnKind kind, int threads) {
    cpu::RnnArgs a;
    a.kind = kind;
    a.batch = s.batch;
    a.hidden = s.hidden;
    Plan p;
    int64_t at = 0;
    auto take = [&](int64_t floats) {
        int64_t here = at;
        at += roundUp(floats);
        return here;
    };
    p.product = take(s.rows() * s.width());
    p.scratch = take((cpu::gemmWorkspaceBytes(productOf(s), true, threads) + 3) / 4);
    p.statePart = roundUp(cpu::rnnWorkspaceFloats(a));
    p.state = take(p.statePart * s.directions);
    p.h = take(s.directions * s.batch * s.hidden);
    p.c = take(s.directions * s.batch * s.hidden);
    p.lengths = take(s.batch);
    p.total = at;
    return p;
}

// [a, b, n] to [b, a, n].
void swapAxes(const float* from, float* to, int64_t a, int64_t b, int64_t n) {
    for (int64_t i = 0; i < a; ++i)
        for (int64_t j = 0; j < b; ++j)
            std::memcpy(to + (j * a + i) * n, from + (i * b + j) * n, static_cast<size_t>(n) * sizeof(float));
}

cpu::RnnActivation rnnActivationOf(const ops::Activation& a) {
    using K = ops::Activation::Kind;
    cpu::RnnActivation out;
    out.alpha = static_cast<float>(a.alpha);
    out.beta = static_cast<float>(a.beta);
    switch (a.kind) {
        case K::kRelu: out.kind = cpu::Activation::kRelu; break;
        case K::kTanh:
            out.kind = cpu::Activation::kTanh;
            out.alpha = out.beta = 1;
            break;
        case K::kSigmoid: out.kind = cpu::Activation::kSigmoid; break;
        case K::kAffine: out.affine = true; break;
        case K::kLeakyRelu: out.kind = cpu::Activation::kLeakyRelu; break;
        case K::kThresholdedRelu: out.kind = cpu::Activation::kThresholdedRelu; break;
        case K::kScaledTanh: out.kind = cpu::Activation::kTanh; break;
        case K::kHardSigmoid: out.kind = cpu::Activation::kHardSigmoid; break;
        case K::kElu: out.kind = cpu::Activation::kElu; break;
        case K::kSoftsign: out.kind = cpu::Activation::kSoftsign; break;
        case K::kSoftplus:
            out.kind = cpu::Activation::kSoftplus;
            out.alpha = out.beta = 1;
            break;
    }
    return out;
}

class RecurrentKernel final : public Kernel {
  public:
    Sizes sizes;
    Plan plan;
    int threads = 1;
    cpu::RnnArgs args[2];     // by direction; pointers that don't change are set
    std::vector<float> bias;  // of a row of products
    const float* packedW = nullptr;
    Operand operand[kPlaces];
    DType lengthType = DType::kInt32;
    int outputs = 1;

    int64_t workspaceBytes() const override { return plan.total * 4; }

    Status run(const RunArgs& a) override {
        const Sizes& s = sizes;
        if (s.batch == 0) return {};
        float* space = static_cast<float*>(a.workspace);
        const int32_t* lengths = nullptr;
        if (const void* given = operand[kLengths].at(a)) {
            auto* to = reinterpret_cast<int32_t*>(space + plan.lengths);
            for (int64_t b = 0; b < s.batch; ++b) {
                int64_t n = lengthType == DType::kInt64 ? static_cast<const int64_t*>(given)[b]
                                                        : static_cast<const int32_t*>(given)[b];
                if (n < 0 || n > s.steps)
                    return invalidArgument("a sequence length is {}; it must lie between 0 and {}", n, s.steps);
                to[b] = static_cast<int32_t>(n);
            }
            lengths = to;
        }
        float* products = space + plan.product;
        if (s.rows() > 0) {
            cpu::Epilogue e;
            e.bias = bias.empty() ? nullptr : bias.data();
            cpu::gemmPacked(productOf(s), static_cast<const float*>(operand[kX].at(a)), packedW, products, e,
                            space + plan.scratch, threads);
        }
        // States go by direction here; with the batch first, they do not in the operands.
        bool swap = s.batchFirst && s.directions > 1;
        auto initial = [&](Place p, float* temporary) -> const float* {
            const float* given = static_cast<const float*>(operand[p].at(a));
            if (!given || !swap) return given;
            swapAxes(given, temporary, s.batch, s.directions, s.hidden);
            return temporary;
        };
        float *h = space + plan.h, *c = space + plan.c;
        const float *h0 = initial(kInitialH, h), *c0 = initial(kInitialC, c);
        auto result = [&](int o, float* temporary) {
            return o >= outputs ? nullptr : swap ? temporary : static_cast<float*>(a.outputs[o]);
        };
        float *h1 = result(1, h), *c1 = result(2, c), *y = static_cast<float*>(a.outputs[0]);
        int64_t cell = s.gates * s.hidden, state = s.batch * s.hidden;
        cpu::RnnArgs mine[2];
        for (int64_t d = 0; d < s.directions; ++d) {
            cpu::RnnArgs& m = mine[d] = args[d];
            m.x = products + d * cell;
            m.xStep = s.batchFirst ? s.width() : s.batch * s.width();
            m.xBatch = s.batchFirst ? s.steps * s.width() : s.width();
            m.y = y + (s.batchFirst ? d * s.hidden : d * state);
            m.yStep = s.batchFirst ? s.directions * s.hidden : s.directions * state;
            m.yBatch = s.batchFirst ? s.steps * s.directions * s.hidden : s.hidden;
            m.initialH = h0 ? h0 + d * state : nullptr;
            m.initialC = c0 ? c0 + d * state : nullptr;
            m.finalH = h1 ? h1 + d * state : nullptr;
            m.finalC = c1 ? c1 + d * state : nullptr;
            m.lengths = lengths;
            m.workspace = space + plan.state + d * plan.statePart;
        }
        cpu::rnn(mine, static_cast<int>(s.directions));
        for (int o = 1; swap && o < outputs; ++o)
            swapAxes(o == 1 ? h : c, static_cast<float*>(a.outputs[o]), s.directions, s.batch, s.hidden);
        return {};
    }
};

Sizes sizesOf(const ops::RecurrentFields& f, int gates, const ir::Dims& x, const ir::Dims& r) {
    Sizes s;
    s.batchFirst = f.layout != 0;
    s.steps = x[s.batchFirst ? 1 : 0];
    s.batch = x[s.batchFirst ? 0 : 1];
    s.input = x[2];
    s.directions = f.directions();
    s.hidden = r[2];
    s.gates = gates;
    return s;
}

}  // namespace

BindResult RecurrentTactic::bind(const ir::Node& anchor, const BindContext& c) const {
    const ir::Value& x = *anchor.input(kX);
    if (x.dtype() != DType::kFloat) return BindResult::refuse(fmt::format("type {} is not f32", toString(x.dtype())));
    if (x.isConstant()) return BindResult::refuse("its input is a constant");
    for (int i : {kW, kR, kBias, kPeephole})
        if (const ir::Value* v = inputOf(anchor, i); v && !v->isConstant())
            return BindResult::refuse("weights, biases or peepholes are not constant");
    Description d = describe(anchor);
    ir::Dims r = ir::constantDims(anchor.input(kR)->shape());
    int gates = cpu::rnnGates(kind_);
    Sizes most = sizesOf(*d.fields, gates, c.maxDims(x), r), best = sizesOf(*d.fields, gates, c.optDims(x), r);
    if (most.input == 0 || most.hidden == 0) return BindResult::refuse("there are no inputs or no hidden units");
    Candidate candidate{bindNode(*this, anchor), 0, 0};
    candidate.binding.packed = {
        {{anchor.input(kW)},
         fmt::format("rnn_w.{}.v1", c.target().name()),
         cpu::packedBBytes(most.width(), most.input)},
        {{anchor.input(kR)},
         fmt::format("rnn_r.{}.{}{}.v1", c.target().name(), anchor.op().name(), d.linearBeforeReset ? ":linear" : ""),
         most.directions * cpu::rnnPackedFloats(kind_, most.hidden) * 4}};
    double flops =
        2.0 * static_cast<double>(best.rows() * best.width()) * static_cast<double>(best.input + best.hidden);
    candidate.estimate = 1e-6 + flops / (2e10 * c.target().threads);
    candidate.workspaceBytes = planOf(most, kind_, c.target().threads).total * 4;
    return {{candidate}, {}};
}

Status RecurrentTactic::pack(const Binding& binding, int index, std::span<const std::span<const std::byte>> sources,
                             std::span<std::byte> out, const Target& target) const {
    const ir::Node& n = *binding.nodes[0];
    ir::Dims dims = ir::constantDims(n.input(index == 0 ? kW : kR)->shape());
    const auto* from = reinterpret_cast<const float*>(sources[0].data());
    auto* to = reinterpret_cast<float*>(out.data());
    if (index == 0) {
        cpu::packB(dims[0] * dims[1], dims[2], from, dims[2], true, to, target.threads);
        return {};
    }
    static constexpr int order[] = {0, 1, 2, 3};
    for (int64_t d = 0; d < dims[0]; ++d)
        cpu::rnnPack(kind_, dims[2], from + d * dims[1] * dims[2], order, describe(n).linearBeforeReset,
                     to + d * cpu::rnnPackedFloats(kind_, dims[2]));
    return {};
}

Result<std::unique_ptr<Kernel>> RecurrentTactic::prepare(const Binding& binding, const PrepareContext& c) const {
    const ir::Node& n = *binding.nodes[0];
    Description d = describe(n);
    int gates = cpu::rnnGates(kind_);
    auto kernel = std::make_unique<RecurrentKernel>();
    kernel->sizes = sizesOf(*d.fields, gates, c.dims(*n.input(kX)), c.dims(*n.input(kR)));
    const Sizes& s = kernel->sizes;
    kernel->threads = c.target().threads;
    kernel->plan = planOf(s, kind_, kernel->threads);
    kernel->outputs = n.outputCount();
    for (int i = 0; i < kPlaces; ++i)
        if (i != kW && i != kR) kernel->operand[i] = TRY(operandOf(inputOf(n, i), binding, c));
    if (const ir::Value* v = inputOf(n, kLengths)) kernel->lengthType = v->dtype();
    kernel->packedW = reinterpret_cast<const float*>(TRY(c.packed(0)).data());
    const auto* packedR = reinterpret_cast<const float*>(TRY(c.packed(1)).data());

    int64_t cell = gates * s.hidden;
    const auto* given = static_cast<const float*>(kernel->operand[kBias].constant);
    const auto* peepholes = static_cast<const float*>(kernel->operand[kPeephole].constant);
    auto activations = TRY(ops::recurrentActivations(*d.fields, d.defaults));
    if (given) kernel->bias.resize(static_cast<size_t>(s.width()));
    for (int64_t i = 0; i < s.directions; ++i) {
        cpu::RnnArgs& a = kernel->args[i];
        a.kind = kind_;
        a.steps = s.steps;
        a.batch = s.batch;
        a.hidden = s.hidden;
        a.packedR = packedR + i * cpu::rnnPackedFloats(kind_, s.hidden);
        a.reverse = d.fields->direction == ops::RecurrentDirection::kReverse || i == 1;
        a.clip = static_cast<float>(d.fields->clip);
        a.inputForget = d.inputForget;
        a.linearBeforeReset = d.linearBeforeReset;
        if (peepholes) a.peephole = peepholes + i * 3 * s.hidden;
        cpu::RnnActivation* slots[] = {&a.f, &a.g, &a.h};
        for (size_t k = 0; k < d.defaults.size(); ++k)
            *slots[k] = rnnActivationOf(activations[static_cast<size_t>(i) * d.defaults.size() + k]);
        if (!given) continue;
        const float *wb = given + i * 2 * cell, *rb = wb + cell;
        for (int64_t k = 0; k < cell; ++k) {
            bool apart = d.linearBeforeReset && k >= 2 * s.hidden;  // the reset gate multiplies it
            kernel->bias[static_cast<size_t>(i * cell + k)] = apart ? wb[k] : wb[k] + rb[k];
        }
        if (d.linearBeforeReset) a.recurrentBias = rb + 2 * s.hidden;
    }
    return std::unique_ptr<Kernel>(std::move(kernel));
}

}  // namespace lathe::tactics
