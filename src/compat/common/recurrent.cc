// SPDX-License-Identifier: Apache-2.0
#include "compat/common/recurrent.h"

#include <cmath>

namespace lathe::compat {
namespace {

// A half precision number, as bits.
float halfToFloat(uint16_t h) {
    int exponent = (h >> 10) & 31, fraction = h & 1023;
    float v = exponent == 0    ? std::ldexp(static_cast<float>(fraction), -24)
              : exponent == 31 ? (fraction ? NAN : INFINITY)
                               : std::ldexp(static_cast<float>(fraction + 1024), exponent - 25);
    return h & 0x8000 ? -v : v;
}

float number(const old::Weights& w, int64_t i) {
    return w.type == old::DataType::kHALF ? halfToFloat(static_cast<const uint16_t*>(w.values)[i])
                                          : static_cast<const float*>(w.values)[i];
}

struct CellKind {
    const char* op;
    const char* activations;              // "" for the op's own
    std::vector<old::RNNGateType> gates;  // in the order of the op
};

const CellKind& kindOf(old::RNNOperation op) {
    using G = old::RNNGateType;
    static const CellKind kinds[] = {{"rnn", "Relu", {G::kINPUT}},
                                     {"rnn", "Tanh", {G::kINPUT}},
                                     {"lstm", "", {G::kINPUT, G::kOUTPUT, G::kFORGET, G::kCELL}},
                                     {"gru", "", {G::kUPDATE, G::kRESET, G::kHIDDEN}}};
    return kinds[static_cast<int>(op)];
}

}  // namespace

Recurrent::Recurrent(Network& net, Tensor& input, int32_t layers, int32_t hidden, int32_t maxLength,
                     old::RNNOperation op, Order order)
    : network(net), layers_(layers), hidden_(hidden), maxLength_(maxLength), op_(op), input_(&input), order_(order) {}

const std::vector<old::RNNGateType>& Recurrent::gates() const { return kindOf(op_).gates; }

bool Recurrent::refuse(const std::string& what) const {
    network.report().error("recurrent layer", what);
    return false;
}

bool Recurrent::begin() {
    if (layers_ < 1 || hidden_ < 1 || maxLength_ < 1)
        return refuse(std::to_string(layers_) + " layers of " + std::to_string(hidden_) + " units over " +
                      std::to_string(maxLength_) + " steps");
    if (static_cast<uint32_t>(op_) > 3) return refuse("operation " + std::to_string(static_cast<int>(op_)));
    for (int i = 0; i < 3; ++i) outputs_.push_back(network.helper(network.real().addIdentity(input_->real())));
    return lower();
}

int32_t Recurrent::rows(int32_t cell, bool isW) const {
    if (!isW) return hidden_;
    return cell < directions() ? dataLength_ : hidden_ * directions();
}

Tensor* Recurrent::output(int32_t index) const {
    return index >= 0 && index < outputs() ? network.of(outputs_[index]->getOutput(0)) : nullptr;
}

void Recurrent::setWeights(const char* where, int32_t cell, old::RNNGateType gate, bool isW, bool bias,
                           old::Weights w) {
    auto known = std::find(gates().begin(), gates().end(), gate) != gates().end();
    int64_t count = bias ? hidden_ : static_cast<int64_t>(hidden_) * rows(cell, isW);
    bool skipped = mode_ == old::RNNInputMode::kSKIP && isW && !bias && cell < directions();
    if (cell < 0 || cell >= 2 * layers_ || !known)
        return network.report().error(where, "layer " + std::to_string(cell) + ", gate " +
                                                 std::to_string(static_cast<int>(gate)) + " does not exist");
    if (skipped && w.count == 0) return;
    if ((w.type != old::DataType::kFLOAT && w.type != old::DataType::kHALF) || !w.values || w.count != count)
        return network.report().error(where, "layer " + std::to_string(cell) + ", gate " +
                                                 std::to_string(static_cast<int>(gate)) + ": " +
                                                 std::to_string(w.count) + " numbers; " + std::to_string(count) +
                                                 " of kFLOAT or kHALF are needed");
    weights_[{cell, static_cast<int>(gate), isW, bias}] = w;
    filled_ = false;
}

old::Weights Recurrent::weights(int32_t cell, old::RNNGateType gate, bool isW, bool bias) const {
    auto found = weights_.find({cell, static_cast<int>(gate), isW, bias});
    return found != weights_.end() ? found->second : old::Weights{old::DataType::kFLOAT, nullptr, 0};
}

bool Recurrent::complete(const char* name) const {
    for (const auto& [key, place] : places_) {
        auto [cell, gate, isW, bias] = key;
        // Biases are 0 when they are not given; a skipped input has the identity as its matrix.
        if (bias || weights_.count(key) || (isW && cell < directions() && mode_ == old::RNNInputMode::kSKIP)) continue;
        return refuse(std::string("'") + name + "': layer " + std::to_string(cell) + " has no " +
                      (isW ? "input" : "recurrent") + " weights for gate " + std::to_string(gate));
    }
    return true;
}

bool Recurrent::settle() {
    if (form_ && !lower()) return false;
    if (!filled_) fill();
    return true;
}

v10::ITensor* Recurrent::joined(v10::ITensor& t) const {
    v10::Dims dims = t.getDimensions();
    int n = dims.nbDims;
    auto* layer = network.helper(network.real().addShuffle(t));
    if (order_ == Order::kTimeFirst) {
        v10::Permutation p{};
        for (int i = 0; i < n; ++i) p.order[i] = i;
        std::swap(p.order[n - 3], p.order[n - 2]);
        layer->setFirstTranspose(p);
        std::swap(dims.d[n - 3], dims.d[n - 2]);
    }
    layer->setReshapeDimensions({3, {n == 2 ? 1 : -1, dims.d[n - 2], dims.d[n - 1]}});
    return layer->getOutput(0);
}

v10::ITensor* Recurrent::parted(v10::ITensor& t, int64_t middle, int64_t last) const {
    auto* layer = network.helper(network.real().addShuffle(t));
    v10::Dims shape = outer_;
    if (order_ == Order::kTimeFirst) {
        // The input has [batch, 1, time, entries, data] or the same without 1; outputs have it without.
        if (shape.nbDims == 5) {
            for (int i = 1; i < 4; ++i) shape.d[i] = shape.d[i + 1];
            shape.nbDims = 4;
        }
        int n = shape.nbDims;
        shape.d[n - 3] = shape.d[n - 2];  // entries
        shape.d[n - 2] = middle;
        shape.d[n - 1] = last;
        v10::Permutation p{};
        for (int i = 0; i < n; ++i) p.order[i] = i;
        std::swap(p.order[n - 3], p.order[n - 2]);
        layer->setSecondTranspose(p);
    } else {
        shape.d[shape.nbDims - 2] = middle;
        shape.d[shape.nbDims - 1] = last;
    }
    layer->setReshapeDimensions(shape);
    return layer->getOutput(0);
}

bool Recurrent::lower() {
    form_ = false;
    places_.clear();
    v10::INetworkDefinition& net = network.real();
    outer_ = input_->real().getDimensions();
    int n = outer_.nbDims, least = order_ == Order::kTimeFirst ? 3 : 2;
    if (n < least) return refuse("the input has " + std::to_string(n) + " dimensions, its batch included");
    int open = 0;
    for (int i = 0; i < n; ++i) open += outer_.d[i] < 0;
    if (open > 1 || outer_.d[n - 1] < 0 || (n > 2 && outer_.d[n - 2] < 0) || outer_.d[0] == 0)
        return refuse("only the first extent of the input may vary");
    dataLength_ = static_cast<int32_t>(outer_.d[n - 1]);
    int64_t steps = order_ == Order::kTimeFirst ? outer_.d[n - 3] : outer_.d[n - 2];
    if (steps > maxLength_)
        return refuse("the input has " + std::to_string(steps) + " steps; the layer was made for " +
                      std::to_string(maxLength_));
    if (mode_ == old::RNNInputMode::kSKIP && dataLength_ != hidden_)
        return refuse("a skipped input of " + std::to_string(dataLength_) + " for " + std::to_string(hidden_) +
                      " units");
    if (input_->real().getType() != v10::DataType::kFLOAT) return refuse("the input is not of type kFLOAT");

    const CellKind& kind = kindOf(op_);
    int64_t d = directions(), h = hidden_, g = static_cast<int64_t>(kind.gates.size());
    v10::ITensor* x = joined(input_->real());
    v10::ITensor* initial[2] = {hiddenState_ ? joined(hiddenState_->real()) : nullptr,
                                cellState_ && op_ == old::RNNOperation::kLSTM ? joined(cellState_->real()) : nullptr};
    v10::ITensor* lengths = nullptr;
    if (lengths_) {
        auto* flat = network.helper(net.addShuffle(lengths_->real()));
        flat->setReshapeDimensions({1, {-1}});
        lengths = flat->getOutput(0);
    }
    std::vector<v10::ITensor*> last[2];
    for (int32_t l = 0; l < layers_; ++l) {
        int64_t in = l == 0 ? dataLength_ : h * d;
        v10::IConstantLayer* w = network.floats({3, {d, g * h, in}}, std::vector<float>(d * g * h * in));
        v10::IConstantLayer* r = network.floats({3, {d, g * h, h}}, std::vector<float>(d * g * h * h));
        v10::IConstantLayer* b = network.floats({2, {d, 2 * g * h}}, std::vector<float>(d * 2 * g * h));
        for (int64_t k = 0; k < d; ++k)
            for (int64_t i = 0; i < g; ++i) {
                int32_t cell = static_cast<int32_t>(l * d + k);
                int gate = static_cast<int>(kind.gates[i]);
                places_[{cell, gate, true, false}] = {w, (k * g + i) * h * in, h * in};
                places_[{cell, gate, false, false}] = {r, (k * g + i) * h * h, h * h};
                places_[{cell, gate, true, true}] = {b, (k * 2 * g + i) * h, h};
                places_[{cell, gate, false, true}] = {b, (k * 2 * g + g + i) * h, h};
            }
        v10::ITensor* inputs[7] = {x, w->getOutput(0), r->getOutput(0), b->getOutput(0), lengths, nullptr, nullptr};
        for (int s = 0; s < 2; ++s)
            if (initial[s]) {
                v10::ISliceLayer* part = network.helper(net.addSlice(*initial[s], {1, {l * d}}, {1, {d}}, {1, {1}}));
                part->setAxes({1, {1}});
                inputs[5 + s] = part->getOutput(0);
            }
        int64_t one = 1;
        const char* direction = d == 2 ? "bidirectional" : "forward";
        std::vector<v10::PluginField> fields{
            {"hidden_size", &h, v10::PluginFieldType::kINT64, 1},
            {"layout", &one, v10::PluginFieldType::kINT64, 1},
            {"direction", direction, v10::PluginFieldType::kCHAR, static_cast<int32_t>(std::strlen(direction))}};
        if (*kind.activations)
            fields.push_back({"activations", kind.activations, v10::PluginFieldType::kCHAR,
                              static_cast<int32_t>(std::strlen(kind.activations))});
        if (op_ == old::RNNOperation::kGRU)
            fields.push_back({"linear_before_reset", &one, v10::PluginFieldType::kINT64, 1});
        v10::PluginFieldCollection list{static_cast<int32_t>(fields.size()), fields.data()};
        bool lstm = op_ == old::RNNOperation::kLSTM;
        auto* cell = network.helper(
            static_cast<v10::ILayer*>(::latheAddOp(&net, kind.op, inputs, lstm ? 7 : 6, lstm ? 3 : 2, &list)));
        if (!cell) return false;
        auto* flat = network.helper(net.addShuffle(*cell->getOutput(0)));
        flat->setReshapeDimensions({3, {0, 0, d * h}});
        x = flat->getOutput(0);
        last[0].push_back(cell->getOutput(1));
        if (lstm) last[1].push_back(cell->getOutput(2));
    }
    outputs_[0]->setInput(0, *parted(*x, steps, d * h));
    for (int s = 0; s + 1 < outputs(); ++s) {
        auto* all = network.helper(net.addConcatenation(last[s].data(), layers_));
        all->setAxis(1);
        outputs_[s + 1]->setInput(0, *parted(*all->getOutput(0), layers_ * d, h));
    }
    filled_ = false;
    return true;
}

void Recurrent::fill() {
    filled_ = true;
    for (const auto& [key, place] : places_) {
        auto [cell, gate, isW, bias] = key;
        float* to = static_cast<float*>(const_cast<void*>(place.constant->getWeights().values)) + place.at;
        auto found = weights_.find(key);
        if (found != weights_.end() && found->second.count == place.count) {
            for (int64_t i = 0; i < place.count; ++i) to[i] = number(found->second, i);
        } else {
            std::fill_n(to, place.count, 0.f);
            if (isW && !bias && cell < directions() && mode_ == old::RNNInputMode::kSKIP)
                for (int64_t i = 0; i < hidden_; ++i) to[i * dataLength_ + i] = 1;
        }
    }
}

// ---- the layers

namespace {

class RnnV2Layer final : public LayerOf<old::IRNNv2Layer, v10::ILayer> {
  public:
    RnnV2Layer(Network& network, v10::ILayer& main, std::unique_ptr<Recurrent> cells)
        : LayerOf(network, main), r_(std::move(cells)) {}
    bool settle() override { return r_->settle(); }
    bool complete() override { return r_->complete(getName()); }
    int32_t inputs() const override { return 1; }
    Tensor* input(int32_t i) const override { return i == 0 ? r_->input_ : nullptr; }
    int32_t outputs() const override { return r_->outputs(); }
    Tensor* output(int32_t i) const override { return r_->output(i); }
    void connect(int32_t i, Tensor& t) override {
        if (i == 0) r_->setInput(t);
    }
    old::LayerType type() const override { return old::LayerType::kRNN_V2; }

    int32_t getLayerCount() const noexcept override { return r_->layers_; }
    int32_t getHiddenSize() const noexcept override { return r_->hidden_; }
    int32_t getMaxSeqLength() const noexcept override { return r_->maxLength_; }
    int32_t getDataLength() const noexcept override { return r_->dataLength_; }
    void setSequenceLengths(old::ITensor& t) noexcept override { r_->setLengths(Tensor::of(t)); }
    old::ITensor* getSequenceLengths() const noexcept override { return r_->lengths_; }
    void setOperation(old::RNNOperation op) noexcept override { r_->setOperation(op); }
    old::RNNOperation getOperation() const noexcept override { return r_->op_; }
    void setInputMode(old::RNNInputMode mode) noexcept override { r_->setInputMode(mode); }
    old::RNNInputMode getInputMode() const noexcept override { return r_->mode_; }
    void setDirection(old::RNNDirection direction) noexcept override { r_->setDirection(direction); }
    old::RNNDirection getDirection() const noexcept override { return r_->direction_; }
    void setWeightsForGate(int32_t cell, old::RNNGateType gate, bool isW, old::Weights w) noexcept override {
        r_->setWeights("IRNNv2Layer::setWeightsForGate", cell, gate, isW, false, w);
    }
    old::Weights getWeightsForGate(int32_t cell, old::RNNGateType gate, bool isW) const noexcept override {
        return r_->weights(cell, gate, isW, false);
    }
    void setBiasForGate(int32_t cell, old::RNNGateType gate, bool isW, old::Weights w) noexcept override {
        r_->setWeights("IRNNv2Layer::setBiasForGate", cell, gate, isW, true, w);
    }
    old::Weights getBiasForGate(int32_t cell, old::RNNGateType gate, bool isW) const noexcept override {
        return r_->weights(cell, gate, isW, true);
    }
    void setHiddenState(old::ITensor& t) noexcept override { r_->setHidden(Tensor::of(t)); }
    old::ITensor* getHiddenState() const noexcept override { return r_->hiddenState_; }
    void setCellState(old::ITensor& t) noexcept override { r_->setCell(Tensor::of(t)); }
    old::ITensor* getCellState() const noexcept override { return r_->cellState_; }

  private:
    std::unique_ptr<Recurrent> r_;
};

#if LATHE_TRT < 8
class RnnLayer final : public LayerOf<old::IRNNLayer, v10::ILayer> {
  public:
    RnnLayer(Network& network, v10::ILayer& main, std::unique_ptr<Recurrent> cells, old::Weights weights,
             old::Weights bias)
        : LayerOf(network, main), r_(std::move(cells)), weights_(weights), bias_(bias) {}
    bool settle() override {
        if (!r_->settle()) return false;
        if (!spread_) spread();
        return r_->settle();
    }
    bool complete() override { return r_->complete(getName()); }
    int32_t inputs() const override { return 1; }
    Tensor* input(int32_t i) const override { return i == 0 ? r_->input_ : nullptr; }
    int32_t outputs() const override { return r_->outputs(); }
    Tensor* output(int32_t i) const override { return r_->output(i); }
    void connect(int32_t i, Tensor& t) override {
        if (i == 0) r_->setInput(t);
    }
    old::LayerType type() const override { return old::LayerType::kRNN; }

    uint32_t getLayerCount() const noexcept override { return static_cast<uint32_t>(r_->layers_); }
    std::size_t getHiddenSize() const noexcept override { return static_cast<std::size_t>(r_->hidden_); }
    int32_t getSeqLength() const noexcept override { return r_->maxLength_; }
    void setOperation(old::RNNOperation op) noexcept override { r_->setOperation(op), spread_ = false; }
    old::RNNOperation getOperation() const noexcept override { return r_->op_; }
    void setInputMode(old::RNNInputMode mode) noexcept override { r_->setInputMode(mode), spread_ = false; }
    old::RNNInputMode getInputMode() const noexcept override { return r_->mode_; }
    void setDirection(old::RNNDirection d) noexcept override { r_->setDirection(d), spread_ = false; }
    old::RNNDirection getDirection() const noexcept override { return r_->direction_; }
    void setWeights(old::Weights weights) noexcept override { weights_ = weights, spread_ = false; }
    old::Weights getWeights() const noexcept override { return weights_; }
    void setBias(old::Weights bias) noexcept override { bias_ = bias, spread_ = false; }
    old::Weights getBias() const noexcept override { return bias_; }
    int32_t getDataLength() const noexcept override { return r_->dataLength_; }
    void setHiddenState(old::ITensor& t) noexcept override { r_->setHidden(Tensor::of(t)); }
    old::ITensor* getHiddenState() const noexcept override { return r_->hiddenState_; }
    void setCellState(old::ITensor& t) noexcept override { r_->setCell(Tensor::of(t)); }
    old::ITensor* getCellState() const noexcept override { return r_->cellState_; }

  private:
    // Parts the blobs: by cell, then the input's gates, then the recurrent ones; f, i, c, o of an LSTM.
    void spread() {
        spread_ = true;
        using G = old::RNNGateType;
        std::vector<G> order = r_->gates();
        if (r_->op_ == old::RNNOperation::kLSTM) order = {G::kFORGET, G::kINPUT, G::kCELL, G::kOUTPUT};
        for (bool bias : {false, true}) {
            const old::Weights& all = bias ? bias_ : weights_;
            if (bias && all.count == 0) continue;
            int64_t at = 0;
            for (int32_t cell = 0; cell < r_->cells(); ++cell)
                for (bool isW : {true, false})
                    for (G gate : order) {
                        bool skipped = !bias && isW && cell < r_->directions() && r_->mode_ == old::RNNInputMode::kSKIP;
                        int64_t count = bias ? r_->hidden_ : int64_t{r_->hidden_} * r_->rows(cell, isW);
                        if (skipped) continue;
                        old::Weights part{all.type, nullptr, 0};
                        if (all.values && at + count <= all.count)
                            part = {all.type, static_cast<const char*>(all.values) + at * elementSize(all.type), count};
                        r_->setWeights("IRNNLayer", cell, gate, isW, bias, part);
                        at += count;
                    }
        }
    }

    std::unique_ptr<Recurrent> r_;
    old::Weights weights_, bias_;
    bool spread_ = false;
};
#endif

}  // namespace

old::IRNNv2Layer* Network::addRNNv2(old::ITensor& in, int32_t layers, int32_t hidden, int32_t maxLength,
                                    old::RNNOperation op) noexcept {
    auto cells = std::make_unique<Recurrent>(*this, Tensor::of(in), layers, hidden, maxLength, op,
                                             Recurrent::Order::kBatchFirst);
    if (!cells->begin()) return nullptr;
    v10::ILayer& main = cells->main();
    return keep(std::make_unique<RnnV2Layer>(*this, main, std::move(cells)));
}

#if LATHE_TRT < 8
old::IRNNLayer* Network::addRNN(old::ITensor& in, int32_t layers, std::size_t hidden, int32_t maxLength,
                                old::RNNOperation op, old::RNNInputMode mode, old::RNNDirection direction,
                                old::Weights weights, old::Weights bias) noexcept {
    auto cells = std::make_unique<Recurrent>(*this, Tensor::of(in), layers, static_cast<int32_t>(hidden), maxLength, op,
                                             Recurrent::Order::kTimeFirst);
    cells->setInputMode(mode);
    cells->setDirection(direction);
    if (!cells->begin()) return nullptr;
    v10::ILayer& main = cells->main();
    return keep(std::make_unique<RnnLayer>(*this, main, std::move(cells), weights, bias));
}
#endif

}  // namespace lathe::compat
