// SPDX-License-Identifier: Apache-2.0
// Gather as copies of contiguous rows.
#include <cstring>

#include "ops/gather.h"
#include "tactics/cpu/copies.h"

namespace lathe::tactics {
namespace {

class GatherKernel final : public Kernel {
  public:
    CopyPart data, indices;  // their sources; no copy of theirs is used
    DType indexType = DType::kInt64;
    int64_t outer = 1, extent = 1, count = 1, rowBytes = 1;

    Status run(const RunArgs& args) override {
        const auto* from = data.input < 0 ? data.constant : static_cast<const std::byte*>(args.inputs[data.input]);
        const auto* index =
            indices.input < 0 ? indices.constant : static_cast<const std::byte*>(args.inputs[indices.input]);
        auto* to = static_cast<std::byte*>(args.outputs[0]);
        for (int64_t o = 0; o < outer; ++o)
            for (int64_t i = 0; i < count; ++i) {
                int64_t k = indexType == DType::kInt64 ? reinterpret_cast<const int64_t*>(index)[i]
                                                       : reinterpret_cast<const int32_t*>(index)[i];
                if (k < 0) k += extent;
                if (k < 0 || k >= extent)
                    return makeStatus(Code::kFailedExecution, "gather: index {} is outside of an axis of {}", k,
                                      extent);
                std::memcpy(to + (o * count + i) * rowBytes, from + (o * extent + k) * rowBytes,
                            static_cast<size_t>(rowBytes));
            }
        return {};
    }
};

class GatherRows final : public Tactic {
  public:
    constexpr GatherRows() : Tactic("cpu.gather.rows.v1", "gather") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (anchor.attrs<ops::GatherAttrs>().batchDims != 0) return BindResult::refuse("it has batch axes");
        return bindCopy(*this, anchor, c);
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const ir::Dims& dims = c.dims(*n.input(0));
        int64_t axis = n.attrs<ops::GatherAttrs>().axis;
        if (axis < 0) axis += static_cast<int64_t>(dims.size());
        auto kernel = std::make_unique<GatherKernel>();
        TRY(setSource(kernel->data, *n.input(0), binding, c));
        TRY(setSource(kernel->indices, *n.input(1), binding, c));
        kernel->indexType = n.input(1)->dtype();
        kernel->count = ir::volume(c.dims(*n.input(1)));
        kernel->rowBytes = elementBytes(n.output()->dtype());
        for (int64_t d = 0; d < static_cast<int64_t>(dims.size()); ++d) {
            if (d < axis) kernel->outer *= dims[static_cast<size_t>(d)];
            if (d > axis) kernel->rowBytes *= dims[static_cast<size_t>(d)];
        }
        kernel->extent = dims[static_cast<size_t>(axis)];
        return std::unique_ptr<Kernel>(std::move(kernel));
    }
};

}  // namespace

LATHE_TACTIC(cpu_gather_rows, GatherRows)

}  // namespace lathe::tactics
