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
    // What only inputs and outputs of engines are in (nvinfer1::TensorFormat): the third axis from the end (D: the
    // fourth) in vectors. CHWn: in groups of n, each of them innermost, as kBlocked8. HWCn: the axis innermost, padded
    // to a multiple of n. The padding of inputs may hold anything.
    kChw2 = 5,
    kChw4 = 6,
    kChw16 = 7,
    kChw32 = 8,
    kHwc = 9,
    kHwc8 = 10,
    kHwc16 = 11,
    kCdhw32 = 12,
    kDhwc = 13,
    kDhwc8 = 14,
};
inline constexpr int kLayoutCount = 15;
constexpr bool isRowMajor(Layout layout) { return layout == Layout::kLinear || layout == Layout::kHost; }
constexpr bool isForIo(Layout layout) { return layout > Layout::kHost; }
std::string_view toString(Layout layout);
// Whether a tensor of this rank can have the layout.
bool fits(Layout layout, int rank);

struct Format {
    DType dtype = DType::kFloat;
    Layout layout = Layout::kLinear;
    bool operator==(const Format&) const = default;
};

// The multiple to which a layout pads its channels; 1 for those that don't.
int blockOf(Layout layout);
// The axis whose elements are moved; -1 for row-major layouts. REQUIRES: fits().
int channelAxisOf(Layout layout, int rank);

// A tensor as [outer][groups][inner][width]: channel c of group c / width, at c % width. Row-major is a group for each
// channel, channels last is one group. Elements behind the last channel are padding.
struct Grouping {
    int64_t outer = 1, channels = 1, inner = 1, groups = 1, width = 1;
    int64_t offset(int64_t o, int64_t c, int64_t p) const {
        return ((o * groups + c / width) * inner + p) * width + c % width;
    }
    bool operator==(const Grouping&) const = default;
};
// `axis`: of the channels, where the layout is row-major. REQUIRES: fits(), 0 <= axis < rank.
Grouping groupingOf(Layout layout, const ir::Dims& dims, int axis);
// Bytes that a tensor of logical `dims` takes. REQUIRES: fits().
int64_t bytesOf(const Format& format, const ir::Dims& dims);

}  // namespace lathe::tactics
