// SPDX-License-Identifier: Apache-2.0
#include "ops/concat.h"

#include "ops/common.h"
#include "tactics/cpu/copies.h"

namespace lathe::tactics {
namespace {

class StridedConcat final : public Tactic {
  public:
    constexpr StridedConcat() : Tactic("cpu.concat.strided.v1", "concat") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override { return bindCopy(*this, anchor, c); }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        int bytes = elementBytes(n.output()->dtype());
        ir::Dims to = ops::rowMajorStrides(c.dims(*n.output()));
        int64_t axis = n.attrs<ops::ConcatAttrs>().axis;
        if (axis < 0) axis += n.output()->rank();
        std::vector<CopyPart> parts;
        int64_t offset = 0;
        for (const ir::Value* v : n.inputs()) {
            const ir::Dims& dims = c.dims(*v);
            CopyPart part{TRY(cpu::StridedCopy::make(dims, ops::rowMajorStrides(dims), to, bytes))};
            TRY(setSource(part, *v, binding, c));
            part.outputOffset = offset * to[static_cast<size_t>(axis)] * bytes;
            offset += dims[static_cast<size_t>(axis)];
            if (ir::volume(dims) > 0) parts.push_back(std::move(part));
        }
        return std::unique_ptr<Kernel>(std::make_unique<CopyKernel>(std::move(parts)));
    }
};

}  // namespace

LATHE_TACTIC(cpu_concat_strided, StridedConcat)

}  // namespace lathe::tactics
