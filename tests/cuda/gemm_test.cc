// SPDX-License-Identifier: Apache-2.0
// Matrix products and convolutions on a GPU against plain loops.
#include <cmath>
#include <functional>

#include "cuda/cuda_testing.h"
#include "kernels/cuda/conv.h"

namespace lathe::cuda {
namespace {

using kernels::Activation;

// Rounding of one operand as the kernel reads it.
double readError(DType t, GemmKernel k) { return t == DType::kFloat && k != GemmKernel::kSimt ? 0x1p-11 : 0; }

// epilogue(sum) with the result's tolerance: `magnitude` is the sum of |a b|, of k terms.
struct Expected {
    double value, tolerance;
};
Expected finish(const Epilogue& e, double sum, double magnitude, double k, double readEps, double scale, double bias,
                double residual, DType out) {
    double x = e.accScale * scale * sum + bias + (e.residualAfter ? 0 : residual);
    double error =
        std::abs(e.accScale * scale) * magnitude * (2 * readEps + 0x1p-23 * (4 + std::sqrt(k))) + std::abs(x) * 0x1p-22;
    double y = x;
    switch (e.activation) {
        case Activation::kRelu: y = std::max(0.0, x); break;
        case Activation::kGeluErf: y = 0.5 * x * (1 + std::erf(x / std::sqrt(2.0))); break;
        case Activation::kGeluTanh:
            y = 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
            break;
        case Activation::kSilu: y = x / (1 + std::exp(-x)); break;
        case Activation::kHardSwish: y = x * std::min(1.0, std::max(0.0, e.alpha * x + e.beta)); break;
        default: break;
    }
    if (e.residualAfter) y += residual;
    // No activation here is steeper than 1.5.
    return {y, 1.5 * error + std::abs(y) * (epsilonOf(out) + 0x1p-21) + 1e-7};
}

struct GemmCase {
    GemmShape shape;
    Epilogue epilogue;
    int tile, splits;
};

void checkGemm(const GemmCase& c, uint32_t seed) {
    const GemmShape& s = c.shape;
    const Epilogue& e = c.epilogue;
    const KernelTarget& target = Rig::get().target;
    Result<KernelPlan> plan = gemm(s, e, c.tile, c.splits, target);
    if (!plan.ok() && plan.status().code() == Code::kUnsupported) return;
    int64_t batches[3] = {s.batch[0], s.batch[1], s.batch[2]};
    auto extent = [&](int64_t rows, int64_t ld, int64_t cols, const int64_t(&strides)[3]) {
        int64_t n = (rows - 1) * ld + cols;
        for (int i = 0; i < 3; ++i) n += (batches[i] - 1) * strides[i];
        return n;
    };
    Tensor a = Tensor::random(s.type, extent(s.transA ? s.k : s.m, s.lda, s.transA ? s.m : s.k, s.strideA), seed);
    Tensor b = Tensor::random(s.type, extent(s.transB ? s.n : s.k, s.ldb, s.transB ? s.k : s.n, s.strideB), seed + 1);
    Tensor out = Tensor::poisoned(s.outType, extent(s.m, s.ldc, s.n, s.strideC));
    Tensor residual, scale, bias;
    std::map<int, Tensor*> operands = {{kOperandA, &a}, {kOperandB, &b}, {kOutput, &out}};
    int64_t channels = extent(1, 0, e.perRow ? s.m : s.n, s.strideChannel);
    if (e.residual) {
        residual = Tensor::random(*e.residual, extent(s.m, s.ldr, s.n, s.strideR), seed + 2);
        operands[kOperandResidual] = &residual;
    }
    if (e.scale) {
        scale = Tensor::random(*e.scale, channels, seed + 3, 0.5, 1.5);
        operands[kOperandScale] = &scale;
    }
    if (e.bias) {
        bias = Tensor::random(*e.bias, channels, seed + 4);
        operands[kOperandBias] = &bias;
    }
    Tensor before = out;
    runPlan(std::move(plan), operands);
    if (onlyCompiling()) return;
    // Elements between rows stay as they were.
    std::vector<double> want(static_cast<size_t>(out.count)), tolerance(static_cast<size_t>(out.count), 0.0);
    for (int64_t i = 0; i < out.count; ++i) want[static_cast<size_t>(i)] = before.get(i);
    std::vector<double> da(static_cast<size_t>(a.count)), db(static_cast<size_t>(b.count));
    for (int64_t i = 0; i < a.count; ++i) da[static_cast<size_t>(i)] = a.get(i);
    for (int64_t i = 0; i < b.count; ++i) db[static_cast<size_t>(i)] = b.get(i);
    double readEps = readError(s.type, gemmTiles()[static_cast<size_t>(c.tile)].kernel);
    for (int64_t i = 0; i < batches[0]; ++i)
        for (int64_t j = 0; j < batches[1]; ++j)
            for (int64_t l = 0; l < batches[2]; ++l) {
                auto at = [&](const int64_t(&st)[3]) { return i * st[0] + j * st[1] + l * st[2]; };
                for (int64_t m = 0; m < s.m; ++m)
                    for (int64_t n = 0; n < s.n; ++n) {
                        double sum = 0, magnitude = 0;
                        const double* pa = da.data() + at(s.strideA) + (s.transA ? m : m * s.lda);
                        const double* pb = db.data() + at(s.strideB) + (s.transB ? n * s.ldb : n);
                        int64_t sa = s.transA ? s.lda : 1, sb = s.transB ? 1 : s.ldb;
                        for (int64_t k = 0; k < s.k; ++k) {
                            double p = pa[k * sa] * pb[k * sb];
                            sum += p;
                            magnitude += std::abs(p);
                        }
                        int64_t ch = at(s.strideChannel) + (e.perRow ? m : n);
                        Expected x = finish(e, sum, magnitude, static_cast<double>(s.k), readEps,
                                            e.scale ? scale.get(ch) : 1, e.bias ? bias.get(ch) : 0,
                                            e.residual ? residual.get(at(s.strideR) + m * s.ldr + n) : 0, s.outType);
                        size_t o = static_cast<size_t>(at(s.strideC) + m * s.ldc + n);
                        want[o] = x.value;
                        tolerance[o] = x.tolerance;
                    }
            }
    expectNear(out, want, tolerance,
               fmt::format("tile {} splits {} {} {}x{}x{} trans {}{}", c.tile, c.splits, toString(s.type), s.m, s.n,
                           s.k, s.transA, s.transB));
}

GemmShape dense(DType type, int64_t m, int64_t n, int64_t k, bool transA, bool transB) {
    GemmShape s{.type = type, .outType = type, .m = m, .n = n, .k = k, .transA = transA, .transB = transB};
    s.lda = transA ? m : k;
    s.ldb = transB ? k : n;
    s.ldc = s.ldr = n;
    return s;
}

TEST(GpuGemm, EveryTileAndForm) {
    NEEDS_GPU();
    withPlansCompiled([&] {
        uint32_t seed = 1;
        for (int tile = 0; tile < static_cast<int>(gemmTiles().size()); ++tile)
            for (DType type : {DType::kHalf, DType::kBf16, DType::kFloat})
                for (int form = 0; form < 4; ++form) {
                    checkGemm({dense(type, 136, 264, 200, form & 1, form & 2), {}, tile, 1}, seed += 10);
                    if (::testing::Test::HasFailure()) return;
                }
    });
}

TEST(GpuGemm, OddSizesAndSplits) {
    NEEDS_GPU();
    withPlansCompiled([&] {
        uint32_t seed = 5000;
        for (int tile = 0; tile < static_cast<int>(gemmTiles().size()); ++tile) {
            DType type = tile % 3 == 0 ? DType::kFloat : tile % 3 == 1 ? DType::kHalf : DType::kBf16;
            for (int splits : {1, 3}) {
                checkGemm({dense(type, 67, 45, 123, tile % 2, true), {}, tile, splits}, seed += 10);
                checkGemm({dense(type, 1, 300, 1000, false, true), {.bias = type}, tile, splits}, seed += 10);
                checkGemm({dense(DType::kHalf, 300, 24, 1032, false, true),
                           {.bias = DType::kHalf, .activation = Activation::kRelu},
                           tile,
                           splits},
                          seed += 10);
            }
            if (::testing::Test::HasFailure()) return;
        }
    });
}

TEST(GpuGemm, Epilogues) {
    NEEDS_GPU();
    withPlansCompiled([&] {
        uint32_t seed = 9000;
        for (int tile : {0, 2, 7, 11, 13, 14, 18}) {
            for (Activation act : {Activation::kNone, Activation::kRelu, Activation::kGeluErf, Activation::kGeluTanh,
                                   Activation::kSilu, Activation::kHardSwish}) {
                Epilogue e{.accScale = 0.25f,
                           .scale = DType::kFloat,
                           .bias = DType::kHalf,
                           .residual = DType::kHalf,
                           .activation = act};
                e.residualAfter = static_cast<int>(act) % 2 == 0;
                if (act == Activation::kHardSwish) e.alpha = 1.0f / 6, e.beta = 0.5f;
                checkGemm({dense(DType::kHalf, 150, 200, 128, false, true), e, tile, act == Activation::kSilu ? 2 : 1},
                          seed += 10);
            }
            Epilogue rows{.scale = DType::kFloat, .bias = DType::kFloat, .perRow = true};
            checkGemm({dense(DType::kHalf, 150, 200, 128, false, true), rows, tile, 1}, seed += 10);
            GemmShape wide = dense(DType::kHalf, 70, 96, 64, false, true);
            wide.outType = DType::kFloat;
            wide.lda = 72, wide.ldb = 80, wide.ldc = 100, wide.ldr = 104;
            checkGemm({wide, {.residual = DType::kFloat}, tile, 1}, seed += 10);
            if (::testing::Test::HasFailure()) return;
        }
    });
}

TEST(GpuGemm, Batches) {
    NEEDS_GPU();
    withPlansCompiled([&] {
        uint32_t seed = 20000;
        for (int tile : {0, 2, 7, 13, 17, 18}) {
            GemmShape s = dense(DType::kHalf, 70, 40, 64, false, true);
            s.batch[2] = 5;
            s.strideA[2] = 70 * 64, s.strideB[2] = 40 * 64, s.strideC[2] = 70 * 40, s.strideChannel[2] = 40;
            checkGemm({s, {.bias = DType::kHalf}, tile, 1}, seed += 10);
            s.strideB[2] = s.strideChannel[2] = 0;  // one B for all
            checkGemm({s, {.bias = DType::kHalf}, tile, 2}, seed += 10);
            // [2, 3] batches of heads inside rows: how attention's projections lie.
            GemmShape h = dense(DType::kHalf, 20, 24, 32, false, true);
            h.batch[0] = 2, h.batch[1] = 3;
            h.lda = h.ldb = 96, h.ldc = 24;
            h.strideA[0] = 20 * 96, h.strideA[1] = 32, h.strideB[0] = 24 * 96, h.strideB[1] = 32,
            h.strideC[0] = 3 * 20 * 24, h.strideC[1] = 20 * 24;
            checkGemm({h, {}, tile, 1}, seed += 10);
            if (::testing::Test::HasFailure()) return;
        }
    });
}

TEST(GpuGemm, LongSums) {
    NEEDS_GPU();
    withPlansCompiled([&] {
        for (int tile : {0, 2, 3, 4, 10, 13, 14, 15, 16, 19, 20}) {
            checkGemm({dense(DType::kHalf, 40, 48, 8192, false, true), {}, tile, 1}, 77);
            checkGemm({dense(DType::kBf16, 600, 520, 512, false, true), {}, tile, 1}, 78);
        }
    });
}

void checkConv(const ConvShape& s, const Epilogue& e, Result<KernelPlan> plan, GemmKernel kernel, bool isDepthwise,
               uint32_t seed, const std::string& what) {
    if (!plan.ok() && plan.status().code() == Code::kUnsupported) return;
    int64_t icg = s.ic / s.groups, ocg = s.oc / s.groups, taps = s.kernel[0] * s.kernel[1] * s.kernel[2];
    Tensor x = Tensor::random(s.type, s.n * s.in[0] * s.in[1] * s.in[2] * s.ic, seed),
           w = Tensor::random(s.type, s.oc * taps * icg, seed + 1);
    int64_t pixels = s.n * s.out(0) * s.out(1) * s.out(2);
    Tensor y = Tensor::poisoned(s.outType, pixels * s.oc), residual, bias, scale;
    std::map<int, Tensor*> operands = {{kOperandA, &x}, {kOperandB, &w}, {kOutput, &y}};
    if (e.residual) residual = Tensor::random(*e.residual, y.count, seed + 2), operands[kOperandResidual] = &residual;
    if (e.bias) bias = Tensor::random(*e.bias, s.oc, seed + 3), operands[kOperandBias] = &bias;
    if (e.scale) scale = Tensor::random(*e.scale, s.oc, seed + 4, 0.5, 1.5), operands[kOperandScale] = &scale;
    runPlan(std::move(plan), operands);
    if (onlyCompiling()) return;
    std::vector<double> want, tolerance, dx, dw;
    for (int64_t i = 0; i < x.count; ++i) dx.push_back(x.get(i));
    for (int64_t i = 0; i < w.count; ++i) dw.push_back(w.get(i));
    for (int64_t p = 0; p < pixels; ++p) {
        int64_t o2 = p % s.out(2), o1 = p / s.out(2) % s.out(1), o0 = p / s.out(2) / s.out(1) % s.out(0),
                n = p / s.out(2) / s.out(1) / s.out(0);
        for (int64_t oc = 0; oc < s.oc; ++oc) {
            double sum = 0, magnitude = 0;
            for (int64_t t = 0; t < taps; ++t) {
                int64_t k2 = t % s.kernel[2], k1 = t / s.kernel[2] % s.kernel[1], k0 = t / s.kernel[2] / s.kernel[1];
                int64_t i0 = o0 * s.stride[0] - s.padBefore[0] + k0 * s.dilation[0],
                        i1 = o1 * s.stride[1] - s.padBefore[1] + k1 * s.dilation[1],
                        i2 = o2 * s.stride[2] - s.padBefore[2] + k2 * s.dilation[2];
                if (i0 < 0 || i1 < 0 || i2 < 0 || i0 >= s.in[0] || i1 >= s.in[1] || i2 >= s.in[2]) continue;
                for (int64_t c = 0; c < icg; ++c) {
                    double v = dx[static_cast<size_t>((((n * s.in[0] + i0) * s.in[1] + i1) * s.in[2] + i2) * s.ic +
                                                      oc / ocg * icg + c)] *
                               dw[static_cast<size_t>(isDepthwise ? t * s.oc + oc : (oc * taps + t) * icg + c)];
                    sum += v;
                    magnitude += std::abs(v);
                }
            }
            Expected r = finish(e, sum, magnitude, static_cast<double>(taps * icg), readError(s.type, kernel),
                                e.scale ? scale.get(oc) : 1, e.bias ? bias.get(oc) : 0,
                                e.residual ? residual.get(p * s.oc + oc) : 0, s.outType);
            want.push_back(r.value);
            tolerance.push_back(r.tolerance);
        }
    }
    expectNear(y, want, tolerance, what);
}

TEST(GpuConv, ImplicitProducts) {
    NEEDS_GPU();
    withPlansCompiled([&] {
        const ConvShape shapes[] = {
            {.n = 2,
             .ic = 16,
             .oc = 24,
             .in = {1, 9, 11},
             .kernel = {1, 3, 3},
             .padBefore = {0, 1, 1},
             .padAfter = {0, 1, 1}},
            {.n = 1,
             .ic = 3,
             .oc = 16,
             .in = {1, 20, 20},
             .kernel = {1, 7, 7},
             .stride = {1, 2, 2},
             .padBefore = {0, 3, 3},
             .padAfter = {0, 3, 3}},
            {.n = 1,
             .ic = 32,
             .oc = 64,
             .groups = 4,
             .in = {1, 8, 8},
             .kernel = {1, 3, 3},
             .dilation = {1, 2, 2},
             .padBefore = {0, 2, 1},
             .padAfter = {0, 2, 3}},
            {.n = 1, .ic = 12, .oc = 20, .in = {1, 7, 7}, .kernel = {1, 1, 1}, .stride = {1, 2, 2}},
            {.n = 1,
             .ic = 8,
             .oc = 8,
             .in = {5, 6, 7},
             .kernel = {3, 2, 3},
             .padBefore = {1, 0, 1},
             .padAfter = {1, 1, 1}},
            {.n = 3,
             .ic = 72,
             .oc = 40,
             .in = {1, 13, 10},
             .kernel = {1, 3, 2},
             .stride = {1, 2, 1},
             .padBefore = {0, 1, 0},
             .padAfter = {0, 0, 1}},
            {.n = 2,
             .ic = 128,
             .oc = 256,
             .groups = 2,
             .in = {1, 9, 9},
             .kernel = {1, 3, 3},
             .dilation = {1, 2, 1},
             .padBefore = {0, 2, 1},
             .padAfter = {0, 2, 1}},
            {.n = 9, .ic = 64, .oc = 136, .in = {1, 28, 28}, .kernel = {1, 1, 1}, .stride = {1, 2, 2}},
            {.n = 2,
             .ic = 6,
             .oc = 6,
             .groups = 3,
             .in = {1, 1, 30},
             .kernel = {1, 1, 5},
             .padBefore = {0, 0, -1},
             .padAfter = {0, 0, 2}},
        };
        uint32_t seed = 1;
        for (const ConvShape& base : shapes)
            for (int tile : {0, 1, 2, 5, 7, 8, 10, 11, 13, 14, 15, 16, 17, 18, 20})
                for (DType type : {DType::kHalf, DType::kFloat}) {
                    ConvShape s = base;
                    s.type = s.outType = type;
                    Epilogue e;
                    if (tile % 2)
                        e = {.scale = DType::kFloat, .bias = type, .residual = type, .activation = Activation::kRelu};
                    checkConv(s, e, conv(s, e, tile, tile == 7 || tile == 16 ? 2 : 1, Rig::get().target),
                              gemmTiles()[static_cast<size_t>(tile)].kernel, false, seed += 10,
                              fmt::format("conv ic {} oc {} tile {} {}", s.ic, s.oc, tile, toString(type)));
                    if (::testing::Test::HasFailure()) return;
                }
    });
}

TEST(GpuConv, Depthwise) {
    NEEDS_GPU();
    withPlansCompiled([&] {
        uint32_t seed = 1;
        for (int64_t kernel : {3, 5, 7})
            for (int64_t stride : {1, 2})
                for (int64_t dilation : {1, 2})
                    for (int64_t channels : {16, 20, 3})
                        for (DType type : {DType::kHalf, DType::kBf16, DType::kFloat}) {
                            ConvShape s{.type = type,
                                        .outType = type,
                                        .n = 2,
                                        .ic = channels,
                                        .oc = channels,
                                        .groups = channels,
                                        .in = {1, 13, 17}};
                            for (int d : {1, 2})
                                s.kernel[d] = kernel, s.stride[d] = stride, s.dilation[d] = dilation,
                                s.padBefore[d] = s.padAfter[d] = kernel / 2;
                            Epilogue e{
                                .bias = type, .activation = Activation::kHardSwish, .alpha = 1.0f / 6, .beta = 0.5f};
                            checkConv(s, e, depthwise(s, e), GemmKernel::kSimt, true, seed += 10,
                                      fmt::format("depthwise {} stride {} dilation {} channels {} {}", kernel, stride,
                                                  dilation, channels, toString(type)));
                            if (::testing::Test::HasFailure()) return;
                        }
    });
}

}  // namespace
}  // namespace lathe::cuda
