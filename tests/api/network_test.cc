// SPDX-License-Identifier: Apache-2.0
// Shapes, types and error reports of networks under construction.
#include "api_testing.h"

namespace lathe_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(NetworkTest, Inputs) {
    ITensor& x = input("x", {2, -1});
    EXPECT_TRUE(x.isNetworkInput());
    EXPECT_FALSE(x.isNetworkOutput());
    EXPECT_STREQ(x.getName(), "x");
    EXPECT_THAT(shape(x), ElementsAre(2, -1));
    EXPECT_EQ(network->getNbInputs(), 1);
    EXPECT_EQ(network->getInput(0), &x);
    EXPECT_EQ(network->getInput(1), nullptr);
    EXPECT_EQ(network->addInput("x", DataType::kFLOAT, dims({1})), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("an input named 'x' is there already"));
    EXPECT_EQ(network->addInput("", DataType::kFLOAT, dims({1})), nullptr);
    EXPECT_EQ(network->addInput("y", DataType::kFLOAT, dims({-2})), nullptr);
    Dims tooMany{};
    tooMany.nbDims = 9;
    EXPECT_EQ(network->addInput("z", DataType::kFLOAT, tooMany), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("from 0 to 8 are possible"));
    network->removeTensor(x);
    EXPECT_EQ(network->getNbInputs(), 0);
}

TEST_F(NetworkTest, NamedDimensionsAreEqual) {
    ITensor &a = input("a", {-1, 4}), &b = input("b", {-1, 4});
    a.setDimensionName(0, "batch");
    b.setDimensionName(0, "batch");
    EXPECT_STREQ(a.getDimensionName(0), "batch");
    EXPECT_EQ(a.getDimensionName(1), nullptr);
    ITensor* both[] = {&a, &b};
    auto* concat = network->addConcatenation(both, 2);
    concat->setAxis(1);
    EXPECT_THAT(shape(concat), ElementsAre(-1, 8));
}

TEST_F(NetworkTest, Layers) {
    ITensor& x = input("x", {2, 3});
    auto* relu = network->addActivation(x, ActivationType::kRELU);
    EXPECT_EQ(network->getNbLayers(), 1);
    EXPECT_EQ(network->getLayer(0), relu);
    EXPECT_EQ(network->getLayer(1), nullptr);
    EXPECT_EQ(relu->getType(), LayerType::kACTIVATION);
    EXPECT_EQ(relu->getInput(0), &x);
    EXPECT_EQ(relu->getInput(1), nullptr);
    EXPECT_STREQ(relu->getName(), "(Unnamed Layer* 0) [Activation]");
    EXPECT_STREQ(relu->getOutput(0)->getName(), "(Unnamed Layer* 0) [Activation]_output");
    relu->setName("r");
    EXPECT_STREQ(relu->getName(), "r");
    relu->setMetadata("of block 1");
    EXPECT_STREQ(relu->getMetadata(), "of block 1");
    ITensor& y = input("y", {5});
    relu->setInput(0, y);
    EXPECT_THAT(shape(relu), ElementsAre(5));
    relu->setInput(1, y);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("layer 'r' has no input 1"));
    network->markOutput(*relu->getOutput(0));
    EXPECT_TRUE(relu->getOutput(0)->isNetworkOutput());
    EXPECT_EQ(network->getNbOutputs(), 1);
    network->unmarkOutput(*relu->getOutput(0));
    EXPECT_EQ(network->getNbOutputs(), 0);
}

TEST_F(NetworkTest, ErrorsNameTheLayerAndReachTheRecorder) {
    Recorder recorder;
    network->setErrorRecorder(&recorder);
    EXPECT_EQ(recorder.references, 1);
    ITensor &a = input("a", {2, 3}), &b = input("b", {2, 4});
    auto* sum = network->addElementWise(a, b, ElementWiseOperation::kSUM);
    sum->setName("sum");
    auto* relu = network->addActivation(*sum->getOutput(0), ActivationType::kRELU);
    relu->setName("after");
    EXPECT_EQ(relu->getOutput(0)->getDimensions().nbDims, -1);
    ASSERT_EQ(recorder.errors.size(), 1u);
    EXPECT_EQ(recorder.errors[0].first, ErrorCode::kINVALID_ARGUMENT);
    EXPECT_THAT(recorder.errors[0].second, HasSubstr("layer 'after'"));
    EXPECT_THAT(recorder.errors[0].second, HasSubstr("layer 'sum'"));
    EXPECT_THAT(recorder.errors[0].second, HasSubstr("[2, 3]"));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("layer 'sum'"));
    // Others are not concerned.
    EXPECT_THAT(shape(network->addActivation(a, ActivationType::kTANH)), ElementsAre(2, 3));
    network->setErrorRecorder(nullptr);
    EXPECT_EQ(recorder.references, 0);
}

TEST_F(NetworkTest, TensorsOfOtherNetworksAreRefused) {
    std::unique_ptr<INetworkDefinition> other(builder->createNetworkV2(0));
    ITensor* x = other->addInput("x", DataType::kFLOAT, dims({1}));
    EXPECT_EQ(network->addActivation(*x, ActivationType::kRELU), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("belongs to another network"));
    EXPECT_EQ(network->getNbLayers(), 0);
}

TEST_F(NetworkTest, Convolution) {
    ITensor& x = input("x", {-1, 3, 32, 31});
    Weights w = pool.weights(std::vector<float>(8 * 3 * 5 * 3));
    auto* conv = network->addConvolutionNd(x, 8, dims({5, 3}), w, none());
    EXPECT_THAT(list(conv->getStrideNd()), ElementsAre(1, 1));
    EXPECT_THAT(list(conv->getDilationNd()), ElementsAre(1, 1));
    EXPECT_THAT(list(conv->getPaddingNd()), ElementsAre(0, 0));
    EXPECT_EQ(conv->getNbGroups(), 1);
    EXPECT_THAT(shape(conv), ElementsAre(-1, 8, 28, 29));
    conv->setStrideNd(dims({2, 1}));
    conv->setPaddingNd(dims({2, 1}));
    EXPECT_THAT(shape(conv), ElementsAre(-1, 8, 16, 31));
    conv->setPostPadding(dims({0, 1}));
    EXPECT_THAT(shape(conv), ElementsAre(-1, 8, 15, 31));
    conv->setPaddingMode(PaddingMode::kSAME_UPPER);
    EXPECT_THAT(shape(conv), ElementsAre(-1, 8, 16, 31));
    conv->setStrideNd(dims({0, 1}));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("at least 1"));
    EXPECT_THAT(list(conv->getStrideNd()), ElementsAre(2, 1));
    conv->setNbOutputMaps(9);
    EXPECT_EQ(conv->getOutput(0)->getDimensions().nbDims, -1);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("hold 360 values where the shape [9, 3, 5, 3] needs 405"));
    EXPECT_EQ(network->addConvolutionNd(x, 8, dims({}), w, none()), nullptr);
    EXPECT_EQ(network->addConvolutionNd(x, 0, dims({5, 3}), w, none()), nullptr);
    logger.takeErrors();
}

TEST_F(NetworkTest, ConvolutionWithComputedKernel) {
    ITensor &x = input("x", {1, 4, 8, 8}), &w = input("w", {6, 2, 3, 3});
    auto* conv = network->addConvolutionNd(x, 6, dims({3, 3}), none(), none());
    conv->setNbGroups(2);
    conv->setInput(1, w);
    EXPECT_THAT(shape(conv), ElementsAre(1, 6, 6, 6));
    conv->setNbOutputMaps(4);
    EXPECT_EQ(conv->getOutput(0)->getDimensions().nbDims, -1);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("makes 6 output maps, not 4"));
}

TEST_F(NetworkTest, Deconvolution) {
    ITensor& x = input("x", {1, 4, 5, 5});
    auto* deconv = network->addDeconvolutionNd(x, 6, dims({4, 4}), pool.weights(std::vector<float>(4 * 6 * 16)),
                                               pool.weights(std::vector<float>(6)));
    deconv->setStrideNd(dims({2, 2}));
    deconv->setPaddingNd(dims({1, 1}));
    EXPECT_THAT(shape(deconv), ElementsAre(1, 6, 10, 10));
}

TEST_F(NetworkTest, Pooling) {
    ITensor& x = input("x", {1, 3, 7, 7});
    auto* pool2 = network->addPoolingNd(x, PoolingType::kAVERAGE, dims({2, 2}));
    EXPECT_TRUE(pool2->getAverageCountExcludesPadding());
    pool2->setStrideNd(dims({2, 2}));
    EXPECT_THAT(shape(pool2), ElementsAre(1, 3, 3, 3));
    pool2->setPaddingMode(PaddingMode::kEXPLICIT_ROUND_UP);
    EXPECT_THAT(shape(pool2), ElementsAre(1, 3, 4, 4));
    pool2->setBlendFactor(2.f);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("not from 0 to 1"));
}

TEST_F(NetworkTest, ElementWiseBroadcasts) {
    ITensor &a = input("a", {2, 1, 4}), &b = input("b", {2, 3, 1}), &c = input("c", {4});
    EXPECT_THAT(shape(network->addElementWise(a, b, ElementWiseOperation::kPROD)), ElementsAre(2, 3, 4));
    auto* less = network->addElementWise(a, c, ElementWiseOperation::kLESS);
    EXPECT_THAT(shape(less), ElementsAre(2, 1, 4));
    EXPECT_EQ(less->getOutput(0)->getType(), DataType::kBOOL);
}

TEST_F(NetworkTest, MatrixMultiply) {
    ITensor &a = input("a", {5, 2, 3}), &b = input("b", {5, 4, 3}), &v = input("v", {5, 3});
    using Op = MatrixOperation;
    auto* mm = network->addMatrixMultiply(a, Op::kNONE, b, Op::kTRANSPOSE);
    EXPECT_THAT(shape(mm), ElementsAre(5, 2, 4));
    EXPECT_EQ(mm->getOperation(1), Op::kTRANSPOSE);
    EXPECT_THAT(shape(network->addMatrixMultiply(a, Op::kNONE, v, Op::kVECTOR)), ElementsAre(5, 2));
    EXPECT_THAT(shape(network->addMatrixMultiply(v, Op::kVECTOR, b, Op::kTRANSPOSE)), ElementsAre(5, 4));
    EXPECT_THAT(shape(network->addMatrixMultiply(v, Op::kVECTOR, v, Op::kVECTOR)), ElementsAre(5));
}

TEST_F(NetworkTest, Shuffle) {
    ITensor& x = input("x", {-1, 3, 4, 5});
    auto* s = network->addShuffle(x);
    EXPECT_THAT(shape(s), ElementsAre(-1, 3, 4, 5));
    EXPECT_EQ(s->getReshapeDimensions().nbDims, -1);
    s->setFirstTranspose({{0, 2, 1, 3}});
    EXPECT_THAT(shape(s), ElementsAre(-1, 4, 3, 5));
    s->setReshapeDimensions(dims({0, 2, -1}));
    EXPECT_THAT(shape(s), ElementsAre(-1, 2, 30));
    s->setSecondTranspose({{2, 0, 1}});
    EXPECT_THAT(shape(s), ElementsAre(30, -1, 2));
    s->setSecondTranspose({{2, 2, 1}});
    EXPECT_EQ(s->getOutput(0)->getDimensions().nbDims, -1);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("no permutation"));
}

TEST_F(NetworkTest, ShuffleToAShapeOfAnotherTensor) {
    ITensor &x = input("x", {-1, 12}), &like = input("like", {-1, 3, 4});
    auto* shapeLayer = network->addShape(like);
    EXPECT_EQ(shapeLayer->getOutput(0)->getType(), DataType::kINT64);
    EXPECT_THAT(shape(shapeLayer), ElementsAre(3));
    auto* s = network->addShuffle(x);
    s->setInput(1, *shapeLayer->getOutput(0));
    EXPECT_THAT(shape(s), ElementsAre(-1, 3, 4));
    EXPECT_EQ(s->getNbInputs(), 2);
    s->setReshapeDimensions(dims({0, 6, 2}));
    EXPECT_EQ(s->getNbInputs(), 1);
    EXPECT_THAT(shape(s), ElementsAre(-1, 6, 2));
}

TEST_F(NetworkTest, Slice) {
    ITensor& x = input("x", {4, 10, -1});
    auto* s = network->addSlice(input("y", {4, 10}), dims({1, 8}), dims({2, 4}), dims({1, -2}));
    EXPECT_THAT(shape(s), ElementsAre(2, 4));
    s->setStart(dims({1, 4}));
    EXPECT_EQ(s->getOutput(0)->getDimensions().nbDims, -1);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("reach out of it"));
    s->setMode(SampleMode::kWRAP);
    EXPECT_THAT(shape(s), ElementsAre(2, 4));
    auto* along = network->addSlice(x, dims({2}), dims({3}), dims({2}));
    along->setAxes(dims({1}));
    EXPECT_THAT(shape(along), ElementsAre(4, 3, -1));
}

TEST_F(NetworkTest, SliceOfComputedSize) {
    ITensor& x = input("x", {4, -1});
    // The second half of axis 1.
    ITensor& half = *network
                         ->addElementWise(*network->addShape(x)->getOutput(0), constant<int64_t>({2}, {1, 2}),
                                          ElementWiseOperation::kDIV)
                         ->getOutput(0);
    ITensor& start =
        *network->addElementWise(half, constant<int64_t>({2}, {0, 1}), ElementWiseOperation::kPROD)->getOutput(0);
    auto* s = network->addSlice(x, dims({0, 0}), dims({0, 0}), dims({1, 1}));
    s->setInput(1, start);
    s->setInput(2, half);
    EXPECT_THAT(shape(s), ElementsAre(4, -1));
    EXPECT_EQ(s->getStart().nbDims, -1);
}

TEST_F(NetworkTest, GatherScatterOneHot) {
    ITensor &x = input("x", {5, 6, 7}), &i = input("i", {2, 3}, DataType::kINT32),
            &nd = input("nd", {5, 4, 1}, DataType::kINT32);
    EXPECT_THAT(shape(network->addGather(x, i, 1)), ElementsAre(5, 2, 3, 7));
    auto* g = network->addGatherV2(x, nd, GatherMode::kND);
    EXPECT_THAT(shape(g), ElementsAre(5, 4, 6, 7));
    g->setNbElementWiseDims(1);
    EXPECT_THAT(shape(g), ElementsAre(5, 4, 7));
    ITensor &data = input("d", {4, 5}), &j = input("j", {2, 5}, DataType::kINT32), &u = input("u", {2, 5});
    EXPECT_THAT(shape(network->addGatherV2(data, j, GatherMode::kELEMENT)), ElementsAre(2, 5));
    EXPECT_THAT(shape(network->addScatter(data, j, u, ScatterMode::kELEMENT)), ElementsAre(4, 5));
    EXPECT_THAT(shape(network->addOneHot(i, constant<float>({2}, {0, 1}), constant<int32_t>({}, {9}), -1)),
                ElementsAre(2, 3, 9));
}

TEST_F(NetworkTest, ReduceTopKCumulative) {
    ITensor& x = input("x", {4, 5, 6});
    EXPECT_THAT(shape(network->addReduce(x, ReduceOperation::kAVG, 1u << 1, true)), ElementsAre(4, 1, 6));
    EXPECT_THAT(shape(network->addReduce(x, ReduceOperation::kMAX, 5, false)), ElementsAre(5));
    auto* top = network->addTopK(x, TopKOperation::kMAX, 3, 1u << 2, DataType::kINT64);
    EXPECT_THAT(shape(top, 0), ElementsAre(4, 5, 3));
    EXPECT_THAT(shape(top, 1), ElementsAre(4, 5, 3));
    EXPECT_EQ(top->getOutput(1)->getType(), DataType::kINT64);
    top->setIndicesType(DataType::kINT32);
    EXPECT_EQ(top->getOutput(1)->getType(), DataType::kINT32);
    EXPECT_FALSE(top->setIndicesType(DataType::kFLOAT));
    logger.takeErrors();
    EXPECT_EQ(network->addTopK(x, TopKOperation::kMAX, 3, 3, DataType::kINT64), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("exactly one axis"));
    EXPECT_THAT(shape(network->addCumulative(x, constant<int32_t>({}, {1}), CumulativeOperation::kSUM, false, true)),
                ElementsAre(4, 5, 6));
}

TEST_F(NetworkTest, ConcatenationPaddingSqueeze) {
    ITensor &a = input("a", {2, 3, 4}), &b = input("b", {5, 3, 4});
    ITensor* both[] = {&a, &b};
    auto* c = network->addConcatenation(both, 2);
    EXPECT_EQ(c->getAxis(), 0);
    EXPECT_THAT(shape(c), ElementsAre(7, 3, 4));
    EXPECT_THAT(shape(network->addPaddingNd(a, dims({1, -1}), dims({0, 2}))), ElementsAre(2, 4, 5));
    ITensor& axes = constant<int64_t>({2}, {0, -1});
    ITensor& wide = *network->addUnsqueeze(a, axes)->getOutput(0);
    EXPECT_THAT(shape(wide), ElementsAre(1, 2, 3, 4, 1));
    EXPECT_THAT(shape(network->addSqueeze(wide, axes)), ElementsAre(2, 3, 4));
}

TEST_F(NetworkTest, ScaleSelectCastNormalization) {
    ITensor& x = input("x", {2, 3, 4, 5});
    Weights three = pool.weights(std::vector<float>{1, 2, 3});
    auto* scale = network->addScale(x, ScaleMode::kCHANNEL, three, three, none());
    EXPECT_EQ(scale->getChannelAxis(), 1);
    EXPECT_THAT(shape(scale), ElementsAre(2, 3, 4, 5));
    scale->setChannelAxis(2);
    EXPECT_EQ(scale->getOutput(0)->getDimensions().nbDims, -1);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("hold 3 values"));
    ITensor& cond = *network->addElementWise(x, x, ElementWiseOperation::kGREATER)->getOutput(0);
    EXPECT_THAT(shape(network->addSelect(cond, x, x)), ElementsAre(2, 3, 4, 5));
    EXPECT_EQ(network->addCast(x, DataType::kHALF)->getOutput(0)->getType(), DataType::kHALF);
    ITensor &s = constant<float>({1, 3, 1, 1}, {1, 2, 3}), &last = constant<float>({1, 1, 1, 5}, {1, 2, 3, 4, 5});
    EXPECT_THAT(shape(network->addNormalizationV2(x, s, s, 0b1100)), ElementsAre(2, 3, 4, 5));
    EXPECT_THAT(shape(network->addNormalizationV2(x, last, last, 0b1000)), ElementsAre(2, 3, 4, 5));
}

TEST_F(NetworkTest, Resize) {
    ITensor& x = input("x", {1, 3, 4, 5});
    auto* r = network->addResize(x);
    EXPECT_EQ(r->getOutput(0)->getDimensions().nbDims, -1);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("neither output dimensions nor scales"));
    r->setOutputDimensions(dims({1, 3, 9, 9}));
    EXPECT_THAT(shape(r), ElementsAre(1, 3, 9, 9));
    float scales[] = {1, 1, 2, 1.5f}, back[4];
    r->setScales(scales, 4);
    EXPECT_EQ(r->getScales(4, back), 4);
    EXPECT_EQ(back[3], 1.5f);
    EXPECT_THAT(shape(r), ElementsAre(1, 3, 8, 7));
}

TEST_F(NetworkTest, FillOfComputedLength) {
    ITensor& x = input("x", {-1, 3});
    auto* f = network->addFill(dims({7}), FillOperation::kLINSPACE, DataType::kINT32);
    EXPECT_THAT(shape(f), ElementsAre(7));
    EXPECT_EQ(f->getOutput(0)->getType(), DataType::kINT32);
    auto* g = network->addFill(dims({}), FillOperation::kLINSPACE, DataType::kFLOAT);
    g->setInput(0, *network->addShape(x)->getOutput(0));
    g->setInput(1, constant<float>({}, {0}));
    g->setInput(2, constant<float>({2}, {3, 1}));
    EXPECT_THAT(shape(g), ElementsAre(-1, 3));
    EXPECT_EQ(g->getAlpha(), -1);
}

TEST_F(NetworkTest, OutputTypes) {
    ITensor& x = input("x", {2, 3});
    auto* relu = network->addActivation(x, ActivationType::kRELU);
    EXPECT_FALSE(relu->outputTypeIsSet(0));
    relu->setOutputType(0, DataType::kHALF);
    EXPECT_EQ(relu->getOutput(0)->getType(), DataType::kHALF);
    relu->resetOutputType(0);
    EXPECT_EQ(relu->getOutput(0)->getType(), DataType::kFLOAT);
    std::unique_ptr<INetworkDefinition> strong(
        builder->createNetworkV2(1u << static_cast<int>(NetworkDefinitionCreationFlag::kSTRONGLY_TYPED)));
    ITensor* y = strong->addInput("y", DataType::kFLOAT, dims({1}));
    auto* r = strong->addActivation(*y, ActivationType::kRELU);
    r->setPrecision(DataType::kHALF);
    EXPECT_FALSE(r->precisionIsSet());
    EXPECT_THAT(logger.takeErrors(), HasSubstr("strongly typed"));
}

TEST_F(NetworkTest, AddOp) {
    ITensor &a = input("a", {2, 3}), &b = input("b", {3, 4});
    ITensor* in[] = {&a, &b, nullptr};
    float alpha = 0.5f;
    PluginField fields[] = {{"alpha", &alpha, PluginFieldType::kFLOAT32, 1}};
    PluginFieldCollection fc{1, fields};
    ASSERT_TRUE(lathe::hasOp("gemm"));
    EXPECT_FALSE(lathe::hasOp("no_such_op"));
    ILayer* gemm = lathe::addOp(*network, "gemm", in, 3, 1, &fc);
    EXPECT_THAT(shape(gemm), ElementsAre(2, 4));
    EXPECT_EQ(gemm->getType(), LayerType::kPLUGIN);
    EXPECT_EQ(gemm->getInput(2), nullptr);

    EXPECT_EQ(lathe::addOp(*network, "no_such_op", in, 2), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("there is no op 'no_such_op'"));
    fields[0].name = "gamma";
    EXPECT_EQ(lathe::addOp(*network, "gemm", in, 2, 1, &fc), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("no attribute 'gamma'"));
    PluginField wrong[] = {{"alpha", "x", PluginFieldType::kCHAR, 1}};
    PluginFieldCollection wrongFields{1, wrong};
    EXPECT_EQ(lathe::addOp(*network, "gemm", in, 2, 1, &wrongFields), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("attribute 'alpha'"));
}

TEST_F(NetworkTest, AddOpKindsOfAttributes) {
    ITensor& x = input("x", {4, 6});
    ITensor* in[] = {&x};
    int64_t axes[] = {0};
    int32_t keep = 0;
    PluginField fields[] = {{"kind", "max", PluginFieldType::kCHAR, 3},
                            {"axes", axes, PluginFieldType::kINT64, 1},
                            {"keep_dims", &keep, PluginFieldType::kINT32, 1}};
    PluginFieldCollection fc{3, fields};
    EXPECT_THAT(shape(lathe::addOp(*network, "reduce", in, 1, 1, &fc)), ElementsAre(6));
    fields[2] = {"keep_dims", "true", PluginFieldType::kCHAR, 4};
    EXPECT_THAT(shape(lathe::addOp(*network, "reduce", in, 1, 1, &fc)), ElementsAre(1, 6));
    fields[0] = {"kind", "maximum", PluginFieldType::kCHAR, 7};
    EXPECT_EQ(lathe::addOp(*network, "reduce", in, 1, 1, &fc), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("'maximum' is none of sum, mean"));
    PluginField to[] = {{"to", "f16", PluginFieldType::kCHAR, 3}};
    PluginFieldCollection toFields{1, to};
    EXPECT_EQ(lathe::addOp(*network, "cast", in, 1, 1, &toFields)->getOutput(0)->getType(), DataType::kHALF);
}

TEST_F(NetworkTest, WhatIsNotThereSaysSo) {
    ITensor& x = input("x", {2, 3, 4});
    IAttention* attention = network->addAttention(x, x, x, AttentionNormalizationOp::kSOFTMAX, false);
    ASSERT_TRUE(attention) << logger.errors;
    EXPECT_TRUE(attention->setNbRanks(1));
    EXPECT_FALSE(attention->setNbRanks(2));
    EXPECT_THAT(logger.takeErrors(), HasSubstr("IAttention::setNbRanks: "));
}

}  // namespace
}  // namespace lathe_test
