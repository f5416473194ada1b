// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/conv.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "kernels/cpu/test_isas.h"
#include "kernels/cpu/test_reference.h"

namespace lathe::cpu {
namespace {

constexpr double kEps = 1.1920929e-7;

struct Case {
    ConvShape shape;
    ConvConfig config;
    bool bias = true, scale = false;
    int residual = 0;  // 0 none, 1 before the activation, 2 after it, 3 the output itself
    Activation activation = Activation::kNone;
    float alpha = 1, beta = 1;
    int threads = 1;
    std::vector<int64_t> sources = {};  // channels of several inputs
    bool scaled = false;
};

ConvShape image(int64_t n, int64_t ic, int64_t oc, int64_t h, int64_t w, int64_t kernel, int64_t stride = 1,
                int64_t pad = 0, int64_t groups = 1, int64_t dilation = 1) {
    ConvShape s;
    s.n = n, s.ic = ic, s.oc = oc, s.groups = groups;
    s.in[1] = h, s.in[2] = w;
    for (int d = 1; d < 3; ++d) {
        s.kernel[d] = kernel, s.stride[d] = stride, s.dilation[d] = dilation;
        s.padBefore[d] = s.padAfter[d] = pad;
    }
    return s;
}

std::string describe(const Case& c) {
    const ConvShape& s = c.shape;
    std::string text = "algorithm " + std::to_string(static_cast<int>(c.config.algorithm)) + " layouts " +
                       std::to_string(static_cast<int>(c.config.in)) + std::to_string(static_cast<int>(c.config.out)) +
                       " n " + std::to_string(s.n) + " ic " + std::to_string(s.ic) + " oc " + std::to_string(s.oc) +
                       " groups " + std::to_string(s.groups);
    for (int d = 0; d < 3; ++d) {
        text += " [" + std::to_string(s.in[d]) + " k" + std::to_string(s.kernel[d]) + " s" +
                std::to_string(s.stride[d]) + " d" + std::to_string(s.dilation[d]) + " p" +
                std::to_string(s.padBefore[d]) + "," + std::to_string(s.padAfter[d]) + "]";
    }
    return text + " residual " + std::to_string(c.residual) + " act " + std::to_string(static_cast<int>(c.activation)) +
           " threads " + std::to_string(c.threads);
}

std::vector<float> inLayout(const std::vector<float>& nchw, Layout layout, int64_t n, int64_t c, int64_t spatial) {
    if (layout == Layout::kNchw) return nchw;
    // Lanes past the last channel are zero only if the conversion writes them.
    std::vector<float> out(static_cast<size_t>(layoutFloats(layout, n, c, spatial)), NAN);
    convertLayout(Layout::kNchw, layout, n, c, spatial, nchw.data(), out.data(), 1);
    return out;
}

// The bound of conv_winograd.cc, for the tile that holds output (y, x).
double winogradBound(const ConvShape& s, int tile, const float* in, const float* weights, int64_t y, int64_t x) {
    static const double bt4[4][4] = {{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, 1, 0, -1}};
    static const double g4[4][3] = {{1, 0, 0}, {.5, .5, .5}, {.5, -.5, .5}, {0, 0, 1}};
    static const double at4[2][4] = {{1, 1, 1, 0}, {0, 1, -1, -1}};
    static const double bt6[6][6] = {{4, 0, -5, 0, 1, 0},  {0, -4, -4, 1, 1, 0}, {0, 4, -4, -1, 1, 0},
                                     {0, -2, -1, 2, 1, 0}, {0, 2, -1, -2, 1, 0}, {0, 4, 0, -5, 0, 1}};
    static const double g6[6][3] = {{1. / 4, 0, 0},
                                    {-1. / 6, -1. / 6, -1. / 6},
                                    {-1. / 6, 1. / 6, -1. / 6},
                                    {1. / 24, 1. / 12, 1. / 6},
                                    {1. / 24, -1. / 12, 1. / 6},
                                    {0, 0, 1}};
    static const double at6[4][6] = {
        {1, 1, 1, 1, 1, 0}, {0, 1, -1, 2, -2, 0}, {0, 1, 1, 4, 4, 0}, {0, 1, -1, 8, -8, 1}};
    int side = tile + 2;
    auto bt = [&](int i, int j) { return std::abs(tile == 2 ? bt4[i][j] : bt6[i][j]); };
    auto g = [&](int i, int j) { return std::abs(tile == 2 ? g4[i][j] : g6[i][j]); };
    auto at = [&](int i, int j) { return std::abs(tile == 2 ? at4[i][j] : at6[i][j]); };
    int64_t y0 = y / tile * tile - s.padBefore[1], x0 = x / tile * tile - s.padBefore[2];
    double total = 0;
    for (int i = 0; i < side; ++i) {
        for (int j = 0; j < side; ++j) {
            double sum = 0;
            for (int64_t c = 0; c < s.ic; ++c) {
                double u = 0, v = 0;
                for (int a = 0; a < 3; ++a) {
                    for (int b = 0; b < 3; ++b) u += g(i, a) * g(j, b) * std::abs(weights[c * 9 + a * 3 + b]);
                }
                for (int a = 0; a < side; ++a) {
                    for (int b = 0; b < side; ++b) {
                        int64_t r = y0 + a, q = x0 + b;
                        if (r < 0 || q < 0 || r >= s.in[1] || q >= s.in[2]) continue;
                        v += bt(i, a) * bt(j, b) * std::abs(in[(c * s.in[1] + r) * s.in[2] + q]);
                    }
                }
                sum += u * v;
            }
            total += at(static_cast<int>(y % tile), i) * at(static_cast<int>(x % tile), j) * sum;
        }
    }
    return kEps * (static_cast<double>(s.ic) / 2 + 16) * total;
}

void check(const Case& c) {
    SCOPED_TRACE(describe(c));
    const ConvShape& s = c.shape;
    ConvPlan plan;
    ConvConfig config = c.config;
    config.scaled = c.scaled;
    if (!c.sources.empty()) {
        config.sources = static_cast<int>(c.sources.size());
        std::copy(c.sources.begin(), c.sources.end(), config.sourceChannels);
    }
    const char* why = planConv(s, config, c.threads, plan);
    ASSERT_EQ(why, nullptr) << why;
    int64_t icg = s.ic / s.groups, ocg = s.oc / s.groups, taps = s.taps();
    int64_t inPixels = s.inPixels(), outPixels = s.outPixels();
    std::vector<float> in = randomFloats(s.n * s.ic * inPixels, 1), weights = randomFloats(s.oc * icg * taps, 2);
    std::vector<float> bias = randomFloats(s.oc, 3), scale = randomFloats(s.oc, 4, 0.5f, 2);
    std::vector<float> residual = randomFloats(s.n * s.oc * outPixels, 5);

    const float guard = -54321.0f;
    std::vector<float> packed(static_cast<size_t>(plan.packedBytes / 4 + 16), guard);
    std::vector<float> workspace(static_cast<size_t>(plan.workspaceBytes / 4 + 16), NAN);
    for (int i = 0; i < 16; ++i) workspace[workspace.size() - 16 + static_cast<size_t>(i)] = guard;
    packConv(plan, weights.data(), packed.data());
    std::vector<float> laidIn = inLayout(in, c.config.in, s.n, s.ic, inPixels);
    ConvInput input = laidIn.data();
    std::vector<std::vector<float>> pieces;
    int64_t firstChannel = 0;
    for (int64_t channels : c.sources) {
        std::vector<float> piece;
        for (int64_t n = 0; n < s.n; ++n) {
            auto from = in.begin() + (n * s.ic + firstChannel) * inPixels;
            piece.insert(piece.end(), from, from + channels * inPixels);
        }
        pieces.push_back(inLayout(piece, c.config.in, s.n, channels, inPixels));
        input.x[pieces.size() - 1] = pieces.back().data();
        firstChannel += channels;
    }
    std::vector<float> gate = randomFloats(s.n * s.ic, 6, 0.1f, 1.5f), laidGate;
    if (c.scaled) {
        laidGate = inLayout(gate, c.config.in, s.n, s.ic, 1);
        input.scale = laidGate.data();
        // What the convolution should see.
        for (int64_t i = 0; i < s.n * s.ic * inPixels; ++i)
            in[static_cast<size_t>(i)] *= gate[static_cast<size_t>(i / inPixels)];
    }
    std::vector<float> laidResidual = inLayout(residual, c.config.out, s.n, s.oc, outPixels);
    int64_t outFloats = layoutFloats(c.config.out, s.n, s.oc, outPixels);
    std::vector<float> out(static_cast<size_t>(outFloats), NAN);
    if (c.residual == 3) out = laidResidual;
    out.resize(out.size() + 16, guard);

    Epilogue e;
    if (c.bias) e.bias = bias.data();
    if (c.scale) {
        e.scale = scale.data();
        e.accScale = 0.25f;
    }
    if (c.residual) e.residual = c.residual == 3 ? out.data() : laidResidual.data();
    e.residualAfter = c.residual == 2;
    e.activation = c.activation, e.alpha = c.alpha, e.beta = c.beta;
    runConv(plan, input, packed.data(), out.data(), e, workspace.data());

    for (int i = 0; i < 16; ++i) {
        ASSERT_EQ(packed[packed.size() - 1 - static_cast<size_t>(i)], guard) << "packed past its end";
        ASSERT_EQ(workspace[workspace.size() - 1 - static_cast<size_t>(i)], guard) << "workspace past its end";
        ASSERT_EQ(out[out.size() - 1 - static_cast<size_t>(i)], guard) << "output past its end";
    }
    std::vector<float> plain(static_cast<size_t>(s.n * s.oc * outPixels));
    if (c.config.out == Layout::kNchw) {
        plain.assign(out.begin(), out.begin() + static_cast<int64_t>(plain.size()));
    } else {
        convertLayout(c.config.out, Layout::kNchw, s.n, s.oc, outPixels, out.data(), plain.data(), 1);
    }
    if (c.config.out == Layout::kBlocked && s.oc % channelBlock() != 0) {
        int64_t block = channelBlock(), blocks = (s.oc + block - 1) / block;
        for (int64_t n = 0; n < s.n; ++n) {
            for (int64_t i = 0; i < outPixels; ++i) {
                for (int64_t lane = s.oc % block; lane < block; ++lane) {
                    ASSERT_EQ(out[static_cast<size_t>(((n * blocks + blocks - 1) * outPixels + i) * block + lane)], 0)
                        << "lane " << lane;
                }
            }
        }
    }

    int bad = 0;
    bool winograd = c.config.algorithm == ConvAlgorithm::kWinograd2 || c.config.algorithm == ConvAlgorithm::kWinograd4;
    int tile = c.config.algorithm == ConvAlgorithm::kWinograd2 ? 2 : 4;
    for (int64_t n = 0; n < s.n; ++n) {
        for (int64_t o = 0; o < s.oc; ++o) {
            for (int64_t i = 0; i < outPixels; ++i) {
                int64_t x = i % s.out(2), y = i / s.out(2) % s.out(1), z = i / s.out(2) / s.out(1);
                ReferenceSum sum;
                const float* group = in.data() + (n * s.ic + o / ocg * icg) * inPixels;
                const float* w = weights.data() + o * icg * taps;
                for (int64_t k = 0; k < icg * taps; ++k) {
                    int64_t kx = k % s.kernel[2], ky = k / s.kernel[2] % s.kernel[1],
                            kz = k / s.kernel[2] / s.kernel[1] % s.kernel[0];
                    int64_t ix = x * s.stride[2] + kx * s.dilation[2] - s.padBefore[2];
                    int64_t iy = y * s.stride[1] + ky * s.dilation[1] - s.padBefore[1];
                    int64_t iz = z * s.stride[0] + kz * s.dilation[0] - s.padBefore[0];
                    if (ix < 0 || iy < 0 || iz < 0 || ix >= s.in[2] || iy >= s.in[1] || iz >= s.in[0]) continue;
                    sum.add(group[((k / taps * s.in[0] + iz) * s.in[1] + iy) * s.in[2] + ix], w[k]);
                }
                int64_t at = (n * s.oc + o) * outPixels + i;
                Expected want = expectedOf(sum, icg * taps, e, o, 0, residual[static_cast<size_t>(at)]);
                float got = plain[static_cast<size_t>(at)];
                if (winograd && !closeTo(got, want)) {
                    double bound = winogradBound(s, tile, group, w, y, x) * e.accScale *
                                   (e.scale ? scale[static_cast<size_t>(o)] : 1);
                    want.tolerance += 2 * bound;
                }
                if (!closeTo(got, want) && ++bad <= 4) {
                    ADD_FAILURE() << "image " << n << " channel " << o << " at " << z << ", " << y << ", " << x << ": "
                                  << got << ", not " << want.value << " +- " << want.tolerance;
                }
            }
        }
    }
    ASSERT_EQ(bad, 0);
}

const ConvConfig kDirectConfigs[] = {{ConvAlgorithm::kDirect, Layout::kBlocked, Layout::kBlocked},
                                     {ConvAlgorithm::kDirect, Layout::kNhwc, Layout::kNhwc},
                                     {ConvAlgorithm::kDirect, Layout::kNchw, Layout::kBlocked},
                                     {ConvAlgorithm::kDirect, Layout::kNchw, Layout::kNhwc},
                                     {ConvAlgorithm::kDirect, Layout::kNhwc, Layout::kBlocked},
                                     {ConvAlgorithm::kDirect, Layout::kBlocked, Layout::kNhwc}};
const ConvConfig kPlain = {ConvAlgorithm::kIm2col, Layout::kNchw, Layout::kNchw};

TEST(Conv, DirectShapes) {
    forEachIsa([] {
        for (const ConvConfig& config : kDirectConfigs) {
            check({.shape = image(1, 3, 20, 11, 13, 7, 2, 3), .config = config});
            check({.shape = image(2, 16, 32, 9, 7, 3, 1, 1), .config = config});
            check({.shape = image(1, 19, 37, 8, 8, 1), .config = config});
            check({.shape = image(1, 64, 48, 7, 7, 1, 2), .config = config});
            check({.shape = image(1, 5, 9, 12, 10, 5, 3, 2), .config = config});
            check({.shape = image(1, 8, 16, 14, 11, 3, 1, 2, 1, 2), .config = config});
            check({.shape = image(1, 1, 1, 6, 6, 3, 1, 0), .config = config});
            check({.shape = image(1, 32, 64, 6, 5, 3, 1, 1, 2), .config = config});
            check({.shape = image(1, 160, 24, 5, 6, 3, 1, 1), .config = config});  // several blocks of the sum
            ConvShape lopsided = image(1, 10, 12, 9, 10, 3, 2);
            lopsided.padBefore[1] = 1, lopsided.padAfter[2] = 2, lopsided.kernel[2] = 4, lopsided.dilation[1] = 2;
            check({.shape = lopsided, .config = config});
            ConvShape line = image(2, 12, 8, 1, 30, 1);  // one-dimensional
            line.kernel[2] = 5, line.padBefore[2] = line.padAfter[2] = 2;
            check({.shape = line, .config = config});
            ConvShape volume = image(1, 6, 10, 5, 6, 3, 1, 1);
            volume.in[0] = 4, volume.kernel[0] = 3, volume.padBefore[0] = volume.padAfter[0] = 1, volume.stride[0] = 2;
            check({.shape = volume, .config = config});
            ConvShape inPlace = image(1, 8, 8, 5, 6, 2);
            inPlace.in[0] = 3, inPlace.kernel[0] = 2;
            check({.shape = inPlace, .config = config});
        }
    });
}

// A group's channels need not fill vectors, unless the layout is blocked.
TEST(Conv, OddGroups) {
    forEachIsa([] {
        check({.shape = image(1, 9, 15, 6, 7, 3, 1, 1, 3),
               .config = {ConvAlgorithm::kDirect, Layout::kNhwc, Layout::kNhwc}});
        check({.shape = image(1, 9, 15, 6, 7, 3, 1, 0, 3),
               .config = {ConvAlgorithm::kDirect, Layout::kNchw, Layout::kNhwc}});
        check({.shape = image(2, 9, 15, 6, 7, 3, 1, 1, 3), .config = kPlain});
        ConvPlan plan;
        const ConvConfig blocked = {ConvAlgorithm::kDirect, Layout::kBlocked, Layout::kBlocked};
        EXPECT_NE(planConv(image(1, 9, 15, 6, 7, 3, 1, 1, 3), blocked, 1, plan), nullptr);
        EXPECT_NE(planConv(image(1, 32, 6, 6, 7, 3, 1, 1, 2), blocked, 1, plan), nullptr);
    });
}

TEST(Conv, Im2colShapes) {
    forEachIsa([] {
        check({.shape = image(1, 3, 20, 11, 13, 7, 2, 3), .config = kPlain});
        check({.shape = image(2, 16, 32, 9, 7, 3, 1, 1), .config = kPlain, .scale = true});
        check({.shape = image(2, 19, 37, 8, 9, 1), .config = kPlain});
        check({.shape = image(1, 64, 48, 7, 7, 1, 2), .config = kPlain});
        check({.shape = image(1, 5, 9, 12, 10, 5, 3, 2), .config = kPlain, .threads = 3});
        check({.shape = image(1, 8, 1, 14, 11, 3, 1, 2, 1, 2), .config = kPlain});
        check({.shape = image(1, 160, 24, 20, 31, 3, 1, 1), .config = kPlain, .residual = 1, .threads = 2});
        check({.shape = image(1, 160, 24, 5, 6, 3, 1, 1), .config = kPlain, .residual = 3});
        check({.shape = image(2, 12, 12, 9, 8, 3, 1, 1, 12), .config = kPlain});
        ConvShape volume = image(1, 6, 10, 5, 6, 3, 1, 1);
        volume.in[0] = 4, volume.kernel[0] = 3, volume.padBefore[0] = 1, volume.stride[0] = 2, volume.dilation[2] = 2;
        check({.shape = volume, .config = kPlain});
    });
}

TEST(Conv, DepthwiseShapes) {
    forEachIsa([] {
        for (Layout layout : {Layout::kBlocked, Layout::kNhwc}) {
            const ConvConfig config = {ConvAlgorithm::kDepthwise, layout, layout};
            for (int64_t channels : {16, 21}) {
                for (int64_t stride : {1, 2, 3}) {
                    for (int64_t kernel : {1, 3, 5, 7}) {
                        check({.shape = image(2, channels, channels, 17, 23, kernel, stride, kernel / 2, channels),
                               .config = config});
                    }
                    check({.shape = image(1, channels, channels, 9, 20, 3, stride, 2, channels, 2),
                           .config = config,
                           .threads = 2});
                }
                check({.shape = image(1, channels, channels, 5, 3, 5, 1, 4, channels),
                       .config = config});  // no column inside
                check({.shape = image(1, channels, channels, 9, 30, 3, 1, 0, channels), .config = config});
                ConvShape volume = image(1, channels, channels, 6, 7, 3, 1, 1, channels);
                volume.in[0] = 4, volume.kernel[0] = 3, volume.padBefore[0] = volume.padAfter[0] = 1;
                check({.shape = volume, .config = config, .scale = true});
            }
        }
    });
}

TEST(Conv, WinogradShapes) {
    forEachIsa([] {
        for (ConvAlgorithm algorithm : {ConvAlgorithm::kWinograd2, ConvAlgorithm::kWinograd4}) {
            for (Layout layout : {Layout::kBlocked, Layout::kNhwc}) {
                const ConvConfig config = {algorithm, layout, layout};
                check({.shape = image(1, 16, 16, 8, 8, 3, 1, 1), .config = config});
                check({.shape = image(2, 19, 37, 13, 10, 3, 1, 1), .config = config, .scale = true, .residual = 1});
                check({.shape = image(1, 32, 90, 7, 7, 3, 1, 1), .config = config, .threads = 3});
                check({.shape = image(1, 5, 3, 9, 4, 3, 1, 0), .config = config});
                check({.shape = image(1, 64, 16, 22, 19, 3, 1, 2), .config = config, .threads = 2});
                check({.shape = image(1, 8, 8, 3, 3, 3), .config = config});
            }
        }
    });
}

TEST(Conv, Epilogues) {
    forEachIsa([] {
        const ConvConfig configs[] = {kDirectConfigs[0],
                                      kDirectConfigs[1],
                                      kPlain,
                                      {ConvAlgorithm::kWinograd2, Layout::kBlocked, Layout::kBlocked},
                                      {ConvAlgorithm::kWinograd4, Layout::kNhwc, Layout::kNhwc},
                                      {ConvAlgorithm::kDepthwise, Layout::kBlocked, Layout::kBlocked},
                                      {ConvAlgorithm::kDepthwise, Layout::kNhwc, Layout::kNhwc}};
        for (const ConvConfig& config : configs) {
            bool depthwise = config.algorithm == ConvAlgorithm::kDepthwise;
            for (int act = 0; act < kActivationCount; ++act) {
                for (int residual = 0; residual <= 3; ++residual) {
                    Case c = {.shape = image(1, depthwise ? 21 : 9, 21, 7, 9, 3, 1, 1, depthwise ? 21 : 1),
                              .config = config};
                    c.scale = act % 3 == 0;
                    c.bias = act % 4 != 0;
                    c.residual = residual;
                    c.activation = static_cast<Activation>(act);
                    switch (c.activation) {
                        case Activation::kClip: c.alpha = 0.25f, c.beta = 1.25f; break;
                        case Activation::kLeakyRelu: c.alpha = 0.1f; break;
                        case Activation::kHardSigmoid:
                        case Activation::kHardSwish: c.alpha = 1.0f / 6, c.beta = 0.5f; break;
                        case Activation::kSelu: c.alpha = 1.67326f, c.beta = 1.0507f; break;
                        // The comparison's slack at the threshold does not know of Winograd's error.
                        case Activation::kThresholdedRelu:
                            c.alpha = config.algorithm == ConvAlgorithm::kWinograd4 ? -100.0f : 0.3f;
                            break;
                        default: break;
                    }
                    check(c);
                    if (HasFatalFailure()) return;
                }
            }
        }
    });
}

TEST(Conv, Threads) {
    forEachIsa([] {
        for (int threads : {2, 4}) {
            for (const ConvConfig& config : kDirectConfigs) {
                check(
                    {.shape = image(1, 16, 40, 30, 17, 3, 1, 1), .config = config, .residual = 1, .threads = threads});
                check({.shape = image(3, 24, 80, 5, 5, 1), .config = config, .threads = threads});
            }
        }
    });
}

TEST(Conv, ScaledInput) {
    forEachIsa([] {
        for (const ConvConfig& config : kDirectConfigs) {
            check({.shape = image(2, 24, 20, 6, 7, 1), .config = config, .residual = 1, .scaled = true});
            check({.shape = image(1, 19, 40, 6, 7, 3, 2, 1), .config = config, .threads = 2, .scaled = true});
            check({.shape = image(2, 32, 64, 5, 4, 3, 1, 1, 2), .config = config, .scaled = true});
            check({.shape = image(2, 40, 16, 1, 1, 1), .config = config, .scaled = true});
        }
        ConvPlan plan;
        ConvConfig config = {ConvAlgorithm::kWinograd2, Layout::kBlocked, Layout::kBlocked};
        config.scaled = true;
        EXPECT_STREQ(planConv(image(1, 8, 8, 9, 9, 3), config, 1, plan), "only the direct algorithm scales its input");
    });
}

TEST(Conv, SeveralInputs) {
    forEachIsa([] {
        for (ConvAlgorithm algorithm : {ConvAlgorithm::kDirect, ConvAlgorithm::kWinograd2, ConvAlgorithm::kWinograd4}) {
            const ConvConfig config = {algorithm, Layout::kBlocked, Layout::kBlocked};
            check({.shape = image(2, 48, 20, 7, 9, 3, 1, 1), .config = config, .sources = {32, 16}});
            check({.shape = image(1, 53, 40, 9, 6, 3, 1, 1),
                   .config = config,
                   .residual = 1,
                   .threads = 2,
                   .sources = {16, 16, 21}});
            check({.shape = image(1, 52, 8, 6, 6, 3), .config = config, .sources = {16, 16, 16, 4}});
        }
        const ConvConfig direct = {ConvAlgorithm::kDirect, Layout::kBlocked, Layout::kNhwc};
        check({.shape = image(2, 48, 20, 7, 9, 1), .config = direct, .sources = {16, 32}});
        ConvPlan plan;
        ConvConfig odd = {ConvAlgorithm::kDirect, Layout::kBlocked, Layout::kBlocked};
        odd.sources = 2;
        odd.sourceChannels[0] = 5, odd.sourceChannels[1] = 11;
        EXPECT_STREQ(planConv(image(1, 16, 8, 9, 9, 3), odd, 1, plan),
                     "an input's channels do not fill channel blocks");
        odd.sourceChannels[0] = 16, odd.sourceChannels[1] = 16;
        EXPECT_STREQ(planConv(image(1, 48, 8, 9, 9, 3), odd, 1, plan), "the inputs' channels do not add up");
        odd.in = Layout::kNhwc;
        EXPECT_NE(planConv(image(1, 32, 8, 9, 9, 3), odd, 1, plan), nullptr);
    });
}

TEST(Conv, Refusals) {
    ConvPlan plan;
    const ConvConfig winograd = {ConvAlgorithm::kWinograd2, Layout::kBlocked, Layout::kBlocked};
    EXPECT_STREQ(planConv(image(1, 8, 8, 9, 9, 3, 2), winograd, 1, plan), "a stride is not 1");
    EXPECT_STREQ(planConv(image(1, 8, 8, 9, 9, 5), winograd, 1, plan), "the kernel is not 3 x 3");
    EXPECT_STREQ(planConv(image(1, 8, 8, 2, 9, 3), winograd, 1, plan), "the output is empty");
    EXPECT_STREQ(planConv(image(1, 9, 8, 9, 9, 3, 1, 1, 2), winograd, 1, plan),
                 "channels do not divide into the groups");
    EXPECT_NE(
        planConv(image(1, 8, 16, 9, 9, 3, 1, 1, 8), {ConvAlgorithm::kDepthwise, Layout::kNhwc, Layout::kNhwc}, 1, plan),
        nullptr);
    EXPECT_NE(planConv(image(1, 8, 8, 9, 9, 3), {ConvAlgorithm::kDirect, Layout::kNhwc, Layout::kNchw}, 1, plan),
              nullptr);
}

TEST(Layouts, RoundTrips) {
    forEachIsa([] {
        const Layout all[] = {Layout::kNchw, Layout::kNhwc, Layout::kBlocked};
        for (int64_t c : {1, 3, 8, 16, 21, 40}) {
            for (int64_t spatial : {1, 7, 64, 3000}) {
                std::vector<float> in = randomFloats(2 * c * spatial, 9);
                for (Layout via : all) {
                    for (Layout next : all) {
                        if (via == Layout::kNchw || next == via) continue;
                        std::vector<float> first(static_cast<size_t>(layoutFloats(via, 2, c, spatial)), NAN);
                        std::vector<float> second(static_cast<size_t>(layoutFloats(next, 2, c, spatial)), NAN);
                        std::vector<float> back(in.size(), NAN);
                        convertLayout(Layout::kNchw, via, 2, c, spatial, in.data(), first.data(), 2);
                        convertLayout(via, next, 2, c, spatial, first.data(), second.data(), 2);
                        if (next == Layout::kNchw) {
                            back = second;
                        } else {
                            convertLayout(next, Layout::kNchw, 2, c, spatial, second.data(), back.data(), 2);
                        }
                        ASSERT_EQ(in, back) << c << " channels, " << spatial << " pixels";
                    }
                }
                std::vector<float> nhwc(in.size());
                convertLayout(Layout::kNchw, Layout::kNhwc, 2, c, spatial, in.data(), nhwc.data(), 1);
                for (int64_t i = 0; i < c * spatial; ++i) {
                    ASSERT_EQ(nhwc[static_cast<size_t>(i % spatial * c + i / spatial)], in[static_cast<size_t>(i)]);
                }
            }
        }
    });
}

}  // namespace
}  // namespace lathe::cpu
