// SPDX-License-Identifier: Apache-2.0
#include "trtexec/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lathe::trtexec {
namespace {

using namespace nvinfer1;
using testing::HasSubstr;

Options parse(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "--onnx=m.onnx");
    return parseOptions(arguments);
}

std::string failure(std::vector<std::string> arguments) {
    try {
        parse(std::move(arguments));
    } catch (const tool::Failure& e) {
        return std::string(e.what()) + " (" + e.where + ")";
    }
    return "";
}

TEST(TrtexecOptions, ShapesOfProfiles) {
    Options o = parse({"--minShapes=a:1x3,b:2", "--optShapes='x:0':4x3", "--profile=1", "--maxShapes=a:9x3"});
    ASSERT_EQ(o.profiles.size(), 2u);
    EXPECT_EQ(tool::toString(o.profiles[0].min.at("a")), "1x3");
    EXPECT_EQ(tool::toString(o.profiles[0].opt.at("x:0")), "4x3");
    EXPECT_EQ(tool::toString(o.profiles[1].max.at("a")), "9x3");
    EXPECT_THAT(failure({"--shapes=a:1xy"}), HasSubstr("'1xy' is no shape (--shapes)"));
}

TEST(TrtexecOptions, Formats) {
    Options o = parse({"--inputIOFormats=fp16:chw+hwc8,int8:chw32"});
    ASSERT_EQ(o.inputFormats.size(), 2u);
    EXPECT_EQ(o.inputFormats[0].type, DataType::kHALF);
    EXPECT_EQ(o.inputFormats[0].formats, 1u << 0 | 1u << static_cast<int>(TensorFormat::kHWC8));
    EXPECT_EQ(o.inputFormats[1].formats, 1u << static_cast<int>(TensorFormat::kCHW32));
    EXPECT_THAT(failure({"--outputIOFormats=fp16:blue"}), HasSubstr("'blue' is none of: chw"));
}

TEST(TrtexecOptions, FlagsAndPools) {
    Options o = parse({"--best", "--noTF32", "--memPoolSize=workspace:1.5,tacticSharedMem:8K",
                       "--profilingVerbosity=detailed", "--vc"});
    EXPECT_TRUE(o.setFlags & 1u << static_cast<int>(BuilderFlag::kINT8));
    EXPECT_TRUE(o.setFlags & 1u << static_cast<int>(BuilderFlag::kVERSION_COMPATIBLE));
    EXPECT_TRUE(o.clearFlags & 1u << static_cast<int>(BuilderFlag::kTF32));
    EXPECT_EQ(o.pools.at(MemoryPoolType::kWORKSPACE), 3u << 19);
    EXPECT_EQ(o.pools.at(MemoryPoolType::kTACTIC_SHARED_MEMORY), 8192u);
    EXPECT_EQ(o.profilingVerbosity, ProfilingVerbosity::kDETAILED);
}

TEST(TrtexecOptions, ValuesMayFollow) { EXPECT_EQ(parse({"--saveEngine", "x.plan"}).saveEngine, "x.plan"); }

TEST(TrtexecOptions, WhatIsWrongIsSaid) {
    EXPECT_THAT(failure({"--noSuchFlag"}), HasSubstr("unknown flag '--noSuchFlag'"));
    EXPECT_THAT(failure({"--streams=0"}), HasSubstr("'0' is no number from 1 on (--infStreams)"));
    EXPECT_THAT(failure({"--verbose=1"}), HasSubstr("takes no value"));
    EXPECT_THAT(failure({"--onnx"}), HasSubstr("needs a value"));
    EXPECT_THAT(failure({"--loadEngine=x"}), HasSubstr("both a model and a plan"));
    EXPECT_THAT(failure({"--layerPrecisions=a:fp16"}), HasSubstr("would be ignored"));
    EXPECT_THAT(failure({"--sparsity=force"}), HasSubstr("would change the network's weights"));
    EXPECT_THAT(failure({"--consistency"}), HasSubstr("there is no safety runtime"));
}

// Every flag of TensorRT 10.16 is parsed: it has an effect, a note that says why not, or a refusal that says why.
TEST(TrtexecOptions, AllFlagsAreKnown) {
    const char* flags =
        "--onnx --minShapes --optShapes --maxShapes --minShapesCalib --optShapesCalib --maxShapesCalib --shapes "
        "--profile --calibProfile "
        "--useProfile --inputIOFormats --outputIOFormats --memPoolSize --directIO --fp16 --bf16 --int8 --fp8 --int4 "
        "--best --stronglyTyped "
        "--noTF32 --precisionConstraints --layerPrecisions --layerOutputTypes --layerDeviceTypes "
        "--decomposableAttentions --calib --sparsity "
        "--distributiveIndependence --saveEngine --loadEngine --asyncFileReader --getPlanVersionOnly --skipInference "
        "--refit --refitFromOnnx "
        "--stripWeights --stripAllWeights --weightless --versionCompatible --vc --excludeLeanRuntime --leanDLLPath "
        "--useRuntime "
        "--hardwareCompatibilityLevel --runtimePlatform --builderOptimizationLevel --maxTactics --avgTiming "
        "--tacticSources --preview "
        "--maxAuxStreams --tempdir --tempfileControls --tilingOptimizationLevel --l2LimitForTiling "
        "--remoteAutoTuningConfig --dumpKernelText "
        "--cpuOnly --monitorMemory --allowWeightStreaming --weightStreamingBudget --profilingVerbosity "
        "--timingCacheFile --noBuilderCache "
        "--noCompilationCache --errorOnTimingCacheMiss --staticPlugins --dynamicPlugins --setPluginsToSerialize "
        "--ignoreParsedPluginLibs "
        "--plugins --pluginInstanceNorm --pi --enablePluginOverride --uint8AsymmetricQuantizationDLA "
        "--reportCapabilityDLA --adjustForDLA "
        "--device --useDLACore --allowGPUFallback --buildDLAStandalone --safe --std --restricted --consistency "
        "--serialized --safetyPlugins "
        "--loadInputs --iterations --warmUp --duration --sleepTime --idleTime --infStreams --streams --exposeDMA "
        "--noDataTransfers "
        "--useManagedMemory --useSpinWait --threads --useCudaGraph --timeDeserialize --timeRefit --separateProfileRun "
        "--persistentCacheRatio "
        "--allocationStrategy --markDebug --markUnfusedTensorsAsDebugTensors --saveDebugTensors --saveAllDebugTensors "
        "--verbose --avgRuns "
        "--percentile --dumpRefit --dumpOutput --dumpRawBindingsToFile --dumpProfile --dumpLayerInfo "
        "--dumpOptimizationProfile --exportTimes "
        "--exportOutput --exportProfile --exportLayerInfo --help";
    std::string help = helpText();
    for (const std::string& flag : tool::split(flags, ' ')) {
        EXPECT_THAT(failure({flag}), testing::Not(HasSubstr("unknown flag"))) << flag;
        EXPECT_THAT(help, HasSubstr(flag));
    }
}

}  // namespace
}  // namespace lathe::trtexec
