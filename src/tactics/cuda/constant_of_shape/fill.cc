// SPDX-License-Identifier: Apache-2.0
#include "ops/constant_of_shape.h"

#include <algorithm>
#include <cmath>

#include "kernels/cuda/pointwise.h"
#include "ops/common.h"
#include "tactics/cuda/work.h"

namespace lathe::tactics {
namespace {

class CudaConstantOfShape final : public CudaTactic {
  public:
    constexpr CudaConstantOfShape() : CudaTactic("cuda.constant_of_shape.fill.v1", "constant_of_shape") {}

    // The shape has been read by then.
    BindResult bind(const ir::Node& anchor, const BindContext& c) const override { return offerNode(anchor, {}, c); }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target&) const override {
        const ir::Node& n = *binding.nodes[0];
        double value = n.attrs<ops::ConstantOfShapeAttrs>().value;
        DType type = n.output()->dtype();
        kernels::PointwiseProgram p;
        kernels::PwType computed = kernels::pwTypeOf(type);
        if (computed == kernels::PwType::kF32) {
            p.output(p.constant(static_cast<float>(value)), type);
        } else {
            // As a cast: towards zero, to the nearest end of the range; anything but 0 is true.
            double low = type == DType::kInt8    ? -128
                         : type == DType::kUint8 ? 0
                         : type == DType::kInt32 ? -0x1p31
                                                 : -0x1p63;
            double high = type == DType::kInt8    ? 127
                          : type == DType::kUint8 ? 255
                          : type == DType::kInt32 ? 0x1p31 - 1
                                                  : 0x1p63;
            int64_t whole = type == DType::kBool ? value != 0
                            : std::isnan(value)  ? 0
                            : value >= 0x1p63    ? INT64_MAX
                                                 : static_cast<int64_t>(std::clamp(value, low, high));
            p.output(p.constant(computed, whole), type);
        }
        ir::Dims to = dims(*n.output()), strides = ops::rowMajorStrides(to);
        std::span<const int64_t> out[] = {strides};
        CudaWork work;
        work.add(TRY(cuda::pointwise(p, to, {}, out))).output(cuda::kOutput, 0);
        return work;
    }
};

}  // namespace

LATHE_TACTIC(cuda_constant_of_shape_fill, CudaConstantOfShape)

}  // namespace lathe::tactics
