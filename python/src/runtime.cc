// SPDX-License-Identifier: Apache-2.0
#include "common.h"

namespace lathe::python {

using namespace nvinfer1;

void bindRuntime(nb::module_& m) {
    using T = TempfileControlFlag;
    bindEnum<T>(
        m, "TempfileControlFlag",
        {{"ALLOW_IN_MEMORY_FILES", T::kALLOW_IN_MEMORY_FILES}, {"ALLOW_TEMPORARY_FILES", T::kALLOW_TEMPORARY_FILES}});
    nb::class_<IRuntime>(m, "Runtime", "Loads plans.")
        .def(nb::new_([](ILogger& logger) { return required(createInferRuntime(logger), "creating the runtime"); }),
             "logger"_a, nb::keep_alive<0, 2>())
        .def(
            "deserialize_cuda_engine",
            [](IRuntime& r, IStreamReaderV2& reader) {
                nb::gil_scoped_release released;
                return r.deserializeCudaEngine(reader);
            },
            "stream_reader_v2"_a, nb::rv_policy::take_ownership, nb::keep_alive<0, 1>())
        .def(
            "deserialize_cuda_engine",
            [](IRuntime& r, IStreamReader& reader) {
                nb::gil_scoped_release released;
                return r.deserializeCudaEngine(reader);
            },
            "stream_reader"_a, nb::rv_policy::take_ownership, nb::keep_alive<0, 1>())
        // Any object with the buffer protocol: IHostMemory, bytes, a memory map.
        .def(
            "deserialize_cuda_engine",
            [](IRuntime& r, nb::handle plan) {
                Buffer bytes(plan);
                nb::gil_scoped_release released;
                return r.deserializeCudaEngine(bytes.data(), bytes.size());
            },
            "serialized_engine"_a, nb::rv_policy::take_ownership, nb::keep_alive<0, 1>())
        .def_prop_rw("max_threads", &IRuntime::getMaxThreads,
                     [](IRuntime& r, int32_t n) {
                         if (!r.setMaxThreads(n)) throw nb::value_error("the number of threads is not at least 1");
                     })
        .def_prop_rw("engine_host_code_allowed", &IRuntime::getEngineHostCodeAllowed,
                     &IRuntime::setEngineHostCodeAllowed)
        .def_prop_rw("DLA_core", &IRuntime::getDLACore, &IRuntime::setDLACore)
        .def_prop_ro("num_DLA_cores", &IRuntime::getNbDLACores)
        .def_prop_ro("logger", &IRuntime::getLogger, nb::rv_policy::reference)
        .def_prop_rw(
            "temporary_directory", [](const IRuntime& r) { return textOrNone(r.getTemporaryDirectory()); },
            [](IRuntime& r, const std::string& path) { r.setTemporaryDirectory(path.c_str()); })
        .def_prop_rw("tempfile_control_flags", &IRuntime::getTempfileControlFlags, &IRuntime::setTempfileControlFlags)
        .def_prop_rw(
            "gpu_allocator", [](const IRuntime&) { return nb::none(); }, &IRuntime::setGpuAllocator,
            nb::for_setter(nb::arg("allocator").none()), nb::for_setter(nb::keep_alive<1, 2>()))
        .def_prop_rw("error_recorder", &IRuntime::getErrorRecorder, &IRuntime::setErrorRecorder,
                     nb::for_setter(nb::arg("recorder").none()), nb::for_setter(nb::keep_alive<1, 2>()),
                     nb::rv_policy::reference)
        .def(
            "load_runtime",
            [](IRuntime& r, const std::string& path) { return required(r.loadRuntime(path.c_str()), "load_runtime"); },
            "path"_a, nb::rv_policy::take_ownership, nb::keep_alive<0, 1>())
        .def("get_plugin_registry", &IRuntime::getPluginRegistry, nb::rv_policy::reference);
}

}  // namespace lathe::python
