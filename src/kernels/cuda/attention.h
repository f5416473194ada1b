// SPDX-License-Identifier: Apache-2.0
// out = softmax(q kᵀ scale + mask) v for each head, the score matrix never in memory.
#pragma once

#include <limits>
#include <optional>

#include "kernels/cuda/launch.h"

namespace lathe::cuda {

struct AttentionShape {
    DType type = DType::kHalf;                  // of q, k, v and out
    int64_t batch = 1, heads = 1, kvHeads = 1;  // kvHeads divides heads
    int64_t queries = 0, keys = 0;
    int64_t headDim = 0, valueDim = 0;
    // Elements from one batch entry, head and row to the next; the elements of a row are contiguous.
    struct Strides {
        int64_t batch, head, row;
    };
    Strides q{0, 0, 0}, k{0, 0, 0}, v{0, 0, 0}, out{0, 0, 0};
    float scale = 1;
    // Operand 3: added to the scores if floating-point, else (bool) only true elements take part. Strides may be 0.
    std::optional<DType> mask = {};
    struct MaskStrides {
        int64_t batch, head, query, key;
    } maskStrides{0, 0, 0, 0};
    // With a bool mask: what takes the place of the scores where it is false, instead of hiding the key (-infinity).
    float hidden = -std::numeric_limits<float>::infinity();
    // A query that sees no key gets 0, or NaN.
    bool blindNan = true;
    int alignment = 16;   // bytes that every operand's address is a multiple of
    bool causal = false;  // query i sees keys 0 … i + causalOffset
    int64_t causalOffset = 0;
};

// Operands 0, 1, 2: q, k, v; kOutput. On the tensor cores: f16 and bf16, sm_80 and later, head dimensions of multiples
// of 8 up to 128, rows and strides of multiples of 16 bytes; else refused.
Result<KernelPlan> attention(const AttentionShape& shape, const KernelTarget& target);
// On sm_90's warpgroup products: as attention(), where operands' batch entries, heads and rows are apart (no stride of
// 0).
Result<KernelPlan> attentionWgmma(const AttentionShape& shape, const KernelTarget& target);
// Any architecture, f32 too, head dimensions up to 256.
Result<KernelPlan> attentionPlain(const AttentionShape& shape);

}  // namespace lathe::cuda
