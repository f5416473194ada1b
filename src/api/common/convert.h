// SPDX-License-Identifier: Apache-2.0
// Between the API's plain types and ours.
#pragma once

#include "NvInfer.h"
#include "base/dtype.h"
#include "ir/dim.h"

namespace lathe::api {

inline DType fromApi(nvinfer1::DataType t) { return static_cast<DType>(t); }
inline nvinfer1::DataType toApi(DType t) { return static_cast<nvinfer1::DataType>(t); }

// Errors: a negative or too large number of dimensions.
Result<ir::Dims> fromApi(const nvinfer1::Dims& dims);
nvinfer1::Dims toApi(const ir::Dims& dims);
// Unknown extents become -1.
nvinfer1::Dims toApi(const ir::Shape& shape);
// The answer for "no such tensor": nbDims is -1.
nvinfer1::Dims invalidDims();
// Error: a value that the enumeration lacks, which a cast or another version's header may give. `what` names it.
template <class E>
Status mustExist(E value, const char* what) {
    auto number = static_cast<int32_t>(value);
    if (number >= 0 && number < nvinfer1::EnumMax<E>()) return {};
    return invalidArgument("{} {} does not exist", what, number);
}
// nvinfer1::IHostMemory over our own bytes; delete frees them.
nvinfer1::IHostMemory* makeHostMemory(std::vector<std::byte> bytes);

}  // namespace lathe::api
