// SPDX-License-Identifier: Apache-2.0
// Measured times by canonical problem. A complete cache alone fixes every choice of the builder.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"

namespace lathe::builder {

class TimingCache {
  public:
    // Key: "<target>|<library>|<problem>|<tactic id>|<params>"; the problem is the bound subgraph in canonical text.
    // The empty key stands for what is not to be kept. Of a build with an editable cache also, for each step,
    // "op|<library>|<step and shapes>|#<hash of what was taken, 16 hexadecimal digits>".
    void put(const std::string& key, float seconds);
    // Negative when absent.
    float get(const std::string& key) const;
    size_t size() const;
    void clear();
    void erase(const std::string& key);
    // The first key that begins so, and its time; nothing when there is none.
    std::optional<std::pair<std::string, float>> find(const std::string& prefix) const;
    std::vector<std::pair<std::string, float>> entries() const;

    // Adds the other's entries; where both have one, the other's wins when `replace`, else this one's stays.
    void merge(const TimingCache& other, bool replace);
    // "LATHETIM", version, count, entries sorted by key, XXH3 checksum; little-endian (drawn in timing_cache.cc).
    std::vector<std::byte> serialize() const;
    // Replaces the contents. Empty bytes give an empty cache. Errors: not a timing cache, wrong version, damaged.
    Status deserialize(const std::byte* data, size_t size);

  private:
    mutable std::mutex mutex_;
    std::map<std::string, float> times_;
};

}  // namespace lathe::builder
