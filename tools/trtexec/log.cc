// SPDX-License-Identifier: Apache-2.0
#include "trtexec/log.h"

#include <ctime>

namespace lathe::trtexec {

void Log::print(Severity severity, const std::string& text) {
    static constexpr char letters[] = "FEWIV";
    std::time_t now = std::time(nullptr);
    std::tm local{};
    localtime_r(&now, &local);
    char stamp[32];
    std::strftime(stamp, sizeof stamp, "%m/%d/%Y-%H:%M:%S", &local);
    std::FILE* to = severity <= Severity::kWARNING ? stderr : stdout;
    std::lock_guard lock(mutex_);
    fmt::print(to, "[{}] [{}] {}\n", stamp, letters[static_cast<int>(severity)], text);
    std::fflush(to);
}

void Log::log(Severity severity, char const* message) noexcept {
    try {
        if (severity <= Severity::kERROR) {
            std::lock_guard lock(mutex_);
            lastError_ = message;
        }
        if (severity < Severity::kVERBOSE || verbose_) print(severity, fmt::format("[TRT] {}", message));
    } catch (...) {
    }
}

tool::Failure Log::failure(const std::string& where) const {
    std::lock_guard lock(mutex_);
    return {lastError_.empty() ? "the call failed and no reason was logged" : lastError_, where};
}

}  // namespace lathe::trtexec
