// SPDX-License-Identifier: Apache-2.0
#include "ops/position.h"

namespace lathe::ops {

Result<int> coordinateCount(const InferContext& c, int data, int indices) {
    TRY(requireType(c, indices, {DType::kInt64, DType::kInt32}));
    if (c.rank(indices) == 0)
        return invalidArgument("input {} is a scalar; its last axis should hold positions", indices);
    const Dim& k = c.shape(indices).back();
    if (!k.isConstant())
        return unsupported("the last extent of input {}, of shape {}, must be known when the engine is built", indices,
                           ir::toString(c.shape(indices)));
    if (k.value() > c.rank(data))
        return invalidArgument("positions of {} coordinates in data of {} dimensions", k.value(), c.rank(data));
    return static_cast<int>(k.value());
}

Result<Positions> positionsOf(const Dims& dims, const Tensor& indices, int64_t batch) {
    Dims strides = rowMajorStrides(dims);
    int64_t k = indices.dims.back(), batches = 1, perBatch = 1;
    for (int64_t d = 0; d < batch; ++d) batches *= dims[d];
    for (size_t d = batch; d + 1 < indices.dims.size(); ++d) perBatch *= indices.dims[d];
    Positions p;
    for (size_t d = batch + k; d < dims.size(); ++d) p.slice *= dims[d];
    auto values = readIntegers(indices);
    const int64_t* next = values.data();
    int64_t batchStride = 1;
    for (size_t d = batch; d < dims.size(); ++d) batchStride *= dims[d];
    for (int64_t b = 0; b < batches; ++b)
        for (int64_t i = 0; i < perBatch; ++i) {
            int64_t offset = b * batchStride;
            for (int64_t d = 0; d < k; ++d)
                offset += TRY(normalizeIndex(*next++, dims[batch + d])) * strides[batch + d];
            p.offsets.push_back(offset);
        }
    return p;
}

}  // namespace lathe::ops
