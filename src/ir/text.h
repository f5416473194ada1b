// SPDX-License-Identifier: Apache-2.0
// The text form of a graph: for tests, dumps and people.
//
//   symbol s0 "batch" input %x 0 range 1 8
//   graph "digits" (%x: f32[s0, 4], %y: i64[2]) {
//     const %w = f32[4] [1, 2, 3, 4]          small constants show their values …
//     const %v "conv1.weight" = f32[64, 3, 7, 7] random 17      … large ones a seed (printing names the content hash)
//     %a, %b = topk(%x, -) axis=1 @"node name" from "a" "b": f32[s0, 2], i64[s0, 2]
//     %c = if(%flag): f32[s0] ( ) { … return %a } ( ) { … return %b }
//     return %a
//   }
//
// Types of nodes may be left out when parsing: inference fills them in. `-` is an absent input.
#pragma once

#include <memory>
#include <string>

#include "ir/graph.h"

namespace lathe::ir {

// Looks an op up by name; lets this layer parse without knowing src/ops.
using OpFinder = const Op* (*)(std::string_view name);

std::string print(const Graph& graph);
// Errors name the line.
Result<std::unique_ptr<Graph>> parse(std::string_view text, OpFinder find);

}  // namespace lathe::ir
