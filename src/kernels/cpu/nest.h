// SPDX-License-Identifier: Apache-2.0
// Nested loops over strided operands: what the data-movement and pointwise kernels are prepared from.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "base/status.h"

namespace lathe::cpu {

inline constexpr int kMaxNestDims = 8;

// rank loops, outermost first; operand k moves by strides[k][d] (in elements) when loop d takes a step.
template <int K>
struct Nest {
    int rank = 0;
    int64_t dims[kMaxNestDims] = {};
    int64_t strides[K][kMaxNestDims] = {};

    int64_t count() const {
        int64_t n = 1;
        for (int d = 0; d < rank; ++d) n *= dims[d];
        return n;
    }

    void remove(int at) {
        for (int d = at; d + 1 < rank; ++d) {
            dims[d] = dims[d + 1];
            for (int k = 0; k < K; ++k) strides[k][d] = strides[k][d + 1];
        }
        --rank;
    }

    // Swaps loops until f(d) is true of the outer of each pair: `before(a, b)` says that loop a belongs outside loop b.
    template <class F>
    void sortLoops(F before) {
        for (int i = 1; i < rank; ++i)
            for (int j = i; j > 0 && before(j, j - 1); --j) swapLoops(j, j - 1);
    }

    void swapLoops(int a, int b) {
        std::swap(dims[a], dims[b]);
        for (int k = 0; k < K; ++k) std::swap(strides[k][a], strides[k][b]);
    }

    // Drops loops of one step and joins neighbours that every operand crosses evenly. `operands` limits the operands
    // looked at. An empty nest becomes a single loop of no steps.
    void collapse(int operands = K) {
        for (int d = 0; d < rank; ++d)
            if (dims[d] == 0) {
                rank = 1;
                dims[0] = 0;
                return;
            }
        for (int d = rank - 1; d >= 0; --d)
            if (dims[d] == 1) remove(d);
        for (int d = rank - 2; d >= 0; --d) {
            bool even = true;
            for (int k = 0; k < operands; ++k) even = even && strides[k][d] == strides[k][d + 1] * dims[d + 1];
            if (!even) continue;
            dims[d] *= dims[d + 1];
            for (int k = 0; k < K; ++k) strides[k][d] = strides[k][d + 1];
            remove(d + 1);
        }
        if (rank == 0) {
            rank = 1;
            dims[0] = 1;
            for (int k = 0; k < K; ++k) strides[k][0] = 0;
        }
    }
};

// Walks the outer `rank` loops of a nest from a flat index on, keeping the operands' offsets.
template <int K>
class NestCursor {
  public:
    NestCursor(const Nest<K>& nest, int rank, int64_t flat) : nest_(nest), rank_(rank) {
        for (int d = rank - 1; d >= 0; --d) {
            index_[d] = flat % nest.dims[d];
            flat /= nest.dims[d];
            for (int k = 0; k < K; ++k) offset[k] += index_[d] * nest.strides[k][d];
        }
    }

    void next() {
        for (int d = rank_ - 1; d >= 0; --d) {
            for (int k = 0; k < K; ++k) offset[k] += nest_.strides[k][d];
            if (++index_[d] < nest_.dims[d]) return;
            for (int k = 0; k < K; ++k) offset[k] -= nest_.strides[k][d] * nest_.dims[d];
            index_[d] = 0;
        }
    }

    int64_t offset[K] = {};

  private:
    const Nest<K>& nest_;
    int rank_;
    int64_t index_[kMaxNestDims] = {};
};

// Strides of a dense array, innermost last.
inline void denseStrides(std::span<const int64_t> dims, int64_t* strides) {
    int64_t step = 1;
    for (size_t d = dims.size(); d-- > 0;) {
        strides[d] = step;
        step *= dims[d];
    }
}

// Counts elements; fails on a negative dimension, more than kMaxNestDims of them, or overflow.
inline Result<int64_t> checkedCount(std::span<const int64_t> dims, const char* what) {
    if (dims.size() > static_cast<size_t>(kMaxNestDims))
        return invalidArgument("{}: {} dimensions, at most {} are supported", what, dims.size(), kMaxNestDims);
    int64_t n = 1;
    for (size_t d = 0; d < dims.size(); ++d) {
        if (dims[d] < 0) return invalidArgument("{}: dimension {} is {}", what, d, dims[d]);
        if (__builtin_mul_overflow(n, dims[d], &n)) return invalidArgument("{}: the element count overflows", what);
    }
    return n;
}

}  // namespace lathe::cpu
