// SPDX-License-Identifier: Apache-2.0
#include "exec/packed_store.h"

#include <cstring>

#include "plan/format.h"

namespace lathe::exec {

PackedStore::PackedStore(tactics::Target target, std::span<const plan::Plan::PackedBlob> cached,
                         device::Accelerator* device)
    : target_(std::move(target)), device_(device) {
    for (const auto& blob : cached) cached_[blob.key] = blob;
}

PackedStore::~PackedStore() {
    for (const auto& [key, entry] : entries_)
        if (entry->resident) device_->free(entry->resident);
}

std::shared_ptr<PackedStore::Entry> PackedStore::entryOf(const std::string& key) {
    std::lock_guard lock(mutex_);
    if (auto at = entries_.find(key); at != entries_.end()) return at->second;
    // Made before it has a place: without memory for it, no empty place may stay behind.
    auto entry = std::make_shared<Entry>();
    entries_.emplace(key, entry);
    return entry;
}

// REQUIRES: the entry's lock is held.
Result<const void*> PackedStore::upload(Entry& entry, std::span<const std::byte> bytes) {
    if (entry.resident) return static_cast<const void*>(entry.resident);
    if (!device_) return internalError("weights are wanted in a device's memory, but there is none");
    device::StreamHandle stream = nullptr;
    {
        std::lock_guard lock(mutex_);
        if (!stream_) stream_ = TRY(device_->makeStream());
        stream = stream_->handle();
    }
    void* p = TRY_IN("weights", device_->allocate(static_cast<int64_t>(bytes.size())));
    Status copied = device_->copy(p, bytes.data(), static_cast<int64_t>(bytes.size()), stream);
    if (copied.ok()) copied = device_->synchronize(stream);
    if (!copied.ok()) {
        device_->free(p);
        return copied.prefix("weights");
    }
    entry.resident = p;
    std::lock_guard lock(mutex_);
    residentBytes_ += static_cast<int64_t>(bytes.size());
    return static_cast<const void*>(p);
}

Result<const void*> PackedStore::resident(const tactics::Binding& binding, int index) {
    std::span<const std::byte> bytes = TRY(get(binding, index));
    auto entry = entryOf(TRY(plan::packedKey(binding.packed[static_cast<size_t>(index)])));
    std::lock_guard lock(entry->mutex);
    return upload(*entry, bytes);
}

Result<const void*> PackedStore::residentWeights(const ir::Weights& weights) {
    std::span<const std::byte> bytes = TRY(weights.bytes());
    auto entry = entryOf(
        fmt::format("as is:{}:{}:{:016x}", toString(weights.dtype()), bytes.size(), TRY(weights.contentHash())));
    std::lock_guard lock(entry->mutex);
    return upload(*entry, bytes);
}

int64_t PackedStore::residentBytes() const {
    std::lock_guard lock(mutex_);
    return residentBytes_;
}

Result<std::span<const std::byte>> PackedStore::get(const tactics::Binding& binding, int index) {
    if (index < 0 || index >= static_cast<int>(binding.packed.size()))
        return internalError("tactic {} asks for packed weights {} of {}", binding.tactic->id(), index,
                             binding.packed.size());
    std::string key = TRY(plan::packedKey(binding.packed[static_cast<size_t>(index)]));
    auto entry = entryOf(key);
    std::lock_guard lock(entry->mutex);
    if (!entry->ready) TRY(fill(*entry, binding, index, key));
    if (static_cast<int64_t>(entry->bytes.size()) != binding.packed[static_cast<size_t>(index)].bytes)
        return internalError("packed weights '{}' have {} bytes here and {} elsewhere", key,
                             binding.packed[static_cast<size_t>(index)].bytes, entry->bytes.size());
    return entry->bytes;
}

Status PackedStore::fill(Entry& entry, const tactics::Binding& binding, int index, const std::string& key) {
    const tactics::PackedWeights& wanted = binding.packed[static_cast<size_t>(index)];
    auto cached = cached_.find(key);
    bool usable = cached != cached_.end() && static_cast<int64_t>(cached->second.bytes.size()) == wanted.bytes;
    bool damaged = usable && cached->second.checksum && plan::checksum(cached->second.bytes) != cached->second.checksum;
    usable = usable && !damaged;
    // Plans in the caller's memory start at any multiple of 16 (Python's bytes at 48 modulo 64). Kernels load weights
    // without asking for alignment; that costs nothing with
    // AVX2 (measured).
    if (usable && reinterpret_cast<uintptr_t>(cached->second.bytes.data()) % 16 == 0) {
        entry.bytes = cached->second.bytes;
        entry.owner = cached->second.owner;
        entry.ready = true;
        return {};
    }
    Memory memory = TRY(allocate(wanted.bytes));
    std::span<std::byte> out(memory.get(), static_cast<size_t>(wanted.bytes));
    if (usable) {
        if (!out.empty()) std::memcpy(out.data(), cached->second.bytes.data(), out.size());
    } else {
        // What a tactic leaves unwritten (the end of a rounded size) goes into plans, whose bytes must not vary.
        if (!out.empty()) std::memset(out.data(), 0, out.size());
        std::vector<std::span<const std::byte>> sources;
        std::string why = damaged ? fmt::format("packed weights '{}' are damaged (their checksum is wrong)", key)
                                  : fmt::format("packing weights for tactic {}", binding.tactic->id());
        for (const ir::Value* v : wanted.sources) sources.push_back(TRY_IN(why, v->constant()->bytes()));
        TRY_IN(fmt::format("packing weights for tactic {}", binding.tactic->id()),
               binding.tactic->pack(binding, index, sources, out, target_));
    }
    entry.bytes = out;
    entry.owner = std::shared_ptr<const void>(std::move(memory));
    entry.ready = true;
    return {};
}

std::vector<plan::Plan::PackedBlob> PackedStore::blobs() const {
    std::lock_guard lock(mutex_);
    std::vector<plan::Plan::PackedBlob> out;
    for (const auto& [key, entry] : entries_) {
        std::lock_guard entryLock(entry->mutex);
        if (entry->ready) out.push_back(plan::Plan::PackedBlob{key, entry->owner, entry->bytes});
    }
    return out;
}

}  // namespace lathe::exec
