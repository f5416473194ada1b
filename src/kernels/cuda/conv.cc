// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/conv.h"

#include <algorithm>

#include "kernels/cuda/conv_wgmma.h"
#include "kernels/cuda/gemm_parts.h"
#include "kernels/cuda/text.h"

namespace lathe::cuda {
namespace {

Status checkShape(const ConvShape& s) {
    if (!isPlainFloat(s.type) || !isPlainFloat(s.outType))
        return unsupported("convolution of {} to {}", lathe::toString(s.type), lathe::toString(s.outType));
    if (s.groups < 1 || s.ic % s.groups != 0 || s.oc % s.groups != 0 || s.ic < 1 || s.oc < 1 || s.n < 0)
        return invalidArgument("convolution of {} to {} channels in {} groups", s.ic, s.oc, s.groups);
    constexpr int64_t kMost = int64_t{1} << 30;
    int64_t taps = s.ic, pixels = s.n, inputs = s.n;
    for (int d = 0; d < 3; ++d) {
        if (s.kernel[d] < 1 || s.stride[d] < 1 || s.dilation[d] < 1 || s.in[d] < 0 || s.in[d] >= kMost ||
            s.kernel[d] >= kMost || s.stride[d] >= kMost || s.dilation[d] >= kMost || s.padBefore[d] >= kMost ||
            s.padAfter[d] >= kMost || s.padBefore[d] <= -kMost || s.padAfter[d] <= -kMost ||
            s.kernel[d] * s.dilation[d] >= kMost)
            return unsupported(
                "convolution: size {}, kernel {}, stride {}, dilation {}, padding {} and {} in dimension {}", s.in[d],
                s.kernel[d], s.stride[d], s.dilation[d], s.padBefore[d], s.padAfter[d], d);
        if (s.in[d] + s.padBefore[d] + s.padAfter[d] < s.dilation[d] * (s.kernel[d] - 1) + 1)
            return invalidArgument("convolution: the window is larger than the padded input in dimension {}", d);
        // Corners of windows are 32-bit numbers.
        if (s.out(d) * s.stride[d] + s.kernel[d] * s.dilation[d] >= kMost ||
            __builtin_mul_overflow(taps, s.kernel[d], &taps) || __builtin_mul_overflow(pixels, s.out(d), &pixels) ||
            __builtin_mul_overflow(inputs, s.in[d], &inputs))
            return unsupported("convolution: {} outputs in dimension {}", s.out(d), d);
    }
    if (taps >= kMost || pixels >= kMost || inputs >= int64_t{1} << 40)
        return unsupported("convolution of {} inputs a channel and {} output pixels", taps, pixels);
    return {};
}

std::string geometryText(const ConvShape& s) {
    std::string text = "#define CONV 1\n";
    text += fmt::format("#define IC {}\n#define OC {}\n", s.ic / s.groups, s.oc / s.groups);
    for (int d = 0; d < 3; ++d)
        text +=
            fmt::format("#define KERNEL{0} {1}\n#define STRIDE{0} {2}\n#define DILATION{0} {3}\n#define PAD{0} {4}\n",
                        d, s.kernel[d], s.stride[d], s.dilation[d], s.padBefore[d]);
    return text;
}

int64_t pixelsOf(const ConvShape& s) { return s.n * s.out(0) * s.out(1) * s.out(2); }
int64_t tapsOf(const ConvShape& s) { return s.kernel[0] * s.kernel[1] * s.kernel[2]; }

std::vector<PointerAt> epiloguePointers(const Epilogue& e, uint32_t scale, uint32_t bias, uint32_t residual) {
    std::vector<PointerAt> p;
    if (e.scale) p.push_back({scale, kOperandScale, 0});
    if (e.bias) p.push_back({bias, kOperandBias, 0});
    if (e.residual) p.push_back({residual, kOperandResidual, 0});
    return p;
}

}  // namespace

Result<KernelPlan> conv(const ConvShape& s, const Epilogue& e, int tile, int splits, const KernelTarget& target) {
    TRY(checkShape(s));
    TRY(checkEpilogue(e));
    if (e.perRow) return invalidArgument("convolution: scale and bias go by output channel");
    if (tile < 0 || static_cast<size_t>(tile) >= gemmTiles().size())
        return invalidArgument("there is no tile {}", tile);
    const GemmTile& t = gemmTiles()[static_cast<size_t>(tile)];
    if (s.groups > 65535) return unsupported("convolution of {} groups", s.groups);
    TileProblem p;
    p.type = s.type;
    p.outType = s.outType;
    p.m = pixelsOf(s);
    p.n = s.oc / s.groups;
    p.k = tapsOf(s) * (s.ic / s.groups);
    p.batches = s.groups;
    p.what = "conv";
    p.middle = geometryText(s);
    if (p.m == 0) return KernelPlan{};
    int v = 16 / (bitsOf(s.type) / 8);
    // A vector of the image matrix lies within one tap; a row of B is k long.
    p.va = commonVector(v, {s.ic / s.groups});
    p.vb = commonVector(v, {p.k});
    p.vc = commonVector(16 / std::max(bitsOf(s.outType) / 8, 2), {p.n});
    ConvParams q{};
    q.n = static_cast<int>(s.n);
    for (int d = 0; d < 3; ++d) {
        q.in[d] = static_cast<int>(s.in[d]);
        q.out[d] = static_cast<int>(s.out(d));
        q.divOut[d] = fastDivide(static_cast<uint32_t>(s.out(d)));
    }
    q.pixels = static_cast<int>(p.m);
    q.xStride = s.ic;
    q.yStride = s.oc;
    q.accScale = e.accScale;
    if (t.kernel == GemmKernel::kWgmma) return convWgmma(s, q, p, t, e, splits, target);
    TileGeometry g = TRY(tileGeometry(p, t, splits, target));
    q.tilesM = g.tilesM;
    q.tilesN = g.tilesN;
    q.splits = g.splits;
    q.kPerSplit = g.kPerSplit;
    std::vector<std::byte> params(sizeof q);
    std::memcpy(params.data(), &q, sizeof q);
    std::vector<PointerAt> pointers =
        epiloguePointers(e, offsetof(ConvParams, scale), offsetof(ConvParams, bias), offsetof(ConvParams, residual));
    pointers.push_back({offsetof(ConvParams, x), kOperandA, 0});
    pointers.push_back({offsetof(ConvParams, w), kOperandB, 0});
    pointers.push_back({offsetof(ConvParams, y), kOutput, 0});
    if (g.splits > 1) pointers.push_back({offsetof(ConvParams, partial), kWorkspace, 0});
    return tilePlan(p, t, g, e, std::move(params), std::move(pointers));
}

std::vector<RankedTile> rankConv(const ConvShape& s, bool tf32, const KernelTarget& target) {
    TileProblem p;
    p.type = s.type;
    p.m = pixelsOf(s);
    p.n = s.oc / s.groups;
    p.k = tapsOf(s) * (s.ic / s.groups);
    p.batches = s.groups;
    // Warpgroup tiles go by steps of 64 channels of one tap.
    int64_t steps = convWgmmaRefusal(s, target) ? 0 : tapsOf(s) * ceilDiv(s.ic / s.groups, 64);
    return rankTiles(p, tf32, steps, target);
}

GemmChoice chooseConv(const ConvShape& s, bool tf32, const KernelTarget& target) {
    std::vector<RankedTile> ranked = rankConv(s, tf32, target);
    return ranked.empty() ? GemmChoice{} : ranked[0].choice;
}

Result<KernelPlan> depthwise(const ConvShape& s, const Epilogue& e) {
    TRY(checkShape(s));
    TRY(checkEpilogue(e));
    if (s.groups != s.ic || s.oc != s.ic)
        return unsupported("depthwise convolution: {} to {} channels in {} groups", s.ic, s.oc, s.groups);
    if (e.perRow) return invalidArgument("convolution: scale and bias go by channel");
    if (tapsOf(s) > 1024) return unsupported("depthwise convolution with {} taps", tapsOf(s));
    int v = commonVector(16 / (bitsOf(s.type) / 8), {s.ic});
    // More outputs a thread read less, and take registers that other threads would need to hide the reads' latency.
    int tw = s.dilation[2] > 1 || s.out(2) < 2 ? 1 : 2;
    DepthwiseParams q{};
    q.n = static_cast<int>(s.n);
    q.channels = static_cast<int>(s.ic);
    for (int d = 0; d < 3; ++d) {
        q.in[d] = static_cast<int>(s.in[d]);
        q.out[d] = static_cast<int>(s.out(d));
    }
    q.vectors = s.n * s.out(0) * s.out(1) * ceilDiv(s.out(2), tw) * (s.ic / v);
    q.accScale = e.accScale;
    if (q.vectors == 0) return KernelPlan{};
    if (q.vectors >= int64_t{1} << 31) return unsupported("depthwise convolution with {} vectors of output", q.vectors);
    KernelPlan plan;
    plan.sources.push_back(
        {.name = fmt::format("depthwise.{}.v{}w{}", lathe::toString(s.type), v, tw),
         .entry = "depthwise",
         .text = composeText(geometryText(s) + epilogueText(e) + "#define SPLIT 0\n", {"store.cu", "depthwise.cu"}),
         .defines = {defineType("T", s.type), defineType("OUT", s.outType), fmt::format("V={}", v),
                     fmt::format("TW={}", tw)}});
    Launch launch;
    TRY(setGrid(launch, q.vectors, 128, "depthwise convolution"));
    launch.setParams(q);
    launch.pointers = epiloguePointers(e, offsetof(DepthwiseParams, scale), offsetof(DepthwiseParams, bias),
                                       offsetof(DepthwiseParams, residual));
    launch.pointers.push_back({offsetof(DepthwiseParams, x), kOperandA, 0});
    launch.pointers.push_back({offsetof(DepthwiseParams, w), kOperandB, 0});
    launch.pointers.push_back({offsetof(DepthwiseParams, y), kOutput, 0});
    plan.launches.push_back(std::move(launch));
    return plan;
}

}  // namespace lathe::cuda
