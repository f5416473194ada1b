// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class Select final : public LayerBase<ISelectLayer, apiv::VSelectLayer> {
  public:
    Select(Network& network, ITensor& condition, ITensor& a, ITensor& b)
        : LayerBase(network, LayerType::kSELECT, tensorList({&condition, &a, &b})) {}

    Status lower(Lowering& l) override {
        l.setOutput(0, TRY(l.emit("select", "", {l.valueOf(*input(0)), l.valueOf(*input(1)), l.valueOf(*input(2))})));
        return {};
    }
};

}  // namespace

ISelectLayer* Network::addSelect(ITensor& condition, ITensor& thenInput, ITensor& elseInput) noexcept {
    if (!owns("INetworkDefinition::addSelect", {&condition, &thenInput, &elseInput})) return nullptr;
    return add<Select>(condition, thenInput, elseInput);
}

}  // namespace lathe::api
