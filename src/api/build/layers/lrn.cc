// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class LRN final : public LayerBase<ILRNLayer, apiv::VLRNLayer> {
  public:
    LRN(Network& network, ITensor& input, int64_t window, float alpha, float beta, float k)
        : LayerBase(network, LayerType::kLRN, tensorList({&input})),
          window_(window),
          alpha_(alpha),
          beta_(beta),
          k_(k) {}

    void setWindowSize(int64_t value) noexcept override {
        if (!(value >= 1)) return refuse("ILRNLayer::setWindowSize", invalidArgument("{} is not positive", value));
        window_ = value;
        changed();
    }
    int64_t getWindowSize() const noexcept override { return window_; }
    void setAlpha(float value) noexcept override {
        if (!(std::isfinite(value))) return refuse("ILRNLayer::setAlpha", invalidArgument("{} is not finite", value));
        alpha_ = value;
        changed();
    }
    float getAlpha() const noexcept override { return alpha_; }
    void setBeta(float value) noexcept override {
        if (!(std::isfinite(value))) return refuse("ILRNLayer::setBeta", invalidArgument("{} is not finite", value));
        beta_ = value;
        changed();
    }
    float getBeta() const noexcept override { return beta_; }
    void setK(float value) noexcept override {
        if (!(std::isfinite(value))) return refuse("ILRNLayer::setK", invalidArgument("{} is not finite", value));
        k_ = value;
        changed();
    }
    float getK() const noexcept override { return k_; }

    Status lower(Lowering& l) override {
        l.setOutput(0, TRY(l.emit("lrn", fmt::format("size={} alpha={} beta={} bias={}", window_, alpha_, beta_, k_),
                                  {l.valueOf(*input(0))})));
        return {};
    }

  private:
    int64_t window_;
    float alpha_, beta_, k_;
};

}  // namespace

ILRNLayer* Network::addLRN(ITensor& input, int64_t window, float alpha, float beta, float k) noexcept {
    const char* where = "INetworkDefinition::addLRN";
    if (!owns(where, {&input})) return nullptr;
    bool ok = guardedStatus(reporter_, where, [&]() -> Status {
        if (window < 1) return invalidArgument("a window of {} channels", window);
        if (!std::isfinite(alpha) || !std::isfinite(beta) || !std::isfinite(k))
            return invalidArgument("alpha {}, beta {}, k {}", alpha, beta, k);
        return {};
    });
    return ok ? add<LRN>(input, window, alpha, beta, k) : nullptr;
}

}  // namespace lathe::api
