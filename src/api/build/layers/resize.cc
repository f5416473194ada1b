// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class Resize final : public LayerBase<IResizeLayer, apiv::VResizeLayer> {
  public:
    Resize(Network& network, ITensor& input) : LayerBase(network, LayerType::kRESIZE, tensorList({&input})) {}

    void setOutputDimensions(Dims const& dims) noexcept override {
        const char* where = "IResizeLayer::setOutputDimensions";
        if (hasInput(1)) return refuse(where, makeStatus(Code::kInvalidState, "input 1 gives the output dimensions"));
        if (dims.nbDims < 1 || dims.nbDims > Dims::MAX_DIMS)
            return refuse(where, invalidArgument("{} dimensions", dims.nbDims));
        size_ = dims;
        scales_.clear();
        changed();
    }
    Dims getOutputDimensions() const noexcept override { return size_ ? *size_ : getOutputShape(); }
    void setScales(float const* scales, int32_t count) noexcept override {
        guardedStatus(reporter(), "IResizeLayer::setScales", [&]() -> Status {
            if (hasInput(1))
                return makeStatus(Code::kInvalidState, "{}: input 1 gives the output dimensions", describe());
            if (!scales || count < 1 || count > Dims::MAX_DIMS)
                return invalidArgument("{}: {} scales", describe(), count);
            for (int i = 0; i < count; ++i)
                if (!std::isfinite(scales[i]) || scales[i] <= 0)
                    return invalidArgument("{}: a scale of {}", describe(), scales[i]);
            scales_.assign(scales, scales + count);
            size_.reset();
            changed();
            return {};
        });
    }
    int32_t getScales(int32_t size, float* scales) const noexcept override {
        if (scales_.empty()) return -1;
        auto count = static_cast<int32_t>(scales_.size());
        if (scales && size == count) std::copy(scales_.begin(), scales_.end(), scales);
        return count;
    }
    void setResizeMode(InterpolationMode mode) noexcept override { set(mode_, mode); }
    InterpolationMode getResizeMode() const noexcept override { return mode_; }
    void setCoordinateTransformation(ResizeCoordinateTransformation coordinates) noexcept override {
        set(coordinates_, coordinates);
    }
    ResizeCoordinateTransformation getCoordinateTransformation() const noexcept override { return coordinates_; }
    void setSelectorForSinglePixel(ResizeSelector selector) noexcept override { set(selector_, selector); }
    ResizeSelector getSelectorForSinglePixel() const noexcept override { return selector_; }
    void setNearestRounding(ResizeRoundMode rounding) noexcept override { set(rounding_, rounding); }
    ResizeRoundMode getNearestRounding() const noexcept override { return rounding_; }
    void setCubicCoeff(float value) noexcept override { set(cubic_, value); }
    float getCubicCoeff() const noexcept override { return cubic_; }
    void setExcludeOutside(bool value) noexcept override { set(exclude_, value); }
    bool getExcludeOutside() const noexcept override { return exclude_; }

    Status lower(Lowering& l) override {
        TRY(mustExist(mode_, "interpolation mode"));
        TRY(mustExist(coordinates_, "coordinate transformation"));
        TRY(mustExist(selector_, "selector"));
        TRY(mustExist(rounding_, "rounding"));
        ir::Value* x = l.valueOf(*input(0));
        static constexpr const char* kModes[] = {"nearest", "linear", "cubic"};
        static constexpr const char* kCoordinates[] = {"align_corners", "asymmetric", "half_pixel"};
        static constexpr const char* kRoundings[] = {"round_prefer_ceil", "round_prefer_floor", "floor", "ceil"};
        const char* coordinates = kCoordinates[static_cast<int>(coordinates_)];
        // The pixel at the corner for an extent of 1: the other transformations choose it anyway.
        if (selector_ == ResizeSelector::kUPPER && coordinates_ == ResizeCoordinateTransformation::kHALF_PIXEL)
            coordinates = "pytorch_half_pixel";
        std::vector<ir::Value*> in = {x, nullptr, nullptr, nullptr};
        if (hasInput(1)) {
            in[3] = TRY(l.asType(l.valueOf(*input(1)), DType::kInt64));
        } else if (size_) {
            if (size_->nbDims != x->rank())
                return invalidArgument("output dimensions {} for an input of {}", listText(*size_),
                                       ir::toString(x->shape()));
            in[3] = TRY(l.integers(TRY(fromApi(*size_))));
        } else if (!scales_.empty()) {
            if (scales_.size() != x->shape().size())
                return invalidArgument("{} scales for an input of {}", scales_.size(), ir::toString(x->shape()));
            in[2] = TRY(l.constant(ir::makeWeights<float>({static_cast<int64_t>(scales_.size())}, scales_)));
            in.pop_back();
        } else {
            return makeStatus(Code::kInvalidState, "neither output dimensions nor scales are set");
        }
        l.setOutput(0, TRY(l.emit("resize",
                                  fmt::format("mode={} coord={} nearest_mode={} cubic_coeff_a={} exclude_outside={}",
                                              kModes[static_cast<int>(mode_)], coordinates,
                                              kRoundings[static_cast<int>(rounding_)], cubic_, exclude_),
                                  in)));
        return {};
    }

  protected:
    int maxInputs() const override { return 2; }

  private:
    Dims getOutputShape() const { return outputs()[0]->getDimensions(); }
    template <class T>
    void set(T& to, T value) {
        to = value;
        changed();
    }
    std::optional<Dims> size_;
    std::vector<float> scales_;
    InterpolationMode mode_ = InterpolationMode::kNEAREST;
    ResizeCoordinateTransformation coordinates_ = ResizeCoordinateTransformation::kASYMMETRIC;
    ResizeSelector selector_ = ResizeSelector::kFORMULA;
    ResizeRoundMode rounding_ = ResizeRoundMode::kFLOOR;
    float cubic_ = -0.75f;
    bool exclude_ = false;
};

}  // namespace

IResizeLayer* Network::addResize(ITensor& input) noexcept {
    if (!owns("INetworkDefinition::addResize", {&input})) return nullptr;
    return add<Resize>(input);
}

}  // namespace lathe::api
