// SPDX-License-Identifier: Apache-2.0
#include "api/common/report.h"

#include <cstring>

namespace lathe::api {

nvinfer1::ErrorCode toErrorCode(Code code) { return static_cast<nvinfer1::ErrorCode>(code); }

void Reporter::setRecorder(nvinfer1::IErrorRecorder* recorder) {
    if (recorder) recorder->incRefCount();
    if (nvinfer1::IErrorRecorder* old = recorder_.exchange(recorder)) old->decRefCount();
}

void Reporter::log(nvinfer1::ILogger::Severity severity, const std::string& message) const noexcept {
    if (logger_) logger_->log(severity, message.c_str());
}

void Reporter::error(const char* where, const Status& status) const noexcept {
    try {
        std::string text = fmt::format("{}: {}: {}", where, toString(status.code()), status.message());
        if (logger_) {
            using Severity = nvinfer1::ILogger::Severity;
            logger_->log(status.code() == Code::kInternal ? Severity::kINTERNAL_ERROR : Severity::kERROR, text.c_str());
        }
        if (nvinfer1::IErrorRecorder* r = recorder()) {
            r->reportError(toErrorCode(status.code()), text.c_str());
        }
    } catch (...) {
        if (logger_) logger_->log(nvinfer1::ILogger::Severity::kERROR, "out of memory while an error was reported");
    }
}

void notSupported(const Reporter& reporter, const char* where, const char* why) noexcept {
    reporter.error(where, Status(Code::kUnsupported, why));
}

}  // namespace lathe::api
