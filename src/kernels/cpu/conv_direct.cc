// SPDX-License-Identifier: Apache-2.0
// Planning and splitting of the direct convolution (isa/conv_direct.cc).
#include <algorithm>

#include "base/thread_pool.h"
#include "kernels/cpu/conv_parts.h"

namespace lathe::cpu {
namespace {

int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }
int64_t roundUp(int64_t a, int64_t b) { return ceilDiv(a, b) * b; }

// Rows and panels of a part: the split whose slowest thread ends first, by a count of vector multiply-adds.
void chooseSplit(const ConvTable& t, const DirectProblem& problem, int threads, DirectGeometry& g) {
    const CpuInfo& cpu = cpuInfo();
    int64_t rows = g.outSize[1];
    double best = 0;
    for (int64_t bands = 1; bands <= rows; ++bands) {
        int64_t perBand = ceilDiv(rows, bands);
        if (ceilDiv(rows, perBand) != bands) continue;
        int64_t inRows = (perBand - 1) * g.stride[1] + (g.kernel[1] - 1) * g.dilation[1] + 1;
        int64_t bandFloats = g.channelSteps * g.kernel[0] * inRows * g.bandColumns * g.unit;
        // All panels go over the band, so it should stay in L2 beside a panel.
        bool fits = bandFloats * 4 <= cpu.l2Bytes / 2;
        int64_t pixels = perBand * g.outSize[2];
        for (int64_t panelParts = 1; panelParts <= std::min<int64_t>(g.panels, std::max(threads, 1)); ++panelParts) {
            double panels = static_cast<double>(ceilDiv(g.panels, panelParts));
            double k = static_cast<double>(g.k);
            double tiles = static_cast<double>(ceilDiv(pixels, t.tileRows) * t.tileRows);
            double cost = k * panels * (tiles * t.tileColumns / t.lanes + 0.25 * t.tileColumns) + 3000;
            if (g.copy) cost += 0.4 * static_cast<double>(bandFloats);
            if (!fits && perBand > 1) cost *= 1.3;
            int64_t parts = problem.n * problem.groups * g.outSize[0] * bands * panelParts;
            cost *= static_cast<double>(ceilDiv(parts, threads));
            if (best == 0 || cost < best * 0.98) {
                best = cost;
                g.bands = bands;
                g.rowsPerBand = perBand;
                g.panelParts = panelParts;
            }
        }
        if (bands >= 64 && fits) break;
    }
}

int64_t partsOf(const DirectProblem& problem, const DirectGeometry& g) {
    return problem.n * problem.groups * g.outSize[0] * g.bands * g.panelParts;
}

}  // namespace

const char* planDirect(const DirectProblem& problem, int threads, DirectGeometry& g) {
    const ConvTable& t = convTableNow();
    int64_t lanes = t.lanes, ic = problem.ic / problem.groups;
    g.oc = problem.oc / problem.groups;
    if (problem.out == Layout::kNchw) return "the direct algorithm writes no NCHW";
    bool blockedIn = problem.in == Layout::kBlocked, blockedOut = problem.out == Layout::kBlocked;
    if (blockedIn && problem.groups > 1 && ic % lanes != 0)
        return "a group's input channels do not fill channel blocks";
    if (blockedOut && problem.groups > 1 && g.oc % lanes != 0)
        return "a group's output channels do not fill channel blocks";

    int64_t spatial = g.inSize[0] * g.inSize[1] * g.inSize[2];
    int64_t taps = g.kernel[0] * g.kernel[1] * g.kernel[2];
    switch (problem.in) {
        case Layout::kBlocked:
            g.inPixel = lanes;
            g.inChannel = spatial * lanes;
            g.inGroup = ic / lanes * g.inChannel;
            g.channelSteps = ceilDiv(ic, lanes);
            g.unit = lanes;
            break;
        case Layout::kNhwc:
            g.inPixel = problem.ic;
            g.inChannel = 0;
            g.inGroup = ic;
            g.channelSteps = 1;
            g.unit = ic;
            break;
        case Layout::kNchw:
            g.inPixel = 1;
            g.inChannel = spatial;
            g.inGroup = ic * spatial;
            g.channelSteps = ic;
            g.unit = 1;
            break;
    }
    g.sources = planSources(problem, spatial);
    g.scaleGroup = ic;
    g.scaleImage = layoutFloats(problem.in, 1, problem.ic, 1);
    g.inRow = g.inSize[2] * g.inPixel;
    g.inDepth = g.inSize[1] * g.inRow;
    g.outVector = blockedOut ? g.outVector : lanes;
    g.zeroPad = blockedOut;
    g.k = g.channelSteps * g.unit * taps;
    g.panels = ceilDiv(g.oc, t.tileColumns);
    g.packedGroup = g.k * roundUp(g.oc, lanes);

    // A copy is needed where a window leaves the image; and it is where several inputs and their scales come together.
    g.copy = problem.scaled || problem.sources > 1;
    for (int d = 0; d < 3; ++d) {
        int64_t end = (g.outSize[d] - 1) * g.stride[d] + (g.kernel[d] - 1) * g.dilation[d] + 1 - g.padBefore[d];
        if (g.padBefore[d] > 0 || end > g.inSize[d]) g.copy = true;
    }
    g.bandColumns = (g.outSize[2] - 1) * g.stride[2] + (g.kernel[2] - 1) * g.dilation[2] + 1;
    g.bandPixel = g.copy ? g.unit : g.inPixel;
    g.blockedTile = blockedIn;
    // Kernel columns whose floats follow each other are one segment.
    bool merge = !blockedIn && g.dilation[2] == 1 && g.bandPixel == g.unit;
    g.segColumns = merge ? 1 : g.kernel[2];
    g.segLen = g.unit * (merge ? g.kernel[2] : 1);
    g.segCount = g.channelSteps * g.kernel[0] * g.kernel[1] * g.segColumns;
    // Partial sums are parked in the output after each block of segments (see gemm.cc for the lengths).
    int64_t once = cpuInfo().l1Bytes * 2 / (t.tileColumns * 4), most = cpuInfo().l1Bytes / (t.tileColumns * 4);
    g.segsPerBlock = g.segCount;
    if (g.k > once) {
        int64_t blocks = ceilDiv(g.k, most);
        g.segsPerBlock = std::max<int64_t>(1, ceilDiv(g.segCount, blocks));
    }
    chooseSplit(t, problem, threads, g);
    g.bandRows = (g.rowsPerBand - 1) * g.stride[1] + (g.kernel[1] - 1) * g.dilation[1] + 1;
    if (g.copy) {
        g.bandRow = g.bandColumns * g.unit;
        g.bandDepth = g.bandRows * g.bandRow;
        g.bandChannel = g.kernel[0] * g.bandDepth;
        g.floatsBand = roundUp(g.channelSteps * g.bandChannel, 16);
    } else {
        g.bandRow = g.inRow;
        g.bandDepth = g.inDepth;
        g.bandChannel = g.inChannel;
        g.floatsBand = 0;
    }
    g.intsPerPart = roundUp(g.segCount + 2 * g.rowsPerBand * g.outSize[2], 16);
    // Offsets are 32 bits wide.
    const int64_t limit = int64_t{1} << 31;
    if (g.channelSteps * g.bandChannel >= limit ||
        g.kernel[0] * g.dilation[0] * g.bandDepth + g.bandRows * g.bandRow >= limit ||
        g.rowsPerBand * g.outRow >= limit) {
        return "the image is too large for 32-bit offsets";
    }
    return nullptr;
}

int64_t directWorkspaceFloats(const DirectProblem& problem, const DirectGeometry& g, int threads) {
    return jobsOf(partsOf(problem, g), threads) * (g.floatsBand + g.intsPerPart);
}

void packDirectGroups(const DirectProblem& problem, const DirectGeometry& g, const float* weights, float* packed) {
    const ConvTable& t = convTableNow();
    int64_t ic = problem.ic / problem.groups, taps = g.kernel[0] * g.kernel[1] * g.kernel[2];
    for (int64_t group = 0; group < problem.groups; ++group) {
        t.packDirect(weights + group * g.oc * ic * taps, g.oc, ic, taps, problem.in == Layout::kNhwc ? 0 : g.unit,
                     packed + group * g.packedGroup);
    }
}

void runDirect(const DirectProblem& problem, const DirectGeometry& g, int threads, const ConvInput& in,
               const float* packed, float* out, const Epilogue& epilogue, float* workspace) {
    const ConvTable& t = convTableNow();
    int64_t parts = partsOf(problem, g), jobs = jobsOf(parts, threads);
    auto job = [&](int index) {
        DirectPart p;
        Epilogue e = epilogue;
        p.geometry = &g;
        p.epilogue = &e;
        p.aliased = epilogue.residual == out;
        p.band = workspace + index * (g.floatsBand + g.intsPerPart);
        p.tables = reinterpret_cast<int32_t*>(p.band + g.floatsBand);
        for (int64_t i = parts * index / jobs; i < parts * (index + 1) / jobs; ++i) {
            int64_t rest = i;
            int64_t panelPart = rest % g.panelParts;
            rest /= g.panelParts;
            int64_t band = rest % g.bands;
            rest /= g.bands;
            p.depth = rest % g.outSize[0];
            rest /= g.outSize[0];
            int64_t group = rest % problem.groups, image = rest / problem.groups;
            p.row0 = band * g.rowsPerBand;
            p.row1 = std::min(g.outSize[1], p.row0 + g.rowsPerBand);
            p.p0 = g.panels * panelPart / g.panelParts;
            p.p1 = g.panels * (panelPart + 1) / g.panelParts;
            for (int s = 0; s < g.sources.count; ++s)
                p.in[s] = in.x[s] + image * g.sources.image[s] + group * g.inGroup;
            p.scale = problem.scaled ? in.scale + image * g.scaleImage + group * g.scaleGroup : nullptr;
            p.weights = packed + group * g.packedGroup;
            int64_t outAt = image * g.outImage + group * g.outGroup;
            p.out = out + outAt;
            e.residual = epilogue.residual ? epilogue.residual + outAt : nullptr;
            e.scale = epilogue.scale ? epilogue.scale + group * g.oc : nullptr;
            e.bias = epilogue.bias ? epilogue.bias + group * g.oc : nullptr;
            t.direct(p);
        }
    };
    ThreadPool::instance().run(static_cast<int>(jobs), job, threads);
}

}  // namespace lathe::cpu
