// SPDX-License-Identifier: Apache-2.0
#include "tactics/common/norm.h"

#include <cstring>

#include "ops/binary.h"
#include "ops/group_norm.h"
#include "ops/instance_norm.h"
#include "ops/layer_norm.h"
#include "ops/normalization.h"
#include "ops/rms_norm.h"

namespace lathe::tactics {

Norm rmsNormOf(const ir::Node& n) {
    const auto& a = n.attrs<ops::RmsNormAttrs>();
    return {.scale = inputOf(n, 1),
            .epsilon = static_cast<float>(a.epsilon),
            .firstAxis = static_cast<int>(fromStart(a.axis, n.input(0)->rank())),
            .rms = true};
}

Norm groupNormOf(const ir::Node& n) {
    const auto& a = n.attrs<ops::GroupNormAttrs>();
    return {.scale = n.input(1),
            .bias = n.input(2),
            .epsilon = static_cast<float>(a.epsilon),
            .groups = a.numGroups,
            .perGroup = a.perGroup};
}

Norm instanceNormOf(const ir::Node& n) {
    return {.scale = n.input(1),
            .bias = n.input(2),
            .epsilon = static_cast<float>(n.attrs<ops::InstanceNormAttrs>().epsilon)};
}

Norm layerNormOf(const ir::Node& n) {
    const auto& a = n.attrs<ops::LayerNormAttrs>();
    return {.scale = inputOf(n, 1),
            .bias = inputOf(n, 2),
            .epsilon = static_cast<float>(a.epsilon),
            .firstAxis = static_cast<int>(fromStart(a.axis, n.input(0)->rank()))};
}

namespace {

// One element a channel (or a group, or for all): only axis 1 is more than 1.
bool isChannelwise(const ir::Value* v) {
    if (!v) return true;
    for (int d = 0; d < v->rank(); ++d)
        if (d != 1 && !(v->shape()[d] == ir::Dim(1))) return false;
    return v->rank() > 1;
}

}  // namespace

Result<NormForm> normalizationOf(const ir::Node& n) {
    const auto& a = n.attrs<ops::NormalizationAttrs>();
    int rank = n.input(0)->rank();
    uint64_t mask = 0;
    for (int64_t axis : a.axes) mask |= uint64_t{1} << fromStart(axis, rank);
    NormForm f;
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

const ir::Node* residualBefore(const ir::Node& n) {
    const ir::Node* add = n.input(0)->producer();
    if (!add || add->parent() != n.parent() || std::strcmp(add->op().name(), "binary") != 0) return nullptr;
    if (add->attrs<ops::BinaryAttrs>().kind != ops::BinaryKind::kAdd) return nullptr;
    for (int i = 0; i < 2; ++i)
        if (add->input(i)->isConstant() || !(add->input(i)->type() == add->output()->type())) return nullptr;
    return add->input(0) == add->input(1) ? nullptr : add;
}

}  // namespace lathe::tactics
