// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "NvInfer.h"
#include "NvInferPluginUtils.h"

extern "C" {
//! Registers the plugins of this library under namespace `libNamespace`, once; `logger` is an ILogger* for its
//! messages. Returns whether it succeeded.
TENSORRTAPI bool initLibNvInferPlugins(void* logger, char const* libNamespace);
}
