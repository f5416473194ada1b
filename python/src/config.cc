// SPDX-License-Identifier: Apache-2.0
// Builder configurations, optimization profiles, timing caches.
#include "common.h"

namespace lathe::python {

using namespace nvinfer1;

namespace {

void bindFlags(nb::module_& m) {
    using F = BuilderFlag;
    bindEnum<F>(m, "BuilderFlag",
                {{"FP16", F::kFP16},
                 {"INT8", F::kINT8},
                 {"DEBUG", F::kDEBUG},
                 {"GPU_FALLBACK", F::kGPU_FALLBACK},
                 {"REFIT", F::kREFIT},
                 {"DISABLE_TIMING_CACHE", F::kDISABLE_TIMING_CACHE},
                 {"TF32", F::kTF32},
                 {"SPARSE_WEIGHTS", F::kSPARSE_WEIGHTS},
                 {"SAFETY_SCOPE", F::kSAFETY_SCOPE},
                 {"OBEY_PRECISION_CONSTRAINTS", F::kOBEY_PRECISION_CONSTRAINTS},
                 {"PREFER_PRECISION_CONSTRAINTS", F::kPREFER_PRECISION_CONSTRAINTS},
                 {"DIRECT_IO", F::kDIRECT_IO},
                 {"REJECT_EMPTY_ALGORITHMS", F::kREJECT_EMPTY_ALGORITHMS},
                 {"VERSION_COMPATIBLE", F::kVERSION_COMPATIBLE},
                 {"EXCLUDE_LEAN_RUNTIME", F::kEXCLUDE_LEAN_RUNTIME},
                 {"FP8", F::kFP8},
                 {"ERROR_ON_TIMING_CACHE_MISS", F::kERROR_ON_TIMING_CACHE_MISS},
                 {"BF16", F::kBF16},
                 {"DISABLE_COMPILATION_CACHE", F::kDISABLE_COMPILATION_CACHE},
                 {"STRIP_PLAN", F::kSTRIP_PLAN},
                 {"REFIT_IDENTICAL", F::kREFIT_IDENTICAL},
                 {"WEIGHT_STREAMING", F::kWEIGHT_STREAMING},
                 {"INT4", F::kINT4},
                 {"REFIT_INDIVIDUAL", F::kREFIT_INDIVIDUAL},
                 {"STRICT_NANS", F::kSTRICT_NANS},
                 {"MONITOR_MEMORY", F::kMONITOR_MEMORY},
                 {"FP4", F::kFP4},
                 {"EDITABLE_TIMING_CACHE", F::kEDITABLE_TIMING_CACHE},
                 {"DISTRIBUTIVE_INDEPENDENCE", F::kDISTRIBUTIVE_INDEPENDENCE}});
    nb::object flags = m.attr("BuilderFlag"), strip = flags.attr("STRIP_PLAN");
    nb::setattr(flags, "WEIGHTLESS", strip);
    using N = NetworkDefinitionCreationFlag;
    bindEnum<N>(m, "NetworkDefinitionCreationFlag",
                {{"EXPLICIT_BATCH", N::kEXPLICIT_BATCH},
                 {"STRONGLY_TYPED", N::kSTRONGLY_TYPED},
                 {"PREFER_JIT_PYTHON_PLUGINS", N::kPREFER_JIT_PYTHON_PLUGINS},
                 {"PREFER_AOT_PYTHON_PLUGINS", N::kPREFER_AOT_PYTHON_PLUGINS}});
    using M = MemoryPoolType;
    bindEnum<M>(m, "MemoryPoolType",
                {{"WORKSPACE", M::kWORKSPACE},
                 {"DLA_MANAGED_SRAM", M::kDLA_MANAGED_SRAM},
                 {"DLA_LOCAL_DRAM", M::kDLA_LOCAL_DRAM},
                 {"DLA_GLOBAL_DRAM", M::kDLA_GLOBAL_DRAM},
                 {"TACTIC_DRAM", M::kTACTIC_DRAM},
                 {"TACTIC_SHARED_MEMORY", M::kTACTIC_SHARED_MEMORY}});
    using V = ProfilingVerbosity;
    bindEnum<V>(m, "ProfilingVerbosity",
                {{"LAYER_NAMES_ONLY", V::kLAYER_NAMES_ONLY}, {"NONE", V::kNONE}, {"DETAILED", V::kDETAILED}});
    using C = EngineCapability;
    bindEnum<C>(m, "EngineCapability",
                {{"STANDARD", C::kSTANDARD}, {"SAFETY", C::kSAFETY}, {"DLA_STANDALONE", C::kDLA_STANDALONE}});
    using H = HardwareCompatibilityLevel;
    bindEnum<H>(m, "HardwareCompatibilityLevel",
                {{"NONE", H::kNONE},
                 {"AMPERE_PLUS", H::kAMPERE_PLUS},
                 {"SAME_COMPUTE_CAPABILITY", H::kSAME_COMPUTE_CAPABILITY}});
    using S = TacticSource;
    bindEnum<S>(m, "TacticSource",
                {{"CUBLAS", S::kCUBLAS},
                 {"CUBLAS_LT", S::kCUBLAS_LT},
                 {"CUDNN", S::kCUDNN},
                 {"EDGE_MASK_CONVOLUTIONS", S::kEDGE_MASK_CONVOLUTIONS},
                 {"JIT_CONVOLUTIONS", S::kJIT_CONVOLUTIONS}});
    using P = PreviewFeature;
    bindEnum<P>(m, "PreviewFeature",
                {{"PROFILE_SHARING_0806", P::kPROFILE_SHARING_0806},
                 {"ALIASED_PLUGIN_IO_10_03", P::kALIASED_PLUGIN_IO_10_03},
                 {"RUNTIME_ACTIVATION_RESIZE_10_10", P::kRUNTIME_ACTIVATION_RESIZE_10_10},
                 {"MULTIDEVICE_RUNTIME_10_16", P::kMULTIDEVICE_RUNTIME_10_16}});
    bindEnum<QuantizationFlag>(m, "QuantizationFlag",
                               {{"CALIBRATE_BEFORE_FUSION", QuantizationFlag::kCALIBRATE_BEFORE_FUSION}});
    bindEnum<RuntimePlatform>(
        m, "RuntimePlatform",
        {{"SAME_AS_BUILD", RuntimePlatform::kSAME_AS_BUILD}, {"WINDOWS_AMD64", RuntimePlatform::kWINDOWS_AMD64}});
    using T = TilingOptimizationLevel;
    bindEnum<T>(m, "TilingOptimizationLevel",
                {{"NONE", T::kNONE}, {"FAST", T::kFAST}, {"MODERATE", T::kMODERATE}, {"FULL", T::kFULL}});
}

void bindTimingCache(nb::module_& m) {
    nb::class_<TimingCacheKey>(m, "TimingCacheKey", "The name of a timing cache's entry: 16 bytes.")
        .def_static(
            "parse",
            [](const std::string& text) {
                TimingCacheKey key{};
                std::string hex = text.rfind("0x", 0) == 0 ? text.substr(2) : text;
                if (hex.size() != 32 || hex.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos)
                    throw nb::value_error("a key is 32 hexadecimal digits");
                for (size_t i = 0; i < 16; ++i)
                    key.data[i] = static_cast<uint8_t>(std::stoi(hex.substr(2 * i, 2), nullptr, 16));
                return key;
            },
            "text"_a)
        .def_prop_ro("data", [](const TimingCacheKey& k) { return nb::bytes(k.data, sizeof k.data); })
        .def("__str__", [](const TimingCacheKey& k) {
            static const char digits[] = "0123456789abcdef";
            std::string s = "0x";
            for (uint8_t b : k.data) s += {digits[b >> 4], digits[b & 15]};
            return s;
        });
    nb::class_<TimingCacheValue>(m, "TimingCacheValue")
        .def(
            "__init__",
            [](TimingCacheValue* self, uint64_t hash, float ms) {
                new (self) TimingCacheValue{hash, ms};
            },
            "tactic_hash"_a, "timing_msec"_a)
        .def_rw("tactic_hash", &TimingCacheValue::tacticHash)
        .def_rw("timing_msec", &TimingCacheValue::timingMSec)
        .def_prop_ro_static("INVALID_TACTIC_HASH", [](nb::handle) { return TimingCacheValue::kINVALID_TACTIC_HASH; });
    nb::class_<ITimingCache>(m, "ITimingCache")
        .def("serialize", &ITimingCache::serialize, nb::rv_policy::take_ownership)
        .def("combine", &ITimingCache::combine, "input_cache"_a, "ignore_mismatch"_a)
        .def("reset", &ITimingCache::reset)
        .def("query_keys",
             [](const ITimingCache& c) {
                 int64_t n = c.queryKeys(nullptr, 0);
                 if (n < 0) throw std::runtime_error("query_keys failed; see the log");
                 std::vector<TimingCacheKey> keys(static_cast<size_t>(n));
                 c.queryKeys(keys.data(), n);
                 return keys;
             })
        .def("query", &ITimingCache::query, "key"_a)
        .def("update", &ITimingCache::update, "key"_a, "value"_a);
}

void bindProfile(nb::module_& m) {
    using S = OptProfileSelector;
    nb::class_<IOptimizationProfile>(m, "IOptimizationProfile")
        .def(
            "set_shape",
            [](IOptimizationProfile& p, const char* name, nb::handle min, nb::handle opt, nb::handle max) {
                Dims shapes[] = {toDims(min), toDims(opt), toDims(max)};
                for (S s : {S::kMIN, S::kOPT, S::kMAX})
                    if (!p.setDimensions(name, s, shapes[static_cast<int>(s)]))
                        throw nb::value_error("the shapes are not a valid range; see the log");
            },
            "input"_a, "min"_a, "opt"_a, "max"_a)
        .def(
            "get_shape",
            [](const IOptimizationProfile& p, const char* name) {
                nb::list out;
                for (S s : {S::kMIN, S::kOPT, S::kMAX}) {
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
                auto set = [&](S s, const std::vector<int64_t>& v) {
                    return p.setShapeValuesV2(name, s, v.data(), static_cast<int32_t>(v.size()));
                };
                if (!(set(S::kMIN, min) && set(S::kOPT, opt) && set(S::kMAX, max)))
                    throw nb::value_error("the values are not a valid range; see the log");
            },
            "input"_a, "min"_a, "opt"_a, "max"_a)
        .def(
            "get_shape_input",
            [](const IOptimizationProfile& p, const char* name) {
                nb::list out;
                for (S s : {S::kMIN, S::kOPT, S::kMAX})
                    if (const int64_t* v = p.getShapeValuesV2(name, s)) {
                        nb::list values;
                        for (int32_t i = 0; i < p.getNbShapeValues(name); ++i) values.append(v[i]);
                        out.append(values);
                    }
                return out;
            },
            "input"_a)
        .def_prop_ro("is_valid", &IOptimizationProfile::isValid)
        .def("__bool__", &IOptimizationProfile::isValid)
        .def_prop_rw("extra_memory_target", &IOptimizationProfile::getExtraMemoryTarget,
                     [](IOptimizationProfile& p, float target) {
                         if (!p.setExtraMemoryTarget(target)) throw nb::value_error("the target is not from 0 to 1");
                     });
}

}  // namespace

void bindConfig(nb::module_& m) {
    bindFlags(m);
    bindTimingCache(m);
    bindProfile(m);
    using C = IBuilderConfig;
    constexpr auto reference = nb::rv_policy::reference;
    nb::class_<C>(m, "IBuilderConfig")
        .def("set_flag", &C::setFlag, "flag"_a)
        .def("clear_flag", &C::clearFlag, "flag"_a)
        .def("get_flag", &C::getFlag, "flag"_a)
        .def_prop_rw("flags", &C::getFlags, &C::setFlags)
        .def("set_memory_pool_limit", &C::setMemoryPoolLimit, "pool"_a, "pool_size"_a)
        .def("get_memory_pool_limit", &C::getMemoryPoolLimit, "pool"_a)
        .def(
            "add_optimization_profile",
            [](C& c, const IOptimizationProfile& p) {
                int32_t index = c.addOptimizationProfile(&p);
                if (index < 0) throw nb::value_error("the profile is not valid; see the log");
                return index;
            },
            "profile"_a, nb::keep_alive<1, 2>())
        .def_prop_ro("num_optimization_profiles", &C::getNbOptimizationProfiles)
        .def(
            "set_calibration_profile", [](C& c, const IOptimizationProfile& p) { return c.setCalibrationProfile(&p); },
            "profile"_a, nb::keep_alive<1, 2>())
        .def(
            "get_calibration_profile",
            [](C& c) { return const_cast<IOptimizationProfile*>(c.getCalibrationProfile()); }, reference)
        .def_prop_rw("int8_calibrator", &C::getInt8Calibrator, &C::setInt8Calibrator,
                     nb::for_setter(nb::keep_alive<1, 2>()), nb::for_setter(nb::arg("calibrator").none()), reference)
        .def_prop_rw("quantization_flags", &C::getQuantizationFlags, &C::setQuantizationFlags)
        .def("set_quantization_flag", &C::setQuantizationFlag, "flag"_a)
        .def("clear_quantization_flag", &C::clearQuantizationFlag, "flag"_a)
        .def("get_quantization_flag", &C::getQuantizationFlag, "flag"_a)
        .def_prop_rw("builder_optimization_level", &C::getBuilderOptimizationLevel, &C::setBuilderOptimizationLevel)
        .def_prop_rw(
            "avg_timing_iterations", [](const C& c) { return c.getAvgTimingIterations(); },
            [](C& c, int32_t n) { c.setAvgTimingIterations(n); })
        .def_prop_rw("profiling_verbosity", &C::getProfilingVerbosity, &C::setProfilingVerbosity)
        .def_prop_rw("engine_capability", &C::getEngineCapability, &C::setEngineCapability)
        .def_prop_rw("hardware_compatibility_level", &C::getHardwareCompatibilityLevel,
                     &C::setHardwareCompatibilityLevel)
        .def_prop_rw("runtime_platform", &C::getRuntimePlatform, &C::setRuntimePlatform)
        .def_prop_rw("max_aux_streams", &C::getMaxAuxStreams, &C::setMaxAuxStreams)
        .def_prop_rw("max_num_tactics", &C::getMaxNbTactics, &C::setMaxNbTactics)
        .def_prop_rw("tiling_optimization_level", &C::getTilingOptimizationLevel, &C::setTilingOptimizationLevel)
        .def_prop_rw("l2_limit_for_tiling", &C::getL2LimitForTiling, &C::setL2LimitForTiling)
        .def_prop_rw(
            "remote_auto_tuning_config", [](const C& c) { return textOrNone(c.getRemoteAutoTuningConfig()); },
            &C::setRemoteAutoTuningConfig)
        .def("set_tactic_sources", &C::setTacticSources, "tactic_sources"_a)
        .def("get_tactic_sources", &C::getTacticSources)
        .def("set_preview_feature", &C::setPreviewFeature, "feature"_a, "enable"_a)
        .def("get_preview_feature", &C::getPreviewFeature, "feature"_a)
        .def_prop_rw(
            "plugins_to_serialize",
            [](const C& c) {
                std::vector<std::string> out;
                for (int32_t i = 0; i < c.getNbPluginsToSerialize(); ++i) out.emplace_back(c.getPluginToSerialize(i));
                return out;
            },
            [](C& c, const std::vector<std::string>& list) {
                std::vector<const char*> paths;
                for (const auto& s : list) paths.push_back(s.c_str());
                c.setPluginsToSerialize(paths.data(), static_cast<int32_t>(paths.size()));
            })
        .def("set_device_type", &C::setDeviceType, "layer"_a, "device_type"_a)
        .def("get_device_type", &C::getDeviceType, "layer"_a)
        .def("is_device_type_set", &C::isDeviceTypeSet, "layer"_a)
        .def("reset_device_type", &C::resetDeviceType, "layer"_a)
        .def("can_run_on_DLA", &C::canRunOnDLA, "layer"_a)
        .def_prop_rw("DLA_core", &C::getDLACore, &C::setDLACore)
        .def_prop_rw("default_device_type", &C::getDefaultDeviceType, &C::setDefaultDeviceType)
        .def_prop_rw(
            "profile_stream", [](const C& c) { return reinterpret_cast<uintptr_t>(c.getProfileStream()); },
            [](C& c, uintptr_t s) { c.setProfileStream(reinterpret_cast<cudaStream_t>(s)); })
        .def_prop_rw("algorithm_selector", &C::getAlgorithmSelector, &C::setAlgorithmSelector,
                     nb::for_setter(nb::keep_alive<1, 2>()), nb::for_setter(nb::arg("selector").none()), reference)
        .def(
            "create_timing_cache",
            [](const C& c, nb::handle blob) {
                Buffer bytes(blob);
                return c.createTimingCache(bytes.data(), bytes.size());
            },
            "serialized_timing_cache"_a, nb::rv_policy::take_ownership)
        .def("set_timing_cache", &C::setTimingCache, "cache"_a, "ignore_mismatch"_a, nb::keep_alive<1, 2>())
        .def(
            "get_timing_cache", [](const C& c) { return const_cast<ITimingCache*>(c.getTimingCache()); },
            nb::rv_policy::reference_internal)
        .def_prop_rw("progress_monitor", &C::getProgressMonitor, &C::setProgressMonitor,
                     nb::for_setter(nb::keep_alive<1, 2>()), nb::for_setter(nb::arg("monitor").none()), reference)
        .def("reset", &C::reset);
}

}  // namespace lathe::python
