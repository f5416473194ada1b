// SPDX-License-Identifier: Apache-2.0
// Layers that compute, against loops.
#include <algorithm>
#include <cmath>
#include <functional>

#include "caffe_testing.h"

namespace lathe_test {
namespace {

struct Geometry {
    int64_t kh = 1, kw = 1, sh = 1, sw = 1, ph = 0, pw = 0, dh = 1, dw = 1, group = 1;
};

Array convolved(const Array& x, const Array& w, const Floats& bias, const Geometry& g) {
    const int64_t maps = w.at(0), perGroup = w.at(1);
    const int64_t oh = (x.at(2) + 2 * g.ph - (g.dh * (g.kh - 1) + 1)) / g.sh + 1;
    const int64_t ow = (x.at(3) + 2 * g.pw - (g.dw * (g.kw - 1) + 1)) / g.sw + 1;
    Array y{{x.at(0), maps, oh, ow}, Floats(static_cast<size_t>(x.at(0) * maps * oh * ow))};
    for (int64_t n = 0; n < x.at(0); ++n)
        for (int64_t m = 0; m < maps; ++m)
            for (int64_t i = 0; i < oh; ++i)
                for (int64_t j = 0; j < ow; ++j) {
                    double sum = bias.empty() ? 0 : bias[static_cast<size_t>(m)];
                    for (int64_t c = 0; c < perGroup; ++c)
                        for (int64_t u = 0; u < g.kh; ++u)
                            for (int64_t v = 0; v < g.kw; ++v) {
                                const int64_t h = i * g.sh - g.ph + u * g.dh, k = j * g.sw - g.pw + v * g.dw;
                                if (h < 0 || h >= x.at(2) || k < 0 || k >= x.at(3)) continue;
                                const int64_t from = m / (maps / g.group) * perGroup + c;
                                sum += static_cast<double>(x(n, from, h, k)) * static_cast<double>(w(m, c, u, v));
                            }
                    y(n, m, i, j) = static_cast<float>(sum);
                }
    return y;
}

Array deconvolved(const Array& x, const Array& w, const Floats& bias, const Geometry& g) {
    const int64_t perGroup = w.at(1), maps = perGroup * g.group, inGroup = x.at(1) / g.group;
    const int64_t oh = g.sh * (x.at(2) - 1) + g.dh * (g.kh - 1) + 1 - 2 * g.ph;
    const int64_t ow = g.sw * (x.at(3) - 1) + g.dw * (g.kw - 1) + 1 - 2 * g.pw;
    Array y{{x.at(0), maps, oh, ow}, Floats(static_cast<size_t>(x.at(0) * maps * oh * ow))};
    for (int64_t n = 0; n < x.at(0); ++n)
        for (int64_t m = 0; m < maps; ++m)
            for (int64_t i = 0; i < oh; ++i)
                for (int64_t j = 0; j < ow; ++j) y(n, m, i, j) = bias.empty() ? 0 : bias[static_cast<size_t>(m)];
    for (int64_t n = 0; n < x.at(0); ++n)
        for (int64_t c = 0; c < x.at(1); ++c)
            for (int64_t m = 0; m < perGroup; ++m)
                for (int64_t i = 0; i < x.at(2); ++i)
                    for (int64_t j = 0; j < x.at(3); ++j)
                        for (int64_t u = 0; u < g.kh; ++u)
                            for (int64_t v = 0; v < g.kw; ++v) {
                                const int64_t h = i * g.sh - g.ph + u * g.dh, k = j * g.sw - g.pw + v * g.dw;
                                if (h < 0 || h >= oh || k < 0 || k >= ow) continue;
                                y(n, c / inGroup * perGroup + m, h, k) += x(n, c, i, j) * w(c, m, u, v);
                            }
    return y;
}

// Windows as Caffe lays them: rounded up, without a last one that begins behind data and padding in front, and, for
// averages, cut off at the end of the padding.
Array pooled(const Array& x, bool max, const Geometry& g, bool floor = false) {
    const auto extent = [&](int64_t in, int64_t k, int64_t s, int64_t p) {
        const double windows = static_cast<double>(in + 2 * p - k) / static_cast<double>(s);
        int64_t out = static_cast<int64_t>(floor ? std::floor(windows) : std::ceil(windows)) + 1;
        if (p && (out - 1) * s >= in + p) --out;
        return out;
    };
    const int64_t oh = extent(x.at(2), g.kh, g.sh, g.ph), ow = extent(x.at(3), g.kw, g.sw, g.pw);
    Array y{{x.at(0), x.at(1), oh, ow}, Floats(static_cast<size_t>(x.at(0) * x.at(1) * oh * ow))};
    for (int64_t n = 0; n < x.at(0); ++n)
        for (int64_t c = 0; c < x.at(1); ++c)
            for (int64_t i = 0; i < oh; ++i)
                for (int64_t j = 0; j < ow; ++j) {
                    int64_t h0 = i * g.sh - g.ph, w0 = j * g.sw - g.pw;
                    int64_t h1 = std::min(h0 + g.kh, x.at(2) + g.ph), w1 = std::min(w0 + g.kw, x.at(3) + g.pw);
                    const double size = static_cast<double>((h1 - h0) * (w1 - w0));
                    h0 = std::max<int64_t>(h0, 0), w0 = std::max<int64_t>(w0, 0);
                    h1 = std::min(h1, x.at(2)), w1 = std::min(w1, x.at(3));
                    double best = -INFINITY, sum = 0;
                    for (int64_t h = h0; h < h1; ++h)
                        for (int64_t w = w0; w < w1; ++w) {
                            best = std::max(best, static_cast<double>(x(n, c, h, w)));
                            sum += x(n, c, h, w);
                        }
                    y(n, c, i, j) = static_cast<float>(max ? best : sum / size);
                }
    return y;
}

Array mapped(const Array& x, const std::function<double(double)>& f) {
    Array y = x;
    for (float& v : y.values) v = static_cast<float>(f(v));
    return y;
}

std::string layer(const std::string& type, const std::string& params = "",
                  const std::string& bottoms = "bottom: 'data'") {
    return "layer { name: 'l' type: '" + type + "' " + bottoms + " top: 'y' " + params + " }\n";
}

class CaffeLayerTest : public CaffeTest {};

TEST_F(CaffeLayerTest, Convolution) {
    const Array x = noise({2, 4, 9, 8}, 1), w = noise({6, 4, 3, 3}, 2), b = noise({6}, 3);
    give("l", {w, b});
    const Array y =
        answer(withInput(x.extents, layer("Convolution",
                                          "convolution_param { num_output: 6 kernel_size: 3 stride: 2 pad: 1 "
                                          "weight_filler { type: 'xavier' } bias_filler { type: 'constant' } }")),
               x);
    expectClose(y, convolved(x, w, b.values, {.kh = 3, .kw = 3, .sh = 2, .sw = 2, .ph = 1, .pw = 1}), 37);
}

TEST_F(CaffeLayerTest, ConvolutionOfGroupsWithHeightAndWidth) {
    const Array x = noise({1, 6, 9, 12}, 1), w = noise({4, 3, 3, 2}, 2);
    give("l", {w});
    const Array y = answer(withInput(x.extents, layer("Convolution", R"(convolution_param {
            num_output: 4 bias_term: false group: 2 kernel_h: 3 kernel_w: 2 stride_h: 1 stride_w: 3
            pad_h: 2 pad_w: 0 dilation: 2 dilation: 1 engine: CAFFE axis: -3 })")),
                           x);
    expectClose(y, convolved(x, w, {}, {.kh = 3, .kw = 2, .sh = 1, .sw = 3, .ph = 2, .dh = 2, .group = 2}), 18);
}

TEST_F(CaffeLayerTest, Deconvolution) {
    const Array x = noise({2, 4, 5, 4}, 1), w = noise({4, 3, 4, 3}, 2), b = noise({6}, 3);
    give("l", {w, b});
    const Array y = answer(withInput(x.extents, layer("Deconvolution", R"(convolution_param {
            num_output: 6 group: 2 kernel_size: 4 kernel_size: 3 stride: 2 pad: 1 })")),
                           x);
    expectClose(y, deconvolved(x, w, b.values, {.kh = 4, .kw = 3, .sh = 2, .sw = 2, .ph = 1, .pw = 1, .group = 2}), 48);
}

TEST_F(CaffeLayerTest, InnerProduct) {
    const Array x = noise({3, 2, 3, 4}, 1), w = noise({5, 24}, 2), b = noise({5}, 3);
    give("l", {w, b});
    const Array y = answer(withInput(x.extents, layer("InnerProduct", "inner_product_param { num_output: 5 }")), x);
    Array expected{{3, 5, 1, 1}, {}};
    for (int64_t n = 0; n < 3; ++n)
        for (int64_t m = 0; m < 5; ++m) {
            double sum = b.values[static_cast<size_t>(m)];
            for (int64_t k = 0; k < 24; ++k) {
                sum += static_cast<double>(x.values[static_cast<size_t>(n * 24 + k)]) *
                       static_cast<double>(w.values[static_cast<size_t>(m * 24 + k)]);
            }
            expected.values.push_back(static_cast<float>(sum));
        }
    expectClose(y, expected, 25);
}

TEST_F(CaffeLayerTest, InnerProductTransposedAlongAnotherAxis) {
    const Array x = noise({2, 3, 4, 2}, 1), w = noise({8, 5}, 2);
    give("l", {w});
    const Array y = answer(withInput(x.extents, layer("InnerProduct",
                                                      "inner_product_param { num_output: 5 bias_term: false "
                                                      "axis: 2 transpose: true }")),
                           x);
    Array expected{{2, 3, 5}, {}};
    for (int64_t n = 0; n < 6; ++n)
        for (int64_t m = 0; m < 5; ++m) {
            double sum = 0;
            for (int64_t k = 0; k < 8; ++k) {
                sum += static_cast<double>(x.values[static_cast<size_t>(n * 8 + k)]) *
                       static_cast<double>(w.values[static_cast<size_t>(k * 5 + m)]);
            }
            expected.values.push_back(static_cast<float>(sum));
        }
    expectClose(y, expected, 8);
}

TEST_F(CaffeLayerTest, InnerProductOfAllAxes) {
    const Array x = noise({2, 3}, 1), w = noise({4, 6}, 2);
    give("l", {w});
    const Array y = answer(
        withInput(x.extents, layer("InnerProduct", "inner_product_param { num_output: 4 bias_term: false axis: 0 }")),
        x);
    Array expected{{4}, {}};
    for (size_t m = 0; m < 4; ++m) {
        double sum = 0;
        for (size_t k = 0; k < 6; ++k)
            sum += static_cast<double>(x.values[k]) * static_cast<double>(w.values[m * 6 + k]);
        expected.values.push_back(static_cast<float>(sum));
    }
    expectClose(y, expected, 6);
}

TEST_F(CaffeLayerTest, InnerProductAfterInnerProductAndSoftmax) {
    const Array x = noise({2, 7}, 1), a = noise({4, 7}, 2), b = noise({3, 4}, 3);
    give("ip1", {a});
    give("ip2", {b});
    const Array y = answer(withInput(x.extents, R"(
layer { name: "ip1" type: "InnerProduct" bottom: "data" top: "ip1" inner_product_param { num_output: 4 bias_term: false } }
layer { name: "relu" type: "ReLU" bottom: "ip1" top: "ip1" }
layer { name: "ip2" type: "InnerProduct" bottom: "ip1" top: "ip2" inner_product_param { num_output: 3 bias_term: false } }
layer { name: "prob" type: "Softmax" bottom: "ip2" top: "y" softmax_param { axis: -1 } })"),
                           x);
    Array expected{{2, 3, 1, 1}, {}};
    for (size_t n = 0; n < 2; ++n) {
        double hidden[4], out[3], sum = 0;
        for (size_t i = 0; i < 4; ++i) {
            hidden[i] = 0;
            for (size_t k = 0; k < 7; ++k) hidden[i] += static_cast<double>(x.values[n * 7 + k] * a.values[i * 7 + k]);
            hidden[i] = std::max(hidden[i], 0.0);
        }
        for (size_t i = 0; i < 3; ++i) {
            out[i] = 0;
            for (size_t k = 0; k < 4; ++k) out[i] += hidden[k] * static_cast<double>(b.values[i * 4 + k]);
            sum += out[i] = std::exp(out[i]);
        }
        for (const double o : out) expected.values.push_back(static_cast<float>(o / sum));
    }
    expectClose(y, expected, 40);
}

// Rounding, padding and divisors of pooling in many geometries, in one network.
TEST_F(CaffeLayerTest, Pooling) {
    const Array x = noise({1, 2, 11, 14}, 1);
    struct Case {
        std::string params;
        bool max;
        Geometry g;
        bool floor = false;
    };
    const std::vector<Case> cases = {
        {"pool: MAX kernel_size: 2 stride: 2", true, {.kh = 2, .kw = 2, .sh = 2, .sw = 2}},
        {"kernel_size: 3 stride: 2", true, {.kh = 3, .kw = 3, .sh = 2, .sw = 2}},
        {"pool: 0 kernel_size: 3 stride: 2 pad: 1", true, {.kh = 3, .kw = 3, .sh = 2, .sw = 2, .ph = 1, .pw = 1}},
        {"pool: MAX kernel_h: 2 kernel_w: 5 stride_h: 3 stride_w: 4 pad_h: 1 pad_w: 2",
         true,
         {.kh = 2, .kw = 5, .sh = 3, .sw = 4, .ph = 1, .pw = 2}},
        {"pool: AVE kernel_size: 3 stride: 2", false, {.kh = 3, .kw = 3, .sh = 2, .sw = 2}},
        {"pool: AVE kernel_size: 3 stride: 2 pad: 1", false, {.kh = 3, .kw = 3, .sh = 2, .sw = 2, .ph = 1, .pw = 1}},
        {"pool: AVE kernel_size: 4 stride: 3 pad: 2", false, {.kh = 4, .kw = 4, .sh = 3, .sw = 3, .ph = 2, .pw = 2}},
        {"pool: AVE kernel_size: 5 stride: 4 pad: 1", false, {.kh = 5, .kw = 5, .sh = 4, .sw = 4, .ph = 1, .pw = 1}},
        {"pool: AVE kernel_size: 2 stride: 3 pad: 1", false, {.kh = 2, .kw = 2, .sh = 3, .sw = 3, .ph = 1, .pw = 1}},
        // Only the rows' last window begins behind the data; only the columns'.
        {"pool: AVE kernel_h: 2 kernel_w: 5 stride_h: 3 stride_w: 4 pad_h: 1 pad_w: 1",
         false,
         {.kh = 2, .kw = 5, .sh = 3, .sw = 4, .ph = 1, .pw = 1}},
        {"pool: AVE kernel_h: 3 kernel_w: 2 stride_h: 2 stride_w: 3 pad_h: 0 pad_w: 1",
         false,
         {.kh = 3, .kw = 2, .sh = 2, .sw = 3, .ph = 0, .pw = 1}},
        {"pool: AVE kernel_h: 2 kernel_w: 4 stride_h: 12 stride_w: 4 pad_h: 1 pad_w: 0",
         false,
         {.kh = 2, .kw = 4, .sh = 12, .sw = 4, .ph = 1, .pw = 0}},
        {"pool: AVE kernel_size: 3 stride: 1 pad: 1", false, {.kh = 3, .kw = 3, .ph = 1, .pw = 1}},
        {"pool: AVE kernel_size: 3 stride: 2 round_mode: FLOOR", false, {.kh = 3, .kw = 3, .sh = 2, .sw = 2}, true},
        {"pool: MAX kernel_size: 2 stride: 2 round_mode: FLOOR", true, {.kh = 2, .kw = 2, .sh = 2, .sw = 2}, true},
        {"pool: AVE global_pooling: true", false, {.kh = 11, .kw = 14}},
        {"pool: MAX global_pooling: true", true, {.kh = 11, .kw = 14}},
    };
    std::string text;
    for (size_t i = 0; i < cases.size(); ++i) {
        const std::string n = std::to_string(i);
        text += "layer { name: 'p" + n + "' type: 'Pooling' bottom: 'data' top: 'y" + n + "' pooling_param { " +
                cases[i].params + " } }\n";
    }
    const auto* names = parse(withInput(x.extents, text));
    ASSERT_TRUE(names) << logger.errors;
    for (size_t i = 0; i < cases.size(); ++i) network->markOutput(*names->find(("y" + std::to_string(i)).c_str()));
    feedArray("data", x);
    auto answers = run();
    for (size_t i = 0; i < cases.size(); ++i) {
        SCOPED_TRACE(cases[i].params);
        const Answer& a = answers["y" + std::to_string(i)];
        expectClose({list(a.dims), a.as<float>()}, pooled(x, cases[i].max, cases[i].g, cases[i].floor), 30);
    }
}

TEST_F(CaffeLayerTest, LrnAcrossChannels) {
    const Array x = noise({2, 7, 3, 2}, 1, -3, 3);
    const Array y = answer(
        withInput(x.extents,
                  layer("LRN", "lrn_param { local_size: 3 alpha: 0.5 beta: 0.6 k: 2 norm_region: ACROSS_CHANNELS }")),
        x);
    Array expected = x;
    for (int64_t n = 0; n < 2; ++n)
        for (int64_t c = 0; c < 7; ++c)
            for (int64_t i = 0; i < 6; ++i) {
                double sum = 0;
                for (int64_t k = std::max<int64_t>(c - 1, 0); k <= std::min<int64_t>(c + 1, 6); ++k) {
                    sum += std::pow(static_cast<double>(x(n, k, i / 2, i % 2)), 2);
                }
                expected(n, c, i / 2, i % 2) =
                    static_cast<float>(static_cast<double>(x(n, c, i / 2, i % 2)) * std::pow(2 + 0.5 / 3 * sum, -0.6f));
            }
    expectClose(y, expected, 8);
}

TEST_F(CaffeLayerTest, LrnWithinChannel) {
    const Array x = noise({1, 3, 6, 5}, 1, -3, 3);
    const Array y = answer(
        withInput(x.extents, layer("LRN", "lrn_param { local_size: 3 alpha: 2 norm_region: WITHIN_CHANNEL }")), x);
    const Array squares = mapped(x, [](double v) { return v * v; });
    const Array mean = pooled(squares, false, {.kh = 3, .kw = 3, .ph = 1, .pw = 1});
    Array expected = x;
    for (size_t i = 0; i < x.values.size(); ++i) {
        expected.values[i] *= static_cast<float>(std::pow(1 + 2 * static_cast<double>(mean.values[i]), -0.75));
    }
    expectClose(y, expected, 20);
}

TEST_F(CaffeLayerTest, Elementwise) {
    Array x = noise({2, 3, 4, 5}, 1, -4, 4);
    x.values[7] = 0;
    const std::vector<std::pair<std::string, std::function<double(double)>>> cases = {
        {"type: 'ReLU'", [](double v) { return std::max(v, 0.0); }},
        {"type: 'ReLU' relu_param { negative_slope: 0.1 }", [](double v) { return v > 0 ? v : 0.1f * v; }},
        {"type: 'Sigmoid'", [](double v) { return 1 / (1 + std::exp(-v)); }},
        {"type: 'TanH'", [](double v) { return std::tanh(v); }},
        {"type: 'AbsVal'", [](double v) { return std::abs(v); }},
        {"type: 'ELU'", [](double v) { return v > 0 ? v : std::exp(v) - 1; }},
        {"type: 'ELU' elu_param { alpha: 0.5 }", [](double v) { return v > 0 ? v : 0.5 * (std::exp(v) - 1); }},
        {"type: 'BNLL'", [](double v) { return std::log1p(std::exp(v)); }},
        {"type: 'Power'", [](double v) { return v; }},
        {"type: 'Power' power_param { power: 2 scale: 0.5 shift: -1 }",
         [](double v) { return std::pow(0.5 * v - 1, 2); }},
        {"type: 'Power' power_param { power: 3 }", [](double v) { return v * v * v; }},
        {"type: 'Power' power_param { power: 0.5 shift: 5 }", [](double v) { return std::sqrt(v + 5); }},
        {"type: 'Power' power_param { scale: -2 }", [](double v) { return -2 * v; }},
        {"type: 'Exp'", [](double v) { return std::exp(v); }},
        {"type: 'Exp' exp_param { base: 2 scale: 0.5 shift: 1 }", [](double v) { return std::pow(2, 0.5 * v + 1); }},
        {"type: 'Log' log_param { shift: 5 }", [](double v) { return std::log(v + 5); }},
        {"type: 'Log' log_param { base: 10 scale: 2 shift: 9 }", [](double v) { return std::log10(2 * v + 9); }},
        {"type: 'Threshold' threshold_param { threshold: 0.25 }", [](double v) { return v > 0.25 ? 1 : 0; }},
        {"type: 'Threshold'", [](double v) { return v > 0 ? 1 : 0; }},
        {"type: 'Clip' clip_param { min: -1 max: 2.5 }", [](double v) { return std::min(std::max(v, -1.0), 2.5); }},
        {"type: 'Swish'", [](double v) { return v / (1 + std::exp(-v)); }},
        {"type: 'Swish' swish_param { beta: 0.5 }", [](double v) { return v / (1 + std::exp(-0.5 * v)); }},
        {"type: 'Dropout' dropout_param { dropout_ratio: 0.4 }", [](double v) { return v; }},
        {"type: 'Split'", [](double v) { return v; }},
    };
    std::string text;
    for (size_t i = 0; i < cases.size(); ++i) {
        const std::string n = std::to_string(i);
        text += "layer { name: 'l" + n + "' bottom: 'data' top: 'y" + n + "' " + cases[i].first + " }\n";
    }
    const auto* names = parse(withInput(x.extents, text));
    ASSERT_TRUE(names) << logger.errors;
    for (size_t i = 0; i < cases.size(); ++i) network->markOutput(*names->find(("y" + std::to_string(i)).c_str()));
    feedArray("data", x);
    auto answers = run();
    for (size_t i = 0; i < cases.size(); ++i) {
        SCOPED_TRACE(cases[i].first);
        const Answer& a = answers["y" + std::to_string(i)];
        expectClose({list(a.dims), a.as<float>()}, mapped(x, cases[i].second), 8);
    }
}

TEST_F(CaffeLayerTest, Prelu) {
    const Array x = noise({2, 3, 2, 2}, 1), slopes = noise({3}, 2), one = noise({1}, 3);
    give("a", {slopes});
    give("b", {one});
    const Array y = answer(withInput(x.extents, R"(
layer { name: "a" type: "PReLU" bottom: "data" top: "a" }
layer { name: "p" type: "Power" bottom: "a" top: "p" power_param { shift: -0.25 } }
layer { name: "b" type: "PReLU" bottom: "p" top: "y" prelu_param { channel_shared: true filler { type: "constant" } } })"),
                           x);
    Array expected = x;
    for (size_t i = 0; i < x.values.size(); ++i) {
        float v = x.values[i];
        v = (v > 0 ? v : v * slopes.values[i / 4 % 3]) - 0.25f;
        expected.values[i] = v > 0 ? v : v * one.values[0];
    }
    expectClose(y, expected, 4);
}

TEST_F(CaffeLayerTest, ScaleAndBiasAlongTheChannels) {
    const Array x = noise({2, 3, 4, 2}, 1), scale = noise({3}, 2), shift = noise({3}, 3), more = noise({3}, 4);
    give("s", {scale, shift});
    give("b", {more});
    const Array y = answer(withInput(x.extents, R"(
layer { name: "s" type: "Scale" bottom: "data" top: "s" scale_param { bias_term: true } }
layer { name: "b" type: "Bias" bottom: "s" top: "y" })"),
                           x);
    Array expected = x;
    for (size_t i = 0; i < x.values.size(); ++i) {
        const size_t c = i / 8 % 3;
        expected.values[i] = x.values[i] * scale.values[c] + shift.values[c] + more.values[c];
    }
    expectClose(y, expected, 4);
}

TEST_F(CaffeLayerTest, ScaleAndBiasAlongOtherAxes) {
    const Array x = noise({2, 3, 4, 2}, 1), plane = noise({4, 2}, 2), rest = noise({3, 4}, 3), single = noise({}, 4),
                all = noise({2, 3, 4, 2}, 5), batch = noise({2}, 6);
    give("a", {plane});
    give("b", {rest, rest});
    give("c", {single});
    give("d", {all});
    give("e", {batch});
    const Array y = answer(withInput(x.extents, R"(
layer { name: "a" type: "Bias" bottom: "data" top: "a" bias_param { axis: -2 num_axes: -1 } }
layer { name: "b" type: "Scale" bottom: "a" top: "b" scale_param { axis: 1 num_axes: 2 bias_term: true } }
layer { name: "c" type: "Scale" bottom: "b" top: "c" scale_param { num_axes: 0 } }
layer { name: "d" type: "Bias" bottom: "c" top: "d" bias_param { axis: 0 num_axes: -1 } }
layer { name: "e" type: "Scale" bottom: "d" top: "y" scale_param { axis: 0 } })"),
                           x);
    Array expected = x;
    for (size_t i = 0; i < x.values.size(); ++i) {
        const size_t w = i % 2, h = i / 2 % 4, c = i / 8 % 3, n = i / 24;
        float v = x.values[i] + plane.values[h * 2 + w];
        v = v * rest.values[c * 4 + h] + rest.values[c * 4 + h];
        v = v * single.values[0] + all.values[i];
        expected.values[i] = v * batch.values[n];
    }
    expectClose(y, expected, 8);
}

TEST_F(CaffeLayerTest, ScaleAndBiasByASecondBottom) {
    const Array x = noise({2, 3, 4, 2}, 1), gate = noise({2, 3}, 2), shift = noise({2, 3}, 3);
    give("s", {shift});
    feedArray("gate", gate);
    const Array y = answer(withInput(x.extents, R"(
layer { name: "gate" type: "Input" top: "gate" input_param { shape { dim: 2 dim: 3 } } }
layer { name: "s" type: "Scale" bottom: "data" bottom: "gate" top: "s" scale_param { axis: 0 bias_term: true } }
layer { name: "b" type: "Bias" bottom: "s" bottom: "gate" top: "y" bias_param { axis: 0 } })"),
                           x);
    Array expected = x;
    for (size_t i = 0; i < x.values.size(); ++i) {
        const size_t at = i / 8;
        expected.values[i] = x.values[i] * gate.values[at] + shift.values[at] + gate.values[at];
    }
    expectClose(y, expected, 4);
}

TEST_F(CaffeLayerTest, BatchNorm) {
    const Array x = noise({2, 3, 4, 2}, 1), mean = noise({3}, 2), variance = noise({3}, 3, 1, 4);
    const Array factor{{1}, {2.5f}}, scale = noise({3}, 4), shift = noise({3}, 5);
    give("three", {mean, variance, factor});
    give("five", {mean, variance, factor, scale, shift});
    const Array y = answer(withInput(x.extents, R"(
layer { name: "three" type: "BatchNorm" bottom: "data" top: "data2" batch_norm_param { use_global_stats: true eps: 0.001
    moving_average_fraction: 0.9 } param { lr_mult: 0 } param { lr_mult: 0 } param { lr_mult: 0 } }
layer { name: "five" type: "BatchNorm" bottom: "data2" top: "y" batch_norm_param { scale_bias: true } })"),
                           x);
    Array expected = x;
    for (size_t i = 0; i < x.values.size(); ++i) {
        const size_t c = i / 8 % 3;
        const double m = static_cast<double>(mean.values[c]) / 2.5, v = static_cast<double>(variance.values[c]) / 2.5;
        const double once = (static_cast<double>(x.values[i]) - m) / std::sqrt(v + 0.001);
        expected.values[i] =
            static_cast<float>((once - m) / std::sqrt(v + 1e-5) * static_cast<double>(scale.values[c]) +
                               static_cast<double>(shift.values[c]));
    }
    expectClose(y, expected, 16);
}

TEST_F(CaffeLayerTest, BatchNormWithoutStatistics) {
    // A factor of 0 means that nothing went into the sums: both statistics are 0.
    const Array x = noise({1, 2, 2, 2}, 1);
    give("l", {noise({2}, 2), noise({2}, 3), {{1}, {0}}});
    const Array y = answer(withInput(x.extents, layer("BatchNorm", "batch_norm_param { eps: 0.25 }")), x);
    expectClose(y, mapped(x, [](double v) { return 2 * v; }), 4);
}

TEST_F(CaffeLayerTest, Eltwise) {
    const Array x = noise({2, 3, 2, 2}, 1), a = noise({2, 3, 2, 2}, 2), b = noise({2, 3, 2, 2}, 3);
    const std::string inputs = R"(
layer { name: "in" type: "Input" top: "a" top: "b" input_param { shape { dim: 2 dim: 3 dim: 2 dim: 2 } } }
)";
    const auto three = [](const std::string& top, const std::string& params) {
        return "layer { name: '" + top + "' type: 'Eltwise' bottom: 'data' bottom: 'a' bottom: 'b' top: '" + top +
               "' eltwise_param { " + params + " } }\n";
    };
    feedArray("a", a);
    feedArray("b", b);
    const auto* names =
        parse(withInput(x.extents, inputs + three("sum", "") + three("weighted", "coeff: 1 coeff: -0.5 coeff: 2") +
                                       three("prod", "operation: PROD") + three("max", "operation: MAX")));
    ASSERT_TRUE(names) << logger.errors;
    for (const char* name : {"sum", "weighted", "prod", "max"}) network->markOutput(*names->find(name));
    feedArray("data", x);
    auto answers = run();
    const std::vector<std::pair<std::string, std::function<float(float, float, float)>>> cases = {
        {"sum", [](float p, float q, float r) { return p + q + r; }},
        {"weighted", [](float p, float q, float r) { return p - 0.5f * q + 2 * r; }},
        {"prod", [](float p, float q, float r) { return p * q * r; }},
        {"max",
         [](float p, float q, float r) {
             return std::max({p, q, r});
         }},
    };
    for (const auto& [name, f] : cases) {
        SCOPED_TRACE(name);
        Array expected = x;
        for (size_t i = 0; i < x.values.size(); ++i) expected.values[i] = f(x.values[i], a.values[i], b.values[i]);
        expectClose({list(answers[name].dims), answers[name].as<float>()}, expected, 4);
    }
}

TEST_F(CaffeLayerTest, SoftmaxAlongAxes) {
    const Array x = noise({2, 3, 2, 4}, 1, -3, 3);
    const auto* names = parse(withInput(x.extents, R"(
layer { name: "c" type: "Softmax" bottom: "data" top: "c" }
layer { name: "w" type: "Softmax" bottom: "data" top: "w" softmax_param { axis: 3 engine: CUDNN } })"));
    ASSERT_TRUE(names) << logger.errors;
    network->markOutput(*names->find("c"));
    network->markOutput(*names->find("w"));
    feedArray("data", x);
    auto answers = run();
    Array c = x, w = x;
    for (int64_t n = 0; n < 2; ++n)
        for (int64_t k = 0; k < 3; ++k)
            for (int64_t i = 0; i < 2; ++i)
                for (int64_t j = 0; j < 4; ++j) {
                    double channels = 0, columns = 0;
                    for (int64_t o = 0; o < 3; ++o) channels += std::exp(static_cast<double>(x(n, o, i, j)));
                    for (int64_t o = 0; o < 4; ++o) columns += std::exp(static_cast<double>(x(n, k, i, o)));
                    const double e = std::exp(static_cast<double>(x(n, k, i, j)));
                    c(n, k, i, j) = static_cast<float>(e / channels);
                    w(n, k, i, j) = static_cast<float>(e / columns);
                }
    expectClose({list(answers["c"].dims), answers["c"].as<float>()}, c, 8);
    expectClose({list(answers["w"].dims), answers["w"].as<float>()}, w, 8);
}

TEST_F(CaffeLayerTest, Reduction) {
    const Array x = noise({2, 3, 4}, 1);
    struct Case {
        std::string params;
        std::function<double(double)> each;
        size_t axis;
        double factor;
    };
    const std::vector<Case> cases = {
        {"", [](double v) { return v; }, 0, 1},
        {"operation: SUM axis: 1 coeff: 3", [](double v) { return v; }, 1, 3},
        {"operation: ASUM axis: -1", [](double v) { return std::abs(v); }, 2, 1},
        {"operation: SUMSQ axis: 2", [](double v) { return v * v; }, 2, 1},
        {"operation: 4 axis: 1 coeff: 0.5", [](double v) { return v; }, 1, 0.5 / 12},
    };
    std::string text;
    for (size_t i = 0; i < cases.size(); ++i) {
        const std::string n = std::to_string(i);
        text += "layer { name: 'r" + n + "' type: 'Reduction' bottom: 'data' top: 'y" + n + "' reduction_param { " +
                cases[i].params + " } }\n";
    }
    const auto* names = parse(withInput(x.extents, text));
    ASSERT_TRUE(names) << logger.errors;
    for (size_t i = 0; i < cases.size(); ++i) network->markOutput(*names->find(("y" + std::to_string(i)).c_str()));
    feedArray("data", x);
    auto answers = run();
    for (size_t i = 0; i < cases.size(); ++i) {
        SCOPED_TRACE(cases[i].params);
        Array expected{Ints(x.extents.begin(), x.extents.begin() + static_cast<std::ptrdiff_t>(cases[i].axis)), {}};
        const size_t groups = static_cast<size_t>(countOf(expected.extents)), size = x.values.size() / groups;
        for (size_t g = 0; g < groups; ++g) {
            double sum = 0;
            for (size_t k = 0; k < size; ++k) sum += cases[i].each(x.values[g * size + k]);
            expected.values.push_back(static_cast<float>(sum * cases[i].factor));
        }
        const Answer& a = answers["y" + std::to_string(i)];
        expectClose({list(a.dims), a.as<float>()}, expected, 24);
    }
}

TEST_F(CaffeLayerTest, ArgMax) {
    Array x = noise({2, 3, 2, 2}, 1);
    x.values[3] = x.values[7] = x.values[9] = 2;  // equal ones: Caffe names the last first
    const auto* names = parse(withInput(x.extents, R"(
layer { name: "whole" type: "ArgMax" bottom: "data" top: "whole" argmax_param { top_k: 2 } }
layer { name: "both" type: "ArgMax" bottom: "data" top: "both" argmax_param { out_max_val: true } }
layer { name: "axis" type: "ArgMax" bottom: "data" top: "axis" argmax_param { axis: 1 } }
layer { name: "value" type: "ArgMax" bottom: "data" top: "value" argmax_param { axis: 1 out_max_val: true top_k: 2 } })"));
    ASSERT_TRUE(names) << logger.errors;
    for (const char* name : {"whole", "both", "axis", "value"}) network->markOutput(*names->find(name));
    feedArray("data", x);
    auto answers = run();
    // The k-th place of a list, by value and then by place, both from the largest down.
    const auto kth = [](const std::vector<float>& values, size_t k) {
        std::vector<std::pair<float, size_t>> sorted;
        for (size_t i = 0; i < values.size(); ++i) sorted.emplace_back(values[i], i);
        std::sort(sorted.rbegin(), sorted.rend());
        return sorted[k];
    };
    Array whole{{2, 1, 2, 1}, {}}, both{{2, 2, 1, 1}, {}}, axis{{2, 1, 2, 2}, Floats(8)},
        value{{2, 2, 2, 2}, Floats(16)};
    for (size_t n = 0; n < 2; ++n) {
        const Floats image(x.values.begin() + static_cast<std::ptrdiff_t>(n * 12),
                           x.values.begin() + static_cast<std::ptrdiff_t>(n * 12 + 12));
        for (size_t k = 0; k < 2; ++k) whole.values.push_back(static_cast<float>(kth(image, k).second));
        both.values.push_back(static_cast<float>(kth(image, 0).second));
        both.values.push_back(kth(image, 0).first);
        for (size_t i = 0; i < 4; ++i) {
            const Floats channels = {image[i], image[4 + i], image[8 + i]};
            axis.values[n * 4 + i] = static_cast<float>(kth(channels, 0).second);
            for (size_t k = 0; k < 2; ++k) value.values[n * 8 + k * 4 + i] = kth(channels, k).first;
        }
    }
    const auto got = [&](const char* name) { return Array{list(answers[name].dims), answers[name].as<float>()}; };
    expectClose(got("whole"), whole);
    expectClose(got("both"), both);
    expectClose(got("axis"), axis);
    expectClose(got("value"), value);
}

}  // namespace
}  // namespace lathe_test
