// SPDX-License-Identifier: Apache-2.0
#include "frontends/common/network_errors.h"

namespace lathe::frontends {

NetworkErrors::NetworkErrors(nvinfer1::INetworkDefinition& network)
    : network_(network), user_(network.getErrorRecorder()) {
    if (user_) user_->incRefCount();
    network_.setErrorRecorder(this);
}

NetworkErrors::~NetworkErrors() {
    network_.setErrorRecorder(user_);
    if (user_) user_->decRefCount();
}

bool NetworkErrors::reportError(nvinfer1::ErrorCode code, ErrorDesc description) noexcept {
    try {
        // The first one is the cause; what follows from it comes after.
        if (description_.empty()) {
            code_ = code;
            description_ = description;
        }
    } catch (...) {
        // Out of memory: the code alone is kept.
        code_ = code;
    }
    return user_ && user_->reportError(code, description);
}

Status NetworkErrors::take() {
    if (code_ == nvinfer1::ErrorCode::kSUCCESS) return {};
    std::string text = std::move(description_);
    description_.clear();
    const Code code = static_cast<Code>(code_);
    code_ = nvinfer1::ErrorCode::kSUCCESS;
    // "IThing::call: CODE: what is wrong"; the call was the importer's and says nothing to the user, and neither does
    // the name that a layer has before it is named.
    if (const size_t colon = text.find(": "), next = text.find(": ", colon + 2);
        colon != std::string::npos && next != std::string::npos &&
        text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", colon + 2) == next) {
        text.erase(0, next + 2);
    }
    if (text.starts_with("layer '(Unnamed")) {
        if (const size_t end = text.find("': "); end != std::string::npos) text.erase(0, end + 3);
    }
    if (text.starts_with("node '(Unnamed")) {
        if (const size_t end = text.find("): "); end != std::string::npos) text.erase(0, end + 3);
    }
    return Status(code == Code::kOk ? Code::kInternal : code, std::move(text));
}

nvinfer1::ErrorCode NetworkErrors::getErrorCode(int32_t index) const noexcept {
    return user_ ? user_->getErrorCode(index) : nvinfer1::ErrorCode::kUNSPECIFIED_ERROR;
}

NetworkErrors::ErrorDesc NetworkErrors::getErrorDesc(int32_t index) const noexcept {
    return user_ ? user_->getErrorDesc(index) : "";
}

void NetworkErrors::clear() noexcept {
    if (user_) user_->clear();
}

}  // namespace lathe::frontends
