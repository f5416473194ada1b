// SPDX-License-Identifier: Apache-2.0
// The values that a graph's nodes can name. A subgraph's scope lies in that of the graph around it.
#pragma once

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
    explicit Scope(Scope* outer = nullptr) : outer_(outer) {}

    // Null when there is no value of this name.
    Binding* find(const std::string& name) {
        const auto found = bindings_.find(name);
        if (found != bindings_.end()) return &found->second;
        return outer_ ? outer_->find(name) : nullptr;
    }
    void bind(const std::string& name, Binding binding) { bindings_[name] = binding; }

  private:
    Scope* outer_;
    std::unordered_map<std::string, Binding> bindings_;
};

}  // namespace lathe::onnx
