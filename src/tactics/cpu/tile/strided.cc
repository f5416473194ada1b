// SPDX-License-Identifier: Apache-2.0
#include "ops/tile.h"

#include "tactics/cpu/copies.h"

namespace lathe::tactics {
namespace {

Result<cpu::StridedCopy> describe(const ir::Node& n, const ir::Dims& in, const ir::Dims& out) {
    ir::Dims repeats;
    for (size_t d = 0; d < in.size(); ++d) repeats.push_back(in[d] == 0 ? 1 : out[d] / in[d]);
    return cpu::StridedCopy::tile(in, repeats, elementBytes(n.output()->dtype()));
}

class StridedTile final : public Tactic {
  public:
    constexpr StridedTile() : Tactic("cpu.tile.strided.v1", "tile") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (elementBytes(anchor.output()->dtype()) == 0) return BindResult::refuse("its elements share bytes");
        // The largest shapes repeat along the most axes.
        auto copy = describe(anchor, c.maxDims(*anchor.input(0)), c.maxDims(*anchor.output()));
        if (!copy.ok()) return BindResult::refuse(copy.status().message());
        return bindCopy(*this, anchor, c);
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const ir::Dims &in = c.dims(*n.input(0)), &out = c.dims(*n.output());
        std::vector<CopyPart> parts;
        if (ir::volume(out) > 0) {
            CopyPart part{TRY(describe(n, in, out))};
            TRY(setSource(part, *n.input(0), binding, c));
            parts.push_back(std::move(part));
        }
        return std::unique_ptr<Kernel>(std::make_unique<CopyKernel>(std::move(parts)));
    }
};

}  // namespace

LATHE_TACTIC(cpu_tile_strided, StridedTile)

}  // namespace lathe::tactics
