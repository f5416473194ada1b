// SPDX-License-Identifier: Apache-2.0
// Any layout to any other, element by element in the order of the output.
#include <cstring>

#include "ops/reorder.h"
#include "tactics/tactic.h"

namespace lathe::tactics {
namespace {

// A layout as strides over (outer = N, channel group, spatial, channel in group), in elements.
struct Strides {
    int64_t n, group, point, lane;
    int block;
};

Strides stridesOf(Layout layout, int64_t channels, int64_t points) {
    int block = blockOf(layout);
    if (layout == Layout::kLinear) return {channels * points, points, 1, 0, 1};
    if (layout == Layout::kChannelsLast) return {channels * points, 1, channels, 0, 1};
    int64_t groups = (channels + block - 1) / block;
    return {groups * points * block, points * block, block, 1, block};
}

int64_t offsetOf(const Strides& s, int64_t n, int64_t c, int64_t p) {
    return n * s.n + (c / s.block) * s.group + p * s.point + (c % s.block) * s.lane;
}

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
        int64_t channels = dims_[1], points = 1;
        for (size_t i = 2; i < dims_.size(); ++i) points *= dims_[i];
        Strides f = stridesOf(from_.layout, channels, points), t = stridesOf(to_.layout, channels, points);
        if (t.block > 1) std::memset(out, 0, static_cast<size_t>(bytesOf(to_, dims_)));
        for (int64_t n = 0; n < dims_[0]; ++n)
            for (int64_t c = 0; c < channels; ++c) {
                const T* a = in + offsetOf(f, n, c, 0);
                T* b = out + offsetOf(t, n, c, 0);
                for (int64_t p = 0; p < points; ++p) b[p * t.point] = a[p * f.point];
            }
        return {};
    }

    ir::Dims dims_;
    Format from_, to_;
};

class PlainReorder final : public Tactic {
  public:
    constexpr PlainReorder() : Tactic("cpu.reorder.plain.v1", "reorder") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const auto& a = anchor.attrs<ops::ReorderAttrs>();
        if (a.from == static_cast<int64_t>(Layout::kHost) || a.to == static_cast<int64_t>(Layout::kHost)) return {};
        Candidate candidate{bindNode(*this, anchor), 0, 0};
        if (candidate.binding.inputs.empty()) return BindResult::refuse("its input is a constant");
        candidate.binding.inputLayouts = {static_cast<Layout>(a.from)};
        candidate.binding.outputLayouts = {static_cast<Layout>(a.to)};
        candidate.estimate = 1e-9 * static_cast<double>(ir::volume(c.optDims(*anchor.output())));
        return {{candidate}, {}};
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Value& v = *binding.outputs[0];
        return std::unique_ptr<Kernel>(std::make_unique<ReorderKernel>(
            c.dims(v), Format{v.dtype(), binding.inputLayouts[0]}, Format{v.dtype(), binding.outputLayouts[0]}));
    }
};

}  // namespace

LATHE_TACTIC(cpu_reorder_plain, PlainReorder)

}  // namespace lathe::tactics
