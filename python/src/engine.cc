// SPDX-License-Identifier: Apache-2.0
// Engines, inspectors and what configures them.
#include "common.h"

namespace lathe::python {

using namespace nvinfer1;

namespace {

using E = ICudaEngine;

void bindInspector(nb::module_& m) {
    nb::class_<IEngineInspector>(m, "EngineInspector")
        .def(
            "get_engine_information",
            [](const IEngineInspector& i, LayerInformationFormat f) { return textOrNone(i.getEngineInformation(f)); },
            "format"_a)
        .def(
            "get_layer_information",
            [](const IEngineInspector& i, int32_t layer, LayerInformationFormat f) {
                const char* text = i.getLayerInformation(layer, f);
                if (!text) throw nb::index_error("there is no layer of this index");
                return std::string(text);
            },
            "layer_index"_a, "format"_a)
        .def_prop_rw(
            "execution_context",
            [](const IEngineInspector& i) { return const_cast<IExecutionContext*>(i.getExecutionContext()); },
            [](IEngineInspector& i, IExecutionContext* c) {
                if (!i.setExecutionContext(c)) throw nb::value_error("the context belongs to another engine");
            },
            nb::for_setter(nb::arg("context").none()), nb::for_setter(nb::keep_alive<1, 2>()), nb::rv_policy::reference)
        .def_prop_rw("error_recorder", &IEngineInspector::getErrorRecorder, &IEngineInspector::setErrorRecorder,
                     nb::for_setter(nb::arg("recorder").none()), nb::for_setter(nb::keep_alive<1, 2>()),
                     nb::rv_policy::reference);
}

nb::list threeShapes(const E& e, const char* name, int32_t profile) {
    nb::list out;
    for (auto s : {OptProfileSelector::kMIN, OptProfileSelector::kOPT, OptProfileSelector::kMAX})
        out.append(toTuple(e.getProfileShape(name, profile, s)));
    return out;
}

// Profile -1: what all profiles have.
template <class All, class One>
auto byProfile(const E& e, const char* name, int32_t profile, All all, One one) {
    return profile < 0 ? (e.*all)(name) : (e.*one)(name, profile);
}

}  // namespace

void bindEngine(nb::module_& m) {
    using S = ExecutionContextAllocationStrategy;
    bindEnum<S>(
        m, "ExecutionContextAllocationStrategy",
        {{"STATIC", S::kSTATIC}, {"ON_PROFILE_CHANGE", S::kON_PROFILE_CHANGE}, {"USER_MANAGED", S::kUSER_MANAGED}});
    bindEnum<LayerInformationFormat>(
        m, "LayerInformationFormat",
        {{"ONELINE", LayerInformationFormat::kONELINE}, {"JSON", LayerInformationFormat::kJSON}});
    using F = SerializationFlag;
    bindEnum<F>(m, "SerializationFlag",
                {{"EXCLUDE_WEIGHTS", F::kEXCLUDE_WEIGHTS},
                 {"EXCLUDE_LEAN_RUNTIME", F::kEXCLUDE_LEAN_RUNTIME},
                 {"INCLUDE_REFIT", F::kINCLUDE_REFIT}});
    bindEnum<EngineStat>(m, "EngineStat",
                         {{"TOTAL_WEIGHTS_SIZE", EngineStat::kTOTAL_WEIGHTS_SIZE},
                          {"STRIPPED_WEIGHTS_SIZE", EngineStat::kSTRIPPED_WEIGHTS_SIZE}});
    nb::class_<ISerializationConfig>(m, "ISerializationConfig")
        .def_prop_rw("flags", &ISerializationConfig::getFlags, &ISerializationConfig::setFlags)
        .def("set_flag", &ISerializationConfig::setFlag, "flag"_a)
        .def("clear_flag", &ISerializationConfig::clearFlag, "flag"_a)
        .def("get_flag", &ISerializationConfig::getFlag, "flag"_a);
    nb::class_<IRuntimeConfig>(m, "IRuntimeConfig")
        .def("set_execution_context_allocation_strategy", &IRuntimeConfig::setExecutionContextAllocationStrategy,
             "strategy"_a)
        .def("get_execution_context_allocation_strategy", &IRuntimeConfig::getExecutionContextAllocationStrategy);
    bindInspector(m);

    nb::class_<E>(m, "ICudaEngine", "An optimized network; immutable, shared by its contexts.")
        .def_prop_ro("num_io_tensors", &E::getNbIOTensors)
        .def(
            "get_tensor_name",
            [](const E& e, int32_t i) {
                const char* name = e.getIOTensorName(i);
                if (!name) throw nb::index_error("there is no I/O tensor of this index");
                return name;
            },
            "index"_a)
        .def("get_tensor_mode", &E::getTensorIOMode, "name"_a)
        .def("get_tensor_dtype", &E::getTensorDataType, "name"_a)
        .def(
            "get_tensor_shape", [](const E& e, const char* name) { return toTuple(e.getTensorShape(name)); }, "name"_a)
        .def("get_tensor_location", &E::getTensorLocation, "name"_a)
        .def("is_shape_inference_io", &E::isShapeInferenceIO, "name"_a)
        .def(
            "get_tensor_format",
            [](const E& e, const char* name, int32_t p) {
                return byProfile(
                    e, name, p, static_cast<TensorFormat (E::*)(char const*) const noexcept>(&E::getTensorFormat),
                    static_cast<TensorFormat (E::*)(char const*, int32_t) const noexcept>(&E::getTensorFormat));
            },
            "name"_a, "profile_index"_a = -1)
        .def(
            "get_tensor_format_desc",
            [](const E& e, const char* name, int32_t p) {
                return textOrNone(byProfile(
                    e, name, p, static_cast<char const* (E::*)(char const*) const noexcept>(&E::getTensorFormatDesc),
                    static_cast<char const* (E::*)(char const*, int32_t) const noexcept>(&E::getTensorFormatDesc)));
            },
            "name"_a, "profile_index"_a = -1)
        .def(
            "get_tensor_bytes_per_component",
            [](const E& e, const char* name, int32_t p) {
                using One = int32_t (E::*)(char const*) const noexcept;
                using Two = int32_t (E::*)(char const*, int32_t) const noexcept;
                return byProfile(e, name, p, static_cast<One>(&E::getTensorBytesPerComponent),
                                 static_cast<Two>(&E::getTensorBytesPerComponent));
            },
            "name"_a, "profile_index"_a = -1)
        .def(
            "get_tensor_components_per_element",
            [](const E& e, const char* name, int32_t p) {
                using One = int32_t (E::*)(char const*) const noexcept;
                using Two = int32_t (E::*)(char const*, int32_t) const noexcept;
                return byProfile(e, name, p, static_cast<One>(&E::getTensorComponentsPerElement),
                                 static_cast<Two>(&E::getTensorComponentsPerElement));
            },
            "name"_a, "profile_index"_a = -1)
        .def(
            "get_tensor_vectorized_dim",
            [](const E& e, const char* name, int32_t p) {
                using One = int32_t (E::*)(char const*) const noexcept;
                using Two = int32_t (E::*)(char const*, int32_t) const noexcept;
                return byProfile(e, name, p, static_cast<One>(&E::getTensorVectorizedDim),
                                 static_cast<Two>(&E::getTensorVectorizedDim));
            },
            "name"_a, "profile_index"_a = -1)
        .def("get_tensor_profile_shape", threeShapes, "name"_a, "profile_index"_a)
        .def(
            "get_tensor_profile_values",
            [](const E& e, int32_t profile, const char* name) {
                nb::list out;
                Dims shape = e.getTensorShape(name);
                int64_t count = 1;
                for (int32_t i = 0; i < shape.nbDims; ++i) count *= shape.d[i];
                for (auto s : {OptProfileSelector::kMIN, OptProfileSelector::kOPT, OptProfileSelector::kMAX})
                    if (const int64_t* v = e.getProfileTensorValuesV2(name, profile, s)) {
                        nb::list values;
                        for (int64_t i = 0; i < count; ++i) values.append(v[i]);
                        out.append(values);
                    }
                return out;
            },
            "profile_index"_a, "name"_a)
        .def(
            "get_aliased_input_tensor",
            [](const E& e, const char* name) { return textOrNone(e.getAliasedInputTensor(name)); }, "name"_a)
        .def_prop_ro("num_optimization_profiles", &E::getNbOptimizationProfiles)
        .def_prop_ro("num_layers", &E::getNbLayers)
        .def_prop_ro("num_aux_streams", &E::getNbAuxStreams)
        .def_prop_ro("name", &E::getName)
        .def_prop_ro("refittable", &E::isRefittable)
        .def_prop_ro("profiling_verbosity", &E::getProfilingVerbosity)
        .def_prop_ro("engine_capability", &E::getEngineCapability)
        .def_prop_ro("hardware_compatibility_level", &E::getHardwareCompatibilityLevel)
        .def_prop_ro("tactic_sources", &E::getTacticSources)
        .def_prop_ro("has_implicit_batch_dimension", &E::hasImplicitBatchDimension)
        .def_prop_ro("device_memory_size", &E::getDeviceMemorySize)
        .def_prop_ro("device_memory_size_v2", &E::getDeviceMemorySizeV2)
        .def("get_device_memory_size_for_profile", &E::getDeviceMemorySizeForProfile, "profile_index"_a)
        .def("get_device_memory_size_for_profile_v2", &E::getDeviceMemorySizeForProfileV2, "profile_index"_a)
        .def("is_debug_tensor", &E::isDebugTensor, "name"_a)
        .def("get_engine_stat", &E::getEngineStat, "stat"_a)
        .def_prop_ro("streamable_weights_size", &E::getStreamableWeightsSize)
        .def_prop_rw("weight_streaming_budget_v2", &E::getWeightStreamingBudgetV2,
                     [](E& e, int64_t budget) {
                         if (!e.setWeightStreamingBudgetV2(budget))
                             throw nb::value_error("the budget is refused; see the log");
                     })
        .def_prop_rw("weight_streaming_budget", &E::getWeightStreamingBudget,
                     [](E& e, int64_t budget) {
                         if (!e.setWeightStreamingBudget(budget))
                             throw nb::value_error("the budget is refused; see the log");
                     })
        .def_prop_ro("minimum_weight_streaming_budget", &E::getMinimumWeightStreamingBudget)
        .def("get_weight_streaming_automatic_budget", &E::getWeightStreamingAutomaticBudget)
        .def_prop_ro("weight_streaming_scratch_memory_size", &E::getWeightStreamingScratchMemorySize)
        .def_prop_rw("error_recorder", &E::getErrorRecorder, &E::setErrorRecorder,
                     nb::for_setter(nb::arg("recorder").none()), nb::for_setter(nb::keep_alive<1, 2>()),
                     nb::rv_policy::reference)
        .def("serialize", &E::serialize, nb::rv_policy::take_ownership)
        .def("create_serialization_config", &E::createSerializationConfig, nb::rv_policy::take_ownership,
             nb::keep_alive<0, 1>())
        .def("serialize_with_config", &E::serializeWithConfig, "config"_a, nb::rv_policy::take_ownership)
        .def("create_runtime_config", &E::createRuntimeConfig, nb::rv_policy::take_ownership, nb::keep_alive<0, 1>())
        .def(
            "create_execution_context", [](E& e, S s) { return e.createExecutionContext(s); },
            "strategy"_a = S::kSTATIC, nb::rv_policy::take_ownership, nb::keep_alive<0, 1>())
        .def(
            "create_execution_context", [](E& e, IRuntimeConfig& c) { return e.createExecutionContext(&c); },
            "runtime_config"_a, nb::rv_policy::take_ownership, nb::keep_alive<0, 1>(), nb::keep_alive<0, 2>())
        .def("create_execution_context_without_device_memory", &E::createExecutionContextWithoutDeviceMemory,
             nb::rv_policy::take_ownership, nb::keep_alive<0, 1>())
        .def("create_engine_inspector", &E::createEngineInspector, nb::rv_policy::take_ownership,
             nb::keep_alive<0, 1>())
        .def("__getitem__",
             [](const E& e, int32_t i) {
                 const char* name = e.getIOTensorName(i < 0 ? i + e.getNbIOTensors() : i);
                 if (!name) throw nb::index_error();
                 return name;
             })
        .def("__len__", &E::getNbIOTensors)
        .def("__iter__", [](const E& e) {
            nb::list names;
            for (int32_t i = 0; i < e.getNbIOTensors(); ++i) names.append(e.getIOTensorName(i));
            return nb::iter(names);
        });
}

}  // namespace lathe::python
