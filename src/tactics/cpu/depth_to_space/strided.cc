// SPDX-License-Identifier: Apache-2.0
#include "ops/depth_to_space.h"

#include "tactics/cpu/copies.h"

namespace lathe::tactics {
namespace {

class StridedDepthToSpace final : public Tactic {
  public:
    constexpr StridedDepthToSpace() : Tactic("cpu.depth_to_space.strided.v1", "depth_to_space") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override { return bindCopy(*this, anchor, c); }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& a = n.attrs<ops::DepthToSpaceAttrs>();
        const ir::Dims& x = c.dims(*n.input(0));
        std::vector<CopyPart> parts;
        if (ir::volume(x) > 0) {
            CopyPart part{
                TRY(cpu::StridedCopy::depthToSpace(x[0], x[1], x[2], x[3], a.blockSize, a.mode == ops::DepthOrder::kCrd,
                                                   elementBytes(n.output()->dtype())))};
            TRY(setSource(part, *n.input(0), binding, c));
            parts.push_back(std::move(part));
        }
        return std::unique_ptr<Kernel>(std::make_unique<CopyKernel>(std::move(parts)));
    }
};

}  // namespace

LATHE_TACTIC(cpu_depth_to_space_strided, StridedDepthToSpace)

}  // namespace lathe::tactics
