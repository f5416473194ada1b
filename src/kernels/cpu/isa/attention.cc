// SPDX-License-Identifier: Apache-2.0
// Keys and values are packed, kKeys at a time, into panels of kPanelVecs vectors: K transposed, [panel][dim][lanes]; V
// as it is, [panel][key][lanes]. Groups of kRowTile rows by one panel are the register tiles of both products. The
// scores of kRowBlock rows by kKeys keys stay in L1; per row there are a running maximum, a running sum and an
// unnormalized result, corrected whenever the maximum grows.
#include "kernels/cpu/attention.h"

#include "kernels/cpu/isa/simd_extra.h"

namespace lathe::cpu::LATHE_ISA {
namespace {

#if defined(LATHE_ISA_avx512)
constexpr int kPanelVecs = 4;
constexpr int kRowTile = 6;
#elif defined(LATHE_ISA_avx2)
constexpr int kPanelVecs = 2;
constexpr int kRowTile = 6;
#else
constexpr int kPanelVecs = 1;
constexpr int kRowTile = 4;
#endif
constexpr int kPanel = kPanelVecs * kLanes;
constexpr int kRowBlock = 24;
constexpr int kKeys = 128;
constexpr int64_t kFewRows = 3;  // up to so many query rows, packing does not pay

LATHE_INLINE int64_t padded(int64_t n) { return (n + kLanes - 1) / kLanes * kLanes; }
LATHE_INLINE int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

// c[R][V vectors] (+)= a[R][k] b[k][V vectors].
template <int R, int V, bool kAdd>
void product(const float* a, int64_t lda, const float* b, int64_t k, float* c, int64_t ldc) {
    F acc[R][V];
    LATHE_UNROLL
    for (int i = 0; i < R; ++i) {
        LATHE_UNROLL
        for (int v = 0; v < V; ++v) acc[i][v] = kAdd ? load(c + i * ldc + v * kLanes) : zero();
    }
    for (int64_t p = 0; p < k; ++p, b += V * kLanes) {
        F bv[V];
        LATHE_UNROLL
        for (int v = 0; v < V; ++v) bv[v] = load(b + v * kLanes);
        LATHE_UNROLL
        for (int i = 0; i < R; ++i) {
            F av = broadcastAt(a + i * lda + p);
            LATHE_UNROLL
            for (int v = 0; v < V; ++v) acc[i][v] = fma(av, bv[v], acc[i][v]);
        }
    }
    LATHE_UNROLL
    for (int i = 0; i < R; ++i) {
        LATHE_UNROLL
        for (int v = 0; v < V; ++v) store(c + i * ldc + v * kLanes, acc[i][v]);
    }
}

using ProductFn = void (*)(const float*, int64_t, const float*, int64_t, float*, int64_t);
template <int R, bool kAdd>
ProductFn productFor(int vecs) {
    if constexpr (kPanelVecs >= 4) {
        if (vecs == 4) return product<R, 4, kAdd>;
        if (vecs == 3) return product<R, 3, kAdd>;
    }
    if constexpr (kPanelVecs >= 2) {
        if (vecs == 2) return product<R, 2, kAdd>;
    }
    return product<R, 1, kAdd>;
}
template <bool kAdd>
ProductFn productFor(int rows, int vecs) {
    switch (rows) {
        case 1: return productFor<1, kAdd>(vecs);
        case 2: return productFor<2, kAdd>(vecs);
        case 3: return productFor<3, kAdd>(vecs);
        case 4: return productFor<4, kAdd>(vecs);
        case 5: return productFor<5, kAdd>(vecs);
        default: return productFor<6, kAdd>(vecs);
    }
}

// c[rows][columns] (+)= a[rows][k] times the panels of b, which hold packedK >= k steps.
template <bool kAdd>
void panels(const float* a, int64_t lda, int64_t rows, const float* b, int64_t packedK, int64_t k, float* c,
            int64_t ldc, int64_t columns) {
    for (int64_t at = 0; at < columns; at += kPanel) {
        int vecs = static_cast<int>(least(kPanel, padded(columns - at)) / kLanes);
        ProductFn whole = productFor<kAdd>(kRowTile, vecs);
        int64_t i = 0;
        for (; i + kRowTile <= rows; i += kRowTile) whole(a + i * lda, lda, b, k, c + i * ldc + at, ldc);
        if (i < rows) productFor<kAdd>(static_cast<int>(rows - i), vecs)(a + i * lda, lda, b, k, c + i * ldc + at, ldc);
        b += packedK * vecs * kLanes;
    }
}

template <class T>
void packTransposed(const T* from, int64_t stride, int64_t keys, int64_t dims, float* to) {
    for (int64_t at = 0; at < keys; at += kPanel) {
        int64_t width = least(kPanel, padded(keys - at));
        for (int64_t j = 0; j < width; j += kLanes) {
            int64_t valid = keys - at - j;
            for (int64_t d = 0; d < dims; d += kLanes) {
                int m = static_cast<int>(least(kLanes, dims - d));
                F r[kLanes];
                for (int i = 0; i < kLanes; ++i) {
                    const T* row = from + (at + j + i) * stride + d;
                    r[i] = i >= valid ? zero() : m == kLanes ? loadAs(row) : loadAsN(row, m);
                }
                transpose(r);
                for (int i = 0; i < m; ++i) store(to + (d + i) * width + j, r[i]);
            }
        }
        to += dims * width;
    }
}

template <class T>
void packRows(const T* from, int64_t stride, int64_t rows, int64_t columns, float* to) {
    for (int64_t at = 0; at < columns; at += kPanel) {
        int64_t width = least(kPanel, padded(columns - at)), valid = least(kPanel, columns - at);
        for (int64_t r = 0; r < rows; ++r, to += width) {
            const T* row = from + r * stride + at;
            int64_t c = 0;
            for (; c + kLanes <= valid; c += kLanes) store(to + c, loadAs(row + c));
            if (c < valid) store(to + c, loadAsN(row + c, static_cast<int>(valid - c)));
        }
    }
}

// What one query's mask does to its scores of some keys: adds `values`, or keeps those where `values` is not 0 and
// makes the others `hidden`.
struct MaskRow {
    const float* values = nullptr;  // null: nothing
    bool selects = false;
    float hidden = 0;
};

// One head's mask; rows are made floats in a buffer where they are not so in memory.
struct Mask {
    const char* base = nullptr;  // null: none
    DType type = DType::kFloat;
    int64_t query = 0, key = 0;
    bool selects = false;
    float hidden = 0;

    int bytes() const { return type == DType::kFloat ? 4 : type == DType::kBool ? 1 : 2; }
    // For keys [k0, k0 + n) of a query.
    MaskRow row(int64_t q, int64_t k0, int64_t n, float* buffer) const {
        const char* p = base + (q * query + k0 * key) * bytes();
        if (type == DType::kFloat && key == 1) return {reinterpret_cast<const float*>(p)};
        int64_t j = 0;
        if (type == DType::kBool) {
            const float yes = selects ? 1.0f : 0.0f, no = selects ? 0.0f : -__builtin_inff();
            if (key == 1) {
                for (; j + kLanes <= n; j += kLanes) {
                    F b = toFloat(loadU8(reinterpret_cast<const uint8_t*>(p + j)));
                    store(buffer + j, select(equal(b, zero()), set(no), set(yes)));
                }
            }
            for (; j < n; ++j) buffer[j] = p[j * key] ? yes : no;
            return {buffer, selects, hidden};
        }
        if (key == 1) {
            for (; j + kLanes <= n; j += kLanes)
                store(buffer + j, type == DType::kHalf ? loadAs(reinterpret_cast<const F16Bits*>(p) + j)
                                                       : loadAs(reinterpret_cast<const Bf16Bits*>(p) + j));
        }
        for (p += j * key * bytes(); j < n; ++j, p += key * bytes()) {
            switch (type) {
                case DType::kHalf: buffer[j] = scalarOf(reinterpret_cast<const F16Bits*>(p)); break;
                case DType::kBf16: buffer[j] = scalarOf(reinterpret_cast<const Bf16Bits*>(p)); break;
                default: buffer[j] = *reinterpret_cast<const float*>(p); break;
            }
        }
        return {buffer};
    }
};

Mask maskOf(const AttentionArgs& a, int64_t batch, int64_t head) {
    Mask m;
    if (!a.mask) return m;
    m.type = a.maskType;
    m.query = a.maskStrides.query;
    m.key = a.maskStrides.key;
    m.base = static_cast<const char*>(a.mask) + (batch * a.maskStrides.batch + head * a.maskStrides.head) * m.bytes();
    m.selects = a.maskSelects && a.maskType == DType::kBool;
    m.hidden = a.hidden;
    return m;
}

// Turns n scores (the first `visible` of which count) into weights, updates the row's maximum and sum, and returns the
// factor for what was accumulated under the old maximum.
float weigh(float* s, int64_t n, int64_t visible, const MaskRow& mask, float& maximum, float& sum) {
    const float lowest = -__builtin_inff();
    F top = set(lowest);
    for (int64_t j = 0; j < visible; j += kLanes) {
        F v = load(s + j);
        if (mask.values) {
            F m = visible - j >= kLanes ? load(mask.values + j) : loadN(mask.values + j, static_cast<int>(visible - j));
            v = mask.selects ? select(equal(m, zero()), set(mask.hidden), v) : v + m;
            store(s + j, v);
        }
        if (visible - j < kLanes) {
            v = select(firstN(static_cast<int>(visible - j)), v, set(lowest));
            store(s + j, v);
        }
        top = max(top, v);
    }
    float highest = reduceMax(top);
    float next = highest > maximum ? highest : maximum;
    if (next == lowest) {
        // Nothing visible so far, or only NaN: those must not be lost.
        float probe = 0;
        for (int64_t j = 0; j < visible; ++j) probe += s[j] != s[j] ? s[j] : 0;
        for (int64_t j = 0; j < n; ++j) s[j] = probe;
        sum += probe;
        return 1;
    }
    F shift = set(next), total = zero();
    for (int64_t j = 0; j < visible; j += kLanes) {
        F e = expSoft(load(s + j) - shift);
        store(s + j, e);
        total = total + e;
    }
    for (int64_t j = padded(visible); j < n; ++j) s[j] = 0;
    float factor = 1;
    if (next != maximum) {
        // e^(old - new), 0 where there was no old maximum.
        float lanes[kLanes];
        store(lanes, expSoft(set(maximum) - shift));
        factor = maximum == lowest ? 0 : lanes[0];
        maximum = next;
    }
    sum = sum * factor + reduceAdd(total);
    return factor;
}

template <class T>
void storeResult(const float* o, int64_t n, float sum, bool blindZero, T* to) {
    F factor = set(1.0f / sum);
    if (sum == 0) factor = set(blindZero ? 0.0f : __builtin_nanf(""));
    int64_t d = 0;
    for (; d + kLanes <= n; d += kLanes) storeAs(to + d, load(o + d) * factor);
    if (d < n) storeAsN(to + d, load(o + d) * factor, static_cast<int>(n - d));
}

// Keys that query row i sees among all.
LATHE_INLINE int64_t visibleTo(const AttentionArgs& a, int64_t i) {
    if (!a.causal) return a.keys;
    int64_t n = i + a.causalOffset + 1;
    return n < 0 ? 0 : least(n, a.keys);
}

// Rows of the query heads that share a key head.
template <class T>
struct Rows {
    const AttentionArgs& a;
    int64_t batch, firstHead;
    bool blindZero;

    Rows(const AttentionArgs& args, int64_t b, int64_t kvHead)
        : a(args),
          batch(b),
          firstHead(kvHead * (args.heads / args.kvHeads)),
          blindZero(args.blindZero || args.keys == 0) {}
    int64_t head(int64_t row) const { return firstHead + row / a.queries; }
    int64_t query(int64_t row) const { return row % a.queries; }
    int64_t visible(int64_t row) const { return visibleTo(a, query(row)); }
    const T* q(int64_t row) const {
        return static_cast<const T*>(a.q) + batch * a.qStrides.batch + head(row) * a.qStrides.head +
               query(row) * a.qStrides.row;
    }
    T* out(int64_t row) const {
        return static_cast<T*>(a.out) + batch * a.outStrides.batch + head(row) * a.outStrides.head +
               query(row) * a.outStrides.row;
    }
    // The most keys that one of the rows sees.
    int64_t mostVisible(int64_t begin, int64_t end) const {
        if (head(begin) != head(end - 1)) return visibleTo(a, a.queries - 1);
        return visible(end - 1);
    }
};

template <class T>
LATHE_INLINE void loadQuery(const T* from, int64_t dims, float scale, float* to) {
    F s = set(scale);
    for (int64_t d = 0; d < dims; d += kLanes) {
        int m = static_cast<int>(least(kLanes, dims - d));
        store(to + d, (m == kLanes ? loadAs(from + d) : loadAsN(from + d, m)) * s);
    }
}

template <class T>
void manyRows(const AttentionArgs& a, int64_t batch, int64_t kvHead, int64_t begin, int64_t end, float* w) {
    const int64_t dims = a.headDim, valueDims = a.valueDim, outLd = padded(valueDims), rows = end - begin;
    const Rows<T> at(a, batch, kvHead);
    const T* k = static_cast<const T*>(a.k) + batch * a.kStrides.batch + kvHead * a.kStrides.head;
    const T* v = static_cast<const T*>(a.v) + batch * a.vStrides.batch + kvHead * a.vStrides.head;

    float* packedK = w;
    float* packedV = packedK + dims * kKeys;
    float* scores = packedV + outLd * kKeys;  // [kRowBlock][kKeys]
    float* queries = scores + kRowBlock * kKeys;
    float* result = queries + rows * padded(dims);
    float* maximum = result + rows * outLd;
    float* sum = maximum + rows;

    const int64_t queryLd = padded(dims);
    for (int64_t i = 0; i < rows; ++i) {
        loadQuery(at.q(begin + i), dims, a.scale, queries + i * queryLd);
        for (int64_t d = 0; d < outLd; d += kLanes) store(result + i * outLd + d, zero());
        maximum[i] = -__builtin_inff();
        sum[i] = 0;
    }

    // A mask that is the same for all queries of a head is looked at once for each block of keys.
    Mask mask;
    MaskRow maskRow;
    int64_t maskHead = -1;
    const int64_t lastVisible = at.mostVisible(begin, end);
    alignas(64) float buffer[kKeys];
    for (int64_t k0 = 0; k0 < lastVisible; k0 += kKeys) {
        int64_t n = least(kKeys, a.keys - k0);
        packTransposed(k + k0 * a.kStrides.row, a.kStrides.row, n, dims, packedK);
        packRows(v + k0 * a.vStrides.row, a.vStrides.row, n, valueDims, packedV);
        maskHead = -1;
        for (int64_t i0 = 0; i0 < rows; i0 += kRowBlock) {
            int64_t m = least(kRowBlock, rows - i0);
            int64_t seen = least(n, at.mostVisible(begin + i0, begin + i0 + m) - k0);
            if (seen <= 0) continue;
            // Whole panels, as they were packed.
            int64_t width = least(n, (seen + kPanel - 1) / kPanel * kPanel);
            panels<false>(queries + i0 * queryLd, queryLd, m, packedK, dims, dims, scores, kKeys, width);
            for (int64_t i = 0; i < m; ++i) {
                int64_t row = begin + i0 + i, visible = at.visible(row) - k0;
                visible = visible < 0 ? 0 : least(visible, seen);
                if (a.mask) {
                    bool fresh = at.head(row) != maskHead;
                    if (fresh) mask = maskOf(a, batch, maskHead = at.head(row));
                    if (fresh || mask.query != 0) maskRow = mask.row(at.query(row), k0, n, buffer);
                }
                float factor = weigh(scores + i * kKeys, seen, visible, maskRow, maximum[i0 + i], sum[i0 + i]);
                if (factor != 1 && k0 > 0) {
                    float* r = result + (i0 + i) * outLd;
                    for (int64_t d = 0; d < outLd; d += kLanes) store(r + d, load(r + d) * set(factor));
                }
            }
            panels<true>(scores, kKeys, m, packedV, n, seen, result + i0 * outLd, outLd, valueDims);
        }
    }
    for (int64_t i = 0; i < rows; ++i)
        storeResult(result + i * outLd, valueDims, sum[i], at.blindZero, at.out(begin + i));
}

// One query row at a time, keys and values read once and in place.
template <class T>
void fewRows(const AttentionArgs& a, int64_t batch, int64_t kvHead, int64_t begin, int64_t end, float* w) {
    const int64_t dims = a.headDim, valueDims = a.valueDim, outLd = padded(valueDims);
    const Rows<T> at(a, batch, kvHead);
    const T* k = static_cast<const T*>(a.k) + batch * a.kStrides.batch + kvHead * a.kStrides.head;
    const T* v = static_cast<const T*>(a.v) + batch * a.vStrides.batch + kvHead * a.vStrides.head;
    float* query = w;
    float* result = query + padded(dims);
    alignas(64) float scores[kKeys], buffer[kKeys];

    for (int64_t i = begin; i < end; ++i) {
        loadQuery(at.q(i), dims, a.scale, query);
        Mask mask = maskOf(a, batch, at.head(i));
        for (int64_t d = 0; d < outLd; d += kLanes) store(result + d, zero());
        float maximum = -__builtin_inff(), sum = 0;
        int64_t visible = at.visible(i);
        for (int64_t k0 = 0; k0 < visible; k0 += kKeys) {
            int64_t n = least(kKeys, visible - k0);
            for (int64_t j = 0; j < n; ++j) {
                const T* key = k + (k0 + j) * a.kStrides.row;
                F s0 = zero(), s1 = zero();
                int64_t d = 0;
                for (; d + 2 * kLanes <= dims; d += 2 * kLanes) {
                    s0 = fma(load(query + d), loadAs(key + d), s0);
                    s1 = fma(load(query + d + kLanes), loadAs(key + d + kLanes), s1);
                }
                for (; d < dims; d += kLanes) {
                    int m = static_cast<int>(least(kLanes, dims - d));
                    s0 = fma(load(query + d), m == kLanes ? loadAs(key + d) : loadAsN(key + d, m), s0);
                }
                scores[j] = reduceAdd(s0 + s1);
            }
            for (int64_t j = n; j < padded(n); ++j) scores[j] = 0;
            MaskRow maskRow;
            if (mask.base) maskRow = mask.row(at.query(i), k0, n, buffer);
            F factor = set(weigh(scores, n, n, maskRow, maximum, sum));
            for (int64_t d = 0; d < valueDims; d += 4 * kLanes) {
                int vecs = static_cast<int>(least(4, padded(valueDims - d) / kLanes));
                F acc[4] = {zero(), zero(), zero(), zero()};
                for (int c = 0; c < vecs; ++c) acc[c] = load(result + d + c * kLanes) * factor;
                const bool whole = d + 4 * kLanes <= valueDims;
                for (int64_t j = 0; j < n; ++j) {
                    const T* value = v + (k0 + j) * a.vStrides.row + d;
                    F p = broadcastAt(scores + j);
                    if (whole) {
                        LATHE_UNROLL
                        for (int c = 0; c < 4; ++c) acc[c] = fma(p, loadAs(value + c * kLanes), acc[c]);
                        continue;
                    }
                    for (int c = 0; c < vecs; ++c) {
                        int m = static_cast<int>(least(kLanes, valueDims - d - c * kLanes));
                        F x = m == kLanes ? loadAs(value + c * kLanes) : loadAsN(value + c * kLanes, m);
                        acc[c] = fma(p, x, acc[c]);
                    }
                }
                for (int c = 0; c < vecs; ++c) store(result + d + c * kLanes, acc[c]);
            }
        }
        storeResult(result, valueDims, sum, at.blindZero, at.out(i));
    }
}

int64_t workspaceFloats(const AttentionArgs& a, int64_t rows) {
    int64_t q = padded(a.headDim), o = padded(a.valueDim);
    if (rows <= kFewRows) return q + o;
    return (a.headDim + o + kRowBlock) * kKeys + rows * (q + o + 2);
}

template <class T>
void rowsOf(const AttentionArgs& a, int64_t batch, int64_t kvHead, int64_t begin, int64_t end, float* w) {
    if (end - begin <= kFewRows)
        fewRows<T>(a, batch, kvHead, begin, end, w);
    else
        manyRows<T>(a, batch, kvHead, begin, end, w);
}

void rows(const AttentionArgs& a, int64_t batch, int64_t kvHead, int64_t begin, int64_t end, float* w) {
    switch (a.type) {
        case DType::kHalf: return rowsOf<F16Bits>(a, batch, kvHead, begin, end, w);
        case DType::kBf16: return rowsOf<Bf16Bits>(a, batch, kvHead, begin, end, w);
        default: return rowsOf<float>(a, batch, kvHead, begin, end, w);
    }
}

}  // namespace

extern const AttentionTable attentionTable;
constinit const AttentionTable attentionTable = {&workspaceFloats, &rows};

}  // namespace lathe::cpu::LATHE_ISA
