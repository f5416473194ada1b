// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/cublaslt.h"

#include <algorithm>

#include "device/cuda/handles.h"

namespace lathe::cuda {
namespace {

// The library's numbers.
constexpr int kTypeF32 = 0, kTypeF16 = 2, kTypeBf16 = 14;
constexpr int kCompute32F = 68, kCompute32FFastTf32 = 77;
constexpr int kDescTransA = 3, kDescTransB = 4, kDescEpilogue = 7, kDescBiasPointer = 8;
constexpr int kLayoutBatchCount = 5, kLayoutBatchOffset = 6;
constexpr int kPreferenceWorkspace = 1, kPreferenceReductions = 3;
// Parts of a sum are kept in f32, never in the result's type.
constexpr uint32_t kReduceInComputeType = 2;
constexpr uint32_t kEpilogueDefault = 1, kEpilogueRelu = 2, kEpilogueBias = 4, kEpilogueGelu = 32;
constexpr int kMostAlgorithms = 8;

struct HeuristicResult {
    uint64_t algorithm[8];
    size_t workspaceBytes;
    int status;
    float waves;
    int reserved[4];
};

int typeNumber(DType t) { return t == DType::kHalf ? kTypeF16 : t == DType::kBf16 ? kTypeBf16 : kTypeF32; }

}  // namespace

Result<CublasLt> CublasLt::load() {
    Library library = TRY(Library::open({"libcublasLt.so.13", "libcublasLt.so.12", "libcublasLt.so.11"}));
    CublasLt lt;
    Api& a = lt.api_;
    TRY(library.load("cublasLtGetVersion", a.version));
    TRY(library.load("cublasLtCreate", a.create));
    TRY(library.load("cublasLtMatmulDescCreate", a.descCreate));
    TRY(library.load("cublasLtMatmulDescDestroy", a.descDestroy));
    TRY(library.load("cublasLtMatmulDescSetAttribute", a.descSet));
    TRY(library.load("cublasLtMatrixLayoutCreate", a.layoutCreate));
    TRY(library.load("cublasLtMatrixLayoutDestroy", a.layoutDestroy));
    TRY(library.load("cublasLtMatrixLayoutSetAttribute", a.layoutSet));
    TRY(library.load("cublasLtMatmulPreferenceCreate", a.preferenceCreate));
    TRY(library.load("cublasLtMatmulPreferenceDestroy", a.preferenceDestroy));
    TRY(library.load("cublasLtMatmulPreferenceSetAttribute", a.preferenceSet));
    TRY(library.load("cublasLtMatmulAlgoGetHeuristic", a.heuristic));
    TRY(library.load("cublasLtMatmul", a.matmul));
    // 130100 for 13.1.0; 111103 for 11.11.3 is written the same way.
    size_t v = a.version();
    lt.version_ = fmt::format("{}.{}.{}", v / 10000, v / 100 % 100, v % 100);
    return lt;
}

Result<const CublasLt*> CublasLt::get() {
    static const auto* loaded = new Result<CublasLt>(load());
    if (!loaded->ok()) return loaded->status();
    return &**loaded;
}

Status CublasLt::check(int status, const char* call) const {
    if (status == 0) return {};
    // 15: the combination has no kernel; 7: an argument that it does not take.
    if (status == 15 || status == 7) return unsupported("{}: cuBLASLt {} answers {}", call, version_, status);
    return makeStatus(Code::kFailedExecution, "{}: cuBLASLt {} answers {}", call, version_, status);
}

Result<void*> CublasLt::handleOf(const Gpu& gpu) const {
    static auto* handles = new Handles;
    return handles->of(gpu, [this](void** handle) { return check(api_.create(handle), "cublasLtCreate"); });
}

CublasLt::Product::~Product() {
    if (!lt_) return;
    for (void* layout : {layoutA_, layoutB_, layoutC_})
        if (layout) lt_->api_.layoutDestroy(layout);
    if (desc_) lt_->api_.descDestroy(desc_);
}

Result<std::unique_ptr<CublasLt::Product>> CublasLt::make(const Gpu& gpu, const LtProblem& p, const void* bias,
                                                          int rank, int64_t workspaceLimit) const {
    // The library is column-major: what it computes is the transposed product, B' A'.
    std::unique_ptr<Product> product(new Product);
    product->lt_ = this;
    product->handle_ = TRY(handleOf(gpu));
    product->residual_ = p.residual;
    Gpu::Current current(gpu);
    int compute = p.type == DType::kFloat && p.tf32 ? kCompute32FFastTf32 : kCompute32F;
    TRY(check(api_.descCreate(&product->desc_, compute, kTypeF32), "cublasLtMatmulDescCreate"));
    // Row-major [rows, columns] is column-major [columns, rows].
    int32_t first = p.transB ? 1 : 0, second = p.transA ? 1 : 0;
    TRY(check(api_.descSet(product->desc_, kDescTransA, &first, sizeof first), "cublasLtMatmulDescSetAttribute"));
    TRY(check(api_.descSet(product->desc_, kDescTransB, &second, sizeof second), "cublasLtMatmulDescSetAttribute"));
    uint32_t epilogue = p.activation == LtProblem::Activation::kRelu       ? kEpilogueRelu
                        : p.activation == LtProblem::Activation::kGeluTanh ? kEpilogueGelu
                                                                           : kEpilogueDefault;
    if (p.bias) epilogue = (epilogue == kEpilogueDefault ? 0 : epilogue) | kEpilogueBias;
    TRY(check(api_.descSet(product->desc_, kDescEpilogue, &epilogue, sizeof epilogue),
              "cublasLtMatmulDescSetAttribute"));
    if (p.bias)
        TRY(check(api_.descSet(product->desc_, kDescBiasPointer, &bias, sizeof bias),
                  "cublasLtMatmulDescSetAttribute"));
    auto layout = [&](void*& out, int64_t rows, int64_t columns, int64_t ld, int64_t stride) -> Status {
        TRY(check(api_.layoutCreate(&out, typeNumber(p.type), static_cast<uint64_t>(rows),
                                    static_cast<uint64_t>(columns), ld),
                  "cublasLtMatrixLayoutCreate"));
        if (p.batch == 1) return {};
        auto count = static_cast<int32_t>(p.batch);
        TRY(check(api_.layoutSet(out, kLayoutBatchCount, &count, sizeof count), "cublasLtMatrixLayoutSetAttribute"));
        return check(api_.layoutSet(out, kLayoutBatchOffset, &stride, sizeof stride),
                     "cublasLtMatrixLayoutSetAttribute");
    };
    TRY(layout(product->layoutB_, p.transB ? p.k : p.n, p.transB ? p.n : p.k, p.ldb, p.strideB));
    TRY(layout(product->layoutA_, p.transA ? p.m : p.k, p.transA ? p.k : p.m, p.lda, p.strideA));
    TRY(layout(product->layoutC_, p.n, p.m, p.ldc, p.strideC));
    void* preference = nullptr;
    TRY(check(api_.preferenceCreate(&preference), "cublasLtMatmulPreferenceCreate"));
    auto limit = static_cast<uint64_t>(workspaceLimit);
    int status = api_.preferenceSet(preference, kPreferenceWorkspace, &limit, sizeof limit);
    HeuristicResult found[kMostAlgorithms] = {};
    int count = 0;
    if (status == 0)
        status =
            api_.heuristic(product->handle_, product->desc_, product->layoutB_, product->layoutA_, product->layoutC_,
                           product->layoutC_, preference, std::clamp(rank + 1, 1, kMostAlgorithms), found, &count);
    api_.preferenceDestroy(preference);
    TRY(check(status, "cublasLtMatmulAlgoGetHeuristic"));
    while (count > 0 && found[count - 1].status != 0) --count;
    if (count == 0) return unsupported("cuBLASLt {} has no algorithm for this product", version_);
    const HeuristicResult& chosen = found[std::min(rank, count - 1)];
    if (chosen.status != 0) return unsupported("cuBLASLt {} refuses algorithm {}", version_, rank);
    std::copy(std::begin(chosen.algorithm), std::end(chosen.algorithm), product->algorithm_);
    product->workspaceBytes_ = static_cast<int64_t>(chosen.workspaceBytes);
    return product;
}

Status CublasLt::Product::run(const void* a, const void* b, const void* residual, void* c, void* workspace,
                              void* stream) const {
    float alpha = 1, beta = residual_ ? 1 : 0;
    return lt_->check(
        lt_->api_.matmul(handle_, desc_, &alpha, b, layoutB_, a, layoutA_, &beta, residual_ ? residual : c, layoutC_, c,
                         layoutC_, algorithm_, workspace, static_cast<size_t>(workspaceBytes_), stream),
        "cublasLtMatmul");
}

}  // namespace lathe::cuda
