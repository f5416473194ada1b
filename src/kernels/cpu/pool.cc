// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/pool.h"

#include <algorithm>

#include "kernels/cpu/grain.h"
#include "kernels/cpu/isa/isa.h"

LATHE_ISA_TABLE(PoolTable, poolTable)

namespace lathe::cpu {
namespace {

bool isWholePlanes(const PoolArgs& a) {
    if (a.type != DType::kFloat || a.weight != 1 || a.keep != 0) return false;
    for (int d = 0; d < 3; ++d) {
        bool whole = a.out[d] == 1 && a.kernel[d] == a.in[d] && a.padBegin[d] == 0 && a.padEnd[d] == 0;
        if (!whole || (a.dilation[d] != 1 && a.kernel[d] != 1)) return false;
    }
    return a.in[0] * a.in[1] * a.in[2] > 0;
}

void reducePlanes(const PoolArgs& args) {
    const PoolTable& kernels = poolTable();
    PlanesArgs p;
    p.max = args.kind == PoolArgs::Kind::kMax;
    p.x = static_cast<const float*>(args.x);
    p.y = static_cast<float*>(args.y);
    p.images = args.images;
    p.pixels = args.in[0] * args.in[1] * args.in[2];
    p.vector = args.vector;
    int64_t columns = std::min(args.vector, kernels.wholeColumns);
    int64_t units = args.images * ((args.vector + columns - 1) / columns);
    // The sums wait for memory, not for the adder.
    parallelFor(units, grainFor(p.pixels * columns * 4, kCopyGrainBytes),
                [&](int64_t begin, int64_t end) { kernels.whole(p, begin, end); });
}

}  // namespace

void pool(const PoolArgs& args) {
    if (isWholePlanes(args)) {
        if (args.images > 0 && args.vector > 0) reducePlanes(args);
        return;
    }
    int64_t rows = args.images * args.out[0] * args.out[1];
    if (rows == 0 || args.out[2] == 0 || args.vector == 0) return;
    auto fn = args.vector == 1 ? poolTable().planes : poolTable().vectors;
    int64_t taps = args.kernel[0] * args.kernel[1] * args.kernel[2];
    int64_t cost = args.out[2] * args.vector * taps * 2;
    parallelFor(rows, grainFor(cost, kArithmeticGrain), [&](int64_t begin, int64_t end) { fn(args, begin, end); });
}

void localResponseNorm(const LrnArgs& args) {
    if (args.channels == 0) return;
    const PoolTable& kernels = poolTable();
    for (int64_t b = 0; b < args.batch; ++b)
        parallelFor(args.positions, grainFor(args.channels * (args.window * 2 + 32), kArithmeticGrain),
                    [&](int64_t begin, int64_t end) { kernels.lrn(args, b, begin, end); });
}

}  // namespace lathe::cpu
