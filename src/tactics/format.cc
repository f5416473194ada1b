// SPDX-License-Identifier: Apache-2.0
#include "tactics/format.h"

#include <algorithm>

namespace lathe::tactics {
namespace {

struct Facts {
    std::string_view name;
    int block = 1;         // channels are padded to a multiple of it
    bool grouped = false;  // else the channels are innermost
    int fromEnd = 0;       // which axis they are, counted from the end (1: the last); 0: axis 1
};

constexpr Facts kFacts[kLayoutCount] = {
    {"linear"},
    {"channels_last"},
    {"blocked8", 8, true},
    {"blocked16", 16, true},
    {"host"},
    {"chw2", 2, true, 3},
    {"chw4", 4, true, 3},
    {"chw16", 16, true, 3},
    {"chw32", 32, true, 3},
    {"hwc", 1, false, 3},
    {"hwc8", 8, false, 3},
    {"hwc16", 16, false, 3},
    {"cdhw32", 32, true, 4},
    {"dhwc", 1, false, 4},
    {"dhwc8", 8, false, 4},
};

const Facts& factsOf(Layout layout) { return kFacts[static_cast<size_t>(layout)]; }

int64_t roundUp(int64_t n, int64_t by) { return (n + by - 1) / by * by; }

}  // namespace

std::string_view toString(Layout layout) { return factsOf(layout).name; }

bool fits(Layout layout, int rank) { return isRowMajor(layout) || rank >= std::max(3, factsOf(layout).fromEnd); }

int blockOf(Layout layout) { return factsOf(layout).block; }

int channelAxisOf(Layout layout, int rank) {
    if (isRowMajor(layout)) return -1;
    int fromEnd = factsOf(layout).fromEnd;
    return fromEnd ? rank - fromEnd : 1;
}

Grouping groupingOf(Layout layout, const ir::Dims& dims, int axis) {
    if (int own = channelAxisOf(layout, static_cast<int>(dims.size())); own >= 0) axis = own;
    Grouping g;
    for (size_t d = 0; d < dims.size(); ++d)
        (static_cast<int>(d) < axis ? g.outer : static_cast<int>(d) == axis ? g.channels : g.inner) *= dims[d];
    const Facts& f = factsOf(layout);
    int64_t padded = roundUp(g.channels, f.block);
    g.width = isRowMajor(layout) ? 1 : f.grouped ? f.block : std::max<int64_t>(padded, 1);
    g.groups = isRowMajor(layout) ? g.channels : f.grouped ? padded / f.block : 1;
    return g;
}

int64_t bytesOf(const Format& format, const ir::Dims& dims) {
    int block = blockOf(format.layout);
    if (block == 1) return lathe::bytesOf(format.dtype, ir::volume(dims));
    ASSERT(fits(format.layout, static_cast<int>(dims.size())));
    ir::Dims padded = dims;
    int64_t& channels = padded[static_cast<size_t>(channelAxisOf(format.layout, static_cast<int>(dims.size())))];
    channels = roundUp(channels, block);
    return lathe::bytesOf(format.dtype, ir::volume(padded));
}

}  // namespace lathe::tactics
