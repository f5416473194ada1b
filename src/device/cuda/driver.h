// SPDX-License-Identifier: Apache-2.0
// libcuda, loaded once per process, and what its error codes mean to us.
#pragma once

#include <string>
#include <string_view>

#include "device/cuda/driver_api.h"

namespace lathe::cuda {

class Driver {
  public:
    // Loaded and initialized on first use. The failure of that (no driver, an old one, no GPU) is kept and answered
    // every time.
    static Result<const Driver*> get();
    // For tests: over functions of their own.
    static Driver fromApi(const DriverApi& api) { return Driver(api, 0); }

    const DriverApi& api() const { return api_; }
    // 13000 for CUDA 13.0.
    int version() const { return version_; }
    // "CUDA_ERROR_OUT_OF_MEMORY (2): out of memory".
    std::string describe(CuResult result) const;
    // OK, or "what: CUDA_ERROR_… (number): text" with the code that fits.
    Status status(CuResult result, std::string_view what) const;

  private:
    Driver(const DriverApi& api, int version) : api_(api), version_(version) {}
    static Result<Driver> load();

    DriverApi api_;
    int version_;
};

// True for errors after which nothing works any more in the context where they happened: a kernel's bad access or trap,
// a hardware error, a lost device.
bool poisonsContext(CuResult result);

}  // namespace lathe::cuda
