// SPDX-License-Identifier: Apache-2.0
// What all layers of one import share: the network, the blobs made so far, the weights, and memory for constants.
#pragma once

#include <deque>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "NvCaffeParser.h"
#include "frontends/caffe/model/caffe_model.h"
#include "frontends/common/layer_host.h"

namespace lathe::caffe {

// Memory that networks refer to: it must outlive the parser's last build. Lives in the parser, across imports.
class Storage {
  public:
    // Fresh memory, aligned for every element type.
    std::byte* allocate(size_t bytes);

  private:
    std::deque<std::vector<std::max_align_t>> buffers_;
};

struct ImportOptions {
    nvinfer1::DataType weightType = nvinfer1::DataType::kFLOAT;
    // Inputs leave their first dimension, the batch, open, whatever the file says: for networks that have none of
    // their own (the older API's implicit batch).
    bool freeBatch = false;
    nvcaffeparser1::IPluginFactoryV2* plugins = nullptr;
    std::string pluginNamespace;
};

// A blob. The tensor may have further dimensions than Caffe's blob, all of extent 1: fully connected layers answer
// [N, M, 1, 1], which is what programs and plugins written for TensorRT expect. Axes count by Caffe's rank.
struct Value {
    nvinfer1::ITensor* tensor = nullptr;
    int rank = 0;
};

class Session final : public frontends::LayerHost {
  public:
    // Without a model, weights are pseudo-random, the same in every import.
    Session(nvinfer1::INetworkDefinition& network, nvinfer1::ILogger& logger, Storage& storage,
            const ImportOptions& options, const CaffeModel* model)
        : LayerHost(network, "Caffe"), logger(logger), storage(storage), options(options), model(model) {}

    nvinfer1::ILogger& logger;
    Storage& storage;
    const ImportOptions& options;
    const CaffeModel* model;
    std::unordered_map<std::string, Value> blobs;  // by name, the newest of layers that work in place
    std::set<std::string, std::less<>> inputs;
    int64_t fileBatch = -1;  // the first extent of the first input, in the file

    std::byte* allocate(size_t bytes) override { return storage.allocate(bytes); }
    void warn(const std::string& text) const;
    Result<Value> addInput(const std::string& name, const Ints& extents);
};

// The product of known extents; fails beyond 64 bits.
Result<int64_t> volume(const Ints& extents);

}  // namespace lathe::caffe
