// SPDX-License-Identifier: Apache-2.0
// Convolution by our fp32 kernels: direct, im2col, Winograd, depthwise, in the layouts that each of them takes, with
// bias, residual and activation at the store. params: {algorithm}.
#include <algorithm>

#include "kernels/cpu/conv.h"
#include "ops/conv.h"
#include "tactics/cpu/epilogue.h"
#include "tactics/cpu/image.h"

namespace lathe::tactics {
namespace {

using cpu::ConvAlgorithm;

struct Choice {
    ConvAlgorithm algorithm;
    Layout in, out;
};

Result<cpu::ConvShape> shapeOf(const ir::Node& n, const ir::Dims& x, const ir::Dims& w) {
    const auto& a = n.attrs<ops::ConvAttrs>();
    WindowNumbers window = TRY(windowNumbers(a, x, std::span(w).subspan(2)));
    cpu::ConvShape s;
    s.n = x[0];
    // The weights tell: a range of x's channels has one that fits, and running checks it.
    s.ic = w[1] * a.group;
    s.oc = w[0];
    s.groups = a.group;
    for (int d = 0; d < 3; ++d) {
        s.in[d] = window.in[d];
        s.kernel[d] = window.kernel[d];
        s.stride[d] = window.stride[d];
        s.dilation[d] = window.dilation[d];
        s.padBefore[d] = window.padBegin[d];
        s.padAfter[d] = window.padEnd[d];
        // Ceiling mode may count a last window that reaches past the padding; kernels want the padding to hold it.
        int64_t need =
            (window.out[d] - 1) * s.stride[d] + s.dilation[d] * (s.kernel[d] - 1) + 1 - s.in[d] - s.padBefore[d];
        s.padAfter[d] = std::max(s.padAfter[d], need);
    }
    return s;
}

bool isEmpty(const cpu::ConvShape& s) { return s.n == 0 || s.oc == 0 || s.outPixels() <= 0; }

// A rough rank: what the algorithm saves in multiplications against what it loses in efficiency.
double secondsOf(const cpu::ConvShape& s, const Choice& c, int threads) {
    double flops =
        2.0 * static_cast<double>(s.n * s.oc * s.outPixels()) * static_cast<double>(s.ic / s.groups * s.taps());
    double rate = 0;
    switch (c.algorithm) {
        case ConvAlgorithm::kDirect:
            rate = c.in == Layout::kLinear ? 40e9 : c.in == Layout::kChannelsLast ? 65e9 : 70e9;
            break;
        case ConvAlgorithm::kIm2col: rate = 50e9; break;
        case ConvAlgorithm::kWinograd2: rate = 2.25 * 40e9; break;
        case ConvAlgorithm::kWinograd4: rate = 4 * 30e9; break;
        case ConvAlgorithm::kDepthwise: rate = 20e9; break;
    }
    return 1e-6 + flops / (rate * threads);
}

class ConvKernel final : public Kernel {
  public:
    cpu::ConvPlan plan;
    cpu::Epilogue epilogue;
    std::vector<float> biasStorage;
    const std::byte* packed = nullptr;
    int residualSlot = -1;
    bool empty = false;

    int64_t workspaceBytes() const override { return empty ? 0 : plan.workspaceBytes; }
    Status run(const RunArgs& args) override {
        if (empty) return {};
        cpu::Epilogue e = epilogue;
        if (residualSlot >= 0) e.residual = static_cast<const float*>(args.inputs[residualSlot]);
        cpu::runConv(plan, static_cast<const float*>(args.inputs[0]), packed, static_cast<float*>(args.outputs[0]), e,
                     args.workspace);
        return {};
    }
};

class ConvTactic final : public Tactic {
  public:
    constexpr ConvTactic() : Tactic("cpu.conv.fp32.v1", "conv") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const ir::Value &x = *anchor.input(0), &w = *anchor.input(1);
        const ir::Value* bias = anchor.input(2);
        if (x.dtype() != DType::kFloat)
            return BindResult::refuse(fmt::format("type {} is not f32", toString(x.dtype())));
        if (!w.isConstant() || (bias && !bias->isConstant()))
            return BindResult::refuse("weights or bias are not constant");
        if (x.isConstant()) return BindResult::refuse("its input is a constant");
        ir::Dims weights = ir::constantDims(w.shape());
        Result<cpu::ConvShape> shapes[3] = {shapeOf(anchor, c.minDims(x), weights),
                                            shapeOf(anchor, c.optDims(x), weights),
                                            shapeOf(anchor, c.maxDims(x), weights)};
        for (const auto& s : shapes)
            if (!s.ok()) return BindResult::refuse(s.status().message());
        Layout blocked = blockedLayout(c.target());
        const Choice choices[] = {
            {ConvAlgorithm::kDirect, blocked, blocked},
            {ConvAlgorithm::kDirect, Layout::kLinear, blocked},
            {ConvAlgorithm::kDirect, Layout::kChannelsLast, Layout::kChannelsLast},
            {ConvAlgorithm::kDirect, Layout::kLinear, Layout::kChannelsLast},
            {ConvAlgorithm::kDirect, Layout::kChannelsLast, blocked},
            {ConvAlgorithm::kIm2col, Layout::kLinear, Layout::kLinear},
            {ConvAlgorithm::kWinograd2, blocked, blocked},
            {ConvAlgorithm::kWinograd4, blocked, blocked},
            {ConvAlgorithm::kWinograd2, Layout::kChannelsLast, Layout::kChannelsLast},
            {ConvAlgorithm::kWinograd4, Layout::kChannelsLast, Layout::kChannelsLast},
            {ConvAlgorithm::kDepthwise, blocked, blocked},
            {ConvAlgorithm::kDepthwise, Layout::kChannelsLast, Layout::kChannelsLast},
        };
        static constexpr const char* names[] = {"direct", "im2col", "winograd2", "winograd4", "depthwise"};
        auto matches = matchEpilogues(*anchor.output(), 1, bias != nullptr);
        BindResult result;
        for (const Choice& choice : choices) {
            std::string what = fmt::format("{} {}→{}", names[static_cast<int>(choice.algorithm)], toString(choice.in),
                                           toString(choice.out));
            if (choice.algorithm == ConvAlgorithm::kWinograd4 && !c.relaxed()) {
                result.refusals.push_back(what + ": relaxed fp32 is off");
                continue;
            }
            cpu::ConvPlan plan;
            int64_t workspace = 0, packedBytes = 0;
            const char* why = nullptr;
            for (const auto& s : shapes) {
                if (isEmpty(*s)) continue;
                why = cpu::planConv(*s, {choice.algorithm, toKernel(choice.in), toKernel(choice.out)},
                                    c.target().threads, plan);
                if (why) break;
                workspace = std::max(workspace, plan.workspaceBytes);
                packedBytes = plan.packedBytes;
            }
            if (why) {
                result.refusals.push_back(what + ": " + why);
                continue;
            }
            if (packedBytes == 0) continue;
            for (const EpilogueMatch& m : matches) {
                Candidate candidate;
                Binding& b = candidate.binding;
                b.tactic = this;
                b.nodes = {&anchor};
                b.nodes.insert(b.nodes.end(), m.nodes.begin(), m.nodes.end());
                b.inputs = {&x};
                b.inputLayouts = {choice.in};
                if (m.residual && m.residual == &x && choice.in != choice.out) continue;
                if (m.residual && m.residual != &x) {
                    b.inputs.push_back(m.residual);
                    b.inputLayouts.push_back(choice.out);
                    b.inPlace = {{0, 1}};
                }
                b.outputs = {m.result};
                b.outputLayouts = {choice.out};
                b.params = {static_cast<int64_t>(choice.algorithm)};
                b.packed.push_back({{&w},
                                    fmt::format("conv.{}.{}.{}.g{}.v1", c.target().name(), names[b.params[0]],
                                                toString(choice.in), anchor.attrs<ops::ConvAttrs>().group),
                                    packedBytes});
                candidate.estimate = secondsOf(*shapes[1], choice, c.target().threads);
                candidate.workspaceBytes = workspace;
                result.candidates.push_back(std::move(candidate));
            }
        }
        return result;
    }

    Status pack(const Binding& binding, int, std::span<const std::span<const std::byte>> sources,
                std::span<std::byte> out, const Target& target) const override {
        const ir::Node& n = *binding.nodes[0];
        // Packing depends on neither batch nor image size: the smallest image that the window fits into will do.
        ir::Dims weights = ir::constantDims(n.input(1)->shape());
        cpu::ConvShape s;
        const auto& a = n.attrs<ops::ConvAttrs>();
        s.oc = weights[0];
        s.groups = a.group;
        s.ic = weights[1] * a.group;
        size_t offset = 3 - (weights.size() - 2);
        for (size_t d = 2; d < weights.size(); ++d) s.in[offset + d - 2] = s.kernel[offset + d - 2] = weights[d];
        cpu::ConvPlan plan = TRY(planFor(binding, s, target.threads));
        if (plan.packedBytes != static_cast<int64_t>(out.size()))
            return internalError("packing makes {} bytes, {} were asked for", plan.packedBytes, out.size());
        cpu::packConv(plan, reinterpret_cast<const float*>(sources[0].data()), out.data());
        return {};
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        auto kernel = std::make_unique<ConvKernel>();
        cpu::ConvShape s = TRY(shapeOf(n, c.dims(*n.input(0)), c.dims(*n.input(1))));
        kernel->empty = isEmpty(s);
        if (!kernel->empty) kernel->plan = TRY(planFor(binding, s, c.target().threads));
        kernel->packed = TRY(c.packed(0)).data();
        auto match = TRY(findEpilogue(*n.output(), *binding.outputs[0], 1, n.input(2) != nullptr));
        kernel->epilogue = TRY(makeEpilogue(match, s.oc, c, kernel->biasStorage));
        if (n.input(2)) kernel->epilogue.bias = reinterpret_cast<const float*>(TRY(c.weights(*n.input(2))).data());
        if (match.residual) kernel->residualSlot = static_cast<int>(binding.inputs.size()) - 1;
        return std::unique_ptr<Kernel>(std::move(kernel));
    }

  private:
    static Result<cpu::ConvPlan> planFor(const Binding& b, const cpu::ConvShape& s, int threads) {
        cpu::ConvPlan plan;
        cpu::ConvConfig config{static_cast<ConvAlgorithm>(b.params.at(0)), toKernel(b.inputLayouts.at(0)),
                               toKernel(b.outputLayouts.at(0))};
        if (const char* why = cpu::planConv(s, config, threads, plan))
            return unsupported("the chosen convolution cannot run: {}", why);
        return plan;
    }
};

}  // namespace

LATHE_TACTIC(cpu_conv_fp32, ConvTactic)

}  // namespace lathe::tactics
