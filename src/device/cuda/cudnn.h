// SPDX-License-Identifier: Apache-2.0
// cuDNN's convolutions with what follows them in one graph, by declarations of our own: the library is found at run
// time, and what needs it does without where it is absent.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/dtype.h"
#include "device/cuda/gpu.h"
#include "device/cuda/library.h"

namespace lathe::cuda {

// y = act(conv(x, w) + bias (+ residual)) over channels-last images [n, spatial..., channels] and weights
// [oc, window..., ic / groups]; of one type: f32, f16 or bf16, sums in f32. `bias`: f32, one for each output channel.
// An axis
// of one element is added where there is one spatial axis only.
struct CudnnConv {
    DType type = DType::kHalf;
    int64_t n = 1, ic = 0, oc = 0, groups = 1;
    std::vector<int64_t> in, out, window, stride, dilation, padBefore, padAfter;  // one entry per spatial axis
    bool tf32 = false;                                                            // of f32
    enum class Activation { kNone, kRelu, kSigmoid, kTanh, kSwish, kGeluErf, kGeluTanh };
    Activation activation = Activation::kNone;
    bool bias = false;
    bool residual = false;  // laid out as y; added before the activation
};

class Cudnn {
  public:
    // Loaded once per process; a failure is kept and answered every time.
    static Result<const Cudnn*> get();
    // "9.10.2"; what its heuristics answer depends on it.
    const std::string& version() const { return version_; }

    // One engine for one problem. Its run() may be called from one thread at a time.
    class Convolution {
      public:
        ~Convolution();
        int64_t workspaceBytes() const { return workspaceBytes_; }
        // Enqueues; the GPU is current. `bias` and `residual` are null where the problem has none.
        Status run(const void* x, const void* w, const void* bias, const void* residual, void* y, void* workspace,
                   void* stream);

      private:
        friend class Cudnn;
        Convolution() = default;
        const Cudnn* dnn_ = nullptr;
        void* handle_ = nullptr;
        void* plan_ = nullptr;
        void* arguments_ = nullptr;  // the variant pack of the last addresses
        std::vector<void*> lastPointers_;
        std::vector<int64_t> ids_;        // of the tensors, as run() orders them
        std::vector<void*> descriptors_;  // destroyed last to first
        int64_t workspaceBytes_ = 0;
    };
    // The `rank`-th choice of the library's heuristics (0: the best) among the engines that keep sums in f32, give the
    // same answer every time and need no more workspace than this. kUnsupported where there are fewer.
    Result<std::unique_ptr<Convolution>> make(const Gpu& gpu, const CudnnConv& problem, int rank,
                                              int64_t workspaceLimit) const;

    // Builds the description of the problem as far as no GPU is needed: what the library says of its numbers.
    Status describe(const CudnnConv& problem) const;

  private:
    class Builder;
    static Result<Cudnn> load();
    Result<void*> handleOf(const Gpu& gpu) const;
    Status check(int status, const char* call) const;

    struct Api {
        size_t (*version)();
        int (*create)(void**);
        int (*setStream)(void*, void*);
        int (*makeDescriptor)(int, void**);
        int (*destroyDescriptor)(void*);
        int (*finalize)(void*);
        int (*set)(void*, int, int, int64_t, const void*);
        int (*get)(void*, int, int, int64_t, int64_t*, void*);
        int (*execute)(void*, void*, void*);
        void (*lastError)(char*, size_t);
    };
    Api api_{};
    std::string version_;
};

}  // namespace lathe::cuda
