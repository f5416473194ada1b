// SPDX-License-Identifier: Apache-2.0
// Classes as a client writes them: every interface that the library calls back can be implemented with `override`, and
// what a client leaves out does what the API says.
#include "abi_slots.h"

namespace nvinfer1 {
namespace {

class Logger : public ILogger {
  public:
    void log(Severity severity, AsciiChar const* msg) noexcept override {
        last = severity;
        text = msg;
    }
    Severity last{Severity::kVERBOSE};
    AsciiChar const* text{nullptr};
};

class Recorder : public IErrorRecorder {
  public:
    int32_t getNbErrors() const noexcept override { return 0; }
    ErrorCode getErrorCode(int32_t) const noexcept override { return ErrorCode::kSUCCESS; }
    ErrorDesc getErrorDesc(int32_t) const noexcept override { return ""; }
    bool hasOverflowed() const noexcept override { return false; }
    void clear() noexcept override {}
    bool reportError(ErrorCode, ErrorDesc) noexcept override { return false; }
    RefCount incRefCount() noexcept override { return 1; }
    RefCount decRefCount() noexcept override { return 0; }
};

// Only the synchronous pair is written: the stream-ordered calls must reach it.
class Allocator : public IGpuAllocator {
  public:
    void* allocate(uint64_t const size, uint64_t const, AllocatorFlags const) noexcept override {
        asked = size;
        return this;
    }
    bool deallocate(void* const memory) noexcept override { return memory == this; }
    uint64_t asked{0};
};

class AsyncAllocator : public IGpuAsyncAllocator {
  public:
    void* allocateAsync(uint64_t const size, uint64_t const, AllocatorFlags const, cudaStream_t) noexcept override {
        asked = size;
        return this;
    }
    bool deallocateAsync(void* const memory, cudaStream_t) noexcept override { return memory == this; }
    uint64_t asked{0};
};

class OutputAllocator : public IOutputAllocator {
  public:
    void* reallocateOutputAsync(char const*, void*, uint64_t size, uint64_t, cudaStream_t) override {
        asked = size;
        return this;
    }
    void notifyShape(char const*, Dims const& dims) noexcept override { shape = dims; }
    uint64_t asked{0};
    Dims shape{};
};

class Calibrator : public IInt8EntropyCalibrator2 {
  public:
    int32_t getBatchSize() const noexcept override { return 1; }
    bool getBatch(void*[], char const*[], int32_t) noexcept override { return false; }
    void const* readCalibrationCache(std::size_t&) noexcept override { return nullptr; }
    void writeCalibrationCache(void const*, std::size_t) noexcept override {}
};

class Monitor : public IProgressMonitor {
  public:
    void phaseStart(char const*, char const*, int32_t) noexcept override {}
    bool stepComplete(char const*, int32_t) noexcept override { return true; }
    void phaseFinish(char const*) noexcept override {}
};

class Reader : public IStreamReaderV2 {
  public:
    int64_t read(void*, int64_t nbBytes, cudaStream_t) noexcept override { return nbBytes; }
    bool seek(int64_t, SeekPosition) noexcept override { return true; }
};

class Writer : public IStreamWriter {
  public:
    int64_t write(void const*, int64_t nbBytes) override { return nbBytes; }
};

class Listener : public IDebugListener {
  public:
    bool processDebugTensor(void const*, TensorLocation, DataType, Dims const&, char const*, cudaStream_t) override {
        return true;
    }
};

class PluginV3 : public IPluginV3, public IPluginV3OneCore, public IPluginV3OneBuildV2, public IPluginV3OneRuntime {
  public:
    IPluginCapability* getCapabilityInterface(PluginCapabilityType type) noexcept override {
        switch (type) {
            case PluginCapabilityType::kCORE: return static_cast<IPluginV3OneCore*>(this);
            case PluginCapabilityType::kBUILD: return static_cast<IPluginV3OneBuild*>(this);
            case PluginCapabilityType::kRUNTIME: return static_cast<IPluginV3OneRuntime*>(this);
        }
        return nullptr;
    }
    IPluginV3* clone() noexcept override { return nullptr; }
    AsciiChar const* getPluginName() const noexcept override { return "Probe"; }
    AsciiChar const* getPluginVersion() const noexcept override { return "1"; }
    AsciiChar const* getPluginNamespace() const noexcept override { return ""; }
    int32_t configurePlugin(DynamicPluginTensorDesc const*, int32_t, DynamicPluginTensorDesc const*,
                            int32_t) noexcept override {
        return 0;
    }
    int32_t getOutputDataTypes(DataType*, int32_t, DataType const*, int32_t) const noexcept override { return 0; }
    int32_t getOutputShapes(DimsExprs const*, int32_t, DimsExprs const*, int32_t, DimsExprs*, int32_t,
                            IExprBuilder&) noexcept override {
        return 0;
    }
    bool supportsFormatCombination(int32_t, DynamicPluginTensorDesc const*, int32_t, int32_t) noexcept override {
        return true;
    }
    int32_t getNbOutputs() const noexcept override { return 1; }
    int32_t onShapeChange(PluginTensorDesc const*, int32_t, PluginTensorDesc const*, int32_t) noexcept override {
        return 0;
    }
    int32_t enqueue(PluginTensorDesc const*, PluginTensorDesc const*, void const* const*, void* const*, void*,
                    cudaStream_t) noexcept override {
        return 0;
    }
    IPluginV3* attachToContext(IPluginResourceContext*) noexcept override { return this; }
    PluginFieldCollection const* getFieldsToSerialize() noexcept override { return nullptr; }
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
class PluginDynamic : public IPluginV2DynamicExt {
  public:
    AsciiChar const* getPluginType() const noexcept override { return "Probe"; }
    AsciiChar const* getPluginVersion() const noexcept override { return "1"; }
    int32_t getNbOutputs() const noexcept override { return 1; }
    int32_t initialize() noexcept override { return 0; }
    void terminate() noexcept override {}
    size_t getSerializationSize() const noexcept override { return 0; }
    void serialize(void*) const noexcept override {}
    void destroy() noexcept override { delete this; }
    void setPluginNamespace(AsciiChar const*) noexcept override {}
    AsciiChar const* getPluginNamespace() const noexcept override { return ""; }
    DataType getOutputDataType(int32_t, DataType const* types, int32_t) const noexcept override { return types[0]; }
    IPluginV2DynamicExt* clone() const noexcept override { return new PluginDynamic; }
    DimsExprs getOutputDimensions(int32_t, DimsExprs const* inputs, int32_t, IExprBuilder&) noexcept override {
        return inputs[0];
    }
    bool supportsFormatCombination(int32_t, PluginTensorDesc const*, int32_t, int32_t) noexcept override {
        return true;
    }
    void configurePlugin(DynamicPluginTensorDesc const*, int32_t, DynamicPluginTensorDesc const*,
                         int32_t) noexcept override {}
    size_t getWorkspaceSize(PluginTensorDesc const*, int32_t, PluginTensorDesc const*,
                            int32_t) const noexcept override {
        return 0;
    }
    int32_t enqueue(PluginTensorDesc const*, PluginTensorDesc const*, void const* const*, void* const*, void*,
                    cudaStream_t) noexcept override {
        return 0;
    }
};

TEST(ClientInterfaces, SynchronousAllocatorServesStreamCalls) {
    Allocator allocator;
    IGpuAllocator& base = allocator;
    EXPECT_EQ(base.allocateAsync(64, 256, 0, nullptr), &allocator);
    EXPECT_EQ(allocator.asked, 64U);
    EXPECT_TRUE(base.deallocateAsync(&allocator, nullptr));
    EXPECT_EQ(base.reallocate(&allocator, 256, 128), nullptr);
}

TEST(ClientInterfaces, StreamAllocatorServesSynchronousCalls) {
    AsyncAllocator allocator;
    IGpuAllocator& base = allocator;
    EXPECT_EQ(base.allocate(32, 256, 0), &allocator);
    EXPECT_EQ(allocator.asked, 32U);
    EXPECT_TRUE(base.deallocate(&allocator));
}

TEST(ClientInterfaces, OutputAllocatorWithoutSynchronousFormReturnsNull) {
    OutputAllocator allocator;
    IOutputAllocator& base = allocator;
    EXPECT_EQ(base.reallocateOutput("y", nullptr, 8, 256), nullptr);
    EXPECT_EQ(base.reallocateOutputAsync("y", nullptr, 8, 256, nullptr), &allocator);
    base.notifyShape("y", Dims2{2, 3});
    EXPECT_EQ(allocator.shape.d[1], 3);
}

TEST(ClientInterfaces, PluginKindIsInTheVersionsTopByte) {
    PluginDynamic plugin;
    IPluginV2& base = plugin;
    EXPECT_EQ(base.getTensorRTVersion(), (3 << 24) | NV_TENSORRT_VERSION);
    DataType const types[] = {DataType::kHALF};
    EXPECT_FALSE(base.supportsFormat(DataType::kFLOAT, PluginFormat::kLINEAR));
    EXPECT_EQ(base.getOutputDimensions(0, nullptr, 0).nbDims, -1);
    EXPECT_EQ(base.getWorkspaceSize(1), 0U);
    EXPECT_EQ(base.enqueue(1, nullptr, nullptr, nullptr, nullptr), 1);
    EXPECT_EQ(static_cast<IPluginV2Ext&>(plugin).getOutputDataType(0, types, 1), DataType::kHALF);
    IPluginV2* copy = base.clone();
    copy->destroy();
}
#pragma GCC diagnostic pop

TEST(ClientInterfaces, PluginV3Defaults) {
    PluginV3 plugin;
    auto* build = static_cast<IPluginV3OneBuild*>(plugin.getCapabilityInterface(PluginCapabilityType::kBUILD));
    EXPECT_EQ(build->getWorkspaceSize(nullptr, 0, nullptr, 0), 0U);
    EXPECT_EQ(build->getNbTactics(), 0);
    EXPECT_EQ(build->getValidTactics(nullptr, 0), 0);
    EXPECT_EQ(build->getTimingCacheID(), nullptr);
    EXPECT_EQ(build->getMetadataString(), nullptr);
    EXPECT_EQ(build->getFormatCombinationLimit(), 100);
    EXPECT_EQ(build->getInterfaceInfo().major, 2);
    EXPECT_EQ(static_cast<IPluginV3OneBuildV2*>(build)->getAliasedInput(0), -1);
    EXPECT_EQ(static_cast<IPluginV3OneRuntime&>(plugin).setTactic(1), 0);
    EXPECT_STREQ(static_cast<IPluginV3&>(plugin).getInterfaceInfo().kind, "PLUGIN");
}

TEST(ClientInterfaces, KindsAndVersions) {
    struct Case {
        IVersionedInterface const& object;
        char const* kind;
    };
    Recorder recorder;
    Allocator allocator;
    AsyncAllocator asyncAllocator;
    OutputAllocator outputAllocator;
    Calibrator calibrator;
    Monitor monitor;
    Reader reader;
    Writer writer;
    Listener listener;
    Case const cases[] = {
        {recorder, "IErrorRecorder"},
        {allocator, "IGpuAllocator"},
        {asyncAllocator, "IGpuAllocator"},
        {outputAllocator, "IOutputAllocator"},
        {calibrator, "IInt8EntropyCalibrator2"},
        {monitor, "IProgressMonitor"},
        {reader, "IStreamReaderV2"},
        {writer, "IStreamWriter"},
        {listener, "IDebugListener"},
    };
    for (auto const& c : cases) {
        InterfaceInfo const info = c.object.getInterfaceInfo();
        EXPECT_STREQ(info.kind, c.kind);
        EXPECT_EQ(info.major, 1);
        EXPECT_EQ(info.minor, 0);
        EXPECT_EQ(c.object.getAPILanguage(), APILanguage::kCPP);
    }
    EXPECT_EQ(calibrator.getAlgorithm(), CalibrationAlgoType::kENTROPY_CALIBRATION_2);
}

TEST(ClientInterfaces, LoggerIsCalledThroughTheBase) {
    Logger logger;
    static_cast<ILogger&>(logger).log(ILogger::Severity::kWARNING, "text");
    EXPECT_EQ(logger.last, ILogger::Severity::kWARNING);
    EXPECT_STREQ(logger.text, "text");
}

}  // namespace
}  // namespace nvinfer1
