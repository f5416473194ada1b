// SPDX-License-Identifier: Apache-2.0
// Compiled in C++14, 17 and 20 with warnings as errors: the public headers stay clean for their users.
#include "NvInfer.h"
#include "NvInferPlugin.h"
#include "NvOnnxConfig.h"
#include "NvOnnxParser.h"
#include "impl/NvInferPythonPlugin.h"
