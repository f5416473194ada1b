// SPDX-License-Identifier: Apache-2.0
#include "ops/split.h"

#include "ops/common.h"
#include "tactics/cpu/copies.h"

namespace lathe::tactics {
namespace {

class StridedSplit final : public Tactic {
  public:
    constexpr StridedSplit() : Tactic("cpu.split.strided.v1", "split") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override { return bindCopy(*this, anchor, c); }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        int bytes = elementBytes(n.output()->dtype());
        ir::Dims from = ops::rowMajorStrides(c.dims(*n.input(0)));
        int64_t axis = n.attrs<ops::SplitAttrs>().axis;
        if (axis < 0) axis += n.output()->rank();
        std::vector<CopyPart> parts;
        int64_t offset = 0;
        for (int o = 0; o < n.outputCount(); ++o) {
            const ir::Dims& dims = c.dims(*n.output(o));
            CopyPart part{TRY(cpu::StridedCopy::make(dims, from, ops::rowMajorStrides(dims), bytes))};
            TRY(setSource(part, *n.input(0), binding, c));
            part.output = o;
            part.inputOffset = offset * from[static_cast<size_t>(axis)] * bytes;
            offset += dims[static_cast<size_t>(axis)];
            if (ir::volume(dims) > 0) parts.push_back(std::move(part));
        }
        return std::unique_ptr<Kernel>(std::make_unique<CopyKernel>(std::move(parts)));
    }
};

}  // namespace

LATHE_TACTIC(cpu_split_strided, StridedSplit)

}  // namespace lathe::tactics
