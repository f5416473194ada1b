// SPDX-License-Identifier: Apache-2.0
// The values that a graph's nodes can name. A subgraph's scope lies in that of the graph around it.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>

#include "NvInfer.h"
#include "frontends/onnx/model/tensor.h"

namespace lathe::onnx {

struct Binding {
    nvinfer1::ITensor* tensor = nullptr;  // null for a constant that nobody has needed as a tensor so far
    const Tensor* constant = nullptr;     // elements that are known now
    bool lost = false;                    // its node could not be imported
};

class Scope {
  public:
    // What tensors of the outer scope become at the border; null keeps the tensor.
    using Border = std::function<nvinfer1::ITensor*(nvinfer1::ITensor&)>;
    explicit Scope(Scope* outer = nullptr, Border border = nullptr) : outer_(outer), border_(std::move(border)) {}

    // Null when there is no value of this name.
    Binding* find(const std::string& name) {
        const auto found = bindings_.find(name);
        if (found != bindings_.end()) return &found->second;
        Binding* from = outer_ ? outer_->find(name) : nullptr;
        if (!from || !border_ || !from->tensor || from->constant || from->lost) return from;
        nvinfer1::ITensor* inside = border_(*from->tensor);
        if (!inside) return from;
        return &(bindings_[name] = {inside, nullptr, false});
    }
    void bind(const std::string& name, Binding binding) { bindings_[name] = binding; }

  private:
    Scope* outer_;
    Border border_;
    std::unordered_map<std::string, Binding> bindings_;
};

}  // namespace lathe::onnx
