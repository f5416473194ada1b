// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class Normalization final : public LayerBase<INormalizationLayer, apiv::VNormalizationLayer> {
  public:
    Normalization(Network& network, ITensor& input, ITensor& scale, ITensor& bias, uint32_t axes, bool v2)
        : LayerBase(network, LayerType::kNORMALIZATION, tensorList({&input, &scale, &bias})), axes_(axes), v2_(v2) {}

    void setEpsilon(float epsilon) noexcept override {
        if (!std::isfinite(epsilon))
            return refuse("INormalizationLayer::setEpsilon", invalidArgument("{} is not finite", epsilon));
        epsilon_ = epsilon;
        changed();
    }
    float getEpsilon() const noexcept override { return epsilon_; }
    void setAxes(uint32_t value) noexcept override {
        axes_ = value;
        changed();
    }
    uint32_t getAxes() const noexcept override { return axes_; }
    void setNbGroups(int64_t groups) noexcept override {
        if (groups < 1) return refuse("INormalizationLayer::setNbGroups", invalidArgument("{} groups", groups));
        groups_ = groups;
        changed();
    }
    int64_t getNbGroups() const noexcept override { return groups_; }
    // Statistics are always computed in kFLOAT at least.
    void setComputePrecision(DataType type) noexcept override { precision_ = type; }
    DataType getComputePrecision() const noexcept override { return precision_; }
    bool isV2() const noexcept override { return v2_; }

    Status lower(Lowering& l) override {
        ir::Value *x = l.valueOf(*input(0)), *scale = l.valueOf(*input(1)), *bias = l.valueOf(*input(2));
        int rank = x->rank();
        std::vector<int64_t> axes = axesOfMask(axes_);
        if (axes.empty() || axes.back() >= rank)
            return invalidArgument("axes {} of {}", ir::toString(axes), ir::toString(x->shape()));
        if (scale->rank() != rank || bias->rank() != rank)
            return invalidArgument("input {}, scale {} and bias {} must have equal ranks", ir::toString(x->shape()),
                                   ir::toString(scale->shape()), ir::toString(bias->shape()));
        bool trailing = axes.back() == rank - 1 && axes.back() - axes.front() + 1 == static_cast<int64_t>(axes.size());
        bool spatial = trailing && axes.front() == 2;
        if (groups_ != 1) {
            if (!spatial)
                return invalidArgument("{} groups need axes from 2 to {}, not {}", groups_, rank - 1,
                                       ir::toString(axes));
            auto channel = l.integers({-1});
            ir::Value* flat = TRY(std::move(channel));
            scale = TRY(l.emit("reshape", "", {scale, flat}));
            bias = TRY(l.emit("reshape", "", {bias, flat}));
            l.setOutput(0, TRY(l.emit("group_norm",
                                      fmt::format("num_groups={} epsilon={} per_group={}", groups_, epsilon_, !v2_),
                                      {x, scale, bias})));
            return {};
        }
        if (spatial && perChannel(*scale, *x) && perChannel(*bias, *x)) {
            ir::Value* flat = TRY(l.integers({-1}));
            scale = TRY(l.emit("reshape", "", {scale, flat}));
            bias = TRY(l.emit("reshape", "", {bias, flat}));
            l.setOutput(0, TRY(l.emit("instance_norm", fmt::format("epsilon={}", epsilon_), {x, scale, bias})));
            return {};
        }
        if (trailing) {
            l.setOutput(0, TRY(l.emit("layer_norm", fmt::format("axis={} epsilon={}", axes.front(), epsilon_),
                                      {x, scale, bias})));
            return {};
        }
        l.setOutput(0, TRY(l.emit("normalization", fmt::format("axes={} epsilon={}", ir::toString(axes), epsilon_),
                                  {x, scale, bias})));
        return {};
    }

  private:
    // [1, C, 1, …]
    static bool perChannel(const ir::Value& v, const ir::Value& x) {
        for (int i = 0; i < v.rank(); ++i)
            if (!(v.shape()[i] == (i == 1 ? x.shape()[1] : ir::Dim(1)))) return false;
        return true;
    }
    uint32_t axes_;
    bool v2_;
    float epsilon_ = 1e-5f;
    int64_t groups_ = 1;
    DataType precision_ = DataType::kFLOAT;
};

}  // namespace

INormalizationLayer* Network::addNormalization(ITensor& input, ITensor& scale, ITensor& bias,
                                               uint32_t axesMask) noexcept {
    if (!owns("INetworkDefinition::addNormalization", {&input, &scale, &bias})) return nullptr;
    return add<Normalization>(input, scale, bias, axesMask, false);
}

INormalizationLayer* Network::addNormalizationV2(ITensor& input, ITensor& scale, ITensor& bias,
                                                 uint32_t axesMask) noexcept {
    if (!owns("INetworkDefinition::addNormalizationV2", {&input, &scale, &bias})) return nullptr;
    return add<Normalization>(input, scale, bias, axesMask, true);
}

}  // namespace lathe::api
