// SPDX-License-Identifier: Apache-2.0
// A plugin library for IPluginRegistry::loadLibrary(), with a plugin of either interface.
#include <cstdlib>

#include "plugin_testing.h"

namespace {

nvinfer1::ILoggerFinder* finder = nullptr;

}  // namespace

extern "C" {

__attribute__((visibility("default"))) void setLoggerFinder(nvinfer1::ILoggerFinder* f) { finder = f; }

__attribute__((visibility("default"))) nvinfer1::IPluginCreatorInterface* const* getCreators(int32_t& count) {
    static lathe_test::V3Creator<lathe_test::Axpy> v3;
    static lathe_test::V1Creator<lathe_test::OldDynamic> v2;
    static nvinfer1::IPluginCreatorInterface* const creators[] = {&v3, &v2};
    count = finder && finder->findLogger() ? 2 : 0;
    return creators;
}

__attribute__((visibility("default"))) bool latheHostPointers() { return true; }

// Makes layers of none, and tells that it was asked.
__attribute__((visibility("default"))) bool latheExpandPlugin(lathe::PluginToExpand*) {
    setenv("LATHE_TEST_EXPAND", "asked", 1);
    return false;
}

}  // extern "C"
