// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/model/tensor.h"

#include <cstring>

#include <gtest/gtest.h>

namespace lathe::onnx {
namespace {

template <class T>
Tensor tensorOf(DataType type, std::vector<int64_t> dims, const std::vector<T>& values) {
    Tensor tensor;
    tensor.name = std::string("t");
    tensor.dataType = type;
    tensor.dims = std::move(dims);
    tensor.setData(copyOf(std::as_bytes(std::span(values))));
    return tensor;
}

SparseTensor sparseOf(std::vector<int64_t> dims, std::vector<int64_t> indexDims, const std::vector<int64_t>& indices) {
    const std::vector<float> values(static_cast<size_t>(indexDims[0]), 1.f);
    return {tensorOf(DataType::kFloat, {indexDims[0]}, values), tensorOf(DataType::kInt64, indexDims, indices),
            std::move(dims)};
}

TEST(Tensor, UnalignedDataIsReadRightly) {
    std::vector<std::byte> bytes(1 + 3 * sizeof(int64_t));
    const int64_t values[] = {1, -2, int64_t{1} << 40};
    std::memcpy(bytes.data() + 1, values, sizeof values);
    const Blob blob = take(std::move(bytes));
    Tensor tensor;
    tensor.dataType = DataType::kInt64;
    tensor.dims = {3};
    tensor.setData(blob.view(blob.bytes.subspan(1)));
    EXPECT_EQ(tensor.toInts().take(), (std::vector<int64_t>{1, -2, int64_t{1} << 40}));
}

TEST(Tensor, NothingButZeroElementsNeedsNoData) {
    Tensor tensor;
    tensor.dataType = DataType::kFloat;
    tensor.dims = {2, 0};
    EXPECT_FALSE(tensor.hasData());
    EXPECT_EQ(tensor.bytes().take().size(), 0u);
    tensor.dims = {};
    EXPECT_FALSE(tensor.bytes().ok());
    tensor.external = ExternalData{"w.bin", 0, {}, ""};
    EXPECT_EQ(tensor.bytes().status().message(), "tensor '' FLOAT[]: its external data 'w.bin' is not loaded");
    tensor.dataType = DataType::kUndefined;
    EXPECT_FALSE(tensor.byteSize().ok());
}

TEST(Tensor, SparseTensorsAreChecked) {
    EXPECT_TRUE(checkSparseTensor(sparseOf({3, 4}, {3}, {0, 5, 11})).ok());
    EXPECT_TRUE(checkSparseTensor(sparseOf({3, 4}, {3, 2}, {0, 1, 0, 3, 2, 0})).ok());
    EXPECT_TRUE(checkSparseTensor(sparseOf({3, 4}, {0}, {})).ok());
    const auto message = [](const SparseTensor& s) { return checkSparseTensor(s).message(); };
    EXPECT_EQ(message(sparseOf({3, 4}, {1}, {12})), "sparse tensor 't': index 12 of value 0 is not below 12");
    EXPECT_EQ(message(sparseOf({3, 4}, {1}, {-1})), "sparse tensor 't': index -1 of value 0 is not below 12");
    EXPECT_EQ(message(sparseOf({3, 4}, {2}, {5, 5})),
              "sparse tensor 't': the index of value 1 is not above the one before");
    EXPECT_EQ(message(sparseOf({3, 4}, {1, 2}, {1, 4})),
              "sparse tensor 't': index 4 of value 0 on axis 1 is not below 4");
    EXPECT_EQ(message(sparseOf({3, 4}, {1, 3}, {1, 1, 1})),
              "sparse tensor 't': its indices are neither of shape [1] nor [1, 2]");
    EXPECT_EQ(message(sparseOf({-3}, {0}, {})), "sparse tensor 't': dimension -3 is negative");
    EXPECT_EQ(message(sparseOf({int64_t{1} << 40, int64_t{1} << 40}, {0}, {})),
              "sparse tensor 't': the number of elements overflows 64 bits");
    SparseTensor wrong = sparseOf({4}, {1}, {1});
    wrong.indices.dataType = DataType::kDouble;
    EXPECT_EQ(message(wrong), "sparse tensor 't': its indices are DOUBLE, not INT64");
    wrong = sparseOf({4}, {1}, {1});
    wrong.values.dims = {1, 1};
    EXPECT_EQ(message(wrong), "sparse tensor 't': its values have rank 2, not 1");
    wrong = sparseOf({4}, {2}, {1, 2});
    wrong.values.dims = {1};
    EXPECT_FALSE(checkSparseTensor(wrong).ok());
}

}  // namespace
}  // namespace lathe::onnx
