// SPDX-License-Identifier: Apache-2.0
// The general normalization over any axes, with or without groups.
#include "ops/normalization.h"

#include <functional>

#include "tactics/common/operands.h"
#include "tactics/cuda/image_norms.h"

namespace lathe::tactics {
namespace {

// Strides over x's dims of an operand that broadcasts to them; with groups, over [N, groups, C / groups, …].
ir::Dims normBroadcast(const ir::Dims& own, const ir::Dims& x, int64_t groups) {
    ir::Dims strides(x.size(), 0);
    int64_t step = 1;
    for (size_t d = own.size(); d-- > 0; step *= own[d])
        if (own[d] != 1) strides[d] = step;
    if (groups <= 1) return strides;
    int64_t each = x[1] / groups, channel = strides[1];
    bool perGroup = own[1] == groups && own[1] != x[1];
    strides[1] = perGroup ? channel : channel * each;
    strides.insert(strides.begin() + 2, perGroup ? 0 : channel);
    return strides;
}

CudaNorm cudaNormalizationOf(const ir::Node& n, const std::function<ir::Dims(const ir::Value&)>& dimsOf) {
    const auto& a = n.attrs<ops::NormalizationAttrs>();
    ir::Dims x = dimsOf(*n.input(0));
    const ir::Value *scale = inputOf(n, 1), *bias = inputOf(n, 2);
    CudaNorm norm;
    if (a.groups > 1) {
        norm = cudaGroupNorm(x, a.groups, false, scale, bias, a.epsilon);
        norm.scaleStrides.assign(norm.dims.size(), 0);
        norm.biasStrides = norm.scaleStrides;
    } else {
        norm.dims = x;
        for (int64_t axis : a.axes) norm.reduced |= uint64_t{1} << fromStart(axis, static_cast<int>(x.size()));
    }
    norm.scale = scale;
    norm.bias = bias;
    norm.epsilon = a.epsilon;
    if (scale) norm.scaleStrides = normBroadcast(dimsOf(*scale), x, a.groups);
    if (bias) norm.biasStrides = normBroadcast(dimsOf(*bias), x, a.groups);
    return norm;
}

class CudaNormalization final : public Tactic {
  public:
    constexpr CudaNormalization() : Tactic("cuda.normalization.any.v1", "normalization") {}
    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        return bindCudaNorm(*this, anchor, c,
                            cudaNormalizationOf(anchor, [&](const ir::Value& v) { return c.optDims(v); }));
    }
    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        return makeCudaNorm(binding, c,
                            cudaNormalizationOf(*binding.nodes[0], [&](const ir::Value& v) { return c.dims(v); }));
    }
};

}  // namespace

LATHE_TACTIC(cuda_normalization_any, CudaNormalization)

}  // namespace lathe::tactics
