// SPDX-License-Identifier: Apache-2.0
#include "common.h"
#include "loading.h"

namespace lathe::python {

using namespace nvinfer1;

namespace {

cudaStream_t toStream(uintptr_t handle) { return reinterpret_cast<cudaStream_t>(handle); }

}  // namespace

void bindRuntime(nb::module_& m) {
    nb::enum_<ExecutionContextAllocationStrategy>(m, "ExecutionContextAllocationStrategy")
        .value("STATIC", ExecutionContextAllocationStrategy::kSTATIC)
        .value("ON_PROFILE_CHANGE", ExecutionContextAllocationStrategy::kON_PROFILE_CHANGE)
        .value("USER_MANAGED", ExecutionContextAllocationStrategy::kUSER_MANAGED);
    nb::enum_<LayerInformationFormat>(m, "LayerInformationFormat")
        .value("ONELINE", LayerInformationFormat::kONELINE)
        .value("JSON", LayerInformationFormat::kJSON);

    nb::class_<IEngineInspector>(m, "EngineInspector")
        .def(
            "get_engine_information",
            [](const IEngineInspector& i, LayerInformationFormat f) { return std::string(i.getEngineInformation(f)); },
            "format"_a)
        .def(
            "get_layer_information",
            [](const IEngineInspector& i, int32_t layer, LayerInformationFormat f) {
                return std::string(i.getLayerInformation(layer, f));
            },
            "layer_index"_a, "format"_a)
        .def_prop_rw(
            "execution_context",
            [](const IEngineInspector& i) { return const_cast<IExecutionContext*>(i.getExecutionContext()); },
            [](IEngineInspector& i, IExecutionContext* c) { i.setExecutionContext(c); }, nb::rv_policy::reference);

    nb::class_<IExecutionContext>(m, "IExecutionContext")
        .def(
            "set_input_shape",
            [](IExecutionContext& c, const char* name, nb::handle shape) {
                return c.setInputShape(name, toDims(shape));
            },
            "name"_a, "shape"_a)
        .def(
            "get_tensor_shape",
            [](const IExecutionContext& c, const char* name) { return toTuple(c.getTensorShape(name)); }, "name"_a)
        .def(
            "get_tensor_strides",
            [](const IExecutionContext& c, const char* name) { return toTuple(c.getTensorStrides(name)); }, "name"_a)
        .def(
            "set_tensor_address",
            [](IExecutionContext& c, const char* name, uintptr_t p) {
                return c.setTensorAddress(name, reinterpret_cast<void*>(p));
            },
            "name"_a, "memory"_a)
        .def(
            "get_tensor_address",
            [](const IExecutionContext& c, const char* name) {
                return reinterpret_cast<uintptr_t>(c.getTensorAddress(name));
            },
            "name"_a)
        .def(
            "set_output_allocator",
            [](IExecutionContext& c, const char* name, IOutputAllocator* a) { return c.setOutputAllocator(name, a); },
            "name"_a, "output_allocator"_a.none(), nb::keep_alive<1, 3>())
        .def(
            "get_max_output_size",
            [](const IExecutionContext& c, const char* name) { return c.getMaxOutputSize(name); }, "name"_a)
        .def("infer_shapes",
             [](IExecutionContext& c) {
                 std::vector<const char*> names(64);
                 int32_t n = c.inferShapes(static_cast<int32_t>(names.size()), names.data());
                 if (n < 0) throw std::runtime_error("infer_shapes failed; see the log");
                 nb::list out;
                 for (int32_t i = 0; i < n && i < 64; ++i) out.append(names[static_cast<size_t>(i)]);
                 return out;
             })
        .def(
            "execute_v2",
            [](IExecutionContext& c, const std::vector<uintptr_t>& bindings) {
                std::vector<void*> pointers;
                for (uintptr_t p : bindings) pointers.push_back(reinterpret_cast<void*>(p));
                nb::gil_scoped_release released;
                return c.executeV2(pointers.data());
            },
            "bindings"_a)
        .def(
            "execute_async_v3",
            [](IExecutionContext& c, uintptr_t stream) {
                nb::gil_scoped_release released;
                return c.enqueueV3(toStream(stream));
            },
            "stream_handle"_a)
        .def(
            "set_optimization_profile_async",
            [](IExecutionContext& c, int32_t i, uintptr_t stream) {
                return c.setOptimizationProfileAsync(i, toStream(stream));
            },
            "profile_index"_a, "stream_handle"_a)
        .def_prop_ro("active_optimization_profile", &IExecutionContext::getOptimizationProfile)
        .def_prop_ro("all_binding_shapes_specified", &IExecutionContext::allInputDimensionsSpecified)
        .def_prop_ro("all_shape_inputs_specified", &IExecutionContext::allInputShapesSpecified)
        .def_prop_ro(
            "engine", [](const IExecutionContext& c) { return const_cast<ICudaEngine*>(&c.getEngine()); },
            nb::rv_policy::reference)
        .def_prop_rw("name", &IExecutionContext::getName, &IExecutionContext::setName)
        .def_prop_rw(
            "profiler", &IExecutionContext::getProfiler, [](IExecutionContext& c, IProfiler* p) { c.setProfiler(p); },
            nb::for_setter(nb::keep_alive<1, 2>()), nb::for_setter(nb::arg("profiler").none()),
            nb::rv_policy::reference)
        .def_prop_rw("enqueue_emits_profile", &IExecutionContext::getEnqueueEmitsProfile,
                     &IExecutionContext::setEnqueueEmitsProfile)
        .def("report_to_profiler", &IExecutionContext::reportToProfiler)
        .def(
            "set_device_memory",
            [](IExecutionContext& c, uintptr_t p, int64_t size) {
                c.setDeviceMemoryV2(reinterpret_cast<void*>(p), size);
            },
            "memory"_a, "size"_a)
        .def("update_device_memory_size_for_shapes", &IExecutionContext::updateDeviceMemorySizeForShapes);

    nb::class_<ICudaEngine>(m, "ICudaEngine", "An optimized network; immutable, shared by its contexts.")
        .def_prop_ro("num_io_tensors", &ICudaEngine::getNbIOTensors)
        .def(
            "get_tensor_name",
            [](const ICudaEngine& e, int32_t i) {
                const char* name = e.getIOTensorName(i);
                if (!name) throw nb::index_error("there is no I/O tensor of this index");
                return name;
            },
            "index"_a)
        .def("get_tensor_mode", &ICudaEngine::getTensorIOMode, "name"_a)
        .def("get_tensor_dtype", &ICudaEngine::getTensorDataType, "name"_a)
        .def(
            "get_tensor_shape", [](const ICudaEngine& e, const char* name) { return toTuple(e.getTensorShape(name)); },
            "name"_a)
        .def("get_tensor_location", &ICudaEngine::getTensorLocation, "name"_a)
        .def("is_shape_inference_io", &ICudaEngine::isShapeInferenceIO, "name"_a)
        .def(
            "get_tensor_format", [](const ICudaEngine& e, const char* name) { return e.getTensorFormat(name); },
            "name"_a)
        .def(
            "get_tensor_format_desc",
            [](const ICudaEngine& e, const char* name) { return e.getTensorFormatDesc(name); }, "name"_a)
        .def(
            "get_tensor_profile_shape",
            [](const ICudaEngine& e, const char* name, int32_t profile) {
                nb::list out;
                for (auto s : {OptProfileSelector::kMIN, OptProfileSelector::kOPT, OptProfileSelector::kMAX})
                    out.append(toTuple(e.getProfileShape(name, profile, s)));
                return out;
            },
            "name"_a, "profile_index"_a)
        .def_prop_ro("num_optimization_profiles", &ICudaEngine::getNbOptimizationProfiles)
        .def_prop_ro("num_layers", &ICudaEngine::getNbLayers)
        .def_prop_ro("name", &ICudaEngine::getName)
        .def_prop_ro("refittable", &ICudaEngine::isRefittable)
        .def_prop_ro("profiling_verbosity", &ICudaEngine::getProfilingVerbosity)
        .def_prop_ro("engine_capability", &ICudaEngine::getEngineCapability)
        .def_prop_ro("device_memory_size_v2", &ICudaEngine::getDeviceMemorySizeV2)
        .def("get_device_memory_size_for_profile_v2", &ICudaEngine::getDeviceMemorySizeForProfileV2, "profile_index"_a)
        .def("serialize", &ICudaEngine::serialize, nb::rv_policy::take_ownership)
        .def(
            "create_execution_context",
            [](ICudaEngine& e, ExecutionContextAllocationStrategy s) { return e.createExecutionContext(s); },
            "strategy"_a = ExecutionContextAllocationStrategy::kSTATIC, nb::rv_policy::take_ownership,
            nb::keep_alive<0, 1>())
        .def("create_engine_inspector", &ICudaEngine::createEngineInspector, nb::rv_policy::take_ownership,
             nb::keep_alive<0, 1>())
        .def("__getitem__",
             [](const ICudaEngine& e, int32_t i) {
                 const char* name = e.getIOTensorName(i);
                 if (!name) throw nb::index_error();
                 return name;
             })
        .def("__len__", &ICudaEngine::getNbIOTensors)
        .def("__iter__", [](const ICudaEngine& e) {
            nb::list names;
            for (int32_t i = 0; i < e.getNbIOTensors(); ++i) names.append(e.getIOTensorName(i));
            return nb::iter(names);
        });

    nb::class_<IRuntime>(m, "Runtime", "Loads plans.")
        .def(nb::new_([](ILogger& logger) { return required(createInferRuntime(logger), "creating the runtime"); }),
             "logger"_a, nb::keep_alive<0, 2>())
        .def("deserialize_cuda_engine", deserializeBuffer, "serialized_engine"_a, nb::rv_policy::take_ownership,
             nb::keep_alive<0, 1>())
        .def("load_cuda_engine", loadFile, "path"_a, nb::rv_policy::take_ownership, nb::keep_alive<0, 1>(),
             "Loads a plan file by mapping it (an extension of Lathe): takes the least memory, and processes share its "
             "pages. The file must not be written to while the engine lives; replace it by renaming another over it.")
        .def_prop_rw("max_threads", &IRuntime::getMaxThreads, [](IRuntime& r, int32_t n) { r.setMaxThreads(n); })
        .def_prop_rw("engine_host_code_allowed", &IRuntime::getEngineHostCodeAllowed,
                     &IRuntime::setEngineHostCodeAllowed);
}

}  // namespace lathe::python
