// SPDX-License-Identifier: Apache-2.0
// Both APIs in one translation unit. The library's own one is seen as namespace nvinfer10 (and nvonnxparser10,
// nvcaffeparser10), the older one, chosen by the include path, under its own names. No C++ name of the library's API is
// a symbol, so that the renaming shows nowhere.
#pragma once

#define nvinfer1 nvinfer10
#define nvonnxparser nvonnxparser10
#define nvcaffeparser1 nvcaffeparser10
#include "include/Lathe.h"
#include "include/NvCaffeParser.h"
#include "include/NvInferPlugin.h"
#include "include/NvOnnxParser.h"
namespace lathe::compat {
inline constexpr int32_t kNewVersion = NV_TENSORRT_MAJOR * 10000 + NV_TENSORRT_MINOR * 100 + NV_TENSORRT_PATCH;
}
#undef nvinfer1
#undef nvonnxparser
#undef nvcaffeparser1
#undef REGISTER_TENSORRT_PLUGIN

// The entry points of the older headers are declared where they are defined.
#define LATHE_COMPAT_LIBRARY
#include "NvCaffeParser.h"
#include "NvInfer.h"
#include "NvInferPlugin.h"
#include "NvOnnxConfig.h"
#include "NvOnnxParser.h"
#include "NvUffParser.h"
#include "NvUtils.h"

namespace lathe::compat {
namespace v10 = ::nvinfer10;
namespace old = ::nvinfer1;
}  // namespace lathe::compat
