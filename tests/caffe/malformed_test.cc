// SPDX-License-Identifier: Apache-2.0
// Networks and models that are wrong: each is an error that says what and where, never a crash.
#include "caffe_testing.h"

namespace lathe_test {
namespace {

using ::testing::HasSubstr;

class CaffeMalformedTest : public CaffeTest {
  protected:
    // The error of a network with this text.
    std::string refusal(const std::string& text) {
        network.reset(builder->createNetworkV2(0));
        EXPECT_EQ(parse(text), nullptr) << text;
        const std::string errors = logger.takeErrors();
        EXPECT_THAT(errors, HasSubstr("ICaffeParser::parseBuffers: "));
        return errors;
    }
    // The error of a layer over `data` [2, 3, 8, 8], in line 3; `a` has the same shape, `v` is [2, 4].
    std::string layerRefusal(const std::string& layer) {
        const std::string errors = refusal(withInput({2, 3, 8, 8}, "layer { name: 'l' " + layer + R"( }
layer { name: 'never' type: 'ReLU' bottom: 'nothing' top: 'nothing' })"));
        EXPECT_THAT(errors, HasSubstr("layer 'l' ("));
        EXPECT_THAT(errors, HasSubstr(", line 3): "));
        return errors;
    }
};

TEST_F(CaffeMalformedTest, Networks) {
    const std::vector<std::pair<std::string, const char*>> cases = {
        {"", "there are no layers in it"},
        {"name: 'x'", "there are no layers in it"},
        {"name: 'x' name: 'y' layer { type: 'ReLU' }", "field 'name' is given a second time"},
        {"name: 3 layer { type: 'ReLU' }", "line 1: field 'name' is '3'; expected a string in quotes"},
        {"nmae: 'x'", "line 1: field 'nmae' is not known in a network"},
        {"layer { name: 'x' }", "line 1: layer 'x' has no type"},
        {"layer: 3", "expected a message in braces"},
        {"\n\nlayer { name: 'x' type: 'ReLU'", "line 3: the file ends inside the message"},
        {"layers { name: 'x' type: WARP }", "has the type 'WARP'"},
        {"layers { layer { name: 'x' type: 'conv' } }", "upgrade_net_proto_text"},
        {"layer { name: 'x' type: { } }", "has the type ''"},
        {"layer { name: 'x' type: 'ReLU' include { phase: NEVER } }", "expected TRAIN or TEST"},
        {"layer { name: 'x' type: 'ReLU' include { when: 1 } }", "field 'when' is unknown in a rule"},
        {"layer { name: 'x' type: 'ReLU' include { phase: TEST } exclude { phase: TEST } }", "not of both"},
        {"layer { name: 'x' type: 'ReLU' include: 1 }", "expected a message"},
        {"state: 1 layer { type: 'ReLU' }", "expected a message"},
        {"input: 'data' layer { type: 'ReLU' }", "1 inputs with 0 of input_dim"},
        {"input: 'data' input_dim: 1 input_dim: 2 layer { type: 'ReLU' }",
         "1 inputs with 2 of input_dim; each needs 4"},
        {"input: 'd' input_dim: 1 input_dim: 0 input_dim: 1 input_dim: 1 layer { type: 'ReLU' }", "the least is 1"},
        {"input_dim: 1 layer { type: 'ReLU' }", "without an input"},
        {"input_shape { dim: 1 } layer { type: 'ReLU' }", "without an input"},
        {"input: 'd' input_shape { dim: 1 } input_dim: 1 layer { type: 'ReLU' }", "given by input_shape too"},
        {"input: 'd' input: 'e' input_shape { dim: 1 } layer { type: 'ReLU' }", "2 inputs with 1 of input_shape"},
        {"input: 'd' input_shape { dim: -3 } layer { type: 'ReLU' }", "an extent is from 1 to"},
        {"input: 'd' input_shape { dim: 99999999999 } layer { type: 'ReLU' }", "an extent is from 1 to"},
        {"input: 'd' input_shape { size: 3 } layer { type: 'ReLU' }", "field 'size' is unknown in a shape"},
        {"input: 'd' input_shape { } layer { type: 'ReLU' }", "a shape without dimensions"},
        {"input: 'd' input_shape { dim: [1,1,1,1,1,1,1,1,1] } layer { type: 'ReLU' }", "9 dimensions"},
        {"input: 'd' input: 'd' input_shape { dim: 1 } input_shape { dim: 1 } layer { type: 'ReLU' }",
         "a second input 'd'"},
        {"input: 'd' input_shape { dim: [2147483647, 2147483647, 2147483647] } layer { type: 'ReLU' }", "64 bits"},
        {"layer { name: 'i' type: 'Input' top: 'i' }", "shape is missing in input_param"},
        {"layer { name: 'i' type: 'Input' top: 'a' top: 'b' top: 'c' input_param { shape { dim: 1 } shape { dim: 1 } } "
         "}",
         "2 shapes for 3 tops"},
        {"layer { name: 'i' type: 'Input' top: 'i' top: 'i' input_param { shape { dim: 1 } } }",
         "its top 'i' is made by another layer already"},
        {"layer { name: 'i' type: 'Input' input_param { shape { dim: 1 } } }",
         "it has 0 tops; its type needs at least 1"},
        {"layer { name: 'r' type: 'ReLU' bottom: 'x' top: 'y' }", "its bottom 'x' is not the top of a layer before it"},
    };
    for (const auto& [text, expected] : cases) {
        SCOPED_TRACE(text);
        EXPECT_THAT(refusal(text), HasSubstr(expected));
    }
}

TEST_F(CaffeMalformedTest, Layers) {
    const std::string one = " bottom: 'data' top: 'y' ";
    const std::vector<std::pair<std::string, const char*>> cases = {
        {"type: 'Teleport'" + one, "its type is not known"},
        {"type: 'Data' top: 'y'", "they read training data"},
        {"type: 'SoftmaxWithLoss'" + one, "a loss for training"},
        {"type: 'ReLU' top: 'y'", "it has 0 bottoms; its type needs 1"},
        {"type: 'ReLU' bottom: 'data'", "it has 0 tops; its type needs 1"},
        {"type: 'ReLU' bottom: 'data' top: 'y' top: 'z'", "it has 2 tops"},
        {"type: 'ReLU' botom: 'data' top: 'y'", "line 3: field 'botom' is not known in a layer"},
        {"type: 'ReLU' bottom: 'dat' top: 'y'", "its bottom 'dat' is not the top of a layer before it"},
        {"type: 'ReLU' blobs { data: 1 }" + one, "weights within the prototxt"},
        {"type: 'ReLU' relu_param { negative_slop: 1 }" + one, "field 'negative_slop' of relu_param is not known"},
        {"type: 'ReLU' relu_param { negative_slope: 'x' }" + one, "expected a number"},
        {"type: 'ReLU' relu_param { negative_slope: 1 negative_slope: 2 }" + one, "given a second time"},
        {"type: 'ReLU' relu_param { } relu_param { }" + one, "field 'relu_param' is given more than once"},
        {"type: 'ReLU' relu_param: 3" + one, "expected a message"},
        {"type: 'Convolution'" + one, "num_output is missing"},
        {"type: 'Convolution' convolution_param { num_output: 2 }" + one, "kernel_size is missing"},
        {"type: 'Convolution' convolution_param { num_output: 0 kernel_size: 3 }" + one, "possible are 1 to"},
        {"type: 'Convolution' convolution_param { num_output: 2 kernel_size: 0 }" + one, "possible are 1 to"},
        {"type: 'Convolution' convolution_param { num_output: 2 kernel_size: 3 stride: 0 }" + one, "possible are 1 to"},
        {"type: 'Convolution' convolution_param { num_output: 2 kernel_size: 3 pad: -1 }" + one, "possible are 0 to"},
        {"type: 'Convolution' convolution_param { num_output: 2 kernel_size: 3 group: 2 }" + one,
         "2 groups do not divide"},
        {"type: 'Convolution' convolution_param { num_output: 2 kernel_size: [1, 2, 3] }" + one,
         "3 values for 2 spatial axes"},
        {"type: 'Convolution' convolution_param { num_output: 2 kernel_h: 3 }" + one,
         "the other of the two is missing"},
        {"type: 'Convolution' convolution_param { num_output: 2 kernel_h: 3 kernel_w: 3 kernel_size: 3 }" + one,
         "beside"},
        {"type: 'Convolution' convolution_param { num_output: 2 kernel_size: 3 dilation: [1, 1, 1] }" + one,
         "3 values for 2 spatial axes"},
        {"type: 'Convolution' convolution_param { num_output: 2 kernel_size: 3 axis: 2 }" + one, "only 1 is supported"},
        {"type: 'Convolution' convolution_param { num_output: 2 kernel_size: 3 axis: 9 }" + one,
         "axis 9 of data with 4"},
        {"type: 'Convolution' convolution_param { num_output: 2 kernel_size: 3 }" + one,
         "the model has no layer of this name"},
        {"type: 'Convolution' convolution_param { num_output: 4000000000 kernel_size: 3 }" + one, "possible are 1 to"},
        {"type: 'Convolution' convolution_param { num_output: 2147483647 kernel_size: 2147483647 }" + one, "64 bits"},
        {"type: 'InnerProduct'" + one, "num_output is missing"},
        {"type: 'InnerProduct' inner_product_param { num_output: 3 axis: 4 }" + one,
         "axis 4 of data with 4 dimensions"},
        {"type: 'Pooling'" + one, "kernel_size is missing"},
        {"type: 'Pooling' pooling_param { kernel_size: 2 pool: MEDIAN }" + one, "known are MAX, AVE, STOCHASTIC"},
        {"type: 'Pooling' pooling_param { kernel_size: 2 pool: STOCHASTIC }" + one, "stochastic"},
        {"type: 'Pooling' pooling_param { kernel_size: 2 pad: 2 }" + one, "not smaller than the window"},
        {"type: 'Pooling' pooling_param { kernel_size: 11 pad: 1 }" + one, "a window of 11 does not fit into the 10"},
        {"type: 'Pooling' pooling_param { kernel_size: 1 stride: 5 }" + one, "begins behind the data"},
        {"type: 'Pooling' pooling_param { kernel_size: 2 global_pooling: true }" + one, "global pooling has no window"},
        {"type: 'Pooling' pooling_param { pad: 1 global_pooling: true }" + one, "neither padding nor a stride"},
        {"type: 'Pooling' bottom: 'data' top: 'y' top: 'z' pooling_param { kernel_size: 2 }", "the second top"},
        {"type: 'LRN' lrn_param { local_size: 4 }" + one, "it must be odd"},
        {"type: 'LRN' lrn_param { norm_region: EVERYWHERE }" + one, "known are ACROSS_CHANNELS, WITHIN_CHANNEL"},
        {"type: 'Softmax' softmax_param { axis: -5 }" + one, "axis -5 of data with 4 dimensions"},
        {"type: 'PReLU'" + one, "the model has no layer of this name, and so no slopes"},
        {"type: 'Clip' clip_param { min: 0 }" + one, "needs both min and max"},
        {"type: 'Exp' exp_param { base: 0 }" + one, "must be positive"},
        {"type: 'Log' log_param { base: 1 }" + one, "the base 1"},
        {"type: 'Scale' scale_param { axis: 4 }" + one, "axis 4 of data"},
        {"type: 'Scale' scale_param { axis: 2 num_axes: 3 }" + one, "3 axes from axis 2 on"},
        {"type: 'Scale' scale_param { num_axes: -2 }" + one, "the least is -1"},
        {"type: 'Scale' bottom: 'data' bottom: 'data' top: 'y'", "does not lie along the first"},
        {"type: 'Bias' bottom: 'data' bottom: 'data' bottom: 'data' top: 'y'",
         "it has 3 bottoms; its type needs 1 to 2"},
        {"type: 'BatchNorm' batch_norm_param { use_global_stats: false }" + one, "statistics of the batch at hand"},
        {"type: 'BatchNorm'" + one, "no mean"},
        {"type: 'Eltwise'" + one, "it has 1 bottoms; its type needs at least 2"},
        {"type: 'Eltwise' bottom: 'data' bottom: 'data' top: 'y' eltwise_param { coeff: 1 }",
         "1 coefficients for 2 bottoms"},
        {"type: 'Eltwise' bottom: 'data' bottom: 'data' top: 'y' eltwise_param { operation: PROD coeff: [1, 2] }",
         "only a sum has coefficients"},
        {"type: 'Eltwise' bottom: 'data' bottom: 'data' top: 'y' eltwise_param { operation: MIN }",
         "known are PROD, SUM, MAX"},
        {"type: 'Concat' top: 'y'", "it has 0 bottoms"},
        {"type: 'Concat' concat_param { axis: 4 }" + one, "axis 4 of data"},
        {"type: 'Concat' concat_param { axis: 1 concat_dim: 1 }" + one, "beside"},
        {"type: 'Slice' bottom: 'data' top: 'y' top: 'z'", "2 tops do not divide the extent 3 of axis 1"},
        {"type: 'Slice' bottom: 'data' top: 'y' top: 'z' slice_param { slice_point: [1, 2] }", "2 points for 2 tops"},
        {"type: 'Slice' bottom: 'data' top: 'y' top: 'z' slice_param { slice_point: 3 }", "the points must rise"},
        {"type: 'Slice' bottom: 'data' top: 'y' top: 'z' top: 'w' slice_param { slice_point: [2, 1] }", "must rise"},
        {"type: 'Slice' bottom: 'data' top: 'y' top: 'y' slice_param { axis: 2 }",
         "its top 'y' is made by another layer"},
        {"type: 'Crop' bottom: 'data' top: 'y'", "it has 1 bottoms; its type needs 2"},
        {"type: 'Crop' bottom: 'data' bottom: 'data' top: 'y' crop_param { offset: 1 }", "8 of 8 from 1 on"},
        {"type: 'Crop' bottom: 'data' bottom: 'data' top: 'y' crop_param { offset: [0, 0, 0] }", "3 values for 2 axes"},
        {"type: 'Flatten' flatten_param { axis: 3 end_axis: 1 }" + one, "axis 1 comes before axis 3"},
        {"type: 'Reshape' reshape_param { shape { dim: -1 dim: -1 } }" + one, "two extents of -1"},
        {"type: 'Reshape' reshape_param { shape { dim: 7 dim: -1 } }" + one, "does not fit the data [2, 3, 8, 8]"},
        {"type: 'Reshape' reshape_param { shape { dim: 5 } }" + one, "does not fit the data"},
        {"type: 'Reshape' reshape_param { shape { dim: -2 } }" + one, "the least is -1"},
        {"type: 'Reshape' reshape_param { shape { dim: [0,0,0,0,0] } }" + one, "copies an axis that is not there"},
        {"type: 'Reshape' reshape_param { shape { dim: 1 } axis: 9 }" + one, "axis 9 of data with 4 dimensions"},
        {"type: 'Reshape' reshape_param { shape { dim: 1 } axis: 3 num_axes: 2 }" + one, "2 axes from axis 3 on, of 4"},
        {"type: 'Permute' permute_param { order: [0, 0] }" + one, "is no order of 4 axes"},
        {"type: 'Permute' permute_param { order: 4 }" + one, "is no order of 4 axes"},
        {"type: 'Reduction' reduction_param { operation: 0 }" + one, "known are SUM, ASUM, SUMSQ, MEAN"},
        {"type: 'Reduction' reduction_param { axis: 4 }" + one, "axis 4 of data"},
        {"type: 'ArgMax' argmax_param { top_k: 200 }" + one, "200 of 192 elements"},
        {"type: 'Dropout' dropout_param { ratio: 1 }" + one, "field 'ratio' of dropout_param is not known"},
        {"type: 'Silence' bottom: 'data' top: 'y'", "it has 1 tops; its type needs 0"},
    };
    for (const auto& [text, expected] : cases) {
        SCOPED_TRACE(text);
        EXPECT_THAT(layerRefusal(text), HasSubstr(expected));
    }
}

TEST_F(CaffeMalformedTest, WeightsThatDoNotFit) {
    const std::string inner = "type: 'InnerProduct' bottom: 'data' top: 'y' inner_product_param { num_output: 4 }";
    const Array right = noise({4, 192}, 1), bias = noise({4}, 2);
    const auto with = [&](const std::vector<Message>& blobs) {
        model = Message().message(100, layerMessage("l", blobs));
        return layerRefusal(inner);
    };
    EXPECT_THAT(with({}), HasSubstr("the model has 0 blobs for it; blob 0 is its kernel"));
    EXPECT_THAT(with({blobMessage(right)}), HasSubstr("the model has 1 blobs for it; blob 1 is its bias"));
    EXPECT_THAT(with({blobMessage(right), blobMessage(bias), blobMessage(bias)}),
                HasSubstr("the model has 3 blobs for it, but with these settings it uses 2"));
    EXPECT_THAT(with({blobMessage(noise({4, 191}, 1)), blobMessage(bias)}),
                HasSubstr("blob 0, its kernel, has 764 elements in the model; [4, 192] needs 768"));
    EXPECT_THAT(with({blobMessage(noise({192, 4}, 1)), blobMessage(bias)}),
                HasSubstr("has the shape [192, 4] in the model; [4, 192] is needed"));
    EXPECT_THAT(with({blobMessage(right), blobMessage(noise({5}, 1))}), HasSubstr("blob 1, its bias, has 5 elements"));
    EXPECT_THAT(with({blobMessage(right), Message()}), HasSubstr("blob 1, its bias, has 0 elements"));
    model = Message().message(100, layerMessage("l", {blobMessage(noise({3}, 1)), blobMessage({{3}, {-1, -1, -1}}),
                                                      blobMessage({{1}, {1}})}));
    EXPECT_THAT(layerRefusal("type: 'BatchNorm' bottom: 'data' top: 'y'"), HasSubstr("channel 0 has the variance -1"));
}

// Every prefix of a network, and the network with single characters changed.
TEST_F(CaffeMalformedTest, TruncatedAndDamagedText) {
    model.message(100, layerMessage("c", {blobMessage(noise({4, 3, 3, 3}, 1)), blobMessage(noise({4}, 2))}));
    const std::string text = withInput({2, 3, 8, 8}, R"(
layer { name: "c" type: "Convolution" bottom: "data" top: "c" convolution_param { num_output: 4 kernel_size: 3 } }
layer { name: "p" type: "Pooling" bottom: "c" top: "p" pooling_param { pool: AVE kernel_size: 2 stride: 2 pad: 1 } }
layer { name: "s" type: "Slice" bottom: "p" top: "a" top: "b" slice_param { slice_point: 1 } }
layer { name: "r" type: "Reshape" bottom: "a" top: "r" reshape_param { shape { dim: 0 dim: -1 } } }
)");
    ASSERT_TRUE(parse(text)) << logger.errors;
    int refused = 0, taken = 0;
    const auto attempt = [&](const std::string& damaged) {
        network.reset(builder->createNetworkV2(0));
        const bool ok = parse(damaged) != nullptr;
        const std::string errors = logger.takeErrors();
        EXPECT_EQ(ok, errors.empty()) << damaged << '\n' << errors;
        ++(ok ? taken : refused);
    };
    for (size_t size = 0; size < text.size(); size += 3) attempt(text.substr(0, size));
    uint32_t state = 1;
    for (int i = 0; i < 400; ++i) {
        std::string damaged = text;
        for (int k = 0; k < 2; ++k) {
            state = state * 1664525u + 1013904223u;
            static constexpr std::string_view kNew = "{}:\"'<>[],;-0159aZ\n# .\\\xff";
            damaged[(state >> 8) % damaged.size()] = kNew[(state >> 3) % kNew.size()];
        }
        attempt(damaged);
    }
    EXPECT_GT(refused, 400);
    EXPECT_GT(taken, 0);
}

TEST_F(CaffeMalformedTest, TruncatedAndDamagedModels) {
    const std::string text = withInput({1, 2, 4, 4}, R"(
layer { name: "c" type: "Convolution" bottom: "data" top: "c" convolution_param { num_output: 2 kernel_size: 1 } }
layer { name: "b" type: "BatchNorm" bottom: "c" top: "c" }
)");
    const std::string whole =
        Message()
            .message(100, layerMessage(
                              "c", {blobMessage(noise({2, 2, 1, 1}, 1)), blobMessage(noise({2}, 2), Form::kSingles)}))
            .message(100,
                     layerMessage("b", {blobMessage(noise({2}, 1)),
                                        blobMessage(noise({2}, 2, 1, 2), Form::kLegacyShape), blobMessage({{1}, {1}})}))
            .str();
    const auto attempt = [&](const std::string& bytes) {
        network.reset(builder->createNetworkV2(0));
        const auto* text8 = reinterpret_cast<const uint8_t*>(text.data());
        const auto* model8 = reinterpret_cast<const uint8_t*>(bytes.data());
        const bool ok =
            parser->parseBuffers(text8, text.size(), model8, bytes.size(), *network, DataType::kFLOAT) != nullptr;
        EXPECT_EQ(ok, logger.takeErrors().empty());
        return ok;
    };
    ASSERT_TRUE(attempt(whole));
    for (size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(attempt(whole.substr(0, size))) << size;
    for (size_t bit = 0; bit < whole.size() * 8; bit += 3) {
        std::string damaged = whole;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
        attempt(damaged);
    }
}

}  // namespace
}  // namespace lathe_test
