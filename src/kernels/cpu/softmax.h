// SPDX-License-Identifier: Apache-2.0
// Softmax and log-softmax along one axis.
#pragma once

#include <cstdint>

#include "base/dtype.h"

namespace lathe::cpu {

struct SoftmaxArgs {
    DType type = DType::kFloat;  // f32, f16 or bf16; computed in f32
    const void* x = nullptr;     // dense [outer, n, inner]
    void* y = nullptr;           // may be x
    int64_t outer = 1, n = 1, inner = 1;
    bool log = false;
};
// A row of -infinity alone gives NaN, as the definition does; NaN spreads over its row.
void softmax(const SoftmaxArgs& args);

struct SoftmaxTable {
    // Rows [begin, end) where inner is 1; else vectors (outer index, block of inner columns) in that order.
    void (*rows)(const SoftmaxArgs& args, int64_t begin, int64_t end);
    void (*columns)(const SoftmaxArgs& args, int64_t columnsPerBlock, int64_t begin, int64_t end);
};
inline constexpr int kSoftmaxMaxColumns = 512;  // of a block

}  // namespace lathe::cpu
