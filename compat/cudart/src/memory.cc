// SPDX-License-Identifier: Apache-2.0
// Memory of the host domain, copies and fills. What was allocated is written down, so that a wrong pointer or a copy
// past an allocation's end is an error and not a crash.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>

#include "gpu.h"
#include "stream.h"

namespace lathe::cudart {
namespace {

constexpr size_t kAlignment = 256;  // what cudaMalloc promises

struct Block {
    size_t size = 0;
    cudaMemoryType type = cudaMemoryTypeUnregistered;
    unsigned int flags = 0;
    bool registered = false;  // the program's own memory (cudaHostRegister)
};

struct Blocks {
    std::mutex mutex;
    std::map<uintptr_t, Block> list;
    size_t used = 0;
    static Blocks& instance() {
        static auto* blocks = new Blocks;
        return *blocks;
    }
    // The block that holds an address; null when none does.
    const std::pair<const uintptr_t, Block>* holding(const void* p) const {
        auto a = reinterpret_cast<uintptr_t>(p);
        auto at = list.upper_bound(a);
        if (at == list.begin()) return nullptr;
        --at;
        return a < at->first + at->second.size ? &*at : nullptr;
    }
};

void memoryOfMachine(size_t& available, size_t& total) {
    available = total = 0;
    if (std::FILE* f = std::fopen("/proc/meminfo", "r")) {
        char line[128];
        unsigned long long kib;
        while (std::fgets(line, sizeof line, f)) {
            if (std::sscanf(line, "MemTotal: %llu kB", &kib) == 1) total = kib << 10;
            if (std::sscanf(line, "MemAvailable: %llu kB", &kib) == 1) available = kib << 10;
        }
        std::fclose(f);
    }
    if (!total)
        total = available = static_cast<size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

cudaError_t allocate(void** out, size_t size, cudaMemoryType type, unsigned int flags) {
    if (!out) return cudaErrorInvalidValue;
    *out = nullptr;
    if (size == 0) return cudaSuccess;
    // The kernel promises more memory than there is, and kills who believes it.
    if (size > (size_t{64} << 20)) {
        size_t available, total;
        memoryOfMachine(available, total);
        if (size > available) return cudaErrorMemoryAllocation;
    }
    if (size > SIZE_MAX - kAlignment) return cudaErrorMemoryAllocation;
    void* p = std::aligned_alloc(kAlignment, (size + kAlignment - 1) / kAlignment * kAlignment);
    if (!p) return cudaErrorMemoryAllocation;
    Blocks& b = Blocks::instance();
    std::lock_guard lock(b.mutex);
    b.list[reinterpret_cast<uintptr_t>(p)] = {size, type, flags, false};
    b.used += size;
    *out = p;
    return cudaSuccess;
}

// Takes a block off the list when it is one of the wanted kind.
bool take(void* p, bool hostKind) {
    Blocks& b = Blocks::instance();
    std::lock_guard lock(b.mutex);
    auto at = b.list.find(reinterpret_cast<uintptr_t>(p));
    if (at == b.list.end() || at->second.registered || (at->second.type == cudaMemoryTypeHost) != hostKind)
        return false;
    b.used -= at->second.size;
    b.list.erase(at);
    return true;
}

cudaError_t release(void* p, bool hostKind) {
    if (!p) return cudaSuccess;
    if (!take(p, hostKind)) return cudaErrorInvalidValue;
    synchronizeAll();  // work that is on a stream may still use it
    std::free(p);
    return cudaSuccess;
}

// Whether `bytes` from `p` stay within the allocation that p is in, if it is in one.
bool fits(const void* p, size_t bytes) {
    Blocks& b = Blocks::instance();
    std::lock_guard lock(b.mutex);
    const auto* block = b.holding(p);
    return !block || bytes <= block->first + block->second.size - reinterpret_cast<uintptr_t>(p);
}

cudaError_t copy(void* to, const void* from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
    if (static_cast<int>(kind) < 0 || kind > cudaMemcpyDefault) return cudaErrorInvalidMemcpyDirection;
    if (bytes == 0) return synchronizeStream(stream) == cudaSuccess ? cudaSuccess : cudaErrorInvalidResourceHandle;
    if (!to || !from || !fits(to, bytes) || !fits(from, bytes)) return cudaErrorInvalidValue;
    return runOn(stream, [=] { std::memmove(to, from, bytes); });
}

cudaError_t copyRows(void* to, size_t toPitch, const void* from, size_t fromPitch, size_t width, size_t height,
                     cudaMemcpyKind kind, cudaStream_t stream) {
    if (static_cast<int>(kind) < 0 || kind > cudaMemcpyDefault) return cudaErrorInvalidMemcpyDirection;
    if (width > toPitch || width > fromPitch) return cudaErrorInvalidPitchValue;
    if (width == 0 || height == 0) return cudaSuccess;
    if (!to || !from || !fits(to, toPitch * (height - 1) + width) || !fits(from, fromPitch * (height - 1) + width))
        return cudaErrorInvalidValue;
    return runOn(stream, [=] {
        for (size_t y = 0; y < height; ++y)
            std::memmove(static_cast<char*>(to) + y * toPitch, static_cast<const char*>(from) + y * fromPitch, width);
    });
}

cudaError_t fillRows(void* p, size_t pitch, int value, size_t width, size_t height, cudaStream_t stream) {
    if (height > 1 && width > pitch) return cudaErrorInvalidPitchValue;
    if (width == 0 || height == 0) return cudaSuccess;
    if (!p || !fits(p, pitch * (height - 1) + width)) return cudaErrorInvalidValue;
    return runOn(stream, [=] {
        for (size_t y = 0; y < height; ++y) std::memset(static_cast<char*>(p) + y * pitch, value, width);
    });
}

DriverCopy2D rows(void* to, size_t toPitch, const void* from, size_t fromPitch, size_t width, size_t height) {
    DriverCopy2D c;
    c.from = toDriver(from);
    c.fromPitch = fromPitch;
    c.to = toDriver(to);
    c.toPitch = toPitch;
    c.width = width;
    c.height = height;
    return c;
}

// Memory that the driver does not know is the program's own.
int pointerAttributes(const Driver& d, cudaPointerAttributes* out, const void* p) {
    constexpr int kMemoryType = 2, kDevicePointer = 3, kHostPointer = 4, kIsManaged = 8, kOrdinal = 9, kHost = 1;
    if (!out || !p) return cudaErrorInvalidValue;
    std::memset(out, 0, sizeof *out);
    unsigned type = 0, managed = 0;
    out->type = cudaMemoryTypeUnregistered;
    out->device = cudaInvalidDeviceId;
    if (d.pointerGetAttribute(&type, kMemoryType, toDriver(p))) return cudaSuccess;
    (void)d.pointerGetAttribute(&managed, kIsManaged, toDriver(p));
    (void)d.pointerGetAttribute(&out->device, kOrdinal, toDriver(p));
    (void)d.pointerGetAttribute(&out->devicePointer, kDevicePointer, toDriver(p));
    (void)d.pointerGetAttribute(&out->hostPointer, kHostPointer, toDriver(p));
    out->type = managed ? cudaMemoryTypeManaged : type == kHost ? cudaMemoryTypeHost : cudaMemoryTypeDevice;
    return cudaSuccess;
}

// The one memory pool: there is nothing to pool, but programs set its thresholds.
char defaultPool;
cudaMemPool_t pool() { return reinterpret_cast<cudaMemPool_t>(&defaultPool); }

}  // namespace
}  // namespace lathe::cudart

using namespace lathe::cudart;

extern "C" {

cudaError_t cudaMalloc(void** p, size_t size) {
    return call([&] { return allocate(p, size, cudaMemoryTypeDevice, 0); },
                [&](const Driver& d) -> int {
                    return !p ? 1 : d.memAlloc(reinterpret_cast<DriverPointer*>(p), size ? size : 1);
                });
}
cudaError_t cudaMallocHost(void** p, size_t size) {
    return call([&] { return allocate(p, size, cudaMemoryTypeHost, 0); },
                [&](const Driver& d) -> int { return !p ? 1 : d.memHostAlloc(p, size ? size : 1, 0); });
}
cudaError_t cudaHostAlloc(void** p, size_t size, unsigned int flags) {
    return call([&] { return flags > 7u ? cudaErrorInvalidValue : allocate(p, size, cudaMemoryTypeHost, flags); },
                [&](const Driver& d) -> int { return !p ? 1 : d.memHostAlloc(p, size ? size : 1, flags); });
}
cudaError_t cudaMallocManaged(void** p, size_t size, unsigned int flags) {
    return call(
        [&] {
            if (size == 0 || (flags != cudaMemAttachGlobal && flags != cudaMemAttachHost)) return cudaErrorInvalidValue;
            return allocate(p, size, cudaMemoryTypeManaged, flags);
        },
        [&](const Driver& d) -> int {
            return !p ? 1 : d.memAllocManaged(reinterpret_cast<DriverPointer*>(p), size, flags);
        });
}
cudaError_t cudaMallocPitch(void** p, size_t* pitch, size_t width, size_t height) {
    return call(
        [&] {
            if (!pitch) return cudaErrorInvalidValue;
            if (width > SIZE_MAX - 511) return cudaErrorMemoryAllocation;
            *pitch = (width + 511) / 512 * 512;
            if (height && *pitch > SIZE_MAX / height) return cudaErrorMemoryAllocation;
            return allocate(p, *pitch * height, cudaMemoryTypeDevice, 0);
        },
        [&](const Driver& d) -> int {
            if (!p || !pitch) return 1;
            if (width > SIZE_MAX - 511) return cudaErrorMemoryAllocation;
            *pitch = (width + 511) / 512 * 512;
            if (height && *pitch > SIZE_MAX / height) return cudaErrorMemoryAllocation;
            return d.memAlloc(reinterpret_cast<DriverPointer*>(p), *pitch * height + 1);
        });
}
cudaError_t cudaFree(void* p) {
    return call([&] { return release(p, false); },
                [&](const Driver& d) -> int { return p ? d.memFree(toDriver(p)) : 0; });
}
cudaError_t cudaFreeHost(void* p) {
    return call([&] { return release(p, true); }, [&](const Driver& d) -> int { return p ? d.memFreeHost(p) : 0; });
}

cudaError_t cudaHostRegister(void* p, size_t size, unsigned int flags) {
    return call(
        [&] {
            if (!p || !size) return cudaErrorInvalidValue;
            Blocks& b = Blocks::instance();
            std::lock_guard lock(b.mutex);
            if (b.holding(p)) return cudaErrorHostMemoryAlreadyRegistered;
            b.list[reinterpret_cast<uintptr_t>(p)] = {size, cudaMemoryTypeHost, flags, true};
            return cudaSuccess;
        },
        [&](const Driver& d) -> int { return d.memHostRegister(p, size, flags); });
}
cudaError_t cudaHostUnregister(void* p) {
    return call(
        [&] {
            Blocks& b = Blocks::instance();
            std::lock_guard lock(b.mutex);
            auto at = b.list.find(reinterpret_cast<uintptr_t>(p));
            if (at == b.list.end() || !at->second.registered) return cudaErrorHostMemoryNotRegistered;
            b.list.erase(at);
            return cudaSuccess;
        },
        [&](const Driver& d) -> int { return d.memHostUnregister(p); });
}
cudaError_t cudaHostGetDevicePointer(void** device, void* host, unsigned int flags) {
    return call(
        [&] {
            if (!device || !host || flags) return cudaErrorInvalidValue;
            *device = host;
            return cudaSuccess;
        },
        [&](const Driver& d) -> int {
            return d.memHostGetDevicePointer(reinterpret_cast<DriverPointer*>(device), host, flags);
        });
}
cudaError_t cudaHostGetFlags(unsigned int* flags, void* host) {
    return call([&] {
        Blocks& b = Blocks::instance();
        std::lock_guard lock(b.mutex);
        const auto* block = b.holding(host);
        if (!flags || !block || block->second.type != cudaMemoryTypeHost) return cudaErrorInvalidValue;
        *flags = block->second.flags;
        return cudaSuccess;
    });
}

cudaError_t cudaMemGetInfo(size_t* available, size_t* total) {
    return call(
        [&] {
            if (!available || !total) return cudaErrorInvalidValue;
            memoryOfMachine(*available, *total);
            return cudaSuccess;
        },
        [&](const Driver& d) -> int { return d.memGetInfo(available, total); });
}

cudaError_t cudaMallocAsync(void** p, size_t size, cudaStream_t stream) {
    return call([&] { return allocate(p, size, cudaMemoryTypeDevice, 0); },
                [&](const Driver& d) -> int {
                    return !p ? 1 : d.memAllocAsync(reinterpret_cast<DriverPointer*>(p), size ? size : 1, stream);
                });
}
cudaError_t cudaMallocFromPoolAsync(void** p, size_t size, cudaMemPool_t from, cudaStream_t) {
    return call([&] { return from != pool() ? cudaErrorInvalidValue : allocate(p, size, cudaMemoryTypeDevice, 0); });
}
cudaError_t cudaFreeAsync(void* p, cudaStream_t stream) {
    return call(
        [&] {
            if (!p) return cudaSuccess;
            if (!take(p, false)) return cudaErrorInvalidValue;
            return runOn(stream, [p] { std::free(p); });
        },
        [&](const Driver& d) -> int { return p ? d.memFreeAsync(toDriver(p), stream) : 0; });
}

cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t* out, int device) {
    return call([&] {
        if (!out || device != 0) return out ? cudaErrorInvalidDevice : cudaErrorInvalidValue;
        *out = pool();
        return cudaSuccess;
    });
}
cudaError_t cudaDeviceGetMemPool(cudaMemPool_t* out, int device) { return cudaDeviceGetDefaultMemPool(out, device); }
cudaError_t cudaDeviceSetMemPool(int device, cudaMemPool_t p) {
    return call([&] { return device == 0 && p == pool() ? cudaSuccess : cudaErrorInvalidValue; });
}
cudaError_t cudaMemPoolCreate(cudaMemPool_t*, const struct cudaMemPoolProps*) {
    return call([] { return cudaErrorNotSupported; });
}
cudaError_t cudaMemPoolDestroy(cudaMemPool_t) {
    return call([] { return cudaErrorNotSupported; });
}
cudaError_t cudaMemPoolTrimTo(cudaMemPool_t p, size_t) {
    return call([&] { return p == pool() ? cudaSuccess : cudaErrorInvalidValue; });
}
cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t p, enum cudaMemPoolAttr, void* value) {
    return call([&] { return p == pool() && value ? cudaSuccess : cudaErrorInvalidValue; });
}
cudaError_t cudaMemPoolGetAttribute(cudaMemPool_t p, enum cudaMemPoolAttr attribute, void* value) {
    return call([&] {
        if (p != pool() || !value) return cudaErrorInvalidValue;
        if (attribute <= cudaMemPoolReuseAllowInternalDependencies) {
            *static_cast<int*>(value) = 1;
            return cudaSuccess;
        }
        Blocks& b = Blocks::instance();
        std::lock_guard lock(b.mutex);
        *static_cast<unsigned long long*>(value) = attribute == cudaMemPoolAttrReleaseThreshold ? 0 : b.used;
        return cudaSuccess;
    });
}

cudaError_t cudaPointerGetAttributes(struct cudaPointerAttributes* out, const void* p) {
    return call(
        [&] {
            if (!out || !p) return cudaErrorInvalidValue;
            std::memset(out, 0, sizeof *out);
            Blocks& b = Blocks::instance();
            std::lock_guard lock(b.mutex);
            const auto* block = b.holding(p);
            out->type = block ? block->second.type : cudaMemoryTypeUnregistered;
            out->device = block ? 0 : cudaInvalidDeviceId;
            if (block) out->devicePointer = out->hostPointer = const_cast<void*>(p);
            return cudaSuccess;
        },
        [&](const Driver& d) -> int { return pointerAttributes(d, out, p); });
}
cudaError_t cudaMemPrefetchAsync(const void* p, size_t bytes, struct cudaMemLocation, unsigned int, cudaStream_t) {
    return call([&] { return p && fits(p, bytes) ? cudaSuccess : cudaErrorInvalidValue; });
}
cudaError_t cudaMemAdvise(const void* p, size_t bytes, enum cudaMemoryAdvise, struct cudaMemLocation) {
    return call([&] { return p && fits(p, bytes) ? cudaSuccess : cudaErrorInvalidValue; });
}

cudaError_t cudaMemcpy(void* to, const void* from, size_t bytes, enum cudaMemcpyKind kind) {
    return call([&] { return copy(to, from, bytes, kind, nullptr); },
                [&](const Driver& d) -> int { return bytes ? d.memcpy(toDriver(to), toDriver(from), bytes) : 0; });
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, enum cudaMemcpyKind kind, cudaStream_t stream) {
    return call(
        [&] { return copy(to, from, bytes, kind, stream); },
        [&](const Driver& d) -> int { return bytes ? d.memcpyAsync(toDriver(to), toDriver(from), bytes, stream) : 0; });
}
cudaError_t cudaMemcpy2D(void* to, size_t toPitch, const void* from, size_t fromPitch, size_t width, size_t height,
                         enum cudaMemcpyKind kind) {
    return call([&] { return copyRows(to, toPitch, from, fromPitch, width, height, kind, nullptr); },
                [&](const Driver& d) -> int {
                    DriverCopy2D c = rows(to, toPitch, from, fromPitch, width, height);
                    return d.memcpy2D(&c);
                });
}
cudaError_t cudaMemcpy2DAsync(void* to, size_t toPitch, const void* from, size_t fromPitch, size_t width, size_t height,
                              enum cudaMemcpyKind kind, cudaStream_t stream) {
    return call([&] { return copyRows(to, toPitch, from, fromPitch, width, height, kind, stream); },
                [&](const Driver& d) -> int {
                    DriverCopy2D c = rows(to, toPitch, from, fromPitch, width, height);
                    return d.memcpy2DAsync(&c, stream);
                });
}
cudaError_t cudaMemcpyPeer(void* to, int toDevice, const void* from, int fromDevice, size_t bytes) {
    return call([&] {
        if (toDevice != 0 || fromDevice != 0) return cudaErrorInvalidDevice;
        return copy(to, from, bytes, cudaMemcpyDeviceToDevice, nullptr);
    });
}
cudaError_t cudaMemcpyPeerAsync(void* to, int toDevice, const void* from, int fromDevice, size_t bytes,
                                cudaStream_t stream) {
    return call([&] {
        if (toDevice != 0 || fromDevice != 0) return cudaErrorInvalidDevice;
        return copy(to, from, bytes, cudaMemcpyDeviceToDevice, stream);
    });
}
// A variable compiled by a host compiler is its own device copy.
cudaError_t cudaMemcpyToSymbol(const void* symbol, const void* from, size_t bytes, size_t offset,
                               enum cudaMemcpyKind kind) {
    return call([&] {
        if (!symbol) return cudaErrorInvalidSymbol;
        return copy(static_cast<char*>(const_cast<void*>(symbol)) + offset, from, bytes, kind, nullptr);
    });
}
cudaError_t cudaGetSymbolAddress(void** p, const void* symbol) {
    return call([&] {
        if (!p || !symbol) return p ? cudaErrorInvalidSymbol : cudaErrorInvalidValue;
        *p = const_cast<void*>(symbol);
        return cudaSuccess;
    });
}
cudaError_t cudaMemset(void* p, int value, size_t bytes) {
    return call(
        [&] { return fillRows(p, bytes, value, bytes, 1, nullptr); },
        [&](const Driver& d) -> int { return d.memset(toDriver(p), static_cast<unsigned char>(value), bytes); });
}
cudaError_t cudaMemsetAsync(void* p, int value, size_t bytes, cudaStream_t stream) {
    return call([&] { return fillRows(p, bytes, value, bytes, 1, stream); },
                [&](const Driver& d) -> int {
                    return d.memsetAsync(toDriver(p), static_cast<unsigned char>(value), bytes, stream);
                });
}
cudaError_t cudaMemset2D(void* p, size_t pitch, int value, size_t width, size_t height) {
    return call([&] { return fillRows(p, pitch, value, width, height, nullptr); },
                [&](const Driver& d) -> int {
                    return d.memset2D(toDriver(p), pitch, static_cast<unsigned char>(value), width, height);
                });
}
cudaError_t cudaMemset2DAsync(void* p, size_t pitch, int value, size_t width, size_t height, cudaStream_t stream) {
    return call([&] { return fillRows(p, pitch, value, width, height, stream); },
                [&](const Driver& d) -> int {
                    return d.memset2DAsync(toDriver(p), pitch, static_cast<unsigned char>(value), width, height,
                                           stream);
                });
}

}  // extern "C"
