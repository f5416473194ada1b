// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class Slice final : public LayerBase<ISliceLayer, apiv::VSliceLayer> {
  public:
    Slice(Network& network, ITensor& input, const Dims& start, const Dims& size, const Dims& stride)
        : LayerBase(network, LayerType::kSLICE, tensorList({&input})), start_(start), size_(size), stride_(stride) {
        axes_.nbDims = -1;
    }

    void setStart(Dims const& start) noexcept override { set(start_, start, 1); }
    Dims getStart() const noexcept override { return get(start_, 1); }
    void setSize(Dims const& size) noexcept override { set(size_, size, 2); }
    Dims getSize() const noexcept override { return get(size_, 2); }
    void setStride(Dims const& stride) noexcept override { set(stride_, stride, 3); }
    Dims getStride() const noexcept override { return get(stride_, 3); }
    void setMode(SampleMode mode) noexcept override {
        mode_ = mode;
        changed();
    }
    SampleMode getMode() const noexcept override { return mode_; }
    void setAxes(Dims const& axes) noexcept override { set(axes_, axes, 5); }
    Dims getAxes() const noexcept override { return get(axes_, 5); }

    Status lower(Lowering& l) override {
        ir::Value* x = l.valueOf(*input(0));
        std::vector<int64_t> axes = TRY(axesFor(l, x));
        if (hasInput(4) && mode_ != SampleMode::kFILL)
            return invalidArgument("a fill value (input 4) needs mode kFILL");
        const char* names[] = {"start", "size", "stride"};
        const Dims* given[] = {&start_, &size_, &stride_};
        std::string attrs = "axes=" + ir::toString(axes);
        std::vector<ir::Value*> in = {x};
        bool constant = true;
        for (int i = 0; i < 3; ++i) {
            in.push_back(hasInput(i + 1) ? l.valueOf(*input(i + 1)) : nullptr);
            if (in.back()) {
                constant = false;
            } else if (given[i]->nbDims != static_cast<int>(axes.size())) {
                return invalidArgument("'{}' is {}, with {} values where {} are needed", names[i], listText(*given[i]),
                                       given[i]->nbDims, axes.size());
            } else {
                attrs += fmt::format(" {}={}", names[i], listText(*given[i]));
            }
        }
        if (constant && mode_ == SampleMode::kSTRICT_BOUNDS) {
            ir::Value* y = TRY(plainSlice(l, x, axes));
            if (y) {
                l.setOutput(0, y);
                return {};
            }
        }
        static constexpr const char* kModes[] = {"strict", "wrap", "clamp", "fill", "reflect"};
        TRY(mustExist(mode_, "slice mode"));
        in.push_back(hasInput(4) ? l.valueOf(*input(4)) : nullptr);
        while (!in.back()) in.pop_back();
        l.setOutput(
            0, TRY(l.emit("strided_slice", fmt::format("{} mode={}", attrs, kModes[static_cast<int>(mode_)]), in)));
        return {};
    }

  protected:
    int maxInputs() const override { return 6; }

  private:
    void set(Dims& to, const Dims& value, int droppedInput) {
        if (value.nbDims < 0 || value.nbDims > Dims::MAX_DIMS)
            return refuse("ISliceLayer", invalidArgument("{} dimensions", value.nbDims));
        to = value;
        dropInput(droppedInput);
    }
    Dims get(const Dims& own, int byInput) const { return hasInput(byInput) ? invalidDims() : own; }

    Result<std::vector<int64_t>> axesFor(Lowering& l, const ir::Value* x) const {
        std::vector<int64_t> axes;
        if (hasInput(5)) {
            const auto* elements = l.valueOf(*input(5))->elements();
            if (!elements) return unsupported("the axes (input 5) must be known when the engine is built");
            for (const ir::Dim& d : *elements) {
                if (!d.isConstant()) return unsupported("the axes (input 5) must be known when the engine is built");
                axes.push_back(d.value());
            }
        } else if (axes_.nbDims >= 0) {
            axes = TRY(fromApi(axes_));
        } else {
            for (int i = 0; i < x->rank(); ++i) axes.push_back(i);
        }
        uint32_t seen = 0;
        for (int64_t& a : axes) {
            if (a < 0) a += x->rank();
            if (a < 0 || a >= x->rank() || (seen & (1u << a)))
                return invalidArgument("the axes {} do not suit {} dimensions", ir::toString(axes), x->rank());
            seen |= 1u << a;
        }
        return axes;
    }

    // When everything is a number: checks the bounds and slices only the axes that need it. Null when an extent is
    // unknown or a stride is 0.
    Result<ir::Value*> plainSlice(Lowering& l, ir::Value* x, const std::vector<int64_t>& axes) const {
        std::vector<int64_t> starts, ends, which, strides;
        for (size_t i = 0; i < axes.size(); ++i) {
            const ir::Dim& extent = x->shape()[axes[i]];
            int64_t start = start_.d[i], size = size_.d[i], stride = stride_.d[i];
            if (size < 0) return invalidArgument("a size of {}", size);
            // Large enough for every tensor, small enough not to overflow below.
            if (std::abs(start) > ir::kMaxExtent || size > ir::kMaxExtent || std::abs(stride) > ir::kMaxExtent)
                return invalidArgument("axis {}: start {}, size {}, stride {}", axes[i], start, size, stride);
            if (!extent.isConstant() || (stride == 0 && size > 1)) return nullptr;
            int64_t last = start + (size - 1) * stride;
            if (size > 0 && (start < 0 || start >= extent.value() || last < 0 || last >= extent.value()))
                return invalidArgument("axis {} has {} elements; start {}, size {} and stride {} reach out of it",
                                       axes[i], extent.value(), start, size, stride);
            if (start == 0 && size == extent.value() && (stride == 1 || size == 1)) continue;
            which.push_back(axes[i]);
            if (size == 0) start = last = 0, stride = 1;
            if (stride == 0) stride = 1;
            starts.push_back(start);
            strides.push_back(stride);
            // Backwards to the first element, the end lies before it, which a number from the end cannot say but a far
            // one can.
            int64_t end = size == 0 ? 0 : stride > 0 ? last + 1 : last - 1;
            ends.push_back(end < 0 ? -ir::kMaxExtent - 1 : end);
        }
        if (which.empty()) return l.emit("identity", "", {x});
        return l.emit(
            "slice", "",
            {x, TRY(l.integers(starts)), TRY(l.integers(ends)), TRY(l.integers(which)), TRY(l.integers(strides))});
    }

    Dims start_, size_, stride_, axes_{};
    SampleMode mode_ = SampleMode::kSTRICT_BOUNDS;
};

}  // namespace

ISliceLayer* Network::addSlice(ITensor& input, Dims const& start, Dims const& size, Dims const& stride) noexcept {
    const char* where = "INetworkDefinition::addSlice";
    if (!owns(where, {&input})) return nullptr;
    bool ok = guardedStatus(reporter_, where, [&]() -> Status {
        for (const Dims* d : {&start, &size, &stride}) TRY(fromApi(*d));
        return {};
    });
    return ok ? add<Slice>(input, start, size, stride) : nullptr;
}

}  // namespace lathe::api
