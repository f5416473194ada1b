// Whether exponents are made at once, and not products that a factor makes exponents of later.
#define EXPONENTS (MASK == 1 || MASK == 3)
// Scores of 16 queries by KV keys, in: products; out: what is compared and subtracted (products times `factor` later, or
// with EXPONENTS those), -infinity where nothing is seen. Finite scores stay finite: keys that are all far below count
// the same. A mask here depends on the query; others are for maskScoresBy.
DEV void maskScores(const AttentionParams& p, float (&s)[KV / 8][4], int row, int firstKey, int lane, float scale, i64 maskBase) {
#pragma unroll
    for (int j = 0; j < KV / 8; ++j)
#pragma unroll
        for (int r = 0; r < 4; ++r) {
            int key = firstKey + j * 8 + lane % 4 * 2 + r % 2;
            bool seen = key < p.keys;
#if CAUSAL
            seen = seen && key <= row + r / 2 * 8 + p.causalOffset;
#endif
#if MASK
            // Out of range: any place that is in range.
            i64 at = maskBase + (key < p.keys ? key : 0) * p.maskKey;
            int query = row + r / 2 * 8;
            at += (query < p.queries ? query : 0) * p.maskQuery;
#endif
#if MASK == 1
            float added = toF32(static_cast<const MASK_T*>(p.mask)[at]);
            s[j][r] = fmaf(added, 1.4426950408889634f, s[j][r] * scale);
            if (s[j][r] == -infinity() && added != -infinity()) s[j][r] = -3.4028234e38f;
#elif MASK == 3
            s[j][r] *= scale;
            if (static_cast<const u8*>(p.mask)[at] == 0) s[j][r] = fmaxf(p.hidden * 1.4426950408889634f, -3.4028234e38f);
#elif MASK == 2
            seen = seen && static_cast<const u8*>(p.mask)[at] != 0;
#endif
            if (!seen) s[j][r] = -infinity();
        }
}

#if MASK && !MASK_ROWS
// A mask that is the same for every query, of this thread's keys as it lies in memory, -infinity (of a boolean one: 2)
// past the last key. Read while products are being made.
#if MASK == 1
typedef MASK_T MaskElement;
#else
typedef u8 MaskElement;
#endif
typedef Pack<MaskElement, 2> MaskOfKeys[KV / 8];
DEV void loadMask(const AttentionParams& p, MaskOfKeys& mask, int firstKey, int lane, i64 maskBase) {
    const MaskElement* from = static_cast<const MaskElement*>(p.mask) + maskBase;
    int mine = firstKey + lane % 4 * 2;
    bool pairs = p.maskKey == 1 && reinterpret_cast<u64>(from) % (2 * sizeof(MaskElement)) == 0;
#if MASK == 1
    const MaskElement past = fromF32<MaskElement>(-infinity());
#else
    const MaskElement past = 2;
#endif
    if (pairs && firstKey + KV <= p.keys) {
#pragma unroll
        for (int j = 0; j < KV / 8; ++j) mask[j] = loadPack<MaskElement, 2>(from, mine + j * 8);
        return;
    }
#pragma unroll
    for (int j = 0; j < KV / 8; ++j)
#pragma unroll
        for (int r = 0; r < 2; ++r) {
            int key = mine + j * 8 + r;
            mask[j].v[r] = key < p.keys ? from[key * p.maskKey] : past;
        }
}
// As maskScores.
DEV void maskScoresBy(const AttentionParams& p, float (&s)[KV / 8][4], const MaskOfKeys& mask, int row, int firstKey, int lane,
                      float scale) {
#pragma unroll
    for (int j = 0; j < KV / 8; ++j)
#pragma unroll
        for (int r = 0; r < 4; ++r) {
            MaskElement m = mask[j].v[r % 2];
#if MASK == 1
            // Finite numbers stay so far from the least float that no score makes them infinite: keys that are all far
            // below count the same.
            float added = toF32(m) * 1.4426950408889634f;
            if (added < -1e38f && toF32(m) != -infinity()) added = -1e38f;
            float x = fmaf(s[j][r], scale, added);
#elif MASK == 3
            float x = m == 2 ? -infinity() : m != 0 ? s[j][r] * scale : fmaxf(p.hidden * 1.4426950408889634f, -3.4028234e38f);
#else
            float x = m == 2 || m == 0 ? -infinity() : s[j][r];
#endif
#if CAUSAL
            if (firstKey + j * 8 + lane % 4 * 2 + r % 2 > row + r / 2 * 8 + p.causalOffset) x = -infinity();
#endif
            s[j][r] = x;
        }
}
#endif

// Scores become weights against the greatest so far; m: that, l: this thread's sum of weights, old: what earlier sums and
// products are to be multiplied by.
DEV void exponentials(float (&s)[KV / 8][4], float (&m)[2], float (&l)[2], float (&old)[2], float factor) {
#pragma unroll
    for (int h = 0; h < 2; ++h) {
        float best = m[h];
#pragma unroll
        for (int j = 0; j < KV / 8; ++j) best = maxNan(best, maxNan(s[j][h * 2], s[j][h * 2 + 1]));
        best = maxNan(best, __shfl_xor_sync(0xffffffffu, best, 1));
        best = maxNan(best, __shfl_xor_sync(0xffffffffu, best, 2));
        // Nothing seen yet: any finite number will do.
        float base = (best == -infinity() ? 0.0f : best) * factor, sum = 0.0f;
        old[h] = exp2Fast(m[h] * factor - base);
        m[h] = best;
#pragma unroll
        for (int j = 0; j < KV / 8; ++j)
#pragma unroll
            for (int r = 0; r < 2; ++r) {
                s[j][h * 2 + r] = exp2Fast(fmaf(s[j][h * 2 + r], factor, -base));
                sum += s[j][h * 2 + r];
            }
        l[h] = fmaf(l[h], old[h], sum);
    }
}
