// SPDX-License-Identifier: Apache-2.0
#include "tactics/cuda/launcher.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>

namespace lathe::cuda {
namespace {

CacheKey contentOf(const KernelSource& s) {
    std::vector<std::string_view> parts{s.text, s.archSpecific ? "a" : ""};
    for (const std::string& d : s.defines) parts.push_back(d);
    return cacheKey(parts);
}

// The source's code on the GPU: compiled or found, and loaded once for all plans alive that have it.
Result<std::shared_ptr<const Module>> sharedModule(const Gpu& gpu, const KernelSource& s, const CubinCache& cache) {
    using Key = std::pair<const Gpu*, CacheKey>;
    static std::mutex mutex;
    static auto* loaded = new std::map<Key, std::weak_ptr<const Module>>;  // guarded by mutex
    Key key{&gpu, contentOf(s)};
    {
        std::lock_guard lock(mutex);
        if (auto at = loaded->find(key); at != loaded->end())
            if (auto module = at->second.lock()) return module;
    }
    std::vector<std::byte> code = TRY(compileCached(compileRequest(s, gpu.info().sm), cache));
    auto module = std::make_shared<const Module>(TRY_IN(s.name, Module::load(gpu, code)));
    std::lock_guard lock(mutex);
    std::erase_if(*loaded, [](const auto& entry) { return entry.second.expired(); });
    (*loaded)[key] = module;
    return std::shared_ptr<const Module>(module);
}

}  // namespace

KernelTarget kernelTarget(const Gpu& gpu) { return {gpu.info().sm, gpu.info().smCount, gpu.info().sharedPerBlock}; }

CompileRequest compileRequest(const KernelSource& s, int sm) {
    CompileRequest r;
    r.name = s.name;
    r.text = s.text;
    r.defines = s.defines;
    r.sm = sm;
    r.archSpecific = s.archSpecific;
    return r;
}

const CubinCache& processCache() {
    static const auto* cache = new CubinCache(CubinCache::defaultFolder());
    return *cache;
}

void compileAhead(std::span<const KernelPlan> plans, int sm) {
    if (CubinCache::defaultFolder().empty()) return;  // nothing would be kept
    std::vector<CompileRequest> requests;
    std::set<CacheKey> seen;
    for (const KernelPlan& p : plans)
        for (const KernelSource& s : p.sources)
            if (sm >= s.minSm && sm <= s.maxSm && seen.insert(contentOf(s)).second)
                requests.push_back(compileRequest(s, sm));
    std::atomic<size_t> next = 0;
    std::vector<std::thread> threads;
    unsigned count =
        std::min<unsigned>(std::max(1u, std::thread::hardware_concurrency()), static_cast<unsigned>(requests.size()));
    for (unsigned t = 0; t < count; ++t)
        threads.emplace_back([&] {
            for (size_t i; (i = next++) < requests.size();) (void)compileCached(requests[i], processCache());
        });
    for (std::thread& t : threads) t.join();
}

Result<std::unique_ptr<LoadedPlan>> LoadedPlan::load(const Gpu& gpu, KernelPlan plan, const CubinCache& cache) {
    std::unique_ptr<LoadedPlan> loaded(new LoadedPlan(gpu, std::move(plan)));
    const KernelPlan& p = loaded->plan_;
    int sm = gpu.info().sm;
    // Entries of one text share a module.
    for (size_t i = 0; i < p.sources.size(); ++i) {
        const KernelSource& s = p.sources[i];
        if (sm < s.minSm || sm > s.maxSm)
            return unsupported("{} is for sm_{} to sm_{}, not sm_{}", s.name, s.minSm, s.maxSm, sm);
        if (i > 0 && s.text == p.sources[i - 1].text && s.defines == p.sources[i - 1].defines) {
            loaded->modules_.push_back(nullptr);
            continue;
        }
        loaded->modules_.push_back(TRY(sharedModule(gpu, s, cache)));
    }
    for (const Launch& l : p.launches) {
        size_t source = static_cast<size_t>(l.source), module = source;
        while (!loaded->modules_[module]) --module;
        Ready r;
        r.function = TRY_IN(p.sources[source].name,
                            loaded->modules_[module]->function(p.sources[source].entry.c_str(), l.sharedBytes));
        for (int d = 0; d < 3; ++d) {
            r.shape.grid[d] = l.grid[d];
            r.shape.block[d] = l.block[d];
            r.shape.cluster[d] = l.cluster[d];
        }
        r.shape.sharedBytes = l.sharedBytes;
        r.params.resize((l.params.size() + sizeof(Block) - 1) / sizeof(Block));
        std::copy(l.params.begin(), l.params.end(), r.params.data()->bytes);
        loaded->launches_.push_back(std::move(r));
    }
    return loaded;
}

Status LoadedPlan::bind(const Operands& operands) {
    for (size_t i = 0; i < launches_.size(); ++i) {
        std::byte* params = launches_[i].params.data()->bytes;
        for (const PointerAt& at : plan_.launches[i].pointers) {
            char* address = static_cast<char*>(operands.address[at.operand]);
            if (address) address += at.offset;
            std::memcpy(params + at.at, &address, sizeof address);
        }
        if (plan_.launches[i].maps.empty()) continue;
        Gpu::Current current(gpu_);
        for (const TensorMapAt& map : plan_.launches[i].maps)
            TRY(encode(map, static_cast<char*>(operands.address[map.operand]) + map.offset, params + map.at));
    }
    return {};
}

Status LoadedPlan::encode(const TensorMapAt& m, void* address, std::byte* to) const {
    if (!gpu_.api().tensorMapEncodeTiled || !gpu_.api().tensorMapEncodeIm2col)
        return unsupported("tensor maps: the CUDA driver is too old");
    CuTensorMap map;
    int type = m.type == DType::kHalf    ? kTensorF16
               : m.type == DType::kBf16  ? kTensorBf16
               : m.type == DType::kFloat ? kTensorF32
                                         : kTensorU8;
    uint32_t ones[5] = {1, 1, 1, 1, 1};
    int swizzle = m.swizzleBytes == 128 ? 3 : m.swizzleBytes == 64 ? 2 : m.swizzleBytes == 32 ? 1 : 0;
    constexpr int kPromote256 = 3;
    if (m.im2col) {
        ones[1] = m.step[0], ones[2] = m.step[1];
        TRY(gpu_.check(
            gpu_.api().tensorMapEncodeIm2col(&map, type, static_cast<uint32_t>(m.rank), address, m.dims, m.strides,
                                             m.lower, m.upper, m.box[0], m.box[1], ones, 0, swizzle, kPromote256, 0),
            "cuTensorMapEncodeIm2col"));
        std::memcpy(to, &map, sizeof map);
        return {};
    }
    TRY(gpu_.check(gpu_.api().tensorMapEncodeTiled(&map, type, static_cast<uint32_t>(m.rank), address, m.dims,
                                                   m.strides, m.box, ones, 0, swizzle, kPromote256, 0),
                   "cuTensorMapEncodeTiled"));
    std::memcpy(to, &map, sizeof map);
    return {};
}

Status LoadedPlan::run(CuStream stream) const {
    for (const Ready& r : launches_) TRY(launch(gpu_, r.function, r.shape, r.params.data(), stream));
    return {};
}

Result<Module::Resources> LoadedPlan::resources(size_t i) const {
    size_t module = static_cast<size_t>(plan_.launches[i].source);
    while (!modules_[module]) --module;
    return modules_[module]->resources(launches_[i].function);
}

}  // namespace lathe::cuda
