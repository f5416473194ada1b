// SPDX-License-Identifier: Apache-2.0
// Engines from bytes and files, with as few copies as can be.
#pragma once

#include "common.h"

namespace lathe::python {

// Any object with the buffer protocol. `bytes` and IHostMemory never change: the engine refers to them and keeps them
// alive. Others (a bytearray, a memory map) may be written to or closed, and are copied.
nvinfer1::ICudaEngine* deserializeBuffer(nvinfer1::IRuntime& runtime, nb::handle plan);

// A str or os.PathLike; the file is mapped (lathe::loadEngine).
nvinfer1::ICudaEngine* loadFile(nvinfer1::IRuntime& runtime, nb::handle path);

}  // namespace lathe::python
