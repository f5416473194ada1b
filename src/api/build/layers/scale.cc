// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class Scale final : public LayerBase<IScaleLayer, apiv::VScaleLayer> {
  public:
    Scale(Network& network, ITensor& input, ScaleMode mode, Weights shift, Weights scale, Weights power,
          std::optional<int32_t> axis)
        : LayerBase(network, LayerType::kSCALE, tensorList({&input})),
          mode_(mode),
          shift_(shift),
          scale_(scale),
          power_(power),
          axis_(axis) {}

    void setMode(ScaleMode mode) noexcept override {
        mode_ = mode;
        changed();
    }
    ScaleMode getMode() const noexcept override { return mode_; }
    void setShift(Weights shift) noexcept override {
        shift_ = shift;
        changed();
    }
    Weights getShift() const noexcept override { return shift_; }
    void setScale(Weights scale) noexcept override {
        scale_ = scale;
        changed();
    }
    Weights getScale() const noexcept override { return scale_; }
    void setPower(Weights power) noexcept override {
        power_ = power;
        changed();
    }
    Weights getPower() const noexcept override { return power_; }
    int32_t getChannelAxis() const noexcept override {
        return axis_ ? *axis_ : defaultAxis(input(0)->getDimensions().nbDims);
    }
    void setChannelAxis(int32_t axis) noexcept override {
        axis_ = axis;
        changed();
    }

    Status lower(Lowering& l) override {
        TRY(mustExist(mode_, "scale mode"));
        ir::Value* x = l.valueOf(*input(0));
        int axis = axis_ ? *axis_ : defaultAxis(x->rank());
        if (mode_ != ScaleMode::kUNIFORM && (axis < 0 || axis >= x->rank()))
            return invalidArgument("channel axis {} of {}", axis, ir::toString(x->shape()));
        // The coefficients' shape, aligned at the last axis.
        ir::Dims dims;
        if (mode_ != ScaleMode::kUNIFORM)
            for (int i = axis; i < x->rank(); ++i) {
                bool varies = i == axis || mode_ == ScaleMode::kELEMENTWISE;
                if (varies && !x->shape()[i].isConstant())
                    return invalidArgument("axis {} of {} must be known for coefficients along it", i,
                                           ir::toString(x->shape()));
                dims.push_back(varies ? x->shape()[i].value() : 1);
            }
        struct {
            const Weights& weights;
            const char *kind, *role;
        } parts[] = {{scale_, "mul", "SCALE"}, {shift_, "add", "SHIFT"}, {power_, "pow", "POWER"}};
        ir::Value* y = x;
        for (const auto& p : parts)
            if (!isEmpty(p.weights))
                y = TRY(l.emit("binary", fmt::format("kind={}", p.kind),
                               {y, TRY(l.weightsLike(x, p.weights, dims, fmt::format("{} {}", name(), p.role)))}));
        if (y == x) y = TRY(l.emit("identity", "", {x}));
        l.setOutput(0, y);
        return {};
    }

  private:
    static int32_t defaultAxis(int rank) { return std::max(0, rank - 3); }
    ScaleMode mode_;
    Weights shift_, scale_, power_;
    std::optional<int32_t> axis_;
};

}  // namespace

IScaleLayer* Network::addScale(ITensor& input, ScaleMode mode, Weights shift, Weights scale, Weights power) noexcept {
    if (!owns("INetworkDefinition::addScale", {&input})) return nullptr;
    return add<Scale>(input, mode, shift, scale, power, std::nullopt);
}

IScaleLayer* Network::addScaleNd(ITensor& input, ScaleMode mode, Weights shift, Weights scale, Weights power,
                                 int32_t channelAxis) noexcept {
    if (!owns("INetworkDefinition::addScaleNd", {&input})) return nullptr;
    return add<Scale>(input, mode, shift, scale, power, channelAxis);
}

}  // namespace lathe::api
