// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/cubin_cache.h"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <fstream>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace lathe::cuda {
namespace {

constexpr char kMagic[8] = {'L', 'A', 'T', 'H', 'E', 'C', 'U', 'B'};
constexpr uint32_t kVersion = 1;
struct Header {
    char magic[8];
    uint32_t version, zero;
    uint64_t key[2];
    uint64_t size;
    uint64_t hash[2];
};
static_assert(sizeof(Header) == 56);
constexpr uint64_t kMaxBytes = 256 << 20;

CacheKey hashOf(std::span<const std::byte> bytes) {
    XXH128_hash_t h = XXH3_128bits(bytes.data(), bytes.size());
    return {h.low64, h.high64};
}

}  // namespace

CacheKey cacheKey(std::span<const std::string_view> parts) {
    std::string all;
    for (std::string_view part : parts) {
        uint64_t size = part.size();
        all.append(reinterpret_cast<const char*>(&size), sizeof size);
        all.append(part);
    }
    return hashOf(std::as_bytes(std::span(all)));
}

std::filesystem::path CubinCache::defaultFolder() {
    if (const char* dir = std::getenv("LATHE_CACHE_DIR")) return dir;
    if (const char* dir = std::getenv("XDG_CACHE_HOME"); dir && *dir) return std::filesystem::path(dir) / "lathe";
    if (const char* dir = std::getenv("HOME"); dir && *dir) return std::filesystem::path(dir) / ".cache" / "lathe";
    return {};
}

std::filesystem::path CubinCache::pathOf(const CacheKey& key) const {
    return folder_ / fmt::format("{:016x}{:016x}.cubin", key[1], key[0]);
}

std::optional<std::vector<std::byte>> CubinCache::find(const CacheKey& key) const {
    if (folder_.empty()) return {};
    std::ifstream file(pathOf(key), std::ios::binary);
    Header h;
    if (!file || !file.read(reinterpret_cast<char*>(&h), sizeof h)) return {};
    if (std::memcmp(h.magic, kMagic, sizeof kMagic) != 0 || h.version != kVersion || h.key[0] != key[0] ||
        h.key[1] != key[1] || h.size > kMaxBytes)
        return {};
    std::vector<std::byte> contents(h.size);
    if (!file.read(reinterpret_cast<char*>(contents.data()), static_cast<std::streamsize>(h.size)) ||
        file.peek() != EOF)
        return {};
    if (hashOf(contents) != CacheKey{h.hash[0], h.hash[1]}) return {};
    return contents;
}

Status CubinCache::put(const CacheKey& key, std::span<const std::byte> contents) const {
    if (folder_.empty()) return {};
    std::error_code error;
    std::filesystem::create_directories(folder_, error);
    if (error) return makeStatus(Code::kFailedInitialization, "{}: {}", folder_.string(), error.message());
    static std::atomic<uint64_t> counter = 0;
    std::filesystem::path path = pathOf(key);
    std::filesystem::path temporary = path.string() + fmt::format(".{}.{}", getpid(), counter++);
    Header h{};
    std::memcpy(h.magic, kMagic, sizeof kMagic);
    h.version = kVersion;
    h.key[0] = key[0], h.key[1] = key[1];
    h.size = contents.size();
    CacheKey hash = hashOf(contents);
    h.hash[0] = hash[0], h.hash[1] = hash[1];
    {
        std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
        file.write(reinterpret_cast<const char*>(&h), sizeof h);
        file.write(reinterpret_cast<const char*>(contents.data()), static_cast<std::streamsize>(contents.size()));
        file.flush();
        if (!file) {
            std::filesystem::remove(temporary, error);
            return makeStatus(Code::kFailedInitialization, "{}: {} bytes could not be written", temporary.string(),
                              contents.size() + sizeof h);
        }
    }
    std::filesystem::rename(temporary, path, error);
    if (error) {
        std::string why = error.message();
        std::filesystem::remove(temporary, error);
        return makeStatus(Code::kFailedInitialization, "{}: {}", path.string(), why);
    }
    return {};
}

}  // namespace lathe::cuda
