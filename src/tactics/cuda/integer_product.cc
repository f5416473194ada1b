// SPDX-License-Identifier: Apache-2.0
#include "tactics/cuda/integer_product.h"

#include <algorithm>

namespace lathe::tactics {

Result<cuda::SmallKernel> cudaIntegerProduct(const ir::Value& a, const ir::Value& b, const ir::Dims& aDims,
                                             const ir::Dims& bDims) {
    // A vector is a row on the left and a column on the right.
    ir::Dims x = aDims, y = bDims;
    if (x.size() == 1) x.insert(x.begin(), 1);
    if (y.size() == 1) y.push_back(1);
    size_t rank = std::max(x.size(), y.size()) - 2;
    if (rank > 8) return unsupported("a batch of {} axes", rank);
    cuda::SmallKernel k{.file = "quant.cu", .entry = "integerProduct"};
    int64_t m = x[x.size() - 2], n = y.back(), depth = x.back();
    k.n.assign(32, 0);
    k.n[0] = m;
    k.n[1] = n;
    k.n[2] = depth;
    k.n[3] = static_cast<int64_t>(rank);
    k.items = m * n;
    // Batches broadcast, aligned at their ends; strides count matrices.
    auto extent = [&](const ir::Dims& dims, size_t d) {
        size_t own = dims.size() - 2;
        return d + own < rank ? int64_t{1} : dims[d + own - rank];
    };
    int64_t stepA = 1, stepB = 1;
    for (size_t d = rank; d-- > 0;) {
        int64_t ea = extent(x, d), eb = extent(y, d);
        k.n[4 + d] = ea == 1 ? eb : ea;
        k.n[12 + d] = ea == 1 ? 0 : stepA;
        k.n[20 + d] = eb == 1 ? 0 : stepB;
        stepA *= ea;
        stepB *= eb;
        k.items *= k.n[4 + d];
    }
    k.defines = {cudaDefine("A", a.dtype()), cudaDefine("B", b.dtype())};
    return k;
}

}  // namespace lathe::tactics
