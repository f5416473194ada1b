// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/driver.h"

namespace lathe::cuda {

bool poisonsContext(CuResult r) {
    switch (r) {
        case 4:    // DEINITIALIZED
        case 214:  // ECC_UNCORRECTABLE
        case 220:  // NVLINK_UNCORRECTABLE
        case 226:  // CONTAINED
        case 700:  // ILLEGAL_ADDRESS
        case 702:  // LAUNCH_TIMEOUT
        case 709:  // CONTEXT_IS_DESTROYED
        case 710:  // ASSERT
        case 714:  // HARDWARE_STACK_ERROR
        case 715:  // ILLEGAL_INSTRUCTION
        case 716:  // MISALIGNED_ADDRESS
        case 717:  // INVALID_ADDRESS_SPACE
        case 718:  // INVALID_PC
        case 719:  // LAUNCH_FAILED
        case 721:  // TENSOR_MEMORY_LEAK
        case 46:   // DEVICE_UNAVAILABLE
        case 999:  // UNKNOWN
            return true;
        default: return false;
    }
}

std::string Driver::describe(CuResult result) const {
    const char *name = nullptr, *text = nullptr;
    if (!api_.getErrorName || api_.getErrorName(result, &name) != kCuSuccess || !name) name = "unknown CUDA error";
    if (!api_.getErrorString || api_.getErrorString(result, &text) != kCuSuccess || !text) text = "no description";
    return fmt::format("{} ({}): {}", name, result, text);
}

Status Driver::status(CuResult result, std::string_view what) const {
    if (result == kCuSuccess) return {};
    Code code = result == kCuOutOfMemory ? Code::kFailedAllocation : Code::kFailedExecution;
    return makeStatus(code, "{}: {}", what, describe(result));
}

Result<Driver> Driver::load() {
    Library library = TRY_IN("no CUDA driver", Library::open({"libcuda.so.1"}));
    DriverApi api = TRY_IN("the CUDA driver is too old", DriverApi::load(library));
    Driver driver(api, 0);
    auto failed = [&](CuResult r, const char* what) {
        return makeStatus(Code::kFailedInitialization, "{}: {}", what, driver.describe(r));
    };
    if (CuResult r = api.init(0)) return failed(r, "cuInit");
    if (CuResult r = api.driverGetVersion(&driver.version_)) return failed(r, "cuDriverGetVersion");
    // The oldest driver with every call and PTX version that we rely on.
    constexpr int kOldest = 12000;
    if (driver.version_ < kOldest)
        return makeStatus(Code::kFailedInitialization, "the CUDA driver is for CUDA {}.{}, at least {}.{} is needed",
                          driver.version_ / 1000, driver.version_ % 1000 / 10, kOldest / 1000, kOldest % 1000 / 10);
    return driver;
}

Result<const Driver*> Driver::get() {
    static const Result<Driver>* loaded = new Result<Driver>(load());
    if (!loaded->ok()) return Status(loaded->status());
    return &loaded->value();
}

}  // namespace lathe::cuda
