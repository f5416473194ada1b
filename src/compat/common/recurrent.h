// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <tuple>

#include "compat/common/network.h"

namespace lathe::compat {

// Stacked recurrent cells, as IRNNv2Layer and IRNNLayer have them, over the library's own cells (lathe::addOp), one for
// each layer of the stack. They are made anew when a setting changes their form; the layer's outputs, which others may
// read by then, are identities in front of which the new cells are put. Weights are filled in when shapes are settled.
class Recurrent {
  public:
    // How the dimensions of tensors are ordered: [batch…, time, data], or with time first ([…, time, batch, data]).
    enum class Order { kBatchFirst, kTimeFirst };

    Recurrent(Network& network, Tensor& input, int32_t layers, int32_t hidden, int32_t maxLength, old::RNNOperation op,
              Order order);
    // Makes the first cells. False, with an error, for an input that cannot be.
    bool begin();
    v10::ILayer& main() const { return *outputs_[0]; }

    bool settle();
    // Whether every gate has its weights; reports those that lack them.
    bool complete(const char* name) const;

    int32_t cells() const { return layers_ * directions(); }  // layers, counted by direction
    int32_t directions() const { return direction_ == old::RNNDirection::kBIDIRECTION ? 2 : 1; }
    const std::vector<old::RNNGateType>& gates() const;
    int32_t rows(int32_t cell, bool isW) const;  // columns of a matrix of the cell: the length of what it is applied to
    int32_t outputs() const { return op_ == old::RNNOperation::kLSTM ? 3 : 2; }
    Tensor* output(int32_t index) const;

    void setWeights(const char* where, int32_t cell, old::RNNGateType gate, bool isW, bool bias, old::Weights weights);
    old::Weights weights(int32_t cell, old::RNNGateType gate, bool isW, bool bias) const;
    void setInput(Tensor& t) { input_ = &t, form_ = true; }
    void setOperation(old::RNNOperation op) { op_ = op, form_ = true; }
    void setDirection(old::RNNDirection d) { direction_ = d, form_ = true; }
    void setInputMode(old::RNNInputMode m) { mode_ = m, form_ = true; }
    void setHidden(Tensor& t) { hiddenState_ = &t, form_ = true; }
    void setCell(Tensor& t) { cellState_ = &t, form_ = true; }
    void setLengths(Tensor& t) { lengths_ = &t, form_ = true; }

    Network& network;
    int32_t layers_, hidden_, maxLength_, dataLength_ = 0;
    old::RNNOperation op_;
    old::RNNDirection direction_ = old::RNNDirection::kUNIDIRECTION;
    old::RNNInputMode mode_ = old::RNNInputMode::kLINEAR;
    Tensor *input_, *hiddenState_ = nullptr, *cellState_ = nullptr, *lengths_ = nullptr;

  private:
    using Key = std::tuple<int32_t, int, bool, bool>;  // cell, gate, isW, bias
    // Where a gate's numbers go in the cells' constants.
    struct Place {
        v10::IConstantLayer* constant;
        int64_t at, count;
    };

    bool lower();
    void fill();
    // To and from [batch, time, data].
    v10::ITensor* joined(v10::ITensor& t) const;
    v10::ITensor* parted(v10::ITensor& t, int64_t middle, int64_t last) const;
    bool refuse(const std::string& what) const;

    Order order_;
    bool form_ = false, filled_ = false;
    v10::Dims outer_{};  // the input's full shape
    std::map<Key, old::Weights> weights_;
    std::map<Key, Place> places_;
    std::vector<v10::IIdentityLayer*> outputs_;
};

}  // namespace lathe::compat
