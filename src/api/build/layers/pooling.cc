// SPDX-License-Identifier: Apache-2.0
#include "api/build/layers/window.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class Pooling final : public WindowLayer<IPoolingLayer, apiv::VPoolingLayer> {
  public:
    Pooling(Network& network, ITensor& input, PoolingType type, const Dims& window)
        : WindowLayer(network, LayerType::kPOOLING, tensorList({&input}), window), type_(type) {}

    void setPoolingType(PoolingType type) noexcept override {
        type_ = type;
        changed();
    }
    PoolingType getPoolingType() const noexcept override { return type_; }
    void setBlendFactor(float blend) noexcept override {
        if (!(blend >= 0 && blend <= 1))
            return refuse("IPoolingLayer::setBlendFactor", invalidArgument("{} is not from 0 to 1", blend));
        blend_ = blend;
        changed();
    }
    float getBlendFactor() const noexcept override { return blend_; }
    void setAverageCountExcludesPadding(bool exclusive) noexcept override {
        exclusive_ = exclusive;
        changed();
    }
    bool getAverageCountExcludesPadding() const noexcept override { return exclusive_; }
    void setWindowSizeNd(Dims const& size) noexcept override {
        set("IPoolingLayer::setWindowSizeNd", window_, size, 1);
    }
    Dims getWindowSizeNd() const noexcept override { return window_; }

    Status lower(Lowering& l) override {
        TRY(mustExist(type_, "pooling type"));
        ir::Value* x = l.valueOf(*input(0));
        TRY(checkRank(x));
        static constexpr const char* kKinds[] = {"max", "average", "max_average_blend"};
        l.setOutput(0, TRY(l.emit("pool",
                                  fmt::format("kind={} {} count_include_pad={} blend={}",
                                              kKinds[static_cast<int>(type_)], windowText(true), !exclusive_, blend_),
                                  {x})));
        return {};
    }

  private:
    PoolingType type_;
    float blend_ = 0;
    bool exclusive_ = true;
};

}  // namespace

IPoolingLayer* Network::addPoolingNd(ITensor& input, PoolingType type, Dims const& windowSize) noexcept {
    const char* where = "INetworkDefinition::addPoolingNd";
    if (!owns(where, {&input})) return nullptr;
    if (!guardedStatus(reporter_, where, [&] { return checkWindow(windowSize); })) return nullptr;
    return add<Pooling>(input, type, windowSize);
}

}  // namespace lathe::api
