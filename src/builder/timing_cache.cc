// SPDX-License-Identifier: Apache-2.0
#include "builder/timing_cache.h"

#include <cmath>
#include <cstring>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace lathe::builder {
namespace {

// Layout, little-endian:
//   8 bytes  "LATHETIM"
//   u32      format version, 1
//   u32      number of entries
//   entries, sorted by key: u32 key length, key bytes, f32 seconds
//   u64      XXH3 of everything before
constexpr char kMagic[8] = {'L', 'A', 'T', 'H', 'E', 'T', 'I', 'M'};
constexpr uint32_t kVersion = 1;

void appendBytes(std::vector<std::byte>& out, const void* data, size_t size) {
    size_t at = out.size();
    out.resize(at + size);
    if (size) std::memcpy(out.data() + at, data, size);
}

template <class T>
void append(std::vector<std::byte>& out, const T& v) {
    appendBytes(out, &v, sizeof v);
}

}  // namespace

void TimingCache::put(const std::string& key, float seconds) {
    if (key.empty()) return;
    std::lock_guard lock(mutex_);
    times_[key] = seconds;
}

float TimingCache::get(const std::string& key) const {
    std::lock_guard lock(mutex_);
    auto at = times_.find(key);
    return at == times_.end() ? -1.f : at->second;
}

size_t TimingCache::size() const {
    std::lock_guard lock(mutex_);
    return times_.size();
}

void TimingCache::erase(const std::string& key) {
    std::lock_guard lock(mutex_);
    times_.erase(key);
}

std::optional<std::pair<std::string, float>> TimingCache::find(const std::string& prefix) const {
    std::lock_guard lock(mutex_);
    auto at = times_.lower_bound(prefix);
    if (at == times_.end() || !at->first.starts_with(prefix)) return std::nullopt;
    return *at;
}

void TimingCache::clear() {
    std::lock_guard lock(mutex_);
    times_.clear();
}

std::vector<std::pair<std::string, float>> TimingCache::entries() const {
    std::lock_guard lock(mutex_);
    return {times_.begin(), times_.end()};
}

void TimingCache::merge(const TimingCache& other, bool replace) {
    if (&other == this) return;
    auto theirs = other.entries();
    std::lock_guard lock(mutex_);
    for (auto& [key, seconds] : theirs) {
        if (replace)
            times_[key] = seconds;
        else
            times_.emplace(key, seconds);
    }
}

std::vector<std::byte> TimingCache::serialize() const {
    auto list = entries();
    std::vector<std::byte> out;
    append(out, kMagic);
    append(out, kVersion);
    append(out, static_cast<uint32_t>(list.size()));
    for (auto& [key, seconds] : list) {
        append(out, static_cast<uint32_t>(key.size()));
        appendBytes(out, key.data(), key.size());
        append(out, seconds);
    }
    append(out, static_cast<uint64_t>(XXH3_64bits(out.data(), out.size())));
    return out;
}

Status TimingCache::deserialize(const std::byte* data, size_t size) {
    std::map<std::string, float> times;
    if (size != 0) {
        size_t at = 0;
        auto take = [&](void* out, size_t n) {
            if (n > size - at) return false;
            std::memcpy(out, data + at, n);
            at += n;
            return true;
        };
        char magic[8];
        uint32_t version = 0, count = 0;
        if (!take(magic, 8) || std::memcmp(magic, kMagic, 8) != 0)
            return invalidArgument("timing cache: it does not start with LATHETIM");
        if (!take(&version, 4) || version != kVersion)
            return invalidArgument("timing cache: format version {} is not {}", version, kVersion);
        uint64_t checksum = 0;
        if (size < 24) return invalidArgument("timing cache: {} bytes are too few", size);
        std::memcpy(&checksum, data + size - 8, 8);
        if (checksum != XXH3_64bits(data, size - 8))
            return invalidArgument("timing cache: the checksum does not match its contents");
        size -= 8;
        if (!take(&count, 4)) return invalidArgument("timing cache: cut off in its header");
        for (uint32_t i = 0; i < count; ++i) {
            uint32_t length = 0;
            float seconds = 0;
            if (!take(&length, 4) || length > size - at)
                return invalidArgument("timing cache: entry {} is cut off at byte {}", i, at);
            std::string key(reinterpret_cast<const char*>(data) + at, length);
            at += length;
            if (!take(&seconds, 4) || !std::isfinite(seconds) || seconds < 0)
                return invalidArgument("timing cache: entry {} has no valid time", i);
            times[std::move(key)] = seconds;
        }
        if (at != size) return invalidArgument("timing cache: {} bytes are left over after the last entry", size - at);
    }
    std::lock_guard lock(mutex_);
    times_ = std::move(times);
    return {};
}

}  // namespace lathe::builder
