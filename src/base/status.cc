// SPDX-License-Identifier: Apache-2.0
#include "base/status.h"

#include <cstdio>
#include <cstdlib>

namespace lathe {

std::string_view toString(Code code) {
    switch (code) {
        case Code::kOk: return "OK";
        case Code::kUnspecified: return "UNSPECIFIED_ERROR";
        case Code::kInternal: return "INTERNAL_ERROR";
        case Code::kInvalidArgument: return "INVALID_ARGUMENT";
        case Code::kInvalidConfig: return "INVALID_CONFIG";
        case Code::kFailedAllocation: return "FAILED_ALLOCATION";
        case Code::kFailedInitialization: return "FAILED_INITIALIZATION";
        case Code::kFailedExecution: return "FAILED_EXECUTION";
        case Code::kFailedComputation: return "FAILED_COMPUTATION";
        case Code::kInvalidState: return "INVALID_STATE";
        case Code::kUnsupported: return "UNSUPPORTED";
    }
    return "UNKNOWN";
}

Status::Status(Code code, std::string message) : rep_(std::make_shared<Rep>(Rep{code, std::move(message)})) {
    ASSERT(code != Code::kOk);
}

const std::string& Status::message() const {
    static const std::string* empty = new std::string;
    return rep_ ? rep_->message : *empty;
}

std::string Status::toString() const {
    return rep_ ? fmt::format("{}: {}", lathe::toString(rep_->code), rep_->message) : "OK";
}

Status& Status::prefix(std::string_view context) {
    if (rep_) rep_ = std::make_shared<Rep>(Rep{rep_->code, fmt::format("{}: {}", context, rep_->message)});
    return *this;
}

namespace detail {
void assertionFailed(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "lathe: internal assertion failed: %s (%s:%d)\n", condition, file, line);
    std::abort();
}
}  // namespace detail

}  // namespace lathe
