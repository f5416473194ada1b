// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/gemm.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kernels/cpu/test_isas.h"
#include "kernels/cpu/test_reference.h"

namespace lathe::cpu {
namespace {

struct Case {
    int64_t m, n, k;
    bool transA = false, transB = false;
    bool packed = false;
    bool bias = false, rowBias = false, scale = false;
    int residual = 0;  // 0 none, 1 before the activation, 2 after it, 3 the output itself
    Activation activation = Activation::kNone;
    float alpha = 1, beta = 1;
    int64_t batch = 1;
    int threads = 1;
    int64_t padding = 0;  // added to each leading dimension
};

std::string describe(const Case& c) {
    return "m " + std::to_string(c.m) + " n " + std::to_string(c.n) + " k " + std::to_string(c.k) +
           (c.transA ? " tA" : "") + (c.transB ? " tB" : "") + (c.packed ? " packed" : "") + " residual " +
           std::to_string(c.residual) + " act " + std::to_string(static_cast<int>(c.activation)) + " batch " +
           std::to_string(c.batch) + " threads " + std::to_string(c.threads) + " pad " + std::to_string(c.padding);
}

void check(const Case& c) {
    SCOPED_TRACE(describe(c));
    GemmShape s;
    s.m = c.m, s.n = c.n, s.k = c.k, s.transA = c.transA, s.transB = c.transB;
    s.lda = (c.transA ? c.m : c.k) + c.padding;
    s.ldb = (c.transB ? c.k : c.n) + c.padding;
    s.ldc = c.n + c.padding;
    int64_t sizeA = (c.transA ? c.k : c.m) * s.lda, sizeB = (c.transB ? c.n : c.k) * s.ldb, sizeC = c.m * s.ldc;
    s.batch[1] = c.batch;
    s.strideA[1] = sizeA + 3, s.strideB[1] = sizeB + 5, s.strideC[1] = sizeC + 7, s.strideResidual[1] = sizeC + 7;
    std::vector<float> a = randomFloats(c.batch * s.strideA[1], 1), b = randomFloats(c.batch * s.strideB[1], 2);
    std::vector<float> bias = randomFloats(std::max(c.m, c.n), 3), scale = randomFloats(std::max(c.m, c.n), 4, 0.5f, 2);
    std::vector<float> residual = randomFloats(c.batch * s.strideC[1], 5);
    const float guard = -12345.0f;
    std::vector<float> out(static_cast<size_t>(c.batch * s.strideC[1]), guard);
    if (c.residual == 3) out = residual;

    Epilogue e;
    if (c.bias || c.rowBias) e.bias = bias.data();
    e.perRow = c.rowBias;
    if (c.scale) {
        e.scale = scale.data();
        e.accScale = 0.125f;
    }
    if (c.residual) {
        e.residual = c.residual == 3 ? out.data() : residual.data();
        e.ldResidual = s.ldc;
        e.residualAfter = c.residual == 2;
    }
    e.activation = c.activation, e.alpha = c.alpha, e.beta = c.beta;

    std::vector<char> workspace(static_cast<size_t>(gemmWorkspaceBytes(s, c.packed, c.threads)));
    if (c.packed) {
        int64_t each = packedBBytes(c.n, c.k) / 4;
        std::vector<float> packed(static_cast<size_t>(each * c.batch));
        for (int64_t i = 0; i < c.batch; ++i) {
            packB(c.n, c.k, b.data() + i * s.strideB[1], s.ldb, c.transB, packed.data() + i * each, c.threads);
        }
        s.strideB[1] = each;
        gemmPacked(s, a.data(), packed.data(), out.data(), e, workspace.data(), c.threads);
        s.strideB[1] = sizeB + 5;
    } else {
        gemm(s, a.data(), b.data(), out.data(), e, workspace.data(), c.threads);
    }

    int bad = 0;
    for (int64_t g = 0; g < c.batch && bad < 5; ++g) {
        const float *pa = a.data() + g * s.strideA[1], *pb = b.data() + g * s.strideB[1];
        for (int64_t i = 0; i < c.m && bad < 5; ++i) {
            for (int64_t j = 0; j < c.n && bad < 5; ++j) {
                ReferenceSum sum;
                for (int64_t k = 0; k < c.k; ++k) {
                    sum.add(c.transA ? pa[k * s.lda + i] : pa[i * s.lda + k],
                            c.transB ? pb[j * s.ldb + k] : pb[k * s.ldb + j]);
                }
                int64_t at = g * s.strideC[1] + i * s.ldc + j;
                Expected want = expectedOf(sum, c.k, e, j, i, residual[static_cast<size_t>(at)]);
                float got = out[static_cast<size_t>(at)];
                if (!closeTo(got, want)) {
                    ADD_FAILURE() << "at " << g << ", " << i << ", " << j << ": " << got << ", not " << want.value
                                  << " +- " << want.tolerance;
                    ++bad;
                }
            }
            for (int64_t j = c.n; j < s.ldc && bad < 5; ++j) {
                int64_t at = g * s.strideC[1] + i * s.ldc + j;
                float old = c.residual == 3 ? residual[static_cast<size_t>(at)] : guard;
                bad += out[static_cast<size_t>(at)] != old;
                ASSERT_EQ(out[static_cast<size_t>(at)], old) << "wrote past row " << i;
            }
        }
    }
}

TEST(Gemm, OddSizes) {
    forEachIsa([] {
        for (int64_t m : {1, 2, 3, 5, 6, 7, 13, 29}) {
            for (int64_t n : {1, 3, 8, 15, 16, 17, 31, 33, 65, 100}) {
                for (int64_t k : {1, 2, 7, 8, 33, 130}) {
                    check({.m = m, .n = n, .k = k, .packed = true});
                    check({.m = m, .n = n, .k = k});
                }
            }
        }
    });
}

TEST(Gemm, Transposes) {
    forEachIsa([] {
        for (bool tA : {false, true}) {
            for (bool tB : {false, true}) {
                for (bool packed : {false, true}) {
                    for (int64_t m : {1, 2, 3, 4, 5, 40}) {
                        for (int64_t padding : {0, 3}) {
                            Case c = {.m = m, .n = 37, .k = 45, .transA = tA, .transB = tB, .packed = packed};
                            c.padding = padding;
                            check(c);
                        }
                    }
                }
            }
        }
    });
}

TEST(Gemm, LongSums) {
    forEachIsa([] {
        for (bool packed : {false, true}) {
            check({.m = 9, .n = 50, .k = 2311, .packed = packed, .bias = true, .activation = Activation::kRelu});
            check({.m = 9, .n = 50, .k = 2311, .packed = packed, .residual = 3});
            check({.m = 30, .n = 70, .k = 1024, .transA = true, .packed = packed, .residual = 1});
            check({.m = 30, .n = 150, .k = 1024, .packed = packed, .residual = 2});  // rows that conflict in the cache
            check({.m = 2, .n = 21, .k = 1500, .transB = true, .packed = packed, .bias = true});
            // Several blocks of rows, of panels, and of K.
            check({.m = 420, .n = 299, .k = 300, .packed = packed, .bias = true, .residual = 3});
        }
    });
}

TEST(Gemm, Epilogues) {
    forEachIsa([] {
        for (int act = 0; act < kActivationCount; ++act) {
            for (int residual = 0; residual <= 3; ++residual) {
                for (int64_t n : {32, 27}) {
                    Case c = {.m = 13, .n = n, .k = 20, .packed = true, .bias = true, .scale = act % 2 == 0};
                    c.residual = residual;
                    c.activation = static_cast<Activation>(act);
                    switch (c.activation) {
                        case Activation::kClip: c.alpha = -0.5f, c.beta = 1.25f; break;
                        case Activation::kLeakyRelu: c.alpha = 0.1f; break;
                        case Activation::kHardSigmoid:
                        case Activation::kHardSwish: c.alpha = 1.0f / 6, c.beta = 0.5f; break;
                        case Activation::kSelu: c.alpha = 1.67326f, c.beta = 1.0507f; break;
                        case Activation::kThresholdedRelu: c.alpha = 0.3f; break;
                        default: break;
                    }
                    check(c);
                    c.bias = false, c.rowBias = true, c.packed = false;
                    check(c);
                }
            }
        }
    });
}

TEST(Gemm, BatchesAndThreads) {
    forEachIsa([] {
        for (int threads : {1, 2, 4}) {
            for (bool packed : {false, true}) {
                check({.m = 70, .n = 90, .k = 64, .transB = true, .packed = packed, .batch = 5, .threads = threads});
                check(
                    {.m = 128, .n = 200, .k = 150, .packed = packed, .bias = true, .residual = 1, .threads = threads});
                check({.m = 300, .n = 40, .k = 128, .packed = packed, .rowBias = true, .threads = threads});
                check({.m = 1, .n = 3000, .k = 128, .packed = packed, .threads = threads});
                check({.m = 1, .n = 300, .k = 64, .transB = true, .packed = packed, .batch = 33, .threads = threads});
                check({.m = 64,
                       .n = 48,
                       .k = 700,
                       .transA = true,
                       .packed = packed,
                       .residual = 3,
                       .batch = 2,
                       .threads = threads});
            }
        }
    });
}

// Fewer tiles than threads: the sum is split.
TEST(Gemm, SplitSums) {
    forEachIsa([] {
        for (bool packed : {false, true}) {
            for (bool tA : {false, true}) {
                for (bool tB : {false, true}) {
                    Case c = {.m = 1, .n = 10, .k = 3001, .transA = tA, .transB = tB, .packed = packed, .bias = true};
                    c.threads = 8;
                    c.activation = Activation::kSigmoid;
                    check(c);
                    c.m = 6, c.n = 13, c.residual = 3, c.scale = true, c.padding = 5;
                    check(c);
                    c.m = 3, c.n = 8, c.residual = 2, c.k = 1024;
                    check(c);
                }
            }
        }
    });
}

TEST(Gemm, EmptySum) {
    forEachIsa([] {
        check({.m = 3, .n = 20, .k = 0, .packed = true, .bias = true});
        check({.m = 3, .n = 20, .k = 0, .bias = true});
        check({.m = 3, .n = 20, .k = 0, .transB = true, .bias = true, .activation = Activation::kSigmoid});
    });
}

// One matrix B for a whole batch, and a broadcast A.
TEST(Gemm, ZeroStrides) {
    forEachIsa([] {
        GemmShape s;
        s.m = 5, s.n = 19, s.k = 11, s.lda = 11, s.ldb = 19, s.ldc = 19;
        s.batch[0] = 2, s.batch[2] = 3;
        s.strideA[0] = 55, s.strideA[2] = 0;
        s.strideB[0] = 0, s.strideB[2] = 19 * 11;
        s.strideC[0] = 3 * 95, s.strideC[2] = 95;
        std::vector<float> a = randomFloats(110, 1), b = randomFloats(3 * 19 * 11, 2), c(6 * 95);
        std::vector<char> workspace(static_cast<size_t>(gemmWorkspaceBytes(s, false, 2)));
        gemm(s, a.data(), b.data(), c.data(), {}, workspace.data(), 2);
        for (int64_t g = 0; g < 6; ++g) {
            for (int64_t i = 0; i < 5; ++i) {
                for (int64_t j = 0; j < 19; ++j) {
                    ReferenceSum sum;
                    for (int64_t k = 0; k < 11; ++k) sum.add(a[g / 3 * 55 + i * 11 + k], b[g % 3 * 209 + k * 19 + j]);
                    ASSERT_TRUE(closeTo(c[g * 95 + i * 19 + j], expectedOf(sum, 11, {}, j, i, 0)));
                }
            }
        }
    });
}

}  // namespace
}  // namespace lathe::cpu
