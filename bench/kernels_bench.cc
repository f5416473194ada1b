// SPDX-License-Identifier: Apache-2.0
// Speed of the CPU kernels on the shapes of well-known networks, beside the processor's measured multiply-add peak.
//
//   kernels_bench [--threads N] [--ms N] [FILTER]
//
// Each case prints the fastest and the median of its repeats, and the share of the peak measured just before and after.
// On a machine that does other work, the fastest of one thread is the figure to trust.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "base/cpu_info.h"
#include "base/thread_pool.h"
#include "kernels/cpu/conv.h"
#include "kernels/cpu/gemm.h"

namespace {

using namespace lathe;
using namespace lathe::cpu;

int threads = 1;
double millisPerCase = 60;
std::string filter;
double peak = 0;  // GFLOP/s of `threads` threads

double wall() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// With one thread, the time that the processor gave it: other programs' turns do not count.
double now() {
    if (threads > 1) return wall();
    timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

struct Aligned {
    explicit Aligned(int64_t bytes)
        : data(std::aligned_alloc(4096, static_cast<size_t>((bytes + 8191) / 4096 * 4096))) {}
    ~Aligned() { std::free(data); }
    Aligned(const Aligned&) = delete;
    float* floats() { return static_cast<float*>(data); }
    void* data;
};

void fill(float* p, int64_t n) {
    static std::mt19937 engine(7);
    std::uniform_real_distribution<float> dist(-1, 1);
    for (int64_t i = 0; i < n; ++i) p[i] = dist(engine);
}

#if defined(__x86_64__)
void fmaLoopAvx2(int64_t n) {
    __asm__ volatile(
        "vpxor %%xmm0, %%xmm0, %%xmm0\n"
        "vpxor %%xmm1, %%xmm1, %%xmm1\n"
        "vpxor %%xmm2, %%xmm2, %%xmm2\n"
        "vpxor %%xmm3, %%xmm3, %%xmm3\n"
        "vpxor %%xmm4, %%xmm4, %%xmm4\n"
        "vpxor %%xmm5, %%xmm5, %%xmm5\n"
        "vpxor %%xmm6, %%xmm6, %%xmm6\n"
        "vpxor %%xmm7, %%xmm7, %%xmm7\n"
        "vpxor %%xmm8, %%xmm8, %%xmm8\n"
        "vpxor %%xmm9, %%xmm9, %%xmm9\n"
        "vpxor %%xmm10, %%xmm10, %%xmm10\n"
        "vpxor %%xmm11, %%xmm11, %%xmm11\n"
        "vpxor %%xmm12, %%xmm12, %%xmm12\n"
        "vpxor %%xmm13, %%xmm13, %%xmm13\n"
        "vpxor %%xmm14, %%xmm14, %%xmm14\n"
        "vpxor %%xmm15, %%xmm15, %%xmm15\n"
        ".p2align 5\n1:\n"
        "vfmadd231ps %%ymm15, %%ymm14, %%ymm0\n"
        "vfmadd231ps %%ymm15, %%ymm14, %%ymm1\n"
        "vfmadd231ps %%ymm15, %%ymm14, %%ymm2\n"
        "vfmadd231ps %%ymm15, %%ymm14, %%ymm3\n"
        "vfmadd231ps %%ymm15, %%ymm14, %%ymm4\n"
        "vfmadd231ps %%ymm15, %%ymm14, %%ymm5\n"
        "vfmadd231ps %%ymm15, %%ymm14, %%ymm6\n"
        "vfmadd231ps %%ymm15, %%ymm14, %%ymm7\n"
        "vfmadd231ps %%ymm15, %%ymm14, %%ymm8\n"
        "vfmadd231ps %%ymm15, %%ymm14, %%ymm9\n"
        "vfmadd231ps %%ymm15, %%ymm14, %%ymm10\n"
        "vfmadd231ps %%ymm15, %%ymm14, %%ymm11\n"
        "sub $1, %0\njnz 1b\n"
        : "+r"(n)
        :
        : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",
          "xmm13", "xmm14", "xmm15", "cc");
}
void fmaLoopAvx512(int64_t n) {
    __asm__ volatile(
        "vpxor %%xmm0, %%xmm0, %%xmm0\n"
        "vpxor %%xmm1, %%xmm1, %%xmm1\n"
        "vpxor %%xmm2, %%xmm2, %%xmm2\n"
        "vpxor %%xmm3, %%xmm3, %%xmm3\n"
        "vpxor %%xmm4, %%xmm4, %%xmm4\n"
        "vpxor %%xmm5, %%xmm5, %%xmm5\n"
        "vpxor %%xmm6, %%xmm6, %%xmm6\n"
        "vpxor %%xmm7, %%xmm7, %%xmm7\n"
        "vpxor %%xmm8, %%xmm8, %%xmm8\n"
        "vpxor %%xmm9, %%xmm9, %%xmm9\n"
        "vpxor %%xmm10, %%xmm10, %%xmm10\n"
        "vpxor %%xmm11, %%xmm11, %%xmm11\n"
        "vpxor %%xmm12, %%xmm12, %%xmm12\n"
        "vpxor %%xmm13, %%xmm13, %%xmm13\n"
        "vpxor %%xmm14, %%xmm14, %%xmm14\n"
        "vpxor %%xmm15, %%xmm15, %%xmm15\n"
        ".p2align 5\n1:\n"
        "vfmadd231ps %%zmm15, %%zmm14, %%zmm0\n"
        "vfmadd231ps %%zmm15, %%zmm14, %%zmm1\n"
        "vfmadd231ps %%zmm15, %%zmm14, %%zmm2\n"
        "vfmadd231ps %%zmm15, %%zmm14, %%zmm3\n"
        "vfmadd231ps %%zmm15, %%zmm14, %%zmm4\n"
        "vfmadd231ps %%zmm15, %%zmm14, %%zmm5\n"
        "vfmadd231ps %%zmm15, %%zmm14, %%zmm6\n"
        "vfmadd231ps %%zmm15, %%zmm14, %%zmm7\n"
        "vfmadd231ps %%zmm15, %%zmm14, %%zmm8\n"
        "vfmadd231ps %%zmm15, %%zmm14, %%zmm9\n"
        "vfmadd231ps %%zmm15, %%zmm14, %%zmm10\n"
        "vfmadd231ps %%zmm15, %%zmm14, %%zmm11\n"
        "sub $1, %0\njnz 1b\n"
        : "+r"(n)
        :
        : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",
          "xmm13", "xmm14", "xmm15", "cc");
}
#endif

// Multiply-adds from registers only, on all threads at once.
double measurePeak(int repeats) {
#if defined(__x86_64__)
    const int64_t n = 20000;
    Isa isa = activeIsa();
    if (isa == Isa::kBase) return 0;
    double lanes = isa == Isa::kAvx512 ? 16 : 8;
    double best = 1e9;
    for (int i = 0; i < repeats; ++i) {
        double start = now();
        ThreadPool::instance().run(
            threads, [&](int) { isa == Isa::kAvx512 ? fmaLoopAvx512(n) : fmaLoopAvx2(n); }, threads);
        best = std::min(best, now() - start);
    }
    return 2 * 12 * lanes * static_cast<double>(n) * threads / best * 1e-9;
#else
    return 0;
#endif
}

void report(const std::string& name, double flops, const std::function<void()>& run) {
    if (!filter.empty() && name.find(filter) == std::string::npos) return;
    double peakNow = measurePeak(10);  // the clock may change from case to case
    run();
    std::vector<double> times;
    for (double start = wall(); wall() - start < millisPerCase * 1e-3 || times.size() < 5;) {
        double t = now();
        run();
        times.push_back(now() - t);
    }
    std::sort(times.begin(), times.end());
    double best = times[0], median = times[times.size() / 2];
    peakNow = std::max(peakNow, measurePeak(10));
    std::printf("%-46s %9.1f us  median %9.1f  %7.1f GFLOP/s", name.c_str(), best * 1e6, median * 1e6,
                flops / best * 1e-9);
    if (peak > 0) std::printf("  %5.1f %% of %.0f", 100 * flops / best * 1e-9 / peakNow, peakNow);
    std::printf("\n");
    std::fflush(stdout);
}

void gemmCase(const char* name, int64_t m, int64_t n, int64_t k, Epilogue e = {}) {
    GemmShape s;
    s.m = m, s.n = n, s.k = k, s.lda = k, s.ldb = n, s.ldc = n;
    Aligned a(m * k * 4), b(n * k * 4), packed(packedBBytes(n, k)), c(m * n * 4), bias(n * 4);
    Aligned workspace(gemmWorkspaceBytes(s, true, threads));
    fill(a.floats(), m * k), fill(b.floats(), n * k), fill(bias.floats(), n);
    packB(n, k, b.floats(), n, false, packed.floats());
    e.bias = bias.floats();
    std::string label =
        std::string("gemm ") + name + " " + std::to_string(m) + "x" + std::to_string(n) + "x" + std::to_string(k);
    report(label, 2.0 * m * n * k,
           [&] { gemmPacked(s, a.floats(), packed.floats(), c.floats(), e, workspace.data, threads); });
}

void matmulCase(const char* name, int64_t batch, int64_t m, int64_t n, int64_t k, bool transB, int64_t lda,
                int64_t ldb) {
    GemmShape s;
    s.m = m, s.n = n, s.k = k, s.transB = transB, s.lda = lda, s.ldb = ldb, s.ldc = n;
    s.batch[2] = batch;
    // Heads lie side by side in the rows where the leading dimension is longer than one of them.
    s.strideA[2] = lda > k ? k : m * k;
    s.strideB[2] = transB ? (ldb > k ? k : n * k) : (ldb > n ? n : n * k);
    s.strideC[2] = m * n;
    Aligned a((m * lda + batch * s.strideA[2]) * 4), b(((transB ? n : k) * ldb + batch * s.strideB[2]) * 4),
        c(batch * m * n * 4);
    fill(a.floats(), m * lda + batch * s.strideA[2]), fill(b.floats(), (transB ? n : k) * ldb + batch * s.strideB[2]);
    Aligned workspace(gemmWorkspaceBytes(s, false, threads));
    std::string label = std::string("matmul ") + name + " " + std::to_string(batch) + "x " + std::to_string(m) + "x" +
                        std::to_string(n) + "x" + std::to_string(k) + (transB ? " tB" : "");
    report(label, 2.0 * batch * m * n * k,
           [&] { gemm(s, a.floats(), b.floats(), c.floats(), {}, workspace.data, threads); });
}

void allGemms() {
    gemmCase("square", 960, 960, 960);
    gemmCase("square", 2048, 2048, 2048);
    gemmCase("bert qkv", 128, 2304, 768);
    gemmCase("bert proj", 128, 768, 768);
    Epilogue gelu;
    gelu.activation = Activation::kGeluErf;
    gemmCase("bert ffn1", 128, 3072, 768);
    gemmCase("bert ffn1 gelu", 128, 3072, 768, gelu);
    gemmCase("bert ffn2", 128, 768, 3072);
    gemmCase("bert-large ffn2", 384, 1024, 4096);
    gemmCase("vit ffn1", 197, 3072, 768);
    gemmCase("vit ffn2", 197, 768, 3072);
    gemmCase("resnet 1x1 56 64-256", 3136, 256, 64);
    gemmCase("resnet 1x1 7 2048-512", 49, 512, 2048);
    gemmCase("mobilenet 1x1", 196, 80, 480);
    gemmCase("gpt2 logits row", 1, 50257, 768);
    gemmCase("fc row", 1, 1000, 2048);
    gemmCase("fc 4 rows", 4, 4096, 4096);
    matmulCase("bert qk", 12, 128, 128, 64, true, 2304, 2304);
    matmulCase("bert pv", 12, 128, 64, 128, false, 128, 2304);
    matmulCase("vit qk", 12, 197, 197, 64, true, 2304, 2304);
    matmulCase("vit pv", 12, 197, 64, 197, false, 197, 2304);
    matmulCase("decode qk", 12, 1, 512, 64, true, 64, 64);
    matmulCase("decode pv", 12, 1, 64, 512, false, 512, 64);
    matmulCase("plain", 1, 512, 512, 512, false, 512, 512);
}

void convCase(const char* name, int64_t ic, int64_t oc, int64_t size, int64_t kernel, int64_t stride, int64_t pad,
              int64_t groups, ConvConfig config) {
    ConvShape s;
    s.ic = ic, s.oc = oc, s.groups = groups;
    for (int d = 1; d < 3; ++d)
        s.in[d] = size, s.kernel[d] = kernel, s.stride[d] = stride, s.padBefore[d] = s.padAfter[d] = pad;
    ConvPlan plan;
    if (planConv(s, config, threads, plan)) return;
    static const char* const algorithms[] = {"direct", "im2col", "wino2", "wino4", "depthwise"};
    static const char* const layouts[] = {"nchw", "nhwc", "blk"};
    std::string label = std::string("conv ") + name + " " + std::to_string(ic) + "-" + std::to_string(oc) + " " +
                        std::to_string(size) + " k" + std::to_string(kernel) + "s" + std::to_string(stride) + " " +
                        algorithms[static_cast<int>(config.algorithm)] + " " + layouts[static_cast<int>(config.in)] +
                        "-" + layouts[static_cast<int>(config.out)];
    if (!filter.empty() && label.find(filter) == std::string::npos) return;
    int64_t weightCount = oc * ic / groups * s.taps();
    int64_t inFloats = layoutFloats(config.in, 1, ic, s.inPixels()),
            outFloats = layoutFloats(config.out, 1, oc, s.outPixels());
    Aligned in(inFloats * 4), weights(weightCount * 4), packed(plan.packedBytes), out(outFloats * 4),
        workspace(plan.workspaceBytes);
    Aligned bias(oc * 4);
    fill(in.floats(), inFloats), fill(weights.floats(), weightCount), fill(bias.floats(), oc);
    packConv(plan, weights.floats(), packed.data);
    Epilogue e;
    e.bias = bias.floats();
    e.activation = Activation::kRelu;
    double flops = 2.0 * static_cast<double>(s.outPixels() * oc * (ic / groups) * s.taps());
    report(label, flops, [&] { runConv(plan, in.floats(), packed.data, out.floats(), e, workspace.data); });
}

// Every algorithm and layout that takes the shape.
void convCases(const char* name, int64_t ic, int64_t oc, int64_t size, int64_t kernel, int64_t stride, int64_t pad,
               int64_t groups = 1) {
    auto run = [&](ConvAlgorithm a, Layout in, Layout out) {
        convCase(name, ic, oc, size, kernel, stride, pad, groups, {a, in, out});
    };
    if (ic > 4) {
        if (groups != ic) run(ConvAlgorithm::kDirect, Layout::kBlocked, Layout::kBlocked);
        if (groups != ic) run(ConvAlgorithm::kDirect, Layout::kNhwc, Layout::kNhwc);
        run(ConvAlgorithm::kWinograd2, Layout::kBlocked, Layout::kBlocked);
        run(ConvAlgorithm::kWinograd4, Layout::kBlocked, Layout::kBlocked);
        run(ConvAlgorithm::kDepthwise, Layout::kBlocked, Layout::kBlocked);
        run(ConvAlgorithm::kDepthwise, Layout::kNhwc, Layout::kNhwc);
    } else {
        run(ConvAlgorithm::kDirect, Layout::kNchw, Layout::kBlocked);
        run(ConvAlgorithm::kDirect, Layout::kNhwc, Layout::kBlocked);
        run(ConvAlgorithm::kDirect, Layout::kNchw, Layout::kNhwc);
    }
    if (groups == 1) run(ConvAlgorithm::kIm2col, Layout::kNchw, Layout::kNchw);
}

void allConvs() {
    convCases("resnet", 3, 64, 224, 7, 2, 3);
    convCases("resnet", 64, 64, 56, 1, 1, 0);
    convCases("resnet", 64, 64, 56, 3, 1, 1);
    convCases("resnet", 64, 256, 56, 1, 1, 0);
    convCases("resnet", 256, 512, 56, 1, 2, 0);
    convCases("resnet", 128, 128, 56, 3, 2, 1);
    convCases("resnet", 128, 128, 28, 3, 1, 1);
    convCases("resnet", 512, 128, 28, 1, 1, 0);
    convCases("resnet", 256, 256, 14, 3, 1, 1);
    convCases("resnet", 1024, 256, 14, 1, 1, 0);
    convCases("resnet", 512, 512, 7, 3, 1, 1);
    convCases("resnet", 512, 2048, 7, 1, 1, 0);
    convCases("mobilenet", 3, 16, 224, 3, 2, 1);
    convCases("mobilenet", 16, 64, 112, 1, 1, 0);
    convCases("mobilenet", 64, 64, 112, 3, 2, 1, 64);
    convCases("mobilenet", 72, 72, 56, 3, 1, 1, 72);
    convCases("mobilenet", 72, 24, 56, 1, 1, 0);
    convCases("mobilenet", 120, 120, 28, 5, 1, 2, 120);
    convCases("mobilenet", 480, 480, 14, 3, 1, 1, 480);
    convCases("mobilenet", 672, 112, 14, 1, 1, 0);
    convCases("mobilenet", 960, 960, 7, 5, 1, 2, 960);
    convCases("mobilenet", 160, 960, 7, 1, 1, 0);
    convCases("unet", 32, 32, 256, 3, 1, 1);
    convCases("unet", 64, 32, 256, 3, 1, 1);
    convCases("unet", 64, 64, 128, 3, 1, 1);
    convCases("unet", 64, 64, 256, 3, 1, 1);
    convCases("unet", 256, 256, 64, 3, 1, 1);
}

}  // namespace

int main(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        std::string arg = argv[i];
        if (arg == "--threads" && i + 1 < argc) {
            threads = std::max(1, std::atoi(argv[++i]));
        } else if (arg == "--ms" && i + 1 < argc) {
            millisPerCase = std::atof(argv[++i]);
        } else if (arg.starts_with("--")) {
            std::fprintf(stderr, "kernels_bench: no option %s\nusage: kernels_bench [--threads N] [--ms N] [FILTER]\n",
                         argv[i]);
            return 2;
        } else {
            filter = arg;
        }
    }
    threads = std::min(threads, ThreadPool::instance().threads());
    peak = measurePeak(100);
    std::printf("%s, %s, %d thread(s), measured peak %.1f GFLOP/s\n", cpuInfo().model.c_str(),
                std::string(toString(activeIsa())).c_str(), threads, peak);
    if (filter.empty() || filter.compare(0, 4, "conv") != 0) allGemms();
    allConvs();
    return 0;
}
