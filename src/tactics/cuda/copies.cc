// SPDX-License-Identifier: Apache-2.0
#include "tactics/cuda/copies.h"

#include <numeric>

#include "kernels/cuda/pointwise.h"
#include "ops/common.h"

namespace lathe::tactics {

Result<CudaWork> copyWork(const std::vector<CopyShape>& copies) {
    CudaWork work;
    for (const CopyShape& c : copies) {
        int bytes = elementBytes(c.from->dtype());
        if (bytes == 0) return unsupported("elements of type {} share bytes", toString(c.from->dtype()));
        // Buffers are aligned to more than a vector; offsets into them need not be.
        int64_t offsets = std::gcd(std::gcd(c.fromOffset * bytes, c.toOffset * bytes), int64_t{16});
        cuda::KernelPlan plan =
            TRY(cuda::stridedCopy(c.dims, c.fromStrides, c.toStrides, bytes, static_cast<int>(offsets)));
        work.add(std::move(plan))
            .value(0, *c.from, c.fromOffset * bytes)
            .output(cuda::kOutput, c.output, c.toOffset * bytes);
    }
    return work;
}

Status addWholeCopy(CudaWork& work, const ir::Value& x, const ir::Dims& dims) {
    ir::Dims strides = ops::rowMajorStrides(dims);
    work.add(TRY(cuda::stridedCopy(dims, strides, strides, elementBytes(x.dtype()))))
        .value(0, x)
        .output(cuda::kOutput, 0)
        .copies();
    return {};
}

}  // namespace lathe::tactics
