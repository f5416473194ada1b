// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/layout.h"

#include <algorithm>

#include "base/thread_pool.h"
#include "kernels/cpu/conv_parts.h"

namespace lathe::cpu {

int channelBlock() { return convTableNow().lanes; }

int64_t layoutFloats(Layout layout, int64_t n, int64_t c, int64_t spatial) {
    int64_t block = layout == Layout::kBlocked ? channelBlock() : 1;
    return n * ((c + block - 1) / block * block) * spatial;
}

void convertLayout(Layout from, Layout to, int64_t n, int64_t c, int64_t spatial, const float* src, float* dst,
                   int threads) {
    const ConvTable& t = convTableNow();
    int64_t srcImage = layoutFloats(from, 1, c, spatial), dstImage = layoutFloats(to, 1, c, spatial);
    // Pieces of about 64 KB.
    int64_t perPiece = std::max<int64_t>(16384 / std::max<int64_t>(c, 1), 16);
    int64_t pieces = (spatial + perPiece - 1) / perPiece;
    ThreadPool::instance().parallelFor(
        n * pieces, 1,
        [&](int64_t begin, int64_t end) {
            for (int64_t i = begin; i < end; ++i) {
                int64_t image = i / pieces, s0 = i % pieces * perPiece;
                t.convert(static_cast<int>(from), static_cast<int>(to), c, spatial, s0,
                          std::min(spatial, s0 + perPiece), src + image * srcImage, dst + image * dstImage);
            }
        },
        threads);
}

}  // namespace lathe::cpu
