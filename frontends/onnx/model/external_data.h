// SPDX-License-Identifier: Apache-2.0
// Tensor data outside the model file. Only regular files inside the model's folder are opened: no absolute location, no
// "..", no symbolic link that leads out of the folder.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "base/status.h"
#include "frontends/onnx/model/blob.h"
#include "frontends/onnx/model/model.h"

namespace lathe::onnx {

class ExternalFiles {
  public:
    // An empty folder means that none is known: every load is an error.
    explicit ExternalFiles(std::string folder, bool verifyChecksums = true)
        : folder_(std::move(folder)), verifyChecksums_(verifyChecksums) {}

    // The bytes that `where` names. Without a length they are the `needed` ones after the offset.
    Result<Blob> load(const ExternalData& where, size_t needed);

  private:
    struct File {
        Blob blob;
        std::string checksum;  // empty until needed
    };
    Result<File*> open(const std::string& location);

    std::string folder_;
    bool verifyChecksums_;
    std::map<std::string, File> files_;
};

// The folder of a model file: "." for a bare name; "", so none, for null or "".
std::string folderOf(const char* path);

// Loads what a model that was parsed with ParseOptions::External::kDefer still lacks; leaves tensors that have data.
Status loadExternalData(Model& model, const std::string& folder);

}  // namespace lathe::onnx
