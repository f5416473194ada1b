// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class Unsqueeze final : public LayerBase<IUnsqueezeLayer, apiv::VUnsqueezeLayer> {
  public:
    Unsqueeze(Network& network, ITensor& input, ITensor& axes)
        : LayerBase(network, LayerType::kUNSQUEEZE, tensorList({&input, &axes})) {}

    Status lower(Lowering& l) override {
        l.setOutput(0, TRY(l.emit("unsqueeze", "", {l.valueOf(*input(0)), l.valueOf(*input(1))})));
        return {};
    }
};

}  // namespace

IUnsqueezeLayer* Network::addUnsqueeze(ITensor& input, ITensor& axes) noexcept {
    if (!owns("INetworkDefinition::addUnsqueeze", {&input, &axes})) return nullptr;
    return add<Unsqueeze>(input, axes);
}

}  // namespace lathe::api
