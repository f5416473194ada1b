// SPDX-License-Identifier: Apache-2.0
// From the command line to an engine: parse, build, save, load, refit.
#pragma once

#include <memory>

#include "trtexec/log.h"
#include "trtexec/options.h"

namespace lathe::trtexec {

struct Engine {
    std::unique_ptr<nvinfer1::IRuntime> runtime;
    std::unique_ptr<nvinfer1::ICudaEngine> engine;
    size_t planBytes = 0;
};

// Builds or reads the plan that the options ask for, and writes it where they say. Null engine when only the plan was
// asked for. Errors: tool::Failure.
Engine makeEngine(const Options& options, Log& log);

}  // namespace lathe::trtexec
