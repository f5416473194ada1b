// SPDX-License-Identifier: Apache-2.0
// Transposed convolution by our fp32 kernels: one direct convolution a phase of the output, or a product and a sum of
// patches, with bias, residual and activation at the store.
// params: {algorithm, spatial extents of the input that the weights are packed for (depth, height, width)}.
#include <algorithm>

#include "kernels/cpu/deconv.h"
#include "ops/deconv.h"
#include "tactics/cpu/epilogue.h"
#include "tactics/cpu/image.h"

namespace lathe::tactics {
namespace {

using cpu::DeconvAlgorithm;

struct DeconvChoice {
    DeconvAlgorithm algorithm;
    Layout in, out;
};

Result<cpu::DeconvShape> deconvShapeOf(const ir::Node& n, const ir::Dims& x, const ir::Dims& w) {
    const auto& a = n.attrs<ops::DeconvAttrs>();
    if (x.size() < 3 || x.size() > 5) return unsupported("{} dimensions; kernels take 3 to 5", x.size());
    ir::Shape spatial(x.begin() + 2, x.end());
    auto axes = TRY(ops::deconvAxes(a, spatial, std::span(w).subspan(2)));
    cpu::DeconvShape s;
    s.n = x[0];
    s.ic = x[1];
    s.groups = a.group;
    s.oc = w[1] * a.group;
    for (size_t i = 0; i < axes.size(); ++i) {
        size_t d = 3 - axes.size() + i;
        s.in[d] = x[2 + i];
        s.kernel[d] = axes[i].kernel;
        s.stride[d] = axes[i].stride;
        s.dilation[d] = axes[i].dilation;
        s.padBefore[d] = TRY(axes[i].padBegin.eval(ir::SymbolValues()));
        // Whatever says how large the output is: the kernel's padding at the end follows from it.
        int64_t out = TRY(axes[i].out.eval(ir::SymbolValues()));
        s.padAfter[d] = 0;
        s.padAfter[d] = s.out(static_cast<int>(d)) - out;
    }
    return s;
}

bool isEmpty(const cpu::DeconvShape& s) {
    return s.n == 0 || s.oc == 0 || s.out(0) <= 0 || s.out(1) <= 0 || s.out(2) <= 0;
}

// Weights are packed by phases of the output, which padding and, for tiny outputs, their extents decide. Extents grow
// with the input's, so what holds at both ends of the range holds within.
bool packsAlike(const cpu::DeconvShape& least, const cpu::DeconvShape& most) {
    for (int d = 0; d < 3; ++d) {
        if (least.padBefore[d] != most.padBefore[d]) return false;
        if (least.out(d) < least.stride[d] && least.out(d) != most.out(d)) return false;
    }
    return true;
}

double secondsOf(const cpu::DeconvShape& s, const DeconvChoice& c, int threads) {
    double flops =
        2.0 * static_cast<double>(s.n * s.ic * s.inPixels()) * static_cast<double>(s.oc / s.groups * s.taps());
    double rate = c.algorithm == DeconvAlgorithm::kCol2im ? 20e9 : c.in == Layout::kLinear ? 40e9 : 55e9;
    return 1e-6 + flops / (rate * threads);
}

class DeconvKernel final : public Kernel {
  public:
    cpu::DeconvPlan plan;
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
        cpu::runDeconv(plan, static_cast<const float*>(args.inputs[0]), packed, static_cast<float*>(args.outputs[0]), e,
                       args.workspace);
        return {};
    }
};

class DeconvTactic final : public Tactic {
  public:
    constexpr DeconvTactic() : Tactic("cpu.deconv.fp32.v1", "deconv") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const ir::Value &x = *anchor.input(0), &w = *anchor.input(1);
        const ir::Value* bias = anchor.input(2);
        if (x.dtype() != DType::kFloat)
            return BindResult::refuse(fmt::format("type {} is not f32", toString(x.dtype())));
        if (!w.isConstant() || (bias && !bias->isConstant()))
            return BindResult::refuse("weights or bias are not constant");
        if (x.isConstant()) return BindResult::refuse("its input is a constant");
        ir::Dims weights = ir::constantDims(w.shape());
        Result<cpu::DeconvShape> shapes[3] = {deconvShapeOf(anchor, c.minDims(x), weights),
                                              deconvShapeOf(anchor, c.optDims(x), weights),
                                              deconvShapeOf(anchor, c.maxDims(x), weights)};
        for (const auto& s : shapes)
            if (!s.ok()) return BindResult::refuse(s.status().message());
        if (isEmpty(*shapes[1])) return BindResult::refuse("the output is empty");
        for (int64_t extent : shapes[0]->in)
            if (extent == 0) return BindResult::refuse("the image may be empty");
        Layout blocked = blockedLayout(c.target());
        const DeconvChoice choices[] = {
            {DeconvAlgorithm::kPhases, blocked, blocked},
            {DeconvAlgorithm::kPhases, Layout::kLinear, blocked},
            {DeconvAlgorithm::kPhases, Layout::kChannelsLast, Layout::kChannelsLast},
            {DeconvAlgorithm::kPhases, Layout::kLinear, Layout::kChannelsLast},
            {DeconvAlgorithm::kCol2im, Layout::kLinear, Layout::kLinear},
        };
        static constexpr const char* names[] = {"phases", "col2im"};
        auto matches = matchEpilogues(*anchor.output(), 1, bias != nullptr);
        BindResult result;
        for (const DeconvChoice& choice : choices) {
            std::string what = fmt::format("{} {}→{}", names[static_cast<int>(choice.algorithm)], toString(choice.in),
                                           toString(choice.out));
            bool phases = choice.algorithm == DeconvAlgorithm::kPhases;
            if (phases && !packsAlike(*shapes[0], *shapes[2])) {
                result.refusals.push_back(what + ": its padding or phases differ between the profile's shapes");
                continue;
            }
            cpu::DeconvPlan plan;
            int64_t workspace = 0, packedBytes = 0;
            const char* why = nullptr;
            for (const auto& s : shapes) {
                if (isEmpty(*s)) continue;
                why = cpu::planDeconv(*s, {choice.algorithm, toKernel(choice.in), toKernel(choice.out)},
                                      c.target().threads, plan);
                if (why) break;
                workspace = std::max(workspace, plan.workspaceBytes);
                packedBytes = plan.packedBytes;
            }
            if (why) {
                result.refusals.push_back(what + ": " + why);
                continue;
            }
            const cpu::DeconvShape& s = *shapes[1];
            std::string kind = "deconv.col2im.v1";
            if (phases) {
                kind = fmt::format("deconv.{}.phases.{}.g{}", c.target().name(), toString(choice.in), s.groups);
                for (int d = 0; d < 3; ++d)
                    kind += fmt::format(".s{}d{}p{}n{}", s.stride[d], s.dilation[d], s.padBefore[d],
                                        std::min(s.stride[d], s.out(d)));
                kind += ".v1";
            }
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
                b.params = {static_cast<int64_t>(choice.algorithm), s.in[0], s.in[1], s.in[2]};
                b.packed.push_back({{&w}, kind, packedBytes});
                candidate.estimate = secondsOf(s, choice, c.target().threads);
                candidate.workspaceBytes = workspace;
                result.candidates.push_back(std::move(candidate));
            }
        }
        return result;
    }

    Status pack(const Binding& binding, int, std::span<const std::span<const std::byte>> sources,
                std::span<std::byte> out, const Target& target) const override {
        const ir::Node& n = *binding.nodes[0];
        ir::Dims weights = ir::constantDims(n.input(1)->shape());
        ir::Dims x = {1, weights[0]};
        for (size_t d = 2; d < weights.size(); ++d) x.push_back(binding.params.at(4 - weights.size() + d));
        cpu::DeconvPlan plan = TRY(planFor(binding, TRY(deconvShapeOf(n, x, weights)), target.threads));
        if (plan.packedBytes != static_cast<int64_t>(out.size()))
            return internalError("packing makes {} bytes, {} were asked for", plan.packedBytes, out.size());
        cpu::packDeconv(plan, reinterpret_cast<const float*>(sources[0].data()), out.data());
        return {};
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        auto kernel = std::make_unique<DeconvKernel>();
        cpu::DeconvShape s = TRY(deconvShapeOf(n, c.dims(*n.input(0)), c.dims(*n.input(1))));
        kernel->empty = isEmpty(s);
        auto packed = TRY(c.packed(0));
        kernel->packed = packed.data();
        if (!kernel->empty) {
            kernel->plan = TRY(planFor(binding, s, c.target().threads));
            if (kernel->plan.packedBytes != static_cast<int64_t>(packed.size()))
                return unsupported("the weights are packed for other shapes: {} bytes instead of {}", packed.size(),
                                   kernel->plan.packedBytes);
        }
        auto match = TRY(findEpilogue(*n.output(), *binding.outputs[0], 1, n.input(2) != nullptr));
        kernel->epilogue = TRY(makeEpilogue(match, s.oc, c, kernel->biasStorage));
        if (n.input(2)) kernel->epilogue.bias = reinterpret_cast<const float*>(TRY(c.weights(*n.input(2))).data());
        if (match.residual) kernel->residualSlot = static_cast<int>(binding.inputs.size()) - 1;
        return std::unique_ptr<Kernel>(std::move(kernel));
    }

  private:
    static Result<cpu::DeconvPlan> planFor(const Binding& b, const cpu::DeconvShape& s, int threads) {
        cpu::DeconvPlan plan;
        cpu::DeconvConfig config{static_cast<DeconvAlgorithm>(b.params.at(0)), toKernel(b.inputLayouts.at(0)),
                                 toKernel(b.outputLayouts.at(0))};
        if (const char* why = cpu::planDeconv(s, config, threads, plan))
            return unsupported("the chosen transposed convolution cannot run: {}", why);
        return plan;
    }
};

}  // namespace

LATHE_TACTIC(cpu_deconv_fp32, DeconvTactic)

}  // namespace lathe::tactics
