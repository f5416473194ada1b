// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class Reduce final : public LayerBase<IReduceLayer, apiv::VReduceLayer> {
  public:
    Reduce(Network& network, ITensor& input, ReduceOperation op, uint32_t axes, bool keep)
        : LayerBase(network, LayerType::kREDUCE, tensorList({&input})), op_(op), axes_(axes), keep_(keep) {}

    void setOperation(ReduceOperation op) noexcept override {
        op_ = op;
        changed();
    }
    ReduceOperation getOperation() const noexcept override { return op_; }
    void setReduceAxes(uint32_t axes) noexcept override {
        axes_ = axes;
        changed();
    }
    uint32_t getReduceAxes() const noexcept override { return axes_; }
    void setKeepDimensions(bool keep) noexcept override {
        keep_ = keep;
        changed();
    }
    bool getKeepDimensions() const noexcept override { return keep_; }

    Status lower(Lowering& l) override {
        static constexpr const char* kKinds[] = {"sum", "prod", "max", "min", "mean"};
        auto kind = static_cast<size_t>(op_);
        if (kind >= std::size(kKinds)) return invalidArgument("reduce operation {} cannot be used here", kind);
        std::vector<int64_t> axes = axesOfMask(axes_);
        if (axes.empty()) return invalidArgument("the mask of axes is 0");
        l.setOutput(0, TRY(l.emit("reduce",
                                  fmt::format("kind={} axes={} keep_dims={}", kKinds[kind], ir::toString(axes), keep_),
                                  {l.valueOf(*input(0))})));
        return {};
    }

  private:
    ReduceOperation op_;
    uint32_t axes_;
    bool keep_;
};

}  // namespace

IReduceLayer* Network::addReduce(ITensor& input, ReduceOperation operation, uint32_t reduceAxes,
                                 bool keepDimensions) noexcept {
    if (!owns("INetworkDefinition::addReduce", {&input})) return nullptr;
    return add<Reduce>(input, operation, reduceAxes, keepDimensions);
}

}  // namespace lathe::api
