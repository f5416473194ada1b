// SPDX-License-Identifier: Apache-2.0
// What networks, tensors and layers answer besides making tensors: each setter with its getter, defaults, and misuse.
#include "conformance_testing.h"

namespace lathe_test {
namespace {

using ::testing::ElementsAre;
using NetworkMethods = Conformance;

std::unique_ptr<INetworkDefinition> emptyNetwork(IBuilder& builder) {
    return std::unique_ptr<INetworkDefinition>(builder.createNetworkV2(0));
}

TEST_F(NetworkMethods, Network) {
    std::unique_ptr<INetworkDefinition> n(
        builder->createNetworkV2(1U << static_cast<int>(NetworkDefinitionCreationFlag::kSTRONGLY_TYPED)));
    EXPECT_TRUE(n->getFlag(NetworkDefinitionCreationFlag::kSTRONGLY_TYPED));
    EXPECT_NE(n->getFlags() & 1U << static_cast<int>(NetworkDefinitionCreationFlag::kSTRONGLY_TYPED), 0u);
    EXPECT_FALSE(emptyNetwork(*builder)->getFlag(NetworkDefinitionCreationFlag::kSTRONGLY_TYPED));
    EXPECT_FALSE(n->hasImplicitBatchDimension());
    EXPECT_EQ(&n->getBuilder(), builder.get());
    n->setName("net");
    EXPECT_STREQ(n->getName(), "net");
    n->setErrorRecorder(&recorder);
    EXPECT_EQ(n->getErrorRecorder(), &recorder);
    n->setErrorRecorder(nullptr);
    ITensor* x = n->addInput("x", DataType::kFLOAT, dims({2, 3}));
    ITensor* y = n->addIdentity(*x)->getOutput(0);
    n->markOutput(*y);
    EXPECT_EQ(n->getOutput(0), y);
    EXPECT_EQ(n->getOutput(1), nullptr);
    EXPECT_EQ(n->getNbOutputs(), 1);
    Weights w = Pool().weights(std::vector<float>{1, 2});
    Pool pool;
    w = pool.weights(std::vector<float>{1, 2});
    n->addConstant(dims({2}), w);
    EXPECT_TRUE(n->setWeightsName(w, "w"));
    EXPECT_TRUE(n->markWeightsRefittable("w"));
    EXPECT_TRUE(n->areWeightsMarkedRefittable("w"));
    EXPECT_TRUE(n->unmarkWeightsRefittable("w"));
    EXPECT_FALSE(n->areWeightsMarkedRefittable("w"));
}

TEST_F(NetworkMethods, OutputsForShapes) {
    auto n = emptyNetwork(*builder);
    ITensor* x = n->addInput("x", DataType::kFLOAT, dims({-1, 3}));
    ITensor* shape = n->addShape(*x)->getOutput(0);
    EXPECT_TRUE(n->markOutputForShapes(*shape));
    EXPECT_TRUE(shape->isShapeTensor());
    EXPECT_TRUE(n->unmarkOutputForShapes(*shape));
    EXPECT_FALSE(n->unmarkOutputForShapes(*shape));
    logger.takeErrors();
    recorder.clear();
}

TEST_F(NetworkMethods, Tensor) {
    auto n = emptyNetwork(*builder);
    ITensor* x = n->addInput("x", DataType::kFLOAT, dims({2, 3}));
    EXPECT_TRUE(x->isExecutionTensor());
    EXPECT_FALSE(x->isShapeTensor());
    EXPECT_EQ(x->getLocation(), TensorLocation::kDEVICE);
    EXPECT_EQ(x->getAllowedFormats() & ((1U << 13) - 1), (1U << 13) - 1);  // all that there are
    x->setAllowedFormats(1U << static_cast<int>(TensorFormat::kLINEAR));
    EXPECT_EQ(x->getAllowedFormats(), 1U);
    EXPECT_FALSE(x->dynamicRangeIsSet());
    EXPECT_TRUE(x->setDynamicRange(-4, 4));
    EXPECT_TRUE(x->dynamicRangeIsSet());
    EXPECT_EQ(x->getDynamicRangeMin(), -4);
    EXPECT_EQ(x->getDynamicRangeMax(), 4);
    x->resetDynamicRange();
    EXPECT_FALSE(x->dynamicRangeIsSet());
    EXPECT_TRUE(std::isnan(x->getDynamicRangeMin()));
    EXPECT_TRUE(std::isnan(x->getDynamicRangeMax()));
    EXPECT_FALSE(x->getBroadcastAcrossBatch());
    x->setBroadcastAcrossBatch(false);  // only means something with an implicit batch
    EXPECT_FALSE(x->getBroadcastAcrossBatch());
    x->setDimensions(dims({4, 3}));
    EXPECT_THAT(list(x->getDimensions()), ElementsAre(4, 3));
    x->setType(DataType::kHALF);
    EXPECT_EQ(x->getType(), DataType::kHALF);
    x->setLocation(TensorLocation::kDEVICE);
    EXPECT_EQ(x->getLocation(), TensorLocation::kDEVICE);
    x->setName("y");
    EXPECT_STREQ(x->getName(), "y");
}
REFUSES(NetworkMethods, TensorRangeTurned, "tensor 'in0': [1, -1] is no range",
        n.in(numbers({2})).setDynamicRange(1, -1))
REFUSES(NetworkMethods, TensorRangeNotANumber, "tensor 'in0': [nan, 1] is no range",
        n.in(numbers({2})).setDynamicRange(NAN, 1))
REFUSES(NetworkMethods, TensorNameNull, "the name is null", n.in(numbers({2})).setName(nullptr))
REFUSES(NetworkMethods, TensorDimensions, "the extent -3", n.in(numbers({2})).setDimensions(dims({-3})))
REFUSES(NetworkMethods, TensorDimensionsOfNoInput, "is not a network input; its dimensions follow from its layer",
        n->addIdentity(n.in(numbers({2})))->getOutput(0)->setDimensions(dims({3})))
REFUSES(NetworkMethods, TensorDimensionName, "dimension 1 of tensor 'in0', which has 1",
        n.in(numbers({2})).setDimensionName(1, "b"))
REFUSES(NetworkMethods, TensorType, "type 44 does not exist", n.in(numbers({2})).setType(static_cast<DataType>(44)))
REFUSES(NetworkMethods, TensorNoFormats, "can have none of the formats that it allows (0x0)",
        n.out(n->addIdentity(n.in(numbers({2}))));
        n->getInput(0)->setAllowedFormats(0))
REFUSES(NetworkMethods, InputType, "type 31 does not exist", n->addInput("x", static_cast<DataType>(31), dims({2})))
REFUSES(NetworkMethods, InputNameNull, "the name is empty", n->addInput(nullptr, DataType::kFLOAT, dims({2})))
REFUSES(NetworkMethods, InputTooLarge, "the shape [8589934592, 8589934592], with an extent beyond 2147483647",
        n.out(n->addIdentity(*n->addInput("x", DataType::kFLOAT, dims({int64_t{1} << 33, int64_t{1} << 33})))))
REFUSES(NetworkMethods, OutputOfAnotherNetwork, "tensor 'x' belongs to another network",
        auto other = emptyNetwork(n->getBuilder());
        n->markOutput(*other->addInput("x", DataType::kFLOAT, dims({2}))))
REFUSES(
    NetworkMethods, OutputNames, "", ITensor& x = n.in(numbers({2})); for (int i = 0; i < 2; ++i) {
        ITensor* y = n->addIdentity(x)->getOutput(0);
        y->setName("same");
        n->markOutput(*y);
    } n.outputs = 2)
REFUSES(NetworkMethods, NoOutputs, "the network has no outputs; mark them with markOutput", n.in(numbers({2})))
REFUSES(NetworkMethods, NetworkNameNull, "the name is null", n->setName(nullptr))

TEST_F(NetworkMethods, Layer) {
    auto n = emptyNetwork(*builder);
    ITensor* x = n->addInput("x", DataType::kFLOAT, dims({2, 3}));
    ILayer* l = n->addActivation(*x, ActivationType::kTANH);
    EXPECT_EQ(l->getNbInputs(), 1);
    EXPECT_EQ(l->getNbOutputs(), 1);
    EXPECT_EQ(l->getOutput(1), nullptr);
    EXPECT_FALSE(l->precisionIsSet());
    l->setPrecision(DataType::kHALF);
    EXPECT_TRUE(l->precisionIsSet());
    EXPECT_EQ(l->getPrecision(), DataType::kHALF);
    l->resetPrecision();
    EXPECT_FALSE(l->precisionIsSet());
    EXPECT_FALSE(l->outputTypeIsSet(0));
    l->setOutputType(0, DataType::kHALF);
    EXPECT_TRUE(l->outputTypeIsSet(0));
    EXPECT_EQ(l->getOutputType(0), DataType::kHALF);
    l->resetOutputType(0);
    EXPECT_FALSE(l->outputTypeIsSet(0));
    EXPECT_EQ(l->getOutputType(0), DataType::kFLOAT);
    EXPECT_EQ(l->getNbRanks(), 1);
    EXPECT_TRUE(l->setNbRanks(1));
    l->setMetadata("from here");
    EXPECT_STREQ(l->getMetadata(), "from here");
}
REFUSES(NetworkMethods, LayerRanks, "0 ranks", n->addIdentity(n.in(numbers({2})))->setNbRanks(0))
REFUSES(NetworkMethods, LayerNameNull, "the name is null", n->addIdentity(n.in(numbers({2})))->setName(nullptr))
REFUSES(NetworkMethods, LayerMetadataNull, "the text is null", n->addIdentity(n.in(numbers({2})))->setMetadata(nullptr))
REFUSES(NetworkMethods, LayerOutputTypeOfNoOutput, "there is no output 1",
        n->addIdentity(n.in(numbers({2})))->setOutputType(1, DataType::kHALF))
REFUSES(NetworkMethods, LayerPrecisionUnknown, "type 32 does not exist",
        n->addIdentity(n.in(numbers({2})))->setPrecision(static_cast<DataType>(32)))
REFUSES(NetworkMethods, LayerOutputTypeUnknown, "type 32 does not exist",
        n->addIdentity(n.in(numbers({2})))->setOutputType(0, static_cast<DataType>(32)))
REFUSES(NetworkMethods, LayerInputOfAnotherNetwork, "tensor 'x' belongs to another network",
        auto other = emptyNetwork(n->getBuilder());
        n->addIdentity(n.in(numbers({2})))->setInput(0, *other->addInput("x", DataType::kFLOAT, dims({2}))))
REFUSES(NetworkMethods, LayerCycle, "[Identity]' depends on its own output, and not by way of a recurrence",
        auto* a = n->addIdentity(n.in(numbers({2})));
        auto* b = n->addIdentity(*a->getOutput(0)); a->setInput(0, *b->getOutput(0)); n.out(b))

TEST_F(NetworkMethods, Convolution) {
    auto n = emptyNetwork(*builder);
    Pool pool;
    ITensor* x = n->addInput("x", DataType::kFLOAT, dims({1, 2, 8, 8}));
    auto* l = n->addConvolutionNd(*x, 4, DimsHW{3, 3}, pool.weights(std::vector<float>(72)), none());
    l->setNbOutputMaps(3);
    l->setKernelSizeNd(DimsHW{1, 1});
    l->setKernelWeights(pool.weights(std::vector<float>(6)));
    l->setBiasWeights(pool.weights(std::vector<float>(3)));
    EXPECT_EQ(l->getBiasWeights().count, 3);
    l->setStrideNd(DimsHW{2, 3});
    l->setPaddingNd(DimsHW{1, 0});
    l->setDilationNd(DimsHW{1, 2});
    EXPECT_THAT(list(l->getStrideNd()), ElementsAre(2, 3));
    EXPECT_THAT(list(l->getPaddingNd()), ElementsAre(1, 0));
    EXPECT_THAT(list(l->getDilationNd()), ElementsAre(1, 2));
    EXPECT_THAT(list(l->getOutput(0)->getDimensions()), ElementsAre(1, 3, 5, 3));
}

TEST_F(NetworkMethods, Deconvolution) {
    auto n = emptyNetwork(*builder);
    Pool pool;
    ITensor* x = n->addInput("x", DataType::kFLOAT, dims({1, 2, 8, 8}));
    auto* l = n->addDeconvolutionNd(*x, 4, DimsHW{3, 3}, pool.weights(std::vector<float>(72)), none());
    l->setNbOutputMaps(6);
    l->setKernelSizeNd(DimsHW{2, 2});
    EXPECT_THAT(list(l->getKernelSizeNd()), ElementsAre(2, 2));
    l->setKernelWeights(pool.weights(std::vector<float>(2 * 3 * 4)));
    l->setBiasWeights(pool.weights(std::vector<float>(6)));
    EXPECT_EQ(l->getBiasWeights().count, 6);
    l->setNbGroups(2);
    EXPECT_EQ(l->getNbGroups(), 2);
    l->setStrideNd(DimsHW{2, 2});
    EXPECT_THAT(list(l->getStrideNd()), ElementsAre(2, 2));
    l->setPaddingNd(DimsHW{1, 0});
    EXPECT_THAT(list(l->getPaddingNd()), ElementsAre(1, 0));
    l->setPrePadding(DimsHW{0, 1});
    l->setPostPadding(DimsHW{1, 0});
    EXPECT_THAT(list(l->getPrePadding()), ElementsAre(0, 1));
    EXPECT_THAT(list(l->getPostPadding()), ElementsAre(1, 0));
    l->setDilationNd(DimsHW{2, 1});
    EXPECT_THAT(list(l->getDilationNd()), ElementsAre(2, 1));
    EXPECT_THAT(list(l->getOutput(0)->getDimensions()), ElementsAre(1, 6, 16, 15));
    l->setPaddingMode(PaddingMode::kSAME_UPPER);
    EXPECT_EQ(l->getPaddingMode(), PaddingMode::kSAME_UPPER);
    EXPECT_THAT(list(l->getOutput(0)->getDimensions()), ElementsAre(1, 6, 16, 16));
}

TEST_F(NetworkMethods, PoolingAndResize) {
    auto n = emptyNetwork(*builder);
    ITensor* x = n->addInput("x", DataType::kFLOAT, dims({1, 2, 8, 8}));
    auto* p = n->addPoolingNd(*x, PoolingType::kAVERAGE, DimsHW{2, 2});
    p->setWindowSizeNd(DimsHW{3, 2});
    EXPECT_THAT(list(p->getWindowSizeNd()), ElementsAre(3, 2));
    p->setPrePadding(DimsHW{1, 0});
    p->setPostPadding(DimsHW{0, 1});
    EXPECT_THAT(list(p->getPrePadding()), ElementsAre(1, 0));
    EXPECT_THAT(list(p->getPostPadding()), ElementsAre(0, 1));
    EXPECT_THAT(list(p->getPaddingNd()), ElementsAre(1, 0));
    p->setStrideNd(DimsHW{2, 2});
    EXPECT_THAT(list(p->getStrideNd()), ElementsAre(2, 2));
    p->setPaddingMode(PaddingMode::kEXPLICIT_ROUND_UP);
    EXPECT_EQ(p->getPaddingMode(), PaddingMode::kEXPLICIT_ROUND_UP);
    EXPECT_THAT(list(p->getOutput(0)->getDimensions()), ElementsAre(1, 2, 4, 5));
    p->setBlendFactor(0.5f);
    EXPECT_EQ(p->getBlendFactor(), 0.5f);
    EXPECT_TRUE(p->getAverageCountExcludesPadding());
    auto* r = n->addResize(*x);
    r->setOutputDimensions(dims({1, 2, 4, 4}));
    EXPECT_THAT(list(r->getOutputDimensions()), ElementsAre(1, 2, 4, 4));
    EXPECT_EQ(r->getResizeMode(), InterpolationMode::kNEAREST);
    EXPECT_EQ(r->getCoordinateTransformation(), ResizeCoordinateTransformation::kASYMMETRIC);
    EXPECT_EQ(r->getSelectorForSinglePixel(), ResizeSelector::kFORMULA);
    EXPECT_EQ(r->getNearestRounding(), ResizeRoundMode::kFLOOR);
    r->setSelectorForSinglePixel(ResizeSelector::kUPPER);
    EXPECT_EQ(r->getSelectorForSinglePixel(), ResizeSelector::kUPPER);
    EXPECT_FALSE(r->getExcludeOutside());
    r->setExcludeOutside(true);
    EXPECT_TRUE(r->getExcludeOutside());
    auto* norm = n->addNormalization(*x, *x, *x, 4);
    norm->setComputePrecision(DataType::kHALF);
    EXPECT_EQ(norm->getComputePrecision(), DataType::kHALF);
}

TEST_F(NetworkMethods, Attention) {
    auto n = emptyNetwork(*builder);
    ITensor* x = n->addInput("x", DataType::kFLOAT, dims({1, 2, 4, 8}));
    auto* a = n->addAttention(*x, *x, *x, AttentionNormalizationOp::kSOFTMAX, false);
    EXPECT_TRUE(a->setMetadata("block 1"));
    EXPECT_STREQ(a->getMetadata(), "block 1");
    EXPECT_EQ(a->getNbRanks(), 1);
    EXPECT_TRUE(a->setNbRanks(1));
    EXPECT_EQ(a->getNormalizationQuantizeScale(), nullptr);
    Pool pool;
    ITensor* scale = n->addConstant(dims({}), pool.weights(std::vector<float>{0.5f}))->getOutput(0);
    EXPECT_TRUE(a->setNormalizationQuantizeScale(*scale));
    EXPECT_EQ(a->getNormalizationQuantizeScale(), scale);
    EXPECT_TRUE(a->setNormalizationQuantizeToType(DataType::kFP8));
    EXPECT_EQ(a->getNormalizationQuantizeToType(), DataType::kFP8);
    // The layers that stand for it in the list of layers.
    int found = 0;
    for (int i = 0; i < n->getNbLayers(); ++i) {
        ILayer* l = n->getLayer(i);
        if (l->getType() != LayerType::kATTENTION_INPUT && l->getType() != LayerType::kATTENTION_OUTPUT) continue;
        EXPECT_EQ(static_cast<IAttentionBoundaryLayer*>(l)->getAttention(), a);
        ++found;
    }
    EXPECT_EQ(found, 2);
}

}  // namespace
}  // namespace lathe_test
