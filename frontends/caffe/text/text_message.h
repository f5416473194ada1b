// SPDX-License-Identifier: Apache-2.0
// A message in protobuf's text format, as it stands in the file: names and values with their lines, without a schema.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace lathe::caffe {

struct TextField;

struct TextMessage {
    std::vector<TextField> fields;
    int line = 0;  // where it begins, from 1

    // The last field of this name, null when there is none.
    const TextField* find(std::string_view name) const;
    std::vector<const TextField*> all(std::string_view name) const;
};

struct TextField {
    enum class Kind : uint8_t {
        kWord,    // a number or an identifier, with its sign
        kString,  // unescaped
        kMessage
    };
    std::string name;
    Kind kind = Kind::kWord;
    std::string text;                      // of a word or a string
    std::unique_ptr<TextMessage> message;  // of a message
    int line = 0;
};

// The values that a field may hold; each fails with line and name when it holds another.
Result<int64_t> toInteger(const TextField& field);
Result<double> toReal(const TextField& field);
Result<bool> toBool(const TextField& field);
Result<std::string> toText(const TextField& field);
Result<const TextMessage*> toMessage(const TextField& field);

// "line 12: field 'pad'", for errors.
std::string placeOf(const TextField& field);
// In single quotes, with what cannot be printed as \xNN, cut at a length that fits a message.
std::string quoted(std::string_view text);

}  // namespace lathe::caffe
