// SPDX-License-Identifier: Apache-2.0
// Layers that move numbers, and how layers are wired.
#include "caffe_testing.h"

namespace lathe_test {
namespace {

class CaffeShapeTest : public CaffeTest {
  protected:
    // Runs a network of several tops; each by name.
    std::map<std::string, Array> answers(const std::string& text, const Array& data,
                                         const std::vector<const char*>& tops) {
        const auto* names = parse(text, weightType);
        if (!names) {
            ADD_FAILURE() << logger.takeErrors();
            return {};
        }
        for (const char* top : tops) network->markOutput(*names->find(top));
        feedArray("data", data);
        std::map<std::string, Array> out;
        for (auto& [name, a] : run()) out[name] = {list(a.dims), a.as<float>()};
        return out;
    }
};

TEST_F(CaffeShapeTest, ConcatAndSlice) {
    const Array x = noise({2, 6, 2, 3}, 1);
    auto got = answers(withInput(x.extents, R"(
layer { name: "s" type: "Slice" bottom: "data" top: "a" top: "b" top: "c" slice_param { slice_point: 1 slice_point: 3 } }
layer { name: "h" type: "Slice" bottom: "data" top: "d" top: "e" top: "f" slice_param { axis: -1 } }
layer { name: "o" type: "Slice" bottom: "data" top: "g" top: "i" slice_param { slice_dim: 0 } }
layer { name: "t" type: "Concat" bottom: "c" bottom: "a" bottom: "b" top: "t" }
layer { name: "u" type: "Concat" bottom: "data" bottom: "data" top: "u" concat_param { axis: 2 } }
layer { name: "v" type: "Concat" bottom: "g" bottom: "i" top: "v" concat_param { concat_dim: 0 } })"),
                       x, {"a", "b", "c", "d", "e", "f", "t", "u", "v"});
    const auto part = [&](int64_t c0, int64_t c1, int64_t w0, int64_t w1) {
        Array out{{2, c1 - c0, 2, w1 - w0}, {}};
        for (int64_t n = 0; n < 2; ++n)
            for (int64_t c = c0; c < c1; ++c)
                for (int64_t h = 0; h < 2; ++h)
                    for (int64_t w = w0; w < w1; ++w) out.values.push_back(x(n, c, h, w));
        return out;
    };
    expectClose(got["a"], part(0, 1, 0, 3));
    expectClose(got["b"], part(1, 3, 0, 3));
    expectClose(got["c"], part(3, 6, 0, 3));
    expectClose(got["d"], part(0, 6, 0, 1));
    expectClose(got["e"], part(0, 6, 1, 2));
    expectClose(got["f"], part(0, 6, 2, 3));
    Array t{{2, 6, 2, 3}, Floats(72)}, u{{2, 6, 4, 3}, Floats(144)};
    for (int64_t n = 0; n < 2; ++n)
        for (int64_t c = 0; c < 6; ++c)
            for (int64_t h = 0; h < 2; ++h)
                for (int64_t w = 0; w < 3; ++w) {
                    t(n, c, h, w) = x(n, (c + 3) % 6, h, w);
                    u(n, c, h, w) = u(n, c, h + 2, w) = x(n, c, h, w);
                }
    expectClose(got["t"], t);
    expectClose(got["u"], u);
    expectClose(got["v"], x);
}

TEST_F(CaffeShapeTest, Crop) {
    const Array x = noise({2, 3, 6, 7}, 1);
    feedArray("like", noise({2, 2, 3, 4}, 2));
    auto got = answers(withInput(x.extents, R"(
layer { name: "like" type: "Input" top: "like" input_param { shape { dim: 2 dim: 2 dim: 3 dim: 4 } } }
layer { name: "p" type: "Bias" bottom: "like" bottom: "like" top: "used" bias_param { axis: 0 } }
layer { name: "a" type: "Crop" bottom: "data" bottom: "like" top: "a" }
layer { name: "b" type: "Crop" bottom: "data" bottom: "like" top: "b" crop_param { axis: 1 offset: 1 offset: 2 offset: 3 } }
layer { name: "c" type: "Crop" bottom: "data" bottom: "like" top: "c" crop_param { axis: 2 offset: 3 } })"),
                       x, {"a", "b", "c", "used"});
    const auto cut = [&](int64_t c0, int64_t c1, int64_t h0, int64_t w0) {
        Array out{{2, c1 - c0, 3, 4}, {}};
        for (int64_t n = 0; n < 2; ++n)
            for (int64_t c = c0; c < c1; ++c)
                for (int64_t h = h0; h < h0 + 3; ++h)
                    for (int64_t w = w0; w < w0 + 4; ++w) out.values.push_back(x(n, c, h, w));
        return out;
    };
    expectClose(got["a"], cut(0, 3, 0, 0));
    expectClose(got["b"], cut(1, 3, 2, 3));
    expectClose(got["c"], cut(0, 3, 3, 3));
}

TEST_F(CaffeShapeTest, FlattenReshapePermute) {
    const Array x = noise({2, 3, 4, 5}, 1);
    auto got = answers(withInput(x.extents, R"(
layer { name: "f" type: "Flatten" bottom: "data" top: "f" }
layer { name: "g" type: "Flatten" bottom: "data" top: "g" flatten_param { axis: 1 end_axis: -2 } }
layer { name: "h" type: "Flatten" bottom: "data" top: "h" flatten_param { axis: 0 } }
layer { name: "r" type: "Reshape" bottom: "data" top: "r" reshape_param { shape { dim: 0 dim: -1 dim: 2 } } }
layer { name: "s" type: "Reshape" bottom: "data" top: "s" reshape_param { shape { dim: 6 dim: 2 } axis: 1 num_axes: 2 } }
layer { name: "t" type: "Reshape" bottom: "data" top: "t" reshape_param { shape { dim: 1 } axis: -1 num_axes: 0 } }
layer { name: "u" type: "Reshape" bottom: "data" top: "u" reshape_param { shape { dim: 4 dim: 30 } } }
layer { name: "p" type: "Permute" bottom: "data" top: "p" permute_param { order: 0 order: 2 order: 3 order: 1 } }
layer { name: "q" type: "Permute" bottom: "data" top: "q" permute_param { order: 3 } }
layer { name: "i" type: "Permute" bottom: "data" top: "i" })"),
                       x, {"f", "g", "h", "r", "s", "t", "u", "p", "q", "i"});
    const std::vector<std::pair<const char*, Ints>> moved = {
        {"f", {2, 60}},      {"g", {2, 12, 5}},      {"h", {120}},   {"r", {2, 30, 2}},
        {"s", {2, 6, 2, 5}}, {"t", {2, 3, 4, 5, 1}}, {"u", {4, 30}}, {"i", {2, 3, 4, 5}}};
    for (const auto& [name, extents] : moved) {
        SCOPED_TRACE(name);
        expectClose(got[name], {extents, x.values});
    }
    Array p{{2, 4, 5, 3}, Floats(120)}, q{{5, 2, 3, 4}, Floats(120)};
    for (int64_t n = 0; n < 2; ++n)
        for (int64_t c = 0; c < 3; ++c)
            for (int64_t h = 0; h < 4; ++h)
                for (int64_t w = 0; w < 5; ++w) p(n, h, w, c) = q(w, n, c, h) = x(n, c, h, w);
    expectClose(got["p"], p);
    expectClose(got["q"], q);
}

// After a fully connected layer Caffe's blob has two axes, the network's tensor four.
TEST_F(CaffeShapeTest, AxesAfterInnerProductAreCaffes) {
    const Array x = noise({2, 3}, 1);
    Array identity{{4, 3}, Floats(12)};
    for (size_t i = 0; i < 3; ++i) identity.values[i * 4] = 1;
    give("ip", {identity});
    auto got = answers(withInput(x.extents, R"(
layer { name: "ip" type: "InnerProduct" bottom: "data" top: "ip" inner_product_param { num_output: 4 bias_term: false } }
layer { name: "c" type: "Concat" bottom: "ip" bottom: "data" top: "c" concat_param { axis: -1 } }
layer { name: "d" type: "Concat" bottom: "ip" bottom: "ip" top: "d" }
layer { name: "f" type: "Flatten" bottom: "ip" top: "f" }
layer { name: "r" type: "Reshape" bottom: "ip" top: "r" reshape_param { shape { dim: 0 dim: 2 dim: -1 } } }
layer { name: "m" type: "Reduction" bottom: "ip" top: "m" reduction_param { axis: -1 } }
layer { name: "s" type: "Slice" bottom: "ip" top: "s0" top: "s1" slice_param { axis: -1 } }
layer { name: "e" type: "Eltwise" bottom: "f" bottom: "ip" top: "e" })"),
                       x, {"ip", "c", "d", "f", "r", "m", "s0", "e"});
    const auto row = [&](size_t n, size_t i) { return i < 3 ? x.values[n * 3 + i] : 0.f; };
    Array ip{{2, 4, 1, 1}, {}}, c{{2, 7}, {}}, d{{2, 8, 1, 1}, {}}, m{{2}, {}}, s{{2, 2, 1, 1}, {}}, e{{2, 4}, {}};
    for (size_t n = 0; n < 2; ++n) {
        float sum = 0;
        for (size_t i = 0; i < 4; ++i) {
            ip.values.push_back(row(n, i));
            c.values.push_back(row(n, i));
            e.values.push_back(2 * row(n, i));
            if (i < 2) s.values.push_back(row(n, i));
            sum += row(n, i);
        }
        for (size_t i = 0; i < 3; ++i) c.values.push_back(x.values[n * 3 + i]);
        for (size_t i = 0; i < 8; ++i) d.values.push_back(row(n, i % 4));
        m.values.push_back(sum);
    }
    expectClose(got["ip"], ip);
    expectClose(got["c"], c);
    expectClose(got["d"], d);
    expectClose(got["f"], {{2, 4}, ip.values});
    expectClose(got["r"], {{2, 2, 2}, ip.values});
    expectClose(got["m"], m, 4);
    expectClose(got["s0"], s);
    expectClose(got["e"], e);
}

TEST_F(CaffeShapeTest, LayersInPlaceReplaceTheirBlob) {
    const Array x{{1, 4}, {-2, -1, 1, 2}};
    auto got = answers(withInput(x.extents, R"(
layer { name: "p" type: "Power" bottom: "data" top: "p" power_param { shift: 0.5 } }
layer { name: "relu" type: "ReLU" bottom: "p" top: "p" }
layer { name: "drop" type: "Dropout" bottom: "p" top: "p" dropout_param { dropout_ratio: 0.5 } }
layer { name: "twice" type: "Power" bottom: "p" top: "p" power_param { scale: 2 } }
layer { name: "in" type: "Power" bottom: "data" top: "data" power_param { scale: 10 } }
layer { name: "y" type: "Eltwise" bottom: "p" bottom: "data" top: "y" }
layer { name: "silence" type: "Silence" bottom: "y" })"),
                       x, {"p", "y"});
    expectClose(got["p"], {{1, 4}, {0, 0, 3, 5}});
    expectClose(got["y"], {{1, 4}, {-20, -10, 13, 25}});
    // The names of layers, and of tensors that are no blobs.
    std::vector<std::string> layers;
    for (int i = 0; i < network->getNbLayers(); ++i) layers.emplace_back(network->getLayer(i)->getName());
    EXPECT_THAT(layers, ::testing::ElementsAre("p", "relu", "twice", "in", "y"));
    EXPECT_STREQ(network->getInput(0)->getName(), "data");
    EXPECT_STREQ(network->getLayer(0)->getOutput(0)->getName(), "p_output_0");
    EXPECT_STREQ(network->getName(), "test");
}

TEST_F(CaffeShapeTest, OnlyWhatIsForRunningIsImported) {
    const Array x{{1, 2}, {1, -2}};
    auto got = answers(R"(name: "phases"
state { level: 2 stage: "deploy" }
input: "data" input_shape { dim: 1 dim: 2 }
layer { name: "train" type: "Data" top: "data" top: "label" include { phase: TRAIN } }
layer { name: "test" type: "Data" top: "data" exclude { phase: TEST } }
layer { name: "a" type: "Power" bottom: "data" top: "a" power_param { shift: 1 } include { phase: TRAIN } include { phase: TEST } }
layer { name: "b" type: "Power" bottom: "a" top: "a" power_param { shift: 10 } exclude { phase: TRAIN } }
layer { name: "c" type: "Power" bottom: "a" top: "a" power_param { shift: 100 } include { min_level: 3 } }
layer { name: "d" type: "Power" bottom: "a" top: "a" power_param { shift: 1000 } include { min_level: 1 max_level: 2 stage: "deploy" } }
layer { name: "e" type: "Power" bottom: "a" top: "a" power_param { shift: 9 } include { not_stage: "deploy" } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "a" bottom: "label" include { phase: 0 } })",
                       x, {"a"});
    expectClose(got["a"], {{1, 2}, {1012, 1009}});
}

TEST_F(CaffeShapeTest, InputsOfTheOlderWays) {
    const auto* names = parse(R"(
input: "data" input: "more"
input_dim: 2 input_dim: 3 input_dim: 4 input_dim: 5
input_dim: 1 input_dim: 1 input_dim: 2 input_dim: 2
layer { name: "l" type: "ReLU" bottom: "data" top: "y" }
)");
    ASSERT_TRUE(names) << logger.errors;
    EXPECT_EQ(shape(*names->find("data")), (Ints{2, 3, 4, 5}));
    EXPECT_EQ(shape(*names->find("more")), (Ints{1, 1, 2, 2}));
    EXPECT_EQ(shape(*names->find("y")), (Ints{2, 3, 4, 5}));
    EXPECT_EQ(names->find("z"), nullptr);
    EXPECT_EQ(names->find(nullptr), nullptr);
}

TEST_F(CaffeShapeTest, LayersOfTheOlderFormat) {
    const Array x = noise({1, 2, 4, 4}, 1), w = noise({3, 2, 1, 1}, 2), b = noise({3}, 3);
    model.message(2, oldLayerMessage("conv", {blobMessage(w, Form::kLegacyShape), blobMessage(b, Form::kLegacyShape)}));
    auto got = answers(R"(name: "old"
input: "data" input_dim: 1 input_dim: 2 input_dim: 4 input_dim: 4
layers { name: "conv" type: CONVOLUTION bottom: "data" top: "conv" blobs_lr: 1 blobs_lr: 2 weight_decay: 1 weight_decay: 0
  convolution_param { num_output: 3 kernel_size: 1 } }
layers { name: "pool" type: POOLING bottom: "conv" top: "pool" pooling_param { pool: AVE kernel_size: 4 } }
layers { name: "abs" type: ABSVAL bottom: "pool" top: "pool" })",
                       x, {"pool"});
    Array expected{{1, 3, 1, 1}, {}};
    for (int64_t m = 0; m < 3; ++m) {
        double sum = 0;
        for (int64_t c = 0; c < 2; ++c)
            for (int64_t i = 0; i < 16; ++i) sum += static_cast<double>(x(0, c, i / 4, i % 4) * w(m, c, 0, 0));
        expected.values.push_back(
            static_cast<float>(std::abs(sum / 16 + static_cast<double>(b.values[static_cast<size_t>(m)]))));
    }
    expectClose(got["pool"], expected, 40);
}

}  // namespace
}  // namespace lathe_test
