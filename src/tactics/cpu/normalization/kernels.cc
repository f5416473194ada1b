// SPDX-License-Identifier: Apache-2.0
// The general normalization where its axes are rows, planes or groups of channels. (Any other set of axes has no
// kernel.)
#include "ops/normalization.h"

#include "tactics/cpu/norms.h"

namespace lathe::tactics {
namespace {

struct Form {
    Norm norm;
    bool rows = false;
};

// One element a channel (or a group, or for all): only axis 1 is more than 1.
bool isChannelwise(const ir::Value* v) {
    if (!v) return true;
    for (int d = 0; d < v->rank(); ++d)
        if (d != 1 && !(v->shape()[d] == ir::Dim(1))) return false;
    return v->rank() > 1;
}

Result<Form> formOf(const ir::Node& n) {
    const auto& a = n.attrs<ops::NormalizationAttrs>();
    int rank = n.input(0)->rank();
    uint64_t mask = 0;
    for (int64_t axis : a.axes) mask |= uint64_t{1} << fromStart(axis, rank);
    Form f;
    f.norm.scale = inputOf(n, 1);
    f.norm.bias = inputOf(n, 2);
    f.norm.epsilon = static_cast<float>(a.epsilon);
    uint64_t all = (uint64_t{1} << rank) - 1;
    bool planes = rank > 2 && mask == (all & ~uint64_t{3});
    if (a.groups > 1 || (planes && isChannelwise(f.norm.scale) && isChannelwise(f.norm.bias))) {
        if (!isChannelwise(f.norm.scale) || !isChannelwise(f.norm.bias))
            return unsupported("scale or bias is more than a number a channel");
        f.norm.groups = a.groups > 1 ? a.groups : 0;
        for (const ir::Value* v : {f.norm.scale, f.norm.bias}) {
            if (!v || a.groups < 2 || !v->isConstant() || v->shape()[1] == n.input(0)->shape()[1]) continue;
            f.norm.perGroup = true;
        }
        // Both or neither have one number a group.
        for (const ir::Value* v : {f.norm.scale, f.norm.bias})
            if (v && f.norm.perGroup && v->shape()[1] == n.input(0)->shape()[1])
                return unsupported("only one of scale and bias goes by groups");
        return f;
    }
    while (f.norm.firstAxis < rank && !(mask >> f.norm.firstAxis & 1)) ++f.norm.firstAxis;
    if (mask != (all >> f.norm.firstAxis << f.norm.firstAxis) || f.norm.firstAxis == rank)
        return unsupported("its axes are neither the last ones nor planes");
    f.rows = true;
    return f;
}

class Normalization final : public Tactic {
  public:
    constexpr Normalization() : Tactic("cpu.normalization.kernels.v1", "normalization") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        auto form = formOf(anchor);
        if (!form.ok()) return BindResult::refuse(form.status().message());
        return form->rows ? bindRowNorm(*this, anchor, c, form->norm) : bindImageNorm(*this, anchor, c, form->norm);
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        Form form = TRY(formOf(*binding.nodes[0]));
        return form.rows ? makeRowNorm(binding, c, form.norm) : makeImageNorm(binding, c, form.norm);
    }
};

}  // namespace

LATHE_TACTIC(cpu_normalization_kernels, Normalization)

}  // namespace lathe::tactics
