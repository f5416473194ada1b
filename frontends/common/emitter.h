// SPDX-License-Identifier: Apache-2.0
// Adds layers for one node of a model: checks what the network answers, and names the layers after the node once it is
// done.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "NvInfer.h"
#include "base/status.h"
#include "frontends/common/fields.h"
#include "frontends/common/layer_host.h"

namespace lathe::frontends {

using ApiType = nvinfer1::DataType;
using nvinfer1::ITensor;
using TensorList = std::vector<ITensor*>;

class Emitter {
  public:
    Emitter(LayerHost& host, std::string name) : host_(host), name_(std::move(name)) {}

    nvinfer1::INetworkDefinition& network() { return host_.network; }

    // What the network knows of a tensor. REQUIRES: t was checked by this class, so that its shape is known.
    static nvinfer1::Dims dims(ITensor* t) { return t->getDimensions(); }
    static int rank(ITensor* t) { return t->getDimensions().nbDims; }
    static ApiType type(ITensor* t) { return t->getType(); }
    static bool isScalar(ITensor* t) { return rank(t) == 0; }

    // An op of the catalogue; null inputs are absent ones.
    Result<TensorList> ops(const char* op, const TensorList& inputs, int outputs, const Fields& fields = {});
    Result<ITensor*> op(const char* op, const TensorList& inputs, const Fields& fields = {});
    // Why the network made nothing of `what`.
    Status refusal(const char* what);
    // The name that the node's layer gets.
    const std::string& label() const { return name_; }
    // Takes up a layer that a factory of network() made: refuses null, names it later. All its parameters must be set.
    // `main` marks the layer that the node is about, which gets the node's plain name.
    Result<ITensor*> layer(nvinfer1::ILayer* layer, const char* what, bool main = false);
    // The same before its parameters are set; `set` checks them.
    template <class L>
    Result<L*> made(L* layer, const char* what, bool main = false) {
        TRY(adopt(layer, what, main));
        return layer;
    }

    template <class L>
    Result<ITensor*> set(L* layer) {
        for (int i = 0; i < layer->getNbOutputs(); ++i) TRY(check(layer->getOutput(i)));
        return layer->getOutput(0);
    }

    // Constants of this node's own.
    Result<ITensor*> scalar(double value, ApiType type);
    Result<ITensor*> scalarLike(double value, ITensor* like) { return scalar(value, type(like)); }
    Result<ITensor*> ints(const std::vector<int64_t>& values);  // an int64 vector
    Result<ITensor*> intScalar(int64_t value);                  // int64, rank 0
    Result<ITensor*> constant(ApiType type, const std::vector<int64_t>& extents, const void* values);
    Result<ITensor*> floats(const std::vector<int64_t>& extents, const std::vector<float>& values);

    // Building blocks for compositions.
    Result<ITensor*> countTo(ITensor* length);  // 0, 1, ... length - 1, as int64
    Result<ITensor*> unary(const char* kind, ITensor* x, double alpha = 0, double beta = 0);
    Result<ITensor*> binary(const char* kind, ITensor* a, ITensor* b);  // numpy broadcasting
    Result<ITensor*> add(ITensor* a, ITensor* b) { return binary("add", a, b); }
    Result<ITensor*> sub(ITensor* a, ITensor* b) { return binary("sub", a, b); }
    Result<ITensor*> mul(ITensor* a, ITensor* b) { return binary("mul", a, b); }
    Result<ITensor*> div(ITensor* a, ITensor* b) { return binary("div", a, b); }
    Result<ITensor*> scale(ITensor* x, double factor);
    Result<ITensor*> cast(ITensor* x, ApiType to);  // x itself when it is of that type
    Result<ITensor*> transpose(ITensor* x, const std::vector<int64_t>& order);
    Result<ITensor*> reshape(ITensor* x, const std::vector<int64_t>& extents);  // -1 and 0 as in ONNX
    Result<ITensor*> reshape(ITensor* x, ITensor* extents, bool allowZero = false);
    Result<ITensor*> unsqueeze(ITensor* x, const std::vector<int64_t>& axes);
    Result<ITensor*> squeeze(ITensor* x, const std::vector<int64_t>& axes);
    Result<ITensor*> shapeOf(ITensor* x);  // int64
    Result<ITensor*> concat(const TensorList& parts, int axis);
    Result<ITensor*> slice(ITensor* x, const std::vector<int64_t>& starts, const std::vector<int64_t>& ends,
                           const std::vector<int64_t>& axes);
    Result<ITensor*> gather(ITensor* x, ITensor* indices, int axis);
    Result<ITensor*> expand(ITensor* x, ITensor* extents);
    Result<ITensor*> reduce(const char* kind, ITensor* x, const std::vector<int64_t>& axes, bool keep = true);
    Result<ITensor*> select(ITensor* condition, ITensor* a, ITensor* b);
    Result<ITensor*> matmul(ITensor* a, ITensor* b, bool transposeA = false, bool transposeB = false);
    Result<ITensor*> softmax(ITensor* x, int axis);

  protected:
    // Checks that the network could infer the output; its refusal is the error.
    Status check(ITensor* tensor);
    // Gives the layers added since the last call their names. `outputs` are tensors with names of their own.
    void nameLayers(const TensorList& outputs);
    // Whether a layer of this node makes it.
    bool isOwn(const ITensor* tensor) const;

  private:
    struct Added {
        nvinfer1::ILayer* layer;
        std::string what;
        bool main;
    };
    Status adopt(nvinfer1::ILayer* layer, const char* what, bool main);

    LayerHost& host_;
    std::string name_;
    std::vector<Added> added_;
};

}  // namespace lathe::frontends
