// SPDX-License-Identifier: Apache-2.0
#include "api/build/attention.h"

namespace lathe::api {

using namespace nvinfer1;

namespace {

class AttentionInput final : public IAttentionInputLayer,
                             public apiv::VAttentionInputLayer,
                             public apiv::VAttentionBoundaryLayer,
                             public LayerCore {
  public:
    AttentionInput(Network& network, AttentionCore& attention, std::vector<Tensor*> inputs)
        : LayerCore(network, LayerType::kATTENTION_INPUT, std::move(inputs), 0), attention_(attention) {
        mLayer = this;
        mBoundary = this;
        mImpl = this;
        asLayer = this;
    }
    IAttention* getAttention() const noexcept override { return &attention_; }
    Status lower(Lowering&) override { return {}; }

  private:
    AttentionCore& attention_;
};

class AttentionOutput final : public IAttentionOutputLayer,
                              public apiv::VAttentionOutputLayer,
                              public apiv::VAttentionBoundaryLayer,
                              public LayerCore {
  public:
    AttentionOutput(Network& network, AttentionCore& attention, std::vector<Tensor*> inputs)
        : LayerCore(network, LayerType::kATTENTION_OUTPUT, std::move(inputs), 1), attention_(attention) {
        mLayer = this;
        mBoundary = this;
        mImpl = this;
        asLayer = this;
    }
    IAttention* getAttention() const noexcept override { return &attention_; }

    Status lower(Lowering& l) override {
        std::vector<ir::Value*> in(AttentionCore::kInputs, nullptr);
        for (int i = 0; i < AttentionCore::kInputs; ++i)
            if (hasInput(i)) in[i] = l.valueOf(*input(i));
        ir::Value *q = in[AttentionCore::kQuery], *k = in[AttentionCore::kKey], *v = in[AttentionCore::kValue];
        for (const ir::Value* t : {q, k, v})
            if (t->rank() != 4)
                return invalidArgument("query, key and value need 4 dimensions, but one is {}",
                                       ir::toString(t->shape()));
        ir::Value* mask = in[AttentionCore::kMask];
        if (mask && attention_.causal) return invalidArgument("a mask and causal attention exclude each other");
        bool quantized = attention_.quantizeTo != DataType::kFLOAT;
        if (quantized != (in[AttentionCore::kScale] != nullptr))
            return invalidArgument("a quantized normalization needs both a scale and a type");
        if (attention_.op == AttentionNormalizationOp::kSOFTMAX && !quantized) {
            std::vector<ir::Value*> inputs = {q, k, v};
            if (mask) inputs.push_back(mask);
            l.setOutput(0, TRY(l.emit("attention", fmt::format("is_causal={} scale=1", attention_.causal), inputs)));
            return {};
        }
        if (!(q->shape()[1] == k->shape()[1]))
            return unsupported("{} query heads for {} key heads in this form of attention", q->shape()[1].toString(),
                               k->shape()[1].toString());
        if (attention_.causal) return unsupported("causal attention in this form");
        ir::Value* scores = TRY(l.emit("matmul", "transpose_b=true", {q, k}));
        if (mask) {
            if (mask->dtype() == DType::kBool)
                scores = TRY(l.emit("select", "",
                                    {mask, scores,
                                     TRY(l.scalar(scores->dtype(),
                                                  attention_.op == AttentionNormalizationOp::kNONE ? 0 : -INFINITY))}));
            else
                scores = TRY(l.emit("binary", "kind=add", {scores, mask}));
        }
        if (attention_.op == AttentionNormalizationOp::kSOFTMAX) scores = TRY(l.emit("softmax", "axis=-1", {scores}));
        if (quantized) {
            DType type = scores->dtype();
            ir::Value* scale = TRY(l.emit("reshape", "", {in[AttentionCore::kScale], TRY(l.integers({}))}));
            scores = TRY(l.emit("quantize_linear",
                                fmt::format("axis=0 output_dtype={}", toString(fromApi(attention_.quantizeTo))),
                                {scores, scale}));
            scores = TRY(
                l.emit("dequantize_linear", fmt::format("axis=0 output_dtype={}", toString(type)), {scores, scale}));
        }
        l.setOutput(0, TRY(l.emit("matmul", "", {scores, v})));
        return {};
    }

  protected:
    int maxInputs() const override { return AttentionCore::kInputs; }

  private:
    AttentionCore& attention_;
};

}  // namespace

AttentionCore::AttentionCore(Network& n, Op o, bool c) : network(n), op(o), causal(c) { mImpl = this; }

bool AttentionCore::set(const char* where, int index, ITensor& tensor) noexcept {
    if (!network.owns(where, {&tensor})) return false;
    outputLayer->setInput(index, tensor);
    if (index < 3) inputLayer->setInput(index, tensor);
    return true;
}

bool AttentionCore::setInput(int32_t index, ITensor& tensor) noexcept {
    if (index < 0 || index > 2) {
        network.reporter().error("IAttention::setInput", invalidArgument("there is no input {}", index));
        return false;
    }
    return set("IAttention::setInput", index, tensor);
}
ITensor* AttentionCore::getInput(int32_t index) const noexcept {
    return index >= 0 && index < 3 ? outputLayer->getInput(index) : nullptr;
}
ITensor* AttentionCore::getOutput(int32_t index) const noexcept {
    return index == 0 ? outputLayer->getOutput(0) : nullptr;
}
bool AttentionCore::setMask(ITensor& mask) noexcept { return set("IAttention::setMask", kMask, mask); }
ITensor* AttentionCore::getMask() const noexcept { return outputLayer->getInput(kMask); }
bool AttentionCore::setNormalizationQuantizeScale(ITensor& tensor) noexcept {
    return set("IAttention::setNormalizationQuantizeScale", kScale, tensor);
}
ITensor* AttentionCore::getNormalizationQuantizeScale() const noexcept { return outputLayer->getInput(kScale); }

bool AttentionCore::setName(char const* name) noexcept {
    return guardedStatus(network.reporter(), "IAttention::setName", [&]() -> Status {
        if (!name) return invalidArgument("the name is null");
        name_ = name;
        outputLayer->setName(name);
        return {};
    });
}

bool AttentionCore::setNormalizationOperation(Op value) noexcept {
    if (static_cast<uint32_t>(value) > 1) return false;
    op = value;
    network.invalidate(outputLayer->position);
    return true;
}

bool AttentionCore::setCausal(bool isCausal) noexcept {
    causal = isCausal;
    network.invalidate(outputLayer->position);
    return true;
}

// The builder always may: it chooses by time.
bool AttentionCore::setDecomposable(bool decomposable) noexcept {
    decomposable_ = decomposable;
    return true;
}

bool AttentionCore::setNormalizationQuantizeToType(DataType type) noexcept {
    if (type != DataType::kFP8 && type != DataType::kINT8) {
        network.reporter().error("IAttention::setNormalizationQuantizeToType",
                                 invalidArgument("kFP8 and kINT8 are possible"));
        return false;
    }
    quantizeTo = type;
    network.invalidate(outputLayer->position);
    return true;
}

bool AttentionCore::setMetadata(char const* docString) noexcept {
    return guardedStatus(network.reporter(), "IAttention::setMetadata", [&]() -> Status {
        if (!docString) return invalidArgument("the text is null");
        metadata_ = docString;
        outputLayer->setMetadata(docString);
        return {};
    });
}

bool AttentionCore::setNbRanks(int32_t nbRanks) noexcept {
    if (nbRanks == 1) return true;
    if (nbRanks < 1) {
        network.reporter().error("IAttention::setNbRanks", invalidArgument("{} ranks", nbRanks));
        return false;
    }
    notSupported(network.reporter(), "IAttention::setNbRanks",
                 "an attention runs in one process; collective layers around it share its heads");
    return false;
}

IAttention* Network::addAttention(ITensor& query, ITensor& key, ITensor& value, AttentionNormalizationOp normOp,
                                  bool causal) noexcept {
    const char* where = "INetworkDefinition::addAttention";
    if (!owns(where, {&query, &key, &value})) return nullptr;
    return guarded<IAttention*>(reporter_, where, nullptr, [&]() -> Result<IAttention*> {
        TRY(mustExist(normOp, "normalization"));
        auto attention = std::make_unique<AttentionCore>(*this, normOp, causal);
        attention->inputLayer = add<AttentionInput>(*attention, tensorList({&query, &key, &value}));
        attention->outputLayer = add<AttentionOutput>(*attention, tensorList({&query, &key, &value}));
        if (!attention->inputLayer || !attention->outputLayer)
            return makeStatus(Code::kFailedAllocation, "the layers could not be made");
        attentions_.push_back(std::move(attention));
        return attentions_.back().get();
    });
}

}  // namespace lathe::api
