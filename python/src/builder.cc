// SPDX-License-Identifier: Apache-2.0
#include "common.h"

namespace lathe::python {

using namespace nvinfer1;

void bindBuilder(nb::module_& m) {
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
            "build_serialized_network_with_kernel_text",
            [](IBuilder& b, INetworkDefinition& n, IBuilderConfig& c) {
                IHostMemory *kernels = nullptr, *plan;
                {
                    nb::gil_scoped_release released;
                    plan = b.buildSerializedNetwork(n, c, kernels);
                }
                return nb::make_tuple(nb::cast(plan, nb::rv_policy::take_ownership),
                                      nb::cast(kernels, nb::rv_policy::take_ownership));
            },
            "network"_a, "config"_a)
        .def(
            "build_serialized_network_to_stream",
            [](IBuilder& b, INetworkDefinition& n, IBuilderConfig& c, IStreamWriter& w) {
                nb::gil_scoped_release released;
                return b.buildSerializedNetworkToStream(n, c, w);
            },
            "network"_a, "config"_a, "writer"_a)
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
        .def_prop_ro("max_DLA_batch_size", &IBuilder::getMaxDLABatchSize)
        .def_prop_ro("logger", &IBuilder::getLogger, nb::rv_policy::reference)
        .def_prop_rw("max_threads", &IBuilder::getMaxThreads,
                     [](IBuilder& b, int32_t n) {
                         if (!b.setMaxThreads(n)) throw nb::value_error("the number of threads is not at least 1");
                     })
        .def_prop_rw("error_recorder", &IBuilder::getErrorRecorder, &IBuilder::setErrorRecorder,
                     nb::for_setter(nb::arg("recorder").none()), nb::for_setter(nb::keep_alive<1, 2>()),
                     nb::rv_policy::reference)
        .def_prop_rw(
            "gpu_allocator", [](const IBuilder&) { return nb::none(); }, &IBuilder::setGpuAllocator,
            nb::for_setter(nb::arg("allocator").none()), nb::for_setter(nb::keep_alive<1, 2>()))
        .def("get_plugin_registry", &IBuilder::getPluginRegistry, nb::rv_policy::reference)
        .def("reset", &IBuilder::reset);
}

}  // namespace lathe::python
