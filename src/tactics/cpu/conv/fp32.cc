// SPDX-License-Identifier: Apache-2.0
// Convolution by our fp32 kernels: direct, im2col, Winograd, depthwise, in the layouts that each of them takes, with
// bias, residual and activation at the store, and a gate or a concatenation in front. params: {algorithm}.
#include <algorithm>
#include <cstring>

#include "kernels/cpu/conv.h"
#include "ops/conv.h"
#include "tactics/cpu/conv_input.h"
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
    s.ic = x[1];
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
    int residualSlot = -1, scaleSlot = -1, sources = 1;  // the sources are the first inputs
    bool empty = false;

    int64_t workspaceBytes() const override { return empty ? 0 : plan.workspaceBytes; }
    Status run(const RunArgs& args) override {
        if (empty) return {};
        cpu::Epilogue e = epilogue;
        if (residualSlot >= 0) e.residual = static_cast<const float*>(args.inputs[residualSlot]);
        cpu::ConvInput in;
        for (int i = 0; i < sources; ++i) in.x[i] = static_cast<const float*>(args.inputs[i]);
        if (scaleSlot >= 0) in.scale = static_cast<const float*>(args.inputs[scaleSlot]);
        cpu::runConv(plan, in, packed, static_cast<float*>(args.outputs[0]), e, args.workspace);
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
        auto inputs = matchConvInputs(x);
        auto matches = matchEpilogues(*anchor.output(), 1, bias != nullptr);
        BindResult result;
        for (const ConvInputMatch& input : inputs) {
            for (const Choice& choice : choices) {
                std::string what = fmt::format("{} {}→{}{}", nameOf(choice.algorithm), toString(choice.in),
                                               toString(choice.out), input.node ? " over " + input.node->name() : "");
                if (choice.algorithm == ConvAlgorithm::kWinograd4 && !c.relaxed()) {
                    result.refusals.push_back(what + ": relaxed fp32 is off");
                    continue;
                }
                cpu::ConvPlan plan;
                int64_t workspace = 0, packedBytes = 0;
                const char* why = nullptr;
                for (const auto& s : shapes) {
                    if (isEmpty(*s)) continue;
                    why = cpu::planConv(*s, configOf(choice, input), c.target().threads, plan);
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
                    candidate.binding.packed.push_back(
                        {{&w},
                         fmt::format("conv.{}.{}.{}.g{}.v1", c.target().name(), nameOf(choice.algorithm),
                                     toString(choice.in), anchor.attrs<ops::ConvAttrs>().group),
                         packedBytes});
                    if (!describe(anchor, choice, input, m, candidate.binding)) continue;
                    candidate.estimate = secondsOf(*shapes[1], choice, c.target().threads);
                    candidate.workspaceBytes = workspace;
                    result.candidates.push_back(std::move(candidate));
                }
            }
        }
        return result;
    }

    Status pack(const Binding& binding, int, std::span<const std::span<const std::byte>> sources,
                std::span<std::byte> out, const Target& target) const override {
        const ir::Node& n = convOf(binding);
        // Packing depends on neither batch nor image size: the smallest image that the window fits into will do.
        ir::Dims weights = ir::constantDims(n.input(1)->shape());
        cpu::ConvShape s;
        const auto& a = n.attrs<ops::ConvAttrs>();
        s.oc = weights[0];
        s.groups = a.group;
        s.ic = weights[1] * a.group;
        size_t offset = 3 - (weights.size() - 2);
        for (size_t d = 2; d < weights.size(); ++d) s.in[offset + d - 2] = s.kernel[offset + d - 2] = weights[d];
        cpu::ConvPlan plan = TRY(planFor(binding, s, {}, target.threads));
        if (plan.packedBytes != static_cast<int64_t>(out.size()))
            return internalError("packing makes {} bytes, {} were asked for", plan.packedBytes, out.size());
        cpu::packConv(plan, reinterpret_cast<const float*>(sources[0].data()), out.data());
        return {};
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = convOf(binding);
        auto kernel = std::make_unique<ConvKernel>();
        cpu::ConvShape s = TRY(shapeOf(n, c.dims(*n.input(0)), c.dims(*n.input(1))));
        const ir::Node* before = binding.nodes[0] == &n ? nullptr : binding.nodes[0];
        ConvInputMatch input = TRY(findConvInput(*n.input(0), before));
        kernel->empty = isEmpty(s);
        if (!kernel->empty) kernel->plan = TRY(planFor(binding, s, input, c.target().threads));
        kernel->packed = TRY(c.packed(0)).data();
        auto match = TRY(findEpilogue(*n.output(), *binding.outputs[0], 1, n.input(2) != nullptr));
        kernel->epilogue = TRY(makeEpilogue(match, s.oc, c, kernel->biasStorage));
        if (n.input(2)) kernel->epilogue.bias = reinterpret_cast<const float*>(TRY(c.weights(*n.input(2))).data());
        auto slotOf = [&](const ir::Value* v) {
            auto at = std::find(binding.inputs.begin(), binding.inputs.end(), v);
            return static_cast<int>(at - binding.inputs.begin());
        };
        kernel->sources = static_cast<int>(input.sources.size());
        if (input.scale) kernel->scaleSlot = slotOf(input.scale);
        if (match.residual) kernel->residualSlot = slotOf(match.residual);
        return std::unique_ptr<Kernel>(std::move(kernel));
    }

  private:
    static const char* nameOf(ConvAlgorithm algorithm) {
        static constexpr const char* names[] = {"direct", "im2col", "winograd2", "winograd4", "depthwise"};
        return names[static_cast<int>(algorithm)];
    }

    static const ir::Node& convOf(const Binding& b) {
        return std::strcmp(b.nodes[0]->op().name(), "conv") == 0 ? *b.nodes[0] : *b.nodes[1];
    }

    // What the binding covers, reads and writes; false where one value would have to lie in two layouts.
    bool describe(const ir::Node& anchor, const Choice& choice, const ConvInputMatch& input, const EpilogueMatch& m,
                  Binding& b) const {
        b.tactic = this;
        if (input.node) b.nodes.push_back(input.node);
        b.nodes.push_back(&anchor);
        b.nodes.insert(b.nodes.end(), m.nodes.begin(), m.nodes.end());
        b.inputs = input.sources;
        b.inputLayouts.assign(b.inputs.size(), choice.in);
        auto add = [&](const ir::Value* v, Layout layout) {
            auto at = std::find(b.inputs.begin(), b.inputs.end(), v);
            if (at != b.inputs.end()) return b.inputLayouts[static_cast<size_t>(at - b.inputs.begin())] == layout;
            b.inputs.push_back(v);
            b.inputLayouts.push_back(layout);
            return true;
        };
        if (input.scale && !add(input.scale, choice.in)) return false;
        if (m.residual) {
            size_t before = b.inputs.size();
            if (!add(m.residual, choice.out)) return false;
            // One that is read for nothing else may become the output.
            if (b.inputs.size() > before) b.inPlace = {{0, static_cast<int>(before)}};
        }
        b.outputs = {m.result};
        b.outputLayouts = {choice.out};
        b.params = {static_cast<int64_t>(choice.algorithm)};
        return true;
    }

    static cpu::ConvConfig configOf(const Choice& choice, const ConvInputMatch& input) {
        cpu::ConvConfig config{choice.algorithm, toKernel(choice.in), toKernel(choice.out)};
        config.scaled = input.scale != nullptr;
        if (input.sources.size() > 1) {
            config.sources = static_cast<int>(input.sources.size());
            std::copy(input.channels.begin(), input.channels.end(), config.sourceChannels);
        }
        return config;
    }

    static Result<cpu::ConvPlan> planFor(const Binding& b, const cpu::ConvShape& s, const ConvInputMatch& input,
                                         int threads) {
        cpu::ConvPlan plan;
        Choice choice{static_cast<ConvAlgorithm>(b.params.at(0)), b.inputLayouts.at(0), b.outputLayouts.at(0)};
        if (const char* why = cpu::planConv(s, configOf(choice, input), threads, plan))
            return unsupported("the chosen convolution cannot run: {}", why);
        return plan;
    }
};

}  // namespace

LATHE_TACTIC(cpu_conv_fp32, ConvTactic)

}  // namespace lathe::tactics
