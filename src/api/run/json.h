// SPDX-License-Identifier: Apache-2.0
// The little of JSON that the inspector and explain() write.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace lathe::api {

// A JSON string; bytes of UTF-8 go through as they are.
inline std::string quoted(std::string_view s) {
    std::string out = "\"";
    for (unsigned char c : s) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += static_cast<char>(c);
        } else if (c < 32) {
            out += fmt::format("\\u{:04x}", c);
        } else {
            out += static_cast<char>(c);
        }
    }
    return out + '"';
}

}  // namespace lathe::api
