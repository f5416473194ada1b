// SPDX-License-Identifier: Apache-2.0
// The plain product of two matrices of 8-bit integers with zero points, behind matmul_integer and qlinear_matmul.
#pragma once

#include "ops/matmul_reference.h"
#include "ops/requantize.h"

namespace lathe::ops {

// The shape of inputs a and b's product. Errors: types, and zero points that are neither one nor one for each row of a
// (column of b).
inline Result<Shape> quantizedProductShape(const InferContext& c, int a, int b, int aZero, int bZero) {
    TRY(requireByte(c, a));
    TRY(requireByte(c, b));
    Shape out = TRY(matmulShape(c.shape(a), c.shape(b), false, false));
    const Shape &x = c.shape(a), &y = c.shape(b);
    if (c.has(aZero)) {
        TRY(requireSameType(c, a, aZero));
        TRY(requireOneOrEach(c, aZero, x.size() > 1 ? x[x.size() - 2] : Dim(1), "for each row"));
    }
    if (c.has(bZero)) {
        TRY(requireSameType(c, b, bZero));
        TRY(requireOneOrEach(c, bZero, y.size() > 1 ? y.back() : Dim(1), "for each column"));
    }
    return out;
}

// Calls store(index in the output, row, column, sum) for every element.
template <class Store>
void quantizedProduct(const RefContext& c, int a, int b, int aZero, int bZero, Store&& store) {
    const Tensor &x = c.input(a), &y = c.input(b);
    const MatmulBatches batches = matmulBatches(x.dims, y.dims, false, false);
    const int64_t m = batches.m, n = batches.n, k = batches.k, rows = x.rank() > 1 ? x.dims[x.dims.size() - 2] : 1;
    std::vector<double> left(m * k), right(k * n), sums(m * n);
    for (size_t batch = 0; batch < batches.aOffset.size(); ++batch) {
        readDoubles(x, batches.aOffset[batch], m * k, left.data());
        readDoubles(y, batches.bOffset[batch], k * n, right.data());
        for (int64_t r = 0; r < m; ++r)
            for (int64_t i = 0; i < k; ++i) left[r * k + i] -= oneOrEach(c, aZero, r % std::max<int64_t>(rows, 1), 0);
        for (int64_t i = 0; i < k; ++i)
            for (int64_t q = 0; q < n; ++q) right[i * n + q] -= oneOrEach(c, bZero, q, 0);
        std::fill(sums.begin(), sums.end(), 0.0);
        addProduct<double>(m, n, k, left.data(), k, right.data(), n, sums.data(), n);
        for (int64_t r = 0; r < m; ++r)
            for (int64_t q = 0; q < n; ++q)
                store((static_cast<int64_t>(batch) * m + r) * n + q, r % std::max<int64_t>(rows, 1), q,
                      sums[r * n + q]);
    }
}

}  // namespace lathe::ops
