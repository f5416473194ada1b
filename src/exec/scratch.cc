// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>

#include "exec/prepared.h"

namespace lathe::exec {

Allocator Allocator::system() {
    return {[](size_t bytes, size_t alignment, device::StreamHandle) {
                return std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
            },
            [](void* p, device::StreamHandle) { std::free(p); }, /*keeps=*/true};
}

Allocator Allocator::of(device::Device& device) {
    return {[&device](size_t bytes, size_t, device::StreamHandle) -> void* {
                auto p = device.allocate(static_cast<int64_t>(bytes));
                return p.ok() ? *p : nullptr;
            },
            [&device](void* p, device::StreamHandle) { device.free(p); }, /*keeps=*/true};
}

std::shared_ptr<tactics::Kernel> KernelCache::find(int step, std::span<const int64_t> key) {
    auto& entries = steps_[static_cast<size_t>(step)];
    for (size_t i = 0; i < entries.size(); ++i)
        if (std::equal(key.begin(), key.end(), entries[i].key.begin(), entries[i].key.end())) {
            std::rotate(entries.begin(), entries.begin() + static_cast<long>(i),
                        entries.begin() + static_cast<long>(i) + 1);
            return entries.front().kernel;
        }
    return nullptr;
}

std::shared_ptr<tactics::Kernel> KernelCache::put(int step, std::vector<int64_t> key,
                                                  std::shared_ptr<tactics::Kernel> kernel) {
    auto& entries = steps_[static_cast<size_t>(step)];
    std::shared_ptr<tactics::Kernel> gone;
    if (entries.size() >= kPerStep) {
        gone = std::move(entries.back().kernel);
        entries.pop_back();
    }
    entries.insert(entries.begin(), Entry{std::move(key), std::move(kernel)});
    return gone;
}

Scratch::~Scratch() {
    for (Block& b : blocks_) allocator_.deallocate(b.data, nullptr);
}

Result<void*> Scratch::take(int64_t bytes) {
    if (bytes < 0 || bytes > (INT64_MAX >> 2))
        return makeStatus(Code::kFailedAllocation, "{} bytes of memory cannot be allocated", bytes);
    int64_t need = std::max(alignUp(bytes), kAlignment);
    Block* best = nullptr;
    for (Block& b : blocks_)
        if (!b.used && b.bytes >= need && (!best || b.bytes < best->bytes)) best = &b;
    // A block that is much too large stays free for what needs it.
    if (best && best->bytes <= std::max<int64_t>(4 * need, 1 << 16)) {
        best->used = true;
        return best->data;
    }
    // Growing tensors (a loop's outputs) would otherwise leave a trail of blocks that nothing fits any more.
    if (blocks_.size() >= 256)
        for (size_t i = 0; i < blocks_.size(); ++i)
            if (!blocks_[i].used) {
                allocator_.deallocate(blocks_[i].data, stream_);
                blocks_[i] = blocks_.back();
                blocks_.pop_back();
                break;
            }
    void* p = allocator_.allocate(static_cast<size_t>(need), static_cast<size_t>(alignment_), stream_);
    if (!p) return makeStatus(Code::kFailedAllocation, "out of memory: {} bytes were asked for", need);
    if (reinterpret_cast<uintptr_t>(p) % static_cast<uintptr_t>(alignment_) != 0) {
        allocator_.deallocate(p, stream_);
        return makeStatus(Code::kFailedAllocation, "the allocator gave memory that is not aligned to {} bytes",
                          alignment_);
    }
    blocks_.push_back({p, need, true});
    return p;
}

void Scratch::give(void* p) {
    for (Block& b : blocks_)
        if (b.data == p) b.used = false;
}

void Scratch::giveAll() {
    for (Block& b : blocks_) b.used = false;
}

void Scratch::begin(device::StreamHandle stream) {
    giveAll();
    stream_ = stream;
}

void Scratch::end() {
    giveAll();
    if (!allocator_.keeps) {
        for (Block& b : blocks_) allocator_.deallocate(b.data, stream_);
        blocks_.clear();
    }
    stream_ = nullptr;
}

int Scratch::taken() const {
    return static_cast<int>(std::count_if(blocks_.begin(), blocks_.end(), [](const Block& b) { return b.used; }));
}

}  // namespace lathe::exec
