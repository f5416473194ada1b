// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/model/tensor.h"

#include <algorithm>
#include <cstring>

#include "base/dtype.h"
#include "frontends/onnx/model/model.h"

namespace lathe::onnx {
namespace {

std::string label(const Tensor& tensor) {
    std::string text = "tensor " + inQuotes(tensor.name) + ' ' + std::string(toString(tensor.dataType)) + '[';
    for (size_t i = 0; i < tensor.dims.size(); ++i) {
        if (i == 8) return text + ",...]";
        if (i) text += ',';
        text += std::to_string(tensor.dims[i]);
    }
    return text + ']';
}

Result<int64_t> product(std::span<const int64_t> dims) {
    for (const int64_t dim : dims) {
        if (dim < 0) return invalidArgument("dimension {} is negative", dim);
    }
    if (std::find(dims.begin(), dims.end(), 0) != dims.end()) return int64_t{0};
    int64_t count = 1;
    for (const int64_t dim : dims) {
        if (__builtin_mul_overflow(count, dim, &count))
            return invalidArgument("the number of elements overflows 64 bits");
    }
    return count;
}

template <class T>
T load(const std::byte* p) {
    T value;
    std::memcpy(&value, p, sizeof value);
    return value;
}

template <class T, class Out>
std::vector<Out> widen(std::span<const std::byte> bytes) {
    std::vector<Out> out(bytes.size() / sizeof(T));
    for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<Out>(load<T>(bytes.data() + i * sizeof(T)));
    return out;
}

template <class T>
std::vector<double> widenFloat16(std::span<const std::byte> bytes) {
    std::vector<double> out(bytes.size() / 2);
    for (size_t i = 0; i < out.size(); ++i) {
        T value;
        value.bits = load<uint16_t>(bytes.data() + 2 * i);
        out[i] = static_cast<float>(value);
    }
    return out;
}

}  // namespace

Result<int64_t> Tensor::elementCount() const { return TRY_IN(label(*this), product(dims)); }

Result<size_t> Tensor::byteSize() const {
    const int bits = bitsOf(dataType);
    if (bits == 0) return invalidArgument("{}: elements of this type have no size in bytes", label(*this));
    const int64_t count = TRY(elementCount());
    int64_t total = 0;
    if (__builtin_mul_overflow(count, bits, &total) || __builtin_add_overflow(total, 7, &total)) {
        return invalidArgument("{}: the number of bytes overflows 64 bits", label(*this));
    }
    return static_cast<size_t>(total / 8);
}

Result<std::span<const std::byte>> Tensor::bytes() const { return TRY(blob()).bytes; }

Result<Blob> Tensor::blob() const {
    const size_t needed = TRY(byteSize());
    if (data_.bytes.size() == needed && (hasData_ || needed == 0)) return data_;
    if (hasData_)
        return invalidArgument("{} needs {} bytes of data, but has {}", label(*this), needed, data_.bytes.size());
    if (external)
        return invalidArgument("{}: its external data {} is not loaded", label(*this), inQuotes(external->location));
    return invalidArgument("{} has no data", label(*this));
}

Status Tensor::checkStrings() const {
    if (dataType != DataType::kString) return invalidArgument("{} holds no strings", label(*this));
    const int64_t count = TRY(elementCount());
    if (strings.size() != static_cast<uint64_t>(count)) {
        return invalidArgument("{} needs {} strings, but has {}", label(*this), count, strings.size());
    }
    return {};
}

Result<std::vector<int64_t>> Tensor::toInts() const {
    const std::span<const std::byte> data = TRY(bytes());
    switch (dataType) {
        case DataType::kBool:
        case DataType::kUint8: return widen<uint8_t, int64_t>(data);
        case DataType::kInt8: return widen<int8_t, int64_t>(data);
        case DataType::kUint16: return widen<uint16_t, int64_t>(data);
        case DataType::kInt16: return widen<int16_t, int64_t>(data);
        case DataType::kUint32: return widen<uint32_t, int64_t>(data);
        case DataType::kInt32: return widen<int32_t, int64_t>(data);
        case DataType::kInt64: return widen<int64_t, int64_t>(data);
        case DataType::kUint64: {
            std::vector<int64_t> out = widen<uint64_t, int64_t>(data);
            for (const int64_t value : out) {
                if (value < 0)
                    return invalidArgument("{}: {} does not fit in int64", label(*this), static_cast<uint64_t>(value));
            }
            return out;
        }
        default: return invalidArgument("{} does not hold integers", label(*this));
    }
}

Result<std::vector<double>> Tensor::toDoubles() const {
    const std::span<const std::byte> data = TRY(bytes());
    switch (dataType) {
        case DataType::kFloat: return widen<float, double>(data);
        case DataType::kDouble: return widen<double, double>(data);
        case DataType::kFloat16: return widenFloat16<Half>(data);
        case DataType::kBfloat16: return widenFloat16<BFloat16>(data);
        default: return invalidArgument("{} does not hold floating-point numbers of 16 bits or more", label(*this));
    }
}

Status checkSparseTensor(const SparseTensor& sparse) {
    const std::string where = "sparse tensor " + inQuotes(sparse.name());
    const auto wrong = [&](std::string what) { return invalidArgument("{}: {}", where, what); };
    const int64_t size = TRY_IN(where, product(sparse.dims));
    if (sparse.values.dims.size() != 1)
        return wrong(fmt::format("its values have rank {}, not 1", sparse.values.dims.size()));
    const int64_t count = sparse.values.dims[0];
    if (sparse.values.dataType == DataType::kString) {
        TRY_IN(where, sparse.values.checkStrings());
    } else {
        TRY_IN(where, sparse.values.bytes());
    }
    const Tensor& indices = sparse.indices;
    if (indices.dataType != DataType::kInt64)
        return wrong(fmt::format("its indices are {}, not INT64", toString(indices.dataType)));
    const size_t rank = sparse.dims.size();
    const bool linear = indices.dims.size() == 1;
    if (!linear && (indices.dims.size() != 2 || indices.dims[1] != static_cast<int64_t>(rank))) {
        return wrong(fmt::format("its indices are neither of shape [{}] nor [{}, {}]", count, count, rank));
    }
    if (indices.dims[0] != count) return wrong(fmt::format("{} indices for {} values", indices.dims[0], count));
    const std::vector<int64_t> data = TRY_IN(where, indices.toInts());
    int64_t previous = -1;
    for (int64_t i = 0; i < count; ++i) {
        int64_t at = linear ? data[i] : 0;
        for (size_t axis = 0; !linear && axis < rank; ++axis) {
            const int64_t index = data[i * rank + axis];
            if (index < 0 || index >= sparse.dims[axis]) {
                return wrong(
                    fmt::format("index {} of value {} on axis {} is not below {}", index, i, axis, sparse.dims[axis]));
            }
            at = at * sparse.dims[axis] + index;
        }
        if (at < 0 || at >= size) return wrong(fmt::format("index {} of value {} is not below {}", at, i, size));
        if (at <= previous) return wrong(fmt::format("the index of value {} is not above the one before", i));
        previous = at;
    }
    return {};
}

}  // namespace lathe::onnx
