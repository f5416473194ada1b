// SPDX-License-Identifier: Apache-2.0
#include "common.h"

NB_MODULE(tensorrt, m) {
    using namespace lathe::python;
    // Engines and contexts may outlive the interpreter's modules; that is no leak worth a message.
    nb::set_leak_warnings(false);
    m.attr("__version__") = std::to_string(NV_TENSORRT_MAJOR) + "." + std::to_string(NV_TENSORRT_MINOR) + "." +
                            std::to_string(NV_TENSORRT_PATCH) + "." + std::to_string(NV_TENSORRT_BUILD);
    bindTypes(m);
    bindCallbacks(m);
    bindCalibrators(m);
    bindAllocators(m);
    bindLayerEnums(m);
    bindNetwork(m);
    bindPlugins(m);
    bindLayers(m);
    bindMoreLayers(m);
    bindControlFlow(m);
    bindFactories(m);
    bindConfig(m);
    bindBuilder(m);
    bindEngine(m);
    bindContext(m);
    bindRuntime(m);
    bindRefitter(m);
    bindParser(m);
}
