// SPDX-License-Identifier: Apache-2.0
// The process's device domain (docs/architecture.md, decision 6): whether the API's device memory and streams are a
// GPU's or the host's. Fixed at the first call.
#pragma once

#include <string>

#include "base/status.h"

namespace lathe::cuda {
class Gpu;
}

namespace lathe::device {

// LATHE_TARGET=cpu… takes the CPU, LATHE_TARGET=cuda (or cuda:1, a GPU by its number) a GPU or an error; without it the
// first GPU is taken where there is a driver, a GPU and NVRTC, else the CPU, which is null here.
Result<cuda::Gpu*> domain();
// Null in the CPU's domain, also after an error.
cuda::Gpu* domainGpu();
// Why the domain is not a GPU's; empty where it is.
const std::string& whyNoGpu();

}  // namespace lathe::device
