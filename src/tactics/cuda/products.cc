// SPDX-License-Identifier: Apache-2.0
#include "tactics/cuda/products.h"

#include <algorithm>
#include <cstring>

#include "tactics/common/batch_axes.h"
#include "tactics/common/operands.h"

namespace lathe::tactics {
namespace {

constexpr const char* kTransposedKind = "cuda_b.v1";
constexpr const char* kRepeatedKind = "cuda_repeat.v1";

template <class T>
void transposeMatrices(const T* from, T* to, int64_t count, int64_t k, int64_t n) {
    for (int64_t m = 0; m < count; ++m, from += k * n, to += k * n)
        // By tiles that stay in the cache.
        for (int64_t i0 = 0; i0 < k; i0 += 32)
            for (int64_t j0 = 0; j0 < n; j0 += 32)
                for (int64_t j = j0; j < std::min(j0 + 32, n); ++j)
                    for (int64_t i = i0; i < std::min(i0 + 32, k); ++i) to[j * k + i] = from[i * n + j];
}

}  // namespace

Result<cuda::GemmShape> matmulShape(DType type, bool transposeA, bool transposeB, ir::Dims a, ir::Dims b) {
    if (!isReal(type)) return unsupported("a product of {} has no kernel", toString(type));
    cuda::GemmShape s;
    s.type = s.outType = type;
    s.transA = transposeA;
    s.transB = transposeB;
    if ((a.size() == 1 && s.transA) || (b.size() == 1 && s.transB)) return unsupported("a vector is transposed");
    // A vector is a row on the left and a column on the right: as stored, a transposed row.
    if (a.size() == 1) a.insert(a.begin(), 1);
    if (b.size() == 1) {
        b.insert(b.begin(), 1);
        s.transB = true;
    }
    size_t ra = a.size(), rb = b.size();
    s.m = s.transA ? a[ra - 1] : a[ra - 2];
    s.k = s.transA ? a[ra - 2] : a[ra - 1];
    s.n = s.transB ? b[rb - 2] : b[rb - 1];
    s.lda = a[ra - 1];
    s.ldb = b[rb - 1];
    s.ldc = s.ldr = s.n;
    std::vector<BatchAxis> axes = batchAxesOf(a, b, s.m * s.n);
    // All rows over one B are one product.
    if (!axes.empty() && axes[0].b == 0 && !s.transA && axes[0].a == s.m * s.lda) {
        s.m *= axes[0].extent;
        axes.erase(axes.begin());
    }
    constexpr size_t kBatchDims = std::size(cuda::GemmShape().batch);
    if (axes.size() > kBatchDims)
        return unsupported("{} batch axes that cannot be joined; {} are possible", axes.size(), kBatchDims);
    // The kernel's axis 0 is the outermost.
    for (size_t i = 0; i < axes.size(); ++i) {
        size_t to = kBatchDims - 1 - i;
        s.batch[to] = axes[i].extent;
        s.strideA[to] = axes[i].a;
        s.strideB[to] = axes[i].b;
        s.strideC[to] = s.strideR[to] = axes[i].c;
    }
    return s;
}

bool wantsTransposedB(const ir::Value& b, bool transposeB) {
    // Of f32 the kernels read either form as well.
    return b.isConstant() && !transposeB && b.rank() >= 2 && bitsOf(b.dtype()) == 16 &&
           ir::volume(ir::constantDims(b.shape())) > 0;
}

PackedWeights transposedB(const ir::Value& b) {
    ir::Dims dims = ir::constantDims(b.shape());
    return {{&b},
            fmt::format("{}:{}x{}", kTransposedKind, dims[dims.size() - 2], dims.back()),
            lathe::bytesOf(b.dtype(), ir::volume(dims))};
}

PackedWeights repeatedScalar(const ir::Value& v, int64_t n) {
    return {{&v}, fmt::format("{}:{}", kRepeatedKind, n), lathe::bytesOf(v.dtype(), n)};
}

Status packProductWeights(const PackedWeights& weights, std::span<const std::span<const std::byte>> sources,
                          std::span<std::byte> out) {
    const ir::Value& v = *weights.sources[0];
    auto width = static_cast<size_t>(bitsOf(v.dtype()) / 8);
    if (weights.kind.starts_with(kRepeatedKind)) {
        if (sources[0].size() < width || out.size() % width != 0) return internalError("no scalar to repeat");
        for (size_t at = 0; at < out.size(); at += width) std::memcpy(out.data() + at, sources[0].data(), width);
        return {};
    }
    ir::Dims dims = ir::constantDims(v.shape());
    int64_t k = dims[dims.size() - 2], n = dims.back(), count = ir::volume(dims) / std::max<int64_t>(k * n, 1);
    if (out.size() != sources[0].size()) return internalError("{} bytes for {}", out.size(), sources[0].size());
    if (width == 2)
        transposeMatrices(reinterpret_cast<const uint16_t*>(sources[0].data()), reinterpret_cast<uint16_t*>(out.data()),
                          count, k, n);
    else
        transposeMatrices(reinterpret_cast<const uint32_t*>(sources[0].data()), reinterpret_cast<uint32_t*>(out.data()),
                          count, k, n);
    return {};
}

Result<CudaWork> productWork(cuda::GemmShape shape, const cuda::Epilogue& epilogue, const ProductOperands& operands,
                             std::span<const int64_t> params, const Target& target, bool toScratch) {
    cuda::KernelTarget gpu = kernelTarget(target);
    CudaWork work;
    if (params.size() != 2) return internalError("a product of {} parameters", params.size());
    Result<cuda::KernelPlan> plan =
        cuda::gemm(shape, epilogue, static_cast<int>(params[0]), static_cast<int>(params[1]), gpu);
    if (!plan.ok() && plan.status().code() == Code::kUnsupported) {
        bool tf32 = cuda::gemmTiles()[static_cast<size_t>(params[0])].kernel != cuda::GemmKernel::kSimt;
        cuda::GemmChoice choice = cuda::chooseGemm(shape, tf32, gpu);
        plan = cuda::gemm(shape, epilogue, choice.tile, choice.splits, gpu);
    }
    TRY(plan.status());
    CudaWork::Stage& s = work.add(plan.take());
    s.value(cuda::kOperandA, *operands.a);
    if (toScratch)
        s.scratch(cuda::kOutput);
    else
        s.output(cuda::kOutput, 0);
    if (operands.packedB >= 0)
        s.packed(cuda::kOperandB, operands.packedB);
    else
        s.value(cuda::kOperandB, *operands.b);
    if (operands.packedBias >= 0)
        s.packed(cuda::kOperandBias, operands.packedBias);
    else if (operands.bias)
        s.value(cuda::kOperandBias, *operands.bias);
    if (operands.residual) s.value(cuda::kOperandResidual, *operands.residual);
    return work;
}

}  // namespace lathe::tactics
