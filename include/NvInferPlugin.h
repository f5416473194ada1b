// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "NvInfer.h"
#include "NvInferPluginUtils.h"

extern "C" {
TENSORRTAPI bool initLibNvInferPlugins(void* logger, char const* libNamespace);
}
