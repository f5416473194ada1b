// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class NonZero final : public LayerBase<INonZeroLayer, apiv::VNonZeroLayer> {
  public:
    NonZero(Network& network, ITensor& input, DataType indicesType)
        : LayerBase(network, LayerType::kNON_ZERO, tensorList({&input})), indicesType_(indicesType) {}

    bool setIndicesType(DataType type) noexcept override {
        if (type != DataType::kINT32 && type != DataType::kINT64) {
            refuse("setIndicesType", invalidArgument("indices are kINT32 or kINT64"));
            return false;
        }
        indicesType_ = type;
        changed();
        return true;
    }
    DataType getIndicesType() const noexcept override { return indicesType_; }

    Status lower(Lowering& l) override {
        l.setOutput(0, TRY(l.asType(TRY(l.emit("nonzero", "", {l.valueOf(*input(0))})), fromApi(indicesType_))));
        return {};
    }

  private:
    DataType indicesType_;
};

}  // namespace

INonZeroLayer* Network::addNonZero(ITensor& input) noexcept { return addNonZeroV2(input, DataType::kINT32); }

INonZeroLayer* Network::addNonZeroV2(ITensor& input, DataType indicesType) noexcept {
    const char* where = "INetworkDefinition::addNonZero";
    if (!owns(where, {&input})) return nullptr;
    bool ok = guardedStatus(reporter_, where, [&]() -> Status {
        if (indicesType != DataType::kINT32 && indicesType != DataType::kINT64)
            return invalidArgument("indices are kINT32 or kINT64");
        return {};
    });
    return ok ? add<NonZero>(input, indicesType) : nullptr;
}

}  // namespace lathe::api
