// SPDX-License-Identifier: Apache-2.0
// SHA-1, for the checksums of external data files. It guards against mix-ups, not against attackers.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace lathe::onnx {

// 40 lower-case hexadecimal digits.
std::string sha1(std::span<const std::byte> bytes);

}  // namespace lathe::onnx
