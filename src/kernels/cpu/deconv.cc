// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/deconv.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "base/status.h"
#include "base/thread_pool.h"
#include "kernels/cpu/conv_parts.h"
#include "kernels/cpu/gemm.h"

namespace lathe::cpu {
namespace {

int64_t roundUp(int64_t a, int64_t b) { return (a + b - 1) / b * b; }

DirectProblem problemOf(const DeconvPlan& plan) {
    DirectProblem p;
    p.n = plan.shape.n, p.groups = plan.shape.groups, p.ic = plan.shape.ic, p.oc = plan.shape.oc;
    p.in = plan.config.in, p.out = plan.config.out;
    return p;
}

// One dimension of the phase whose first output is `first` (0 <= first < stride). The taps k that reach it satisfy
// k dilation = first + pad (mod stride): every (stride / gcd)-th one, if any. Along the phase, output q reads input
// q + e - j (dilation / gcd) through the j-th of them: a convolution of stride 1 over the taps in reverse.
void planPhase(const DeconvShape& s, int d, int64_t first, DeconvPlan::Phase& phase) {
    DirectGeometry& g = phase.geometry;
    int64_t stride = s.stride[d], divisor = std::gcd(stride, s.dilation[d]), step = stride / divisor;
    int64_t k0 = 0;
    while (k0 < s.kernel[d] && (first + s.padBefore[d] - k0 * s.dilation[d]) % stride != 0) ++k0;
    g.inSize[d] = s.in[d];
    g.outSize[d] = (s.out(d) - first + stride - 1) / stride;
    g.stride[d] = 1;
    phase.tapStep[d] = step;
    if (k0 >= s.kernel[d]) {
        phase.empty[d] = true;
        g.kernel[d] = g.dilation[d] = 1;
        g.padBefore[d] = 0;
        return;
    }
    int64_t count = (s.kernel[d] - 1 - k0) / step + 1;
    int64_t e = (first + s.padBefore[d] - k0 * s.dilation[d]) / stride;
    g.kernel[d] = count;
    g.dilation[d] = s.dilation[d] / divisor;
    g.padBefore[d] = (count - 1) * g.dilation[d] - e;
    phase.firstTap[d] = k0 + (count - 1) * step;
}

const char* planPhases(DeconvPlan& plan) {
    const DeconvShape& s = plan.shape;
    DirectProblem problem = problemOf(plan);
    int64_t size[3] = {s.out(0), s.out(1), s.out(2)};
    DirectGeometry whole;
    outputStrides(plan.config.out, s.oc, s.groups, size, whole);
    int64_t packed = 0, space = 0;
    for (int64_t z = 0; z < std::min(s.stride[0], size[0]); ++z) {
        for (int64_t y = 0; y < std::min(s.stride[1], size[1]); ++y) {
            for (int64_t x = 0; x < std::min(s.stride[2], size[2]); ++x) {
                DeconvPlan::Phase phase;
                planPhase(s, 0, z, phase);
                planPhase(s, 1, y, phase);
                planPhase(s, 2, x, phase);
                DirectGeometry& g = phase.geometry;
                g.outImage = whole.outImage, g.outGroup = whole.outGroup, g.outVector = whole.outVector;
                g.outPixel = whole.outPixel * s.stride[2];
                g.outRow = whole.outRow * s.stride[1];
                g.outDepth = whole.outDepth * s.stride[0];
                if (const char* why = planDirect(problem, plan.threads, g)) return why;
                phase.outAt = z * whole.outDepth + y * whole.outRow + x * whole.outPixel;
                phase.packedAt = packed;
                packed += s.groups * g.packedGroup;
                space = std::max(space, directWorkspaceFloats(problem, g, plan.threads));
                plan.phases.push_back(phase);
            }
        }
    }
    plan.packedBytes = packed * 4;
    plan.workspaceBytes = space * 4;
    return nullptr;
}

// Patches [oc / groups * taps][in pixels] = weights [ic / groups][oc / groups * taps], transposed, times in.
GemmShape productOf(const DeconvShape& s) {
    GemmShape g;
    g.m = s.oc / s.groups * s.taps();
    g.n = s.inPixels();
    g.k = s.ic / s.groups;
    g.transA = true;
    g.lda = g.m;
    g.ldb = g.ldc = g.n;
    g.batch[1] = s.groups;
    g.strideA[1] = g.k * g.m;
    g.strideB[1] = g.k * g.n;
    g.strideC[1] = g.m * g.n;
    return g;
}

int64_t patchFloats(const DeconvShape& s) { return roundUp(s.oc * s.taps() * s.inPixels(), 16); }

int64_t lineFloats(const DeconvShape& s) { return roundUp(s.out(2), 16) + 16; }

const char* planCol2im(DeconvPlan& plan) {
    if (plan.config.in != Layout::kNchw || plan.config.out != Layout::kNchw) return "col2im is for NCHW to NCHW";
    GemmShape g = productOf(plan.shape);
    plan.packedBytes = plan.shape.ic * g.m * 4;
    int64_t lines = jobsOf(plan.shape.oc, plan.threads) * lineFloats(plan.shape);
    plan.workspaceBytes = (patchFloats(plan.shape) + lines) * 4 + gemmWorkspaceBytes(g, false, plan.threads);
    return nullptr;
}

void runCol2im(const DeconvPlan& plan, const float* in, const float* packed, float* out, const Epilogue& epilogue,
               float* workspace) {
    const ConvTable& t = convTableNow();
    const DeconvShape& s = plan.shape;
    GemmShape product = productOf(s);
    float* patches = workspace;
    float* lines = patches + patchFloats(s);
    int64_t jobs = jobsOf(s.oc, plan.threads);
    float* space = lines + jobs * lineFloats(s);
    Col2imShape c;
    for (int d = 0; d < 3; ++d) {
        c.in[d] = s.in[d], c.out[d] = s.out(d), c.kernel[d] = s.kernel[d], c.stride[d] = s.stride[d];
        c.dilation[d] = s.dilation[d], c.padBefore[d] = s.padBefore[d];
    }
    for (int64_t n = 0; n < s.n; ++n) {
        gemm(product, packed, in + n * s.ic * s.inPixels(), patches, {}, space, plan.threads);
        auto job = [&](int index) {
            for (int64_t o = s.oc * index / jobs; o < s.oc * (index + 1) / jobs; ++o) {
                Epilogue e = epilogue;
                int64_t at = (n * s.oc + o) * s.outPixels();
                if (e.residual) e.residual += at;
                if (e.scale) e.scale += o;
                if (e.bias) e.bias += o;
                t.col2im(c, patches + o * s.taps() * s.inPixels(), out + at, e, lines + index * lineFloats(s));
            }
        };
        ThreadPool::instance().run(static_cast<int>(jobs), job, plan.threads);
    }
}

}  // namespace

const char* planDeconv(const DeconvShape& shape, const DeconvConfig& config, int threads, DeconvPlan& plan) {
    const DeconvShape& s = shape;
    if (s.n < 1 || s.ic < 1 || s.oc < 1 || s.groups < 1) return "a size is not positive";
    if (s.ic % s.groups != 0 || s.oc % s.groups != 0) return "channels do not divide into the groups";
    for (int d = 0; d < 3; ++d) {
        if (s.in[d] < 1 || s.kernel[d] < 1 || s.stride[d] < 1 || s.dilation[d] < 1) return "a size is not positive";
        if (s.padBefore[d] < 0) return "padding is negative";
        if (s.out(d) < 1) return "the output is empty";
    }
    plan = DeconvPlan();
    plan.shape = shape;
    plan.config = config;
    plan.isa = activeIsa();
    plan.threads = std::max(threads, 1);
    return config.algorithm == DeconvAlgorithm::kPhases ? planPhases(plan) : planCol2im(plan);
}

void packDeconv(const DeconvPlan& plan, const float* weights, void* packed) {
    ASSERT(plan.isa == activeIsa());
    float* to = static_cast<float*>(packed);
    if (plan.config.algorithm == DeconvAlgorithm::kCol2im) {
        std::memcpy(to, weights, static_cast<size_t>(plan.packedBytes));
        return;
    }
    const DeconvShape& s = plan.shape;
    int64_t ic = s.ic / s.groups, oc = s.oc / s.groups;
    std::vector<float> taps;  // one phase's weights as those of a convolution: [oc][ic / groups][taps]
    for (const DeconvPlan::Phase& phase : plan.phases) {
        const DirectGeometry& g = phase.geometry;
        taps.clear();
        for (int64_t o = 0; o < s.oc; ++o) {
            for (int64_t c = 0; c < ic; ++c) {
                const float* kernel = weights + ((o / oc * ic + c) * oc + o % oc) * s.taps();
                for (int64_t z = 0; z < g.kernel[0]; ++z) {
                    for (int64_t y = 0; y < g.kernel[1]; ++y) {
                        for (int64_t x = 0; x < g.kernel[2]; ++x) {
                            int64_t at[3] = {z, y, x};
                            for (int d = 0; d < 3; ++d) at[d] = phase.firstTap[d] - at[d] * phase.tapStep[d];
                            bool none = phase.empty[0] || phase.empty[1] || phase.empty[2];
                            taps.push_back(none ? 0.0f : kernel[(at[0] * s.kernel[1] + at[1]) * s.kernel[2] + at[2]]);
                        }
                    }
                }
            }
        }
        packDirectGroups(problemOf(plan), g, taps.data(), to + phase.packedAt);
    }
}

void runDeconv(const DeconvPlan& plan, const float* in, const void* packed, float* out, const Epilogue& epilogue,
               void* workspace) {
    ASSERT(plan.isa == activeIsa());
    const float* weights = static_cast<const float*>(packed);
    float* space = static_cast<float*>(workspace);
    if (plan.config.algorithm == DeconvAlgorithm::kCol2im) return runCol2im(plan, in, weights, out, epilogue, space);
    for (const DeconvPlan::Phase& phase : plan.phases) {
        Epilogue e = epilogue;
        if (e.residual) e.residual += phase.outAt;
        runDirect(problemOf(plan), phase.geometry, plan.threads, in, weights + phase.packedAt, out + phase.outAt, e,
                  space);
    }
}

}  // namespace lathe::cpu
