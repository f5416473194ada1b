// SPDX-License-Identifier: Apache-2.0
// The weights of a Caffe network: what is read of a caffemodel (a NetParameter in protobuf's wire format) and of a
// binaryproto (a single BlobProto). Of the layers' settings nothing is read: the prototxt has them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/status.h"
#include "frontends/common/blob.h"

namespace lathe::caffe {

using frontends::Blob;
using Ints = std::vector<int64_t>;

// Elements are little-endian and lie in the file; only those that a file holds in pieces are copied together.
struct ModelBlob {
    enum class Type : uint8_t { kNone, kFloat, kDouble, kHalf };

    Ints shape;
    bool hasShape = false;  // files exist that only have data
    Type type = Type::kNone;
    Blob elements;

    int64_t count() const;
    // REQUIRES: to has count() places.
    void copyTo(float* to) const;
};

struct ModelLayer {
    std::string name, type;
    std::vector<ModelBlob> blobs;
};

struct CaffeModel {
    std::vector<ModelLayer> layers;
    // By name, the last layer that has blobs, as Caffe copies layer after layer; else the last one.
    std::unordered_map<std::string, size_t> byName;

    // Null when there is none.
    const ModelLayer* find(const std::string& name) const;
};

// Layers of the format since 2014 ("layer") and of the one before it ("layers"). Errors name the layer, the blob and
// the byte. A blob's extents are checked against the number of its elements.
Result<CaffeModel> parseModel(const Blob& file);

// A file with one blob, such as the mean of pictures.
Result<ModelBlob> parseBlobFile(const Blob& file);

}  // namespace lathe::caffe
