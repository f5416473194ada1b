// SPDX-License-Identifier: Apache-2.0
// Reductions over any set of axes. Results depend on shapes alone, never on the number of threads.
#pragma once

#include <cstdint>
#include <span>

#include "base/dtype.h"
#include "base/status.h"
#include "kernels/cpu/nest.h"

namespace lathe::cpu {

enum class ReduceOp : uint8_t {
    kSum,
    kMean,
    kProd,
    kMax,
    kMin,
    kSumSquare,
    kL1,
    kL2,
    kLogSum,
    kLogSumExp,
};

// f32, f16, bf16: blocks are summed in f32, blocks' sums in double. i8, u8, i32, i64: exact but for wrapping, a mean
// rounded towards zero; kL2, kLogSum and kLogSumExp are for floating-point types only. bool: kMax (any), kMin (all).
// Nothing reduced gives the operation's identity (a mean: NaN, or 0 for integers).
class Reduction {
  public:
    // Dense x; y is dense over the dimensions that are not reduced. Bit d of `axes`: dimension d is reduced.
    static Result<Reduction> make(ReduceOp op, DType type, std::span<const int64_t> dims, uint32_t axes);
    void run(const void* x, void* y) const;

  private:
    void rows(const void* x, void* y, int64_t begin, int64_t end) const;
    void split(const void* x, void* y) const;
    void columns(const void* x, void* y, int64_t begin, int64_t end) const;
    void integers(const void* x, void* y, int64_t begin, int64_t end) const;

    ReduceOp op_ = ReduceOp::kSum;
    DType type_ = DType::kFloat;
    Nest<1> kept_, reduced_;    // loops over x; kept_ in the order of y
    bool innerReduced_ = true;  // the innermost loop over x is reduced_'s last, else kept_'s last
    int64_t outputs_ = 0, perOutput_ = 0;
};

// What the kernels below gather; the rest is arithmetic on the totals.
enum class Gather : uint8_t { kSum, kProd, kMax, kMin, kSumSquare, kSumAbs, kSumExp };

struct ReduceTable {
    // total (op)= n contiguous elements; kSumExp: e^(x - shift).
    void (*row)(Gather gather, DType type, const void* x, int64_t n, float shift, double* total);
    // total[c] (op)= `rows` rows of cols <= kReduceColumns contiguous elements, rowStride elements apart.
    void (*columns)(Gather gather, DType type, const void* x, int64_t rowStride, int64_t rows, int64_t cols,
                    const float* shift, double* total);
};
inline constexpr int kReduceColumns = 256;

}  // namespace lathe::cpu
