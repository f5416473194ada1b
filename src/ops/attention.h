// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>

#include "ir/op.h"

namespace lathe::ops {

enum class AttentionScores { kProduct, kCapped, kBiased, kSoftmax };
inline constexpr const char* kAttentionScoresNames[] = {"product", "capped", "biased", "softmax"};

// attention: softmax(cap(scale * q k^T) + bias) v, for each head. Inputs, all of one floating type except where said:
//   0 q [batch, q_heads, queries, size]      or [batch, queries, q_heads * size] with q_num_heads
//   1 k [batch, kv_heads, keys, size]        or [batch, keys, kv_heads * size] with kv_num_heads
//   2 v [batch, kv_heads, keys, v_size]      or [batch, keys, kv_heads * v_size]
//   3 mask (optional), bool (true: look) or q's type (added): broadcasts to [batch, q_heads, queries, all keys]; a last
//     axis that is shorter than that hides the other keys
//   4, 5 past_key [batch, kv_heads, past, size] and past_value (optional, together): go before k and v
//   6 nonpad_kv_seqlen [batch] (optional, i64 or i32, not together with past_key): only so many keys are valid
// q head h uses kv head h / (q_heads / kv_heads). Outputs (as many as the node has):
//   0 y, shaped as q with v's size; 1, 2 present key and value [batch, kv_heads, past + keys, …]; 3 the scores [batch,
//   q_heads, queries, all keys] as `scores` says: the scaled product, after the cap, after the bias, or after softmax.
// scale 0 is 1 / sqrt(size). softcap c above 0 caps by c tanh(x / c). With is_causal query i looks at keys j <= i +
// offset, the offset being the number of past keys, or with nonpad_kv_seqlen its number less the number of queries, or
// 0; left_window and right_window (-1: none) keep j within that distance of i + offset. softmax_precision is the least
// precision that kernels compute softmax in. A query that sees no key gives 0, or, with blind_nan, what softmax makes
// of nothing but -inf: NaN (unless there are no keys at all). With mask_selects, a bool mask does not add -inf where it
// is false but replaces the score by `hidden`, whatever it was.
struct AttentionAttrs : ir::AttrsOf<AttentionAttrs> {
    int64_t qNumHeads = 0;
    int64_t kvNumHeads = 0;
    bool isCausal = false;
    double scale = 0;
    double softcap = 0;
    int64_t leftWindow = -1;
    int64_t rightWindow = -1;
    AttentionScores scores = AttentionScores::kProduct;
    DType softmaxPrecision = DType::kFloat;
    bool blindNan = false;
    bool maskSelects = false;
    double hidden = -std::numeric_limits<double>::infinity();
    void fields(ir::AttrVisitor& f) {
        f("q_num_heads", qNumHeads);
        f("kv_num_heads", kvNumHeads);
        f("is_causal", isCausal);
        f("scale", scale);
        f("softcap", softcap);
        f("left_window", leftWindow);
        f("right_window", rightWindow);
        f("qk_matmul_output_mode", scores, kAttentionScoresNames);
        f("softmax_precision", softmaxPrecision);
        f("blind_nan", blindNan);
        f("mask_selects", maskSelects);
        f("hidden", hidden);
    }
};

extern const ir::Op* const op_attention;

}  // namespace lathe::ops
