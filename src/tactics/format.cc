// SPDX-License-Identifier: Apache-2.0
#include "tactics/format.h"

namespace lathe::tactics {

std::string_view toString(Layout layout) {
    static constexpr std::string_view names[] = {"linear", "channels_last", "blocked8", "blocked16", "host"};
    return names[static_cast<int>(layout)];
}

int blockOf(Layout layout) { return layout == Layout::kBlocked8 ? 8 : layout == Layout::kBlocked16 ? 16 : 1; }

int64_t bytesOf(const Format& format, const ir::Dims& dims) {
    int block = blockOf(format.layout);
    if (block == 1) return lathe::bytesOf(format.dtype, ir::volume(dims));
    ASSERT(dims.size() >= 3);
    ir::Dims padded = dims;
    padded[1] = (dims[1] + block - 1) / block * block;
    return lathe::bytesOf(format.dtype, ir::volume(padded));
}

}  // namespace lathe::tactics
