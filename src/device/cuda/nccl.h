// SPDX-License-Identifier: Apache-2.0
// Communication between processes by NCCL, by declarations of our own: the library is found at run time, when a network
// first communicates. A communicator is the application's, made by the same library.
#pragma once

#include <string>

#include "base/dtype.h"
#include "device/cuda/library.h"

namespace lathe::cuda {

class Nccl {
  public:
    // Loaded once per process; a failure is kept and answered every time.
    static Result<const Nccl*> get();
    // "2.28.9"
    const std::string& version() const { return version_; }

    enum class Kind { kAllReduce, kAllGather, kBroadcast, kReduce, kReduceScatter };
    enum class Reduce { kSum, kProd, kMax, kMin, kAvg };
    // `count` elements from `from`, of all_gather and reduce_scatter those of one rank. Enqueues.
    struct Call {
        Kind kind = Kind::kAllReduce;
        Reduce reduce = Reduce::kSum;
        DType type = DType::kFloat;
        size_t count = 0;
        int root = 0;
    };
    Status run(const Call& call, const void* from, void* to, void* communicator, void* stream) const;
    Result<int> ranksOf(void* communicator) const;
    Result<int> rankOf(void* communicator) const;

  private:
    Nccl() = default;
    static Result<Nccl> load();
    Status check(int result, const char* call) const;

    std::string version_;
    struct Api {
        int (*version)(int*);
        const char* (*errorText)(int);
        int (*count)(const void*, int*);
        int (*rank)(const void*, int*);
        int (*allReduce)(const void*, void*, size_t, int, int, void*, void*);
        int (*allGather)(const void*, void*, size_t, int, void*, void*);
        int (*broadcast)(const void*, void*, size_t, int, int, void*, void*);
        int (*reduce)(const void*, void*, size_t, int, int, int, void*, void*);
        int (*reduceScatter)(const void*, void*, size_t, int, int, void*, void*);
    } api_{};
};

}  // namespace lathe::cuda
