// SPDX-License-Identifier: Apache-2.0
// What belongs to the loaded library as a whole.
#pragma once

#include "NvInfer.h"
#include "base/status.h"

namespace lathe::api {

// Checks what a create…_INTERNAL function was called with: a logger, and the version of the headers that the client was
// compiled against, which may be any of our major version up to our own. Remembers the first logger for getLogger().
Status checkClient(void* logger, int32_t version);
// The logger of the object that was made first; null before.
nvinfer1::ILogger* firstLogger();

// Behind the entry points of the same names (entry_points.cc).
void* createRuntime(void* logger, int32_t version) noexcept;
void* createRefitter(void* engine, void* logger, int32_t version) noexcept;
void* loadEngineFile(void* runtime, char const* path) noexcept;
void* loadEngineShared(void* runtime, void const* data, std::size_t size, void (*release)(void*),
                       void* context) noexcept;

}  // namespace lathe::api
