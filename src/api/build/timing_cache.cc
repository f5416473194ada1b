// SPDX-License-Identifier: Apache-2.0
#include "api/build/timing_cache.h"

#include <cmath>
#include <cstdlib>
#include <cstring>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "api/common/convert.h"

namespace lathe::api {
namespace {

bool isOfStep(const std::string& entry) { return entry.starts_with("op|"); }
size_t hashAt(const std::string& entry) { return entry.rfind('#') + 1; }

// Of "<target>|<library>|<problem>|<tactic id>|<params>": the last two.
uint64_t tacticHash(const std::string& entry) {
    if (isOfStep(entry)) return std::strtoull(entry.c_str() + hashAt(entry), nullptr, 16);
    size_t params = entry.rfind('|');
    size_t tactic = params == std::string::npos || params == 0 ? std::string::npos : entry.rfind('|', params - 1);
    size_t from = tactic == std::string::npos ? 0 : tactic + 1;
    uint64_t hash = XXH3_64bits(entry.data() + from, entry.size() - from);
    return hash == nvinfer1::TimingCacheValue::kINVALID_TACTIC_HASH ? 0 : hash;
}

bool same(const nvinfer1::TimingCacheKey& a, const nvinfer1::TimingCacheKey& b) {
    return std::memcmp(a.data, b.data, sizeof a.data) == 0;
}

}  // namespace

nvinfer1::TimingCacheKey timingKeyOf(const std::string& entry) {
    size_t size = isOfStep(entry) ? hashAt(entry) : entry.size();
    XXH128_canonical_t bytes;
    XXH128_canonicalFromHash(&bytes, XXH3_128bits(entry.data(), size));
    nvinfer1::TimingCacheKey key;
    std::memcpy(key.data, bytes.digest, sizeof key.data);
    return key;
}

nvinfer1::IHostMemory* TimingCache::serialize() const noexcept {
    return guarded<nvinfer1::IHostMemory*>(
        *reporter_, "ITimingCache::serialize", nullptr,
        [&]() -> Result<nvinfer1::IHostMemory*> { return makeHostMemory(entries_.serialize()); });
}

// Keys name the target and the library, so entries of another device do no harm.
bool TimingCache::combine(nvinfer1::ITimingCache const& other, bool) noexcept {
    return guardedStatus(*reporter_, "ITimingCache::combine", [&]() -> Status {
        entries_.merge(of(other).entries_, false);
        return {};
    });
}

bool TimingCache::reset() noexcept {
    entries_.clear();
    return true;
}

int64_t TimingCache::queryKeys(nvinfer1::TimingCacheKey* keys, int64_t capacity) const noexcept {
    return guarded<int64_t>(*reporter_, "ITimingCache::queryKeys", -1, [&]() -> Result<int64_t> {
        auto list = entries_.entries();
        if (keys)
            for (int64_t i = 0; i < std::min<int64_t>(capacity, static_cast<int64_t>(list.size())); ++i)
                keys[i] = timingKeyOf(list[i].first);
        return static_cast<int64_t>(list.size());
    });
}

nvinfer1::TimingCacheValue TimingCache::query(nvinfer1::TimingCacheKey const& key) const noexcept {
    nvinfer1::TimingCacheValue none{nvinfer1::TimingCacheValue::kINVALID_TACTIC_HASH, 0};
    return guarded<nvinfer1::TimingCacheValue>(
        *reporter_, "ITimingCache::query", none, [&]() -> Result<nvinfer1::TimingCacheValue> {
            for (const auto& [entry, seconds] : entries_.entries())
                if (same(timingKeyOf(entry), key)) return nvinfer1::TimingCacheValue{tacticHash(entry), seconds * 1e3f};
            return none;
        });
}

bool TimingCache::update(nvinfer1::TimingCacheKey const& key, nvinfer1::TimingCacheValue const& value) noexcept {
    return guardedStatus(*reporter_, "ITimingCache::update", [&]() -> Status {
        auto list = entries_.entries();
        for (const auto& [entry, seconds] : list) {
            if (!same(timingKeyOf(entry), key)) continue;
            if (std::isnan(value.timingMSec)) {
                entries_.clear();
                for (const auto& [e, s] : list)
                    if (e != entry) entries_.put(e, s);
                return {};
            }
            if (isOfStep(entry) && std::isfinite(value.timingMSec) && value.timingMSec >= 0) {
                entries_.erase(entry);
                entries_.put(entry.substr(0, hashAt(entry)) + fmt::format("{:016x}", value.tacticHash),
                             value.timingMSec / 1e3f);
                return {};
            }
            if (value.tacticHash != tacticHash(entry))
                return invalidArgument("the tactic hash {:#x} is not the entry's, {:#x}", value.tacticHash,
                                       tacticHash(entry));
            if (!std::isfinite(value.timingMSec) || value.timingMSec < 0)
                return invalidArgument("a time of {} ms", value.timingMSec);
            entries_.put(entry, value.timingMSec / 1e3f);
            return {};
        }
        return invalidArgument("there is no entry with this key");
    });
}

}  // namespace lathe::api
