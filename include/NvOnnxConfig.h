// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "NvInfer.h"

namespace nvonnxparser {

//! Settings that older programs handed from their command line to the parser. The parser does not read them.
class IOnnxConfig {
  public:
    virtual ~IOnnxConfig() noexcept = default;

    //! Level of detail of messages, an ILogger::Severity.
    typedef int32_t Verbosity;

    //! Type to run the model in: kFLOAT, kHALF or kINT8.
    virtual void setModelDtype(const nvinfer1::DataType) noexcept = 0;

    //! Type to run the model in.
    virtual nvinfer1::DataType getModelDtype() const noexcept = 0;

    //! File of the model.
    virtual char const* getModelFileName() const noexcept = 0;

    //! File of the model; the name is copied.
    virtual void setModelFileName(char const* onnxFilename) noexcept = 0;

    //! Level of detail.
    virtual Verbosity getVerbosityLevel() const noexcept = 0;

    //! Raises the level by one.
    virtual void addVerbosity() noexcept = 0;

    //! Lowers the level by one.
    virtual void reduceVerbosity() noexcept = 0;

    //! Sets the level.
    virtual void setVerbosityLevel(Verbosity) noexcept = 0;

    //! File for the model as text, without weights.
    virtual char const* getTextFileName() const noexcept = 0;

    //! File for the model as text, without weights; the name is copied.
    virtual void setTextFileName(char const* textFileName) noexcept = 0;

    //! File for the model as text, with weights.
    virtual char const* getFullTextFileName() const noexcept = 0;

    //! File for the model as text, with weights; the name is copied.
    virtual void setFullTextFileName(char const* fullTextFileName) noexcept = 0;

    //! Whether layers are to be printed.
    virtual bool getPrintLayerInfo() const noexcept = 0;

    //! Whether layers are to be printed.
    virtual void setPrintLayerInfo(bool) noexcept = 0;
};

//! Makes settings with their defaults. The application deletes them.
TENSORRTAPI IOnnxConfig* createONNXConfig();

}  // namespace nvonnxparser
