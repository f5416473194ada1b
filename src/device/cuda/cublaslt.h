// SPDX-License-Identifier: Apache-2.0
// cuBLASLt's matrix products, by declarations of our own: the library is found at run time, and what needs it does
// without where it is absent.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/dtype.h"
#include "device/cuda/gpu.h"
#include "device/cuda/library.h"

namespace lathe::cuda {

// Row-major C[m, n] = act(A[m, k] B[k, n] + bias[n] (+ residual)), B stored as [n, k] where transB; of one type: f32,
// f16 or bf16. Batches: products at strides of their own, in elements.
struct LtProblem {
    DType type = DType::kHalf;
    int64_t m = 0, n = 0, k = 0, lda = 0, ldb = 0, ldc = 0;
    bool transA = false, transB = false;
    int64_t batch = 1, strideA = 0, strideB = 0, strideC = 0;
    bool tf32 = false;  // of f32
    enum class Activation { kNone, kRelu, kGeluTanh };
    Activation activation = Activation::kNone;
    bool bias = false;
    bool residual = false;  // laid out as C; added before the activation
};

class CublasLt {
  public:
    // Loaded once per process; a failure is kept and answered every time.
    static Result<const CublasLt*> get();
    // "13.1.0"; what its heuristics answer depends on it.
    const std::string& version() const { return version_; }

    // One algorithm for one problem. Its run() may be called from one thread at a time.
    class Product {
      public:
        ~Product();
        int64_t workspaceBytes() const { return workspaceBytes_; }
        // `bias` stays what it was at make(). Enqueues; the GPU is current.
        Status run(const void* a, const void* b, const void* residual, void* c, void* workspace, void* stream) const;

      private:
        friend class CublasLt;
        Product() = default;
        const CublasLt* lt_ = nullptr;
        void* handle_ = nullptr;
        void *desc_ = nullptr, *layoutA_ = nullptr, *layoutB_ = nullptr, *layoutC_ = nullptr;
        uint64_t algorithm_[8] = {};
        int64_t workspaceBytes_ = 0;
        bool residual_ = false;
    };
    // The `rank`-th choice of the library's heuristics (0: the best), the last one when there are fewer. kUnsupported
    // when it has none. `bias`: its address on the GPU.
    Result<std::unique_ptr<Product>> make(const Gpu& gpu, const LtProblem& problem, const void* bias, int rank,
                                          int64_t workspaceLimit) const;

  private:
    static Result<CublasLt> load();
    Result<void*> handleOf(const Gpu& gpu) const;
    Status check(int status, const char* call) const;

    struct Api {
        size_t (*version)();
        int (*create)(void**);
        int (*descCreate)(void**, int, int);
        int (*descDestroy)(void*);
        int (*descSet)(void*, int, const void*, size_t);
        int (*layoutCreate)(void**, int, uint64_t, uint64_t, int64_t);
        int (*layoutDestroy)(void*);
        int (*layoutSet)(void*, int, const void*, size_t);
        int (*preferenceCreate)(void**);
        int (*preferenceDestroy)(void*);
        int (*preferenceSet)(void*, int, const void*, size_t);
        int (*heuristic)(void*, void*, void*, void*, void*, void*, void*, int, void*, int*);
        int (*matmul)(void*, void*, const void*, const void*, void*, const void*, void*, const void*, const void*,
                      void*, void*, void*, const void*, void*, size_t, void*);
    };
    Api api_{};
    std::string version_;
};

}  // namespace lathe::cuda
