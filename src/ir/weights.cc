// SPDX-License-Identifier: Apache-2.0
#include "ir/weights.h"

#include "ir/graph.h"
#include "ir/interpreter.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace lathe::ir {

Weights::Weights(DType dtype, Dims dims, std::span<const std::byte> bytes, std::shared_ptr<const void> owner,
                 std::string name)
    : dtype_(dtype), dims_(std::move(dims)), name_(std::move(name)), bytes_(bytes), owner_(std::move(owner)) {
    ASSERT(bytes_.size() == byteSize());
}

Weights::Weights(DType dtype, Dims dims, std::shared_ptr<const Recipe> recipe, std::string name, uint64_t knownHash)
    : dtype_(dtype), dims_(std::move(dims)), name_(std::move(name)), recipe_(std::move(recipe)), hash_(knownHash) {}

WeightsRef Weights::unverified(DType dtype, Dims dims, std::span<const std::byte> bytes,
                               std::shared_ptr<const void> owner, std::string name, uint64_t hash) {
    auto w = std::make_shared<Weights>(dtype, std::move(dims), bytes, std::move(owner), std::move(name));
    w->hash_ = hash;
    w->state_ = State::kUnverified;
    return w;
}

WeightsRef Weights::missing(DType dtype, Dims dims, std::string name, uint64_t hash) {
    auto w = std::make_shared<Weights>(dtype, std::move(dims), nullptr, std::move(name), hash);
    w->state_ = State::kMissing;
    return w;
}

Result<std::span<const std::byte>> Weights::bytes() const {
    if (!recipe_ && state_ == State::kReady) return bytes_;
    std::lock_guard lock(mutex_);
    if (state_ == State::kMissing)
        return makeStatus(Code::kInvalidState, "weights '{}' are not in this plan: refit the engine before it runs",
                          name_);
    if (!recipe_) {
        if (state_ == State::kUnverified && hashOf(bytes_) != hash_)
            return invalidArgument("weights '{}' of type {}{} are damaged: their checksum is wrong", name_,
                                   lathe::toString(dtype_), toString(dims_));
        state_ = State::kReady;
        return bytes_;
    }
    if (!owner_) {
        std::vector<Tensor> inputs;
        for (const WeightsRef& source : recipe_->sources) {
            auto b = TRY(source->bytes());
            inputs.push_back({source->dtype(), source->dims(), const_cast<std::byte*>(b.data())});
        }
        auto results = TRY(interpret(*recipe_->graph, inputs));
        HostTensor& out = results.at(0);
        if (out.tensor.dtype != dtype_ || out.tensor.dims != dims_)
            return internalError("a weight recipe gave {}{} where {}{} was expected", lathe::toString(out.tensor.dtype),
                                 toString(out.tensor.dims), lathe::toString(dtype_), toString(dims_));
        bytes_ = {static_cast<const std::byte*>(out.tensor.data), out.tensor.byteSize()};
        owner_ = std::move(out.storage);
    }
    return bytes_;
}

uint64_t Weights::hashOf(std::span<const std::byte> bytes) const {
    std::string head = std::string(lathe::toString(dtype_)) + toString(dims_);
    uint64_t h = XXH3_64bits_withSeed(bytes.data(), bytes.size(), XXH3_64bits(head.data(), head.size()));
    return h ? h : 1;
}

Result<uint64_t> Weights::contentHash() const {
    {
        std::lock_guard lock(mutex_);
        if (hash_ != 0) return hash_;
    }
    auto b = TRY(bytes());
    std::lock_guard lock(mutex_);
    return hash_ = hashOf(b);
}

Result<WeightsRef> copyWeights(DType dtype, Dims dims, std::span<const std::byte> bytes, std::string name) {
    int64_t count = TRY(checkedVolume(dims));
    if (static_cast<size_t>(bytesOf(dtype, count)) != bytes.size())
        return invalidArgument("weights '{}' of type {}{} need {} bytes, but {} were given", name,
                               lathe::toString(dtype), toString(dims), bytesOf(dtype, count), bytes.size());
    auto copy = std::make_shared<std::vector<std::byte>>(bytes.begin(), bytes.end());
    std::span<const std::byte> view(*copy);
    return WeightsRef(std::make_shared<Weights>(dtype, std::move(dims), view, std::move(copy), std::move(name)));
}

std::optional<std::vector<int64_t>> integerElements(const Weights& weights) {
    if (weights.count() > kMaxElements) return std::nullopt;
    std::vector<int64_t> out;
    auto read = [&]<class T>(T) {
        auto values = weights.as<T>();
        if (!values.ok()) return false;
        out.assign(values->begin(), values->end());
        return true;
    };
    bool done = false;
    switch (weights.dtype()) {
        case DType::kInt32: done = read(int32_t{}); break;
        case DType::kInt64: done = read(int64_t{}); break;
        case DType::kBool: done = read(bool{}); break;
        default: break;
    }
    if (!done) return std::nullopt;
    return out;
}

}  // namespace lathe::ir
