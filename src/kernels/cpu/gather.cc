// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/gather.h"

#include <atomic>
#include <cstring>

#include "kernels/cpu/grain.h"

namespace lathe::cpu {
namespace {

struct Indices {
    const void* data;
    bool narrow;
    int64_t operator[](int64_t i) const {
        return narrow ? static_cast<const int32_t*>(data)[i] : static_cast<const int64_t*>(data)[i];
    }
};

Result<Indices> indicesOf(const void* data, DType type, const char* what) {
    if (type != DType::kInt32 && type != DType::kInt64)
        return unsupported("{}: indices of type {}", what, toString(type));
    return Indices{data, type == DType::kInt32};
}

// Resolves a negative index; false when it is out of [0, n).
bool resolve(int64_t& i, int64_t n) {
    if (i < 0) i += n;
    return i >= 0 && i < n;
}

// The first bad index that any thread met, by its position.
class BadIndex {
  public:
    void note(int64_t at) {
        int64_t seen = at_.load(std::memory_order_relaxed);
        while (at < seen && !at_.compare_exchange_weak(seen, at, std::memory_order_relaxed)) {
        }
    }
    Status status(const char* what, const Indices& index, int64_t n) const {
        int64_t at = at_.load();
        if (at == INT64_MAX) return {};
        return makeStatus(Code::kFailedComputation, "{}: index {} is {}, outside [-{}, {})", what, at, index[at], n, n);
    }
    // For tuples, whose dimension is the position's remainder by the depth.
    Status status(const char* what, const Indices& index, const int64_t* dims, int depth) const {
        int64_t at = at_.load();
        return at == INT64_MAX ? Status() : status(what, index, dims[at % depth]);
    }

  private:
    std::atomic<int64_t> at_{INT64_MAX};
};

template <class F>
Status withBytes(int bytes, const char* what, F&& f) {
    switch (bytes) {
        case 1: f.template operator()<uint8_t>(); return {};
        case 2: f.template operator()<uint16_t>(); return {};
        case 4: f.template operator()<uint32_t>(); return {};
        case 8: f.template operator()<uint64_t>(); return {};
        default: return unsupported("{}: elements of {} bytes", what, bytes);
    }
}

int64_t product(std::span<const int64_t> dims) {
    int64_t n = 1;
    for (int64_t d : dims) n *= d;
    return n;
}

// Offsets of tuples into x: strides in elements of the addressed dimensions.
struct Tuples {
    Indices index;
    int depth;
    const int64_t* dims;
    int64_t strides[kMaxNestDims];

    // The offset of tuple t, or -1 with the bad index noted.
    int64_t offset(int64_t t, BadIndex& bad) const {
        int64_t at = 0;
        for (int d = 0; d < depth; ++d) {
            int64_t i = index[t * depth + d];
            if (!resolve(i, dims[d])) {
                bad.note(t * depth + d);
                return -1;
            }
            at += i * strides[d];
        }
        return at;
    }
};

Status checkElements(std::span<const int64_t> dims, std::span<const int64_t> indexDims, int axis, const char* what) {
    TRY(checkedCount(dims, what));
    TRY(checkedCount(indexDims, what));
    if (dims.size() != indexDims.size() || axis < 0 || axis >= static_cast<int>(dims.size()))
        return invalidArgument("{}: {} dimensions, indices of {}, axis {}", what, dims.size(), indexDims.size(), axis);
    for (size_t d = 0; d < dims.size(); ++d)
        if (static_cast<int>(d) != axis && indexDims[d] > dims[d])
            return invalidArgument("{}: dimension {} is {}, the indices' is {}", what, d, dims[d], indexDims[d]);
    return {};
}

// Walks the rows (innermost dimension) of indexDims. offset[0] counts in x without the axis' share.
struct ElementRows {
    Nest<1> nest;
    int64_t width, rows, axisStride, axisSize;
    bool axisInner;

    ElementRows(std::span<const int64_t> dims, std::span<const int64_t> indexDims, int axis) {
        int64_t strides[kMaxNestDims];
        denseStrides(dims, strides);
        nest.rank = static_cast<int>(dims.size());
        for (int d = 0; d < nest.rank; ++d) {
            nest.dims[d] = indexDims[d];
            nest.strides[0][d] = d == axis ? 0 : strides[d];
        }
        axisStride = strides[axis];
        axisSize = dims[axis];
        axisInner = axis == nest.rank - 1;
        width = indexDims.back();
        rows = width == 0 ? 0 : product(indexDims) / width;
    }
    // Elements of x from one index of a row to the next, but for the axis.
    int64_t step() const { return axisInner ? 0 : 1; }
};

template <class T>
T reduced(ScatterReduction r, T a, T b) {
    if constexpr (std::is_integral_v<T>) {
        // Wraps; comparing is as signed as the type.
        switch (r) {
            case ScatterReduction::kAdd: return static_cast<T>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
            case ScatterReduction::kMul: return static_cast<T>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
            case ScatterReduction::kMax: return std::max(a, b);
            case ScatterReduction::kMin: return std::min(a, b);
            case ScatterReduction::kNone: break;
        }
    } else {
        float x = a, y = b;
        switch (r) {
            case ScatterReduction::kAdd: return T(x + y);
            case ScatterReduction::kMul: return T(x * y);
            case ScatterReduction::kMax: return x != x || x > y ? a : b;
            case ScatterReduction::kMin: return x != x || x < y ? a : b;
            case ScatterReduction::kNone: break;
        }
    }
    return b;
}

// Calls f<T>() with a type that moves the elements (kNone) or computes on them.
template <class F>
Status withScatterType(DType type, ScatterReduction r, const char* what, F&& f) {
    if (r == ScatterReduction::kNone) {
        if (bitsOf(type) < 8) return unsupported("{}: elements of type {}", what, toString(type));
        return withBytes(bitsOf(type) / 8, what, f);
    }
    switch (type) {
        case DType::kFloat: f.template operator()<float>(); return {};
        case DType::kHalf: f.template operator()<Half>(); return {};
        case DType::kBf16: f.template operator()<BFloat16>(); return {};
        case DType::kInt8: f.template operator()<int8_t>(); return {};
        case DType::kUint8: f.template operator()<uint8_t>(); return {};
        case DType::kInt32: f.template operator()<int32_t>(); return {};
        case DType::kInt64: f.template operator()<int64_t>(); return {};
        default: return unsupported("{} with a reduction: elements of type {}", what, toString(type));
    }
}

void copyAll(const void* x, void* y, int64_t bytes) {
    if (x == y) return;
    parallelFor(bytes, kCopyGrainBytes, [&](int64_t begin, int64_t end) {
        std::memcpy(static_cast<char*>(y) + begin, static_cast<const char*>(x) + begin,
                    static_cast<size_t>(end - begin));
    });
}

}  // namespace

Status gather(const GatherArgs& a) {
    Indices index = TRY(indicesOf(a.index, a.indexType, "gather"));
    int64_t run = a.inner * a.elementBytes, rows = a.batch * a.outer * a.indices;
    if (rows == 0 || run == 0) return {};
    BadIndex bad;
    const char* x = static_cast<const char*>(a.x);
    char* y = static_cast<char*>(a.y);
    auto copyRows = [&](auto copy) {
        parallelFor(rows, grainFor(run + 16, kCopyGrainBytes), [&](int64_t begin, int64_t end) {
            int64_t block = begin / a.indices, at = begin % a.indices;
            for (int64_t r = begin; r < end; ++r) {
                int64_t position = block / a.outer * a.indices + at, i = index[position];
                if (resolve(i, a.n))
                    copy(y + r * run, x + (block * a.n + i) * run);
                else
                    bad.note(position);
                if (++at == a.indices) at = 0, ++block;
            }
        });
    };
    switch (run) {
        case 1: copyRows([](char* d, const char* s) { *d = *s; }); break;
        case 2: copyRows([](char* d, const char* s) { std::memcpy(d, s, 2); }); break;
        case 4: copyRows([](char* d, const char* s) { std::memcpy(d, s, 4); }); break;
        case 8: copyRows([](char* d, const char* s) { std::memcpy(d, s, 8); }); break;
        default: copyRows([run](char* d, const char* s) { std::memcpy(d, s, static_cast<size_t>(run)); }); break;
    }
    return bad.status("gather", index, a.n);
}

Status gatherElements(const GatherElementsArgs& a) {
    Indices index = TRY(indicesOf(a.index, a.indexType, "gather elements"));
    TRY(checkElements(a.dims, a.indexDims, a.axis, "gather elements"));
    ElementRows w(a.dims, a.indexDims, a.axis);
    if (w.rows == 0) return {};
    BadIndex bad;
    TRY(withBytes(a.elementBytes, "gather elements", [&]<class T>() {
        const T* x = static_cast<const T*>(a.x);
        T* y = static_cast<T*>(a.y);
        parallelFor(w.rows, grainFor(w.width * 16, kCopyGrainBytes), [&](int64_t begin, int64_t end) {
            NestCursor<1> cursor(w.nest, w.nest.rank - 1, begin);
            for (int64_t r = begin; r < end; ++r, cursor.next()) {
                for (int64_t c = 0; c < w.width; ++c) {
                    int64_t i = index[r * w.width + c];
                    if (resolve(i, w.axisSize))
                        y[r * w.width + c] = x[cursor.offset[0] + c * w.step() + i * w.axisStride];
                    else
                        bad.note(r * w.width + c);
                }
            }
        });
    }));
    return bad.status("gather elements", index, w.axisSize);
}

Status gatherNd(const GatherNdArgs& a) {
    Indices index = TRY(indicesOf(a.index, a.indexType, "gather nd"));
    TRY(checkedCount(a.dims, "gather nd"));
    if (a.depth < 0 || a.batchDims < 0 || a.depth + a.batchDims > static_cast<int>(a.dims.size()))
        return invalidArgument("gather nd: {} batch dimensions and tuples of {} for {} dimensions", a.batchDims,
                               a.depth, a.dims.size());
    int64_t strides[kMaxNestDims];
    denseStrides(a.dims, strides);
    Tuples tuples{index, a.depth, a.dims.data() + a.batchDims, {}};
    for (int d = 0; d < a.depth; ++d) tuples.strides[d] = strides[a.batchDims + d];
    int64_t batch = product(a.dims.first(a.batchDims)), perBatch = product(a.dims.subspan(a.batchDims));
    int64_t run = product(a.dims.subspan(a.batchDims + a.depth)) * a.elementBytes;
    int64_t all = batch * a.tuples;
    if (all == 0 || run == 0) return {};
    BadIndex bad;
    const char* x = static_cast<const char*>(a.x);
    char* y = static_cast<char*>(a.y);
    parallelFor(all, grainFor(run + 16, kCopyGrainBytes), [&](int64_t begin, int64_t end) {
        for (int64_t t = begin; t < end; ++t) {
            int64_t offset = tuples.offset(t, bad);
            if (offset < 0) continue;
            std::memcpy(y + t * run, x + (t / a.tuples * perBatch + offset) * a.elementBytes, static_cast<size_t>(run));
        }
    });
    return bad.status("gather nd", index, tuples.dims, a.depth);
}

Status scatterElements(const ScatterElementsArgs& a) {
    Indices index = TRY(indicesOf(a.index, a.indexType, "scatter elements"));
    TRY(checkElements(a.dims, a.indexDims, a.axis, "scatter elements"));
    ElementRows w(a.dims, a.indexDims, a.axis);
    BadIndex bad;
    // Before the first write, so that a bad index leaves y as it was.
    for (int64_t p = 0; p < w.rows * w.width; ++p) {
        int64_t i = index[p];
        if (!resolve(i, w.axisSize)) {
            bad.note(p);
            return bad.status("scatter elements", index, w.axisSize);
        }
    }
    return withScatterType(a.type, a.reduction, "scatter elements", [&]<class T>() {
        copyAll(a.x, a.y, product(a.dims) * static_cast<int64_t>(sizeof(T)));
        const T* updates = static_cast<const T*>(a.updates);
        T* y = static_cast<T*>(a.y);
        NestCursor<1> cursor(w.nest, w.nest.rank - 1, 0);
        for (int64_t r = 0; r < w.rows; ++r, cursor.next()) {
            for (int64_t c = 0; c < w.width; ++c) {
                int64_t i = index[r * w.width + c];
                resolve(i, w.axisSize);
                T& to = y[cursor.offset[0] + c * w.step() + i * w.axisStride];
                to = reduced(a.reduction, to, updates[r * w.width + c]);
            }
        }
    });
}

Status scatterNd(const ScatterNdArgs& a) {
    Indices index = TRY(indicesOf(a.index, a.indexType, "scatter nd"));
    TRY(checkedCount(a.dims, "scatter nd"));
    if (a.depth < 0 || a.depth > static_cast<int>(a.dims.size()))
        return invalidArgument("scatter nd: tuples of {} for {} dimensions", a.depth, a.dims.size());
    Tuples tuples{index, a.depth, a.dims.data(), {}};
    int64_t strides[kMaxNestDims];
    denseStrides(a.dims, strides);
    for (int d = 0; d < a.depth; ++d) tuples.strides[d] = strides[d];
    int64_t slice = product(a.dims.subspan(a.depth));
    BadIndex bad;
    for (int64_t t = 0; t < a.tuples; ++t)
        if (tuples.offset(t, bad) < 0) return bad.status("scatter nd", index, tuples.dims, a.depth);
    return withScatterType(a.type, a.reduction, "scatter nd", [&]<class T>() {
        copyAll(a.x, a.y, product(a.dims) * static_cast<int64_t>(sizeof(T)));
        const T* updates = static_cast<const T*>(a.updates);
        T* y = static_cast<T*>(a.y);
        for (int64_t t = 0; t < a.tuples; ++t) {
            T* to = y + tuples.offset(t, bad);
            const T* from = updates + t * slice;
            if (a.reduction == ScatterReduction::kNone) {
                std::memcpy(static_cast<void*>(to), from, static_cast<size_t>(slice) * sizeof(T));
                continue;
            }
            for (int64_t i = 0; i < slice; ++i) to[i] = reduced(a.reduction, to[i], from[i]);
        }
    });
}

}  // namespace lathe::cpu
