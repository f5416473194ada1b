// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/norm.h"

#include <cmath>

#include "kernels/cpu/grain.h"
#include "kernels/cpu/isa/isa.h"

LATHE_ISA_TABLE(NormTable, normTable)

namespace lathe::cpu {

void layerNorm(const LayerNormArgs& args) {
    if (args.rows == 0 || args.n == 0) return;
    const NormTable& kernels = normTable();
    parallelFor(args.rows, grainFor(args.n * 8, kArithmeticGrain),
                [&](int64_t begin, int64_t end) { kernels.layerRows(args, begin, end); });
}

int64_t groupNormWorkspaceFloats(const GroupNormArgs& args) { return args.channelsLast ? 2 * args.channels : 0; }

void groupNorm(const GroupNormArgs& args) {
    if (args.batch == 0 || args.channels == 0 || args.positions == 0) return;
    const NormTable& kernels = normTable();
    int64_t perGroup = args.channels / args.groups;
    if (!args.channelsLast) {
        parallelFor(args.batch * args.groups, grainFor(perGroup * args.positions * 8, kArithmeticGrain),
                    [&](int64_t begin, int64_t end) { kernels.groups(args, begin, end); });
        return;
    }
    constexpr int64_t kBlock = 64;  // channels
    float* first = args.workspace;
    float* second = first + args.channels;
    int64_t blocks = (args.channels + kBlock - 1) / kBlock;
    for (int64_t image = 0; image < args.batch; ++image) {
        parallelFor(blocks, grainFor(kBlock * args.positions * 6, kArithmeticGrain), [&](int64_t begin, int64_t end) {
            for (int64_t b = begin; b < end; ++b)
                kernels.channelMoments(args, image, b * kBlock, std::min(args.channels, (b + 1) * kBlock), first,
                                       second);
        });
        // The groups' moments from their channels', turned into a factor and an offset per channel.
        for (int64_t g = 0; g < args.groups; ++g) {
            double mean = 0, variance = 0;
            for (int64_t c = g * perGroup; c < (g + 1) * perGroup; ++c) mean += first[c];
            mean /= static_cast<double>(perGroup);
            for (int64_t c = g * perGroup; c < (g + 1) * perGroup; ++c) {
                double off = first[c] - mean;
                variance += second[c] + off * off * static_cast<double>(args.positions);
            }
            variance /= static_cast<double>(perGroup * args.positions);
            double inverse = 1 / std::sqrt(variance + args.epsilon);
            for (int64_t c = g * perGroup; c < (g + 1) * perGroup; ++c) {
                double factor = inverse * (args.scale ? args.scale[c] : 1);
                first[c] = static_cast<float>(factor);
                second[c] = static_cast<float>((args.bias ? args.bias[c] : 0) - mean * factor);
            }
        }
        parallelFor(args.positions, grainFor(args.channels * 4, kArithmeticGrain),
                    [&](int64_t begin, int64_t end) { kernels.channelAffine(args, image, begin, end, first, second); });
    }
}

}  // namespace lathe::cpu
