// SPDX-License-Identifier: Apache-2.0
// Compiled kernels on disk, by hash of all that they are made from. A file holds (little-endian)
//   "LATHECUB", u32 version, u32 0, 16 bytes key, u64 size, 16 bytes XXH3-128 of the contents, contents.
// It is written beside its place and renamed, so that a reader sees all of it or nothing; a damaged one counts as
// absent.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"

namespace lathe::cuda {

using CacheKey = std::array<uint64_t, 2>;
// Each part counts with its length, so that no two lists of parts run together.
CacheKey cacheKey(std::span<const std::string_view> parts);

class CubinCache {
  public:
    // An empty folder: nothing is found nor kept.
    explicit CubinCache(std::filesystem::path folder) : folder_(std::move(folder)) {}
    // LATHE_CACHE_DIR (empty: no cache), else $XDG_CACHE_HOME/lathe, else ~/.cache/lathe.
    static std::filesystem::path defaultFolder();

    std::optional<std::vector<std::byte>> find(const CacheKey& key) const;
    // A failure is no error for the caller: what cannot be kept is compiled again next time.
    Status put(const CacheKey& key, std::span<const std::byte> contents) const;
    std::filesystem::path pathOf(const CacheKey& key) const;

  private:
    std::filesystem::path folder_;
};

}  // namespace lathe::cuda
