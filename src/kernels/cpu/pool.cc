// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/pool.h"

#include "kernels/cpu/grain.h"
#include "kernels/cpu/isa/isa.h"

LATHE_ISA_TABLE(PoolTable, poolTable)

namespace lathe::cpu {

void pool(const PoolArgs& args) {
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
