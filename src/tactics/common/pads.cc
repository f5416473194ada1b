// SPDX-License-Identifier: Apache-2.0
#include "tactics/common/pads.h"

namespace lathe::tactics {

Result<std::vector<int64_t>> padAxesOf(const ir::Node& n, size_t all) {
    std::vector<int64_t> axes;
    if (const ir::Value* list = inputOf(n, 3)) {
        auto known = knownIntegers(list);
        if (!known) return unsupported("its axes are not known");
        axes = *known;
    } else {
        for (size_t d = 0; d < all; ++d) axes.push_back(static_cast<int64_t>(d));
    }
    return axes;
}

Result<Pads> padsOf(const ir::Node& n, size_t rank) {
    auto pads = knownIntegers(inputOf(n, 1));
    if (!pads) return unsupported("its pads are not known");
    std::vector<int64_t> axes = TRY(padAxesOf(n, rank));
    if (pads->size() != 2 * axes.size()) return unsupported("{} pads for {} axes", pads->size(), axes.size());
    Pads out{std::vector<int64_t>(rank, 0), std::vector<int64_t>(rank, 0)};
    bool constant = n.attrs<ops::PadAttrs>().mode == ops::PadMode::kConstant;
    for (size_t i = 0; i < axes.size(); ++i) {
        auto d = static_cast<size_t>(fromStart(axes[i], static_cast<int>(rank)));
        out.before[d] = (*pads)[i];
        out.after[d] = (*pads)[axes.size() + i];
        // Cropping comes first: what is repeated then starts at another edge.
        if (!constant && (out.before[d] < 0 || out.after[d] < 0))
            return unsupported("axis {} is cropped and padded with its own elements", d);
    }
    return out;
}

}  // namespace lathe::tactics
