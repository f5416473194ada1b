// SPDX-License-Identifier: Apache-2.0
// The command line of trtexec, as TensorRT's programs and scripts write it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "NvInfer.h"
#include "common/files.h"
#include "common/tensors.h"

namespace lathe::trtexec {

using tool::Shapes;

struct IoFormat {
    nvinfer1::DataType type = nvinfer1::DataType::kFLOAT;
    nvinfer1::TensorFormats formats = 1;
};

struct ProfileShapes {
    Shapes min, opt, max;
};

struct Options {
    // Model
    std::string onnx, target;
    // Shapes: of optimization profiles, of calibration, and of inference
    std::vector<ProfileShapes> profiles{1};
    ProfileShapes calibration;
    Shapes shapes;
    int buildProfile = 0, inferProfile = 0, calibProfile = 0;
    // Formats and memory
    std::vector<IoFormat> inputFormats, outputFormats;
    std::map<nvinfer1::MemoryPoolType, size_t> pools;
    // Build
    uint32_t setFlags = 0, clearFlags = 0;  // bits of BuilderFlag
    bool stronglyTyped = false;
    std::string precisionConstraints = "none";
    std::vector<std::pair<std::string, nvinfer1::DataType>> layerPrecisions;
    std::vector<std::pair<std::string, std::vector<nvinfer1::DataType>>> layerOutputTypes;
    std::vector<std::pair<std::string, nvinfer1::DeviceType>> layerDevices;
    std::vector<std::string> decomposableAttentions;
    std::string calibrationCache;
    nvinfer1::EngineCapability capability = nvinfer1::EngineCapability::kSTANDARD;
    std::optional<nvinfer1::HardwareCompatibilityLevel> hardwareCompatibility;
    std::optional<nvinfer1::RuntimePlatform> platform;
    std::optional<nvinfer1::TilingOptimizationLevel> tiling;
    int64_t tilingL2 = -1;
    std::string remoteTuning;
    int level = -1, maxTactics = -1, avgTiming = -1, maxAuxStreams = -1, dlaCore = -1;
    uint32_t addSources = 0, dropSources = 0;  // bits of TacticSource
    std::vector<std::pair<nvinfer1::PreviewFeature, bool>> preview;
    nvinfer1::ProfilingVerbosity profilingVerbosity = nvinfer1::ProfilingVerbosity::kLAYER_NAMES_ONLY;
    std::string timingCache;
    std::vector<std::string> plugins, pluginsToSerialize;
    uint32_t setParserFlags = 0, clearParserFlags = 0;
    std::vector<std::string> debugTensors;
    bool markUnfused = false, dumpKernelText = false;
    // Engine
    std::string saveEngine, loadEngine, refitFromOnnx, tempdir;
    std::optional<uint32_t> tempfileControls;
    bool asyncFileReader = false, planVersionOnly = false, skipInference = false, timeDeserialize = false,
         timeRefit = false;
    std::string weightStreamingBudget;
    // Inference
    int device = 0, iterations = 10, streams = 1, avgRuns = 10;
    double warmUp = 200, duration = 3, sleepTime = 0, idleTime = 0, persistentCache = -1;  // ms, s, ms, ms, ratio
    std::map<std::string, std::string> inputs;
    bool noTransfers = false, managedMemory = false, spinWait = false, threads = false, cudaGraph = false;
    bool separateProfileRun = false, exposeDma = false;
    nvinfer1::ExecutionContextAllocationStrategy strategy = nvinfer1::ExecutionContextAllocationStrategy::kSTATIC;
    std::vector<std::pair<std::string, std::string>> saveDebug;
    std::string saveAllDebug;
    // Reporting
    bool verbose = false, help = false, dumpRefit = false, dumpOutput = false, dumpRaw = false, dumpProfile = false;
    bool dumpLayers = false, dumpProfiles = false;
    std::vector<double> percentiles{90, 95, 99};
    std::string exportTimes, exportOutput, exportProfile, exportLayers;

    // What was asked for and is not done, with the reason: told to the user before anything else happens.
    std::vector<std::string> notes;
};

// Errors: tool::Failure for an unknown flag, a value that is not one, and for what is refused, each with the reason.
Options parseOptions(const std::vector<std::string>& arguments);
std::string helpText();

}  // namespace lathe::trtexec
