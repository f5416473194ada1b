// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "NvInfer.h"

namespace lathe::api {

// See lathe::explain() in Lathe.h.
nvinfer1::IHostMemory* explain(const nvinfer1::ICudaEngine& engine, int32_t profile) noexcept;

}  // namespace lathe::api
