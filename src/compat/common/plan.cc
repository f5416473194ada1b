// SPDX-License-Identifier: Apache-2.0
#include "compat/common/plan.h"

#include <algorithm>
#include <cstring>

namespace lathe::compat {
namespace {
constexpr char kMagic[9] = "LATHEIMB";
constexpr uint32_t kVersion = 1;

template <class T>
T get(const char* at) {
    T v;
    std::memcpy(&v, at, sizeof v);
    return v;
}
}  // namespace

std::vector<char> writeHead(int32_t maxBatch, uint64_t size) {
    std::vector<char> head(kHeadSize, 0);
    std::memcpy(head.data(), kMagic, 8);
    std::memcpy(head.data() + 8, &kVersion, 4);
    std::memcpy(head.data() + 12, &maxBatch, 4);
    std::memcpy(head.data() + 16, &size, 8);
    return head;
}

Head readHead(const void* data, std::size_t size, std::string& error) {
    error.clear();
    const char* bytes = static_cast<const char*>(data);
    if (!bytes || size < 8 || std::memcmp(bytes, kMagic, 8) != 0) return {};
    if (size < kHeadSize) return error = "the plan ends after " + std::to_string(size) + " bytes", Head{};
    if (uint32_t version = get<uint32_t>(bytes + 8); version != kVersion)
        return error = "the plan's head has version " + std::to_string(version) + ", this library reads 1", Head{};
    Head head{true, get<int32_t>(bytes + 12)};
    if (head.maxBatch < 1) return error = "the plan's largest batch is " + std::to_string(head.maxBatch), Head{};
    if (uint64_t rest = get<uint64_t>(bytes + 16); rest != size - kHeadSize)
        return error = "the plan's head counts " + std::to_string(rest) + " bytes where there are " +
                       std::to_string(size - kHeadSize),
               Head{};
    if (std::any_of(bytes + 24, bytes + kHeadSize, [](char c) { return c != 0; }))
        return error = "the plan's head holds what version 1 does not", Head{};
    return head;
}

}  // namespace lathe::compat
