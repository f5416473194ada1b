// SPDX-License-Identifier: Apache-2.0
// Layers with a window over neighbouring elements.
#include "conformance_testing.h"

namespace lathe_test {
namespace {

using WindowLayers = Conformance;

// Cross-correlation of NCHW with KCRS, one number per axis for stride, dilation and the padding at both ends.
struct Window {
    Index stride = {1, 1}, dilation = {1, 1}, before = {0, 0}, after = {0, 0};
    int64_t groups = 1;
};

Value convolution(const Value& x, const Value& w, const std::vector<double>& bias, const Window& p) {
    Index out = {x.shape[0], w.shape[0], 0, 0};
    for (size_t i = 0; i < 2; ++i)
        out[2 + i] =
            (x.shape[2 + i] + p.before[i] + p.after[i] - (w.shape[2 + i] - 1) * p.dilation[i] - 1) / p.stride[i] + 1;
    int64_t perGroup = w.shape[0] / p.groups, channels = w.shape[1];
    return filled(out, [&](const Index& at) {
        double sum = bias.empty() ? 0 : bias[static_cast<size_t>(at[1])];
        for (int64_t c = 0; c < channels; ++c)
            for (int64_t r = 0; r < w.shape[2]; ++r)
                for (int64_t s = 0; s < w.shape[3]; ++s) {
                    int64_t h = at[2] * p.stride[0] + r * p.dilation[0] - p.before[0];
                    int64_t v = at[3] * p.stride[1] + s * p.dilation[1] - p.before[1];
                    if (h < 0 || v < 0 || h >= x.shape[2] || v >= x.shape[3]) continue;
                    sum += x({at[0], at[1] / perGroup * channels + c, h, v}) * w({at[1], c, r, s});
                }
        return sum;
    });
}

// The transpose of the convolution whose output is x; w is CKRS.
Value deconvolution(const Value& x, const Value& w, const Window& p) {
    Index out = {x.shape[0], w.shape[1] * p.groups, 0, 0};
    for (size_t i = 0; i < 2; ++i)
        out[2 + i] =
            (x.shape[2 + i] - 1) * p.stride[i] + (w.shape[2 + i] - 1) * p.dilation[i] + 1 - p.before[i] - p.after[i];
    Value y = filled(out, [](const Index&) { return 0.0; });
    int64_t perGroup = x.shape[1] / p.groups;
    forEach(x.shape, [&](const Index& at) {
        for (int64_t k = 0; k < w.shape[1]; ++k)
            for (int64_t r = 0; r < w.shape[2]; ++r)
                for (int64_t s = 0; s < w.shape[3]; ++s) {
                    int64_t h = at[2] * p.stride[0] + r * p.dilation[0] - p.before[0];
                    int64_t v = at[3] * p.stride[1] + s * p.dilation[1] - p.before[1];
                    if (h < 0 || v < 0 || h >= out[2] || v >= out[3]) continue;
                    y({at[0], at[1] / perGroup * w.shape[1] + k, h, v}) += x(at) * w({at[1], k, r, s});
                }
    });
    return y;
}

TEST_F(WindowLayers, Convolution) {
    Value x = numbers({2, 4, 9, 8}), w = numbers({6, 4, 3, 2}, -1, 1, 2), b = numbers({6}, -1, 1, 3);
    gives(
        [&](Net& n) {
            auto* l = n->addConvolutionNd(n.in(x), 6, DimsHW{3, 2}, n.weights(w), n.weights(b));
            EXPECT_EQ(l->getNbOutputMaps(), 6);
            EXPECT_EQ(l->getKernelWeights().count, w.size());
            EXPECT_EQ(l->getBiasWeights().count, 6);
            EXPECT_THAT(list(l->getKernelSizeNd()), ::testing::ElementsAre(3, 2));
            n.out(l);
        },
        {convolution(x, w, b.v, {})});
    Window p{{2, 1}, {1, 2}, {1, 0}, {2, 1}, 2};
    Value grouped = numbers({6, 2, 3, 2}, -1, 1, 4);
    gives(
        [&](Net& n) {
            auto* l = n->addConvolutionNd(n.in(x, {0, 2}), 6, DimsHW{3, 2}, n.weights(grouped), Net::none());
            l->setStrideNd(DimsHW{2, 1});
            l->setDilationNd(DimsHW{1, 2});
            l->setPrePadding(DimsHW{1, 0});
            l->setPostPadding(DimsHW{2, 1});
            l->setNbGroups(2);
            EXPECT_EQ(l->getNbGroups(), 2);
            EXPECT_THAT(list(l->getPrePadding()), ::testing::ElementsAre(1, 0));
            EXPECT_THAT(list(l->getPostPadding()), ::testing::ElementsAre(2, 1));
            n.out(l);
        },
        {convolution(x, grouped, {}, p)});
    // SAME_UPPER: 9 rows by stride 2 to 5 rows: (5 - 1) * 2 + 3 - 9 = 2 rows of padding; 8 columns to 4: none is
    // needed.
    gives(
        [&](Net& n) {
            auto* l = n->addConvolutionNd(n.in(x), 6, DimsHW{3, 2}, n.weights(w), Net::none());
            l->setStrideNd(DimsHW{2, 2});
            l->setPaddingMode(PaddingMode::kSAME_UPPER);
            EXPECT_EQ(l->getPaddingMode(), PaddingMode::kSAME_UPPER);
            n.out(l);
        },
        {convolution(x, w, {}, {{2, 2}, {1, 1}, {1, 0}, {1, 0}, 1})});
    // The kernel as a tensor.
    gives(
        [&](Net& n) {
            ITensor& t = n.in(x);
            auto* l = n->addConvolutionNd(t, 6, DimsHW{3, 2}, Net::none(), Net::none());
            l->setInput(1, n.in(w, {}));
            n.out(l);
        },
        {convolution(x, w, {}, {})});
    // Along one axis, and along three with a kernel of 1 in two of them.
    Value volume = numbers({1, 2, 3, 4, 5}), deep = numbers({3, 2, 2, 1, 1}, -1, 1, 6);
    gives(
        [&](Net& n) {
            n.out(n->addConvolutionNd(n.in(volume), 3, dims({2, 1, 1}), n.weights(deep), Net::none()));
        },
        {filled({1, 3, 2, 4, 5}, [&](const Index& at) {
            double sum = 0;
            for (int64_t c = 0; c < 2; ++c)
                for (int64_t d = 0; d < 2; ++d)
                    sum += volume({0, c, at[2] + d, at[3], at[4]}) * deep({at[1], c, d, 0, 0});
            return sum;
        })});
}
REFUSES(WindowLayers, ConvolutionWeights, "KERNEL' hold 72 values where the shape [4, 3, 3, 3] needs 108",
        n->addConvolutionNd(n.in(numbers({1, 3, 8, 8})), 4, DimsHW{3, 3}, n.weights(numbers({4, 2, 3, 3})),
                            Net::none()))
REFUSES(WindowLayers, ConvolutionBias, "0) [Convolution] BIAS' hold 3 values where the shape [4] needs 4",
        n->addConvolutionNd(n.in(numbers({1, 2, 8, 8})), 4, DimsHW{3, 3}, n.weights(numbers({4, 2, 3, 3})),
                            n.weights(numbers({3}))))
REFUSES(WindowLayers, ConvolutionKernelTooLarge, "does not fit into spatial axis 0, which has 2 with its padding",
        n->addConvolutionNd(n.in(numbers({1, 2, 2, 8})), 4, DimsHW{3, 3}, n.weights(numbers({4, 2, 3, 3})),
                            Net::none()))
REFUSES(WindowLayers, ConvolutionGroups, "2 groups do not divide 3 input and 4 output channels",
        n->addConvolutionNd(n.in(numbers({1, 3, 8, 8})), 4, DimsHW{1, 1}, n.weights(numbers({4, 1, 1, 1})), Net::none())
            ->setNbGroups(2))
REFUSES(WindowLayers, ConvolutionNoMaps, "0 output maps",
        n->addConvolutionNd(n.in(numbers({1, 3, 8, 8})), 0, DimsHW{1, 1}, n.weights(numbers({1})), Net::none()))
REFUSES(WindowLayers, ConvolutionKernelZero, "a window of [0, 1]",
        n->addConvolutionNd(n.in(numbers({1, 3, 8, 8})), 4, DimsHW{0, 1}, n.weights(numbers({4})), Net::none()))
REFUSES(WindowLayers, ConvolutionKernelRank, "a window of 4 dimensions; 1 to 3 are possible",
        n->addConvolutionNd(n.in(numbers({1, 3, 8, 8})), 4, dims({1, 1, 1, 1}), n.weights(numbers({12})), Net::none()))
REFUSES(WindowLayers, ConvolutionStride, "[0, 1]: values must be at least 1",
        n->addConvolutionNd(n.in(numbers({1, 3, 8, 8})), 4, DimsHW{1, 1}, n.weights(numbers({12})), Net::none())
            ->setStrideNd(DimsHW{0, 1}))
REFUSES(WindowLayers, ConvolutionDilation, "[1, -1]: values must be at least 1",
        n->addConvolutionNd(n.in(numbers({1, 3, 8, 8})), 4, DimsHW{1, 1}, n.weights(numbers({12})), Net::none())
            ->setDilationNd(DimsHW{1, -1}))
REFUSES(WindowLayers, ConvolutionPadding, "[-1, 0]: values must be at least 0",
        n->addConvolutionNd(n.in(numbers({1, 3, 8, 8})), 4, DimsHW{1, 1}, n.weights(numbers({12})), Net::none())
            ->setPaddingNd(DimsHW{-1, 0}))
REFUSES(WindowLayers, ConvolutionPaddingMode, "padding mode 9 does not exist",
        n->addConvolutionNd(n.in(numbers({1, 3, 8, 8})), 4, DimsHW{1, 1}, n.weights(numbers({12})), Net::none())
            ->setPaddingMode(static_cast<PaddingMode>(9)))
REFUSES(WindowLayers, ConvolutionOfIntegers, "(conv): input 0 has type i32; expected one of f32, f16, bf16",
        n->addConvolutionNd(n.in(integers({1, 1, 1, 1}, {1})), 1, DimsHW{1, 1}, n.weights(numbers({1})), Net::none()))
REFUSES(WindowLayers, ConvolutionHugeWeights, "[4611686018427387904, 3, 8, 8] has more elements than can be counted",
        n->addConvolutionNd(n.in(numbers({1, 3, 8, 8})), int64_t{1} << 62, DimsHW{8, 8}, n.weights(numbers({12})),
                            Net::none()))

TEST_F(WindowLayers, Deconvolution) {
    Value x = numbers({2, 4, 5, 6}), w = numbers({4, 3, 3, 2}, -1, 1, 2);
    gives(
        [&](Net& n) {
            auto* l = n->addDeconvolutionNd(n.in(x), 3, DimsHW{3, 2}, n.weights(w), Net::none());
            EXPECT_EQ(l->getNbOutputMaps(), 3);
            EXPECT_EQ(l->getKernelWeights().count, w.size());
            n.out(l);
        },
        {deconvolution(x, w, {})});
    Window p{{2, 3}, {2, 1}, {1, 0}, {0, 1}, 2};
    Value grouped = numbers({4, 2, 3, 2}, -1, 1, 4), bias = numbers({4}, -1, 1, 5);
    Value expected = deconvolution(x, grouped, p);
    forEach(expected.shape, [&](const Index& at) { expected(at) += bias({at[1]}); });
    gives(
        [&](Net& n) {
            auto* l = n->addDeconvolutionNd(n.in(x, {0, 3}), 4, DimsHW{3, 2}, n.weights(grouped), Net::none());
            l->setBiasWeights(n.weights(bias));
            l->setStrideNd(DimsHW{2, 3});
            l->setDilationNd(DimsHW{2, 1});
            l->setPrePadding(DimsHW{1, 0});
            l->setPostPadding(DimsHW{0, 1});
            l->setNbGroups(2);
            n.out(l);
        },
        {expected});
}
REFUSES(WindowLayers, DeconvolutionWeights, "KERNEL' hold 4 values where the shape [3, 4, 3, 3] needs 108",
        n->addDeconvolutionNd(n.in(numbers({1, 3, 8, 8})), 4, DimsHW{3, 3}, n.weights(numbers({4})), Net::none()))
REFUSES(WindowLayers, DeconvolutionStride, "[-1, 1]: values must be at least 1",
        n->addDeconvolutionNd(n.in(numbers({1, 3, 8, 8})), 4, DimsHW{1, 1}, n.weights(numbers({12})), Net::none())
            ->setStrideNd(DimsHW{-1, 1}))
REFUSES(WindowLayers, DeconvolutionNothingLeft, "axis 0: pads of 1 and 1 take more than the 1 positions that there are",
        n->addDeconvolutionNd(n.in(numbers({1, 1, 1, 1})), 1, DimsHW{1, 1}, n.weights(numbers({1})), Net::none())
            ->setPaddingNd(DimsHW{1, 1}))

TEST_F(WindowLayers, Pooling) {
    Value x = numbers({2, 3, 7, 8});
    // Over the elements of a window that are there; `all` counts padding too.
    auto pool = [&](PoolingType type, Index stride, Index pad, bool all, double blend) {
        Index out = {2, 3, (7 + 2 * pad[0] - 3) / stride[0] + 1, (8 + 2 * pad[1] - 2) / stride[1] + 1};
        return filled(out, [&](const Index& at) {
            double sum = 0, most = -INFINITY;
            int count = 0;
            for (int64_t r = 0; r < 3; ++r)
                for (int64_t s = 0; s < 2; ++s) {
                    int64_t h = at[2] * stride[0] + r - pad[0], v = at[3] * stride[1] + s - pad[1];
                    if (h < 0 || v < 0 || h >= 7 || v >= 8) continue;
                    double e = x({at[0], at[1], h, v});
                    sum += e;
                    most = std::max(most, e);
                    ++count;
                }
            double average = sum / (all ? 6 : count);
            if (type == PoolingType::kMAX) return most;
            return type == PoolingType::kAVERAGE ? average : (1 - blend) * most + blend * average;
        });
    };
    for (auto type : {PoolingType::kMAX, PoolingType::kAVERAGE, PoolingType::kMAX_AVERAGE_BLEND})
        for (bool exclusive : {true, false}) {
            if (type == PoolingType::kMAX_AVERAGE_BLEND && exclusive == false) continue;
            SCOPED_TRACE(static_cast<int>(type));
            gives(
                [&](Net& n) {
                    auto* l = n->addPoolingNd(n.in(x), PoolingType::kMAX, DimsHW{3, 2});
                    l->setPoolingType(type);
                    EXPECT_EQ(l->getPoolingType(), type);
                    l->setStrideNd(DimsHW{2, 3});
                    l->setPaddingNd(DimsHW{1, 1});
                    if (type != PoolingType::kMAX) l->setAverageCountExcludesPadding(exclusive);
                    if (type == PoolingType::kMAX_AVERAGE_BLEND) l->setBlendFactor(0.25f);
                    n.out(l);
                },
                {pool(type, {2, 3}, {1, 1}, !exclusive, 0.25)});
        }
    gives(
        [&](Net& n) {
            auto* l = n->addPoolingNd(n.in(x, {0, 2, 3}), PoolingType::kAVERAGE, DimsHW{3, 2});
            EXPECT_THAT(list(l->getWindowSizeNd()), ::testing::ElementsAre(3, 2));
            n.out(l);
        },
        {pool(PoolingType::kAVERAGE, {1, 1}, {0, 0}, false, 0)});
}
// ceil((I + B + A - K) / S) + 1 windows, also where the last one lies in the padding or behind it.
TEST_F(WindowLayers, RoundedUp) {
    Value x = numbers({2, 3, 7, 8});
    auto pool = [&](PoolingType type, bool all) {
        return filled({2, 3, 5, 4}, [&](const Index& at) {
            double sum = 0, most = -INFINITY;
            int inside = 0, padded = 0;
            for (int64_t r = 0; r < 2; ++r)
                for (int64_t s = 0; s < 2; ++s) {
                    int64_t h = at[2] * 2 + r - 1, v = at[3] * 3 + s - 1;
                    padded += h <= 7 && v <= 8;
                    if (h < 0 || v < 0 || h >= 7 || v >= 8) continue;
                    double e = x({at[0], at[1], h, v});
                    sum += e;
                    most = std::max(most, e);
                    ++inside;
                }
            int count = all ? padded : inside;
            return type == PoolingType::kMAX ? most : count ? sum / count : 0;
        });
    };
    for (auto type : {PoolingType::kMAX, PoolingType::kAVERAGE})
        for (bool exclusive : {true, false})
            for (std::vector<int> dynamic : {std::vector<int>{}, {2, 3}})
                gives(
                    [&](Net& n) {
                        auto* l = n->addPoolingNd(n.in(x, dynamic), type, DimsHW{2, 2});
                        l->setStrideNd(DimsHW{2, 3});
                        l->setPaddingNd(DimsHW{1, 1});
                        l->setPaddingMode(PaddingMode::kEXPLICIT_ROUND_UP);
                        l->setAverageCountExcludesPadding(exclusive);
                        n.out(l);
                    },
                    {pool(type, !exclusive)});
    // Of a convolution, such a window gives 0, or the bias: what more padding gives.
    Value w = numbers({5, 3, 2, 2}, -1, 1, 2), b = numbers({5}, -1, 1, 3);
    gives(
        [&](Net& n) {
            auto* l = n->addConvolutionNd(n.in(x), 5, DimsHW{2, 2}, n.weights(w), n.weights(b));
            l->setStrideNd(DimsHW{2, 3});
            l->setPaddingNd(DimsHW{1, 1});
            l->setPaddingMode(PaddingMode::kEXPLICIT_ROUND_UP);
            n.out(l);
        },
        {convolution(x, w, b.v, {{2, 3}, {1, 1}, {1, 1}, {2, 2}, 1})});
}
REFUSES(WindowLayers, PoolingWindow, "a window of [0, 2]",
        n->addPoolingNd(n.in(numbers({1, 1, 4, 4})), PoolingType::kMAX, DimsHW{0, 2}))
REFUSES(WindowLayers, PoolingWindowTooLarge, "does not fit into spatial axis 0, which has 4 with its padding",
        n->addPoolingNd(n.in(numbers({1, 1, 4, 4})), PoolingType::kMAX, DimsHW{5, 2}))
REFUSES(WindowLayers, PoolingRank, "the input has the shape [4], but the window [2, 2] needs 4 dimensions",
        n->addPoolingNd(n.in(numbers({4})), PoolingType::kMAX, DimsHW{2, 2}))
REFUSES(WindowLayers, PoolingType, "pooling type 5 does not exist",
        n->addPoolingNd(n.in(numbers({1, 1, 4, 4})), static_cast<PoolingType>(5), DimsHW{2, 2}))
REFUSES(WindowLayers, PoolingBlend, "2 is not from 0 to 1",
        n->addPoolingNd(n.in(numbers({1, 1, 4, 4})), PoolingType::kMAX_AVERAGE_BLEND, DimsHW{2, 2})->setBlendFactor(2))

TEST_F(WindowLayers, Padding) {
    Value x = numbers({2, 3, 4, 5});
    gives(
        [&](Net& n) {
            auto* l = n->addPaddingNd(n.in(x), DimsHW{1, -2}, DimsHW{0, 3});
            EXPECT_THAT(list(l->getPrePaddingNd()), ::testing::ElementsAre(1, -2));
            EXPECT_THAT(list(l->getPostPaddingNd()), ::testing::ElementsAre(0, 3));
            n.out(l);
        },
        {filled({2, 3, 5, 6}, [&](const Index& at) {
            int64_t h = at[2] - 1, v = at[3] + 2;
            return h < 0 || v >= 5 ? 0 : x({at[0], at[1], h, v});
        })});
    gives(
        [&](Net& n) {
            auto* l = n->addPaddingNd(n.in(x, {0, 2}), DimsHW{0, 0}, DimsHW{0, 0});
            l->setPrePaddingNd(DimsHW{0, 1});
            l->setPostPaddingNd(DimsHW{2, 0});
            n.out(l);
        },
        {filled({2, 3, 6, 6}, [&](const Index& at) {
            return at[2] >= 4 || at[3] == 0 ? 0 : x({at[0], at[1], at[2], at[3] - 1});
        })});
}
REFUSES(WindowLayers, PaddingRank, "the input has the shape [4], but the last two dimensions are padded",
        n->addPaddingNd(n.in(numbers({4})), DimsHW{1, 1}, DimsHW{1, 1}))
REFUSES(WindowLayers, PaddingThree, "a padding of 3 values; 2 are needed",
        n->addPaddingNd(n.in(numbers({1, 2, 3, 4})), dims({1, 1, 1}), dims({1, 1, 1})))
REFUSES(WindowLayers, PaddingNothingLeft, "output 0 would have the shape [1, 2, -1, 4], with a negative extent",
        n->addPaddingNd(n.in(numbers({1, 2, 3, 4})), DimsHW{-2, 0}, DimsHW{-2, 0}))

TEST_F(WindowLayers, LRN) {
    Value x = numbers({2, 7, 3, 2});
    auto norm = [&](int64_t window, double alpha, double beta, double k) {
        return filled(x.shape, [&](const Index& at) {
            double sum = 0;
            for (int64_t c = std::max<int64_t>(0, at[1] - window / 2); c <= std::min<int64_t>(6, at[1] + window / 2);
                 ++c)
                sum += std::pow(x({at[0], c, at[2], at[3]}), 2);
            return x(at) / std::pow(k + alpha * sum / static_cast<double>(window), beta);
        });
    };
    gives(
        [&](Net& n) {
            auto* l = n->addLRN(n.in(x), 5, 0.5f, 0.75f, 2);
            EXPECT_EQ(l->getWindowSize(), 5);
            EXPECT_EQ(l->getAlpha(), 0.5f);
            EXPECT_EQ(l->getBeta(), 0.75f);
            EXPECT_EQ(l->getK(), 2);
            n.out(l);
        },
        {norm(5, 0.5, 0.75, 2)});
    gives(
        [&](Net& n) {
            auto* l = n->addLRN(n.in(x, {0, 2, 3}), 5, 0.5f, 0.75f, 2);
            l->setWindowSize(3);
            l->setAlpha(0.25f);
            l->setBeta(0.5f);
            l->setK(1);
            n.out(l);
        },
        {norm(3, 0.25, 0.5, 1)});
}
REFUSES(WindowLayers, LRNWindow, "a window of 0 channels", n->addLRN(n.in(numbers({1, 4, 2, 2})), 0, 1, 1, 1))

// Resizing along the last two axes, by the three transformations and the four roundings.
TEST_F(WindowLayers, ResizeNearest) {
    Value x = numbers({1, 2, 4, 5});
    const int64_t h = 7, w = 8;
    auto position = [](int transformation, int64_t y, int64_t in, int64_t out) {
        auto i = static_cast<double>(in), o = static_cast<double>(out), at = static_cast<double>(y);
        if (transformation == 0) return at * (i - 1) / (o - 1);
        if (transformation == 1) return at * i / o;
        return (at + 0.5) * i / o - 0.5;
    };
    auto rounded = [](int mode, double p) {
        if (mode == 0) return std::floor(p + 0.5);
        if (mode == 1) return std::ceil(p - 0.5);
        return mode == 2 ? std::floor(p) : std::ceil(p);
    };
    for (int t = 0; t < 3; ++t)
        for (int r = 0; r < 4; ++r) {
            SCOPED_TRACE(t * 10 + r);
            gives(
                [&](Net& n) {
                    auto* l = n->addResize(n.in(x));
                    l->setOutputDimensions(dims({1, 2, h, w}));
                    if (n.profile) {
                        float scales[] = {1, 1, 1.75f, 1.6f};
                        l->setScales(scales, 4);
                        EXPECT_EQ(l->getScales(0, nullptr), 4);
                    }
                    l->setResizeMode(InterpolationMode::kNEAREST);
                    l->setCoordinateTransformation(static_cast<ResizeCoordinateTransformation>(t));
                    l->setNearestRounding(static_cast<ResizeRoundMode>(r));
                    EXPECT_EQ(l->getNearestRounding(), static_cast<ResizeRoundMode>(r));
                    n.out(l);
                },
                {filled({1, 2, h, w}, [&](const Index& at) {
                    auto p = static_cast<int64_t>(rounded(r, position(t, at[2], 4, h)));
                    auto q = static_cast<int64_t>(rounded(r, position(t, at[3], 5, w)));
                    return x({at[0], at[1], std::clamp<int64_t>(p, 0, 3), std::clamp<int64_t>(q, 0, 4)});
                })});
        }
}

TEST_F(WindowLayers, ResizeLinearAndCubic) {
    Value x = numbers({1, 2, 4, 5});
    const double a = -0.5;
    auto cubic = [&](double d) {
        d = std::abs(d);
        if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
        return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
    };
    auto along = [&](int64_t y, int64_t in, int64_t out, bool isCubic, const std::function<double(int64_t)>& get) {
        double p = (static_cast<double>(y) + 0.5) * static_cast<double>(in) / static_cast<double>(out) - 0.5;
        auto low = static_cast<int64_t>(std::floor(p));
        double sum = 0;
        for (int64_t k = low - 1; k <= low + 2; ++k) {
            double d = p - static_cast<double>(k), f = isCubic ? cubic(d) : std::max(0.0, 1 - std::abs(d));
            if (f != 0) sum += f * get(std::clamp<int64_t>(k, 0, in - 1));
        }
        return sum;
    };
    for (bool isCubic : {false, true})
        gives(
            [&](Net& n) {
                auto* l = n->addResize(n.in(x));
                l->setOutputDimensions(dims({1, 2, 6, 9}));
                l->setResizeMode(isCubic ? InterpolationMode::kCUBIC : InterpolationMode::kLINEAR);
                l->setCoordinateTransformation(ResizeCoordinateTransformation::kHALF_PIXEL);
                if (isCubic) {
                    l->setCubicCoeff(static_cast<float>(a));
                    EXPECT_EQ(l->getCubicCoeff(), static_cast<float>(a));
                }
                // The batch, when open, is that of the output dimensions.
                if (n.profile) {
                    ITensor* sizes = &n.shapeIn(integers({4}, {1, 2, 6, 9}, DataType::kINT64));
                    l->setInput(1, *sizes);
                }
                n.out(l);
            },
            {filled({1, 2, 6, 9}, [&](const Index& at) {
                return along(at[2], 4, 6, isCubic, [&](int64_t h) {
                    return along(at[3], 5, 9, isCubic, [&](int64_t w) { return x({at[0], at[1], h, w}); });
                });
            })});
}
REFUSES(WindowLayers, ResizeRank, "output dimensions [4, 4] for an input of [1, 2, 4, 5]",
        n->addResize(n.in(numbers({1, 2, 4, 5})))->setOutputDimensions(dims({4, 4})))
REFUSES(WindowLayers, ResizeNothing, "neither output dimensions nor scales are set",
        n->addResize(n.in(numbers({1, 2, 4, 5}))))
REFUSES(WindowLayers, ResizeScaleZero, "a scale of 0", float s[] = {1, 1, 0, 1};
        n->addResize(n.in(numbers({1, 2, 4, 5})))->setScales(s, 4))
REFUSES(WindowLayers, ResizeScalesMissing, "4 scales", n->addResize(n.in(numbers({1, 2, 4, 5})))->setScales(nullptr, 4))
REFUSES(WindowLayers, ResizeMode, "interpolation mode 9 does not exist",
        auto* l = n->addResize(n.in(numbers({1, 2, 4, 5})));
        l->setOutputDimensions(dims({1, 2, 8, 8})); l->setResizeMode(static_cast<InterpolationMode>(9)))
REFUSES(WindowLayers, ResizeCoordinates, "coordinate transformation 9 does not exist",
        auto* l = n->addResize(n.in(numbers({1, 2, 4, 5})));
        l->setOutputDimensions(dims({1, 2, 8, 8}));
        l->setCoordinateTransformation(static_cast<ResizeCoordinateTransformation>(9)))
REFUSES(WindowLayers, ResizeRounding, "rounding -3 does not exist", auto* l = n->addResize(n.in(numbers({1, 2, 4, 5})));
        l->setOutputDimensions(dims({1, 2, 8, 8})); l->setNearestRounding(static_cast<ResizeRoundMode>(-3)))

TEST_F(WindowLayers, GridSample) {
    Value x = numbers({2, 3, 5, 4}), grid = numbers({2, 3, 2, 2}, -1.25, 1.25, 3);
    auto sample = [&](bool linear, bool align, SampleMode mode) {
        return filled({2, 3, 3, 2}, [&](const Index& at) {
            auto pixel = [&](double g, int64_t n) {
                return align ? (g + 1) / 2 * static_cast<double>(n - 1) : ((g + 1) * static_cast<double>(n) - 1) / 2;
            };
            double px = pixel(grid({at[0], at[2], at[3], 0}), 4), py = pixel(grid({at[0], at[2], at[3], 1}), 5);
            auto get = [&](double fy, double fx) {
                auto h = static_cast<int64_t>(fy), w = static_cast<int64_t>(fx);
                if (mode == SampleMode::kCLAMP) {
                    h = std::clamp<int64_t>(h, 0, 4);
                    w = std::clamp<int64_t>(w, 0, 3);
                }
                return h < 0 || w < 0 || h > 4 || w > 3 ? 0 : x({at[0], at[1], h, w});
            };
            if (!linear) return get(std::nearbyint(py), std::nearbyint(px));
            double y0 = std::floor(py), x0 = std::floor(px), fy = py - y0, fx = px - x0;
            return (1 - fy) * ((1 - fx) * get(y0, x0) + fx * get(y0, x0 + 1)) +
                   fy * ((1 - fx) * get(y0 + 1, x0) + fx * get(y0 + 1, x0 + 1));
        });
    };
    for (bool align : {false, true})
        for (auto mode : {SampleMode::kFILL, SampleMode::kCLAMP})
            gives(
                [&](Net& n) {
                    ITensor& t = n.in(x);
                    auto* l = n->addGridSample(t, n.in(grid));
                    l->setInterpolationMode(InterpolationMode::kLINEAR);
                    l->setAlignCorners(align);
                    EXPECT_TRUE(l->setSampleMode(mode));
                    EXPECT_EQ(l->getInterpolationMode(), InterpolationMode::kLINEAR);
                    EXPECT_EQ(l->getAlignCorners(), align);
                    EXPECT_EQ(l->getSampleMode(), mode);
                    n.out(l);
                },
                {sample(true, align, mode)}, 1e-5);
}
REFUSES(WindowLayers, GridSampleGrid, "(grid_sample): the number of coordinates is 3, but must be 2",
        n->addGridSample(n.in(numbers({1, 1, 4, 4})), n.in(numbers({1, 2, 2, 3}))))
REFUSES(WindowLayers, GridSampleBatch, "(grid_sample): the batch sizes of x and grid must be equal: 2 and 3",
        n->addGridSample(n.in(numbers({2, 1, 4, 4})), n.in(numbers({3, 2, 2, 2}))))
REFUSES(WindowLayers, GridSampleMode, "mode 1; kFILL, kCLAMP and kREFLECT are possible",
        n->addGridSample(n.in(numbers({1, 1, 4, 4})), n.in(numbers({1, 2, 2, 2})))->setSampleMode(SampleMode::kWRAP))

}  // namespace
}  // namespace lathe_test
