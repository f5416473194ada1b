// What is chosen by the data: how much there is, the device counts. Counts go to the workspace's start (operand of data 9:
// i64 numbers that the host reads as the output's dims).

// Inclusive sum over a block of 256.
DEV i64 blockScan(i64 v, i64 (&shared)[256]) {
    int t = static_cast<int>(threadIdx.x);
    shared[t] = v;
    __syncthreads();
    for (int d = 1; d < 256; d <<= 1) {
        i64 other = t >= d ? shared[t - d] : 0;
        __syncthreads();
        shared[t] += other;
        __syncthreads();
    }
    i64 r = shared[t];
    __syncthreads();
    return r;
}
// Chunks of 2048 elements, eight neighbours a thread.
constexpr int kEach = 8, kChunk = 256 * kEach;

#if defined(CHOOSE_COUNT) || defined(CHOOSE_LIST)
#if CHOOSE_FLOAT
DEV bool chosen(T v) { return !(toFloat(v) == 0.0f); }
#else
DEV bool chosen(T v) { return v != 0; }
#endif
#endif

#ifdef CHOOSE_COUNT
// How many of each chunk of n[0] elements are not 0. A block a chunk. data: 0 elements, 1 counts.
extern "C" __global__ void __launch_bounds__(256) chooseCount(const SmallParams p) {
    __shared__ i64 shared[256];
    i64 begin = static_cast<i64>(blockIdx.x) * kChunk + threadIdx.x * kEach, count = 0;
    for (int i = 0; i < kEach; ++i)
        if (begin + i < p.n[0] && chosen(in<T>(p, 0)[begin + i])) ++count;
    count = blockScan(count, shared);
    if (threadIdx.x == 255) out<i64>(p, 1)[blockIdx.x] = count;
}
#endif

#ifdef CHOOSE_SCAN
// Counts become where each chunk's begin; their sum goes among the dims. One block. n: 0 chunks, 1 dims, 2 which of them is
// the sum, 3… the others. data: 0 counts, 1 dims.
extern "C" __global__ void __launch_bounds__(256) chooseScan(const SmallParams p) {
    __shared__ i64 shared[256];
    i64 total = 0;
    for (i64 begin = 0; begin < p.n[0]; begin += 256) {
        i64 at = begin + threadIdx.x, mine = at < p.n[0] ? in<i64>(p, 0)[at] : 0;
        i64 sum = blockScan(mine, shared);
        if (at < p.n[0]) out<i64>(p, 0)[at] = total + sum - mine;
        shared[threadIdx.x] = sum;
        __syncthreads();
        total += shared[255];
        __syncthreads();
    }
    if (threadIdx.x < p.n[1]) out<i64>(p, 1)[threadIdx.x] = static_cast<i64>(threadIdx.x) == p.n[2] ? total : p.n[3 + threadIdx.x];
}
#endif

#ifdef CHOOSE_LIST
// The chosen elements' places, in order. A block a chunk. COLUMNS: as a matrix [rank, count] of coordinates. n: 0 elements, 1
// rank, 2… dims. data: 0 elements, 1 chunks' begins, 2 list, 3 dims as counted.
extern "C" __global__ void __launch_bounds__(256) chooseList(const SmallParams p) {
    __shared__ i64 shared[256];
    i64 begin = static_cast<i64>(blockIdx.x) * kChunk + threadIdx.x * kEach, count = 0;
    for (int i = 0; i < kEach; ++i)
        if (begin + i < p.n[0] && chosen(in<T>(p, 0)[begin + i])) ++count;
    i64 to = in<i64>(p, 1)[blockIdx.x] + blockScan(count, shared) - count;
    for (int i = 0; i < kEach; ++i) {
        i64 e = begin + i;
        if (e >= p.n[0] || !chosen(in<T>(p, 0)[e])) continue;
#if COLUMNS
        i64 all = in<i64>(p, 3)[1], rest = e;
        for (int d = static_cast<int>(p.n[1]) - 1; d >= 0; --d) {
            out<i64>(p, 2)[d * all + to] = rest % p.n[2 + d];
            rest /= p.n[2 + d];
        }
#else
        out<i64>(p, 2)[to] = e;
#endif
        ++to;
    }
}
#endif

#ifdef TAKE_LISTED
// y[o, k, i] = x[o, list[k], i] for the first `count` k. An item an element of the largest y. n: 0 extent of x, 1 inner, 2
// outer, 3 which of the dims is the count. U: an unsigned type of the elements' size. data: 0 x, 1 list, 2 y, 3 dims.
extern "C" __global__ void __launch_bounds__(256) takeListed(const SmallParams p) {
    i64 e = itemOf(), count = in<i64>(p, 3)[p.n[3]];
    if (e >= p.n[2] * count * p.n[1]) return;
    i64 i = e % p.n[1], k = e / p.n[1] % count, o = e / (p.n[1] * count);
    out<U>(p, 2)[e] = in<U>(p, 0)[(o * p.n[0] + in<i64>(p, 1)[k]) * p.n[1] + i];
}
#endif

#if defined(UNIQUE_SORT) || defined(UNIQUE_FLAGS)
// Slices of [outer, n, inner] (n: 0 n, 1 inner, 2 outer) in lexicographic order; NaN is the largest.
DEV int compareElements(T a, T b) {
#if CHOOSE_FLOAT
    float x = toFloat(a), y = toFloat(b);
    bool nanX = !(x == x), nanY = !(y == y);
    if (nanX || nanY) return nanX && nanY ? 0 : nanX ? 1 : -1;
    return x < y ? -1 : x > y ? 1 : 0;
#else
    return a < b ? -1 : a > b ? 1 : 0;
#endif
}
DEV int compareSlices(const SmallParams& p, i64 a, i64 b) {
    const T* x = in<T>(p, 0);
    for (i64 o = 0; o < p.n[2]; ++o)
        for (i64 i = 0; i < p.n[1]; ++i)
            if (int r = compareElements(x[(o * p.n[0] + a) * p.n[1] + i], x[(o * p.n[0] + b) * p.n[1] + i])) return r;
    return 0;
}
#endif

#ifdef UNIQUE_SORT
// Steps of a bitonic sort of n[3] (a power of two) indices; those from n[0] on come last. FIRST: the indices are made first.
// n: 4 the size of the sequences, 5 the distance; with n[4] = 0 one block does all steps. data: 0 x, 1 indices.
DEV bool isAfter(const SmallParams& p, i64 a, i64 b) {
    if (a >= p.n[0] || b >= p.n[0]) return a > b;
    int r = compareSlices(p, a, b);
    return r ? r > 0 : a > b;
}
DEV void exchange(const SmallParams& p, i64 i, i64 size, i64 distance) {
    i64 j = i ^ distance;
    if (j <= i) return;
    i64* order = out<i64>(p, 1);
    i64 a = order[i], b = order[j];
    bool ascending = (i & size) == 0;
    if (isAfter(p, a, b) == ascending) {
        order[i] = b;
        order[j] = a;
    }
}
extern "C" __global__ void __launch_bounds__(1024) uniqueSort(const SmallParams p) {
    if (p.n[4] != 0) {
        i64 e = itemOf();
        if (e >= p.n[3]) return;
        if (p.n[4] == 1) out<i64>(p, 1)[e] = e;
        else exchange(p, e, p.n[4], p.n[5]);
        return;
    }
    for (i64 i = threadIdx.x; i < p.n[3]; i += blockDim.x) out<i64>(p, 1)[i] = i;
    for (i64 size = 2; size <= p.n[3]; size <<= 1)
        for (i64 distance = size >> 1; distance > 0; distance >>= 1) {
            __syncthreads();
            for (i64 i = threadIdx.x; i < p.n[3]; i += blockDim.x) exchange(p, i, size, distance);
        }
}
#endif

#ifdef UNIQUE_FLAGS
// flag[i] = the slice at place i of the order differs from the one before. data: 0 x, 1 order, 2 flags.
extern "C" __global__ void __launch_bounds__(256) uniqueFlags(const SmallParams p) {
    i64 e = itemOf();
    if (e >= p.n[0]) return;
    const i64* order = in<i64>(p, 1);
    out<u8>(p, 2)[e] = e == 0 || compareSlices(p, order[e - 1], order[e]) != 0 ? 1 : 0;
}
#endif

#ifdef UNIQUE_FIRSTS
// With begins: where each group of equals begins in the order (n[1] numbers at most, the count in data 3). firstAt[position]
// = 1 where a group has its first occurrence. n: 0 n. data: 0 order, 1 begins, 2 flags by position (zeros before), 3 count.
extern "C" __global__ void __launch_bounds__(256) uniqueFirsts(const SmallParams p) {
    i64 e = itemOf();
    if (e >= *in<i64>(p, 3)) return;
    out<u8>(p, 2)[in<i64>(p, 0)[in<i64>(p, 1)[e]]] = 1;
}
#endif

#ifdef UNIQUE_FINISH
// Entry by entry: first positions, counts, and every position's entry. An item a group; SORTED: entries are groups, else they
// are `places` in the list of first positions (data 4), which is searched. n: 0 n. data: 0 order, 1 begins, 2 firsts, 3 count, 4 list of first positions in order, 5 inverse, 6 counts, 7 firsts
// once more (these may be null).
extern "C" __global__ void __launch_bounds__(256) uniqueFinish(const SmallParams p) {
    i64 g = itemOf(), count = *in<i64>(p, 3);
    if (g >= count) return;
    const i64 *order = in<i64>(p, 0), *begins = in<i64>(p, 1);
    i64 begin = begins[g], end = g + 1 < count ? begins[g + 1] : p.n[0], first = order[begin], entry = g;
#if !SORTED
    i64 low = 0, high = count;
    while (high - low > 1) {
        i64 middle = (low + high) / 2;
        if (in<i64>(p, 4)[middle] <= first) low = middle;
        else high = middle;
    }
    entry = low;
#endif
    out<i64>(p, 2)[entry] = first;
    if (p.data[7]) out<i64>(p, 7)[entry] = first;
    if (p.data[6]) out<i64>(p, 6)[entry] = end - begin;
    if (p.data[5])
        for (i64 i = begin; i < end; ++i) out<i64>(p, 5)[order[i]] = entry;
}
#endif

#ifdef NMS_SELECT
// A block a batch entry and class: the best box that is left, until none or enough; those that overlap it go. n: 0 boxes, 1
// classes, 2 boxes are centres and sizes, 3 bytes of max_out (0: absent), 4 capacity of a block's list. IOU, SCORE: types of
// the thresholds. data: 0 boxes, 1 scores, 2 max_out, 3 iou, 4 score, 5 alive (a byte a box and block), 6 lists, 7 counts.
struct Box { double y0, x0, y1, x1; };
DEV double areaOf(const Box& b) { return (b.y1 - b.y0) * (b.x1 - b.x0); }
DEV Box boxAt(const T* v, bool center) {
    double a = toNumber(v[0]), b = toNumber(v[1]), c = toNumber(v[2]), d = toNumber(v[3]);
    if (center) return {b - d / 2.0, a - c / 2.0, b + d / 2.0, a + c / 2.0};
    return {fmin(a, c), fmin(b, d), fmax(a, c), fmax(b, d)};
}
DEV bool overlaps(const Box& a, const Box& b, double threshold) {
    double height = fmin(a.y1, b.y1) - fmax(a.y0, b.y0), width = fmin(a.x1, b.x1) - fmax(a.x0, b.x0);
    if (!(height > 0.0) || !(width > 0.0)) return false;
    double shared = height * width, all = areaOf(a) + areaOf(b) - shared;
    return areaOf(a) > 0.0 && areaOf(b) > 0.0 && all > 0.0 && shared / all > threshold;
}
extern "C" __global__ void __launch_bounds__(256) nmsSelect(const SmallParams p) {
    __shared__ float bestScore[8];
    __shared__ i64 bestAt[8];
    i64 n = p.n[0], pair = blockIdx.x, batch = pair / p.n[1];
    const T* boxes = in<T>(p, 0) + batch * n * 4;
    const T* scores = in<T>(p, 1) + pair * n;
    i64 limit = p.n[3] == 8 ? *in<i64>(p, 2) : p.n[3] == 4 ? *in<i32>(p, 2) : 0;
    if (limit > p.n[4]) limit = p.n[4];
    double iou = p.data[3] ? toNumber(*in<IOU>(p, 3)) : 0.0;
    u8* alive = out<u8>(p, 5) + pair * n;
    for (i64 i = threadIdx.x; i < n; i += 256) {
        float s = toFloat(scores[i]);
        alive[i] = s == s && (!p.data[4] || toNumber(scores[i]) > toNumber(*in<SCORE>(p, 4)));
    }
    i64 taken = 0;
    while (taken < limit) {
        // Its own boxes alone: a thread sees what it wrote.
        float score = 0.0f;
        i64 at = -1;
        for (i64 i = threadIdx.x; i < n; i += 256)
            if (alive[i] && (at < 0 || toFloat(scores[i]) > score)) score = toFloat(scores[i]), at = i;
        for (int d = 16; d > 0; d >>= 1) {
            float s = __shfl_xor_sync(0xffffffffu, score, d);
            i64 a = __shfl_xor_sync(0xffffffffu, at, d);
            if (a >= 0 && (at < 0 || s > score || (s == score && a < at))) score = s, at = a;
        }
        if (threadIdx.x % 32 == 0) bestScore[threadIdx.x / 32] = score, bestAt[threadIdx.x / 32] = at;
        __syncthreads();
        for (int w = 0; w < 8; ++w)
            if (bestAt[w] >= 0 && (at < 0 || bestScore[w] > score || (bestScore[w] == score && bestAt[w] < at)))
                score = bestScore[w], at = bestAt[w];
        __syncthreads();
        if (at < 0) break;
        Box best = boxAt(boxes + at * 4, p.n[2] != 0);
        for (i64 i = threadIdx.x; i < n; i += 256)
            if (alive[i] && (i == at || overlaps(boxAt(boxes + i * 4, p.n[2] != 0), best, iou))) alive[i] = 0;
        if (threadIdx.x == 0) out<i64>(p, 6)[pair * p.n[4] + taken] = at;
        ++taken;
    }
    if (threadIdx.x == 0) out<i64>(p, 7)[pair] = taken;
}
#endif

#ifdef NMS_STORE
// Triples of all lists behind each other. An item a place of a list. n: 0 pairs, 1 classes, 2 capacity of a list. data: 0
// lists, 1 where each one's triples begin, 2 dims, 3 y.
extern "C" __global__ void __launch_bounds__(256) nmsStore(const SmallParams p) {
    i64 e = itemOf();
    if (e >= p.items) return;
    i64 pair = e / p.n[2], k = e % p.n[2], begin = in<i64>(p, 1)[pair];
    i64 end = pair + 1 < p.n[0] ? in<i64>(p, 1)[pair + 1] : in<i64>(p, 2)[0];
    if (begin + k >= end) return;
    i64* y = out<i64>(p, 3) + (begin + k) * 3;
    y[0] = pair / p.n[1];
    y[1] = pair % p.n[1];
    y[2] = in<i64>(p, 0)[e];
}
#endif
