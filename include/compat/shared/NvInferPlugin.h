// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "NvInfer.h"
#include "NvInferPluginUtils.h"

#ifndef LATHE_COMPAT_LIBRARY
extern "C" {
//! Registers the plugins that come with the library. True when all could be.
TENSORRTAPI bool initLibNvInferPlugins(void* logger, char const* libNamespace)
#if LATHE_TRT >= 8
    noexcept
#endif
    LATHE_TRT_ENTRY(initLibNvInferPlugins);
}
#endif
