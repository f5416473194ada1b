// SPDX-License-Identifier: Apache-2.0
// Objects of the program's own: small dimension types, calibrators, what Python's plugins are described with.
#include "conformance_testing.h"
#include "impl/NvInferPythonPlugin.h"

namespace lathe_test {
namespace {

TEST(ClientObjects, SmallDims) {
    EXPECT_EQ(Dims2().nbDims, 2);
    EXPECT_EQ(Dims2(3, 4).d[1], 4);
    EXPECT_EQ(Dims3().nbDims, 3);
    EXPECT_EQ(Dims3(3, 4, 5).d[2], 5);
    EXPECT_EQ(Dims4().nbDims, 4);
    EXPECT_EQ(Dims4(3, 4, 5, 6).d[3], 6);
    DimsHW size;
    size.h() = 7;
    size.w() = 8;
    const DimsHW same = size;
    EXPECT_EQ(same.h(), 7);
    EXPECT_EQ(same.w(), 8);
    EXPECT_EQ(DimsHW(1, 2).w(), 2);
}

template <class Base>
class Calibrator : public Base {
  public:
    int32_t getBatchSize() const noexcept override { return 4; }
    bool getBatch(void*[], char const*[], int32_t) noexcept override { return false; }
    void const* readCalibrationCache(std::size_t& length) noexcept override {
        length = 0;
        return nullptr;
    }
    void writeCalibrationCache(void const*, std::size_t) noexcept override {}
};

class Legacy final : public Calibrator<IInt8LegacyCalibrator> {
  public:
    double getQuantile() const noexcept override { return 0.99; }
    double getRegressionCutoff() const noexcept override { return 0.5; }
    void const* readHistogramCache(std::size_t& length) noexcept override {
        length = 0;
        return nullptr;
    }
    void writeHistogramCache(void const*, std::size_t) noexcept override {}
};

// The classes tell which method they stand for.
TEST(ClientObjects, Calibrators) {
    Calibrator<IInt8EntropyCalibrator> entropy;
    Calibrator<IInt8EntropyCalibrator2> entropy2;
    Calibrator<IInt8MinMaxCalibrator> range;
    Legacy legacy;
    EXPECT_EQ(entropy.getAlgorithm(), CalibrationAlgoType::kENTROPY_CALIBRATION);
    EXPECT_EQ(entropy2.getAlgorithm(), CalibrationAlgoType::kENTROPY_CALIBRATION_2);
    EXPECT_EQ(range.getAlgorithm(), CalibrationAlgoType::kMINMAX_CALIBRATION);
    EXPECT_EQ(legacy.getAlgorithm(), CalibrationAlgoType::kLEGACY_CALIBRATION);
    for (IInt8Calibrator* c : std::initializer_list<IInt8Calibrator*>{&entropy, &entropy2, &range, &legacy}) {
        EXPECT_THAT(c->getInterfaceInfo().kind, ::testing::HasSubstr("IInt8"));
        std::size_t length = 1;
        EXPECT_EQ(c->readCalibrationCache(length), nullptr);
        EXPECT_EQ(length, 0u);
        EXPECT_EQ(c->getBatchSize(), 4);
        EXPECT_FALSE(c->getBatch(nullptr, nullptr, 0));
        c->writeCalibrationCache(nullptr, 0);
    }
    std::size_t length = 1;
    EXPECT_EQ(legacy.readHistogramCache(length), nullptr);
    legacy.writeHistogramCache(nullptr, 0);
    EXPECT_EQ(legacy.getQuantile(), 0.99);
    EXPECT_EQ(legacy.getRegressionCutoff(), 0.5);
    EXPECT_STREQ(entropy2.getInterfaceInfo().kind, "IInt8EntropyCalibrator2");
}

class Expression final : public ISymExpr {
  public:
    PluginArgType getType() const noexcept override { return PluginArgType::kINT; }
    PluginArgDataType getDataType() const noexcept override { return PluginArgDataType::kINT32; }
    void* getExpr() noexcept override { return this; }
};

class List final : public ISymExprsImpl {
  public:
    ISymExpr* getSymExpr(int32_t i) const noexcept override { return all[static_cast<size_t>(i)]; }
    bool setSymExpr(int32_t i, ISymExpr* e) noexcept override {
        all[static_cast<size_t>(i)] = e;
        return true;
    }
    int32_t getNbSymExprs() const noexcept override { return static_cast<int32_t>(all.size()); }
    bool setNbSymExprs(int32_t n) noexcept override {
        all.resize(static_cast<size_t>(n));
        return true;
    }
    std::vector<ISymExpr*> all;
};

class Launch final : public IKernelLaunchParamsImpl {
  public:
#define LATHE_TEST_SIZE(Name)                                    \
    ISymExpr* get##Name() noexcept override { return of##Name; } \
    bool set##Name(ISymExpr* e) noexcept override {              \
        of##Name = e;                                            \
        return true;                                             \
    }                                                            \
    ISymExpr* of##Name = nullptr;
    LATHE_TEST_SIZE(GridX)
    LATHE_TEST_SIZE(GridY)
    LATHE_TEST_SIZE(GridZ)
    LATHE_TEST_SIZE(BlockX)
    LATHE_TEST_SIZE(BlockY)
    LATHE_TEST_SIZE(BlockZ)
    LATHE_TEST_SIZE(SharedMem)
#undef LATHE_TEST_SIZE
};

struct Lists final : ISymExprs {
    explicit Lists(List& of) { mImpl = &of; }
};
struct Params final : IKernelLaunchParams {
    explicit Params(Launch& of) { mImpl = &of; }
};

TEST(ClientObjects, LaunchParametersReachTheirImplementation) {
    Expression e;
    EXPECT_EQ(e.getType(), PluginArgType::kINT);
    EXPECT_EQ(e.getDataType(), PluginArgDataType::kINT32);
    EXPECT_EQ(e.getExpr(), &e);
    List list;
    Lists lists(list);
    EXPECT_TRUE(lists.setNbSymExprs(2));
    EXPECT_TRUE(lists.setSymExpr(1, &e));
    EXPECT_EQ(lists.getSymExpr(1), &e);
    EXPECT_EQ(lists.getNbSymExprs(), 2);
    Launch launch;
    Params p(launch);
    EXPECT_TRUE(p.setGridX(&e) && p.setGridY(&e) && p.setGridZ(&e));
    EXPECT_TRUE(p.setBlockX(&e) && p.setBlockY(&e) && p.setBlockZ(&e) && p.setSharedMem(&e));
    for (ISymExpr* s :
         {p.getGridX(), p.getGridY(), p.getGridZ(), p.getBlockX(), p.getBlockY(), p.getBlockZ(), p.getSharedMem()})
        EXPECT_EQ(s, &e);
}

TEST(ClientObjects, RecordersMayOverflow) {
    Recorder recorder;
    const IErrorRecorder& r = recorder;
    EXPECT_FALSE(r.hasOverflowed());
}

class Resource final : public IPluginResource {
  public:
    int32_t release() noexcept override { return 0; }
    IPluginResource* clone() noexcept override { return new Resource; }
};
class Reader final : public IStreamReader {
  public:
    int64_t read(void*, int64_t) override { return 0; }
};
class SeekingReader final : public IStreamReaderV2 {
  public:
    int64_t read(void*, int64_t, cudaStream_t) noexcept override { return 0; }
    bool seek(int64_t offset, SeekPosition from) noexcept override { return offset == 0 && from == SeekPosition::kSET; }
};
class Chooser final : public IAlgorithmSelector {
  public:
    int32_t selectAlgorithms(IAlgorithmContext const&, IAlgorithm const* const*, int32_t, int32_t*) noexcept override {
        return 0;
    }
    void reportAlgorithms(IAlgorithmContext const* const*, IAlgorithm const* const*, int32_t) noexcept override {}
};

class Creator final : public IPluginCreatorV3One {
  public:
    IPluginV3* createPlugin(AsciiChar const*, PluginFieldCollection const*, TensorRTPhase) noexcept override {
        return nullptr;
    }
    PluginFieldCollection const* getFieldNames() noexcept override { return &fields_; }
    AsciiChar const* getPluginName() const noexcept override { return "Nothing"; }
    AsciiChar const* getPluginVersion() const noexcept override { return "1"; }
    AsciiChar const* getPluginNamespace() const noexcept override { return ""; }

  private:
    PluginField field_{"x", nullptr, PluginFieldType::kFLOAT32, 1};
    PluginFieldCollection fields_{1, &field_};
};

TEST(ClientObjects, RegisteredCreatorsTellTheirFields) {
    Creator creator;
    IPluginRegistry& registry = *getPluginRegistry();
    ASSERT_TRUE(registry.registerCreator(static_cast<IPluginCreatorInterface&>(creator), ""));
    auto* found = static_cast<IPluginCreatorV3One*>(registry.getCreator("Nothing", "1", ""));
    EXPECT_EQ(found, &creator);
    EXPECT_STREQ(found->getFieldNames()->fields[0].name, "x");
    EXPECT_TRUE(registry.deregisterCreator(static_cast<IPluginCreatorInterface const&>(creator)));
    EXPECT_EQ(registry.getCreator("Nothing", "1", ""), nullptr);
}

TEST(ClientObjects, TellTheirKind) {
    EXPECT_STREQ(Resource().getInterfaceInfo().kind, "IPluginResource");
    EXPECT_STREQ(Reader().getInterfaceInfo().kind, "IStreamReader");
    SeekingReader reader;
    EXPECT_STREQ(reader.getInterfaceInfo().kind, "IStreamReaderV2");
    EXPECT_TRUE(reader.seek(0, SeekPosition::kSET));
    EXPECT_STREQ(Chooser().getInterfaceInfo().kind, "IAlgorithmSelector");
    EXPECT_EQ(Chooser().getAPILanguage(), APILanguage::kCPP);
}

TEST(ClientObjects, Registry) {
    IPluginRegistry& registry = *getPluginRegistry();
    bool before = registry.isParentSearchEnabled();
    registry.setParentSearchEnabled(!before);
    EXPECT_EQ(registry.isParentSearchEnabled(), !before);
    registry.setParentSearchEnabled(before);
    int32_t count = -1;
    registry.getPluginCreatorList(&count);
    EXPECT_GE(count, 0);
}

}  // namespace
}  // namespace lathe_test
