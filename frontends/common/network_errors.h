// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "NvInfer.h"
#include "base/status.h"

namespace lathe::frontends {

// Stands in as a network's error recorder: keeps the last description and hands every error on to the user's recorder.
class NetworkErrors final : public nvinfer1::IErrorRecorder {
  public:
    explicit NetworkErrors(nvinfer1::INetworkDefinition& network);
    ~NetworkErrors() override;

    // What the network reported since the last call; kOk when it reported nothing.
    Status take();
    void forget() { static_cast<void>(take()); }

    int32_t getNbErrors() const noexcept override { return user_ ? user_->getNbErrors() : 0; }
    nvinfer1::ErrorCode getErrorCode(int32_t index) const noexcept override;
    ErrorDesc getErrorDesc(int32_t index) const noexcept override;
    bool hasOverflowed() const noexcept override { return user_ && user_->hasOverflowed(); }
    void clear() noexcept override;
    bool reportError(nvinfer1::ErrorCode code, ErrorDesc description) noexcept override;
    RefCount incRefCount() noexcept override { return ++references_; }
    RefCount decRefCount() noexcept override { return --references_; }

  private:
    nvinfer1::INetworkDefinition& network_;
    nvinfer1::IErrorRecorder* user_;
    RefCount references_ = 0;
    nvinfer1::ErrorCode code_ = nvinfer1::ErrorCode::kSUCCESS;
    std::string description_;
};

}  // namespace lathe::frontends
