// SPDX-License-Identifier: Apache-2.0
#include "ops/space_to_depth.h"

#include "tactics/cpu/copies.h"

namespace lathe::tactics {
namespace {

class StridedSpaceToDepth final : public Tactic {
  public:
    constexpr StridedSpaceToDepth() : Tactic("cpu.space_to_depth.strided.v1", "space_to_depth") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override { return bindCopy(*this, anchor, c); }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& a = n.attrs<ops::SpaceToDepthAttrs>();
        const ir::Dims& x = c.dims(*n.input(0));
        std::vector<CopyPart> parts;
        if (ir::volume(x) > 0) {
            int64_t b = a.blockSize, h = x[2] / b, w = x[3] / b, plane = h * w;
            bool columnRow = a.mode == ops::DepthOrder::kCrd;
            // Loops: image, row in the block, column in the block, channel, block row, block column.
            ir::Dims dims = {x[0], b, b, x[1], h, w};
            ir::Dims from = {x[1] * x[2] * x[3], x[3], 1, x[2] * x[3], b * x[3], b};
            ir::Dims to = {x[1] * x[2] * x[3],
                           columnRow ? b * plane : b * x[1] * plane,
                           columnRow ? plane : x[1] * plane,
                           columnRow ? b * b * plane : plane,
                           w,
                           1};
            CopyPart part{TRY(cpu::StridedCopy::make(dims, from, to, elementBytes(n.output()->dtype())))};
            TRY(setSource(part, *n.input(0), binding, c));
            parts.push_back(std::move(part));
        }
        return std::unique_ptr<Kernel>(std::make_unique<CopyKernel>(std::move(parts)));
    }
};

}  // namespace

LATHE_TACTIC(cpu_space_to_depth_strided, StridedSpaceToDepth)

}  // namespace lathe::tactics
