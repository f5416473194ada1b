// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/conv_wgmma.h"

#include <algorithm>

#include "kernels/cuda/text.h"

namespace lathe::cuda {

const char* convWgmmaRefusal(const ConvShape& s, const KernelTarget& target) {
    if (target.sm != 90) return "for sm_90 alone";
    if (s.type != DType::kHalf && s.type != DType::kBf16) return "for f16 and bf16";
    if (s.in[0] != 1 || s.kernel[0] != 1 || s.out(0) != 1) return "three spatial dimensions";
    if (s.ic % 8 != 0) return "pixels that are not multiples of 16 bytes";
    // A step of 64 channels must not reach into the next group.
    if (s.groups > 1 && s.ic / s.groups % 64 != 0) return "groups of channels that are not multiples of 64";
    // Ranges of an image's tensor map: corners are signed bytes, offsets unsigned ones.
    for (int d : {1, 2}) {
        int64_t reach = s.dilation[d] * (s.kernel[d] - 1), upper = s.padAfter[d] - reach;
        if (reach > 255 || s.padBefore[d] > 127 || s.padBefore[d] < -127 || upper > 127 || upper < -128 ||
            s.stride[d] > 8)
            return "a window, stride or padding that is too large";
    }
    return nullptr;
}

Result<KernelPlan> convWgmma(const ConvShape& s, const ConvParams& params, const TileProblem& problem,
                             const GemmTile& t, const Epilogue& e, int splits, const KernelTarget& target) {
    if (const char* why = convWgmmaRefusal(s, target)) return unsupported("conv.wgmma: {}", why);
    int64_t icg = s.ic / s.groups, taps = s.kernel[1] * s.kernel[2];
    WgmmaConvParams p{};
    p.g = params;
    ConvParams& g = p.g;
    g.tilesM = static_cast<int>(ceilDiv(problem.m, t.bm));
    g.tilesN = static_cast<int>(ceilDiv(problem.n, t.bn));
    int64_t steps = taps * ceilDiv(icg, 64), perSplit = ceilDiv(steps, std::clamp<int64_t>(splits, 1, steps));
    g.kPerSplit = static_cast<int>(perSplit * 64);
    g.splits = static_cast<int>(ceilDiv(steps, perSplit));
    int64_t tiles = int64_t{g.tilesM} * g.tilesN * s.groups * g.splits;
    int cluster = wgmmaCluster(t, g.tilesM, tiles, target);
    p.clustersM = static_cast<int>(ceilDiv(g.tilesM, cluster));
    p.work = int64_t{p.clustersM} * g.tilesN * s.groups * g.splits;

    WgmmaPlan w;
    w.gAt = offsetof(WgmmaConvParams, g);
    w.gBytes = sizeof(ConvParams);
    w.params.resize(sizeof p);
    std::memcpy(w.params.data(), &p, sizeof p);
    w.work = p.work;
    w.splits = g.splits;
    w.cluster = cluster;
    w.pointers = {{offsetof(ConvParams, y), kOutput, 0}};
    if (e.scale) w.pointers.push_back({offsetof(ConvParams, scale), kOperandScale, 0});
    if (e.bias) w.pointers.push_back({offsetof(ConvParams, bias), kOperandBias, 0});
    if (e.residual) w.pointers.push_back({offsetof(ConvParams, residual), kOperandResidual, 0});
    if (g.splits > 1) w.pointers.push_back({offsetof(ConvParams, partial), kWorkspace, 0});
    TensorMapAt a, b;
    a.at = offsetof(WgmmaConvParams, a);
    a.operand = kOperandA;
    a.type = b.type = s.type;
    a.rank = 4;
    a.im2col = true;
    uint64_t bytes = 2;
    const int64_t dims[] = {s.ic, s.in[2], s.in[1], s.n};
    for (int d = 0; d < 4; ++d) {
        a.dims[d] = static_cast<uint64_t>(dims[d]);
        bytes *= a.dims[d];
        if (d < 3) a.strides[d] = bytes;
    }
    a.box[0] = 64;
    a.box[1] = static_cast<uint32_t>(t.bm);
    for (int d : {0, 1}) {
        int from = 2 - d;  // width, then height
        a.lower[d] = static_cast<int>(-s.padBefore[from]);
        a.upper[d] = static_cast<int>(s.padAfter[from] - s.dilation[from] * (s.kernel[from] - 1));
        a.step[d] = static_cast<uint32_t>(s.stride[from]);
    }
    b.at = offsetof(WgmmaConvParams, b);
    b.operand = kOperandB;
    b.rank = 3;
    b.dims[0] = static_cast<uint64_t>(icg);
    b.dims[1] = static_cast<uint64_t>(taps);
    b.dims[2] = static_cast<uint64_t>(s.oc);
    b.strides[0] = b.dims[0] * 2;
    b.strides[1] = b.strides[0] * b.dims[1];
    b.box[0] = 64;
    b.box[1] = 1;
    b.box[2] = static_cast<uint32_t>(t.bn / cluster);
    w.maps = {a, b};
    return finishWgmma(std::move(w), problem, t, e, target);
}

}  // namespace lathe::cuda
