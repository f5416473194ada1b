// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "NvInfer.h"
#include "NvInferImpl.h"
#include "api/common/report.h"
#include "builder/timing_cache.h"

namespace lathe::api {

// Entries seen from outside: the key is a 128-bit hash of the builder's key (target, library, problem, tactic and its
// parameters), the tactic hash one of the tactic and its parameters alone. Of what an editable cache says of a step,
// the tactic is no part of the key, and can be changed.
nvinfer1::TimingCacheKey timingKeyOf(const std::string& entry);

class TimingCache final : public nvinfer1::ITimingCache, public nvinfer1::apiv::VTimingCache {
  public:
    explicit TimingCache(std::shared_ptr<const Reporter> reporter) : reporter_(std::move(reporter)) { mImpl = this; }
    static const TimingCache& of(const nvinfer1::ITimingCache& c) { return static_cast<const TimingCache&>(c); }
    // The builder adds to a cache that the API hands over as const.
    builder::TimingCache& entries() const { return entries_; }

    nvinfer1::IHostMemory* serialize() const noexcept override;
    bool combine(nvinfer1::ITimingCache const& other, bool ignoreMismatch) noexcept override;
    bool reset() noexcept override;
    int64_t queryKeys(nvinfer1::TimingCacheKey* keys, int64_t capacity) const noexcept override;
    nvinfer1::TimingCacheValue query(nvinfer1::TimingCacheKey const& key) const noexcept override;
    bool update(nvinfer1::TimingCacheKey const& key, nvinfer1::TimingCacheValue const& value) noexcept override;

  private:
    std::shared_ptr<const Reporter> reporter_;
    mutable builder::TimingCache entries_;
};

}  // namespace lathe::api
