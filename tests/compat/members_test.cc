// SPDX-License-Identifier: Apache-2.0
// Every member that version 10 no longer has, by class: members.txt lists them, and tests/python/test_compat_members.py
// checks that each is used here or in the files beside this one.
#include "compat_testing.h"

#include <cstdlib>
#include <map>

#include "NvOnnxConfig.h"

namespace compat_testing {
namespace {

struct Image : Network {
    explicit Image(bool implicit = true) : Network(implicit) {
        x = network->addInput("x", DataType::kFLOAT, implicit ? dims({2, 8, 8}) : dims({1, 2, 8, 8}));
    }
    ITensor* x;
    std::vector<float> kernel = numbers(4 * 2 * 9), bias = numbers(4);
};

bool same(const DimsHW& a, int32_t h, int32_t w) { return a.h() == h && a.w() == w; }

TEST(Dims, HeightWidthAndTypes) {
    DimsHW hw(3, 4);
    hw.h() = 5;
    hw.w() = 6;
    EXPECT_TRUE(same(hw, 5, 6));
    EXPECT_EQ(hw.nbDims, 2);
    EXPECT_EQ(Dims4(1, 2, 3, 4).d[3], 4);
    EXPECT_EQ(Dims3(1, 2, 3).nbDims, 3);
    EXPECT_EQ(Dims2(7, 8).d[1], 8);
#if LATHE_TRT < 8
    DimsCHW chw(1, 2, 3);
    EXPECT_EQ(chw.c() * 100 + chw.h() * 10 + chw.w(), 123);
    chw.c() = 4, chw.h() = 5, chw.w() = 6;
    EXPECT_EQ(list(chw), std::vector<int32_t>({4, 5, 6}));
    EXPECT_EQ(chw.type[0], DimensionType::kCHANNEL);
    EXPECT_EQ(chw.type[1], DimensionType::kSPATIAL);
    DimsNCHW nchw(1, 2, 3, 4);
    EXPECT_EQ(nchw.n() * 1000 + nchw.c() * 100 + nchw.h() * 10 + nchw.w(), 1234);
    nchw.n() = 9, nchw.c() = 8, nchw.h() = 7, nchw.w() = 6;
    EXPECT_EQ(list(nchw), std::vector<int32_t>({9, 8, 7, 6}));
    EXPECT_EQ(nchw.type[0], DimensionType::kINDEX);
#else
    Dims32 plain{};
    plain.nbDims = 1;
    EXPECT_EQ(sizeof(plain), 36u);
#endif
}

TEST(Convolution, HeightWidth) {
    Image net;
    IConvolutionLayer* c = net.network->addConvolution(*net.x, 4, DimsHW(3, 3), weights(net.kernel), weights(net.bias));
    ASSERT_TRUE(c);
    EXPECT_TRUE(same(c->getKernelSize(), 3, 3));
    c->setStride(DimsHW(2, 1));
    EXPECT_TRUE(same(c->getStride(), 2, 1));
    c->setPadding(DimsHW(1, 2));
    EXPECT_TRUE(same(c->getPadding(), 1, 2));
    c->setDilation(DimsHW(1, 2));
    EXPECT_TRUE(same(c->getDilation(), 1, 2));
    EXPECT_EQ(list(c->getOutput(0)->getDimensions()), std::vector<int32_t>({4, 4, 8}));
    c->setKernelSize(DimsHW(1, 9));
    EXPECT_TRUE(same(c->getKernelSize(), 1, 9));
    EXPECT_EQ(c->getType(), LayerType::kCONVOLUTION);
    ITensor* other = net.network->addInput("z", DataType::kFLOAT, dims({2, 8, 8}));
    c->setInput(0, *other);
    EXPECT_EQ(c->getInput(0), other);
}

TEST(Deconvolution, HeightWidth) {
    Image net;
    auto* d = net.network->addDeconvolution(*net.x, 4, DimsHW(3, 3), weights(net.kernel), weights(net.bias));
    ASSERT_TRUE(d);
    d->setStride(DimsHW(2, 2));
    EXPECT_TRUE(same(d->getStride(), 2, 2));
    d->setPadding(DimsHW(1, 0));
    EXPECT_TRUE(same(d->getPadding(), 1, 0));
    EXPECT_TRUE(same(d->getKernelSize(), 3, 3));
    EXPECT_EQ(list(d->getOutput(0)->getDimensions()), std::vector<int32_t>({4, 15, 17}));
    d->setKernelSize(DimsHW(1, 9));
    EXPECT_TRUE(same(d->getKernelSize(), 1, 9));
}

TEST(Pooling, HeightWidth) {
    Image net;
    auto* p = net.network->addPooling(*net.x, PoolingType::kAVERAGE, DimsHW(2, 4));
    ASSERT_TRUE(p);
    EXPECT_TRUE(same(p->getWindowSize(), 2, 4));
    p->setStride(DimsHW(2, 2));
    EXPECT_TRUE(same(p->getStride(), 2, 2));
    p->setPadding(DimsHW(0, 1));
    EXPECT_TRUE(same(p->getPadding(), 0, 1));
    EXPECT_EQ(list(p->getOutput(0)->getDimensions()), std::vector<int32_t>({2, 4, 4}));
    p->setWindowSize(DimsHW(4, 4));
    EXPECT_TRUE(same(p->getWindowSize(), 4, 4));
}

TEST(Padding, HeightWidth) {
    Image net;
    auto* p = net.network->addPadding(*net.x, DimsHW(1, 2), DimsHW(0, -3));
    ASSERT_TRUE(p);
    EXPECT_TRUE(same(p->getPrePadding(), 1, 2));
    EXPECT_TRUE(same(p->getPostPadding(), 0, -3));
    EXPECT_EQ(list(p->getOutput(0)->getDimensions()), std::vector<int32_t>({2, 9, 7}));
    p->setPrePadding(DimsHW(0, 0));
    p->setPostPadding(DimsHW(2, 2));
    EXPECT_EQ(list(p->getOutput(0)->getDimensions()), std::vector<int32_t>({2, 10, 10}));
    net.network->markOutput(*p->getOutput(0));
    auto engine = net.build();
    ASSERT_TRUE(engine);
    auto in = numbers(128);
    auto out = run(*engine, in, 200);
    EXPECT_EQ(out[12], in[10]);
    EXPECT_EQ(out[99], 0.f);
}

TEST(FullyConnected, AllMembers) {
    for (bool implicit : {true, false}) {
        Network net(implicit);
        ITensor* x = net.network->addInput("x", DataType::kFLOAT, implicit ? dims({2, 3, 4}) : dims({1, 2, 3, 4}));
        std::vector<float> matrix = numbers(5 * 24), offset = numbers(5, 3), other = numbers(5 * 24, 9);
        IFullyConnectedLayer* f = net.network->addFullyConnected(*x, 5, weights(other), {});
        ASSERT_TRUE(f);
        f->setKernelWeights(weights(matrix));
        f->setBiasWeights(weights(offset));
        f->setNbOutputChannels(5);
        EXPECT_EQ(f->getNbOutputChannels(), 5);
        EXPECT_EQ(f->getKernelWeights().values, matrix.data());
        EXPECT_EQ(f->getBiasWeights().count, 5);
        EXPECT_EQ(f->getType(), LayerType::kFULLY_CONNECTED);
        EXPECT_EQ(f->getNbInputs(), 1);
        f->setInput(0, *x);
        EXPECT_EQ(f->getInput(0), x);
        EXPECT_EQ(list(f->getOutput(0)->getDimensions()),
                  implicit ? std::vector<int32_t>({5, 1, 1}) : std::vector<int32_t>({1, 5, 1, 1}));
        net.network->markOutput(*f->getOutput(0));
        auto engine = net.build();
        ASSERT_TRUE(engine) << net.logger.errors.back();
        auto in = numbers(24, 4);
        std::vector<float> want(offset);
        for (std::size_t o = 0; o < 5; ++o)
            for (std::size_t i = 0; i < 24; ++i) want[o] += matrix[o * 24 + i] * in[i];
        expectNear(run(*engine, in, 5, 1, implicit), want, 1e-5f);
    }
}

TEST(FullyConnected, OtherRanks) {
    Network net;
    ITensor* x = net.network->addInput("x", DataType::kFLOAT, dims({3, 2, 1, 4}));
    std::vector<float> matrix = numbers(5 * 8), offset = numbers(5, 3);
    auto* f = net.network->addFullyConnected(*x, 5, weights(matrix), weights(offset));
    ASSERT_TRUE(f);
    EXPECT_EQ(list(f->getOutput(0)->getDimensions()), std::vector<int32_t>({3, 5, 1, 1}));
    net.network->markOutput(*f->getOutput(0));
    net.builder->setMaxBatchSize(2);
    auto engine = net.build();
    ASSERT_TRUE(engine) << net.logger.errors.back();
    auto in = numbers(48, 4);
    std::vector<float> want;
    for (std::size_t n = 0; n < 6; ++n)
        for (std::size_t o = 0; o < 5; ++o) {
            want.push_back(offset[o]);
            for (std::size_t i = 0; i < 8; ++i) want.back() += matrix[o * 8 + i] * in[n * 8 + i];
        }
    expectNear(run(*engine, in, 30, 2), want, 1e-5f);
    ITensor* flat = net.network->addInput("flat", DataType::kFLOAT, dims({4}));
    EXPECT_FALSE(net.network->addFullyConnected(*flat, 5, weights(matrix), {}));
    EXPECT_TRUE(net.logger.saw("at least 3"));
}

TEST(Resize, AlignCorners) {
    Image net;
    IResizeLayer* r = net.network->addResize(*net.x);
    r->setResizeMode(ResizeMode::kLINEAR);
    r->setAlignCorners(true);
    EXPECT_TRUE(r->getAlignCorners());
    float scales[] = {1, 2, 2};
    r->setScales(scales, 3);
    float back[3] = {};
    EXPECT_EQ(r->getScales(3, back), 3);
    EXPECT_EQ(back[2], 2.f);
    EXPECT_EQ(list(r->getOutput(0)->getDimensions()), std::vector<int32_t>({2, 16, 16}));
    r->setInput(0, *net.x);
    net.network->markOutput(*r->getOutput(0));
    auto engine = net.build();
    ASSERT_TRUE(engine);
    auto in = numbers(128);
    auto out = run(*engine, in, 512);
    EXPECT_EQ(out[0], in[0]);
    EXPECT_EQ(out[255], in[63]);
    EXPECT_NEAR(out[1], in[0] + (in[1] - in[0]) * 7 / 15, 1e-6);
}

TEST(Shuffle, Input) {
    Image net(false);
    auto* s = net.network->addShuffle(*net.x);
    auto* shape = net.network->addShape(*net.x);
    s->setInput(1, *shape->getOutput(0));
    EXPECT_EQ(s->getNbInputs(), 2);
    EXPECT_EQ(shape->getOutput(0)->getType(), DataType::kINT32);
    EXPECT_EQ(list(s->getOutput(0)->getDimensions()), std::vector<int32_t>({1, 2, 8, 8}));
}

TEST(Slice, Input) {
    Image net(false);
    auto* s = net.network->addSlice(*net.x, dims({0, 0, 0, 0}), dims({1, 1, 4, 4}), dims({1, 1, 2, 2}));
    std::vector<int32_t> start{0, 1, 1, 0};
    auto* from = net.network->addConstant(dims({4}), Weights{DataType::kINT32, start.data(), 4});
    s->setInput(1, *from->getOutput(0));
    net.network->markOutput(*s->getOutput(0));
    auto engine = net.build();
    ASSERT_TRUE(engine) << net.logger.errors.back();
    auto in = numbers(128);
    auto out = run(*engine, in, 16, 1, false);
    EXPECT_EQ(out[0], in[64 + 8]);
    EXPECT_EQ(out[5], in[64 + 3 * 8 + 2]);
}

TEST(NetworkDefinition, OldMembers) {
    Logger logger;
    Owned<IBuilder> builder(createInferBuilder(logger));
    INetworkDefinition* network =
        builder->createNetworkV2(1u << static_cast<uint32_t>(NetworkDefinitionCreationFlag::kEXPLICIT_PRECISION));
    ASSERT_TRUE(network);
    EXPECT_TRUE(network->hasExplicitPrecision());
    EXPECT_TRUE(network->hasImplicitBatchDimension());
    network->destroy();
    Owned<INetworkDefinition> plain(builder->createNetworkV2(explicitBatch()));
    EXPECT_FALSE(plain->hasExplicitPrecision());
    EXPECT_FALSE(plain->hasImplicitBatchDimension());
    EXPECT_FALSE(builder->createNetworkV2(4));
}

#if LATHE_TRT < 8
TEST(Tensor, DynamicRange) {
    Image net;
    EXPECT_EQ(net.x->getDynamicRange(), -1.f);
    EXPECT_TRUE(net.x->setDynamicRange(-3, 2));
    EXPECT_EQ(net.x->getDynamicRange(), 3.f);
    net.x->resetDynamicRange();
    EXPECT_FALSE(net.x->dynamicRangeIsSet());
}

TEST(MatrixMultiply, Transpose) {
    Network net;
    ITensor* a = net.network->addInput("a", DataType::kFLOAT, dims({3, 2}));
    std::vector<float> table = numbers(12);
    auto* b = net.network->addConstant(dims({4, 3}), weights(table));
    IMatrixMultiplyLayer* m = net.network->addMatrixMultiply(*a, true, *b->getOutput(0), false);
    EXPECT_TRUE(m->getTranspose(0));
    EXPECT_FALSE(m->getTranspose(1));
    m->setTranspose(1, true);
    EXPECT_EQ(m->getOperation(1), MatrixOperation::kTRANSPOSE);
    EXPECT_EQ(list(m->getOutput(0)->getDimensions()), std::vector<int32_t>({2, 4}));
}

// Rounds up, as Caffe does.
class RoundUp : public IOutputDimensionsFormula {
  public:
    DimsHW compute(DimsHW in, DimsHW kernel, DimsHW stride, DimsHW padding, DimsHW, const char*) const override {
        auto one = [&](int i) {
            return (in.d[i] + 2 * padding.d[i] - kernel.d[i] + stride.d[i] - 1) / stride.d[i] + 1;
        };
        return DimsHW(one(0), one(1));
    }
};

TEST(OutputDimensionsFormula, Pooling) {
    Network net;
    ITensor* x = net.network->addInput("x", DataType::kFLOAT, dims({1, 5, 5}));
    RoundUp up;
    EXPECT_TRUE(same(net.network->getPoolingOutputDimensionsFormula().compute(DimsHW(5, 5), DimsHW(2, 2), DimsHW(2, 2),
                                                                              DimsHW(0, 0), DimsHW(1, 1), "p"),
                     2, 2));
    net.network->setPoolingOutputDimensionsFormula(&up);
    EXPECT_EQ(&net.network->getPoolingOutputDimensionsFormula(), &up);
    auto* pool = net.network->addPooling(*x, PoolingType::kMAX, DimsHW(2, 2));
    pool->setStride(DimsHW(2, 2));
    EXPECT_EQ(list(pool->getOutput(0)->getDimensions()), std::vector<int32_t>({1, 3, 3}));
    net.network->markOutput(*pool->getOutput(0));
    auto engine = net.build();
    ASSERT_TRUE(engine) << net.logger.errors.back();
    std::vector<float> in(25);
    for (int i = 0; i < 25; ++i) in[static_cast<std::size_t>(i)] = static_cast<float>(i);
    EXPECT_EQ(run(*engine, in, 9), std::vector<float>({6, 8, 9, 16, 18, 19, 21, 23, 24}));
}

TEST(OutputDimensionsFormula, ConvolutionAndDeconvolution) {
    Image net;
    RoundUp up;
    auto& plain = net.network->getConvolutionOutputDimensionsFormula();
    EXPECT_TRUE(same(plain.compute(DimsHW(8, 8), DimsHW(3, 3), DimsHW(2, 2), DimsHW(0, 0), DimsHW(1, 1), ""), 3, 3));
    net.network->setConvolutionOutputDimensionsFormula(&up);
    auto* c = net.network->addConvolution(*net.x, 4, DimsHW(3, 3), weights(net.kernel), weights(net.bias));
    c->setStride(DimsHW(2, 2));
    EXPECT_EQ(list(c->getOutput(0)->getDimensions()), std::vector<int32_t>({4, 4, 4}));
    auto& inverse = net.network->getDeconvolutionOutputDimensionsFormula();
    EXPECT_TRUE(same(inverse.compute(DimsHW(4, 4), DimsHW(3, 3), DimsHW(2, 2), DimsHW(0, 0), DimsHW(1, 1), ""), 9, 9));
    net.network->setDeconvolutionOutputDimensionsFormula(&up);
    std::vector<float> other = numbers(4 * 2 * 9);
    auto* d = net.network->addDeconvolution(*c->getOutput(0), 2, DimsHW(3, 3), weights(other), {});
    net.network->markOutput(*d->getOutput(0));
    EXPECT_FALSE(net.build());
    EXPECT_TRUE(net.logger.saw("the formula gives"));
    net.network->setDeconvolutionOutputDimensionsFormula(nullptr);
    EXPECT_TRUE(net.build());
}

TEST(Builder, BuildsByItsOwnModes) {
    Logger logger;
    IBuilder* builder = createInferBuilder(logger);
    INetworkDefinition* network = builder->createNetwork();
    EXPECT_TRUE(network->hasImplicitBatchDimension());
    builder->setMaxBatchSize(3);
    builder->setMaxWorkspaceSize(1 << 20);
    EXPECT_EQ(builder->getMaxWorkspaceSize(), std::size_t{1} << 20);
    builder->setFp16Mode(true);
    EXPECT_TRUE(builder->getFp16Mode());
    builder->setHalf2Mode(false);
    EXPECT_FALSE(builder->getHalf2Mode());
    EXPECT_FALSE(builder->getFp16Mode());
    builder->setInt8Mode(true);
    EXPECT_TRUE(builder->getInt8Mode());
    builder->setInt8Mode(false);
    builder->setInt8Calibrator(nullptr);
    builder->setDebugSync(true);
    EXPECT_TRUE(builder->getDebugSync());
    builder->setDebugSync(false);
    builder->setMinFindIterations(2);
    EXPECT_EQ(builder->getMinFindIterations(), 2);
    builder->setAverageFindIterations(4);
    EXPECT_EQ(builder->getAverageFindIterations(), 4);
    builder->setAverageFindIterations(1);
    builder->setStrictTypeConstraints(true);
    EXPECT_TRUE(builder->getStrictTypeConstraints());
    builder->setStrictTypeConstraints(false);
    builder->setRefittable(true);
    EXPECT_TRUE(builder->getRefittable());
    builder->setRefittable(false);
    builder->setEngineCapability(EngineCapability::kSAFE_GPU);
    EXPECT_EQ(builder->getEngineCapability(), EngineCapability::kSAFE_GPU);
    builder->setEngineCapability(EngineCapability::kDEFAULT);
    builder->setDLACore(1);
    EXPECT_EQ(builder->getDLACore(), 1);
    builder->setDefaultDeviceType(DeviceType::kDLA);
    EXPECT_EQ(builder->getDefaultDeviceType(), DeviceType::kDLA);
    builder->setDefaultDeviceType(DeviceType::kGPU);
    builder->allowGPUFallback(true);

    ITensor* x = network->addInput("x", DataType::kFLOAT, DimsCHW(1, 2, 2));
    ILayer* layer = network->addActivation(*x, ActivationType::kRELU);
    EXPECT_FALSE(builder->canRunOnDLA(layer));
    EXPECT_FALSE(builder->isDeviceTypeSet(layer));
    builder->setDeviceType(layer, DeviceType::kDLA);
    EXPECT_TRUE(builder->isDeviceTypeSet(layer));
    EXPECT_EQ(builder->getDeviceType(layer), DeviceType::kDLA);
    builder->resetDeviceType(layer);
    EXPECT_FALSE(builder->isDeviceTypeSet(layer));
    network->markOutput(*layer->getOutput(0));
    ICudaEngine* engine = builder->buildCudaEngine(*network);
    ASSERT_TRUE(engine);
    EXPECT_GE(engine->getWorkspaceSize(), 0u);
    EXPECT_EQ(run(*engine, {-1, 2, -3, 4}, 4), std::vector<float>({0, 2, 0, 4}));
    builder->reset(*network);
    EXPECT_EQ(builder->getMaxBatchSize(), 1);
    network->destroy();
    builder->destroy();
    engine->destroy();
}
#endif

TEST(Config, OldMembers) {
    Logger logger;
    Owned<IBuilder> builder(createInferBuilder(logger));
    IBuilderConfig* config = builder->createBuilderConfig();
    config->setMaxWorkspaceSize(12345678);
    EXPECT_EQ(config->getMaxWorkspaceSize(), 12345678u);
    config->setMinTimingIterations(3);
    EXPECT_EQ(config->getMinTimingIterations(), 3);
    config->setFlag(BuilderFlag::kSTRICT_TYPES);
    config->setFlag(BuilderFlag::kREFIT);
    EXPECT_TRUE(config->getFlag(BuilderFlag::kSTRICT_TYPES));
    EXPECT_EQ(config->getFlags() & 0x3f, (1u << 4) | (1u << 5));
    config->clearFlag(BuilderFlag::kREFIT);
    EXPECT_FALSE(config->getFlag(BuilderFlag::kREFIT));
    EXPECT_TRUE(config->getFlag(BuilderFlag::kSTRICT_TYPES));
    config->reset();
    EXPECT_FALSE(config->getFlag(BuilderFlag::kSTRICT_TYPES));
    config->destroy();
}

// An explicit batch of which the profile leaves some open, and a shape input that sizes a reshape.
struct Dynamic : Network {
    Dynamic() : Network(false) {
        ITensor* x = network->addInput("x", DataType::kFLOAT, dims({-1, 6}));
        ITensor* s = network->addInput("s", DataType::kINT32, dims({2}));
        auto* abs = network->addUnary(*x, UnaryOperation::kABS);
        auto* shuffle = network->addShuffle(*abs->getOutput(0));
        shuffle->setInput(1, *s);
        auto* neg = network->addUnary(*shuffle->getOutput(0), UnaryOperation::kNEG);
        neg->getOutput(0)->setName("y");
        network->markOutput(*neg->getOutput(0));
        for (int32_t largest : {4, 8}) {
            IOptimizationProfile* p = builder->createOptimizationProfile();
            EXPECT_TRUE(p->setDimensions("x", OptProfileSelector::kMIN, dims({1, 6})));
            EXPECT_TRUE(p->setDimensions("x", OptProfileSelector::kOPT, dims({2, 6})));
            EXPECT_TRUE(p->setDimensions("x", OptProfileSelector::kMAX, dims({largest, 6})));
            int32_t low[] = {1, 1}, high[] = {48, 48};
            EXPECT_TRUE(p->setShapeValues("s", OptProfileSelector::kMIN, low, 2));
            EXPECT_TRUE(p->setShapeValues("s", OptProfileSelector::kOPT, low, 2));
            EXPECT_TRUE(p->setShapeValues("s", OptProfileSelector::kMAX, high, 2));
            EXPECT_EQ(p->getNbShapeValues("s"), 2);
            EXPECT_EQ(p->getShapeValues("s", OptProfileSelector::kMAX)[1], 48);
            EXPECT_EQ(config->addOptimizationProfile(p), largest == 4 ? 0 : 1);
        }
    }
};

TEST(Engine, Bindings) {
    Dynamic net;
    auto e = net.build();
    ASSERT_TRUE(e) << net.logger.errors.back();
    EXPECT_EQ(e->getNbOptimizationProfiles(), 2);
    ASSERT_EQ(e->getNbBindings(), 6);
    int32_t x = e->getBindingIndex("x"), s = e->getBindingIndex("s"), y = e->getBindingIndex("y");
    EXPECT_EQ(x + s + y, 3);
    EXPECT_EQ(e->getBindingIndex("nothing"), -1);
    EXPECT_STREQ(e->getBindingName(x), "x");
    EXPECT_STREQ(e->getBindingName(x + 3), "x [profile 1]");
    EXPECT_EQ(e->getBindingIndex("x [profile 1]"), x + 3);
    EXPECT_EQ(e->getBindingName(6), nullptr);
    EXPECT_TRUE(e->bindingIsInput(x) && e->bindingIsInput(s + 3));
    EXPECT_FALSE(e->bindingIsInput(y));
    EXPECT_EQ(list(e->getBindingDimensions(x)), std::vector<int32_t>({-1, 6}));
    EXPECT_EQ(list(e->getBindingDimensions(99)), std::vector<int32_t>({-1}));
    EXPECT_EQ(e->getBindingDataType(x), DataType::kFLOAT);
    EXPECT_EQ(e->getBindingDataType(s), DataType::kINT32);
    EXPECT_EQ(e->getBindingFormat(x), TensorFormat::kLINEAR);
    EXPECT_TRUE(e->getBindingFormatDesc(x));
    EXPECT_EQ(e->getBindingVectorizedDim(x), -1);
    EXPECT_LE(e->getBindingComponentsPerElement(x), 1);
    EXPECT_LE(e->getBindingBytesPerComponent(x), 4);
    EXPECT_EQ(e->getLocation(x), TensorLocation::kDEVICE);
    EXPECT_EQ(e->getMaxBatchSize(), 1);
    EXPECT_EQ(e->getProfileDimensions(x, 0, OptProfileSelector::kMAX).d[0], 4);
    EXPECT_EQ(e->getProfileDimensions(x + 3, 1, OptProfileSelector::kMAX).d[0], 8);
    EXPECT_EQ(e->getProfileShapeValues(1, s, OptProfileSelector::kMAX)[0], 48);
    EXPECT_TRUE(e->isShapeBinding(s));
    EXPECT_FALSE(e->isShapeBinding(x));
    EXPECT_TRUE(e->isExecutionBinding(x));
    EXPECT_FALSE(e->isExecutionBinding(s));
}

// Extents that a profile fixes need not be set.
TEST(Engine, FixedExtents) {
    Network net(false);
    ITensor* x = net.network->addInput("x", DataType::kFLOAT, dims({-1, 3}));
    ITensor* parts[] = {x, x};
    net.network->markOutput(*net.network->addConcatenation(parts, 2)->getOutput(0));
    IOptimizationProfile* p = net.builder->createOptimizationProfile();
    for (auto s : {OptProfileSelector::kMIN, OptProfileSelector::kOPT, OptProfileSelector::kMAX})
        p->setDimensions("x", s, dims({2, 3}));
    net.config->addOptimizationProfile(p);
    auto engine = net.build();
    ASSERT_TRUE(engine) << net.logger.errors.back();
    EXPECT_EQ(list(engine->getBindingDimensions(0)), std::vector<int32_t>({2, 3}));
    EXPECT_EQ(list(engine->getBindingDimensions(1)), std::vector<int32_t>({4, 3}));
    EXPECT_EQ(run(*engine, {1, 2, 3, 4, 5, 6}, 12, 1, false), std::vector<float>({1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6}));
}

TEST(Context, Bindings) {
    Dynamic net;
    auto e = net.build();
    ASSERT_TRUE(e) << net.logger.errors.back();
    int32_t x = e->getBindingIndex("x"), s = e->getBindingIndex("s"), y = e->getBindingIndex("y");
    for (int32_t profile : {0, 1}) {
        IExecutionContext* c = e->createExecutionContext();
        ASSERT_TRUE(c->setOptimizationProfile(profile));
        EXPECT_EQ(c->getOptimizationProfile(), profile);
        int32_t base = 3 * profile, rows = profile ? 8 : 4;
        EXPECT_FALSE(c->setBindingDimensions(x + 3 - base, dims({1, 6})));
        EXPECT_FALSE(c->setBindingDimensions(x + base, dims({rows + 1, 6})));
        EXPECT_FALSE(c->allInputDimensionsSpecified());
        ASSERT_TRUE(c->setBindingDimensions(x + base, dims({rows, 6})));
        EXPECT_TRUE(c->allInputDimensionsSpecified());
        EXPECT_FALSE(c->allInputShapesSpecified());
        int32_t shape[] = {3, rows * 2}, back[2] = {};
        EXPECT_FALSE(c->setInputShapeBinding(x + base, shape));
        ASSERT_TRUE(c->setInputShapeBinding(s + base, shape));
        EXPECT_TRUE(c->allInputShapesSpecified());
        EXPECT_TRUE(c->getShapeBinding(s + base, back));
        EXPECT_EQ(back[1], rows * 2);
        EXPECT_EQ(list(c->getBindingDimensions(y + base)), std::vector<int32_t>({3, rows * 2}));
        EXPECT_EQ(c->getStrides(x + base).d[0], 6);
        std::vector<float> in = numbers(static_cast<std::size_t>(rows) * 6), out(in.size());
        std::vector<void*> bindings(6, nullptr);
        bindings[static_cast<std::size_t>(x + base)] = in.data();
        bindings[static_cast<std::size_t>(y + base)] = out.data();
        cudaStream_t stream;
        cudaStreamCreate(&stream);
        ASSERT_TRUE(c->enqueueV2(bindings.data(), stream, nullptr)) << net.logger.errors.back();
        cudaStreamSynchronize(stream);
        cudaStreamDestroy(stream);
        for (std::size_t i = 0; i < in.size(); ++i) EXPECT_EQ(out[i], -std::fabs(in[i]));
        std::fill(out.begin(), out.end(), 0.f);
        ASSERT_TRUE(c->executeV2(bindings.data()));
        EXPECT_EQ(out[5], -std::fabs(in[5]));
        c->destroy();
    }
}

TEST(Objects, Destroy) {
    Image net;
    net.network->markOutput(*net.network->addIdentity(*net.x)->getOutput(0));
    auto engine = net.build();
    ASSERT_TRUE(engine);
    IHostMemory* plan = engine->serialize();
    EXPECT_GT(plan->size(), 0u);
    IRuntime* runtime = createInferRuntime(net.logger);
    ICudaEngine* again = runtime->deserializeCudaEngine(plan->data(), plan->size());
    ASSERT_TRUE(again);
    plan->destroy();
    again->destroy();
    runtime->destroy();
    nvonnxparser::IOnnxConfig* settings = nvonnxparser::createONNXConfig();
    settings->setModelFileName("model.onnx");
    EXPECT_STREQ(settings->getModelFileName(), "model.onnx");
    settings->destroy();
}

TEST(Refitter, PutsOtherWeightsIn) {
    auto make = [](Image& net, const std::vector<float>& kernel) {
        net.config->setFlag(BuilderFlag::kREFIT);
        auto* c = net.network->addConvolution(*net.x, 4, DimsHW(3, 3), weights(kernel), weights(net.bias));
        c->setName("conv");
        net.network->markOutput(*c->getOutput(0));
#if LATHE_TRT >= 8
        EXPECT_TRUE(net.network->setWeightsName(weights(net.bias), "the bias"));
#endif
        return net.build();
    };
    Image net, fresh;
    auto engine = make(net, net.kernel);
    ASSERT_TRUE(engine);
    EXPECT_TRUE(engine->isRefittable());
    IRefitter* refitter = createInferRefitter(*engine, net.logger);
    ASSERT_TRUE(refitter);
    ASSERT_EQ(refitter->getAll(0, nullptr, nullptr), 2);
    char const* layers[2] = {};
    WeightsRole roles[2] = {};
    EXPECT_EQ(refitter->getAll(2, layers, roles), 2);
    bool kernelIsThere = false, biasIsThere = false;
    for (int i = 0; i < 2; ++i) {
        EXPECT_STREQ(layers[i], "conv");
        kernelIsThere |= roles[i] == WeightsRole::kKERNEL;
        biasIsThere |= roles[i] == WeightsRole::kBIAS;
    }
    EXPECT_TRUE(kernelIsThere && biasIsThere);
    std::vector<float> other = numbers(72, 8), shift = numbers(4, 11), in = numbers(128, 9);
    auto before = run(*engine, in, 144);
    EXPECT_TRUE(refitter->setWeights("conv", WeightsRole::kKERNEL, weights(other)));
    EXPECT_FALSE(refitter->setWeights("conv", WeightsRole::kKERNEL, weights(shift))) << "another number of weights";
    EXPECT_FALSE(refitter->setWeights("nobody", WeightsRole::kKERNEL, weights(other)));
    EXPECT_EQ(refitter->getMissing(0, nullptr, nullptr), 0);
    EXPECT_TRUE(refitter->refitCudaEngine());
    auto after = run(*engine, in, 144);
    EXPECT_NE(after, before);
    auto built = make(fresh, other);
    ASSERT_TRUE(built);
    expectNear(after, run(*built, in, 144), 1e-5f);
    // An engine has no ranges to refit: what is int8 is so by constants of the network.
    EXPECT_EQ(refitter->getTensorsWithDynamicRange(0, nullptr), 0);
    EXPECT_FALSE(refitter->setDynamicRange("x", -1, 1));
    EXPECT_TRUE(std::isnan(refitter->getDynamicRangeMin("x")));
    EXPECT_TRUE(std::isnan(refitter->getDynamicRangeMax("x")));
#if LATHE_TRT >= 8
    EXPECT_EQ(refitter->getAllWeights(0, nullptr), 1) << "those with names of their own";
    EXPECT_EQ(refitter->getMissingWeights(0, nullptr), 0);
    EXPECT_TRUE(refitter->setNamedWeights("the bias", weights(shift)));
    EXPECT_TRUE(refitter->refitCudaEngine());
    EXPECT_NE(run(*engine, in, 144), after);
    EXPECT_EQ(refitter->getLogger(), &net.logger);
#endif
    refitter->destroy();
}

// Device memory from the application.
class Allocator : public IGpuAllocator {
  public:
#if LATHE_TRT >= 8
    void* allocate(uint64_t const size, uint64_t const alignment, AllocatorFlags const) noexcept override {
        return take(size, alignment);
    }
    void free(void* const memory) noexcept override { give(memory); }
#else
    void* allocate(uint64_t size, uint64_t alignment, uint32_t) override { return take(size, alignment); }
    void free(void* memory) override { give(memory); }
#endif
    int taken = 0, given = 0;

  private:
    void* take(uint64_t size, uint64_t alignment) {
        ++taken;
        return std::aligned_alloc(alignment ? alignment : 64, (size + 255) / 256 * 256);
    }
    void give(void* memory) {
        given += memory != nullptr;
        std::free(memory);
    }
};

TEST(GpuAllocator, GivesBack) {
    Allocator allocator;
    {
        Image net;
        net.builder->setGpuAllocator(&allocator);
        net.network->markOutput(*net.network->addActivation(*net.x, ActivationType::kTANH)->getOutput(0));
        auto engine = net.build();
        ASSERT_TRUE(engine);
        run(*engine, numbers(128), 128);
    }
    allocator.free(allocator.allocate(64, 64, 0));
    EXPECT_EQ(allocator.taken, allocator.given);
}

class Profiler : public IProfiler {
  public:
#if LATHE_TRT >= 8
    void reportLayerTime(char const* name, float ms) noexcept override { times[name] += ms; }
#else
    void reportLayerTime(const char* name, float ms) override { times[name] += ms; }
#endif
    std::map<std::string, float> times;
};

TEST(Profiler, IsTold) {
    Image net;
    net.network->markOutput(*net.network->addActivation(*net.x, ActivationType::kTANH)->getOutput(0));
    auto engine = net.build();
    ASSERT_TRUE(engine);
    Owned<IExecutionContext> context(engine->createExecutionContext());
    Profiler profiler;
    context->setProfiler(&profiler);
    EXPECT_EQ(context->getProfiler(), &profiler);
    std::vector<float> in = numbers(128), out(128);
    void* bindings[] = {in.data(), out.data()};
    ASSERT_TRUE(context->execute(1, bindings));
    EXPECT_FALSE(profiler.times.empty());
}

class Calibrator : public IInt8EntropyCalibrator2 {
  public:
#if LATHE_TRT >= 8
    int32_t getBatchSize() const noexcept override { return 1; }
    bool getBatch(void**, char const**, int32_t) noexcept override { return false; }
    void const* readCalibrationCache(std::size_t&) noexcept override { return nullptr; }
    void writeCalibrationCache(void const*, std::size_t) noexcept override {}
#else
    int getBatchSize() const override { return 1; }
    bool getBatch(void*[], const char*[], int) override { return false; }
    const void* readCalibrationCache(std::size_t&) override { return nullptr; }
    void writeCalibrationCache(const void*, std::size_t) override {}
#endif
};

TEST(Calibrator, IsKept) {
    Network net;
    Calibrator calibrator;
    net.config->setInt8Calibrator(&calibrator);
    EXPECT_EQ(net.config->getInt8Calibrator(), &calibrator);
    EXPECT_EQ(calibrator.getAlgorithm(), CalibrationAlgoType::kENTROPY_CALIBRATION_2);
}

TEST(Padding, CaffeModes) {
    Network net;
    ITensor* x = net.network->addInput("x", DataType::kFLOAT, dims({1, 3, 3}));
    auto* pool = net.network->addPoolingNd(*x, PoolingType::kMAX, DimsHW(2, 2));
    pool->setStrideNd(DimsHW(2, 2));
    pool->setPaddingNd(DimsHW(1, 1));
    pool->setPaddingMode(PaddingMode::kCAFFE_ROUND_UP);
    EXPECT_EQ(pool->getPaddingMode(), PaddingMode::kCAFFE_ROUND_UP);
    // Of the three windows that rounding up gives, the last begins in the padding.
    EXPECT_EQ(list(pool->getOutput(0)->getDimensions()), std::vector<int32_t>({1, 2, 2}));
    net.network->markOutput(*pool->getOutput(0));
    auto engine = net.build();
    ASSERT_TRUE(engine) << net.logger.errors.back();
    EXPECT_EQ(run(*engine, {1, 2, 3, 4, 5, 6, 7, 8, 9}, 4), std::vector<float>({1, 3, 7, 9}));
}

// A mean that counts padding is over the part of its window that lies in the padded input.
TEST(Padding, CaffeModesDivideByWhatIsInThePaddedInput) {
    struct Case {
        Dims in;
        DimsHW kernel, padding;
        std::vector<int32_t> out;
        std::vector<float> expected;
    };
    const Case cases[] = {
        {dims({1, 4, 4}), DimsHW(3, 3), DimsHW(0, 0), {1, 2, 2}, {6, 7.5f, 12, 13.5f}},
        // Of the rows, the last window begins in the padding; of the columns, it ends behind it.
        {dims({1, 3, 4}), DimsHW(2, 3), DimsHW(1, 1), {1, 2, 3}, {0.5f, 1.5f, 1, 5, 9, 5}},
    };
    for (const Case& c : cases) {
        Network net;
        ITensor* x = net.network->addInput("x", DataType::kFLOAT, c.in);
        auto* pool = net.network->addPoolingNd(*x, PoolingType::kAVERAGE, c.kernel);
        pool->setStrideNd(DimsHW(2, 2));
        pool->setPaddingNd(c.padding);
        pool->setAverageCountExcludesPadding(false);
        pool->setPaddingMode(PaddingMode::kCAFFE_ROUND_UP);
        EXPECT_EQ(list(pool->getOutput(0)->getDimensions()), c.out);
        net.network->markOutput(*pool->getOutput(0));
        auto engine = net.build();
        ASSERT_TRUE(engine) << net.logger.errors.back();
        std::vector<float> in(static_cast<size_t>(c.in.d[1] * c.in.d[2]));
        for (size_t i = 0; i < in.size(); ++i) in[i] = static_cast<float>(i + 1);
        EXPECT_EQ(run(*engine, in, c.expected.size()), c.expected);
    }
}

TEST(Library, Version) {
    EXPECT_EQ(getInferLibVersion() / 1000, LATHE_TRT);
    EXPECT_EQ(EnumMax<DataType>(), LATHE_TRT == 6 ? 4 : LATHE_TRT == 7 ? 5 : 7);
}

}  // namespace
}  // namespace compat_testing
