// SPDX-License-Identifier: Apache-2.0
// How finely the kernels split their work over the pool: a part should take some 8 us, else it stays in one thread.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/thread_pool.h"

namespace lathe::cpu {

// About 8 us of work each.
inline constexpr int64_t kCopyGrainBytes = 64 << 10;
inline constexpr int64_t kArithmeticGrain = 1 << 18;  // single-precision operations

// Items per part, where one item costs `cost` of `budget`.
constexpr int64_t grainFor(int64_t cost, int64_t budget) {
    return std::max<int64_t>(1, budget / std::max<int64_t>(1, cost));
}

}  // namespace lathe::cpu
