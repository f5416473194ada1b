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
    virtual void setModelDtype(nvinfer1::DataType const) TRTNOEXCEPT = 0;
    virtual nvinfer1::DataType getModelDtype() const TRTNOEXCEPT = 0;
    virtual char const* getModelFileName() const TRTNOEXCEPT = 0;
    virtual void setModelFileName(char const* onnxFilename) TRTNOEXCEPT = 0;
    virtual Verbosity getVerbosityLevel() const TRTNOEXCEPT = 0;
    virtual void addVerbosity() TRTNOEXCEPT = 0;
    virtual void reduceVerbosity() TRTNOEXCEPT = 0;
    virtual void setVerbosityLevel(Verbosity) TRTNOEXCEPT = 0;
    virtual char const* getTextFileName() const TRTNOEXCEPT = 0;
    virtual void setTextFileName(char const* textFileName) TRTNOEXCEPT = 0;
    virtual char const* getFullTextFileName() const TRTNOEXCEPT = 0;
    virtual void setFullTextFileName(char const* fullTextFileName) TRTNOEXCEPT = 0;
    virtual bool getPrintLayerInfo() const TRTNOEXCEPT = 0;
    virtual void setPrintLayerInfo(bool) TRTNOEXCEPT = 0;
    virtual void destroy() TRTNOEXCEPT = 0;
};

TENSORRTAPI IOnnxConfig* createONNXConfig();

}  // namespace LATHE_TRT_NAMESPACE
}  // namespace nvonnxparser
