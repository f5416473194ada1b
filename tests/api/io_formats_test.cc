// SPDX-License-Identifier: Apache-2.0
// Formats of inputs and outputs: where elements lie, what is told of them, what is refused; and int8 by ranges.
#include <cmath>
#include <cstring>

#include "api_testing.h"

namespace lathe_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr uint32_t bit(TensorFormat f) { return 1u << static_cast<int>(f); }

struct Format {
    TensorFormat format;
    int width;       // components in a vector
    bool innermost;  // the axis as a whole, padded; else in groups
    int fromEnd;     // which axis, from the end
    std::vector<DataType> types;
};

const Format kFormats[] = {
    {TensorFormat::kCHW2, 2, false, 3, {DataType::kHALF, DataType::kBF16}},
    {TensorFormat::kHWC8, 8, true, 3, {DataType::kHALF, DataType::kBF16}},
    {TensorFormat::kCHW4, 4, false, 3, {DataType::kINT8, DataType::kHALF}},
    {TensorFormat::kCHW16, 16, false, 3, {DataType::kHALF}},
    {TensorFormat::kCHW32, 32, false, 3, {DataType::kINT8, DataType::kHALF, DataType::kFLOAT}},
    {TensorFormat::kDHWC8, 8, true, 4, {DataType::kHALF, DataType::kBF16}},
    {TensorFormat::kCDHW32, 32, false, 4, {DataType::kINT8, DataType::kHALF}},
    {TensorFormat::kHWC, 1, true, 3, {DataType::kFLOAT, DataType::kUINT8}},
    {TensorFormat::kHWC16, 16, true, 3, {DataType::kHALF, DataType::kINT8, DataType::kFP8}},
    {TensorFormat::kDHWC, 1, true, 4, {DataType::kFLOAT}},
};

size_t sizeOf(DataType t) { return t == DataType::kFLOAT ? 4 : t == DataType::kHALF || t == DataType::kBF16 ? 2 : 1; }

// Where element `i` of the row-major tensor lies, written out anew from what the formats are.
int64_t placeOf(const Format& f, const std::vector<int64_t>& shape, int64_t i) {
    int rank = static_cast<int>(shape.size()), axis = rank - f.fromEnd;
    int64_t inner = 1;
    for (int d = axis + 1; d < rank; ++d) inner *= shape[static_cast<size_t>(d)];
    int64_t channels = shape[static_cast<size_t>(axis)], vectors = (channels + f.width - 1) / f.width;
    int64_t point = i % inner, c = i / inner % channels, outer = i / inner / channels;
    if (f.innermost) return (outer * inner + point) * vectors * f.width + c;
    return ((outer * vectors + c / f.width) * inner + point) * f.width + c % f.width;
}

int64_t storedElements(const Format& f, const std::vector<int64_t>& shape) {
    int64_t n = 1;
    for (size_t d = 0; d < shape.size(); ++d)
        n *= d + static_cast<size_t>(f.fromEnd) == shape.size() ? (shape[d] + f.width - 1) / f.width * f.width
                                                                : shape[d];
    return n;
}

// Small whole numbers of either sign (none for uint8), as bytes of the type.
std::vector<char> number(DataType t, int v) {
    std::vector<char> out(sizeOf(t));
    float real = static_cast<float>(v);
    uint32_t bits;
    std::memcpy(&bits, &real, 4);
    uint16_t narrow = static_cast<uint16_t>(bits >> 16);
    int exponent = static_cast<int>(bits >> 23 & 255);
    if (t == DataType::kHALF)
        narrow = v == 0 ? 0
                        : static_cast<uint16_t>((bits >> 16 & 0x8000) | static_cast<uint32_t>(exponent - 112) << 10 |
                                                (bits >> 13 & 1023));
    uint8_t byte = static_cast<uint8_t>(v);
    if (t == DataType::kFP8)
        byte = v == 0 ? 0
                      : static_cast<uint8_t>((bits >> 24 & 0x80) | static_cast<uint32_t>(exponent - 120) << 3 |
                                             (bits >> 20 & 7));
    const void* from = t == DataType::kFLOAT ? static_cast<const void*>(&real)
                       : sizeOf(t) == 2      ? static_cast<const void*>(&narrow)
                                             : static_cast<const void*>(&byte);
    std::memcpy(out.data(), from, out.size());
    return out;
}

class IoFormatsTest : public NetworkTest {
  protected:
    void SetUp() override {
        NetworkTest::SetUp();
        config.reset(builder->createBuilderConfig());
        config->setBuilderOptimizationLevel(0);
    }

    bool load() {
        std::unique_ptr<IHostMemory> plan(builder->buildSerializedNetwork(*network, *config));
        if (!plan) return false;
        runtime.reset(createInferRuntime(logger));
        engine.reset(runtime->deserializeCudaEngine(plan->data(), plan->size()));
        if (engine) context.reset(engine->createExecutionContext());
        return context != nullptr;
    }

    // x of the type, its negative (uint8 and fp8: itself) as y of the type.
    void negate(DataType type, const Dims& shape) {
        network.reset(builder->createNetworkV2(0));
        ITensor* x = network->addInput("x", type, shape);
        ITensor* y = nullptr;
        if (type == DataType::kUINT8 || type == DataType::kFP8) {
            ITensor* real = network->addCast(*x, DataType::kFLOAT)->getOutput(0);
            y = network->addCast(*real, type)->getOutput(0);
        } else {
            y = network->addUnary(*x, UnaryOperation::kNEG)->getOutput(0);
        }
        y->setName("y");
        network->markOutput(*y);
        if (type != DataType::kINT8) return;
        config->setFlag(BuilderFlag::kINT8);
        y->setType(type);
        x->setDynamicRange(-127, 127);
        y->setDynamicRange(-63.5f, 127);
    }

    void roundTrip(const Format& f, DataType type, const std::vector<int64_t>& shape) {
        SCOPED_TRACE(::testing::Message() << "format " << static_cast<int>(f.format) << ", type "
                                          << static_cast<int>(type) << ", shape " << ::testing::PrintToString(shape));
        Dims api{};
        for (int64_t d : shape) api.d[api.nbDims++] = d;
        negate(type, api);
        network->getInput(0)->setAllowedFormats(bit(f.format));
        network->getOutput(0)->setAllowedFormats(bit(f.format));
        ASSERT_TRUE(load()) << logger.errors;
        bool same = type == DataType::kUINT8 || type == DataType::kFP8;
        int64_t count = 1, stored = storedElements(f, shape);
        for (int64_t d : shape) count *= d;
        size_t size = sizeOf(type), bytes = static_cast<size_t>(stored) * size;
        // The input's padding is anything, the output's is zero.
        std::vector<char> x(bytes, 0x7f), y(bytes + 64, 0x55), want(bytes, 0);
        for (int64_t i = 0; i < count; ++i) {
            int v = static_cast<int>(i * 7 % 15) - (type == DataType::kUINT8 ? 0 : 7);
            size_t at = static_cast<size_t>(placeOf(f, shape, i)) * size;
            auto in = number(type, v), out = number(type, same || v == 0 ? v : -v);
            std::copy(in.begin(), in.end(), x.begin() + static_cast<long>(at));
            std::copy(out.begin(), out.end(), want.begin() + static_cast<long>(at));
        }
        ASSERT_TRUE(context->setTensorAddress("x", x.data()));
        ASSERT_TRUE(context->setTensorAddress("y", y.data()));
        ASSERT_TRUE(context->enqueueV3(nullptr)) << logger.errors;
        for (size_t i = 0; i < bytes; ++i) {
            bool isZero = (want[i] == 0 || want[i] == static_cast<char>(0x80)) && (y[i] & 0x7f) == 0;
            ASSERT_TRUE(y[i] == want[i] || isZero) << "byte " << i << ": " << int{y[i]} << ", not " << int{want[i]};
        }
        for (size_t i = bytes; i < y.size(); ++i) ASSERT_EQ(y[i], 0x55) << "written behind the buffer";
        int axis = static_cast<int>(shape.size()) - f.fromEnd;
        for (const char* name : {"x", "y"}) {
            EXPECT_EQ(engine->getTensorFormat(name), f.format);
            EXPECT_EQ(engine->getTensorDataType(name), type);
            EXPECT_EQ(engine->getTensorVectorizedDim(name), f.width > 1 ? axis : -1);
            EXPECT_EQ(engine->getTensorComponentsPerElement(name), f.width > 1 ? f.width : -1);
            EXPECT_EQ(engine->getTensorBytesPerComponent(name), f.width > 1 ? static_cast<int>(size) : -1);
            EXPECT_EQ(list(engine->getTensorShape(name)), shape);
            // Strides count vectors.
            Dims strides = context->getTensorStrides(name);
            for (int64_t i = 0; i < count; ++i) {
                int64_t rest = i, vector = 0, lane = 0;
                for (int d = static_cast<int>(shape.size()) - 1; d >= 0; --d) {
                    int64_t at = rest % shape[static_cast<size_t>(d)];
                    rest /= shape[static_cast<size_t>(d)];
                    if (d == axis && f.width > 1) {
                        lane = at % f.width;
                        at /= f.width;
                    }
                    vector += at * strides.d[d];
                }
                ASSERT_EQ(vector * f.width + lane, placeOf(f, shape, i));
            }
        }
        EXPECT_EQ(context->getMaxOutputSize("y"), static_cast<int64_t>(bytes));
    }

    std::unique_ptr<IBuilderConfig> config;
    std::unique_ptr<IRuntime> runtime;
    std::unique_ptr<ICudaEngine> engine;
    std::unique_ptr<IExecutionContext> context;
};

TEST_F(IoFormatsTest, RoundTrips) {
    for (const Format& f : kFormats)
        for (DataType type : f.types)
            for (int64_t channels : {1, 3, f.width, f.width + 1}) {
                if (f.fromEnd == 3) {
                    roundTrip(f, type, {channels, 3, 2});
                    roundTrip(f, type, {2, channels, 3, 2});
                } else {
                    roundTrip(f, type, {2, channels, 2, 3, 2});
                }
                if (HasFatalFailure()) return;
            }
    // The third axis from the end of five; and a single point.
    roundTrip(kFormats[1], DataType::kHALF, {2, 2, 5, 3, 2});
    roundTrip(kFormats[7], DataType::kFLOAT, {2, 2, 5, 3, 2});
    roundTrip(kFormats[1], DataType::kHALF, {2, 5, 1, 1});
    roundTrip(kFormats[4], DataType::kFLOAT, {2, 32, 1, 1});
    roundTrip(kFormats[5], DataType::kHALF, {3, 2, 3, 2});
}

TEST_F(IoFormatsTest, ShapesAndStridesOfDynamicTensors) {
    network.reset(builder->createNetworkV2(0));
    ITensor* x = network->addInput("x", DataType::kHALF, dims({-1, 3, -1, 4}));
    ITensor* y = network->addUnary(*x, UnaryOperation::kNEG)->getOutput(0);
    y->setName("y");
    network->markOutput(*y);
    x->setAllowedFormats(bit(TensorFormat::kHWC8));
    y->setAllowedFormats(bit(TensorFormat::kCHW2));
    IOptimizationProfile* profile = builder->createOptimizationProfile();
    profile->setDimensions("x", OptProfileSelector::kMIN, dims({1, 3, 1, 4}));
    profile->setDimensions("x", OptProfileSelector::kOPT, dims({2, 3, 5, 4}));
    profile->setDimensions("x", OptProfileSelector::kMAX, dims({4, 3, 9, 4}));
    config->addOptimizationProfile(profile);
    ASSERT_TRUE(load()) << logger.errors;
    EXPECT_EQ(context->getTensorStrides("x").nbDims, -1) << "its extents are not set";
    EXPECT_EQ(context->getTensorStrides("y").nbDims, -1);
    EXPECT_EQ(context->getMaxOutputSize("y"), -1);
    ASSERT_TRUE(context->setInputShape("x", dims({2, 3, 5, 4})));
    EXPECT_THAT(list(context->getTensorStrides("x")), ElementsAre(20, 1, 4, 1));
    EXPECT_THAT(list(context->getTensorStrides("y")), ElementsAre(40, 20, 4, 1));
    EXPECT_EQ(context->getMaxOutputSize("y"), 2 * 4 * 5 * 4 * 2);
    EXPECT_THAT(engine->getTensorFormatDesc("x"), HasSubstr("kHWC8"));
    EXPECT_THAT(engine->getTensorFormatDesc("y"), HasSubstr("FP16"));

    struct Allocator : IOutputAllocator {
        void* reallocateOutput(char const*, void*, uint64_t size, uint64_t) noexcept override {
            bytes.resize(size + 256);
            asked = size;
            return bytes.data() + (256 - reinterpret_cast<uintptr_t>(bytes.data()) % 256);
        }
        void notifyShape(char const*, Dims const&) noexcept override {}
        std::vector<char> bytes;
        uint64_t asked = 0;
    } allocator;
    std::vector<uint16_t> in(2 * 5 * 4 * 8, 0x3c00);
    ASSERT_TRUE(context->setTensorAddress("x", in.data()));
    ASSERT_TRUE(context->setOutputAllocator("y", &allocator));
    ASSERT_TRUE(context->enqueueV3(nullptr)) << logger.errors;
    EXPECT_EQ(allocator.asked, uint64_t{2 * 4 * 5 * 4 * 2});
}

// Tactics that work on images channels last read and write the caller's buffers; the answer is the row-major engine's.
TEST_F(IoFormatsTest, ConvolutionsInBothFormats) {
    std::vector<float> answers[2];
    for (int channelsLast : {0, 1}) {
        network.reset(builder->createNetworkV2(0));
        ITensor* x = network->addInput("x", DataType::kFLOAT, dims({1, 8, 6, 6}));
        std::vector<float> w(16 * 8 * 9);
        for (size_t i = 0; i < w.size(); ++i) w[i] = static_cast<float>(static_cast<int>(i * 5 % 11) - 5) / 8;
        auto* conv = network->addConvolutionNd(*x, 16, dims({3, 3}), pool.weights(w), none());
        conv->setPaddingNd(dims({1, 1}));
        ITensor* y = network->addActivation(*conv->getOutput(0), ActivationType::kRELU)->getOutput(0);
        y->setName("y");
        network->markOutput(*y);
        if (channelsLast) {
            x->setAllowedFormats(bit(TensorFormat::kHWC));
            y->setAllowedFormats(bit(TensorFormat::kHWC));
        }
        ASSERT_TRUE(load()) << logger.errors;
        std::vector<float> in(8 * 36), out(16 * 36);
        for (int64_t c = 0; c < 8; ++c)
            for (int64_t p = 0; p < 36; ++p)
                in[static_cast<size_t>(channelsLast ? p * 8 + c : c * 36 + p)] =
                    static_cast<float>((c * 36 + p) * 3 % 17 - 8);
        context->setTensorAddress("x", in.data());
        context->setTensorAddress("y", out.data());
        ASSERT_TRUE(context->enqueueV3(nullptr)) << logger.errors;
        answers[channelsLast].resize(out.size());
        for (int64_t c = 0; c < 16; ++c)
            for (int64_t p = 0; p < 36; ++p)
                answers[channelsLast][static_cast<size_t>(c * 36 + p)] =
                    out[static_cast<size_t>(channelsLast ? p * 16 + c : c * 36 + p)];
    }
    for (size_t i = 0; i < answers[0].size(); ++i) EXPECT_NEAR(answers[0][i], answers[1][i], 1e-4) << i;
}

TEST_F(IoFormatsTest, WhatOneInputGivesToSeveral) {
    // The input is itself an output, in another format; and two outputs share what they show.
    network.reset(builder->createNetworkV2(0));
    ITensor* x = network->addInput("x", DataType::kHALF, dims({1, 3, 1, 2}));
    ITensor* y = network->addIdentity(*x)->getOutput(0);
    y->setName("y");
    ITensor* z = network->addUnary(*x, UnaryOperation::kABS)->getOutput(0);
    z->setName("z");
    network->markOutput(*y);
    network->markOutput(*z);
    x->setAllowedFormats(bit(TensorFormat::kHWC8));
    y->setAllowedFormats(bit(TensorFormat::kCHW2));
    z->setAllowedFormats(bit(TensorFormat::kHWC8) | bit(TensorFormat::kCHW16));
    ASSERT_TRUE(load()) << logger.errors;
    std::vector<uint16_t> in(16, 0x7e00), out(8, 1), other(32, 1);
    for (int p = 0; p < 2; ++p)
        for (int c = 0; c < 3; ++c) in[static_cast<size_t>(p * 8 + c)] = static_cast<uint16_t>(0x8000 | (p * 8 + c));
    context->setTensorAddress("x", in.data());
    context->setTensorAddress("y", out.data());
    context->setTensorAddress("z", other.data());
    ASSERT_TRUE(context->enqueueV3(nullptr)) << logger.errors;
    EXPECT_THAT(out, ElementsAre(0x8000, 0x8001, 0x8008, 0x8009, 0x8002, 0, 0x800a, 0));
    for (int c = 0; c < 3; ++c) {
        bool last = engine->getTensorFormat("z") == TensorFormat::kHWC8;
        EXPECT_EQ(other[static_cast<size_t>(last ? 8 + c : 16 + c)], 8 + c);
    }
}

TEST_F(IoFormatsTest, Refusals) {
    auto refused = [&](DataType type, std::initializer_list<int64_t> shape, uint32_t formats) {
        negate(type, dims(shape));
        network->getInput(0)->setAllowedFormats(formats);
        EXPECT_EQ(builder->buildSerializedNetwork(*network, *config), nullptr);
        return logger.takeErrors();
    };
    EXPECT_THAT(refused(DataType::kFLOAT, {1, 8, 4, 4}, bit(TensorFormat::kHWC8)),
                HasSubstr("kHWC8 is no format of f32"));
    EXPECT_THAT(refused(DataType::kHALF, {1, 8, 4, 4}, bit(TensorFormat::kDLA_LINEAR)), HasSubstr("DLA"));
    EXPECT_THAT(refused(DataType::kHALF, {1, 8, 4, 4}, bit(TensorFormat::kDLA_HWC4)), HasSubstr("DLA"));
    EXPECT_THAT(refused(DataType::kHALF, {4, 4}, bit(TensorFormat::kCHW2)), HasSubstr("2 dimensions"));
    EXPECT_THAT(refused(DataType::kHALF, {8, 4, 4}, bit(TensorFormat::kDHWC8)), HasSubstr("3 dimensions"));
    EXPECT_THAT(refused(DataType::kHALF, {8, 4, 4}, 0), HasSubstr("none of the formats"));
    // One that is possible is enough.
    negate(DataType::kHALF, dims({8, 4, 4}));
    network->getInput(0)->setAllowedFormats(bit(TensorFormat::kCHW32) | bit(TensorFormat::kDLA_HWC4));
    ASSERT_TRUE(load()) << logger.errors;
    EXPECT_EQ(engine->getTensorFormat("x"), TensorFormat::kCHW32);
    EXPECT_EQ(engine->getTensorFormat("y"), TensorFormat::kLINEAR) << "all are allowed unless the user says so";
}

// An input of f16 in a network of f32: its type is that of the buffer, unless the network is strongly typed.
TEST_F(IoFormatsTest, TypesOfInputsAreTheBuffers) {
    for (bool strong : {false, true}) {
        network.reset(builder->createNetworkV2(
            strong ? 1u << static_cast<int>(NetworkDefinitionCreationFlag::kSTRONGLY_TYPED) : 0));
        ITensor* x = network->addInput("x", DataType::kFLOAT, dims({2}));
        ITensor* k = network->addConstant(dims({2}), pool.weights<float>({0.1f, 3}))->getOutput(0);
        ITensor* y = network->addElementWise(*x, *k, ElementWiseOperation::kSUM)->getOutput(0);
        y->setName("y");
        network->markOutput(*y);
        x->setType(DataType::kHALF);
        EXPECT_EQ(x->getType(), DataType::kHALF);
        if (strong) {
            EXPECT_FALSE(load());
            EXPECT_THAT(logger.takeErrors(), HasSubstr("must be equal"));
            continue;
        }
        EXPECT_EQ(y->getType(), DataType::kFLOAT);
        ASSERT_TRUE(load()) << logger.errors;
        EXPECT_EQ(engine->getTensorDataType("x"), DataType::kHALF);
        std::vector<uint16_t> in = {0x3c00, 0xc000};
        std::vector<float> out(2);
        context->setTensorAddress("x", in.data());
        context->setTensorAddress("y", out.data());
        ASSERT_TRUE(context->enqueueV3(nullptr)) << logger.errors;
        EXPECT_THAT(out, ElementsAre(1.1f, 1.f));
    }
}

TEST_F(IoFormatsTest, DirectIoTellsOfReorders) {
    negate(DataType::kHALF, dims({1, 3, 4, 4}));
    network->getInput(0)->setAllowedFormats(bit(TensorFormat::kCHW2));
    ASSERT_TRUE(load()) << logger.errors;
    EXPECT_EQ(logger.warnings, "");
    config->setFlag(BuilderFlag::kDIRECT_IO);
    ASSERT_TRUE(load()) << logger.errors;
    EXPECT_THAT(logger.warnings, HasSubstr("input 'x' in kCHW2 needs the step"));
}

TEST_F(IoFormatsTest, Int8ByRanges) {
    // y = 3x of int8 with 4 for 127, as int8 with 6 for 127; layers see real numbers.
    network.reset(builder->createNetworkV2(0));
    float three = 3;
    ITensor* x = network->addInput("x", DataType::kINT8, dims({6}));
    ITensor* k = network->addConstant(dims({1}), Weights{DataType::kFLOAT, &three, 1})->getOutput(0);
    ITensor* y = network->addElementWise(*x, *k, ElementWiseOperation::kPROD)->getOutput(0);
    ITensor* z = network->addUnary(*y, UnaryOperation::kNEG)->getOutput(0);
    y->setName("y");
    z->setName("z");
    network->markOutput(*y);
    network->markOutput(*z);
    y->setType(DataType::kINT8);
    config->setFlag(BuilderFlag::kINT8);
    x->setDynamicRange(-4, 4);
    EXPECT_EQ(builder->buildSerializedNetwork(*network, *config), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("setDynamicRange"));
    y->setDynamicRange(-6, 2);
    EXPECT_EQ(x->getType(), DataType::kINT8);
    EXPECT_EQ(y->getType(), DataType::kINT8);
    EXPECT_EQ(z->getType(), DataType::kFLOAT);
    ASSERT_TRUE(load()) << logger.errors;
    std::vector<int8_t> in = {0, 1, -1, 40, 127, -128}, out(6);
    std::vector<float> real(6);
    context->setTensorAddress("x", in.data());
    context->setTensorAddress("y", out.data());
    context->setTensorAddress("z", real.data());
    ASSERT_TRUE(context->enqueueV3(nullptr)) << logger.errors;
    EXPECT_THAT(out, ElementsAre(0, 2, -2, 80, 127, -128));
    for (size_t i = 0; i < 6; ++i) EXPECT_FLOAT_EQ(real[i], -static_cast<float>(out[i]) * 6 / 127) << i;
}

TEST_F(IoFormatsTest, Int8GivenToAnInputOfFloats) {
    network.reset(builder->createNetworkV2(0));
    ITensor* x = network->addInput("x", DataType::kFLOAT, dims({3}));
    ITensor* y = network->addUnary(*x, UnaryOperation::kNEG)->getOutput(0);
    y->setName("y");
    network->markOutput(*y);
    x->setType(DataType::kINT8);
    EXPECT_EQ(y->getType(), DataType::kFLOAT) << logger.errors;
    EXPECT_EQ(builder->buildSerializedNetwork(*network, *config), nullptr);
    EXPECT_THAT(logger.takeErrors(), HasSubstr("input 'x' was given the type kINT8"));
    x->setDynamicRange(-254, 254);
    ASSERT_TRUE(load()) << logger.errors;
    std::vector<int8_t> in = {1, -3, 127};
    std::vector<float> out(3);
    context->setTensorAddress("x", in.data());
    context->setTensorAddress("y", out.data());
    ASSERT_TRUE(context->enqueueV3(nullptr)) << logger.errors;
    EXPECT_THAT(out, ElementsAre(-2, 6, -254));
}

TEST_F(IoFormatsTest, LayersOfPrecisionInt8ReadWhatInt8Leaves) {
    for (bool demanded : {false, true}) {
        network.reset(builder->createNetworkV2(0));
        config.reset(builder->createBuilderConfig());
        config->setBuilderOptimizationLevel(0);
        ITensor* x = network->addInput("x", DataType::kFLOAT, dims({3}));
        auto* layer = network->addUnary(*x, UnaryOperation::kNEG);
        layer->setPrecision(DataType::kINT8);
        layer->getOutput(0)->setName("y");
        network->markOutput(*layer->getOutput(0));
        x->setDynamicRange(-127, 127);
        if (demanded) config->setFlag(BuilderFlag::kINT8);
        ASSERT_TRUE(load()) << logger.errors;
        std::vector<float> in = {0.25f, 1.75f, 300}, out(3);
        context->setTensorAddress("x", in.data());
        context->setTensorAddress("y", out.data());
        ASSERT_TRUE(context->enqueueV3(nullptr)) << logger.errors;
        if (demanded)
            EXPECT_THAT(out, ElementsAre(-0.f, -2.f, -127.f));
        else
            EXPECT_THAT(out, ElementsAre(-0.25f, -1.75f, -300.f));
    }
}

}  // namespace
}  // namespace lathe_test
