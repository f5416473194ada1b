// SPDX-License-Identifier: Apache-2.0
#include "device/domain.h"

#include <charconv>
#include <cstdlib>
#include <string_view>

#include "device/cuda/gpu.h"
#include "device/cuda/nvrtc.h"

namespace lathe::device {
namespace {

struct Choice {
    Status status;
    cuda::Gpu* gpu = nullptr;
    std::string why;
};

Result<cuda::Gpu*> open(int ordinal) {
    cuda::Gpu* gpu = TRY(cuda::Gpu::get(ordinal));
    TRY(cuda::Nvrtc::get());
    return gpu;
}

Choice choose() {
    Choice c;
    const char* text = std::getenv("LATHE_TARGET");
    std::string_view wish = text ? text : "";
    if (wish.starts_with("cpu")) {
        c.why = fmt::format("LATHE_TARGET is {}", wish);
        return c;
    }
    int ordinal = 0;
    bool asked = wish.starts_with("cuda");
    if (asked && wish.size() > 5) std::from_chars(wish.data() + 5, wish.data() + wish.size(), ordinal);
    auto gpu = open(ordinal);
    if (gpu.ok()) {
        c.gpu = *gpu;
        return c;
    }
    c.why = gpu.status().message();
    if (asked) c.status = Status(gpu.status()).prefix(fmt::format("LATHE_TARGET is {}", wish));
    return c;
}

const Choice& choice() {
    static const auto* made = new Choice(choose());
    return *made;
}

}  // namespace

Result<cuda::Gpu*> domain() {
    if (!choice().status.ok()) return Status(choice().status);
    return choice().gpu;
}
cuda::Gpu* domainGpu() { return choice().gpu; }
const std::string& whyNoGpu() { return choice().why; }

}  // namespace lathe::device
