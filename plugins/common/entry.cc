// SPDX-License-Identifier: Apache-2.0
// What programs and IPluginRegistry::loadLibrary() call.
#include "Lathe.h"
#include "NvInferPlugin.h"
#include "plugins/common/host_plugin.h"

#define LATHE_EXPORT __attribute__((visibility("default")))

extern "C" {

LATHE_EXPORT bool latheExpandPlugin(lathe::PluginToExpand* call) { return lathe::plugins::expandPlugin(*call); }

LATHE_EXPORT bool initLibNvInferPlugins(void* logger, char const* libNamespace) {
    using namespace nvinfer1;
    if (logger) lathe::plugins::setLogger(static_cast<ILogger*>(logger));
    const char* space = libNamespace ? libNamespace : "";
    bool ok = true;
    for (const lathe::plugins::Shipped& s : lathe::plugins::allShipped()) {
        // Once is enough; and what a program has registered itself under the name goes first.
        if (getPluginRegistry()->getCreator(s.kind->name(), s.kind->version(), space)) continue;
        s.setSpace(space);
        if (!getPluginRegistry()->registerCreator(*s.creator, space)) {
            ok = false;
            continue;
        }
        lathe::setHostPlugin(s.kind->name(), s.kind->version(), space);
        lathe::setPluginExpansion(s.kind->name(), s.kind->version(), space, latheExpandPlugin);
    }
    return ok;
}

LATHE_EXPORT nvinfer1::IPluginCreatorInterface* const* getCreators(int32_t& count) {
    static const auto& all = *[] {
        auto* list = new std::vector<nvinfer1::IPluginCreatorInterface*>;
        for (const lathe::plugins::Shipped& s : lathe::plugins::allShipped()) list->push_back(s.creator);
        return list;
    }();
    count = static_cast<int32_t>(all.size());
    return all.data();
}

LATHE_EXPORT void setLoggerFinder(nvinfer1::ILoggerFinder* finder) {
    if (finder) lathe::plugins::setLogger(finder->findLogger());
}

LATHE_EXPORT bool latheHostPointers() { return true; }

}  // extern "C"
