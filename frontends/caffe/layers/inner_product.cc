// SPDX-License-Identifier: Apache-2.0
#include "frontends/caffe/layers/common.h"

namespace lathe::caffe {
namespace {

// All axes from `axis` on, as one vector, times a matrix. Along axis 1 the answer has the shape [N, M, 1, 1].
Status importInnerProduct(LayerImport& c) {
    TRY(c.expectOneToOne());
    const Value x = TRY(c.exact(TRY(c.bottom(0))));
    Params& p = c.params("inner_product_param");
    const int64_t maps = TRY(p.integer("num_output", 0, 1, std::numeric_limits<int32_t>::max()));
    if (!maps) return invalidArgument("num_output is missing in inner_product_param");
    const bool bias = TRY(p.boolean("bias_term", true));
    const int axis = TRY(c.axis(TRY(p.integer("axis", 1)), x.rank));
    const bool transposed = TRY(p.boolean("transpose", false));
    const Ints data = c.shape(x);
    const Ints rows(data.begin(), data.begin() + axis);
    const Ints inner(data.begin() + axis, data.end());
    if (axis == 0 && inner[0] < 0) return unsupported("{}: the batch varies", p.place("axis"));
    const int64_t length = TRY(volume(inner));
    const Weights kernel =
        TRY(c.weights(0, transposed ? Ints{length, maps} : Ints{maps, length}, "kernel", LayerImport::Fill::kKernel));

    // [rows…, length]; a single row when there are none.
    Ints flat = rows;
    if (axis > 0) flat[0] = 0;
    if (axis == 0) flat.push_back(1);
    flat.push_back(length);
    ITensor* y = x.tensor;
    if (inner.size() != 1 || axis == 0) y = TRY(c.reshape(y, flat));
    const auto rank = static_cast<int>(flat.size());
    ITensor* matrix =
        TRY(c.constantOf(kernel, alignedExtents(transposed ? Ints{length, maps} : Ints{maps, length}, rank - 2, rank)));
    using Op = nvinfer1::MatrixOperation;
    y = TRY(c.layer(c.network().addMatrixMultiply(*y, Op::kNONE, *matrix, transposed ? Op::kNONE : Op::kTRANSPOSE),
                    "matmul", true));
    if (bias) {
        const Weights shift = TRY(c.weights(1, {maps}, "bias", LayerImport::Fill::kSmall));
        ITensor* vector = TRY(c.constantOf(shift, alignedExtents({maps}, rank - 1, rank)));
        y = TRY(c.layer(c.network().addElementWise(*y, *vector, nvinfer1::ElementWiseOperation::kSUM), "bias"));
    }
    if (axis == 0) return c.done(TRY(c.reshape(y, Ints{maps})));
    if (axis == 1) return c.done(TRY(c.reshape(y, Ints{0, maps, 1, 1})), 2);
    return c.done(y);
}

}  // namespace

LATHE_CAFFE_LAYERS(inner_product, {"InnerProduct", "INNER_PRODUCT", importInnerProduct})

}  // namespace lathe::caffe
