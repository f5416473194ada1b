// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class Cumulative final : public LayerBase<ICumulativeLayer, apiv::VCumulativeLayer> {
  public:
    Cumulative(Network& network, ITensor& input, ITensor& axis, bool exclusive, bool reverse)
        : LayerBase(network, LayerType::kCUMULATIVE, tensorList({&input, &axis})),
          exclusive_(exclusive),
          reverse_(reverse) {}

    bool setOperation(CumulativeOperation op) noexcept override { return op == CumulativeOperation::kSUM; }
    CumulativeOperation getOperation() const noexcept override { return CumulativeOperation::kSUM; }
    void setExclusive(bool value) noexcept override {
        exclusive_ = value;
        changed();
    }
    bool getExclusive() const noexcept override { return exclusive_; }
    void setReverse(bool value) noexcept override {
        reverse_ = value;
        changed();
    }
    bool getReverse() const noexcept override { return reverse_; }

    Status lower(Lowering& l) override {
        l.setOutput(0, TRY(l.emit("cumsum", fmt::format("exclusive={} reverse={}", exclusive_, reverse_),
                                  {l.valueOf(*input(0)), l.valueOf(*input(1))})));
        return {};
    }

  private:
    bool exclusive_, reverse_;
};

}  // namespace

ICumulativeLayer* Network::addCumulative(ITensor& input, ITensor& axis, CumulativeOperation operation, bool exclusive,
                                         bool reverse) noexcept {
    const char* where = "INetworkDefinition::addCumulative";
    if (!owns(where, {&input, &axis})) return nullptr;
    bool ok = guardedStatus(reporter_, where, [&]() -> Status {
        if (operation != CumulativeOperation::kSUM)
            return invalidArgument("operation {} does not exist", static_cast<int>(operation));
        return {};
    });
    return ok ? add<Cumulative>(input, axis, exclusive, reverse) : nullptr;
}

}  // namespace lathe::api
