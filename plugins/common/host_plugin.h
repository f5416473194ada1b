// SPDX-License-Identifier: Apache-2.0
// A kind of plugin as the interfaces want it.
#pragma once

#include "plugins/common/kind.h"

namespace lathe::plugins {

// The creator of a kind, which must outlive it and its plugins.
std::unique_ptr<nvinfer1::IPluginCreator> makeCreator(const Kind& kind);
// Of every kind in this library, for the life of the process.
const std::vector<nvinfer1::IPluginCreatorInterface*>& allCreators();
// Where messages go; may be null.
void setLogger(nvinfer1::ILogger* logger);
void report(const std::string& text);

}  // namespace lathe::plugins
