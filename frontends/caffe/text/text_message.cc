// SPDX-License-Identifier: Apache-2.0
#include "frontends/caffe/text/text_message.h"

#include <charconv>
#include <cmath>
#include <limits>

namespace lathe::caffe {
namespace {

Status wrong(const TextField& field, const char* expected) {
    const bool message = field.kind == TextField::Kind::kMessage;
    return invalidArgument("{} is {}; expected {}", placeOf(field), message ? "a message" : quoted(field.text),
                           expected);
}

bool equalsIgnoringCase(std::string_view a, std::string_view lower) {
    if (a.size() != lower.size()) return false;
    for (size_t i = 0; i < a.size(); ++i) {
        const char c = a[i] >= 'A' && a[i] <= 'Z' ? static_cast<char>(a[i] - 'A' + 'a') : a[i];
        if (c != lower[i]) return false;
    }
    return true;
}

}  // namespace

const TextField* TextMessage::find(std::string_view name) const {
    for (auto it = fields.rbegin(); it != fields.rend(); ++it) {
        if (it->name == name) return &*it;
    }
    return nullptr;
}

std::vector<const TextField*> TextMessage::all(std::string_view name) const {
    std::vector<const TextField*> out;
    for (const TextField& field : fields) {
        if (field.name == name) out.push_back(&field);
    }
    return out;
}

std::string quoted(std::string_view text) {
    constexpr size_t kLongest = 200;
    std::string out = "'";
    for (const char c : text.substr(0, kLongest)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte != 0x7f) {
            out += c;
        } else {
            out += fmt::format("\\x{:02x}", byte);
        }
    }
    return out + (text.size() > kLongest ? "…'" : "'");
}

std::string placeOf(const TextField& field) { return fmt::format("line {}: field {}", field.line, quoted(field.name)); }

Result<int64_t> toInteger(const TextField& field) {
    constexpr const char* kExpected = "an integer";
    if (field.kind != TextField::Kind::kWord) return wrong(field, kExpected);
    std::string_view digits = field.text;
    const bool negative = digits.starts_with('-');
    if (negative) digits.remove_prefix(1);
    int base = 10;
    if (digits.starts_with("0x") || digits.starts_with("0X")) {
        base = 16;
        digits.remove_prefix(2);
    } else if (digits.size() > 1 && digits[0] == '0') {
        base = 8;
    }
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    if (error == std::errc() && end == digits.data() + digits.size()) {
        constexpr uint64_t kMost = std::numeric_limits<int64_t>::max();
        if (value <= kMost) return negative ? -static_cast<int64_t>(value) : static_cast<int64_t>(value);
        if (negative && value == kMost + 1) return std::numeric_limits<int64_t>::min();
    }
    if (error == std::errc::result_out_of_range || (error == std::errc() && end == digits.data() + digits.size())) {
        return invalidArgument("{} is {}, beyond the range of 64 bits", placeOf(field), quoted(field.text));
    }
    return wrong(field, kExpected);
}

Result<double> toReal(const TextField& field) {
    constexpr const char* kExpected = "a number";
    if (field.kind != TextField::Kind::kWord) return wrong(field, kExpected);
    std::string_view text = field.text;
    const double sign = text.starts_with('-') ? -1 : 1;
    if (sign < 0) text.remove_prefix(1);
    if (equalsIgnoringCase(text, "inf") || equalsIgnoringCase(text, "infinity")) {
        return sign * std::numeric_limits<double>::infinity();
    }
    if (equalsIgnoringCase(text, "nan")) return std::numeric_limits<double>::quiet_NaN();
    if (text.starts_with("0x") || text.starts_with("0X") || text.empty()) {
        return static_cast<double>(TRY(toInteger(field)));
    }
    if (text[0] != '.' && (text[0] < '0' || text[0] > '9')) return wrong(field, kExpected);
    if (text.ends_with('f') || text.ends_with('F')) text.remove_suffix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (end != text.data() + text.size() || error == std::errc::invalid_argument) return wrong(field, kExpected);
    // Out of range: too small is 0, too large is infinite, as where a compiler reads such a number.
    if (error == std::errc::result_out_of_range) {
        const size_t exponent = text.find_first_of("eE");
        const bool small =
            exponent != std::string_view::npos && exponent + 1 < text.size() && text[exponent + 1] == '-';
        value = small ? 0 : std::numeric_limits<double>::infinity();
    }
    return sign * value;
}

Result<bool> toBool(const TextField& field) {
    if (field.kind == TextField::Kind::kWord) {
        for (const char* yes : {"true", "True", "t", "1"}) {
            if (field.text == yes) return true;
        }
        for (const char* no : {"false", "False", "f", "0"}) {
            if (field.text == no) return false;
        }
    }
    return wrong(field, "true or false");
}

Result<std::string> toText(const TextField& field) {
    if (field.kind != TextField::Kind::kString) return wrong(field, "a string in quotes");
    return field.text;
}

Result<const TextMessage*> toMessage(const TextField& field) {
    if (field.kind != TextField::Kind::kMessage) return wrong(field, "a message in braces");
    return const_cast<const TextMessage*>(field.message.get());
}

}  // namespace lathe::caffe
