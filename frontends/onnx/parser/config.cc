// SPDX-License-Identifier: Apache-2.0
// The options object of older programs: it keeps what it is told; parsers do not look at it.
#include <string>

#include "NvOnnxConfig.h"

namespace {

using nvinfer1::DataType;

class OnnxConfig final : public nvonnxparser::IOnnxConfig {
  public:
    void setModelDtype(const DataType type) noexcept override { type_ = type; }
    DataType getModelDtype() const noexcept override { return type_; }
    char const* getModelFileName() const noexcept override { return model_.c_str(); }
    void setModelFileName(char const* name) noexcept override { set(model_, name); }
    Verbosity getVerbosityLevel() const noexcept override { return verbosity_; }
    void addVerbosity() noexcept override { ++verbosity_; }
    void reduceVerbosity() noexcept override { --verbosity_; }
    void setVerbosityLevel(Verbosity level) noexcept override { verbosity_ = level; }
    char const* getTextFileName() const noexcept override { return text_.c_str(); }
    void setTextFileName(char const* name) noexcept override { set(text_, name); }
    char const* getFullTextFileName() const noexcept override { return full_.c_str(); }
    void setFullTextFileName(char const* name) noexcept override { set(full_, name); }
    bool getPrintLayerInfo() const noexcept override { return print_; }
    void setPrintLayerInfo(bool print) noexcept override { print_ = print; }

  private:
    // Without memory for a name the old one stays.
    static void set(std::string& to, char const* name) noexcept {
        try {
            to = name ? name : "";
        } catch (...) {
        }
    }
    DataType type_ = DataType::kFLOAT;
    std::string model_, text_, full_;
    Verbosity verbosity_ = static_cast<Verbosity>(nvinfer1::ILogger::Severity::kWARNING);
    bool print_ = false;
};

}  // namespace

namespace nvonnxparser {

__attribute__((visibility("default"))) IOnnxConfig* createONNXConfig() { return new OnnxConfig; }

}  // namespace nvonnxparser
