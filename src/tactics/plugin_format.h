// SPDX-License-Identifier: Apache-2.0
// The formats that plugins and this library have in common.
#pragma once

#include <optional>

#include "ops/plugin.h"
#include "tactics/format.h"

namespace lathe::tactics {

// The layout of a tensor in nvinfer1::TensorFormat `format`; nothing when there is none like it. Formats that pad
// channels up to a multiple are like an unpadded one where there is nothing to pad; axis 1 must be what they call
// channels, which the rank decides.
inline std::optional<Layout> layoutOfPluginFormat(int64_t format, DType type, const ir::Shape& shape) {
    if (format == 0) return Layout::kLinear;
    if (bitsOf(type) < 8 || type == DType::kBool) return std::nullopt;
    auto channels = [&](int64_t by) { return shape[1].isConstant() && shape[1].value() % by == 0; };
    if (shape.size() == 4) {
        if (format == 4) return Layout::kBlocked16;                                         // kCHW16
        if (format == 8 || (format == 2 && channels(8)) || (format == 11 && channels(16)))  // kHWC, kHWC8, kHWC16
            return Layout::kChannelsLast;
    }
    if (shape.size() == 5 && (format == 12 || (format == 6 && channels(8)))) return Layout::kChannelsLast;  // kDHWC, 8
    return std::nullopt;
}
// Those that may have one, row-major first.
inline constexpr int64_t kPluginFormats[] = {0, 8, 12, 4, 2, 11, 6};

}  // namespace lathe::tactics
