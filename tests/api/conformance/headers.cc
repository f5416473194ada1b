// SPDX-License-Identifier: Apache-2.0
// All public headers, compiled so that every inline function is there to be counted.
#include "NvInfer.h"
#include "NvInferPlugin.h"
#include "NvOnnxConfig.h"
#include "NvOnnxParser.h"
#include "impl/NvInferPythonPlugin.h"
