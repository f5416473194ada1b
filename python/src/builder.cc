// SPDX-License-Identifier: Apache-2.0
#include "common.h"

namespace lathe::python {

using namespace nvinfer1;

namespace {

void bindFlags(nb::module_& m) {
    nb::enum_<BuilderFlag>(m, "BuilderFlag", nb::is_arithmetic())
        .value("FP16", BuilderFlag::kFP16)
        .value("INT8", BuilderFlag::kINT8)
        .value("DEBUG", BuilderFlag::kDEBUG)
        .value("GPU_FALLBACK", BuilderFlag::kGPU_FALLBACK)
        .value("REFIT", BuilderFlag::kREFIT)
        .value("DISABLE_TIMING_CACHE", BuilderFlag::kDISABLE_TIMING_CACHE)
        .value("TF32", BuilderFlag::kTF32)
        .value("SPARSE_WEIGHTS", BuilderFlag::kSPARSE_WEIGHTS)
        .value("SAFETY_SCOPE", BuilderFlag::kSAFETY_SCOPE)
        .value("OBEY_PRECISION_CONSTRAINTS", BuilderFlag::kOBEY_PRECISION_CONSTRAINTS)
        .value("PREFER_PRECISION_CONSTRAINTS", BuilderFlag::kPREFER_PRECISION_CONSTRAINTS)
        .value("DIRECT_IO", BuilderFlag::kDIRECT_IO)
        .value("REJECT_EMPTY_ALGORITHMS", BuilderFlag::kREJECT_EMPTY_ALGORITHMS)
        .value("VERSION_COMPATIBLE", BuilderFlag::kVERSION_COMPATIBLE)
        .value("EXCLUDE_LEAN_RUNTIME", BuilderFlag::kEXCLUDE_LEAN_RUNTIME)
        .value("FP8", BuilderFlag::kFP8)
        .value("ERROR_ON_TIMING_CACHE_MISS", BuilderFlag::kERROR_ON_TIMING_CACHE_MISS)
        .value("BF16", BuilderFlag::kBF16)
        .value("DISABLE_COMPILATION_CACHE", BuilderFlag::kDISABLE_COMPILATION_CACHE)
        .value("STRIP_PLAN", BuilderFlag::kSTRIP_PLAN)
        .value("REFIT_IDENTICAL", BuilderFlag::kREFIT_IDENTICAL)
        .value("WEIGHT_STREAMING", BuilderFlag::kWEIGHT_STREAMING)
        .value("INT4", BuilderFlag::kINT4)
        .value("REFIT_INDIVIDUAL", BuilderFlag::kREFIT_INDIVIDUAL)
        .value("STRICT_NANS", BuilderFlag::kSTRICT_NANS)
        .value("MONITOR_MEMORY", BuilderFlag::kMONITOR_MEMORY)
        .value("FP4", BuilderFlag::kFP4)
        .value("EDITABLE_TIMING_CACHE", BuilderFlag::kEDITABLE_TIMING_CACHE)
        .value("DISTRIBUTIVE_INDEPENDENCE", BuilderFlag::kDISTRIBUTIVE_INDEPENDENCE);
    nb::enum_<NetworkDefinitionCreationFlag>(m, "NetworkDefinitionCreationFlag", nb::is_arithmetic())
        .value("EXPLICIT_BATCH", NetworkDefinitionCreationFlag::kEXPLICIT_BATCH)
        .value("STRONGLY_TYPED", NetworkDefinitionCreationFlag::kSTRONGLY_TYPED)
        .value("PREFER_JIT_PYTHON_PLUGINS", NetworkDefinitionCreationFlag::kPREFER_JIT_PYTHON_PLUGINS)
        .value("PREFER_AOT_PYTHON_PLUGINS", NetworkDefinitionCreationFlag::kPREFER_AOT_PYTHON_PLUGINS);
    nb::enum_<MemoryPoolType>(m, "MemoryPoolType")
        .value("WORKSPACE", MemoryPoolType::kWORKSPACE)
        .value("DLA_MANAGED_SRAM", MemoryPoolType::kDLA_MANAGED_SRAM)
        .value("DLA_LOCAL_DRAM", MemoryPoolType::kDLA_LOCAL_DRAM)
        .value("DLA_GLOBAL_DRAM", MemoryPoolType::kDLA_GLOBAL_DRAM)
        .value("TACTIC_DRAM", MemoryPoolType::kTACTIC_DRAM)
        .value("TACTIC_SHARED_MEMORY", MemoryPoolType::kTACTIC_SHARED_MEMORY);
    nb::enum_<ProfilingVerbosity>(m, "ProfilingVerbosity")
        .value("LAYER_NAMES_ONLY", ProfilingVerbosity::kLAYER_NAMES_ONLY)
        .value("NONE", ProfilingVerbosity::kNONE)
        .value("DETAILED", ProfilingVerbosity::kDETAILED);
    nb::enum_<EngineCapability>(m, "EngineCapability")
        .value("STANDARD", EngineCapability::kSTANDARD)
        .value("SAFETY", EngineCapability::kSAFETY)
        .value("DLA_STANDALONE", EngineCapability::kDLA_STANDALONE);
    nb::enum_<HardwareCompatibilityLevel>(m, "HardwareCompatibilityLevel")
        .value("NONE", HardwareCompatibilityLevel::kNONE)
        .value("AMPERE_PLUS", HardwareCompatibilityLevel::kAMPERE_PLUS)
        .value("SAME_COMPUTE_CAPABILITY", HardwareCompatibilityLevel::kSAME_COMPUTE_CAPABILITY);
    nb::enum_<TacticSource>(m, "TacticSource", nb::is_arithmetic())
        .value("CUBLAS", TacticSource::kCUBLAS)
        .value("CUBLAS_LT", TacticSource::kCUBLAS_LT)
        .value("CUDNN", TacticSource::kCUDNN)
        .value("EDGE_MASK_CONVOLUTIONS", TacticSource::kEDGE_MASK_CONVOLUTIONS)
        .value("JIT_CONVOLUTIONS", TacticSource::kJIT_CONVOLUTIONS);
    nb::enum_<PreviewFeature>(m, "PreviewFeature")
        .value("PROFILE_SHARING_0806", PreviewFeature::kPROFILE_SHARING_0806)
        .value("ALIASED_PLUGIN_IO_10_03", PreviewFeature::kALIASED_PLUGIN_IO_10_03)
        .value("RUNTIME_ACTIVATION_RESIZE_10_10", PreviewFeature::kRUNTIME_ACTIVATION_RESIZE_10_10)
        .value("MULTIDEVICE_RUNTIME_10_16", PreviewFeature::kMULTIDEVICE_RUNTIME_10_16);
}

}  // namespace

void bindBuilder(nb::module_& m) {
    bindFlags(m);
    nb::class_<ITimingCache>(m, "ITimingCache")
        .def("serialize", &ITimingCache::serialize, nb::rv_policy::take_ownership)
        .def(
            "combine", [](ITimingCache& c, const ITimingCache& other, bool ignore) { return c.combine(other, ignore); },
            "input_cache"_a, "ignore_mismatch"_a)
        .def("reset", &ITimingCache::reset);

    nb::class_<IOptimizationProfile>(m, "IOptimizationProfile")
        .def(
            "set_shape",
            [](IOptimizationProfile& p, const char* name, nb::handle min, nb::handle opt, nb::handle max) {
                bool ok = p.setDimensions(name, OptProfileSelector::kMIN, toDims(min)) &&
                          p.setDimensions(name, OptProfileSelector::kOPT, toDims(opt)) &&
                          p.setDimensions(name, OptProfileSelector::kMAX, toDims(max));
                if (!ok) throw nb::value_error("the shapes are not a valid range");
            },
            "input"_a, "min"_a, "opt"_a, "max"_a)
        .def(
            "get_shape",
            [](const IOptimizationProfile& p, const char* name) {
                nb::list out;
                for (auto s : {OptProfileSelector::kMIN, OptProfileSelector::kOPT, OptProfileSelector::kMAX}) {
                    Dims d = p.getDimensions(name, s);
                    if (d.nbDims >= 0) out.append(toTuple(d));
                }
                return out;
            },
            "input"_a)
        .def(
            "set_shape_input",
            [](IOptimizationProfile& p, const char* name, std::vector<int64_t> min, std::vector<int64_t> opt,
               std::vector<int64_t> max) {
                auto set = [&](OptProfileSelector s, const std::vector<int64_t>& v) {
                    return p.setShapeValuesV2(name, s, v.data(), static_cast<int32_t>(v.size()));
                };
                if (!(set(OptProfileSelector::kMIN, min) && set(OptProfileSelector::kOPT, opt) &&
                      set(OptProfileSelector::kMAX, max)))
                    throw nb::value_error("the values are not a valid range");
            },
            "input"_a, "min"_a, "opt"_a, "max"_a)
        .def_prop_ro("is_valid", &IOptimizationProfile::isValid)
        .def("__bool__", &IOptimizationProfile::isValid)
        .def_prop_rw("extra_memory_target", &IOptimizationProfile::getExtraMemoryTarget,
                     [](IOptimizationProfile& p, float target) { p.setExtraMemoryTarget(target); });

    nb::class_<IBuilderConfig>(m, "IBuilderConfig")
        .def("set_flag", &IBuilderConfig::setFlag, "flag"_a)
        .def("clear_flag", &IBuilderConfig::clearFlag, "flag"_a)
        .def("get_flag", &IBuilderConfig::getFlag, "flag"_a)
        .def_prop_rw("flags", &IBuilderConfig::getFlags, &IBuilderConfig::setFlags)
        .def("set_memory_pool_limit", &IBuilderConfig::setMemoryPoolLimit, "pool"_a, "pool_size"_a)
        .def("get_memory_pool_limit", &IBuilderConfig::getMemoryPoolLimit, "pool"_a)
        .def(
            "add_optimization_profile",
            [](IBuilderConfig& c, const IOptimizationProfile& p) { return c.addOptimizationProfile(&p); }, "profile"_a,
            nb::keep_alive<1, 2>())
        .def_prop_ro("num_optimization_profiles", &IBuilderConfig::getNbOptimizationProfiles)
        .def_prop_rw("builder_optimization_level", &IBuilderConfig::getBuilderOptimizationLevel,
                     &IBuilderConfig::setBuilderOptimizationLevel)
        .def_prop_rw("avg_timing_iterations", &IBuilderConfig::getAvgTimingIterations,
                     &IBuilderConfig::setAvgTimingIterations)
        .def_prop_rw("profiling_verbosity", &IBuilderConfig::getProfilingVerbosity,
                     &IBuilderConfig::setProfilingVerbosity)
        .def_prop_rw("engine_capability", &IBuilderConfig::getEngineCapability, &IBuilderConfig::setEngineCapability)
        .def_prop_rw("hardware_compatibility_level", &IBuilderConfig::getHardwareCompatibilityLevel,
                     &IBuilderConfig::setHardwareCompatibilityLevel)
        .def_prop_rw("max_aux_streams", &IBuilderConfig::getMaxAuxStreams, &IBuilderConfig::setMaxAuxStreams)
        .def_prop_rw("max_num_tactics", &IBuilderConfig::getMaxNbTactics, &IBuilderConfig::setMaxNbTactics)
        .def("set_tactic_sources", &IBuilderConfig::setTacticSources, "tactic_sources"_a)
        .def("get_tactic_sources", &IBuilderConfig::getTacticSources)
        .def("set_preview_feature", &IBuilderConfig::setPreviewFeature, "feature"_a, "enable"_a)
        .def("get_preview_feature", &IBuilderConfig::getPreviewFeature, "feature"_a)
        .def(
            "create_timing_cache",
            [](const IBuilderConfig& c, nb::bytes blob) { return c.createTimingCache(blob.c_str(), blob.size()); },
            "serialized_timing_cache"_a, nb::rv_policy::take_ownership)
        .def(
            "set_timing_cache",
            [](IBuilderConfig& c, const ITimingCache& cache, bool ignore) { return c.setTimingCache(cache, ignore); },
            "cache"_a, "ignore_mismatch"_a, nb::keep_alive<1, 2>())
        .def(
            "get_timing_cache", [](const IBuilderConfig& c) { return const_cast<ITimingCache*>(c.getTimingCache()); },
            nb::rv_policy::reference_internal)
        .def_prop_rw(
            "progress_monitor", [](const IBuilderConfig& c) { return c.getProgressMonitor(); },
            [](IBuilderConfig& c, IProgressMonitor* monitor) { c.setProgressMonitor(monitor); },
            nb::for_setter(nb::keep_alive<1, 2>()), nb::for_setter(nb::arg("monitor").none()), nb::rv_policy::reference)
        .def("reset", &IBuilderConfig::reset);

    nb::class_<IBuilder>(m, "Builder", "Makes networks, configurations and plans.")
        .def(nb::new_([](ILogger& logger) { return required(createInferBuilder(logger), "creating the builder"); }),
             "logger"_a, nb::keep_alive<0, 2>())
        .def(
            "create_network",
            [](IBuilder& b, uint32_t flags) { return required(b.createNetworkV2(flags), "create_network"); },
            "flags"_a = 0, nb::rv_policy::take_ownership, nb::keep_alive<0, 1>())
        .def(
            "create_builder_config",
            [](IBuilder& b) { return required(b.createBuilderConfig(), "create_builder_config"); },
            nb::rv_policy::take_ownership, nb::keep_alive<0, 1>())
        // The builder owns its profiles.
        .def(
            "create_optimization_profile",
            [](IBuilder& b) { return required(b.createOptimizationProfile(), "create_optimization_profile"); },
            nb::rv_policy::reference, nb::keep_alive<0, 1>())
        // Building calls back into Python from this thread only; other threads may run meanwhile.
        .def(
            "build_serialized_network",
            [](IBuilder& b, INetworkDefinition& n, IBuilderConfig& c) {
                nb::gil_scoped_release released;
                return b.buildSerializedNetwork(n, c);
            },
            "network"_a, "config"_a, nb::rv_policy::take_ownership)
        .def(
            "build_engine_with_config",
            [](IBuilder& b, INetworkDefinition& n, IBuilderConfig& c) {
                nb::gil_scoped_release released;
                return b.buildEngineWithConfig(n, c);
            },
            "network"_a, "config"_a, nb::rv_policy::take_ownership, nb::keep_alive<0, 1>())
        .def(
            "is_network_supported",
            [](IBuilder& b, INetworkDefinition& n, IBuilderConfig& c) { return b.isNetworkSupported(n, c); },
            "network"_a, "config"_a)
        .def_prop_ro("platform_has_tf32", &IBuilder::platformHasTf32)
        .def_prop_ro("platform_has_fast_fp16", &IBuilder::platformHasFastFp16)
        .def_prop_ro("platform_has_fast_int8", &IBuilder::platformHasFastInt8)
        .def_prop_ro("num_DLA_cores", &IBuilder::getNbDLACores)
        .def_prop_rw("max_threads", &IBuilder::getMaxThreads, [](IBuilder& b, int32_t n) { b.setMaxThreads(n); })
        .def("reset", &IBuilder::reset);
}

}  // namespace lathe::python
