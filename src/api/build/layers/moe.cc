// SPDX-License-Identifier: Apache-2.0
// A mixture of experts, as products by each token's choices with elementwise nodes between them: these fuse, and
// quantization in the middle is that of its own layers.
#include <cmath>

#include "api/build/layers/quantize_checks.h"
#include "ops/block_quantize.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class MoE final : public LayerBase<IMoELayer, apiv::VMoELayer> {
  public:
    MoE(Network& network, ITensor& hidden, ITensor& experts, ITensor& scores)
        : LayerBase(network, LayerType::kMOE, tensorList({&hidden, &experts, &scores})) {}

    void setGatedWeights(ITensor& gate, ITensor& up, ITensor& down, MoEActType activation) noexcept override {
        if (!take("IMoELayer::setGatedWeights", kGate, {&gate, &up, &down})) return;
        setActivationType(activation);
    }
    void setGatedBiases(ITensor& gate, ITensor& up, ITensor& down) noexcept override {
        take("IMoELayer::setGatedBiases", kGateBias, {&gate, &up, &down});
    }
    void setActivationType(MoEActType type) noexcept override {
        if (Status s = mustExist(type, "activation"); !s.ok()) return refuse("IMoELayer::setActivationType", s);
        activation_ = type;
        changed();
    }
    MoEActType getActivationType() const noexcept override { return activation_; }

    void setQuantizationStatic(ITensor& scale, DataType type) noexcept override {
        if (Status s = checkType(type); !s.ok()) return refuse("IMoELayer::setQuantizationStatic", s);
        if (!take("IMoELayer::setQuantizationStatic", kScale, {&scale})) return;
        dynamic_ = false;
        toType_ = type;
    }
    void setQuantizationDynamicDblQ(ITensor& scale, DataType type, Dims const& block,
                                    DataType scaleType) noexcept override {
        const char* where = "IMoELayer::setQuantizationDynamicDblQ";
        for (const Status& s : {checkType(type), checkBlock(block), checkScaleType(scaleType)})
            if (!s.ok()) return refuse(where, s);
        if (!take(where, kScale, {&scale})) return;
        dynamic_ = true;
        toType_ = type;
        block_ = block;
        scaleType_ = scaleType;
    }
    void setQuantizationToType(DataType type) noexcept override {
        if (Status s = checkType(type); !s.ok()) return refuse("IMoELayer::setQuantizationToType", s);
        toType_ = type;
        changed();
    }
    DataType getQuantizationToType() const noexcept override { return toType_; }
    void setQuantizationBlockShape(Dims const& block) noexcept override {
        if (Status s = checkBlock(block); !s.ok()) return refuse("IMoELayer::setQuantizationBlockShape", s);
        block_ = block;
        changed();
    }
    Dims getQuantizationBlockShape() const noexcept override { return block_; }
    void setDynQOutputScaleType(DataType type) noexcept override {
        if (Status s = checkScaleType(type); !s.ok()) return refuse("IMoELayer::setDynQOutputScaleType", s);
        scaleType_ = type;
        changed();
    }
    DataType getDynQOutputScaleType() const noexcept override { return scaleType_; }

    void setSwigluParams(float limit, float alpha, float beta) noexcept override {
        setSwigluParamLimit(limit);
        setSwigluParamAlpha(alpha);
        setSwigluParamBeta(beta);
    }
    void setSwigluParamLimit(float limit) noexcept override {
        if (!(limit >= 0)) return refuse("IMoELayer::setSwigluParamLimit", invalidArgument("a limit of {}", limit));
        limit_ = limit;
        changed();
    }
    float getSwigluParamLimit() const noexcept override { return limit_; }
    void setSwigluParamAlpha(float alpha) noexcept override { setFinite("Alpha", alpha, alpha_); }
    float getSwigluParamAlpha() const noexcept override { return alpha_; }
    void setSwigluParamBeta(float beta) noexcept override { setFinite("Beta", beta, beta_); }
    float getSwigluParamBeta() const noexcept override { return beta_; }

    // Of both tables: the tokens, the choices and the scores.
    void setInput(int32_t index, ITensor& tensor) noexcept override {
        if (index < 0 || index >= kGate)
            return refuse("IMoELayer::setInput", invalidArgument("input {} cannot be set; 0, 1 and 2 can", index));
        LayerCore::setInput(index, tensor);
    }

    Status lower(Lowering& l) override {
        for (int i = kGate; i <= kDown; ++i)
            if (!hasInput(i)) return makeStatus(Code::kInvalidState, "it has no weights (setGatedWeights)");
        ir::Value *x = l.valueOf(*input(0)), *choice = l.valueOf(*input(1)), *scores = l.valueOf(*input(2));
        if (x->rank() != 3 || choice->rank() != 3 || scores->rank() != 3)
            return invalidArgument("the tokens, experts and scores have {}, {} and {} dimensions; expected 3 each",
                                   x->rank(), choice->rank(), scores->rank());
        for (int d = 0; d < 3; ++d)
            if (const ir::Dim& a = choice->shape()[d], &b = scores->shape()[d];
                a.isConstant() && b.isConstant() && !(a == b))
                return invalidArgument("the scores have the shape {}, the experts {}", ir::toString(scores->shape()),
                                       ir::toString(choice->shape()));
        DType type = x->dtype();
        ir::Value* gate = TRY_IN("the gate projection", product(l, x, choice, kGate, kGateBias));
        ir::Value* up = TRY_IN("the up projection", product(l, x, choice, kUp, kUpBias));
        if (std::isfinite(limit_)) {
            ir::Value *most = TRY(l.scalar(type, limit_)), *least = TRY(l.scalar(type, -limit_));
            gate = TRY(l.emit("binary", "kind=min", {gate, most}));
            up = TRY(l.emit("binary", "kind=max", {TRY(l.emit("binary", "kind=min", {up, most})), least}));
        }
        if (activation_ == MoEActType::kSILU) {
            ir::Value* scaled =
                alpha_ == 1 ? gate : TRY(l.emit("binary", "kind=mul", {gate, TRY(l.scalar(type, alpha_))}));
            gate = TRY(l.emit("binary", "kind=mul", {gate, TRY(l.emit("unary", "kind=sigmoid", {scaled}))}));
        }
        if (beta_ != 0) up = TRY(l.emit("binary", "kind=add", {up, TRY(l.scalar(type, beta_))}));
        ir::Value* middle = TRY(l.emit("binary", "kind=mul", {gate, up}));
        if (toType_ != DataType::kFLOAT)
            middle = TRY_IN("quantization before the down projection", quantized(l, middle));
        ir::Value* down = TRY_IN("the down projection", product(l, middle, choice, kDown, kDownBias));
        ir::Value* factors = TRY(l.emit("unsqueeze", "", {TRY(l.asType(scores, type)), TRY(l.integers({-1}))}));
        down = TRY(l.emit("binary", "kind=mul", {down, factors}));
        l.setOutput(0, TRY(l.emit("reduce", "kind=sum axes=[2] keep_dims=false", {down})));
        return {};
    }

  protected:
    int maxInputs() const override { return kInputs; }

  private:
    enum { kGate = 3, kUp, kDown, kGateBias, kUpBias, kDownBias, kScale, kInputs };

    bool take(const char* where, int first, std::initializer_list<ITensor*> tensors) noexcept {
        return guardedStatus(reporter(), where, [&]() -> Status {
            for (ITensor* t : tensors)
                if (&Tensor::of(*t).network() != &network_)
                    return invalidArgument("{}: tensor '{}' belongs to another network", describe(),
                                           Tensor::of(*t).name());
            int i = first;
            inputs_.resize(std::max(inputs_.size(), static_cast<size_t>(first) + tensors.size()), nullptr);
            for (ITensor* t : tensors) inputs_[static_cast<size_t>(i++)] = &Tensor::of(*t);
            changed();
            return {};
        });
    }
    void setFinite(const char* what, float value, float& to) noexcept {
        if (!std::isfinite(value)) {
            reporter().error("IMoELayer::setSwigluParam", invalidArgument("{}: {} of {}", describe(), what, value));
            return;
        }
        to = value;
        changed();
    }
    static Status checkType(DataType type) {
        if (type == DataType::kFLOAT || type == DataType::kFP8 || type == DataType::kFP4) return {};
        return invalidArgument("quantization to {}; kFP8, kFP4 and (for none) kFLOAT are possible",
                               toString(fromApi(type)));
    }
    static Status checkBlock(const Dims& block) {
        if (block.nbDims != 3)
            return invalidArgument("a block of {}; extents over batch, length and the experts' width are expected",
                                   listText(block));
        return checkBlockExtents(block);
    }

    Result<ir::Value*> product(Lowering& l, ir::Value* x, ir::Value* choice, int weights, int bias) {
        std::vector<ir::Value*> in = {x, choice, l.valueOf(*input(weights))};
        if (hasInput(bias)) in.push_back(l.valueOf(*input(bias)));
        return l.emit("expert_matmul", "", std::move(in));
    }

    // [batch, length, k, width], there and back again.
    Result<ir::Value*> quantized(Lowering& l, ir::Value* x) {
        if (!hasInput(kScale))
            return makeStatus(Code::kInvalidState,
                              "it has no scale (setQuantizationStatic, setQuantizationDynamicDblQ)");
        ir::Value* scale = l.valueOf(*input(kScale));
        std::string to = fmt::format("output_dtype={}", toString(fromApi(toType_)));
        std::string back = fmt::format("output_dtype={}", toString(x->dtype()));
        if (!dynamic_) {
            if (ir::Dim count = ir::volume(scale->shape()); !count.isConstant() || count.value() != 1)
                return invalidArgument("the scale has the shape {}; expected one number", ir::toString(scale->shape()));
            scale = TRY(l.emit("reshape", "", {scale, TRY(l.integers({}))}));
            return l.emit("dequantize_linear", back, {TRY(l.emit("quantize_linear", to, {x, scale})), scale});
        }
        if (block_.nbDims != 3) return makeStatus(Code::kInvalidState, "it has no block (setQuantizationBlockShape)");
        if (block_.d[0] != 1 || block_.d[1] != 1)
            return unsupported("a block of {} joins tokens, which go to different experts", listText(block_));
        auto attrs = std::make_unique<ops::BlockQuantizeAttrs>();
        const ir::Dim& width = x->shape()[3];
        int64_t along = block_.d[2];
        if (along == -1) {
            if (!width.isConstant()) return unsupported("a whole width that is not known");
            along = width.value();
        }
        attrs->block = {1, 1, 1, along};
        attrs->outputDtype = fromApi(toType_);
        attrs->scaleDtype = fromApi(scaleType_);
        ir::Node* q = TRY(l.node("block_quantize", std::move(attrs), {x, scale}, 2));
        // What is stored of the scales is in units of `scale`.
        ir::Value* v = TRY(l.emit("dequantize_linear", fmt::format("axis=3 block_size={} output_dtype=f32", along),
                                  {q->output(0), q->output(1)}));
        scale = TRY(l.emit("reshape", "", {TRY(l.asType(scale, DType::kFloat)), TRY(l.integers({}))}));
        return l.asType(TRY(l.emit("binary", "kind=mul", {v, scale})), x->dtype());
    }

    MoEActType activation_ = MoEActType::kNONE;
    bool dynamic_ = false;
    DataType toType_ = DataType::kFLOAT, scaleType_ = DataType::kFP8;
    Dims block_{};
    float limit_ = INFINITY, alpha_ = 1, beta_ = 0;
};

}  // namespace

IMoELayer* Network::addMoE(ITensor& hiddenStates, ITensor& selectedExpertsForTokens,
                           ITensor& scoresForSelectedExperts) noexcept {
    if (!owns("INetworkDefinition::addMoE", {&hiddenStates, &selectedExpertsForTokens, &scoresForSelectedExperts}))
        return nullptr;
    return add<MoE>(hiddenStates, selectedExpertsForTokens, scoresForSelectedExperts);
}

}  // namespace lathe::api
