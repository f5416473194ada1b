// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/deconv.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "kernels/cpu/test_isas.h"
#include "kernels/cpu/test_reference.h"

namespace lathe::cpu {
namespace {

struct Case {
    DeconvShape shape;
    int residual = 0;  // 0 none, 1 before the activation, 2 after it, 3 the output itself
    Activation activation = Activation::kNone;
    float alpha = 1, beta = 1;
    int threads = 1;
};

DeconvShape image(int64_t n, int64_t ic, int64_t oc, int64_t h, int64_t w, int64_t kernel, int64_t stride, int64_t pad,
                  int64_t groups = 1, int64_t dilation = 1) {
    DeconvShape s;
    s.n = n, s.ic = ic, s.oc = oc, s.groups = groups;
    s.in[1] = h, s.in[2] = w;
    for (int d = 1; d < 3; ++d) {
        s.kernel[d] = kernel, s.stride[d] = stride, s.dilation[d] = dilation;
        s.padBefore[d] = s.padAfter[d] = pad;
    }
    return s;
}

void check(const Case& c, const DeconvConfig& config) {
    const DeconvShape& s = c.shape;
    std::string text = "algorithm " + std::to_string(static_cast<int>(config.algorithm)) + " layouts " +
                       std::to_string(static_cast<int>(config.in)) + std::to_string(static_cast<int>(config.out)) +
                       " ic " + std::to_string(s.ic) + " oc " + std::to_string(s.oc) + " groups " +
                       std::to_string(s.groups);
    for (int d = 0; d < 3; ++d) {
        text += " [" + std::to_string(s.in[d]) + " k" + std::to_string(s.kernel[d]) + " s" +
                std::to_string(s.stride[d]) + " d" + std::to_string(s.dilation[d]) + " p" +
                std::to_string(s.padBefore[d]) + "," + std::to_string(s.padAfter[d]) + "]";
    }
    SCOPED_TRACE(text);
    DeconvPlan plan;
    const char* why = planDeconv(s, config, c.threads, plan);
    ASSERT_EQ(why, nullptr) << why;
    int64_t icg = s.ic / s.groups, ocg = s.oc / s.groups, taps = s.taps(), inPixels = s.inPixels(),
            outPixels = s.outPixels();
    std::vector<float> in = randomFloats(s.n * s.ic * inPixels, 1), weights = randomFloats(s.ic * ocg * taps, 2);
    std::vector<float> bias = randomFloats(s.oc, 3), scale = randomFloats(s.oc, 4, 0.5f, 2);
    std::vector<float> residual = randomFloats(s.n * s.oc * outPixels, 5);

    const float guard = -54321.0f;
    std::vector<float> packed(static_cast<size_t>(plan.packedBytes / 4 + 1), guard);
    std::vector<float> workspace(static_cast<size_t>(plan.workspaceBytes / 4 + 1), NAN);
    workspace.back() = guard;
    packDeconv(plan, weights.data(), packed.data());
    auto lay = [&](const std::vector<float>& v, Layout layout, int64_t channels, int64_t pixels) {
        std::vector<float> r(static_cast<size_t>(layoutFloats(layout, s.n, channels, pixels)), NAN);
        if (layout == Layout::kNchw) {
            r = v;
        } else {
            convertLayout(Layout::kNchw, layout, s.n, channels, pixels, v.data(), r.data(), 1);
        }
        return r;
    };
    std::vector<float> laidIn = lay(in, config.in, s.ic, inPixels),
                       laidResidual = lay(residual, config.out, s.oc, outPixels);
    std::vector<float> out(laidResidual.size(), NAN);
    if (c.residual == 3) out = laidResidual;
    Epilogue e;
    e.bias = bias.data();
    e.scale = scale.data();
    if (c.residual) e.residual = c.residual == 3 ? out.data() : laidResidual.data();
    e.residualAfter = c.residual == 2;
    e.activation = c.activation, e.alpha = c.alpha, e.beta = c.beta;
    runDeconv(plan, laidIn.data(), packed.data(), out.data(), e, workspace.data());
    ASSERT_EQ(packed.back(), guard);
    ASSERT_EQ(workspace.back(), guard);
    std::vector<float> plain = out;
    if (config.out != Layout::kNchw) {
        plain.assign(static_cast<size_t>(s.n * s.oc * outPixels), NAN);
        convertLayout(config.out, Layout::kNchw, s.n, s.oc, outPixels, out.data(), plain.data(), 1);
    }

    // The reference scatters, as the definition says.
    std::vector<ReferenceSum> sums(static_cast<size_t>(s.n * s.oc * outPixels));
    for (int64_t n = 0; n < s.n; ++n) {
        for (int64_t ch = 0; ch < s.ic; ++ch) {
            for (int64_t i = 0; i < inPixels; ++i) {
                int64_t at[3] = {i / s.in[2] / s.in[1], i / s.in[2] % s.in[1], i % s.in[2]};
                for (int64_t k = 0; k < taps; ++k) {
                    int64_t tap[3] = {k / s.kernel[2] / s.kernel[1], k / s.kernel[2] % s.kernel[1], k % s.kernel[2]};
                    int64_t o[3];
                    bool inside = true;
                    for (int d = 0; d < 3; ++d) {
                        o[d] = at[d] * s.stride[d] + tap[d] * s.dilation[d] - s.padBefore[d];
                        inside &= o[d] >= 0 && o[d] < s.out(d);
                    }
                    if (!inside) continue;
                    int64_t group = ch / icg;
                    for (int64_t j = 0; j < ocg; ++j) {
                        int64_t to = ((n * s.oc + group * ocg + j) * s.out(0) + o[0]) * s.out(1) + o[1];
                        sums[static_cast<size_t>(to * s.out(2) + o[2])].add(
                            in[static_cast<size_t>((n * s.ic + ch) * inPixels + i)],
                            weights[static_cast<size_t>((ch * ocg + j) * taps + k)]);
                    }
                }
            }
        }
    }
    int bad = 0;
    for (size_t i = 0; i < sums.size(); ++i) {
        int64_t channel = static_cast<int64_t>(i) / outPixels % s.oc;
        Expected want = expectedOf(sums[i], icg * taps, e, channel, 0, residual[i]);
        if (!closeTo(plain[i], want) && ++bad <= 4) {
            ADD_FAILURE() << "at " << i << ": " << plain[i] << ", not " << want.value << " +- " << want.tolerance;
        }
    }
    ASSERT_EQ(bad, 0);
}

const DeconvConfig kConfigs[] = {{DeconvAlgorithm::kPhases, Layout::kBlocked, Layout::kBlocked},
                                 {DeconvAlgorithm::kPhases, Layout::kNhwc, Layout::kNhwc},
                                 {DeconvAlgorithm::kPhases, Layout::kNchw, Layout::kBlocked},
                                 {DeconvAlgorithm::kCol2im, Layout::kNchw, Layout::kNchw}};

TEST(Deconv, Shapes) {
    forEachIsa([] {
        for (const DeconvConfig& config : kConfigs) {
            check({.shape = image(1, 16, 8, 5, 7, 2, 2, 0)}, config);
            check({.shape = image(2, 9, 20, 6, 5, 4, 2, 1)}, config);
            check({.shape = image(1, 5, 3, 6, 5, 3, 2, 1), .threads = 2}, config);
            check({.shape = image(1, 8, 8, 5, 6, 3, 1, 1)}, config);
            check({.shape = image(1, 4, 6, 4, 5, 2, 3, 0)}, config);        // outputs that no input reaches
            check({.shape = image(1, 4, 6, 4, 5, 5, 3, 4)}, config);        // more cut than the kernel's overhang
            check({.shape = image(1, 6, 9, 5, 4, 3, 2, 2, 1, 3)}, config);  // dilated
            check({.shape = image(1, 6, 9, 5, 4, 3, 4, 0, 1, 2)}, config);  // dilation and stride share a divisor
            check({.shape = image(1, 2 * channelBlock(), 4 * channelBlock(), 5, 4, 3, 2, 1, 2)}, config);
            DeconvShape lopsided = image(1, 7, 5, 6, 3, 3, 2, 0);
            lopsided.padAfter[1] = -1, lopsided.padBefore[2] = 1, lopsided.kernel[2] = 5, lopsided.stride[2] = 3;
            check({.shape = lopsided}, config);
            DeconvShape line = image(2, 5, 6, 1, 9, 1, 1, 0);
            line.kernel[2] = 4, line.stride[2] = 2, line.padBefore[2] = 1;
            check({.shape = line}, config);
            DeconvShape volume = image(1, 4, 5, 3, 4, 3, 2, 1);
            volume.in[0] = 3, volume.kernel[0] = 2, volume.stride[0] = 2;
            check({.shape = volume}, config);
        }
    });
}

TEST(Deconv, Epilogues) {
    forEachIsa([] {
        for (const DeconvConfig& config : kConfigs) {
            for (int residual = 0; residual <= 3; ++residual) {
                for (Activation activation : {Activation::kNone, Activation::kRelu, Activation::kSilu}) {
                    Case c = {.shape = image(1, 6, 20, 4, 5, 4, 2, 1)};
                    c.residual = residual;
                    c.activation = activation;
                    check(c, config);
                }
            }
        }
    });
}

TEST(Deconv, Refusals) {
    DeconvPlan plan;
    EXPECT_NE(planDeconv(image(1, 4, 4, 1, 1, 1, 1, 1), kConfigs[0], 1, plan), nullptr);
    EXPECT_NE(planDeconv(image(1, 9, 9, 3, 3, 2, 2, 0, 3), kConfigs[0], 1, plan), nullptr);
    EXPECT_NE(
        planDeconv(image(1, 4, 4, 3, 3, 2, 2, 0), {DeconvAlgorithm::kPhases, Layout::kNchw, Layout::kNchw}, 1, plan),
        nullptr);
}

}  // namespace
}  // namespace lathe::cpu
