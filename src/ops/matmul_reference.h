// SPDX-License-Identifier: Apache-2.0
// The plain matrix product behind matmul, gemm and their integer forms.
#pragma once

#include <functional>

#include "ops/reference_math.h"

namespace lathe::ops {

// numpy's matmul in numbers: every batch's a [m, k] and b [k, n], found at aOffset and bOffset elements.
struct MatmulBatches {
    int64_t m = 1, n = 1, k = 1;
    std::vector<int64_t> aOffset = {}, bOffset = {};  // one entry a batch
};

// The output's shape; a 1-D operand is a row (a) or a column (b) whose axis the output lacks. `transpose` swaps an
// operand's last two axes first. Errors: scalars, extents that do not fit, a transposed 1-D operand.
Result<Shape> matmulShape(const Shape& a, const Shape& b, bool transposeA, bool transposeB);
// REQUIRES: what matmulShape accepted.
MatmulBatches matmulBatches(const Dims& a, const Dims& b, bool transposeA, bool transposeB);

// Copies rows [row, row + rows) and columns [column, column + columns) of a matrix that lies at element `offset` of `t`
// with `stride` elements a row, or, when transposed, a column. Cell is double, or uint64_t for integers.
template <class Cell>
void readBlock(const Tensor& t, int64_t offset, bool transposed, int64_t stride, int64_t row, int64_t rows,
               int64_t column, int64_t columns, Cell* out) {
    Status s = dispatchNumeric(t.dtype, [&]<class T>() -> Status {
        const T* in = t.as<T>() + offset;
        int64_t down = transposed ? 1 : stride, along = transposed ? stride : 1;
        for (int64_t r = 0; r < rows; ++r)
            for (int64_t c = 0; c < columns; ++c) {
                T v = in[(row + r) * down + (column + c) * along];
                if constexpr (std::is_integral_v<T>)
                    out[r * columns + c] = static_cast<Cell>(v);
                else
                    out[r * columns + c] = static_cast<Cell>(static_cast<float>(v));
            }
        return {};
    });
    ASSERT(s.ok());
}

// Sums a [m, k] times b [k, n] block by block. `readA` and `readB` copy blocks (rows, columns) in row-major order;
// `store` gets the sums of rows [row, row + rows) and columns [column, column + columns).
template <class Cell>
struct BlockProduct {
    std::function<void(int64_t row, int64_t rows, Cell* out)> readA;        // [rows, k]
    std::function<void(int64_t column, int64_t columns, Cell* out)> readB;  // [k, columns]
    std::function<void(int64_t row, int64_t rows, int64_t column, int64_t columns, const Cell* sums)> store;

    void run(int64_t m, int64_t n, int64_t k) const {
        if (m == 0 || n == 0) return;
        // Blocks of at most 4 MB of a and 1 MB of b.
        int64_t rows = std::min(m, std::max<int64_t>(16, (int64_t{1} << 19) / std::max<int64_t>(k, 1)));
        int64_t columns = std::min(n, std::max<int64_t>(16, (int64_t{1} << 17) / std::max<int64_t>(k, 1)));
        std::vector<Cell> a(rows * k), b(k * columns), sums(rows * columns);
        for (int64_t row = 0; row < m; row += rows) {
            int64_t height = std::min(rows, m - row);
            readA(row, height, a.data());
            for (int64_t column = 0; column < n; column += columns) {
                int64_t width = std::min(columns, n - column);
                readB(column, width, b.data());
                std::fill(sums.begin(), sums.end(), Cell(0));
                addProduct<Cell>(height, width, k, a.data(), k, b.data(), width, sums.data(), width);
                store(row, height, column, width, sums.data());
            }
        }
    }
};

}  // namespace lathe::ops
