// SPDX-License-Identifier: Apache-2.0
// Constant data. Weights are either source bytes (given by the user, or read from a file or plan) or derived: the
// result of a recipe, a small graph over other weights (folded batch norms, transposed kernels). Derived weights are
// computed when their bytes are first asked for, and recomputed by the refitter when a source changes.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/dtype.h"
#include "ir/dim.h"

namespace lathe::ir {

class Graph;
class Weights;
using WeightsRef = std::shared_ptr<const Weights>;

struct Recipe {
    std::unique_ptr<Graph> graph;     // one parameter a source, one result
    std::vector<WeightsRef> sources;  // in the order of the parameters
};

class Weights {
  public:
    Weights(DType dtype, Dims dims, std::span<const std::byte> bytes, std::shared_ptr<const void> owner,
            std::string name);
    // `knownHash`: the result's content hash when somebody has computed it before (a plan's writer), else 0.
    Weights(DType dtype, Dims dims, std::shared_ptr<const Recipe> recipe, std::string name, uint64_t knownHash = 0);
    // Source weights out of a file: their content hash is what the file says, and bytes() checks it the first time.
    // REQUIRES: bytes.size() is what dtype and dims say; hash != 0.
    static WeightsRef unverified(DType dtype, Dims dims, std::span<const std::byte> bytes,
                                 std::shared_ptr<const void> owner, std::string name, uint64_t hash);
    // Source weights that the file left out; bytes() is an error that names them.
    static WeightsRef missing(DType dtype, Dims dims, std::string name, uint64_t hash);

    DType dtype() const { return dtype_; }
    const Dims& dims() const { return dims_; }
    int64_t count() const { return volume(dims_); }
    size_t byteSize() const { return static_cast<size_t>(bytesOf(dtype_, count())); }
    // The name that the refitter knows it by; empty for derived ones.
    const std::string& name() const { return name_; }
    // Null for source weights.
    const Recipe* recipe() const { return recipe_.get(); }
    const std::shared_ptr<const Recipe>& sharedRecipe() const { return recipe_; }

    bool isMissing() const { return state_ == State::kMissing; }

    // The contents, row-major, no padding; runs the recipe the first time. Thread-safe.
    Result<std::span<const std::byte>> bytes() const;
    // REQUIRES: dtype() is T's. As bytes().
    template <class T>
    Result<std::span<const T>> as() const {
        ASSERT(dtype_ == dtypeOf<T>);
        auto b = TRY(bytes());
        return std::span<const T>(reinterpret_cast<const T*>(b.data()), b.size() / sizeof(T));
    }
    // XXH3 of dtype, dims and contents. Never 0.
    Result<uint64_t> contentHash() const;

  private:
    enum class State { kReady, kUnverified, kMissing };
    uint64_t hashOf(std::span<const std::byte> bytes) const;
    DType dtype_;
    Dims dims_;
    std::string name_;
    std::shared_ptr<const Recipe> recipe_;
    mutable std::mutex mutex_;  // guards what follows, for derived weights
    mutable std::span<const std::byte> bytes_;
    mutable std::shared_ptr<const void> owner_;
    mutable uint64_t hash_ = 0;
    mutable std::atomic<State> state_ = State::kReady;
};

// Source weights with a private copy of the bytes, whose size must be what dtype and dims say.
Result<WeightsRef> copyWeights(DType dtype, Dims dims, std::span<const std::byte> bytes, std::string name = {});

template <class T>
WeightsRef makeWeights(Dims dims, const std::vector<T>& values, std::string name = {}) {
    ASSERT(static_cast<int64_t>(values.size()) == volume(dims));
    auto copy = std::make_shared<std::vector<T>>(values);
    std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(copy->data()), copy->size() * sizeof(T));
    return std::make_shared<Weights>(dtypeOf<T>, std::move(dims), bytes, copy, std::move(name));
}

// The integers of small (at most kMaxElements) integer or bool weights; nothing for others.
inline constexpr int64_t kMaxElements = 1024;
std::optional<std::vector<int64_t>> integerElements(const Weights& weights);

}  // namespace lathe::ir
