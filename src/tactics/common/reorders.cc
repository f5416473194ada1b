// SPDX-License-Identifier: Apache-2.0
#include "tactics/common/reorders.h"

namespace lathe::tactics {

int reorderAxis(Layout from, Layout to, int rank) {
    int a = channelAxisOf(from, rank), b = channelAxisOf(to, rank);
    if (a >= 0 && b >= 0 && a != b) return -1;
    return std::max(std::max(a, b), 0);
}

bool movesNothing(Layout from, Layout to, const ir::Shape& shape) {
    int axis = reorderAxis(from, to, static_cast<int>(shape.size()));
    if (shape.empty() || !shape[static_cast<size_t>(axis)].isConstant()) return false;
    ir::Dims dims(shape.size(), 1);
    dims[static_cast<size_t>(axis)] = shape[static_cast<size_t>(axis)].value();
    Grouping f = groupingOf(from, dims, axis), t = groupingOf(to, dims, axis);
    if (f.groups == t.groups && f.width == t.width) return true;
    // Channels of one point lie the same whatever their groups.
    bool onePoint = true;
    for (size_t d = static_cast<size_t>(axis) + 1; d < shape.size(); ++d) onePoint = onePoint && shape[d] == ir::Dim(1);
    return onePoint && f.groups * f.width == t.groups * t.width;
}

}  // namespace lathe::tactics
