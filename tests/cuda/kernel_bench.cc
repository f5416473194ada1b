// SPDX-License-Identifier: Apache-2.0
// Times kernels on the first GPU: cuda_kernel_bench [gemm | large] [memory] [attention] [conv]. One line a case, the
// fastest tile first; bench/cuda_kernels.py puts the same cases of PyTorch beside them.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "cuda/cuda_testing.h"
#include "kernels/cuda/attention.h"
#include "kernels/cuda/conv.h"
#include "kernels/cuda/pointwise.h"
#include "kernels/cuda/rows.h"

namespace lathe::cuda {
namespace {

struct Bench {
    Rig& rig = Rig::get();
    std::vector<DeviceBuffer> buffers;

    // Random halves of about unit variance, uploaded once and copied to fill.
    void* data(int64_t bytes) {
        Gpu& gpu = *rig.gpu;
        DeviceBuffer b = DeviceBuffer::create(gpu, bytes).take();
        static Tensor noise = Tensor::random(DType::kHalf, 1 << 21, 1);
        for (int64_t at = 0; at < bytes; at += static_cast<int64_t>(noise.bytes.size()))
            (void)gpu.copy(static_cast<char*>(b.data()) + at, noise.bytes.data(),
                           std::min<int64_t>(bytes - at, static_cast<int64_t>(noise.bytes.size())), nullptr);
        (void)gpu.synchronize(nullptr);
        buffers.push_back(std::move(b));
        return buffers.back().data();
    }

    // Seconds, or a negative number with the reason printed.
    double time(Result<KernelPlan> plan, Operands operands, double roughly) {
        if (!plan.ok()) return -2;
        int64_t workspace = plan->workspaceBytes;
        Result<std::unique_ptr<LoadedPlan>> loaded = LoadedPlan::load(*rig.gpu, plan.take(), rig.cache);
        if (!loaded.ok()) {
            std::printf("  %s\n", loaded.status().toString().c_str());
            return -1;
        }
        DeviceBuffer scratch;
        if (workspace > 0) {
            scratch = DeviceBuffer::create(*rig.gpu, workspace).take();
            operands.set(kWorkspace, scratch.data());
        }
        Status bound = (*loaded)->bind(operands);
        if (!bound.ok()) {
            std::printf("  %s\n", bound.toString().c_str());
            return -1;
        }
        int repeats = static_cast<int>(std::min(200.0, std::max(5.0, 2e-3 / roughly)));
        return timeOf(**loaded, repeats);
    }
};

// LATHE_BENCH_TILE: that tile alone, for a profiler.
void benchGemm(Bench& b, bool all) {
    const char* chosenTile = std::getenv("LATHE_BENCH_TILE");
    int onlyTile = chosenTile ? std::atoi(chosenTile) : -1;
    struct Case {
        int64_t m, n, k;
    } cases[] = {{8192, 8192, 8192},  {12288, 3072, 1024}, {12288, 1024, 1024}, {12288, 4096, 1024},
                 {12288, 1024, 4096}, {384, 3072, 1024},   {384, 1024, 1024},   {384, 4096, 1024},
                 {384, 1024, 4096},   {128, 768, 768},     {128, 3072, 768},    {197, 3072, 768},
                 {12608, 768, 3072},  {512, 50257, 768},   {1, 4096, 4096},     {16, 4096, 4096}};
    struct Run {
        Case c;
        int tile, splits;
    };
    std::vector<Run> runs;
    std::vector<KernelPlan> ahead;
    auto plan = [&](const Case& c, int tile, int splits) {
        GemmShape s{.m = c.m, .n = c.n, .k = c.k, .transB = true, .lda = c.k, .ldb = c.k, .ldc = c.n};
        return gemm(s, {.bias = DType::kHalf}, tile, splits, b.rig.target);
    };
    size_t count = all ? std::size(cases) : 3;
    for (const Case& c : std::span(cases).first(count))
        for (int tile = 2; tile < static_cast<int>(gemmTiles().size()); ++tile) {
            const GemmTile& t = gemmTiles()[static_cast<size_t>(tile)];
            if (onlyTile >= 0 && tile != onlyTile) continue;
            if (c.m > 1000 && t.bm * t.bn < 128 * 64) continue;
            if (c.m <= 16 && t.bm > 64) continue;
            int64_t tiles = ceilDiv(c.m, t.bm) * ceilDiv(c.n, t.bn);
            for (int splits : {1, 2, 4, 8, 16}) {
                if (splits > 1 && (tiles * splits > 300 || c.k / splits < 128)) continue;
                Result<KernelPlan> p = plan(c, tile, splits);
                if (!p.ok()) continue;
                runs.push_back({c, tile, splits});
                ahead.push_back(p.take());
            }
        }
    compileAhead(ahead, Rig::get().gpu->info().sm);
    for (const Case& c : std::span(cases).first(count)) {
        Operands o;
        o.set(kOperandA, b.data(c.m * c.k * 2));
        o.set(kOperandB, b.data(c.n * c.k * 2));
        o.set(kOperandBias, b.data(c.n * 2));
        o.set(kOutput, b.data(c.m * c.n * 2));
        double flops = 2.0 * static_cast<double>(c.m) * static_cast<double>(c.n) * static_cast<double>(c.k);
        std::vector<std::pair<double, std::string>> results;
        for (const Run& r : runs) {
            if (r.c.m != c.m || r.c.n != c.n || r.c.k != c.k) continue;
            double s = b.time(plan(c, r.tile, r.splits), o, flops / 3e14);
            const GemmTile& t = gemmTiles()[static_cast<size_t>(r.tile)];
            if (s > 0 && std::getenv("LATHE_BENCH_ALL"))
                std::fprintf(stderr, "all %lld %lld %lld tile %d splits %d %.3f\n", static_cast<long long>(c.m),
                             static_cast<long long>(c.n), static_cast<long long>(c.k), r.tile, r.splits, s * 1e6);
            if (s > 0)
                results.push_back({s, fmt::format("{}:{}x{}/{}", t.kernel == GemmKernel::kMma ? "mma" : "wgmma", t.bm,
                                                  t.bn, r.splits)});
        }
        std::sort(results.begin(), results.end());
        std::printf("gemm %lld %lld %lld :", static_cast<long long>(c.m), static_cast<long long>(c.n),
                    static_cast<long long>(c.k));
        int shown = 0;
        bool mmaShown = false;
        for (auto& [s, name] : results) {
            bool mma = name.starts_with("mma");
            if (shown >= 4 && (mmaShown || !mma)) continue;
            mmaShown = mmaShown || mma;
            ++shown;
            std::printf(" %s %.2f us %.0f TF;", name.c_str(), s * 1e6, flops / s * 1e-12);
        }
        GemmShape shape{.m = c.m, .n = c.n, .k = c.k, .transB = true, .lda = c.k, .ldb = c.k, .ldc = c.n};
        GemmChoice choice = chooseGemm(shape, true, b.rig.target);
        const GemmTile& t = gemmTiles()[static_cast<size_t>(choice.tile)];
        std::printf(" the model: %s:%dx%d/%d %.2f us\n", t.kernel == GemmKernel::kMma ? "mma" : "wgmma", t.bm, t.bn,
                    choice.splits, b.time(plan(c, choice.tile, choice.splits), o, flops / 3e14) * 1e6);
        std::fflush(stdout);
        b.buffers.clear();
    }
}

void benchMemory(Bench& b) {
    auto report = [&](const char* name, Result<KernelPlan> plan, const Operands& o, double bytes) {
        double s = b.time(std::move(plan), o, bytes / 2e12);
        std::printf("memory %s : %.1f us %.2f TB/s\n", name, s * 1e6, bytes / s * 1e-12);
        std::fflush(stdout);
    };
    constexpr int64_t kN = int64_t{1} << 28;  // halves
    Operands o;
    void *x = b.data(kN * 2), *y = b.data(kN * 2), *z = b.data(kN * 2), *small = b.data(1 << 20);
    o.set(0, x);
    o.set(1, y);
    o.set(kOutput, z);
    double two = 4.0 * kN, three = 6.0 * kN;
    int64_t flat[] = {kN}, square[] = {16384, 16384};
    kernels::PointwiseProgram copy, add;
    copy.output(copy.input(DType::kHalf), DType::kHalf);
    int a = add.input(DType::kHalf), c = add.input(DType::kHalf);
    add.output(add.unary(kernels::PwOp::kGeluErf, add.binary(kernels::PwOp::kAdd, a, c)), DType::kHalf);
    std::span<const int64_t> one[] = {flat}, both[] = {flat, flat};
    report("copy", pointwiseDense(copy, flat, one), o, two);
    report("add_gelu", pointwiseDense(add, flat, both), o, three);
    int perm[] = {1, 0};
    report("transpose", transpose(square, perm, 2), o, two);
    int64_t nhwc[] = {128, 64, 112, 112};
    int toLast[] = {0, 2, 3, 1};
    report("nchw_to_nhwc", transpose(nhwc, toLast, 2), o, 4.0 * 128 * 64 * 112 * 112);
    for (int64_t n : {128, 384, 1024, 4096, 32768})
        report(fmt::format("softmax_{}", n).c_str(), softmax(DType::kHalf, kN / n, n, 1, false), o, two);
    o.set(2, small);
    o.set(3, small);
    o.set(kOutput + 1, y);
    for (int64_t n : {768, 1024, 4096}) {
        LayerNormShape s{.rows = kN / n,
                         .n = n,
                         .xStride = n,
                         .residualStride = n,
                         .yStride = n,
                         .sumStride = n,
                         .affine = DType::kHalf,
                         .scale = true,
                         .bias = true};
        s.type = DType::kHalf;
        double used = static_cast<double>(kN / n * n);
        report(fmt::format("layer_norm_{}", n).c_str(), layerNorm(s), o, 4 * used);
        s.residual = s.sum = true;
        report(fmt::format("add_layer_norm_{}", n).c_str(), layerNorm(s), o, 8 * used);
    }
    for (int64_t k : {3, 5}) {
        ConvShape d{.n = 128,
                    .ic = 96,
                    .oc = 96,
                    .groups = 96,
                    .in = {1, 112, 112},
                    .kernel = {1, k, k},
                    .padBefore = {0, k / 2, k / 2},
                    .padAfter = {0, k / 2, k / 2}};
        Operands q;
        q.set(kOperandA, x);
        q.set(kOperandB, small);
        q.set(kOperandBias, small);
        q.set(kOutput, z);
        report(fmt::format("depthwise_{}", k).c_str(),
               depthwise(d, {.bias = DType::kHalf, .activation = kernels::Activation::kRelu}), q,
               4.0 * 128 * 96 * 112 * 112);
    }
    b.buffers.clear();
}

void benchAttention(Bench& b) {
    struct {
        int64_t batch, heads, n, dim;
        bool causal, masked = false;
    } cases[] = {{32, 16, 384, 64, false},  {32, 16, 384, 64, false, true}, {1, 16, 384, 64, false, true},
                 {1, 16, 384, 64, false},   {64, 12, 197, 64, false},       {1, 12, 512, 64, true},
                 {4, 16, 4096, 128, false}, {4, 16, 4096, 64, true}};
    for (auto& c : cases) {
        AttentionShape s{.batch = c.batch,
                         .heads = c.heads,
                         .kvHeads = c.heads,
                         .queries = c.n,
                         .keys = c.n,
                         .headDim = c.dim,
                         .valueDim = c.dim};
        int64_t row = 3 * c.heads * c.dim;
        s.q = s.k = s.v = {c.n * row, c.dim, row};
        s.out = {c.n * c.heads * c.dim, c.dim, c.heads * c.dim};
        s.scale = 1 / std::sqrt(static_cast<float>(c.dim));
        s.causal = c.causal;
        if (c.masked) s.mask = DType::kHalf, s.maskStrides = {c.n, 0, 0, 1};
        char* qkv = static_cast<char*>(b.data(c.batch * c.n * row * 2));
        Operands o;
        o.set(0, qkv);
        o.set(1, qkv + c.heads * c.dim * 2);
        o.set(2, qkv + 2 * c.heads * c.dim * 2);
        o.set(kOutput, b.data(c.batch * s.out.batch * 2));
        if (c.masked) o.set(3, b.data(c.batch * c.n * 2));
        double flops = 4.0 * static_cast<double>(c.batch * c.heads * c.n * c.n * c.dim) * (c.causal ? 0.5 : 1);
        double t = b.time(attention(s, b.rig.target), o, flops / 2e14),
               tw = b.time(attentionWgmma(s, b.rig.target), o, flops / 2e14);
        std::printf("attention b%lld h%lld n%lld d%lld %s : mma %.1f us %.0f TF; wgmma %.1f us %.0f TF\n",
                    static_cast<long long>(c.batch), static_cast<long long>(c.heads), static_cast<long long>(c.n),
                    static_cast<long long>(c.dim),
                    c.masked   ? "masked"
                    : c.causal ? "causal"
                               : "full",
                    t * 1e6, flops / t * 1e-12, tw * 1e6, flops / tw * 1e-12);
        std::fflush(stdout);
        b.buffers.clear();
    }
}

void benchConv(Bench& b) {
    struct {
        int64_t n, ic, oc, size, kernel, stride;
    } cases[] = {{1, 64, 64, 56, 3, 1},    {1, 256, 256, 14, 3, 1},   {1, 512, 512, 7, 3, 1},
                 {128, 64, 64, 56, 3, 1},  {128, 128, 128, 28, 3, 1}, {128, 256, 256, 14, 3, 1},
                 {128, 512, 512, 7, 3, 1}, {128, 8, 64, 224, 7, 2},   {128, 256, 512, 56, 1, 2}};
    std::vector<KernelPlan> ahead;
    auto shapeOf = [](auto& c) {
        ConvShape s{.n = c.n,
                    .ic = c.ic,
                    .oc = c.oc,
                    .in = {1, c.size, c.size},
                    .kernel = {1, c.kernel, c.kernel},
                    .stride = {1, c.stride, c.stride}};
        for (int d : {1, 2}) s.padBefore[d] = s.padAfter[d] = c.kernel / 2;
        return s;
    };
    Epilogue e{.bias = DType::kHalf, .activation = kernels::Activation::kRelu};
    for (int pass = 0; pass < 2; ++pass) {
        for (auto& c : cases) {
            ConvShape s = shapeOf(c);
            std::vector<std::pair<double, std::string>> results;
            Operands o;
            double flops = 2.0 * static_cast<double>(s.n * s.out(1) * s.out(2) * s.oc * s.ic * c.kernel * c.kernel);
            if (pass == 1) {
                o.set(kOperandA, b.data(s.n * c.size * c.size * s.ic * 2));
                o.set(kOperandB, b.data(s.oc * s.ic * c.kernel * c.kernel * 2));
                o.set(kOperandBias, b.data(s.oc * 2));
                o.set(kOutput, b.data(s.n * s.out(1) * s.out(2) * s.oc * 2));
            }
            for (int tile = 2; tile < static_cast<int>(gemmTiles().size()); ++tile)
                for (int splits : {1, 4, 12}) {
                    const GemmTile& t = gemmTiles()[static_cast<size_t>(tile)];
                    if ((c.n > 1 && (t.bm < 64 || splits > 1)) || (c.n == 1 && t.bm > 128)) continue;
                    Result<KernelPlan> p = conv(s, e, tile, splits, b.rig.target);
                    if (!p.ok()) continue;
                    if (pass == 0) {
                        ahead.push_back(p.take());
                        continue;
                    }
                    double seconds = b.time(std::move(p), o, flops / 2e14);
                    if (seconds > 0)
                        results.push_back(
                            {seconds, fmt::format("{}:{}x{}/{}", t.kernel == GemmKernel::kMma ? "mma" : "wgmma", t.bm,
                                                  t.bn, splits)});
                }
            if (pass == 0) continue;
            std::sort(results.begin(), results.end());
            std::printf("conv n%lld %lld->%lld %lld k%lld s%lld :", static_cast<long long>(c.n),
                        static_cast<long long>(c.ic), static_cast<long long>(c.oc), static_cast<long long>(c.size),
                        static_cast<long long>(c.kernel), static_cast<long long>(c.stride));
            for (size_t i = 0; i < results.size() && i < 2; ++i)
                std::printf(" %s %.1f us %.0f TF;", results[i].second.c_str(), results[i].first * 1e6,
                            flops / results[i].first * 1e-12);
            std::printf("\n");
            std::fflush(stdout);
            b.buffers.clear();
        }
        if (pass == 0) compileAhead(ahead, Rig::get().gpu->info().sm);
    }
}

}  // namespace
}  // namespace lathe::cuda

int main(int argc, char** argv) {
    using namespace lathe::cuda;
    if (!Rig::get().gpu) {
        std::printf("%s\n", Rig::get().reason.c_str());
        return 1;
    }
    std::printf("%s, %d multiprocessors, sm_%d\n", Rig::get().gpu->info().name.c_str(), Rig::get().gpu->info().smCount,
                Rig::get().gpu->info().sm);
    auto wants = [&](const char* what) {
        for (int i = 1; i < argc; ++i)
            if (!std::strcmp(argv[i], what)) return true;
        return argc == 1;
    };
    Bench b;
    if (wants("memory")) benchMemory(b);
    if (wants("gemm")) benchGemm(b, true);
    if (argc > 1 && wants("large")) benchGemm(b, false);
    if (wants("attention")) benchAttention(b);
    if (wants("conv")) benchConv(b);
    return 0;
}
