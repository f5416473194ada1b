// SPDX-License-Identifier: Apache-2.0
// Operators that no importer knows, but that a plugin creator of the same name makes.
#pragma once

#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {

// The importer of the node as a plugin layer, when a creator of its name is registered; null when there is none. The
// attributes plugin_version ("1") and plugin_namespace ("") say which creator is meant; the others become fields.
const OpImporter* findPluginImporter(Session& session, const Node& node);

}  // namespace lathe::onnx
