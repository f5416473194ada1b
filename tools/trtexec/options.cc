// SPDX-License-Identifier: Apache-2.0
#include "trtexec/options.h"

#include <algorithm>
#include <functional>

#include "NvOnnxParser.h"

namespace lathe::trtexec {

using namespace nvinfer1;
using tool::Failure;
using tool::split;

namespace {

using Set = std::function<void(Options&, const std::string& value)>;

struct Flag {
    const char* names;  // "--streams --infStreams": the first is the one that help shows
    const char* value;  // null: takes none; "[N]": may have one
    const char* help;
    Set set;
};

template <class E>
constexpr uint32_t bit(E e) {
    return 1u << static_cast<uint32_t>(e);
}

template <class T>
T choose(const std::string& text, const char* flag, std::initializer_list<std::pair<const char*, T>> list) {
    std::string known;
    for (const auto& [name, value] : list) {
        if (text == name) return value;
        known += std::string(known.empty() ? "" : ", ") + name;
    }
    throw Failure(fmt::format("'{}' is none of: {}", text, known), flag);
}

double number(const std::string& text, const char* flag, double least, double most = 1e18) {
    char* rest = nullptr;
    double v = std::strtod(text.c_str(), &rest);
    if (text.empty() || *rest || !(v >= least) || v > most)
        throw Failure(fmt::format("'{}' is no number from {} on", text, least), flag);
    return v;
}
int integer(const std::string& text, const char* flag, int least, int most = INT32_MAX) {
    double v = number(text, flag, least, most);
    if (v != static_cast<int>(v)) throw Failure(fmt::format("'{}' is no integer", text), flag);
    return static_cast<int>(v);
}

DataType dataType(const std::string& text, const char* flag) {
    return choose<DataType>(text, flag,
                            {{"fp32", DataType::kFLOAT},
                             {"fp16", DataType::kHALF},
                             {"bf16", DataType::kBF16},
                             {"fp8", DataType::kFP8},
                             {"fp4", DataType::kFP4},
                             {"int4", DataType::kINT4},
                             {"int8", DataType::kINT8},
                             {"uint8", DataType::kUINT8},
                             {"int32", DataType::kINT32},
                             {"int64", DataType::kINT64},
                             {"bool", DataType::kBOOL}});
}

std::vector<IoFormat> ioFormats(const std::string& text, const char* flag) {
    std::vector<IoFormat> out;
    for (const std::string& item : split(text, ',')) {
        size_t colon = item.find(':');
        if (colon == std::string::npos)
            throw Failure(fmt::format("'{}' has no format", item), flag, "write it as fp16:chw or fp16:chw+hwc8");
        IoFormat f{dataType(item.substr(0, colon), flag), 0};
        for (const std::string& name : split(item.substr(colon + 1), '+'))
            f.formats |= bit(choose<TensorFormat>(name, flag,
                                                  {{"chw", TensorFormat::kLINEAR},
                                                   {"chw2", TensorFormat::kCHW2},
                                                   {"hwc8", TensorFormat::kHWC8},
                                                   {"chw4", TensorFormat::kCHW4},
                                                   {"chw16", TensorFormat::kCHW16},
                                                   {"chw32", TensorFormat::kCHW32},
                                                   {"dhwc8", TensorFormat::kDHWC8},
                                                   {"cdhw32", TensorFormat::kCDHW32},
                                                   {"hwc", TensorFormat::kHWC},
                                                   {"dla_linear", TensorFormat::kDLA_LINEAR},
                                                   {"dla_hwc4", TensorFormat::kDLA_HWC4},
                                                   {"hwc16", TensorFormat::kHWC16},
                                                   {"dhwc", TensorFormat::kDHWC}}));
        out.push_back(f);
    }
    return out;
}

// "name:value,other:value", names perhaps in quotes or with colons.
std::vector<std::pair<std::string, std::string>> pairs(const std::string& text, const char* flag) {
    std::vector<std::pair<std::string, std::string>> out;
    for (const std::string& item : split(text, ',')) {
        size_t colon = item.rfind(':');
        if (colon == std::string::npos || colon == 0)
            throw Failure(fmt::format("'{}' is not of the form name:value", item), flag);
        out.emplace_back(item.substr(0, colon), item.substr(colon + 1));
    }
    return out;
}

Set flagOn(bool Options::*member) {
    return [=](Options& o, const std::string&) { o.*member = true; };
}
Set text(std::string Options::*member) {
    return [=](Options& o, const std::string& v) { o.*member = v; };
}
Set count(int Options::*member, const char* flag, int least, int most = INT32_MAX) {
    return [=](Options& o, const std::string& v) { o.*member = integer(v, flag, least, most); };
}
Set builderFlag(BuilderFlag f) {
    return [=](Options& o, const std::string&) { o.setFlags |= bit(f); };
}
Set parserFlag(nvonnxparser::OnnxParserFlag f) {
    return [=](Options& o, const std::string&) { o.setParserFlags |= bit(f); };
}
// Accepted, told, and without effect.
Set note(const char* what) {
    return [=](Options& o, const std::string&) { o.notes.emplace_back(what); };
}
// The flag changes what the program would be for; going on without it would answer another question.
Set refuse(const char* why) {
    return [=](Options&, const std::string&) { throw Failure(why, "refused flag"); };
}
Set profileShapes(Shapes ProfileShapes::*member, const char* flag) {
    return [=](Options& o, const std::string& v) {
        o.profiles[static_cast<size_t>(o.buildProfile)].*member = tool::parseShapes(split(v, ','), flag);
    };
}
Set calibShapes(Shapes ProfileShapes::*member, const char* flag) {
    return [=](Options& o, const std::string& v) { o.calibration.*member = tool::parseShapes(split(v, ','), flag); };
}

void memoryPools(Options& o, const std::string& v) {
    for (const auto& [name, size] : pairs(v, "--memPoolSize"))
        o.pools[choose<MemoryPoolType>(name, "--memPoolSize",
                                       {{"workspace", MemoryPoolType::kWORKSPACE},
                                        {"dlaSRAM", MemoryPoolType::kDLA_MANAGED_SRAM},
                                        {"dlaLocalDRAM", MemoryPoolType::kDLA_LOCAL_DRAM},
                                        {"dlaGlobalDRAM", MemoryPoolType::kDLA_GLOBAL_DRAM},
                                        {"tacticDRAM", MemoryPoolType::kTACTIC_DRAM},
                                        {"tacticSharedMem", MemoryPoolType::kTACTIC_SHARED_MEMORY}})] =
            tool::parseBytes(size, "--memPoolSize", size_t{1} << 20);
}

void tacticSources(Options& o, const std::string& v) {
    for (const std::string& item : split(v, ',')) {
        if (item.empty() || (item[0] != '+' && item[0] != '-'))
            throw Failure(fmt::format("'{}' begins with neither + nor -", item), "--tacticSources");
        uint32_t mask = bit(choose<TacticSource>(item.substr(1), "--tacticSources",
                                                 {{"CUBLAS", TacticSource::kCUBLAS},
                                                  {"CUBLAS_LT", TacticSource::kCUBLAS_LT},
                                                  {"CUDNN", TacticSource::kCUDNN},
                                                  {"EDGE_MASK_CONVOLUTIONS", TacticSource::kEDGE_MASK_CONVOLUTIONS},
                                                  {"JIT_CONVOLUTIONS", TacticSource::kJIT_CONVOLUTIONS}}));
        (item[0] == '+' ? o.addSources : o.dropSources) |= mask;
    }
}

void previewFeatures(Options& o, const std::string& v) {
    for (const std::string& item : split(v, ',')) {
        bool off = !item.empty() && item[0] == '-';
        std::string name = !item.empty() && (off || item[0] == '+') ? item.substr(1) : item;
        o.preview.emplace_back(
            choose<PreviewFeature>(name, "--preview",
                                   {{"profileSharing0806", PreviewFeature::kPROFILE_SHARING_0806},
                                    {"aliasedPluginIO1003", PreviewFeature::kALIASED_PLUGIN_IO_10_03},
                                    {"runtimeActivationResize", PreviewFeature::kRUNTIME_ACTIVATION_RESIZE_10_10},
                                    {"multiDeviceRuntime", PreviewFeature::kMULTIDEVICE_RUNTIME_10_16}}),
            !off);
    }
}

const std::vector<Flag>& flags() {
    using Parser = nvonnxparser::OnnxParserFlag;
    static const std::vector<Flag> list = {
        {nullptr, nullptr, "Model", {}},
        {"--onnx", "FILE", "ONNX model to build an engine of", text(&Options::onnx)},
        {"--target", "cpu|cuda|cuda:sm_90", "what to build for (Lathe's own; default: the process's device)", text(&Options::target)},
        {"--explicitBatch", nullptr, "the only way there is", note("--explicitBatch: all networks have explicit batch dimensions")},
        {"--model --deploy --uff --uffInput --uffNHWC --output", "X", "formats of the past",
         refuse("Caffe and UFF models are not read by this program; convert the model to ONNX")},
        {"--batch --maxBatch", "N", "implicit batch",
         refuse("networks with an implicit batch dimension belong to the older API; give shapes: --shapes=input:8x3x224x224")},

        {nullptr, nullptr, "Shapes", {}},
        {"--minShapes", "NAME:1x3x8x8,…", "smallest shapes of the profile", profileShapes(&ProfileShapes::min, "--minShapes")},
        {"--optShapes", "NAME:…", "shapes to optimize for", profileShapes(&ProfileShapes::opt, "--optShapes")},
        {"--maxShapes", "NAME:…", "largest shapes", profileShapes(&ProfileShapes::max, "--maxShapes")},
        {"--minShapesCalib", "NAME:…", "of the calibration profile", calibShapes(&ProfileShapes::min, "--minShapesCalib")},
        {"--optShapesCalib", "NAME:…", "of the calibration profile", calibShapes(&ProfileShapes::opt, "--optShapesCalib")},
        {"--maxShapesCalib", "NAME:…", "of the calibration profile", calibShapes(&ProfileShapes::max, "--maxShapesCalib")},
        {"--shapes", "NAME:…", "shapes of inference; of the profile too where that has none",
         [](Options& o, const std::string& v) { o.shapes = tool::parseShapes(split(v, ','), "--shapes"); }},
        {"--profile", "N", "the profile that the following --minShapes, --optShapes and --maxShapes belong to",
         [](Options& o, const std::string& v) {
             o.buildProfile = integer(v, "--profile", 0, 1000);
             if (o.profiles.size() <= static_cast<size_t>(o.buildProfile)) o.profiles.resize(static_cast<size_t>(o.buildProfile) + 1);
         }},
        {"--calibProfile", "N", "profile used for calibration", count(&Options::calibProfile, "--calibProfile", 0)},
        {"--useProfile --useOptimizationProfile", "N", "profile used for inference", count(&Options::inferProfile, "--useProfile", 0)},

        {nullptr, nullptr, "Formats and memory", {}},
        {"--inputIOFormats", "TYPE:FORMAT[+FORMAT],…", "of each input: fp32:chw, fp16:chw+hwc8",
         [](Options& o, const std::string& v) { o.inputFormats = ioFormats(v, "--inputIOFormats"); }},
        {"--outputIOFormats", "TYPE:FORMAT[+FORMAT],…", "of each output",
         [](Options& o, const std::string& v) { o.outputFormats = ioFormats(v, "--outputIOFormats"); }},
        {"--memPoolSize", "workspace:512M,…", "limits of memory, in MiB without a unit: workspace, dlaSRAM, dlaLocalDRAM, dlaGlobalDRAM, tacticSharedMem", memoryPools},
        {"--workspace", "MIB", "older form of --memPoolSize=workspace:…",
         [](Options& o, const std::string& v) { o.pools[MemoryPoolType::kWORKSPACE] = tool::parseBytes(v, "--workspace", size_t{1} << 20); }},
        {"--directIO", nullptr, "no reformatting at inputs and outputs", builderFlag(BuilderFlag::kDIRECT_IO)},

        {nullptr, nullptr, "Precision", {}},
        {"--fp16", nullptr, "allow fp16", builderFlag(BuilderFlag::kFP16)},
        {"--bf16", nullptr, "allow bf16", builderFlag(BuilderFlag::kBF16)},
        {"--int8", nullptr, "allow int8", builderFlag(BuilderFlag::kINT8)},
        {"--fp8", nullptr, "allow fp8", builderFlag(BuilderFlag::kFP8)},
        {"--int4", nullptr, "allow int4", builderFlag(BuilderFlag::kINT4)},
        {"--best", nullptr, "allow fp16, bf16 and int8",
         [](Options& o, const std::string&) { o.setFlags |= bit(BuilderFlag::kFP16) | bit(BuilderFlag::kBF16) | bit(BuilderFlag::kINT8); }},
        {"--noTF32", nullptr, "no relaxed fp32", [](Options& o, const std::string&) { o.clearFlags |= bit(BuilderFlag::kTF32); }},
        {"--stronglyTyped", nullptr, "types are those of the network", flagOn(&Options::stronglyTyped)},
        {"--precisionConstraints", "none|obey|prefer", "what layer precisions mean",
         [](Options& o, const std::string& v) {
             o.precisionConstraints = choose<const char*>(v, "--precisionConstraints", {{"none", "none"}, {"obey", "obey"}, {"prefer", "prefer"}});
         }},
        {"--layerPrecisions", "LAYER:TYPE,…", "precision of layers; * in a name stands for anything",
         [](Options& o, const std::string& v) {
             for (const auto& [name, type] : pairs(v, "--layerPrecisions")) o.layerPrecisions.emplace_back(name, dataType(type, "--layerPrecisions"));
         }},
        {"--layerOutputTypes", "LAYER:TYPE[+TYPE],…", "types of layers' outputs",
         [](Options& o, const std::string& v) {
             for (const auto& [name, list] : pairs(v, "--layerOutputTypes")) {
                 o.layerOutputTypes.emplace_back(name, std::vector<DataType>{});
                 for (const std::string& t : split(list, '+')) o.layerOutputTypes.back().second.push_back(dataType(t, "--layerOutputTypes"));
             }
         }},
        {"--layerDeviceTypes", "LAYER:GPU|DLA,…", "device of layers",
         [](Options& o, const std::string& v) {
             for (const auto& [name, d] : pairs(v, "--layerDeviceTypes"))
                 o.layerDevices.emplace_back(name, choose<DeviceType>(d, "--layerDeviceTypes", {{"GPU", DeviceType::kGPU}, {"DLA", DeviceType::kDLA}}));
         }},
        {"--decomposableAttentions", "NAME,…", "attentions that may be taken apart",
         [](Options& o, const std::string& v) { o.decomposableAttentions = split(v, ','); }},
        {"--calib", "FILE", "calibration cache for int8", text(&Options::calibrationCache)},
        {"--sparsity", "disable|enable|force", "use of sparse weights",
         [](Options& o, const std::string& v) {
             if (choose<int>(v, "--sparsity", {{"disable", 0}, {"enable", 1}, {"force", 2}}) == 2)
                 throw Failure("'force' would change the network's weights", "--sparsity");
             if (v == "enable") o.setFlags |= bit(BuilderFlag::kSPARSE_WEIGHTS);
         }},
        {"--distributiveIndependence", nullptr, "results that do not depend on the batch", builderFlag(BuilderFlag::kDISTRIBUTIVE_INDEPENDENCE)},

        {nullptr, nullptr, "Build", {}},
        {"--saveEngine", "FILE", "write the plan there", text(&Options::saveEngine)},
        {"--loadEngine", "FILE", "run a plan instead of building one", text(&Options::loadEngine)},
        {"--asyncFileReader", nullptr, "load the plan piece by piece through a reader", flagOn(&Options::asyncFileReader)},
        {"--getPlanVersionOnly", nullptr, "tell the version of --loadEngine's plan and stop", flagOn(&Options::planVersionOnly)},
        {"--skipInference --buildOnly", nullptr, "stop after building", flagOn(&Options::skipInference)},
        {"--refit", nullptr, "an engine that can be refitted", builderFlag(BuilderFlag::kREFIT)},
        {"--refitFromOnnx", "FILE", "refit the loaded engine from this model", text(&Options::refitFromOnnx)},
        {"--stripWeights", nullptr, "a plan without the weights that a refit brings", builderFlag(BuilderFlag::kSTRIP_PLAN)},
        {"--stripAllWeights", nullptr, "a refittable plan without weights",
         [](Options& o, const std::string&) { o.setFlags |= bit(BuilderFlag::kSTRIP_PLAN) | bit(BuilderFlag::kREFIT); }},
        {"--weightless", nullptr, "older name of --stripWeights", builderFlag(BuilderFlag::kSTRIP_PLAN)},
        {"--versionCompatible --vc", nullptr, "a plan for later versions too", builderFlag(BuilderFlag::kVERSION_COMPATIBLE)},
        {"--excludeLeanRuntime", nullptr, "no runtime inside of the plan", builderFlag(BuilderFlag::kEXCLUDE_LEAN_RUNTIME)},
        {"--leanDLLPath", "FILE", "another runtime library", refuse("--leanDLLPath: plans hold no code and are run by this library only")},
        {"--useRuntime", "full|lean|dispatch", "which runtime",
         [](Options& o, const std::string& v) {
             if (choose<int>(v, "--useRuntime", {{"full", 0}, {"lean", 1}, {"dispatch", 2}}))
                 o.notes.push_back("--useRuntime=" + v + ": there is one runtime, which is small; it is used");
         }},
        {"--hardwareCompatibilityLevel", "none|ampere+|sameComputeCapability", "a plan for other devices too",
         [](Options& o, const std::string& v) {
             using L = HardwareCompatibilityLevel;
             o.hardwareCompatibility = choose<L>(v, "--hardwareCompatibilityLevel",
                                                 {{"none", L::kNONE}, {"ampere+", L::kAMPERE_PLUS}, {"sameComputeCapability", L::kSAME_COMPUTE_CAPABILITY}});
         }},
        {"--runtimePlatform", "SameAsBuild|WindowsAMD64", "operating system of the runtime",
         [](Options& o, const std::string& v) {
             using P = RuntimePlatform;
             o.platform = choose<P>(v, "--runtimePlatform",
                                    {{"SameAsBuild", P::kSAME_AS_BUILD}, {"sameAsBuild", P::kSAME_AS_BUILD}, {"WindowsAMD64", P::kWINDOWS_AMD64}, {"windowsAMD64", P::kWINDOWS_AMD64}});
         }},
        {"--builderOptimizationLevel", "0…5", "how many tactics are tried", count(&Options::level, "--builderOptimizationLevel", 0)},
        {"--maxTactics", "N", "most tactics timed for a layer", count(&Options::maxTactics, "--maxTactics", -1)},
        {"--avgTiming", "N", "timing samples of a tactic", count(&Options::avgTiming, "--avgTiming", 1)},
        {"--tacticSources", "±CUDNN,…", "libraries that tactics may use", tacticSources},
        {"--preview", "±FEATURE,…", "preview features", previewFeatures},
        {"--maxAuxStreams", "N", "most streams beside the main one", count(&Options::maxAuxStreams, "--maxAuxStreams", 0)},
        {"--tempdir", "FOLDER", "for temporary files", text(&Options::tempdir)},
        {"--tempfileControls", "in_memory:allow|deny,temporary:allow|deny", "where temporary files may be",
         [](Options& o, const std::string& v) {
             uint32_t mask = 3;
             for (const auto& [name, allow] : pairs(v, "--tempfileControls")) {
                 uint32_t which = choose<uint32_t>(name, "--tempfileControls", {{"in_memory", 1}, {"temporary", 2}});
                 mask = choose<bool>(allow, "--tempfileControls", {{"allow", true}, {"deny", false}}) ? mask | which : mask & ~which;
             }
             o.tempfileControls = mask;
         }},
        {"--tilingOptimizationLevel", "0…3", "effort for tiling across layers",
         [](Options& o, const std::string& v) { o.tiling = static_cast<TilingOptimizationLevel>(integer(v, "--tilingOptimizationLevel", 0, 3)); }},
        {"--l2LimitForTiling", "BYTES", "cache that tiling may use",
         [](Options& o, const std::string& v) { o.tilingL2 = static_cast<int64_t>(tool::parseBytes(v, "--l2LimitForTiling")); }},
        {"--remoteAutoTuningConfig", "TEXT", "tuning on another machine", text(&Options::remoteTuning)},
        {"--dumpKernelText", nullptr, "print the kernels of the plan", flagOn(&Options::dumpKernelText)},
        {"--cpuOnly", nullptr, "build for the CPU", [](Options& o, const std::string&) { o.target = "cpu"; }},
        {"--monitorMemory", nullptr, "report memory while building", builderFlag(BuilderFlag::kMONITOR_MEMORY)},
        {"--allowWeightStreaming", nullptr, "weights may stay outside of device memory", builderFlag(BuilderFlag::kWEIGHT_STREAMING)},
        {"--weightStreamingBudget", "BYTES|N%|-1", "device memory for streamed weights", text(&Options::weightStreamingBudget)},
        {"--profilingVerbosity", "layer_names_only|none|detailed", "what the engine tells of its layers",
         [](Options& o, const std::string& v) {
             using V = ProfilingVerbosity;
             o.profilingVerbosity = choose<V>(v, "--profilingVerbosity",
                                              {{"layer_names_only", V::kLAYER_NAMES_ONLY}, {"none", V::kNONE}, {"detailed", V::kDETAILED}, {"default", V::kLAYER_NAMES_ONLY}, {"verbose", V::kDETAILED}});
         }},
        {"--timingCacheFile", "FILE", "measured times, read and added to", text(&Options::timingCache)},
        {"--noBuilderCache", nullptr, "no timing cache", builderFlag(BuilderFlag::kDISABLE_TIMING_CACHE)},
        {"--noCompilationCache", nullptr, "no cache of compiled kernels", builderFlag(BuilderFlag::kDISABLE_COMPILATION_CACHE)},
        {"--errorOnTimingCacheMiss", nullptr, "fail where a tactic's time is not known", builderFlag(BuilderFlag::kERROR_ON_TIMING_CACHE_MISS)},

        {nullptr, nullptr, "Plugins and parser", {}},
        {"--staticPlugins --dynamicPlugins --plugins", "LIBRARY", "plugin library to load; may come again",
         [](Options& o, const std::string& v) {
             for (const std::string& p : split(v, ',')) o.plugins.push_back(p);
         }},
        {"--setPluginsToSerialize", "LIBRARY", "plugin library to put into the plan; may come again",
         [](Options& o, const std::string& v) {
             for (const std::string& p : split(v, ',')) o.pluginsToSerialize.push_back(p);
         }},
        {"--ignoreParsedPluginLibs", nullptr, "plugin libraries of the parser are not serialized",
         note("--ignoreParsedPluginLibs: the parser names no plugin libraries")},
        {"--pluginInstanceNorm --pi", nullptr, "InstanceNormalization as a plugin",
         [](Options& o, const std::string&) { o.clearParserFlags |= bit(Parser::kNATIVE_INSTANCENORM); }},
        {"--enablePluginOverride", nullptr, "plugins come before builtin operators", parserFlag(Parser::kENABLE_PLUGIN_OVERRIDE)},
        {"--uint8AsymmetricQuantizationDLA", nullptr, "uint8 quantization on a DLA", parserFlag(Parser::kENABLE_UINT8_AND_ASYMMETRIC_QUANTIZATION_DLA)},
        {"--reportCapabilityDLA", nullptr, "tell what a DLA could run", parserFlag(Parser::kREPORT_CAPABILITY_DLA)},
        {"--adjustForDLA", nullptr, "parse so that a DLA can run more", parserFlag(Parser::kADJUST_FOR_DLA)},

        {nullptr, nullptr, "Device", {}},
        {"--device", "N", "device of the process", count(&Options::device, "--device", 0)},
        {"--useDLACore", "N", "DLA core to run on", count(&Options::dlaCore, "--useDLACore", 0)},
        {"--allowGPUFallback", nullptr, "layers that a DLA cannot run may run elsewhere", builderFlag(BuilderFlag::kGPU_FALLBACK)},
        {"--buildDLAStandalone", nullptr, "a plan for a DLA alone",
         [](Options& o, const std::string&) {
             o.capability = EngineCapability::kDLA_STANDALONE;
             o.skipInference = true;
         }},
        {"--safe", nullptr, "a plan for the safety runtime", [](Options& o, const std::string&) { o.capability = EngineCapability::kSAFETY; }},
        {"--std", nullptr, "with --safe: a standard engine in its limits", refuse("--std: there is no safety runtime")},
        {"--restricted", nullptr, "limits of the safety runtime", builderFlag(BuilderFlag::kSAFETY_SCOPE)},
        {"--consistency", nullptr, "check of safety plans", refuse("--consistency: there is no safety runtime, and no checker for its plans")},
        {"--serialized", nullptr, "of networks for the safety runtime", refuse("--serialized: there is no safety runtime")},
        {"--safetyPlugins", "LIBRARY", "plugins of the safety runtime", refuse("--safetyPlugins: there is no safety runtime")},

        {nullptr, nullptr, "Inference", {}},
        {"--loadInputs", "NAME:FILE,…", "raw bytes, or a .npy file, for inputs (others are random)",
         [](Options& o, const std::string& v) {
             for (const auto& [name, file] : pairs(v, "--loadInputs")) o.inputs[name] = file;
         }},
        {"--iterations", "N", "at least so many runs", count(&Options::iterations, "--iterations", 0)},
        {"--warmUp", "MS", "milliseconds before measuring", [](Options& o, const std::string& v) { o.warmUp = number(v, "--warmUp", 0); }},
        {"--duration", "S", "at least so many seconds of runs; -1: until stopped",
         [](Options& o, const std::string& v) { o.duration = v == "-1" ? 1e18 : number(v, "--duration", 0); }},
        {"--sleepTime", "MS", "pause before the first run", [](Options& o, const std::string& v) { o.sleepTime = number(v, "--sleepTime", 0); }},
        {"--idleTime", "MS", "pause between runs", [](Options& o, const std::string& v) { o.idleTime = number(v, "--idleTime", 0); }},
        {"--infStreams --streams", "N", "runs at the same time, a context and a stream each", count(&Options::streams, "--infStreams", 1, 256)},
        {"--exposeDMA", nullptr, "copies do not overlap runs", flagOn(&Options::exposeDma)},
        {"--noDataTransfers", nullptr, "no copies to and from the device", flagOn(&Options::noTransfers)},
        {"--useManagedMemory", nullptr, "managed memory instead of pairs of buffers", flagOn(&Options::managedMemory)},
        {"--useSpinWait", nullptr, "wait for the device by asking again and again", flagOn(&Options::spinWait)},
        {"--threads", nullptr, "a thread for each stream", flagOn(&Options::threads)},
        {"--useCudaGraph", nullptr, "capture runs in a graph", flagOn(&Options::cudaGraph)},
        {"--timeDeserialize", nullptr, "time the loading of the plan and stop", flagOn(&Options::timeDeserialize)},
        {"--timeRefit", nullptr, "time a refit with the engine's own weights", flagOn(&Options::timeRefit)},
        {"--separateProfileRun", nullptr, "profile layers in runs of their own", flagOn(&Options::separateProfileRun)},
        {"--persistentCacheRatio", "0…1", "part of the cache kept for activations",
         [](Options& o, const std::string& v) { o.persistentCache = number(v, "--persistentCacheRatio", 0, 1); }},
        {"--allocationStrategy", "static|profile|runtime", "how contexts get their memory",
         [](Options& o, const std::string& v) {
             using S = ExecutionContextAllocationStrategy;
             o.strategy = choose<S>(v, "--allocationStrategy", {{"static", S::kSTATIC}, {"profile", S::kON_PROFILE_CHANGE}, {"runtime", S::kUSER_MANAGED}});
         }},
        {"--markDebug", "TENSOR,…", "tensors whose values can be saved",
         [](Options& o, const std::string& v) {
             for (const std::string& t : split(v, ',')) o.debugTensors.push_back(t);
         }},
        {"--markUnfusedTensorsAsDebugTensors", nullptr, "every tensor between layers", flagOn(&Options::markUnfused)},
        {"--saveDebugTensors", "TENSOR:FILE,…", "write debug tensors",
         [](Options& o, const std::string& v) { o.saveDebug = pairs(v, "--saveDebugTensors"); }},
        {"--saveAllDebugTensors", "FORMATS", "write all debug tensors: raw, numpy",
         [](Options& o, const std::string& v) {
             for (const std::string& f : split(v, ',')) choose<int>(f, "--saveAllDebugTensors", {{"raw", 0}, {"numpy", 1}});
             o.saveAllDebug = v;
         }},

        {nullptr, nullptr, "Reporting", {}},
        {"--verbose", nullptr, "everything that the library logs", flagOn(&Options::verbose)},
        {"--avgRuns", "N", "runs averaged in a line of the trace", count(&Options::avgRuns, "--avgRuns", 0)},
        {"--percentile", "P,…", "percentiles to report",
         [](Options& o, const std::string& v) {
             o.percentiles.clear();
             for (const std::string& p : split(v, ',')) o.percentiles.push_back(number(p, "--percentile", 0, 100));
         }},
        {"--dumpRefit", nullptr, "print the weights that can be refitted", flagOn(&Options::dumpRefit)},
        {"--dumpOutput", nullptr, "print the outputs of the last run", flagOn(&Options::dumpOutput)},
        {"--dumpRawBindingsToFile", nullptr, "write inputs and outputs as raw bytes", flagOn(&Options::dumpRaw)},
        {"--dumpProfile", nullptr, "print the times of layers", flagOn(&Options::dumpProfile)},
        {"--dumpLayerInfo", nullptr, "print what the engine tells of its layers", flagOn(&Options::dumpLayers)},
        {"--dumpOptimizationProfile", nullptr, "print the engine's profiles", flagOn(&Options::dumpProfiles)},
        {"--exportTimes", "FILE", "JSON: times of each run", text(&Options::exportTimes)},
        {"--exportOutput", "FILE", "JSON: outputs of the last run", text(&Options::exportOutput)},
        {"--exportProfile", "FILE", "JSON: times of layers", text(&Options::exportProfile)},
        {"--exportLayerInfo", "FILE", "JSON: what the engine tells of its layers", text(&Options::exportLayers)},
        {"--help -h", nullptr, "this text", flagOn(&Options::help)},
    };
    return list;
}

const Flag* find(const std::string& name) {
    for (const Flag& f : flags()) {
        if (!f.names) continue;
        auto names = split(f.names, ' ');
        if (std::find(names.begin(), names.end(), name) != names.end()) return &f;
    }
    return nullptr;
}

void check(const Options& o) {
    if (o.help) return;
    if (o.onnx.empty() == o.loadEngine.empty())
        throw Failure(o.onnx.empty() ? "neither a model nor a plan is given" : "both a model and a plan are given",
                      "command line", "trtexec --onnx=model.onnx, or trtexec --loadEngine=model.plan");
    if (o.planVersionOnly && o.loadEngine.empty())
        throw Failure("there is no plan", "--getPlanVersionOnly", "add --loadEngine=FILE");
    if (o.precisionConstraints == "none" && (!o.layerPrecisions.empty() || !o.layerOutputTypes.empty()))
        throw Failure("layer precisions without --precisionConstraints=obey or prefer would be ignored",
                      "--layerPrecisions");
}

}  // namespace

Options parseOptions(const std::vector<std::string>& arguments) {
    Options o;
    for (size_t i = 0; i < arguments.size(); ++i) {
        const std::string& argument = arguments[i];
        size_t equals = argument.find('=');
        std::string name = argument.substr(0, equals);
        const Flag* f = find(name);
        if (!f) throw Failure(fmt::format("unknown flag '{}'", argument), "command line", "trtexec --help lists all");
        bool has = equals != std::string::npos;
        if (!f->value && has) throw Failure("the flag takes no value", name);
        std::string value = has ? argument.substr(equals + 1) : "";
        if (f->value && !has) {
            // "--onnx model.onnx" is accepted too.
            if (i + 1 >= arguments.size() || arguments[i + 1].rfind("--", 0) == 0)
                throw Failure("the flag needs a value", name, fmt::format("{}={}", name, f->value));
            value = arguments[++i];
        }
        f->set(o, value);
    }
    check(o);
    return o;
}

std::string helpText() {
    std::string out =
        "Builds engines of ONNX models, measures them, and tells about them. Flags are those of TensorRT's program of "
        "this name.\n\n"
        "  trtexec --onnx=model.onnx --saveEngine=model.plan --shapes=input:1x3x224x224\n"
        "  trtexec --loadEngine=model.plan --dumpProfile --exportTimes=times.json\n";
    for (const Flag& f : flags()) {
        if (!f.names) {
            out += fmt::format("\n{}:\n", f.help);
            continue;
        }
        std::string names;
        for (const std::string& n : split(f.names, ' ')) names += (names.empty() ? "" : ", ") + n;
        out += fmt::format("  {:52} {}\n", names + (f.value ? fmt::format("={}", f.value) : ""), f.help);
    }
    return out;
}

}  // namespace lathe::trtexec
