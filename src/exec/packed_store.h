// SPDX-License-Identifier: Apache-2.0
// Packed weights of one engine on one target: taken from the plan's cache where it has them, else packed at the first
// use. Shared by all contexts; thread-safe.
#pragma once

#include <map>
#include <mutex>

#include "exec/memory.h"
#include "plan/plan.h"

namespace lathe::exec {

class PackedStore {
  public:
    // `cached` blobs must be for this target and library version; the plan's reader drops others.
    explicit PackedStore(tactics::Target target, std::span<const plan::Plan::PackedBlob> cached = {});

    // binding.packed[index]'s bytes, aligned to 64; to 16 where they lie in the caller's memory. They live as long as
    // the store. Cached ones whose checksum is wrong are packed anew.
    Result<std::span<const std::byte>> get(const tactics::Binding& binding, int index);

    // Everything that is packed by now, for the plan's cache; sorted by key.
    std::vector<plan::Plan::PackedBlob> blobs() const;
    const tactics::Target& target() const { return target_; }

  private:
    struct Entry {
        std::mutex mutex;  // held while packing
        bool ready = false;
        std::span<const std::byte> bytes;
        std::shared_ptr<const void> owner;
    };
    Status fill(Entry& entry, const tactics::Binding& binding, int index, const std::string& key);

    const tactics::Target target_;
    mutable std::mutex mutex_;  // guards the map
    std::map<std::string, std::shared_ptr<Entry>> entries_;
    std::map<std::string, plan::Plan::PackedBlob> cached_;  // constant after construction
};

}  // namespace lathe::exec
