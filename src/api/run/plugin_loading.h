// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "NvInferRuntime.h"
#include "plan/plan.h"

namespace lathe::api {

// Makes the plugins that a plan's steps need, by the creators that the registry finds. Errors name the layer and the
// plugin: no creator, one that fails or makes something else, types or shapes other than those in the plan, a plugin
// that is not known to take the pointers that the step would give it. `recorder`, which may be null, is what plugins
// are told of.
Status loadPlugins(plan::Plan& plan, nvinfer1::IPluginRegistry& registry, nvinfer1::IErrorRecorder* recorder);

}  // namespace lathe::api
