// SPDX-License-Identifier: Apache-2.0
// What all nodes of one import share: the network, what it said when it refused a layer, memory for constants, and the
// layers' names.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include "NvInfer.h"
#include "base/status.h"
#include "frontends/common/network_errors.h"

namespace lathe::frontends {

class LayerHost {
  public:
    // `format` is the model's, "ONNX"; for the layers' metadata. REQUIRES: it outlives this object.
    LayerHost(nvinfer1::INetworkDefinition& network, const char* format)
        : network(network), networkErrors(network), format(format) {}

    nvinfer1::INetworkDefinition& network;
    NetworkErrors networkErrors;
    const char* const format;

    // Fresh memory, aligned for every element type, that lives as long as the network may need it.
    virtual std::byte* allocate(size_t bytes) = 0;
    // A name that no layer of this import has, `wanted` if possible.
    std::string uniqueName(const std::string& wanted);

  protected:
    ~LayerHost() = default;

  private:
    std::unordered_map<std::string, int> layerNames_;
};

// A shape of the API; fails beyond its rank limit.
Result<nvinfer1::Dims> toDims(const std::vector<int64_t>& extents);
std::string toString(const nvinfer1::Dims& dims);

}  // namespace lathe::frontends
