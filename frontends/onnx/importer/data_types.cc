// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/data_types.h"

namespace lathe::onnx {

using Api = nvinfer1::DataType;

std::optional<Api> toApi(DataType type) {
    switch (type) {
        case DataType::kFloat: return Api::kFLOAT;
        case DataType::kUint8: return Api::kUINT8;
        case DataType::kInt8: return Api::kINT8;
        case DataType::kInt32: return Api::kINT32;
        case DataType::kInt64: return Api::kINT64;
        case DataType::kBool: return Api::kBOOL;
        case DataType::kFloat16: return Api::kHALF;
        case DataType::kBfloat16: return Api::kBF16;
        case DataType::kFloat8E4M3FN: return Api::kFP8;
        case DataType::kInt4: return Api::kINT4;
        case DataType::kFloat4E2M1: return Api::kFP4;
        case DataType::kFloat8E8M0: return Api::kE8M0;
        default: return std::nullopt;
    }
}

std::optional<Api> toComputed(DataType type) { return type == DataType::kDouble ? Api::kFLOAT : toApi(type); }

bool isFloat(Api type) { return type == Api::kFLOAT || type == Api::kHALF || type == Api::kBF16; }

bool isInteger(Api type) {
    return type == Api::kINT8 || type == Api::kUINT8 || type == Api::kINT32 || type == Api::kINT64;
}

}  // namespace lathe::onnx
