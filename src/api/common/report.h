// SPDX-License-Identifier: Apache-2.0
// How a failure reaches the user: the logger, the error recorder, and nullptr/false from the call.
#pragma once

#include <atomic>
#include <functional>

#include "NvInfer.h"
#include "base/status.h"

namespace lathe::api {

nvinfer1::ErrorCode toErrorCode(Code code);

// One per API object that takes an error recorder. Thread-safe as far as the user's logger and recorder are.
class Reporter {
  public:
    explicit Reporter(nvinfer1::ILogger* logger) : logger_(logger) {}
    ~Reporter() { setRecorder(nullptr); }
    Reporter(const Reporter&) = delete;
    Reporter& operator=(const Reporter&) = delete;

    nvinfer1::ILogger* logger() const { return logger_; }
    nvinfer1::IErrorRecorder* recorder() const { return recorder_.load(); }
    // Counts the reference up and the old one's down.
    void setRecorder(nvinfer1::IErrorRecorder* recorder);

    void log(nvinfer1::ILogger::Severity severity, const std::string& message) const noexcept;
    // "IBuilder::buildSerializedNetwork: <message>" to both.
    void error(const char* where, const Status& status) const noexcept;

  private:
    nvinfer1::ILogger* logger_;
    std::atomic<nvinfer1::IErrorRecorder*> recorder_{nullptr};
};

// Runs the body of an API call. Anything that fails (a Status, an exception such as std::bad_alloc) is reported and
// gives `failure`.
template <class T, class F>
T guarded(const Reporter& reporter, const char* where, T failure, F&& body) noexcept {
    try {
        Result<T> r = body();
        if (r.ok()) return r.take();
        reporter.error(where, r.status());
    } catch (const std::bad_alloc&) {
        reporter.error(where, Status(Code::kFailedAllocation, "out of host memory"));
    } catch (const std::exception& e) {
        reporter.error(where, Status(Code::kInternal, e.what()));
    } catch (...) {
        reporter.error(where, Status(Code::kInternal, "an unknown exception, perhaps from a user's callback"));
    }
    return failure;
}

// The same for calls that answer nothing or a bool.
template <class F>
bool guardedStatus(const Reporter& reporter, const char* where, F&& body) noexcept {
    return guarded(reporter, where, false, [&]() -> Result<bool> {
        Status s = body();
        if (!s.ok()) return s;
        return true;
    });
}

// A call that this version declares but does not do yet.
void notSupported(const Reporter& reporter, const char* where, const char* why) noexcept;

}  // namespace lathe::api
