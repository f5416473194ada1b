// SPDX-License-Identifier: Apache-2.0
// Planning and splitting of Winograd convolution (isa/conv_winograd.cc).
//
// Error. Every step is a sum of products with constants, so the error of an output is at most
//     eps (ic / 2 + 16) |At| [ sum over channels of (|G| |g| |Gt|) . (|Bt| |d| |B|) ] |A|
// with the bars taken elementwise. For data of random signs the bracket exceeds the plain sum of |g d| about 10 times
// for F(2) and 100 times for F(4), and the errors seen are about 2 and 10 times those of the direct algorithm.
#include <algorithm>

#include "base/thread_pool.h"
#include "kernels/cpu/conv_parts.h"

namespace lathe::cpu {
namespace {
int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }
int64_t roundUp(int64_t a, int64_t b) { return ceilDiv(a, b) * b; }
}  // namespace

const char* planWinograd(ConvPlan& plan) {
    const ConvShape& s = plan.shape;
    if (s.groups != 1) return "Winograd takes one group";
    if (s.kernel[0] != 1 || s.in[0] != 1 || s.kernel[1] != 3 || s.kernel[2] != 3) return "the kernel is not 3 x 3";
    if (s.padBefore[0] != 0 || s.padAfter[0] != 0) return "the depth is padded";
    if (s.stride[1] != 1 || s.stride[2] != 1) return "a stride is not 1";
    if (s.dilation[1] != 1 || s.dilation[2] != 1) return "a dilation is not 1";
    if (plan.config.in == Layout::kNchw || plan.config.out == Layout::kNchw) return "Winograd takes no NCHW";
    const ConvTable& t = convTableNow();
    WinogradGeometry& g = plan.winograd;
    int64_t lanes = t.lanes;
    g.tile = plan.config.algorithm == ConvAlgorithm::kWinograd2 ? 2 : 4;
    g.points = (g.tile + 2) * (g.tile + 2);
    g.ic = s.ic, g.oc = s.oc;
    g.k = roundUp(s.ic, lanes);
    for (int d = 0; d < 2; ++d) g.inSize[d] = s.in[d + 1], g.outSize[d] = s.out(d + 1), g.pad[d] = s.padBefore[d + 1];
    bool blockedIn = plan.config.in == Layout::kBlocked, blockedOut = plan.config.out == Layout::kBlocked;
    g.inPixel = blockedIn ? lanes : s.ic;
    g.inRow = g.inSize[1] * g.inPixel;
    g.inChannel = blockedIn ? g.inSize[0] * g.inRow : lanes;
    DirectProblem sources;
    sources.ic = s.ic, sources.in = plan.config.in, sources.sources = plan.config.sources;
    std::copy_n(plan.config.sourceChannels, kMaxConvSources, sources.sourceChannels);
    g.sources = planSources(sources, s.inPixels());
    g.outPixel = blockedOut ? lanes : s.oc;
    g.outRow = g.outSize[1] * g.outPixel;
    g.outVector = blockedOut ? g.outSize[0] * g.outRow : lanes;
    g.outImage = layoutFloats(plan.config.out, 1, s.oc, s.outPixels());
    g.zeroPad = blockedOut;
    g.tilesHigh = ceilDiv(g.outSize[0], g.tile);
    g.tilesWide = ceilDiv(g.outSize[1], g.tile);
    g.panels = ceilDiv(s.oc, t.tileColumns);
    g.packedPoint = g.k * roundUp(s.oc, lanes);

    // A block's transformed input and output should stay in L2; but the packed weights pass by once a block, which
    // takes some 24 tiles to pay for.
    int64_t tiles = g.tilesHigh * g.tilesWide;
    g.panelsAtOnce = std::min<int64_t>(g.panels, std::max<int64_t>(1, 64 / t.tileColumns));
    int64_t perTile = g.points * 4 * (g.k + g.panelsAtOnce * t.tileColumns);
    int64_t fit = cpuInfo().l2Bytes * 6 / 10 / perTile;
    int64_t most = std::min(tiles, std::max<int64_t>(fit, 24));
    g.blocks = ceilDiv(tiles, most);
    if (plan.threads > 1) {  // the same number of blocks for each thread, where there are several
        int64_t all = s.n * g.blocks;
        if (all > plan.threads) g.blocks = ceilDiv(roundUp(all, plan.threads), s.n);
    }
    g.tilesPerBlock = std::min(tiles, roundUp(ceilDiv(tiles, g.blocks), t.tileRows));
    g.blocks = ceilDiv(tiles, g.tilesPerBlock);
    // Few blocks: the output channels are split too, and each part transforms the input for itself.
    g.panelParts = std::clamp<int64_t>(plan.threads / std::max<int64_t>(1, s.n * g.blocks), 1, g.panels);
    // The transforms go over all points at once: they must not meet in the same few sets of L1.
    // Nor the products, which go over all vectors of a few tiles.
    g.vectorStep = (g.tilesPerBlock % 8 == 0 ? g.tilesPerBlock + 2 : g.tilesPerBlock) * lanes;
    g.pointIn = roundUp(g.k / lanes * g.vectorStep, 1024) + 16;
    g.pointOut = roundUp(g.panelsAtOnce * t.tileColumns / lanes * g.vectorStep, 1024) + 16;
    g.intsPerPart = roundUp(g.k / lanes, 16);
    g.floatsIn = g.points * g.pointIn;
    g.floatsOut = g.points * g.pointOut;
    if (g.pointIn >= int64_t{1} << 31) return "the channels are too many for 32-bit offsets";
    plan.packedBytes = g.points * g.packedPoint * 4;
    plan.workspaceBytes =
        jobsOf(s.n * g.blocks * g.panelParts, plan.threads) * (g.floatsIn + g.floatsOut + g.intsPerPart) * 4;
    return nullptr;
}

void packWinograd(const ConvPlan& plan, const float* weights, float* packed) {
    convTableNow().packWinograd(weights, plan.winograd, packed);
}

void runWinograd(const ConvPlan& plan, const ConvInput& in, const float* packed, float* out, const Epilogue& epilogue,
                 float* workspace) {
    const ConvTable& t = convTableNow();
    const WinogradGeometry& g = plan.winograd;
    int64_t tiles = g.tilesHigh * g.tilesWide;
    int64_t parts = plan.shape.n * g.blocks * g.panelParts, jobs = jobsOf(parts, plan.threads);
    auto job = [&](int index) {
        Epilogue e = epilogue;
        WinogradPart p;
        p.geometry = &g;
        p.weights = packed;
        p.epilogue = &e;
        p.transformedIn = workspace + index * (g.floatsIn + g.floatsOut + g.intsPerPart);
        p.transformedOut = p.transformedIn + g.floatsIn;
        p.segments = reinterpret_cast<int32_t*>(p.transformedOut + g.floatsOut);
        for (int64_t i = parts * index / jobs; i < parts * (index + 1) / jobs; ++i) {
            int64_t panelPart = i % g.panelParts, block = i / g.panelParts % g.blocks,
                    image = i / g.panelParts / g.blocks;
            for (int k = 0; k < g.sources.count; ++k) p.in[k] = in.x[k] + image * g.sources.image[k];
            p.out = out + image * g.outImage;
            e.residual = epilogue.residual ? epilogue.residual + image * g.outImage : nullptr;
            p.t0 = block * g.tilesPerBlock;
            p.t1 = std::min(tiles, p.t0 + g.tilesPerBlock);
            p.p0 = g.panels * panelPart / g.panelParts;
            p.p1 = g.panels * (panelPart + 1) / g.panelParts;
            t.winograd(p);
        }
    };
    ThreadPool::instance().run(static_cast<int>(jobs), job, plan.threads);
}

}  // namespace lathe::cpu
