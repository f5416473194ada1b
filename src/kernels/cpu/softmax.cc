// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/softmax.h"

#include "kernels/cpu/grain.h"
#include "kernels/cpu/isa/isa.h"

LATHE_ISA_TABLE(SoftmaxTable, softmaxTable)

namespace lathe::cpu {

void softmax(const SoftmaxArgs& args) {
    if (args.outer == 0 || args.n == 0 || args.inner == 0) return;
    const SoftmaxTable& kernels = softmaxTable();
    constexpr int64_t kOpsPerElement = 24;
    if (args.inner == 1) {
        parallelFor(args.outer, grainFor(args.n * kOpsPerElement, kArithmeticGrain),
                    [&](int64_t begin, int64_t end) { kernels.rows(args, begin, end); });
        return;
    }
    // Blocks whose columns stay in L1 over the three passes, in whole cache lines.
    int64_t columns = std::clamp<int64_t>((16 << 10) / 4 / args.n / 16 * 16, 16, kSoftmaxMaxColumns);
    columns = std::min(columns, args.inner);
    int64_t blocks = (args.inner + columns - 1) / columns;
    parallelFor(args.outer * blocks, grainFor(args.n * columns * kOpsPerElement, kArithmeticGrain),
                [&](int64_t begin, int64_t end) { kernels.columns(args, columns, begin, end); });
}

}  // namespace lathe::cpu
