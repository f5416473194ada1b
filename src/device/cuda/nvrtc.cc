// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/nvrtc.h"

#include <algorithm>

namespace lathe::cuda {
namespace {

std::vector<std::string> optionsOf(const CompileRequest& r) {
    std::vector<std::string> options = {"--gpu-architecture=" + architecture(r), "--std=c++17",
                                        "--device-as-default-execution-space"};
    for (const std::string& define : r.defines) options.push_back("-D" + define);
    return options;
}

}  // namespace

std::string architecture(const CompileRequest& r) {
    return fmt::format("{}_{}{}", r.ptx ? "compute" : "sm", r.sm, r.archSpecific ? "a" : "");
}

Result<const Nvrtc*> Nvrtc::get() {
    static const Result<Nvrtc>* loaded = new Result<Nvrtc>(load());
    if (!loaded->ok()) return Status(loaded->status());
    return &loaded->value();
}

Result<Nvrtc> Nvrtc::load() {
    Library l = TRY_IN("no NVRTC", Library::open({"libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so"}));
    Nvrtc n;
    n.name_ = l.name();
    TRY(l.load("nvrtcVersion", n.api_.version));
    TRY(l.load("nvrtcGetErrorString", n.api_.errorString));
    TRY(l.load("nvrtcCreateProgram", n.api_.create));
    TRY(l.load("nvrtcDestroyProgram", n.api_.destroy));
    TRY(l.load("nvrtcCompileProgram", n.api_.compile));
    TRY(l.load("nvrtcGetProgramLogSize", n.api_.logSize));
    TRY(l.load("nvrtcGetProgramLog", n.api_.log));
    TRY(l.load("nvrtcGetCUBINSize", n.api_.cubinSize));
    TRY(l.load("nvrtcGetCUBIN", n.api_.cubin));
    TRY(l.load("nvrtcGetPTXSize", n.api_.ptxSize));
    TRY(l.load("nvrtcGetPTX", n.api_.ptx));
    int major = 0, minor = 0;
    if (int r = n.api_.version(&major, &minor))
        return makeStatus(Code::kFailedInitialization, "nvrtcVersion: {}", n.api_.errorString(r));
    n.version_ = major * 1000 + minor * 10;
    if (major < 12)
        return makeStatus(Code::kFailedInitialization, "NVRTC {}.{} is too old; at least 12.0 is needed", major, minor);
    int (*count)(int*) = nullptr;
    int (*list)(int*) = nullptr;
    if (l.load("nvrtcGetNumSupportedArchs", count).ok() && l.load("nvrtcGetSupportedArchs", list).ok()) {
        int size = 0;
        if (count(&size) == 0 && size > 0 && size < 1000) {
            n.architectures_.resize(static_cast<size_t>(size));
            if (list(n.architectures_.data()) != 0) n.architectures_.clear();
            std::sort(n.architectures_.begin(), n.architectures_.end());
        }
    }
    return n;
}

Result<std::vector<std::byte>> Nvrtc::compile(const CompileRequest& r) const {
    if (!architectures_.empty() && !std::binary_search(architectures_.begin(), architectures_.end(), r.sm))
        return unsupported("{}: NVRTC {}.{} does not compile for sm_{}", r.name, version_ / 1000, version_ % 1000 / 10,
                           r.sm);
    auto failed = [&](int result, const char* what) {
        return makeStatus(Code::kFailedExecution, "{}: {}: {}", r.name, what, api_.errorString(result));
    };
    struct Owner {
        const Api& api;
        Program program = nullptr;
        ~Owner() {
            if (program) (void)api.destroy(&program);
        }
    } owner{api_};
    if (int e = api_.create(&owner.program, r.text.c_str(), (r.name + ".cu").c_str(), 0, nullptr, nullptr))
        return failed(e, "nvrtcCreateProgram");
    std::vector<std::string> options = optionsOf(r);
    std::vector<const char*> pointers;
    for (const std::string& o : options) pointers.push_back(o.c_str());
    if (int e = api_.compile(owner.program, static_cast<int>(pointers.size()), pointers.data())) {
        size_t size = 0;
        std::string log;
        if (api_.logSize(owner.program, &size) == 0 && size > 1) {
            log.resize(size);
            if (api_.log(owner.program, log.data()) != 0) log.clear();
            log.resize(std::min(log.find('\0'), log.size()));
        }
        return makeStatus(Code::kFailedExecution, "{} for {}: {}\n{}", r.name, architecture(r), api_.errorString(e),
                          log);
    }
    size_t size = 0;
    if (int e = (r.ptx ? api_.ptxSize : api_.cubinSize)(owner.program, &size)) return failed(e, "nvrtcGet…Size");
    std::vector<std::byte> code(size);
    char* out = reinterpret_cast<char*>(code.data());
    if (int e = (r.ptx ? api_.ptx : api_.cubin)(owner.program, out)) return failed(e, "nvrtcGet…");
    return code;
}

Result<std::vector<std::byte>> compileCached(const CompileRequest& r, const CubinCache& cache) {
    const Nvrtc* nvrtc = TRY(Nvrtc::get());
    std::vector<std::string> options = optionsOf(r);
    options.push_back(fmt::format("nvrtc {}", nvrtc->version()));
    std::vector<std::string_view> parts = {r.text};
    parts.insert(parts.end(), options.begin(), options.end());
    CacheKey key = cacheKey(parts);
    if (std::optional<std::vector<std::byte>> found = cache.find(key)) return std::move(*found);
    std::vector<std::byte> code = TRY(nvrtc->compile(r));
    (void)cache.put(key, code);
    return code;
}

}  // namespace lathe::cuda
