// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class Cast final : public LayerBase<ICastLayer, apiv::VCastLayer> {
  public:
    Cast(Network& network, ITensor& input, DataType type)
        : LayerBase(network, LayerType::kCAST, tensorList({&input})), type_(type) {}

    void setToType(DataType type) noexcept override {
        type_ = type;
        changed();
    }
    DataType getToType() const noexcept override { return type_; }

    Status lower(Lowering& l) override {
        TRY(mustExist(type_, "type"));
        l.setOutput(0, TRY(l.emit("cast", fmt::format("to={}", toString(fromApi(type_))), {l.valueOf(*input(0))})));
        return {};
    }

  private:
    DataType type_;
};

}  // namespace

ICastLayer* Network::addCast(ITensor& input, DataType toType) noexcept {
    if (!owns("INetworkDefinition::addCast", {&input})) return nullptr;
    return add<Cast>(input, toType);
}

}  // namespace lathe::api
