// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class Activation final : public LayerBase<IActivationLayer, apiv::VActivationLayer> {
  public:
    Activation(Network& network, ITensor& input, ActivationType type)
        : LayerBase(network, LayerType::kACTIVATION, tensorList({&input})), type_(type) {}

    void setActivationType(ActivationType type) noexcept override {
        type_ = type;
        changed();
    }
    ActivationType getActivationType() const noexcept override { return type_; }
    void setAlpha(float alpha) noexcept override { set("IActivationLayer::setAlpha", alpha_, alpha); }
    void setBeta(float beta) noexcept override { set("IActivationLayer::setBeta", beta_, beta); }
    float getAlpha() const noexcept override { return alpha_; }
    float getBeta() const noexcept override { return beta_; }

    Status lower(Lowering& l) override {
        TRY(mustExist(type_, "activation type"));
        static constexpr const char* kKinds[] = {
            "relu", "sigmoid",      "tanh",        "leaky_relu",       "elu",      "selu",     "softsign", "softplus",
            "clip", "hard_sigmoid", "scaled_tanh", "thresholded_relu", "gelu_erf", "gelu_tanh"};
        auto kind = static_cast<size_t>(type_);
        l.setOutput(0, TRY(l.emit("unary", fmt::format("kind={} alpha={} beta={}", kKinds[kind], alpha_, beta_),
                                  {l.valueOf(*input(0))})));
        return {};
    }

  private:
    void set(const char* where, float& to, float value) {
        if (!std::isfinite(value)) return refuse(where, invalidArgument("{} is not finite", value));
        to = value;
        changed();
    }
    ActivationType type_;
    float alpha_ = 0, beta_ = 0;
};

}  // namespace

IActivationLayer* Network::addActivation(ITensor& input, ActivationType type) noexcept {
    if (!owns("INetworkDefinition::addActivation", {&input})) return nullptr;
    return add<Activation>(input, type);
}

}  // namespace lathe::api
