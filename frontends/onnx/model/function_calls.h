// SPDX-License-Identifier: Apache-2.0
// Which nodes call which functions of a model.
#pragma once

#include <map>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/status.h"
#include "frontends/onnx/model/model.h"

namespace lathe::onnx {

// Functions by (domain, name, overload). REQUIRES: the functions stay where they are while the table is in use.
class FunctionTable {
  public:
    // Fails when two functions have the same identity.
    static Result<FunctionTable> make(const std::vector<Function>& functions);

    // The function that a node calls, or nullptr.
    const Function* find(const Node& node) const;

  private:
    std::map<std::tuple<std::string_view, std::string_view, std::string_view>, const Function*> functions_;
};

// "function 'local.f'", with the overload if there is one.
std::string describe(const Function& function);

// Fails when a function calls itself, through whatever others.
Status checkNoRecursion(const std::vector<Function>& functions, const FunctionTable& table);

}  // namespace lathe::onnx
