// SPDX-License-Identifier: Apache-2.0
// What layers that quantize in blocks ask of their settings alike.
#pragma once

#include "api/build/network.h"

namespace lathe::api {

// Extents of a block: at least 1, or -1 for the whole axis.
inline Status checkBlockExtents(const nvinfer1::Dims& block) {
    for (int64_t d : TRY(fromApi(block)))
        if (d < -1 || d == 0) return invalidArgument("a block of {}", listText(block));
    return {};
}

// Types of scales that a layer computes.
inline Status checkScaleType(nvinfer1::DataType type) {
    using T = nvinfer1::DataType;
    if (type == T::kFP8 || type == T::kE8M0 || type == T::kFLOAT) return {};
    return invalidArgument("scales of type {}; kFP8, kE8M0 and kFLOAT are possible", toString(fromApi(type)));
}

}  // namespace lathe::api
