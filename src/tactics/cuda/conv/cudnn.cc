// SPDX-License-Identifier: Apache-2.0
// Convolution of channels-last images by cuDNN, with bias, residual and activation in its graph. params of its
// bindings: {rank among the choices of cuDNN's heuristics, 1 where f32 may be rounded to TF32}.
#include <algorithm>

#include "device/cuda/cudnn.h"
#include "ops/conv.h"
#include "tactics/common/operands.h"
#include "tactics/cuda/image.h"
#include "tactics/cuda/tables.h"

namespace lathe::tactics {
namespace {

// A plan of a fused graph takes cuDNN a fraction of a second to make: only the best two are offered.
constexpr int64_t kCudnnWorkspace = int64_t{64} << 20, kCudnnRanks = 2;

std::optional<cuda::CudnnConv::Activation> cudnnActivation(const EpilogueMatch& m) {
    using From = kernels::Activation;
    using To = cuda::CudnnConv::Activation;
    switch (m.activation) {
        case From::kNone: return To::kNone;
        case From::kRelu: return To::kRelu;
        case From::kSigmoid: return To::kSigmoid;
        case From::kTanh: return m.alpha == 1 && m.beta == 1 ? std::optional(To::kTanh) : std::nullopt;
        case From::kSilu: return To::kSwish;
        case From::kGeluErf: return To::kGeluErf;
        case From::kGeluTanh: return To::kGeluTanh;
        default: return std::nullopt;
    }
}

Result<cuda::CudnnConv> cudnnProblem(const cuda::ConvShape& s, int spatial, const EpilogueMatch& m, bool bias,
                                     bool tf32) {
    cuda::CudnnConv p;
    p.type = s.type;
    p.n = s.n;
    p.ic = s.ic;
    p.oc = s.oc;
    p.groups = s.groups;
    for (int d = 3 - spatial; d < 3; ++d) {
        p.in.push_back(s.in[d]);
        p.out.push_back(s.out(d));
        p.window.push_back(s.kernel[d]);
        p.stride.push_back(s.stride[d]);
        p.dilation.push_back(s.dilation[d]);
        p.padBefore.push_back(s.padBefore[d]);
        // Elements behind the last window are padding that is not there.
        p.padAfter.push_back((s.out(d) - 1) * s.stride[d] + (s.kernel[d] - 1) * s.dilation[d] + 1 - s.in[d] -
                             s.padBefore[d]);
        if (p.in.back() < 1 || p.out.back() < 1) return unsupported("cuDNN: an image without elements");
        if (p.padBefore.back() < 0 || p.padAfter.back() < 0) {
            // A stride that leaves elements over needs no padding to say so.
            if (p.padBefore.back() < 0 || p.padAfter.back() <= -s.stride[d])
                return unsupported("cuDNN: pads of {} and {}", p.padBefore.back(), p.padAfter.back());
            p.padAfter.back() = 0;
        }
    }
    if (s.n < 1 || s.ic < 1 || s.oc < 1) return unsupported("cuDNN: {} images of {} to {} channels", s.n, s.ic, s.oc);
    if (m.residual && m.residualAfter) return unsupported("cuDNN: a residual behind the activation");
    auto activation = cudnnActivation(m);
    if (!activation) return unsupported("cuDNN: no such activation");
    p.activation = *activation;
    p.bias = bias;
    p.residual = m.residual != nullptr;
    p.tf32 = tf32;
    return p;
}

class CudnnKernel final : public Kernel {
  public:
    std::unique_ptr<cuda::Cudnn::Convolution> convolution;
    const void *weights = nullptr, *bias = nullptr;
    int residual = -1;  // an input of the step

    int64_t workspaceBytes() const override { return convolution->workspaceBytes(); }
    Status run(const RunArgs& a) override {
        return convolution->run(a.inputs[0], weights, bias, residual >= 0 ? a.inputs[residual] : nullptr, a.outputs[0],
                                a.workspace, a.stream);
    }
};

class CudnnConvTactic final : public Tactic {
  public:
    constexpr CudnnConvTactic() : Tactic("cuda.conv.cudnn.v1", "conv") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (c.target().cudnn.empty()) return BindResult::refuse("the target has no cuDNN");
        const ir::Value &x = *anchor.input(0), &w = *anchor.input(1);
        const ir::Value* bias = inputOf(anchor, 2);
        if (!isCudaFloat(x.dtype()))
            return BindResult::refuse(fmt::format("type {} is not f32, f16 or bf16", toString(x.dtype())));
        if (x.isConstant() || !w.isConstant() || (bias && !bias->isConstant()))
            return BindResult::refuse("its image is a constant, or its weights are not");
        if (!isImageRank(x.rank())) return BindResult::refuse(fmt::format("{} dimensions; 3 to 5 are done", x.rank()));
        const auto& a = anchor.attrs<ops::ConvAttrs>();
        ir::Dims dims = ir::constantDims(w.shape());
        auto shape = cudaConvShape(a, a.group, x.dtype(), c.optDims(x), dims);
        if (!shape.ok()) return BindResult::refuse(shape.status().message());
        if (shape->groups > 1 && shape->groups == shape->ic)
            return BindResult::refuse("depthwise: a kernel of our own reads it once");
        auto ranked = cuda::rankConv(*shape, c.relaxed(), kernelTarget(c.target()));
        double seconds = ranked.empty() ? 1e-3 : ranked[0].seconds;
        BindResult result;
        for (const EpilogueMatch& m : matchEpilogues(*anchor.output(), 1, bias != nullptr)) {
            const ir::Value* channels = bias ? bias : m.bias;
            auto p = cudnnProblem(*shape, x.rank() - 2, m, channels != nullptr, c.relaxed());
            if (!p.ok() || (channels && !channels->isConstant())) {
                result.refusals.push_back(p.ok() ? "cuDNN: a bias of the run" : p.status().message());
                continue;
            }
            Binding b;
            b.tactic = this;
            b.nodes = {&anchor};
            b.nodes.insert(b.nodes.end(), m.nodes.begin(), m.nodes.end());
            b.inputs = {&x};
            if (m.residual && m.residual != &x) b.inputs.push_back(m.residual);
            b.inputLayouts.assign(b.inputs.size(), Layout::kChannelsLast);
            b.outputs = {m.result};
            b.outputLayouts = {Layout::kChannelsLast};
            b.packed.push_back(packedOhwi(w));
            if (channels) b.packed.push_back(packedChannels(*channels, dims[0]));
            for (int64_t rank = 0; rank < kCudnnRanks; ++rank) {
                Candidate candidate{b, seconds * (1.0 + 0.05 * static_cast<double>(rank)), kCudnnWorkspace};
                candidate.binding.params = {rank, c.relaxed() ? 1 : 0};
                result.candidates.push_back(std::move(candidate));
            }
        }
        return result;
    }

    Status pack(const Binding& binding, int index, std::span<const std::span<const std::byte>> sources,
                std::span<std::byte> out, const Target&) const override {
        if (index > 0) return packChannels(binding, index, sources[0], out);
        packOhwi(*binding.nodes[0]->input(1), sources[0], out);
        return {};
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        if (binding.params.size() != 2) return internalError("a convolution of {} parameters", binding.params.size());
        const ir::Node& n = *binding.nodes[0];
        const ir::Value& x = *n.input(0);
        const ir::Value* bias = inputOf(n, 2);
        const auto& a = n.attrs<ops::ConvAttrs>();
        cuda::ConvShape shape = TRY(cudaConvShape(a, a.group, x.dtype(), c.dims(x), c.dims(*n.input(1))));
        // Nothing to launch, or nothing to launch it on: plans are only looked at.
        if (shape.n * shape.oc * shape.out(0) * shape.out(1) * shape.out(2) == 0 || !c.device())
            return cudaKernels(c, {});
        EpilogueMatch m = TRY(findEpilogue(*n.output(), *binding.outputs[0], 1, bias != nullptr));
        const cuda::Cudnn* dnn = TRY(cuda::Cudnn::get());
        if (dnn->version() != c.target().cudnn)
            return makeStatus(Code::kInvalidState, "cuDNN is {}, and the engine was built with {}", dnn->version(),
                              c.target().cudnn);
        bool hasBias = binding.packed.size() > 1;
        cuda::CudnnConv p = TRY(cudnnProblem(shape, x.rank() - 2, m, hasBias, binding.params[1] != 0));
        auto kernel = std::make_unique<CudnnKernel>();
        kernel->convolution = TRY(dnn->make(static_cast<const cuda::Gpu&>(*c.device()), p,
                                            static_cast<int>(binding.params[0]), kCudnnWorkspace));
        kernel->weights = TRY(c.resident(0));
        if (hasBias) kernel->bias = TRY(c.resident(1));
        if (m.residual) kernel->residual = m.residual == &x ? 0 : 1;
        return std::unique_ptr<Kernel>(std::move(kernel));
    }
};

}  // namespace

LATHE_TACTIC(cuda_conv_cudnn, CudnnConvTactic)

}  // namespace lathe::tactics
