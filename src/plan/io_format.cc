// SPDX-License-Identifier: Apache-2.0
#include "plan/io_format.h"

#include <algorithm>

namespace lathe::plan {
namespace {

using tactics::Layout;

constexpr uint32_t bit(DType t) { return 1u << static_cast<int>(t); }
constexpr uint32_t kNarrow = bit(DType::kHalf) | bit(DType::kBf16);

struct Facts {
    std::string_view name;
    Layout layout = Layout::kLinear;
    uint32_t types = 0;          // that it exists for
    bool fixedChannels = false;  // the axis in vectors must have a constant extent
    std::string_view words;
};

// The combinations that TensorRT documents.
constexpr Facts kFormats[kIoFormatCount] = {
    {"kLINEAR", Layout::kLinear, ~0u, false, "Row major linear {} format"},
    {"kCHW2", Layout::kChw2, kNarrow, false, "Two wide channel vectorized row major {} format"},
    {"kHWC8", Layout::kHwc8, kNarrow, false, "Channel major {} format where channel % 8 == 0"},
    {"kCHW4", Layout::kChw4, bit(DType::kInt8) | bit(DType::kHalf), true,
     "Four wide channel vectorized row major {} format"},
    {"kCHW16", Layout::kChw16, bit(DType::kHalf), false, "Sixteen wide channel vectorized row major {} format"},
    {"kCHW32", Layout::kChw32, bit(DType::kInt8) | bit(DType::kHalf) | bit(DType::kFloat), false,
     "Thirty-two wide channel vectorized row major {} format"},
    {"kDHWC8", Layout::kDhwc8, kNarrow, false, "Channel major {} volume format where channel % 8 == 0"},
    {"kCDHW32", Layout::kCdhw32, bit(DType::kInt8) | bit(DType::kHalf), false,
     "Thirty-two wide channel vectorized row major {} volume format"},
    {"kHWC", Layout::kHwc, bit(DType::kFloat) | bit(DType::kUint8), false, "Channel major {} format"},
    {"kDLA_LINEAR", Layout::kLinear, 0, false, ""},
    {"kDLA_HWC4", Layout::kLinear, 0, false, ""},
    {"kHWC16", Layout::kHwc16, bit(DType::kHalf) | bit(DType::kInt8) | bit(DType::kFp8), false,
     "Channel major {} format where channel % 16 == 0"},
    {"kDHWC", Layout::kDhwc, bit(DType::kFloat), false, "Channel major {} volume format"},
};

const Facts& factsOf(int64_t format) { return kFormats[static_cast<size_t>(format)]; }

bool isGrouped(Layout l) {
    return l == Layout::kChw2 || l == Layout::kChw4 || l == Layout::kChw16 || l == Layout::kChw32 ||
           l == Layout::kCdhw32 || l == Layout::kBlocked8 || l == Layout::kBlocked16;
}

const char* typeInWords(DType t) {
    static constexpr const char* kNames[] = {"FP32", "FP16", "INT8",  "INT32", "BOOL", "UINT8",
                                             "FP8",  "BF16", "INT64", "INT4",  "FP4",  "E8M0"};
    return kNames[static_cast<int>(t)];
}

}  // namespace

std::string_view formatName(int64_t format) { return factsOf(format).name; }

Status checkFormat(int64_t format, DType type, const ir::Shape& shape) {
    if (format < 0 || format >= kIoFormatCount) return invalidArgument("format {} does not exist", format);
    const Facts& f = factsOf(format);
    if (f.types == 0) return unsupported("{} is a format of DLA cores, and there are none", f.name);
    if (!(f.types & bit(type))) return unsupported("{} is no format of {}", f.name, toString(type));
    int rank = static_cast<int>(shape.size());
    if (!tactics::fits(f.layout, rank)) return unsupported("{} is no format of {} dimensions", f.name, rank);
    if (f.fixedChannels && !shape[static_cast<size_t>(tactics::channelAxisOf(f.layout, rank))].isConstant())
        return unsupported("{} needs a constant number of channels, not {}", f.name, ir::toString(shape));
    return {};
}

Status checkFormat(const IoTensor& t) {
    TRY(checkFormat(t.format, t.dtype, t.shape));
    if (t.isShape && t.format) return unsupported("shape tensors are row-major, not {}", formatName(t.format));
    return {};
}

Layout layoutOf(int64_t format, DType, const ir::Shape& shape, bool isInput) {
    Layout l = factsOf(format).layout;
    int rank = static_cast<int>(shape.size());
    // Tactics' images have their channels at axis 1.
    if (l == Layout::kLinear || tactics::channelAxisOf(l, rank) != 1) return l;
    int64_t block = tactics::blockOf(l);
    bool whole = shape[1].isConstant() && shape[1].value() % block == 0;
    if (!isGrouped(l)) return whole ? Layout::kChannelsLast : l;
    // They count on zeros behind the last channel, and write them.
    return l == Layout::kChw16 && (whole || !isInput) ? Layout::kBlocked16 : l;
}

Result<int64_t> chooseFormat(uint32_t allowed, const IoTensor& t) {
    if (allowed & 1u) return 0;
    IoTensor with = t;
    std::string refusals;
    int64_t first = -1;
    for (int64_t f = 1; f < kIoFormatCount; ++f) {
        if (!(allowed >> f & 1u)) continue;
        with.format = f;
        if (Status s = checkFormat(with); !s.ok()) {
            refusals += fmt::format("\n  {}", s.message());
            continue;
        }
        if (!tactics::isForIo(layoutOf(f, t.dtype, t.shape, t.isInput))) return f;
        if (first < 0) first = f;
    }
    if (first < 0)
        return unsupported("{} '{}' ({}{}) can have none of the formats that it allows ({:#x}){}",
                           t.isInput ? "input" : "output", t.name, toString(t.dtype), ir::toString(t.shape), allowed,
                           refusals);
    return first;
}

FormatFacts factsOf(const IoTensor& t) {
    Layout l = factsOf(t.format).layout;
    if (tactics::blockOf(l) == 1) return {};
    return {tactics::channelAxisOf(l, static_cast<int>(t.shape.size())), tactics::blockOf(l)};
}

std::string describeFormat(const IoTensor& t) {
    const Facts& f = factsOf(t.format);
    return fmt::format("{} ({})", fmt::format(fmt::runtime(f.words), typeInWords(t.dtype)), f.name);
}

int64_t bufferBytes(const IoTensor& t, const ir::Dims& dims) {
    return tactics::bytesOf({t.dtype, factsOf(t.format).layout}, dims);
}

ir::Dims stridesOf(Layout layout, const ir::Dims& dims) {
    int rank = static_cast<int>(dims.size()), axis = tactics::channelAxisOf(layout, rank);
    int64_t block = tactics::blockOf(layout), stride = 1;
    ir::Dims strides(dims.size());
    auto next = [&](int d) {
        strides[static_cast<size_t>(d)] = stride;
        int64_t n = dims[static_cast<size_t>(d)];
        stride *= d == axis ? (n + block - 1) / block : n;
    };
    bool innermost = axis >= 0 && !isGrouped(layout);
    if (innermost) next(axis);
    for (int d = rank - 1; d >= 0; --d)
        if (d != axis || !innermost) next(d);
    return strides;
}

ir::Dims bufferStrides(const IoTensor& t, const ir::Dims& dims) { return stridesOf(factsOf(t.format).layout, dims); }

}  // namespace lathe::plan
