// SPDX-License-Identifier: Apache-2.0
// Reads protobuf's text format, which prototxt files are in:
//   message = { field [";" | ","] }
//   field   = name ( ":" value | [":"] message value | ":" "[" value { "," value } "]" )
//   value   = number | identifier | string { string } | "{" message "}" | "<" message ">"
// with comments from # to the end of the line. Which fields there are, and of which types, is the caller's business.
#pragma once

#include <cstddef>
#include <span>

#include "frontends/caffe/text/text_message.h"

namespace lathe::caffe {

// Files beyond these bounds are refused: they are far above what networks need, and keep a hostile file's cost in
// proportion.
inline constexpr size_t kMaxTextBytes = size_t{64} << 20;
inline constexpr int kMaxTextDepth = 64;
inline constexpr size_t kMaxTextFields = 1'000'000;

// Errors begin with "line N: ".
Result<TextMessage> parseText(std::span<const std::byte> text);

}  // namespace lathe::caffe
