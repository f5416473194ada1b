// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "NvInfer.h"

namespace nvonnxparser {
inline namespace LATHE_TRT_NAMESPACE {

//! Settings of an ONNX parse, kept for programs that pass them around; the parser takes none of them.
class IOnnxConfig {
  public:
    virtual ~IOnnxConfig() noexcept = default;
    using Verbosity = int32_t;
    virtual void setModelDtype(nvinfer1::DataType const) noexcept = 0;
    virtual nvinfer1::DataType getModelDtype() const noexcept = 0;
    virtual char const* getModelFileName() const noexcept = 0;
    virtual void setModelFileName(char const* onnxFilename) noexcept = 0;
    virtual Verbosity getVerbosityLevel() const noexcept = 0;
    virtual void addVerbosity() noexcept = 0;
    virtual void reduceVerbosity() noexcept = 0;
    virtual void setVerbosityLevel(Verbosity) noexcept = 0;
    virtual char const* getTextFileName() const noexcept = 0;
    virtual void setTextFileName(char const* textFileName) noexcept = 0;
    virtual char const* getFullTextFileName() const noexcept = 0;
    virtual void setFullTextFileName(char const* fullTextFileName) noexcept = 0;
    virtual bool getPrintLayerInfo() const noexcept = 0;
    virtual void setPrintLayerInfo(bool) noexcept = 0;
    virtual void destroy() noexcept = 0;
};

TENSORRTAPI IOnnxConfig* createONNXConfig();

}  // namespace LATHE_TRT_NAMESPACE
}  // namespace nvonnxparser
