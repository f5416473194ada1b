// SPDX-License-Identifier: Apache-2.0
#include "ops/softmax.h"

#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class SoftMax final : public LayerBase<ISoftMaxLayer, apiv::VSoftMaxLayer> {
  public:
    SoftMax(Network& network, ITensor& input) : LayerBase(network, LayerType::kSOFTMAX, tensorList({&input})) {}

    void setAxes(uint32_t axes) noexcept override {
        if (axesOfMask(axes).size() != 1)
            return refuse("ISoftMaxLayer::setAxes", invalidArgument("the mask {:#x} must name exactly one axis", axes));
        axes_ = axes;
        changed();
    }
    uint32_t getAxes() const noexcept override {
        return axes_ ? axes_ : 1u << defaultAxis(input(0)->getDimensions().nbDims);
    }

    Status lower(Lowering& l) override {
        ir::Value* x = l.valueOf(*input(0));
        auto attrs = std::make_unique<ops::SoftmaxAttrs>();
        attrs->axis = axes_ ? axesOfMask(axes_)[0] : defaultAxis(x->rank());
        l.setOutput(0, TRY(l.node("softmax", std::move(attrs), {x}, 1))->output());
        return {};
    }

  private:
    // Without setAxes: the third axis from the end, or the first.
    static int defaultAxis(int rank) { return std::max(0, rank - 3); }
    uint32_t axes_ = 0;
};

}  // namespace

ISoftMaxLayer* Network::addSoftMax(ITensor& input) noexcept {
    if (!owns("INetworkDefinition::addSoftMax", {&input})) return nullptr;
    return add<SoftMax>(input);
}

}  // namespace lathe::api
