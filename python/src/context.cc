// SPDX-License-Identifier: Apache-2.0
#include "common.h"

namespace lathe::python {

using namespace nvinfer1;

namespace {

using C = IExecutionContext;
cudaStream_t toStream(uintptr_t handle) { return reinterpret_cast<cudaStream_t>(handle); }

}  // namespace

void bindContext(nb::module_& m) {
    constexpr auto reference = nb::rv_policy::reference;
    nb::class_<C>(m, "IExecutionContext", "One caller's use of an engine: shapes, addresses, memory.")
        .def(
            "set_input_shape",
            [](C& c, const char* name, nb::handle shape) { return c.setInputShape(name, toDims(shape)); }, "name"_a,
            "shape"_a)
        .def(
            "get_tensor_shape", [](const C& c, const char* name) { return toTuple(c.getTensorShape(name)); }, "name"_a)
        .def(
            "get_tensor_strides", [](const C& c, const char* name) { return toTuple(c.getTensorStrides(name)); },
            "name"_a)
        .def(
            "set_tensor_address",
            [](C& c, const char* name, uintptr_t p) { return c.setTensorAddress(name, reinterpret_cast<void*>(p)); },
            "name"_a, "memory"_a)
        .def(
            "get_tensor_address",
            [](const C& c, const char* name) { return reinterpret_cast<uintptr_t>(c.getTensorAddress(name)); },
            "name"_a)
        .def(
            "get_output_tensor_address",
            [](const C& c, const char* name) { return reinterpret_cast<uintptr_t>(c.getOutputTensorAddress(name)); },
            "name"_a)
        .def(
            "set_output_allocator",
            [](C& c, const char* name, IOutputAllocator* a) { return c.setOutputAllocator(name, a); }, "name"_a,
            "output_allocator"_a.none(), nb::keep_alive<1, 3>())
        .def(
            "get_output_allocator", [](const C& c, const char* name) { return c.getOutputAllocator(name); }, "name"_a,
            reference)
        .def(
            "get_max_output_size", [](const C& c, const char* name) { return c.getMaxOutputSize(name); }, "name"_a)
        .def("infer_shapes",
             [](C& c) {
                 std::vector<const char*> names(static_cast<size_t>(c.getEngine().getNbIOTensors()));
                 int32_t n = c.inferShapes(static_cast<int32_t>(names.size()), names.data());
                 if (n < 0) throw std::runtime_error("infer_shapes failed; see the log");
                 nb::list out;
                 for (size_t i = 0; i < static_cast<size_t>(n) && i < names.size(); ++i) out.append(names[i]);
                 return out;
             })
        .def(
            "execute_v2",
            [](C& c, const std::vector<uintptr_t>& bindings) {
                auto count = static_cast<size_t>(c.getEngine().getNbIOTensors());
                if (bindings.size() != count)
                    throw nb::value_error(("there are " + std::to_string(count) + " inputs and outputs, not " +
                                           std::to_string(bindings.size()))
                                              .c_str());
                std::vector<void*> pointers;
                for (uintptr_t p : bindings) pointers.push_back(reinterpret_cast<void*>(p));
                nb::gil_scoped_release released;
                return c.executeV2(pointers.data());
            },
            "bindings"_a)
        .def(
            "execute_async_v3",
            [](C& c, uintptr_t stream) {
                nb::gil_scoped_release released;
                return c.enqueueV3(toStream(stream));
            },
            "stream_handle"_a)
        .def(
            "set_optimization_profile_async",
            [](C& c, int32_t i, uintptr_t stream) { return c.setOptimizationProfileAsync(i, toStream(stream)); },
            "profile_index"_a, "stream_handle"_a)
        .def_prop_ro("active_optimization_profile", &C::getOptimizationProfile)
        .def_prop_ro("all_binding_shapes_specified", &C::allInputDimensionsSpecified)
        .def_prop_ro("all_input_dimensions_specified", &C::allInputDimensionsSpecified)
        .def_prop_ro("all_shape_inputs_specified", &C::allInputShapesSpecified)
        .def_prop_ro(
            "engine", [](const C& c) { return const_cast<ICudaEngine*>(&c.getEngine()); }, reference)
        .def_prop_rw("name", &C::getName, &C::setName)
        .def_prop_rw("debug_sync", &C::getDebugSync, &C::setDebugSync)
        .def_prop_rw("profiler", &C::getProfiler, &C::setProfiler, nb::for_setter(nb::keep_alive<1, 2>()),
                     nb::for_setter(nb::arg("profiler").none()), reference)
        .def_prop_rw("error_recorder", &C::getErrorRecorder, &C::setErrorRecorder,
                     nb::for_setter(nb::keep_alive<1, 2>()), nb::for_setter(nb::arg("recorder").none()), reference)
        .def_prop_rw("enqueue_emits_profile", &C::getEnqueueEmitsProfile, &C::setEnqueueEmitsProfile)
        .def("report_to_profiler", &C::reportToProfiler)
        .def_prop_rw("nvtx_verbosity", &C::getNvtxVerbosity, &C::setNvtxVerbosity)
        .def_prop_rw("persistent_cache_limit", &C::getPersistentCacheLimit, &C::setPersistentCacheLimit)
        .def_prop_rw("temporary_allocator", &C::getTemporaryStorageAllocator, &C::setTemporaryStorageAllocator,
                     nb::for_setter(nb::keep_alive<1, 2>()), nb::for_setter(nb::arg("allocator").none()), reference)
        .def_prop_rw(
            "device_memory", [](const C&) { return nb::none(); },
            [](C& c, uintptr_t p) { c.setDeviceMemory(reinterpret_cast<void*>(p)); })
        .def(
            "set_device_memory",
            [](C& c, uintptr_t p, int64_t size) { c.setDeviceMemoryV2(reinterpret_cast<void*>(p), size); }, "memory"_a,
            "size"_a)
        .def("update_device_memory_size_for_shapes", &C::updateDeviceMemorySizeForShapes)
        .def(
            "set_input_consumed_event",
            [](C& c, uintptr_t e) { return c.setInputConsumedEvent(reinterpret_cast<cudaEvent_t>(e)); }, "event"_a)
        .def("get_input_consumed_event",
             [](const C& c) { return reinterpret_cast<uintptr_t>(c.getInputConsumedEvent()); })
        .def(
            "set_aux_streams",
            [](C& c, const std::vector<uintptr_t>& streams) {
                std::vector<cudaStream_t> list;
                for (uintptr_t s : streams) list.push_back(toStream(s));
                c.setAuxStreams(list.data(), static_cast<int32_t>(list.size()));
            },
            "aux_streams"_a)
        .def("set_debug_listener", &C::setDebugListener, "listener"_a.none(), nb::keep_alive<1, 2>())
        .def("get_debug_listener", &C::getDebugListener, reference)
        .def("set_tensor_debug_state", &C::setTensorDebugState, "name"_a, "flag"_a)
        .def("get_debug_state", &C::getDebugState, "name"_a)
        .def("set_all_tensors_debug_state", &C::setAllTensorsDebugState, "flag"_a)
        .def_prop_rw("unfused_tensors_debug_state", &C::getUnfusedTensorsDebugState, &C::setUnfusedTensorsDebugState)
        .def(
            "set_communicator",
            [](C& c, uintptr_t communicator) { return c.setCommunicator(reinterpret_cast<void*>(communicator)); },
            "communicator"_a)
        .def("get_runtime_config", &C::getRuntimeConfig, nb::rv_policy::reference_internal);
}

}  // namespace lathe::python
