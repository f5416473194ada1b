// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/topk.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "kernels/cpu/grain.h"

namespace lathe::cpu {
namespace {

// Elements become keys whose integer order is the order wanted, NaN greatest and both zeros equal.
inline int32_t keyOf(float x) {
    if (x != x) return std::numeric_limits<int32_t>::max();
    int32_t bits = std::bit_cast<int32_t>(x + 0.0f);
    return bits < 0 ? static_cast<int32_t>(0x80000000u - static_cast<uint32_t>(bits)) : bits;
}
inline int32_t keyOf(Half x) { return keyOf(static_cast<float>(x)); }
inline int32_t keyOf(BFloat16 x) { return keyOf(static_cast<float>(x)); }
inline int32_t keyOf(int8_t x) { return x; }
inline int32_t keyOf(uint8_t x) { return x; }
inline int32_t keyOf(int32_t x) { return x; }
inline int64_t keyOf(int64_t x) { return x; }
template <class T>
using Key = decltype(keyOf(T{}));

// For the least instead of the greatest: complementing reverses the order without overflow.
template <bool kLeast, class T>
inline Key<T> rankOf(T x) {
    Key<T> k = keyOf(x);
    return kLeast ? ~k : k;
}

template <class F>
Status withType(DType type, const char* what, F&& f) {
    switch (type) {
        case DType::kFloat: f.template operator()<float>(); return {};
        case DType::kHalf: f.template operator()<Half>(); return {};
        case DType::kBf16: f.template operator()<BFloat16>(); return {};
        case DType::kInt8: f.template operator()<int8_t>(); return {};
        case DType::kUint8:
        case DType::kBool: f.template operator()<uint8_t>(); return {};
        case DType::kInt32: f.template operator()<int32_t>(); return {};
        case DType::kInt64: f.template operator()<int64_t>(); return {};
        default: return unsupported("{}: elements of type {}", what, toString(type));
    }
}

Status checkIndexType(DType type, const char* what) {
    if (type == DType::kInt32 || type == DType::kInt64) return {};
    return unsupported("{}: indices of type {}", what, toString(type));
}

inline void putIndex(DType type, void* to, int64_t at, int64_t value) {
    if (type == DType::kInt32)
        static_cast<int32_t*>(to)[at] = static_cast<int32_t>(value);
    else
        static_cast<int64_t*>(to)[at] = value;
}

constexpr int64_t kColumns = 128;

template <class T, bool kLeast>
void argColumns(const ArgExtremeArgs& a, int64_t begin, int64_t end) {
    const int64_t blocks = (a.inner + kColumns - 1) / kColumns;
    Key<T> best[kColumns];
    int64_t where[kColumns];
    for (int64_t b = begin; b < end; ++b) {
        int64_t outer = b / blocks, first = b % blocks * kColumns, cols = std::min(kColumns, a.inner - first);
        const T* x = static_cast<const T*>(a.x) + outer * a.n * a.inner + first;
        for (int64_t c = 0; c < cols; ++c) best[c] = rankOf<kLeast>(x[c]), where[c] = 0;
        for (int64_t r = 1; r < a.n; ++r) {
            const T* row = x + r * a.inner;
            for (int64_t c = 0; c < cols; ++c) {
                Key<T> k = rankOf<kLeast>(row[c]);
                bool better = a.lastWins ? k >= best[c] : k > best[c];
                best[c] = better ? k : best[c];
                where[c] = better ? r : where[c];
            }
        }
        for (int64_t c = 0; c < cols; ++c) putIndex(a.indexType, a.index, outer * a.inner + first + c, where[c]);
    }
}

template <class T, bool kLeast>
void argRows(const ArgExtremeArgs& a, int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
        const T* x = static_cast<const T*>(a.x) + r * a.n;
        // The extreme first, without its position, which vectorizes; then the search for it.
        Key<T> best = rankOf<kLeast>(x[0]);
        for (int64_t i = 1; i < a.n; ++i) best = std::max(best, rankOf<kLeast>(x[i]));
        int64_t at = a.lastWins ? a.n - 1 : 0;
        while (rankOf<kLeast>(x[at]) != best) at += a.lastWins ? -1 : 1;
        putIndex(a.indexType, a.index, r, at);
    }
}

// One element of a candidate list: ordered by rank, then by position.
template <class K>
struct Entry {
    K rank;
    int32_t index;
    bool before(const Entry& o) const { return rank != o.rank ? rank > o.rank : index < o.index; }
};

constexpr int64_t kInsertionLimit = 48;

template <class T>
int64_t entriesPerPart(const TopKArgs& a) {
    return a.k <= kInsertionLimit ? a.k : a.n;
}

template <class T, bool kLeast>
void topKRow(const TopKArgs& a, int64_t row, Entry<Key<T>>* list) {
    using E = Entry<Key<T>>;
    int64_t outer = row / a.inner, inner = row % a.inner;
    const T* x = static_cast<const T*>(a.x) + outer * a.n * a.inner + inner;
    if (a.k <= kInsertionLimit) {
        // A sorted list of the best so far; nearly all elements fail against its last entry.
        int64_t size = 0;
        for (int64_t i = 0; i < a.n; ++i) {
            Key<T> rank = rankOf<kLeast>(x[i * a.inner]);
            if (size == a.k && rank <= list[size - 1].rank) continue;
            int64_t at = size < a.k ? size++ : size - 1;
            for (; at > 0 && rank > list[at - 1].rank; --at) list[at] = list[at - 1];
            list[at] = {rank, static_cast<int32_t>(i)};
        }
    } else {
        for (int64_t i = 0; i < a.n; ++i) list[i] = {rankOf<kLeast>(x[i * a.inner]), static_cast<int32_t>(i)};
        auto before = [](const E& p, const E& q) { return p.before(q); };
        if (a.k < a.n) std::nth_element(list, list + a.k, list + a.n, before);
        std::sort(list, list + a.k, before);
    }
    for (int64_t i = 0; i < a.k; ++i) {
        int64_t to = (outer * a.k + i) * a.inner + inner;
        if (a.value) static_cast<T*>(a.value)[to] = x[static_cast<int64_t>(list[i].index) * a.inner];
        if (a.index) putIndex(a.indexType, a.index, to, list[i].index);
    }
}

int topKParts(const TopKArgs& a) {
    int64_t rows = a.outer * a.inner, useful = std::max<int64_t>(1, rows / grainFor(a.n * 4, kArithmeticGrain));
    return static_cast<int>(std::clamp<int64_t>(std::min(rows, useful), 1, ThreadPool::instance().threads()));
}

template <class T>
struct SumOf {
    using type = uint64_t;
};
template <>
struct SumOf<float> {
    using type = double;
};
template <>
struct SumOf<Half> {
    using type = float;
};
template <>
struct SumOf<BFloat16> {
    using type = float;
};

template <class T>
void cumulate(const CumulativeSumArgs& a, int64_t begin, int64_t end) {
    using S = typename SumOf<T>::type;
    const int64_t width = std::min(kColumns, a.inner), blocks = (a.inner + width - 1) / width;
    S sum[kColumns];
    for (int64_t b = begin; b < end; ++b) {
        int64_t first = b % blocks * width, cols = std::min(width, a.inner - first);
        int64_t base = b / blocks * a.n * a.inner + first;
        const T* x = static_cast<const T*>(a.x) + base;
        T* y = static_cast<T*>(a.y) + base;
        for (int64_t c = 0; c < cols; ++c) sum[c] = 0;
        for (int64_t i = 0; i < a.n; ++i) {
            int64_t row = (a.reverse ? a.n - 1 - i : i) * a.inner;
            for (int64_t c = 0; c < cols; ++c) {
                S before = sum[c];
                if constexpr (std::is_integral_v<T>)
                    sum[c] += static_cast<S>(x[row + c]);
                else
                    sum[c] += static_cast<float>(x[row + c]);
                S out = a.exclusive ? before : sum[c];
                if constexpr (std::is_integral_v<T>)
                    y[row + c] = static_cast<T>(out);
                else
                    y[row + c] = T(static_cast<float>(out));
            }
        }
    }
}

}  // namespace

Status argExtreme(const ArgExtremeArgs& a) {
    TRY(checkIndexType(a.indexType, "arg max"));
    if (a.outer == 0 || a.inner == 0) return {};
    ASSERT(a.n > 0);
    return withType(a.type, "arg max", [&]<class T>() {
        if (a.inner == 1) {
            parallelFor(a.outer, grainFor(a.n * 2, kArithmeticGrain / 2), [&](int64_t begin, int64_t end) {
                a.least ? argRows<T, true>(a, begin, end) : argRows<T, false>(a, begin, end);
            });
            return;
        }
        int64_t blocks = (a.inner + kColumns - 1) / kColumns;
        parallelFor(a.outer * blocks, grainFor(a.n * std::min(kColumns, a.inner) * 4, kArithmeticGrain / 2),
                    [&](int64_t begin, int64_t end) {
                        a.least ? argColumns<T, true>(a, begin, end) : argColumns<T, false>(a, begin, end);
                    });
    });
}

int64_t topKWorkspaceBytes(const TopKArgs& a) {
    int64_t bytes = 0;
    Status ok = withType(a.type, "top k", [&]<class T>() {
        bytes = topKParts(a) * entriesPerPart<T>(a) * static_cast<int64_t>(sizeof(Entry<Key<T>>));
    });
    return ok.ok() ? bytes : 0;
}

Status topK(const TopKArgs& a) {
    TRY(checkIndexType(a.indexType, "top k"));
    ASSERT(a.k <= a.n && a.n <= std::numeric_limits<int32_t>::max());
    int64_t rows = a.outer * a.inner;
    if (rows == 0 || a.k == 0) return {};
    return withType(a.type, "top k", [&]<class T>() {
        int parts = topKParts(a);
        auto* lists = static_cast<Entry<Key<T>>*>(a.workspace);
        ThreadPool::instance().run(parts, [&](int part) {
            auto* list = lists + part * entriesPerPart<T>(a);
            for (int64_t r = part * rows / parts; r < (part + 1) * rows / parts; ++r)
                a.least ? topKRow<T, true>(a, r, list) : topKRow<T, false>(a, r, list);
        });
    });
}

Status cumulativeSum(const CumulativeSumArgs& a) {
    if (a.type == DType::kBool) return unsupported("cumulative sum: elements of type bool");
    if (a.outer == 0 || a.n == 0 || a.inner == 0) return {};
    return withType(a.type, "cumulative sum", [&]<class T>() {
        int64_t width = std::min(kColumns, a.inner), blocks = (a.inner + width - 1) / width;
        parallelFor(a.outer * blocks, grainFor(a.n * width * 2, kArithmeticGrain / 2),
                    [&](int64_t begin, int64_t end) { cumulate<T>(a, begin, end); });
    });
}

}  // namespace lathe::cpu
