// SPDX-License-Identifier: Apache-2.0
// A network's tensors have a number of dimensions each, so an If whose branches differ in it, and whose condition
// depends on extents that are free, cannot be imported as it stands. Often only one of the branches can be meant
// (exporters write such nodes for "squeeze where the extent is 1"): what comes after it, or the graph's declared
// outputs, do not suit the other. The choice is found by trial imports into networks that are thrown away.
#pragma once

#include "frontends/onnx/importer/session.h"

namespace lathe::onnx {

// The branches with which the whole graph can be imported; none when no If needs a choice, nothing suits, or more than
// one choice does.
Session::Choices findChoices(const Graph& graph, nvinfer1::INetworkDefinition& like, Storage& storage,
                             nvonnxparser::OnnxParserFlags flags);

}  // namespace lathe::onnx
