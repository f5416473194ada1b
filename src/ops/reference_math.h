// SPDX-License-Identifier: Apache-2.0
// What reference kernels share: elements as doubles, and a matrix product that is plain but walks memory in order.
#pragma once

#include <vector>

#include "ops/common.h"

namespace lathe::ops {

// Elements [begin, begin + count) of a tensor as doubles. REQUIRES: a type that dispatchAll takes.
void readDoubles(const Tensor& t, int64_t begin, int64_t count, double* out);
std::vector<double> readDoubles(const Tensor& t);
// All elements of an i32, i64 or bool tensor. REQUIRES: one of these types.
std::vector<int64_t> readIntegers(const Tensor& t);
// Stores doubles: floating types round to nearest; integers drop the fraction, and values outside the type's range
// (and NaN) become the nearest end of it (0 for NaN); bool is "not 0".
void writeDoubles(const Tensor& t, int64_t begin, int64_t count, const double* in);
void writeDoubles(const Tensor& t, const std::vector<double>& in);

// c += a * b for row-major matrices a (m x k), b (k x n), c (m x n), whose rows are lda, ldb, ldc elements apart.
// T is double, or uint64_t for integers with wrap-around.
template <class T>
void addProduct(int64_t m, int64_t n, int64_t k, const T* a, int64_t lda, const T* b, int64_t ldb, T* c, int64_t ldc);
extern template void addProduct<double>(int64_t, int64_t, int64_t, const double*, int64_t, const double*, int64_t,
                                        double*, int64_t);
extern template void addProduct<uint64_t>(int64_t, int64_t, int64_t, const uint64_t*, int64_t, const uint64_t*, int64_t,
                                          uint64_t*, int64_t);

}  // namespace lathe::ops
