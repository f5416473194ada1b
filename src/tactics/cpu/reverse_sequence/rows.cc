// SPDX-License-Identifier: Apache-2.0
// Reversed beginnings of sequences, as copies of rows. Batch and time are the first two axes.
#include <cstring>

#include "ops/reverse_sequence.h"
#include "tactics/cpu/copies.h"
#include "tactics/cpu/operands.h"

namespace lathe::tactics {
namespace {

class ReverseKernel final : public Kernel {
  public:
    Operand data, lengths;
    DType lengthType = DType::kInt64;
    int64_t batch = 0, time = 0, row = 0;  // row: bytes
    bool batchFirst = false;

    Status run(const RunArgs& a) override {
        const auto* x = static_cast<const std::byte*>(data.at(a));
        auto* y = static_cast<std::byte*>(a.outputs[0]);
        const void* given = lengths.at(a);
        for (int64_t b = 0; b < batch; ++b) {
            int64_t n = lengthType == DType::kInt64 ? static_cast<const int64_t*>(given)[b]
                                                    : static_cast<const int32_t*>(given)[b];
            if (n < 0 || n > time)
                return makeStatus(Code::kFailedComputation, "a length of {} on an axis of {} elements", n, time);
            auto at = [&](int64_t t) { return (batchFirst ? b * time + t : t * batch + b) * row; };
            for (int64_t t = 0; t < time; ++t)
                std::memcpy(y + at(t), x + at(t < n ? n - 1 - t : t), static_cast<size_t>(row));
        }
        return {};
    }
};

class ReverseRows final : public Tactic {
  public:
    constexpr ReverseRows() : Tactic("cpu.reverse_sequence.rows.v1", "reverse_sequence") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const auto& a = anchor.attrs<ops::ReverseSequenceAttrs>();
        int rank = anchor.input(0)->rank();
        int64_t batch = fromStart(a.batchAxis, rank), time = fromStart(a.timeAxis, rank);
        if (batch > 1 || time > 1)
            return BindResult::refuse(fmt::format("axes {} and {} are not the first two", batch, time));
        return bindCopy(*this, anchor, c);
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const ir::Dims& dims = c.dims(*n.input(0));
        auto kernel = std::make_unique<ReverseKernel>();
        kernel->data = TRY(operandOf(n.input(0), binding, c));
        kernel->lengths = TRY(operandOf(n.input(1), binding, c));
        kernel->lengthType = n.input(1)->dtype();
        kernel->batchFirst = fromStart(n.attrs<ops::ReverseSequenceAttrs>().batchAxis, n.input(0)->rank()) == 0;
        kernel->batch = dims[kernel->batchFirst ? 0 : 1];
        kernel->time = dims[kernel->batchFirst ? 1 : 0];
        kernel->row = splitAt(dims, 1).inner * elementBytes(n.output()->dtype());
        return std::unique_ptr<Kernel>(std::move(kernel));
    }
};

}  // namespace

LATHE_TACTIC(cpu_reverse_sequence_rows, ReverseRows)

}  // namespace lathe::tactics
