// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "NvInfer.h"
#include "base/block.h"

namespace lathe::api {

// nvinfer1::IHostMemory over a block, which it keeps; its data is page-aligned. (convert.h has one over a vector.)
nvinfer1::IHostMemory* makeHostMemory(std::shared_ptr<const Block> block);

}  // namespace lathe::api
