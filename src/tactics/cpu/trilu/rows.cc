// SPDX-License-Identifier: Apache-2.0
// Triangles as a run of copied elements and a run of zeros a row.
#include "ops/trilu.h"

#include <algorithm>
#include <cstring>

#include "tactics/cpu/copies.h"
#include "tactics/cpu/operands.h"

namespace lathe::tactics {
namespace {

class TriluKernel final : public Kernel {
  public:
    Operand k;
    DType kType = DType::kInt64;
    int64_t count = 0, rows = 0, columns = 0, bytes = 1;
    bool upper = true;

    Status run(const RunArgs& a) override {
        const auto* from = static_cast<const std::byte*>(a.inputs[0]);
        auto* to = static_cast<std::byte*>(a.outputs[0]);
        int64_t diagonal = 0;
        if (const void* given = k.at(a))
            diagonal =
                kType == DType::kInt64 ? *static_cast<const int64_t*>(given) : *static_cast<const int32_t*>(given);
        diagonal = std::clamp(diagonal, -rows - 1, columns + 1);
        auto copy = [&](int64_t begin, int64_t end) {
            if (from != to && end > begin)
                std::memcpy(to + begin * bytes, from + begin * bytes, static_cast<size_t>((end - begin) * bytes));
        };
        auto clear = [&](int64_t begin, int64_t end) {
            if (end > begin) std::memset(to + begin * bytes, 0, static_cast<size_t>((end - begin) * bytes));
        };
        for (int64_t r = 0; r < count; ++r, from += columns * bytes, to += columns * bytes) {
            // Upper: columns from row + k on are kept; lower: those up to it.
            int64_t edge = std::clamp<int64_t>(r % rows + diagonal + (upper ? 0 : 1), 0, columns);
            if (upper) {
                clear(0, edge);
                copy(edge, columns);
            } else {
                copy(0, edge);
                clear(edge, columns);
            }
        }
        return {};
    }
};

class TriluRows final : public Tactic {
  public:
    constexpr TriluRows() : Tactic("cpu.trilu.rows.v1", "trilu") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (anchor.input(0)->isConstant()) return BindResult::refuse("its input is a constant");
        if (const ir::Value* k = inputOf(anchor, 1)) {
            if (k == anchor.input(0) || !ir::isConstant(k->shape()) || ir::volume(ir::constantDims(k->shape())) != 1)
                return BindResult::refuse("k is not a single element");
            if (k->dtype() != DType::kInt64 && k->dtype() != DType::kInt32)
                return BindResult::refuse(fmt::format("k is {}", toString(k->dtype())));
        }
        BindResult result = bindCopy(*this, anchor, c);
        for (Candidate& candidate : result.candidates) candidate.binding.inPlace = {{0, 0}};
        return result;
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const ir::Dims& dims = c.dims(*n.input(0));
        auto kernel = std::make_unique<TriluKernel>();
        kernel->k = TRY(operandOf(inputOf(n, 1), binding, c));
        if (const ir::Value* k = inputOf(n, 1)) kernel->kType = k->dtype();
        kernel->rows = dims[dims.size() - 2];
        kernel->columns = dims.back();
        kernel->count = kernel->columns == 0 ? 0 : ir::volume(dims) / kernel->columns;
        kernel->bytes = elementBytes(n.output()->dtype());
        kernel->upper = n.attrs<ops::TriluAttrs>().upper;
        return std::unique_ptr<Kernel>(std::move(kernel));
    }
};

}  // namespace

LATHE_TACTIC(cpu_trilu_rows, TriluRows)

}  // namespace lathe::tactics
