// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/strided_copy.h"

#include <cstring>

#include "kernels/cpu/grain.h"
#include "kernels/cpu/transpose.h"

namespace lathe::cpu {
namespace {

constexpr int kDst = 0, kSrc = 1;

// Elements joined into larger ones keep the alignment of the small ones.
template <class T>
struct [[gnu::packed, gnu::may_alias]] Raw {
    T value;
};
struct Pair {
    uint64_t a, b;
};

template <class F>
void withElement(int bytes, F&& f) {
    switch (bytes) {
        case 1: f(Raw<uint8_t>{}); break;
        case 2: f(Raw<uint16_t>{}); break;
        case 4: f(Raw<uint32_t>{}); break;
        case 8: f(Raw<uint64_t>{}); break;
        case 16: f(Raw<Pair>{}); break;
    }
}

// Runs that a vector register or two hold are copied without a call.
template <int kBytes>
void copyFixed(char* d, const char* s, int64_t) {
    std::memcpy(d, s, kBytes);
}
void copyAny(char* d, const char* s, int64_t bytes) { std::memcpy(d, s, static_cast<size_t>(bytes)); }

using CopyFn = void (*)(char*, const char*, int64_t);
CopyFn copyFor(int64_t bytes) {
    switch (bytes) {
        case 1: return copyFixed<1>;
        case 2: return copyFixed<2>;
        case 4: return copyFixed<4>;
        case 8: return copyFixed<8>;
        case 12: return copyFixed<12>;
        case 16: return copyFixed<16>;
        case 32: return copyFixed<32>;
        case 64: return copyFixed<64>;
        default: return copyAny;
    }
}

}  // namespace

Result<StridedCopy> StridedCopy::make(std::span<const int64_t> dims, std::span<const int64_t> srcStrides,
                                      std::span<const int64_t> dstStrides, int elementBytes) {
    if (srcStrides.size() != dims.size() || dstStrides.size() != dims.size())
        return invalidArgument("copy: {} dimensions with {} source and {} destination strides", dims.size(),
                               srcStrides.size(), dstStrides.size());
    if (elementBytes != 1 && elementBytes != 2 && elementBytes != 4 && elementBytes != 8 && elementBytes != 16)
        return invalidArgument("copy: elements of {} bytes", elementBytes);
    int64_t count = TRY(checkedCount(dims, "copy"));
    StridedCopy c;
    c.bytes_ = elementBytes;
    Nest<2>& nest = c.nest_;
    nest.rank = static_cast<int>(dims.size());
    for (int d = 0; d < nest.rank; ++d) {
        nest.dims[d] = dims[d];
        nest.strides[kDst][d] = dstStrides[d];
        nest.strides[kSrc][d] = srcStrides[d];
        if (dims[d] > 1 && dstStrides[d] == 0 && count > 0)
            return invalidArgument("copy: dimension {} of {} elements has destination stride 0", d, dims[d]);
    }
    nest.collapse();
    auto distance = [&](int k, int d) { return nest.strides[k][d] < 0 ? -nest.strides[k][d] : nest.strides[k][d]; };
    nest.sortLoops([&](int a, int b) { return distance(kDst, a) > distance(kDst, b); });
    nest.collapse();

    // A short run that is contiguous on both sides is one larger element.
    for (bool again = true; again && nest.rank > 1;) {
        again = false;
        int in = nest.rank - 1;
        int64_t n = nest.dims[in], wide = n * c.bytes_;
        if (nest.strides[kDst][in] != 1 || nest.strides[kSrc][in] != 1) break;
        if (wide != 2 && wide != 4 && wide != 8 && wide != 16) break;
        bool divides = true;
        for (int d = 0; d < in; ++d)
            for (int k = 0; k < 2; ++k) divides = divides && nest.strides[k][d] % n == 0;
        if (!divides) break;
        for (int d = 0; d < in; ++d)
            for (int k = 0; k < 2; ++k) nest.strides[k][d] /= n;
        c.bytes_ = static_cast<int>(wide);
        nest.remove(in);
        nest.collapse();
        again = true;
    }

    int in = nest.rank - 1;
    int64_t ds = nest.strides[kDst][in], ss = nest.strides[kSrc][in];
    if (nest.dims[in] <= 1 || (ds == 1 && ss == 1)) {
        c.kind_ = Kind::kRuns;
        return c;
    }
    if (ds == 1 && ss == 0) {
        c.kind_ = Kind::kFill;
        return c;
    }
    c.kind_ = Kind::kStrided;
    if (ds == 1 && transposeKernel(c.bytes_)) {
        for (int d = 0; d < in; ++d) {
            if (nest.strides[kSrc][d] != 1 || nest.dims[d] < 2) continue;
            // Bring the loop over contiguous source elements next to the innermost one.
            for (int e = d; e + 1 < in; ++e) nest.swapLoops(e, e + 1);
            c.kind_ = Kind::kTranspose;
            break;
        }
    }
    return c;
}

Result<StridedCopy> StridedCopy::transpose(std::span<const int64_t> srcDims, std::span<const int> perm,
                                           int elementBytes) {
    if (perm.size() != srcDims.size() || perm.size() > static_cast<size_t>(kMaxNestDims))
        return invalidArgument("transpose: {} dimensions with a permutation of {}", srcDims.size(), perm.size());
    int64_t src[kMaxNestDims], dst[kMaxNestDims], dims[kMaxNestDims], strides[kMaxNestDims];
    denseStrides(srcDims, src);
    unsigned seen = 0;
    size_t rank = perm.size();
    for (size_t d = 0; d < rank; ++d) {
        if (perm[d] < 0 || perm[d] >= static_cast<int>(rank) || (seen >> perm[d] & 1))
            return invalidArgument("transpose: entry {} of the permutation is {}", d, perm[d]);
        seen |= 1u << perm[d];
        dims[d] = srcDims[perm[d]];
        strides[d] = src[perm[d]];
    }
    denseStrides({dims, rank}, dst);
    return make({dims, rank}, {strides, rank}, {dst, rank}, elementBytes);
}

Result<StridedCopy> StridedCopy::expand(std::span<const int64_t> srcDims, std::span<const int64_t> dstDims,
                                        int elementBytes) {
    if (srcDims.size() > dstDims.size() || dstDims.size() > static_cast<size_t>(kMaxNestDims))
        return invalidArgument("expand: {} dimensions to {}", srcDims.size(), dstDims.size());
    int64_t dense[kMaxNestDims], src[kMaxNestDims] = {}, dst[kMaxNestDims];
    denseStrides(srcDims, dense);
    denseStrides(dstDims, dst);
    size_t lead = dstDims.size() - srcDims.size();
    for (size_t d = 0; d < srcDims.size(); ++d) {
        if (srcDims[d] != dstDims[lead + d] && srcDims[d] != 1)
            return invalidArgument("expand: dimension {} of {} elements cannot become {}", d, srcDims[d],
                                   dstDims[lead + d]);
        src[lead + d] = srcDims[d] == 1 ? 0 : dense[d];
    }
    return make(dstDims, {src, dstDims.size()}, {dst, dstDims.size()}, elementBytes);
}

Result<StridedCopy> StridedCopy::tile(std::span<const int64_t> srcDims, std::span<const int64_t> repeats,
                                      int elementBytes) {
    if (srcDims.size() != repeats.size() || srcDims.size() > static_cast<size_t>(kMaxNestDims))
        return invalidArgument("tile: {} dimensions with {} repeats", srcDims.size(), repeats.size());
    // The destination seen as [repeats[0], srcDims[0], repeats[1], …], with the loops that do nothing left out.
    int64_t dense[kMaxNestDims], dims[2 * kMaxNestDims], src[2 * kMaxNestDims], dst[2 * kMaxNestDims];
    denseStrides(srcDims, dense);
    size_t rank = 0;
    int64_t step = 1;
    for (size_t d = srcDims.size(); d-- > 0;) {
        if (repeats[d] < 0 || srcDims[d] < 0)
            return invalidArgument("tile: dimension {} of {} elements, {} repeats", d, srcDims[d], repeats[d]);
        auto add = [&](int64_t n, int64_t srcStride) -> Status {
            if (n == 1) return {};
            dims[rank] = n;
            src[rank] = srcStride;
            dst[rank] = step;
            ++rank;
            if (__builtin_mul_overflow(step, n, &step)) return invalidArgument("tile: the element count overflows");
            return {};
        };
        TRY(add(srcDims[d], dense[d]));
        TRY(add(repeats[d], 0));
    }
    // Neighbouring loops without repeats join, so that only repeating dimensions count against the limit.
    size_t kept = 0;
    for (size_t i = 0; i < rank; ++i) {
        bool joins = kept > 0 && src[i] == src[kept - 1] * dims[kept - 1] && dst[i] == dst[kept - 1] * dims[kept - 1];
        if (joins) {
            dims[kept - 1] *= dims[i];
        } else {
            dims[kept] = dims[i], src[kept] = src[i], dst[kept] = dst[i];
            ++kept;
        }
    }
    if (kept > static_cast<size_t>(kMaxNestDims))
        return unsupported("tile: {} loops are needed, at most {} are supported", kept, kMaxNestDims);
    std::reverse(dims, dims + kept);
    std::reverse(src, src + kept);
    std::reverse(dst, dst + kept);
    return make({dims, kept}, {src, kept}, {dst, kept}, elementBytes);
}

Result<StridedCopy> StridedCopy::depthToSpace(int64_t n, int64_t c, int64_t h, int64_t w, int64_t block, bool columnRow,
                                              int elementBytes) {
    if (block <= 0 || n < 0 || c < 0 || h < 0 || w < 0 || c / block % block != 0 || c % block != 0)
        return invalidArgument("depth to space: {} channels in blocks of {} by {}", c, block, block);
    int64_t depth = c / (block * block);
    // Loops over n, depth, h, block row, w, block column: the destination's order.
    int64_t dims[] = {n, depth, h, block, w, block}, dst[6];
    denseStrides(dims, dst);
    int64_t plane = h * w;
    int64_t depthStep = columnRow ? block * block * plane : plane;
    int64_t rowStep = columnRow ? block * plane : block * depth * plane;
    int64_t columnStep = columnRow ? plane : depth * plane;
    int64_t src[] = {c * plane, depthStep, w, rowStep, 1, columnStep};
    return make(dims, src, dst, elementBytes);
}

Result<StridedCopy> StridedCopy::spaceToDepth(int64_t n, int64_t c, int64_t h, int64_t w, int64_t block,
                                              int elementBytes) {
    if (block <= 0 || n < 0 || c < 0 || h < 0 || w < 0 || h % block != 0 || w % block != 0)
        return invalidArgument("space to depth: {} by {} in blocks of {}", h, w, block);
    // Destination [n, block row, block column, c, h / block, w / block].
    int64_t dims[] = {n, block, block, c, h / block, w / block}, dst[6];
    denseStrides(dims, dst);
    int64_t src[] = {c * h * w, w, 1, h * w, w * block, block};
    return make(dims, src, dst, elementBytes);
}

void StridedCopy::run(const void* src, void* dst) const {
    if (nest_.dims[nest_.rank - 1] == 0) return;
    const char* s = static_cast<const char*>(src);
    char* d = static_cast<char*>(dst);
    switch (kind_) {
        case Kind::kRuns: return runRuns(s, d);
        case Kind::kTranspose: return runTranspose(s, d);
        case Kind::kFill:
        case Kind::kStrided: return runElements(s, d);
    }
}

void StridedCopy::runRuns(const char* src, char* dst) const {
    int outer = nest_.rank - 1;
    int64_t run = nest_.dims[outer] * bytes_, rows = nest_.count() / nest_.dims[outer];
    if (rows == 1) {
        constexpr int64_t kPage = 4096;
        parallelFor((run + kPage - 1) / kPage, kCopyGrainBytes / kPage, [&](int64_t begin, int64_t end) {
            int64_t from = begin * kPage, to = std::min(end * kPage, run);
            std::memcpy(dst + from, src + from, static_cast<size_t>(to - from));
        });
        return;
    }
    CopyFn copy = copyFor(run);
    parallelFor(rows, grainFor(run + 32, kCopyGrainBytes), [&](int64_t begin, int64_t end) {
        NestCursor<2> at(nest_, outer, begin);
        for (int64_t i = begin; i < end; ++i, at.next())
            copy(dst + at.offset[kDst] * bytes_, src + at.offset[kSrc] * bytes_, run);
    });
}

void StridedCopy::runTranspose(const char* src, char* dst) const {
    TransposeFn kernel = transposeKernel(bytes_);
    int outer = nest_.rank - 2;
    int64_t rows = nest_.dims[outer + 1], cols = nest_.dims[outer];
    int64_t rowStep = nest_.strides[kSrc][outer + 1], colStep = nest_.strides[kDst][outer];
    int64_t outers = nest_.count() / (rows * cols);
    // A piece is a strip of whole source cache lines, so long that a strip's destination rows stay in L1.
    int64_t strip =
        std::max<int64_t>(64 / bytes_, kCopyGrainBytes / 4 / (rows * bytes_) / (64 / bytes_) * (64 / bytes_));
    int64_t strips = (cols + strip - 1) / strip;
    int64_t pieceBytes = std::min(strip, cols) * rows * bytes_;
    parallelFor(outers * strips, grainFor(pieceBytes, kCopyGrainBytes), [&](int64_t begin, int64_t end) {
        int64_t at = begin / strips, part = begin % strips;
        NestCursor<2> cursor(nest_, outer, at);
        for (int64_t i = begin; i < end; ++i) {
            int64_t c = part * strip;
            kernel(src + (cursor.offset[kSrc] + c) * bytes_, rowStep,
                   dst + (cursor.offset[kDst] + c * colStep) * bytes_, colStep, rows, std::min(strip, cols - c));
            if (++part == strips) {
                part = 0;
                cursor.next();
            }
        }
    });
}

void StridedCopy::runElements(const char* src, char* dst) const {
    int outer = nest_.rank - 1;
    int64_t n = nest_.dims[outer], rows = nest_.count() / n;
    int64_t ds = nest_.strides[kDst][outer], ss = nest_.strides[kSrc][outer];
    bool fill = kind_ == Kind::kFill;
    withElement(bytes_, [&](auto zero) {
        using T = decltype(zero);
        auto part = [&](const T* s, T* d, int64_t count) {
            if (fill) {
                T value = *s;
                for (int64_t i = 0; i < count; ++i) d[i] = value;
            } else if (ds == 1) {
                for (int64_t i = 0; i < count; ++i) d[i] = s[i * ss];
            } else {
                for (int64_t i = 0; i < count; ++i) d[i * ds] = s[i * ss];
            }
        };
        const T* s = reinterpret_cast<const T*>(src);
        T* d = reinterpret_cast<T*>(dst);
        if (rows == 1) {
            parallelFor(n, kCopyGrainBytes / 4 / static_cast<int64_t>(sizeof(T)),
                        [&](int64_t begin, int64_t end) { part(s + begin * ss, d + begin * ds, end - begin); });
            return;
        }
        parallelFor(rows, grainFor(n * static_cast<int64_t>(sizeof(T)) + 16, kCopyGrainBytes / 4),
                    [&](int64_t begin, int64_t end) {
                        NestCursor<2> at(nest_, outer, begin);
                        for (int64_t i = begin; i < end; ++i, at.next())
                            part(s + at.offset[kSrc], d + at.offset[kDst], n);
                    });
    });
}

const char* StridedCopy::kindName() const {
    switch (kind_) {
        case Kind::kRuns: return "runs";
        case Kind::kFill: return "fill";
        case Kind::kTranspose: return "transpose";
        case Kind::kStrided: return "strided";
    }
    return "";
}

}  // namespace lathe::cpu
