// SPDX-License-Identifier: Apache-2.0
// Packed weights of one engine on one target: taken from the plan's cache where it has them, else packed at the first
// use. For a device with memory of its own, also what was uploaded there. Shared by all contexts; thread-safe.
#pragma once

#include <map>
#include <mutex>

#include "device/accelerator.h"
#include "exec/memory.h"
#include "plan/plan.h"

namespace lathe::exec {

class PackedStore {
  public:
    // `cached` blobs must be for this target and library version; the plan's reader drops others.
    explicit PackedStore(tactics::Target target, std::span<const plan::Plan::PackedBlob> cached = {},
                         device::Accelerator* device = nullptr);
    ~PackedStore();
    PackedStore(const PackedStore&) = delete;
    PackedStore& operator=(const PackedStore&) = delete;

    // binding.packed[index]'s bytes, aligned to 64; to 16 where they lie in the caller's memory. They live as long as
    // the store. Cached ones whose checksum is wrong are packed anew.
    Result<std::span<const std::byte>> get(const tactics::Binding& binding, int index);

    // The same, and a constant's own bytes, in the device's memory: uploaded at the first use, once for equal contents.
    // REQUIRES: device().
    Result<const void*> resident(const tactics::Binding& binding, int index);
    Result<const void*> residentWeights(const ir::Weights& weights);
    // Bytes uploaded so far.
    int64_t residentBytes() const;

    // Everything that is packed by now, for the plan's cache; sorted by key.
    std::vector<plan::Plan::PackedBlob> blobs() const;
    const tactics::Target& target() const { return target_; }
    // Null for the CPU.
    device::Accelerator* device() const { return device_; }

  private:
    struct Entry {
        std::mutex mutex;  // held while packing and uploading
        bool ready = false;
        std::span<const std::byte> bytes;
        std::shared_ptr<const void> owner;
        void* resident = nullptr;
    };
    std::shared_ptr<Entry> entryOf(const std::string& key);
    Result<const void*> upload(Entry& entry, std::span<const std::byte> bytes);
    Status fill(Entry& entry, const tactics::Binding& binding, int index, const std::string& key);

    const tactics::Target target_;
    device::Accelerator* const device_;
    mutable std::mutex mutex_;  // guards the map
    std::map<std::string, std::shared_ptr<Entry>> entries_;
    std::unique_ptr<device::Stream> stream_;                // for uploads; guarded by mutex_
    int64_t residentBytes_ = 0;                             // guarded by mutex_
    std::map<std::string, plan::Plan::PackedBlob> cached_;  // constant after construction
};

}  // namespace lathe::exec
