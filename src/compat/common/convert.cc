// SPDX-License-Identifier: Apache-2.0
#include "compat/common/convert.h"

namespace lathe::compat {
namespace {

struct LayerPair {
    v10::LayerType now;
    old::LayerType before;
};

#define LATHE_PAIR(Name) \
    { v10::LayerType::Name, old::LayerType::Name }
constexpr LayerPair kLayers[] = {
    LATHE_PAIR(kCONVOLUTION),
    LATHE_PAIR(kACTIVATION),
    LATHE_PAIR(kPOOLING),
    LATHE_PAIR(kLRN),
    LATHE_PAIR(kSCALE),
    LATHE_PAIR(kSOFTMAX),
    LATHE_PAIR(kDECONVOLUTION),
    LATHE_PAIR(kCONCATENATION),
    LATHE_PAIR(kELEMENTWISE),
    LATHE_PAIR(kPLUGIN),
    LATHE_PAIR(kUNARY),
    LATHE_PAIR(kPADDING),
    LATHE_PAIR(kSHUFFLE),
    LATHE_PAIR(kREDUCE),
    LATHE_PAIR(kTOPK),
    LATHE_PAIR(kGATHER),
    LATHE_PAIR(kMATRIX_MULTIPLY),
    LATHE_PAIR(kRAGGED_SOFTMAX),
    LATHE_PAIR(kCONSTANT),
    LATHE_PAIR(kIDENTITY),
    LATHE_PAIR(kPLUGIN_V2),
    LATHE_PAIR(kSLICE),
    LATHE_PAIR(kSHAPE),
    LATHE_PAIR(kPARAMETRIC_RELU),
    LATHE_PAIR(kRESIZE),
#if LATHE_TRT >= 7
    LATHE_PAIR(kTRIP_LIMIT),
    LATHE_PAIR(kRECURRENCE),
    LATHE_PAIR(kITERATOR),
    LATHE_PAIR(kLOOP_OUTPUT),
    LATHE_PAIR(kSELECT),
    LATHE_PAIR(kFILL),
#endif
#if LATHE_TRT >= 8
    LATHE_PAIR(kQUANTIZE),
    LATHE_PAIR(kDEQUANTIZE),
    LATHE_PAIR(kCONDITION),
    LATHE_PAIR(kCONDITIONAL_INPUT),
    LATHE_PAIR(kCONDITIONAL_OUTPUT),
    LATHE_PAIR(kSCATTER),
    LATHE_PAIR(kEINSUM),
    LATHE_PAIR(kASSERTION),
    LATHE_PAIR(kONE_HOT),
    LATHE_PAIR(kNON_ZERO),
    LATHE_PAIR(kGRID_SAMPLE),
    LATHE_PAIR(kNMS),
    LATHE_PAIR(kREVERSE_SEQUENCE),
    LATHE_PAIR(kNORMALIZATION),
    LATHE_PAIR(kCAST),
#endif
};
#undef LATHE_PAIR

template <class D>
int64_t product(const D& dims) {
    int64_t n = 1;
    for (int i = 0; i < dims.nbDims; ++i) n *= dims.d[i];
    return n;
}

}  // namespace

// What the older version had no layer for is a plugin to it.
old::LayerType Convert<old::LayerType>::toOld(v10::LayerType v) {
    for (const LayerPair& p : kLayers)
        if (p.now == v) return p.before;
    return old::LayerType::kPLUGIN_V2;
}

int64_t volume(const old::Dims& dims) { return product(dims); }
int64_t volume(const v10::Dims& dims) { return product(dims); }

v10::Dims withFront(int64_t front, const v10::Dims& dims) {
    if (dims.nbDims < 0 || dims.nbDims >= v10::Dims::MAX_DIMS) return {-1, {}};
    v10::Dims out{};
    out.nbDims = dims.nbDims + 1;
    out.d[0] = front;
    std::copy_n(dims.d, dims.nbDims, out.d + 1);
    return out;
}

v10::Dims withoutFront(const v10::Dims& dims) {
    if (dims.nbDims <= 0) return dims;
    v10::Dims out{};
    out.nbDims = dims.nbDims - 1;
    std::copy_n(dims.d + 1, out.nbDims, out.d);
    return out;
}

int elementSize(old::DataType type) {
    switch (static_cast<v10::DataType>(type)) {
        case v10::DataType::kFLOAT:
        case v10::DataType::kINT32: return 4;
        case v10::DataType::kHALF:
        case v10::DataType::kBF16: return 2;
        case v10::DataType::kINT64: return 8;
        case v10::DataType::kINT4:
        case v10::DataType::kFP4: return 0;
        default: return 1;
    }
}

}  // namespace lathe::compat
