// SPDX-License-Identifier: Apache-2.0
// How a value lies in memory.
#pragma once

#include <string_view>

#include "base/dtype.h"
#include "ir/dim.h"

namespace lathe::tactics {

// Values are written to plans; never renumber.
enum class Layout : int64_t {
    kLinear = 0,        // row-major
    kChannelsLast = 1,  // axis 1 moved to the end: N, spatial…, C
    kBlocked8 = 2,      // N, ceil(C/8), spatial…, 8: channels in groups of 8, the last one padded with zeros
    kBlocked16 = 3,     // the same by 16
    kHost = 4,          // row-major in host memory, in a program whose other values lie in a device's memory
};
inline constexpr int kLayoutCount = 5;
constexpr bool isRowMajor(Layout layout) { return layout == Layout::kLinear || layout == Layout::kHost; }
std::string_view toString(Layout layout);

struct Format {
    DType dtype = DType::kFloat;
    Layout layout = Layout::kLinear;
    bool operator==(const Format&) const = default;
};

// Channels in a group: 8, 16, or 1 for layouts that don't group.
int blockOf(Layout layout);
// Bytes that a tensor of logical `dims` takes. REQUIRES: at least 3 axes unless the layout is row-major.
int64_t bytesOf(const Format& format, const ir::Dims& dims);

}  // namespace lathe::tactics
