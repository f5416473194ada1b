// SPDX-License-Identifier: Apache-2.0
// How a plan stores what a plugin is made from again.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "NvInferPluginBase.h"
#include "base/status.h"

namespace lathe::api {

// State of a plugin, little-endian:
//   u8   form: 1 what IPluginV2::serialize() wrote, to the end; 2 fields
//   of form 2:
//     u32  number of fields
//     fields: u32 length of the name, name, i32 PluginFieldType, i32 length, u64 bytes, bytes
std::vector<std::byte> packSerialized(std::span<const std::byte> bytes);
Result<std::vector<std::byte>> packFields(const nvinfer1::PluginFieldCollection* fields);

// The bytes of form 1.
Result<std::span<const std::byte>> unpackSerialized(std::span<const std::byte> state);

// Fields of form 2, which own their values. Not movable: the collection points into it.
class StoredFields {
  public:
    // Errors: any malformed byte.
    static Result<std::unique_ptr<StoredFields>> create(std::span<const std::byte> state);
    const nvinfer1::PluginFieldCollection& collection() const { return collection_; }

  private:
    StoredFields() = default;
    std::vector<std::string> names_;
    std::vector<std::vector<int64_t>> values_;  // of int64_t, for its alignment
    std::vector<nvinfer1::PluginField> fields_;
    nvinfer1::PluginFieldCollection collection_{};
};

// Bytes of `count` values; -1 for an unknown type.
int64_t fieldBytes(nvinfer1::PluginFieldType type, int64_t count);

}  // namespace lathe::api
