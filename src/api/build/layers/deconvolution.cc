// SPDX-License-Identifier: Apache-2.0
#include "api/build/layers/window.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class Deconvolution final : public KernelLayer<IDeconvolutionLayer, apiv::VDeconvolutionLayer> {
  public:
    Deconvolution(Network& network, ITensor& input, int64_t maps, const Dims& window, Weights kernel, Weights bias)
        : KernelLayer(network, LayerType::kDECONVOLUTION, input, maps, window, kernel, bias) {}
    Status lower(Lowering& l) override { return lowerAs(l, "deconv", true); }
};

}  // namespace

IDeconvolutionLayer* Network::addDeconvolutionNd(ITensor& input, int64_t nbOutputMaps, Dims const& kernelSize,
                                                 Weights kernelWeights, Weights biasWeights) noexcept {
    const char* where = "INetworkDefinition::addDeconvolutionNd";
    if (!owns(where, {&input})) return nullptr;
    bool ok = guardedStatus(reporter_, where, [&]() -> Status {
        if (nbOutputMaps < 1) return invalidArgument("{} output maps", nbOutputMaps);
        return checkWindow(kernelSize);
    });
    return ok ? add<Deconvolution>(input, nbOutputMaps, kernelSize, kernelWeights, biasWeights) : nullptr;
}

}  // namespace lathe::api
