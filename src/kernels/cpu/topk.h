// SPDX-License-Identifier: Apache-2.0
// Along one axis: the position of an extreme, the k greatest or least elements, and running sums.
#pragma once

#include <cstdint>

#include "base/dtype.h"
#include "base/status.h"

namespace lathe::cpu {

// Arrays are dense [outer, n, inner]; types: f32, f16, bf16, i8, u8, bool, i32, i64. NaN counts as greater than every
// number.
struct ArgExtremeArgs {
    DType type = DType::kFloat;
    const void* x = nullptr;
    void* index = nullptr;            // [outer, inner]
    DType indexType = DType::kInt64;  // i64 or i32
    int64_t outer = 1, n = 0, inner = 1;
    bool least = false;     // argmin
    bool lastWins = false;  // among equals; else the first
};
// REQUIRES: n > 0.
Status argExtreme(const ArgExtremeArgs& args);

struct TopKArgs {
    DType type = DType::kFloat;
    const void* x = nullptr;
    void* value = nullptr;            // optional, [outer, k, inner]
    void* index = nullptr;            // optional, [outer, k, inner]
    DType indexType = DType::kInt32;  // i32 or i64
    int64_t outer = 1, n = 0, inner = 1, k = 0;
    bool least = false;  // ascending from the least; else descending from the greatest. Equals in order of position.
    void* workspace = nullptr;  // topKWorkspaceBytes()
};
int64_t topKWorkspaceBytes(const TopKArgs& args);
// REQUIRES: k <= n < 2^31.
Status topK(const TopKArgs& args);

struct CumulativeSumArgs {
    DType type = DType::kFloat;  // not bool; integers wrap; narrow floats are summed in f32, f32 in double
    const void* x = nullptr;
    void* y = nullptr;  // may be x
    int64_t outer = 1, n = 0, inner = 1;
    bool exclusive = false, reverse = false;
};
Status cumulativeSum(const CumulativeSumArgs& args);

}  // namespace lathe::cpu
