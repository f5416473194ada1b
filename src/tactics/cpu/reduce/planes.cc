// SPDX-License-Identifier: Apache-2.0
// The mean or maximum of every channel's plane (global pooling), in every layout.
#include "ops/reduce.h"

#include "ops/common.h"
#include "tactics/cpu/pooling.h"

namespace lathe::tactics {
namespace {

class PlanesTactic final : public Tactic {
  public:
    constexpr PlanesTactic() : Tactic("cpu.reduce.planes.v1", "reduce") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const auto& a = anchor.attrs<ops::ReduceAttrs>();
        if (a.kind != ops::ReduceKind::kMean && a.kind != ops::ReduceKind::kMax)
            return BindResult::refuse(
                fmt::format("kind {} has no kernel", ops::kReduceKindNames[static_cast<int>(a.kind)]));
        const ir::Value& x = *anchor.input(0);
        if (!isFloating(x.dtype()) || x.rank() < 3 || x.rank() > 5 || !a.keepDims)
            return BindResult::refuse("not planes of an image");
        std::vector<int64_t> axes = a.axes;
        if (const ir::Value* list = anchor.input(1)) {
            if (!list->elements() || !ir::isConstant(*list->elements()))
                return BindResult::refuse("its axes are not known");
            axes = ir::constantDims(*list->elements());
        }
        unsigned mask = 0;
        for (int64_t axis : axes) mask |= 1u << (axis < 0 ? axis + x.rank() : axis);
        if (mask != ((1u << x.rank()) - 1) - 3u) return BindResult::refuse("it does not reduce just the spatial axes");
        // The maximum of nothing is not what a window without taps gives.
        if (ir::volume(c.minDims(x)) == 0) return BindResult::refuse("a plane may be empty");
        return bindPooling(*this, anchor, c);
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const ir::Dims& dims = c.dims(*n.input(0));
        WindowNumbers w;
        for (size_t d = 2; d < dims.size(); ++d) w.in[3 - dims.size() + d] = w.kernel[3 - dims.size() + d] = dims[d];
        return makePooling(binding, dims, w, n.attrs<ops::ReduceAttrs>().kind == ops::ReduceKind::kMax, false);
    }
};

}  // namespace

LATHE_TACTIC(cpu_reduce_planes, PlanesTactic)

}  // namespace lathe::tactics
