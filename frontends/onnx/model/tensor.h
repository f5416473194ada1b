// SPDX-License-Identifier: Apache-2.0
// Tensors of an ONNX file. Data that the file holds as plain bytes is viewed in place; the rest is decoded once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "frontends/onnx/model/blob.h"
#include "frontends/onnx/model/data_type.h"

namespace lathe::onnx {

using StringPairs = std::vector<std::pair<std::string, std::string>>;

// Where a tensor's bytes lie outside the model file.
struct ExternalData {
    std::string location;  // relative to the model's folder
    uint64_t offset = 0;
    std::optional<uint64_t> length;
    std::string checksum;  // SHA-1 of the whole file in hexadecimal, or empty
};

struct Tensor {
    std::string name;
    std::string docString;
    DataType dataType = DataType::kUndefined;
    std::vector<int64_t> dims;
    std::vector<std::string> strings;      // the elements of a kString tensor
    std::optional<ExternalData> external;  // set for external data, also once it is loaded
    StringPairs metadata;

    // The product of dims; fails on negative ones and beyond 2^63 - 1.
    Result<int64_t> elementCount() const;
    // Bytes that dims and dataType ask for; strings have none.
    Result<size_t> byteSize() const;

    // The elements, little-endian, one after another (sub-byte ones packed from the lowest bit up, the last byte
    // padded). Fails when there are none, when they are not as many as dims say, and for strings. No alignment is
    // promised: raw bytes start wherever the file has them.
    Result<std::span<const std::byte>> bytes() const;
    // bytes() with the owner that keeps them alive beyond the model.
    Result<Blob> blob() const;
    // False where a graph was stored without its weights, and for external data that is not loaded.
    bool hasData() const { return hasData_; }
    void setData(Blob data) {
        data_ = std::move(data);
        hasData_ = true;
    }

    // The elements as integers: every integer type of 8 bits and more, and BOOL. Fails where a UINT64 does not fit.
    Result<std::vector<int64_t>> toInts() const;
    // The elements as double: FLOAT, DOUBLE, FLOAT16, BFLOAT16.
    Result<std::vector<double>> toDoubles() const;
    // The number of strings beside dims.
    Status checkStrings() const;

  private:
    Blob data_;
    bool hasData_ = false;
};

// The elements of `values` that lie at `indices` in an otherwise zero tensor of shape `dims`.
struct SparseTensor {
    Tensor values;   // [count]; its name is that of the sparse tensor
    Tensor indices;  // INT64: [count] linear, or [count, rank]
    std::vector<int64_t> dims;

    const std::string& name() const { return values.name; }
};

// Checks types, shapes, the order of the indices and their range.
Status checkSparseTensor(const SparseTensor& sparse);

}  // namespace lathe::onnx
