// SPDX-License-Identifier: Apache-2.0
#include "api/build/layers/window.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class Convolution final : public KernelLayer<IConvolutionLayer, apiv::VConvolutionLayer> {
  public:
    Convolution(Network& network, ITensor& input, int64_t maps, const Dims& window, Weights kernel, Weights bias)
        : KernelLayer(network, LayerType::kCONVOLUTION, input, maps, window, kernel, bias) {}
    Status lower(Lowering& l) override { return lowerAs(l, "conv", false); }
};

}  // namespace

IConvolutionLayer* Network::addConvolutionNd(ITensor& input, int64_t nbOutputMaps, Dims const& kernelSize,
                                             Weights kernelWeights, Weights biasWeights) noexcept {
    const char* where = "INetworkDefinition::addConvolutionNd";
    if (!owns(where, {&input})) return nullptr;
    bool ok = guardedStatus(reporter_, where, [&]() -> Status {
        if (nbOutputMaps < 1) return invalidArgument("{} output maps", nbOutputMaps);
        return checkWindow(kernelSize);
    });
    return ok ? add<Convolution>(input, nbOutputMaps, kernelSize, kernelWeights, biasWeights) : nullptr;
}

}  // namespace lathe::api
