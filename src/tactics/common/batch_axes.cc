// SPDX-License-Identifier: Apache-2.0
#include "tactics/common/batch_axes.h"

#include <algorithm>

namespace lathe::tactics {

std::vector<BatchAxis> batchAxesOf(const ir::Dims& a, const ir::Dims& b, int64_t resultElements) {
    std::vector<BatchAxis> axes;
    size_t ra = a.size(), rb = b.size();
    int64_t strideA = a[ra - 1] * a[ra - 2], strideB = b[rb - 1] * b[rb - 2], strideC = resultElements;
    for (size_t d = 0; d + 2 < std::max(ra, rb); ++d) {
        int64_t ea = d + 2 < ra ? a[ra - 3 - d] : 1, eb = d + 2 < rb ? b[rb - 3 - d] : 1;
        BatchAxis x{std::max(ea, eb), ea == 1 ? 0 : strideA, eb == 1 ? 0 : strideB, strideC};
        if (ea == 0 || eb == 0) x.extent = 0;
        strideA *= ea;
        strideB *= eb;
        strideC *= x.extent;
        if (x.extent == 1) continue;
        if (!axes.empty()) {
            BatchAxis& y = axes.back();
            if (x.a == y.a * y.extent && x.b == y.b * y.extent) {
                y.extent *= x.extent;
                continue;
            }
        }
        axes.push_back(x);
    }
    return axes;
}

}  // namespace lathe::tactics
