// SPDX-License-Identifier: Apache-2.0
// Any layout to any other, element by element in the order of the output.
#include <algorithm>

#include "base/thread_pool.h"
#include "ops/reorder.h"
#include "tactics/common/reorders.h"
#include "tactics/tactic.h"

namespace lathe::tactics {
namespace {

// Elements that are worth a thread.
constexpr int64_t kGrain = 1 << 14;
constexpr int64_t kBlockElements = 1 << 12;

class ReorderKernel final : public Kernel {
  public:
    ReorderKernel(ir::Dims dims, Format from, Format to) : dims_(std::move(dims)), from_(from), to_(to) {}

    Status run(const RunArgs& args) override {
        switch (bitsOf(from_.dtype)) {
            case 8: return copy<uint8_t>(args);
            case 16: return copy<uint16_t>(args);
            case 32: return copy<uint32_t>(args);
            case 64: return copy<uint64_t>(args);
            default: return unsupported("reorder of {}", toString(from_.dtype));
        }
    }

  private:
    template <class T>
    Status copy(const RunArgs& args) {
        const T* in = static_cast<const T*>(args.inputs[0]);
        T* out = static_cast<T*>(args.outputs[0]);
        int axis = reorderAxis(from_.layout, to_.layout, static_cast<int>(dims_.size()));
        const Grouping f = groupingOf(from_.layout, dims_, axis), t = groupingOf(to_.layout, dims_, axis);
        if (t.width == 1) {
            parallelFor(t.outer * t.groups, std::max<int64_t>(1, kGrain / std::max<int64_t>(1, t.inner)),
                        [&](int64_t begin, int64_t end) {
                            for (int64_t i = begin; i < end; ++i) {
                                const T* a = in + f.offset(i / t.groups, i % t.groups, 0);
                                for (int64_t p = 0; p < t.inner; ++p) out[i * t.inner + p] = a[p * f.width];
                            }
                        });
            return {};
        }
        // Points of one group, a few at a time so that what is written stays in the cache; then its padding.
        const int64_t points = std::clamp<int64_t>(kBlockElements / t.width, 1, std::max<int64_t>(1, t.inner));
        const int64_t blocks = (t.inner + points - 1) / points;
        auto block = [&](int64_t i) {
            int64_t part = i / blocks, begin = i % blocks * points, end = std::min(begin + points, t.inner);
            int64_t o = part / t.groups, first = part % t.groups * t.width;
            int64_t here = std::min(t.width, t.channels - first);
            T* to = out + part * t.inner * t.width;
            for (int64_t l = 0; l < here; ++l) {
                const T* a = in + f.offset(o, first + l, 0);
                for (int64_t p = begin; p < end; ++p) to[p * t.width + l] = a[p * f.width];
            }
            for (int64_t p = begin; here < t.width && p < end; ++p)
                std::fill(to + p * t.width + here, to + (p + 1) * t.width, T{0});
        };
        parallelFor(t.outer * t.groups * blocks, std::max<int64_t>(1, kGrain / (points * t.width)),
                    [&](int64_t begin, int64_t end) {
                        for (int64_t i = begin; i < end; ++i) block(i);
                    });
        return {};
    }

    ir::Dims dims_;
    Format from_, to_;
};

class PlainNothing final : public Kernel {
  public:
    Status run(const RunArgs&) override { return {}; }
};

class PlainReorder final : public Tactic {
  public:
    constexpr PlainReorder() : Tactic("cpu.reorder.plain.v1", "reorder") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const auto& a = anchor.attrs<ops::ReorderAttrs>();
        if (a.from == static_cast<int64_t>(Layout::kHost) || a.to == static_cast<int64_t>(Layout::kHost)) return {};
        Candidate candidate{bindNode(*this, anchor), 0, 0};
        if (candidate.binding.inputs.empty()) return BindResult::refuse("its input is a constant");
        const ir::Value& x = *anchor.input(0);
        Layout from = static_cast<Layout>(a.from), to = static_cast<Layout>(a.to);
        if (reorderAxis(from, to, x.rank()) < 0)
            return BindResult::refuse(fmt::format("{} and {} move different axes", toString(from), toString(to)));
        if (bitsOf(x.dtype()) < 8) return BindResult::refuse(fmt::format("type {} shares bytes", toString(x.dtype())));
        candidate.binding.inputLayouts = {static_cast<Layout>(a.from)};
        candidate.binding.outputLayouts = {static_cast<Layout>(a.to)};
        if (movesNothing(from, to, x.shape())) {
            candidate.binding.aliases = {{0, 0}};
            return {{candidate}, {}};
        }
        candidate.estimate = 1e-9 * static_cast<double>(ir::volume(c.optDims(*anchor.output())));
        return {{candidate}, {}};
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        if (!binding.aliases.empty()) return std::unique_ptr<Kernel>(std::make_unique<PlainNothing>());
        const ir::Value& v = *binding.outputs[0];
        return std::unique_ptr<Kernel>(std::make_unique<ReorderKernel>(
            c.dims(v), Format{v.dtype(), binding.inputLayouts[0]}, Format{v.dtype(), binding.outputLayouts[0]}));
    }
};

}  // namespace

LATHE_TACTIC(cpu_reorder_plain, PlainReorder)

}  // namespace lathe::tactics
