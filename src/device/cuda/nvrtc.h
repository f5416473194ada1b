// SPDX-License-Identifier: Apache-2.0
// CUDA C++ text to machine code. Needs no GPU, so that kernels can be compiled for one that is elsewhere.
#pragma once

#include <string>
#include <vector>

#include "device/cuda/cubin_cache.h"
#include "device/cuda/library.h"

namespace lathe::cuda {

struct CompileRequest {
    std::string name;                  // for messages
    std::string text;                  // includes nothing
    std::vector<std::string> defines;  // "BM=128"
    int sm = 75;
    bool archSpecific = false;  // sm_90a instead of sm_90
    bool ptx = false;           // PTX, which later architectures run too (not when archSpecific), instead of a cubin
};
// "sm_90a", "compute_75".
std::string architecture(const CompileRequest& request);

class Nvrtc {
  public:
    // Loaded once per process; a failure is kept and answered every time.
    static Result<const Nvrtc*> get();

    // 13000 for 13.0.
    int version() const { return version_; }
    const std::string& library() const { return name_; }
    // Architectures that it compiles for, ascending; empty when it is too old to tell.
    const std::vector<int>& architectures() const { return architectures_; }

    // May be called from several threads at once. A failure's message has the compiler's log.
    Result<std::vector<std::byte>> compile(const CompileRequest& request) const;

  private:
    using Program = struct ProgramTag*;
    struct Api {
        int (*version)(int*, int*);
        const char* (*errorString)(int);
        int (*create)(Program*, const char*, const char*, int, const char* const*, const char* const*);
        int (*destroy)(Program*);
        int (*compile)(Program, int, const char* const*);
        int (*logSize)(Program, size_t*);
        int (*log)(Program, char*);
        int (*cubinSize)(Program, size_t*);
        int (*cubin)(Program, char*);
        int (*ptxSize)(Program, size_t*);
        int (*ptx)(Program, char*);
    };
    static Result<Nvrtc> load();

    Api api_{};
    int version_ = 0;
    std::string name_;
    std::vector<int> architectures_;
};

// From the cache, or compiled and then kept there. The key is the text, the options and NVRTC's version.
Result<std::vector<std::byte>> compileCached(const CompileRequest& request, const CubinCache& cache);

}  // namespace lathe::cuda
