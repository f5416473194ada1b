// SPDX-License-Identifier: Apache-2.0
// What Tactic::prepare sees, from a table of dims and a store of packed weights.
#pragma once

#include <functional>

#include "exec/packed_store.h"
#include "plan/needed.h"

namespace lathe::exec {

class Preparation : public tactics::PrepareContext {
  public:
    using DimsOf = std::function<const ir::Dims&(const ir::Value&)>;
    Preparation(const tactics::Binding& binding, DimsOf dims, PackedStore& store)
        : binding_(binding), dims_(std::move(dims)), store_(store) {}

    const tactics::Target& target() const override { return store_.target(); }
    const ir::Dims& dims(const ir::Value& v) const override { return dims_(v); }
    Result<std::span<const std::byte>> weights(const ir::Value& constant) const override {
        if (!constant.isConstant()) return internalError("value '{}' is not a constant", constant.name());
        if (plan::isReadPackedOnly(binding_, *constant.constant()))
            return internalError("weights '{}' are read as they are, but the binding says that they are read packed",
                                 constant.name());
        return constant.constant()->bytes();
    }
    Result<std::span<const std::byte>> packed(int i) const override { return store_.get(binding_, i); }

  private:
    const tactics::Binding& binding_;
    DimsOf dims_;
    PackedStore& store_;
};

}  // namespace lathe::exec
