// SPDX-License-Identifier: Apache-2.0
// Lines as TensorRT's program prints them: "[11/26/2026-14:03:59] [I] text".
#pragma once

#include <mutex>
#include <string>

#include "NvInfer.h"
#include "common/files.h"

namespace lathe::trtexec {

class Log : public nvinfer1::ILogger {
  public:
    explicit Log(bool verbose) : verbose_(verbose) {}
    // The library's messages are marked "[TRT]".
    void log(Severity severity, char const* message) noexcept override;
    void setVerbose(bool verbose) { verbose_ = verbose; }

    void info(const std::string& text) { print(Severity::kINFO, text); }
    void warning(const std::string& text) { print(Severity::kWARNING, text); }
    void error(const std::string& text) { print(Severity::kERROR, text); }
    // The library's last error, for a failure that only said "no".
    tool::Failure failure(const std::string& where) const;

  private:
    void print(Severity severity, const std::string& text);

    bool verbose_;
    mutable std::mutex mutex_;
    std::string lastError_;
};

}  // namespace lathe::trtexec
