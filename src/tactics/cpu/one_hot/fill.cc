// SPDX-License-Identifier: Apache-2.0
// One-hot rows: filled with the one value, then the other at each index.
#include <cstring>

#include "ops/one_hot.h"
#include "tactics/cpu/copies.h"
#include "tactics/cpu/operands.h"

namespace lathe::tactics {
namespace {

class OneHotKernel final : public Kernel {
  public:
    Operand indices, values;
    DType indexType = DType::kInt64;
    AxisSplit split;  // of the output
    int bytes = 4;

    Status run(const RunArgs& a) override {
        switch (bytes) {
            case 1: return fill<uint8_t>(a);
            case 2: return fill<uint16_t>(a);
            case 4: return fill<uint32_t>(a);
            default: return fill<uint64_t>(a);
        }
    }

  private:
    template <class T>
    Status fill(const RunArgs& a) {
        T value[2];
        std::memcpy(value, values.at(a), sizeof value);
        auto* y = static_cast<T*>(a.outputs[0]);
        std::fill_n(y, split.outer * split.n * split.inner, value[0]);
        const void* index = indices.at(a);
        for (int64_t i = 0; i < split.outer * split.inner; ++i) {
            int64_t k = indexType == DType::kInt64 ? static_cast<const int64_t*>(index)[i]
                                                   : static_cast<const int32_t*>(index)[i];
            if (k < -split.n || k >= split.n) continue;
            if (k < 0) k += split.n;
            y[(i / split.inner * split.n + k) * split.inner + i % split.inner] = value[1];
        }
        return {};
    }
};

class OneHotFill final : public Tactic {
  public:
    constexpr OneHotFill() : Tactic("cpu.one_hot.fill.v1", "one_hot") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        DType type = anchor.input(0)->dtype();
        if (type != DType::kInt64 && type != DType::kInt32)
            return BindResult::refuse(fmt::format("indices of type {} have no kernel", toString(type)));
        BindResult result = bindCopy(*this, anchor, c);
        // The depth has been read by then: it is the output's extent.
        for (Candidate& candidate : result.candidates) {
            Binding& b = candidate.binding;
            b.inputs.clear();
            for (int i : {0, 2})
                if (const ir::Value* v = anchor.input(i); !v->isConstant()) b.inputs.push_back(v);
            if (b.inputs.size() == 2 && b.inputs[0] == b.inputs[1]) b.inputs.pop_back();
            b.inputLayouts.assign(b.inputs.size(), Layout::kLinear);
        }
        return result;
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        auto kernel = std::make_unique<OneHotKernel>();
        kernel->indices = TRY(operandOf(n.input(0), binding, c));
        kernel->values = TRY(operandOf(n.input(2), binding, c));
        kernel->indexType = n.input(0)->dtype();
        kernel->split = splitAt(c.dims(*n.output()), n.attrs<ops::OneHotAttrs>().axis);
        kernel->bytes = elementBytes(n.output()->dtype());
        return std::unique_ptr<Kernel>(std::move(kernel));
    }
};

}  // namespace

LATHE_TACTIC(cpu_one_hot_fill, OneHotFill)

}  // namespace lathe::tactics
