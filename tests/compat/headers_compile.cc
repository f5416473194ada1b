// SPDX-License-Identifier: Apache-2.0
// All headers of one version.
#include "NvCaffeParser.h"
#include "NvInfer.h"
#include "NvInferPlugin.h"
#include "NvInferPluginUtils.h"
#include "NvInferRuntime.h"
#include "NvInferRuntimeCommon.h"
#include "NvOnnxConfig.h"
#include "NvOnnxParser.h"
#include "NvUffParser.h"
#include "NvUtils.h"

int maxDims() { return nvinfer1::Dims::MAX_DIMS; }
