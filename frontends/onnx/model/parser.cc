// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/model/parser.h"

#include <bit>
#include <cstring>

namespace lathe::onnx {
namespace {

std::string_view asText(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The last value of a text field in a message, or "".
std::string_view findText(std::span<const std::byte> message, uint32_t number) {
    std::string_view found;
    WireReader reader(message);
    for (Field field; number && reader.next(field);) {
        if (field.number == number && field.type == WireType::kBytes) found = asText(field.bytes);
    }
    return found;
}

std::string path(const Place& place) {
    std::string text = place.parent ? path(*place.parent) : "";
    if (place.field.empty()) return text;
    if (!text.empty()) text += '.';
    text += place.field;
    if (place.index >= 0) text += fmt::format("[{}]", place.index);
    const std::string_view name = findText(place.message, place.nameField);
    if (!name.empty()) text += ' ' + inQuotes(name);
    const std::string_view kind = findText(place.message, place.kindField);
    if (!kind.empty()) text += " (" + printable(kind) + ')';
    return text;
}

}  // namespace

Status Parser::failText(const Place& place, const std::byte* at, std::string what) const {
    const size_t offset = static_cast<size_t>(at - file_.bytes.data());
    const std::string where = path(place);
    return invalidArgument("{}{}{} (at byte {})", where, where.empty() ? "" : ": ", what, offset);
}

Status Parser::expect(const Place& place, const Field& field, WireType type) const {
    if (field.type == type) return {};
    return fail(place, field.start, "field {} has wire type {}, not {}", field.number, toString(field.type),
                toString(type));
}

Status Parser::once(const Place& place, const Field& field, bool& seen) const {
    TRY(expect(place, field, WireType::kBytes));
    if (seen) return fail(place, field.start, "field {} is there twice", field.number);
    seen = true;
    return {};
}

Status Parser::spend(const Place& place, const Field& field, size_t bytes) {
    if (bytes > options_.maxStructBytes - spent_) {
        return fail(place, field.start, "the model's structure takes more than the allowed {} bytes",
                    options_.maxStructBytes);
    }
    spent_ += bytes;
    return {};
}

Status Parser::text(const Place& place, const Field& field, std::string& out) {
    TRY(expect(place, field, WireType::kBytes));
    TRY(spend(place, field, field.bytes.size()));
    out = asText(field.bytes);
    return {};
}

Status Parser::addText(const Place& place, const Field& field, std::vector<std::string>& out) {
    TRY(spend(place, field, sizeof(std::string)));
    return text(place, field, out.emplace_back());
}

Status Parser::number(const Place& place, const Field& field, int64_t& out) {
    TRY(expect(place, field, WireType::kVarint));
    out = static_cast<int64_t>(field.value);
    return {};
}

// Writers sign-extend an int32 to 64 bits; as protobuf readers do, the lower half counts.
Status Parser::number32(const Place& place, const Field& field, int32_t& out) {
    TRY(expect(place, field, WireType::kVarint));
    out = static_cast<int32_t>(static_cast<uint32_t>(field.value));
    return {};
}

Status Parser::dataType(const Place& place, const Field& field, DataType& out) {
    int32_t value = 0;
    TRY(number32(place, field, value));
    out = static_cast<DataType>(value);
    if (out == DataType::kUndefined || isKnown(out)) return {};
    return fail(place, field.start, "data type {} is not known", value);
}

Status Parser::addNumbers(const Place& place, const Field& field, std::vector<int64_t>& out) {
    return eachVarint(place, field, [&](uint64_t value) -> Status {
        TRY(spend(place, field, sizeof value));
        out.push_back(static_cast<int64_t>(value));
        return {};
    });
}

Status Parser::addFloats(const Place& place, const Field& field, std::vector<float>& out) {
    if (field.type != WireType::kBytes) {
        TRY(expect(place, field, WireType::kFixed32));
        TRY(spend(place, field, sizeof(float)));
        out.push_back(std::bit_cast<float>(static_cast<uint32_t>(field.value)));
        return {};
    }
    const size_t size = field.bytes.size();
    if (size % sizeof(float)) return fail(place, field.start, "{} bytes of packed floats", size);
    if (size == 0) return {};
    TRY(spend(place, field, size));
    const size_t before = out.size();
    out.resize(before + size / sizeof(float));
    std::memcpy(out.data() + before, field.bytes.data(), size);
    return {};
}

Status Parser::addPair(const Place& place, const Field& field, std::string_view what, StringPairs& out) {
    TRY(expect(place, field, WireType::kBytes));
    TRY(spend(place, field, sizeof(StringPairs::value_type)));
    const Place inner{&place, what, static_cast<int64_t>(out.size()), field.bytes, 1, 0};
    auto& [key, value] = out.emplace_back();
    return eachField(inner, [&, &key = key, &value = value](const Field& f) -> Status {
        switch (f.number) {
            case 1: return text(inner, f, key);
            case 2: return text(inner, f, value);
            default: return {};
        }
    });
}

}  // namespace lathe::onnx
