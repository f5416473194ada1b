// SPDX-License-Identifier: Apache-2.0
// out = softmax(q kᵀ scale + mask) v for each head, without the score matrix ever being in memory as a whole.
#pragma once

#include <cstdint>

#include "base/dtype.h"

namespace lathe::cpu {

struct AttentionArgs {
    DType type = DType::kFloat;  // of q, k, v and out: f32, f16 or bf16; computed in f32
    const void* q = nullptr;
    const void* k = nullptr;
    const void* v = nullptr;
    void* out = nullptr;                        // may be q where their strides agree
    int64_t batch = 1, heads = 1, kvHeads = 1;  // kvHeads divides heads; a key head serves heads / kvHeads query heads
    int64_t queries = 0, keys = 0;
    int64_t headDim = 0, valueDim = 0;  // of q and k; of v and out
    // Elements from one batch entry, head and row to the next, so that a merged projection is read in place; the
    // elements of a row are contiguous.
    struct Strides {
        int64_t batch = 0, head = 0, row = 0;
    };
    Strides qStrides, kStrides, vStrides, outStrides;
    float scale = 1;  // on q kᵀ

    // Optional; added to the scores if floating-point, else (bool) only true elements take part. Strides may be 0.
    const void* mask = nullptr;
    DType maskType = DType::kFloat;  // f32, f16, bf16 or bool
    struct MaskStrides {
        int64_t batch = 0, head = 0, query = 0, key = 0;
    } maskStrides;
    // A bool mask's false elements make the score `hidden`, whatever it was, instead of adding -inf to it.
    bool maskSelects = false;
    float hidden = -__builtin_inff();
    bool blindZero = false;  // a query that sees no key gives 0 instead of NaN

    // Query i sees keys 0 … i + causalOffset.
    bool causal = false;
    int64_t causalOffset = 0;

    void* workspace = nullptr;  // attentionWorkspaceBytes(), aligned to 64
};
// Depends on sizes and the pool, not on pointers. A query that sees no key gets NaN, as the definition has it, unless
// blindZero says otherwise or there are no keys at all, whose sum is 0.
int64_t attentionWorkspaceBytes(const AttentionArgs& args);
void attention(const AttentionArgs& args);

struct AttentionTable {
    // Floats of workspace that one call of `rows` needs.
    int64_t (*workspaceFloats)(const AttentionArgs& args, int64_t rows);
    // Rows [begin, end) of the query heads that share a key head, all queries of one after all of another.
    void (*rows)(const AttentionArgs& args, int64_t batch, int64_t kvHead, int64_t begin, int64_t end,
                 float* workspace);
};

}  // namespace lathe::cpu
