// SPDX-License-Identifier: Apache-2.0
// Reads ONNX files. Every byte is taken as hostile: lengths are proven before anything is allocated, nesting and memory
// are bounded, a wrong wire type or a value where another belongs is an error that says where. What later IR versions
// may have added (unknown fields) is skipped. checkModel() does the checks that concern the graph as a whole.
#pragma once

#include <cstddef>
#include <string>

#include "base/status.h"
#include "frontends/onnx/model/blob.h"
#include "frontends/onnx/model/model.h"

namespace lathe::onnx {

struct ParseOptions {
    enum class External : uint8_t {
        kLoad,   // external data must be there
        kDefer,  // keep only its location; loadExternalData() or Tensor::setData() come later
    };

    // How deep graphs may lie in graphs, and types in types.
    int maxDepth = 64;
    // What the structs of the model may take, without tensor data. A file can ask for about 150 times its own size.
    size_t maxStructBytes = size_t{4} << 30;
    External external = External::kLoad;
    // The folder of external data for parseModel(); parseFile() takes that of the file.
    std::string folder;
    bool verifyChecksums = true;
};

// The model keeps `file` alive, and so does every tensor that views it.
Result<Model> parseModel(Blob file, const ParseOptions& options = {});

Result<Model> parseFile(const std::string& path, const ParseOptions& options = {});

}  // namespace lathe::onnx
