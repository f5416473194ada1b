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
    bindNetwork(m);
    bindLayers(m);
    bindBuilder(m);
    bindRuntime(m);
    bindParser(m);
}
