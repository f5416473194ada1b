// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <charconv>
#include <cstring>

#include "frontends/onnx/model/parser.h"

namespace lathe::onnx {
namespace {

// Field numbers of the data fields of a tensor.
enum : uint32_t {
    kFloatData = 4,
    kInt32Data = 5,
    kStringData = 6,
    kInt64Data = 7,
    kRawData = 9,
    kDoubleData = 10,
    kUint64Data = 11
};

constexpr std::string_view nameOfData(uint32_t number) {
    switch (number) {
        case kFloatData: return "float_data";
        case kInt32Data: return "int32_data";
        case kStringData: return "string_data";
        case kInt64Data: return "int64_data";
        case kRawData: return "raw_data";
        case kDoubleData: return "double_data";
        default: return "uint64_data";
    }
}

// The typed field that holds elements of a type.
uint32_t dataFieldOf(DataType type) {
    switch (type) {
        case DataType::kFloat:
        case DataType::kComplex64: return kFloatData;
        case DataType::kDouble:
        case DataType::kComplex128: return kDoubleData;
        case DataType::kInt64: return kInt64Data;
        case DataType::kUint32:
        case DataType::kUint64: return kUint64Data;
        case DataType::kString: return kStringData;
        default: return kInt32Data;
    }
}

// Appends elements of a fixed number of bits; 6-bit ones share bytes, from the lowest bit up.
class ElementWriter {
  public:
    explicit ElementWriter(std::vector<std::byte>& out) : out_(out) {}

    void bytes(uint64_t value, size_t width) {
        for (size_t i = 0; i < width; ++i) out_.push_back(static_cast<std::byte>(value >> (8 * i)));
    }
    void sixBits(uint64_t value) {
        pending_ |= static_cast<uint32_t>(value) << pendingBits_;
        pendingBits_ += 6;
        if (pendingBits_ >= 8) {
            out_.push_back(static_cast<std::byte>(pending_));
            pending_ >>= 8;
            pendingBits_ -= 8;
        }
    }
    void finish() {
        if (pendingBits_) out_.push_back(static_cast<std::byte>(pending_));
    }

  private:
    std::vector<std::byte>& out_;
    uint32_t pending_ = 0;
    int pendingBits_ = 0;
};

bool parseUnsigned(std::string_view text, uint64_t& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

// Two passes: element types decide how data fields are read, and fields may come in any order.
Status Parser::tensor(const Place& place, Tensor& out) {
    uint32_t dataField = 0;  // the one that is not empty
    std::span<const std::byte> raw;
    bool rawSeen = false;
    int32_t location = 0;
    StringPairs entries;
    TRY(eachField(place, [&](const Field& field) -> Status {
        switch (field.number) {
            case 1: return addNumbers(place, field, out.dims);
            case 2: return dataType(place, field, out.dataType);
            case 3: return fail(place, field.start, "tensors in segments are not supported");
            case 8: return text(place, field, out.name);
            case 12: return text(place, field, out.docString);
            case 13: return addPair(place, field, "external_data", entries);
            case 14: return number32(place, field, location);
            case 16: return addPair(place, field, "metadata_props", out.metadata);
            case kRawData:
                TRY(once(place, field, rawSeen));
                raw = field.bytes;
                if (raw.empty()) return {};
                break;
            case kStringData: TRY(addText(place, field, out.strings)); break;
            case kFloatData:
            case kInt32Data:
            case kInt64Data:
            case kDoubleData:
            case kUint64Data:
                if (field.type == WireType::kBytes && field.bytes.empty()) return {};
                break;
            default: return {};
        }
        if (dataField && dataField != field.number) {
            return fail(place, field.start, "data in both {} and {}", nameOfData(dataField), nameOfData(field.number));
        }
        dataField = field.number;
        return {};
    }));
    const std::byte* const start = place.message.data();
    if (out.dataType == DataType::kUndefined) return fail(place, start, "no data type");
    if (location != 0 && location != 1) return fail(place, start, "data location {} is not known", location);
    if (location == 1) {
        if (dataField) return fail(place, start, "external data, and {} besides", nameOfData(dataField));
        return externalData(place, entries, out);
    }
    if (dataField == kRawData) {
        if (out.dataType == DataType::kString) return fail(place, start, "strings in raw_data");
        out.setData(file_.view(raw));
        return {};
    }
    if (dataField) return tensorData(place, dataField, out);
    if (rawSeen && out.dataType != DataType::kString) out.setData({});
    return {};
}

Status Parser::tensorData(const Place& place, uint32_t number, Tensor& out) {
    if (number != dataFieldOf(out.dataType)) {
        return fail(place, place.message.data(), "{} elements in {}, where {} belongs", toString(out.dataType),
                    nameOfData(number), nameOfData(dataFieldOf(out.dataType)));
    }
    if (number == kStringData) return {};
    if (number == kFloatData) return fixedData(place, number, 4, out);
    if (number == kDoubleData) return fixedData(place, number, 8, out);
    return varintData(place, number, out);
}

Status Parser::fixedData(const Place& place, uint32_t number, size_t width, Tensor& out) {
    // One packed run, as almost every writer makes it, is viewed in place.
    std::span<const std::byte> only;
    std::vector<std::byte> joined;
    int runs = 0;
    TRY(eachField(place, [&](const Field& field) -> Status {
        if (field.number != number) return {};
        std::byte single[8];
        std::span<const std::byte> run = field.bytes;
        if (field.type != WireType::kBytes) {
            TRY(expect(place, field, width == 4 ? WireType::kFixed32 : WireType::kFixed64));
            std::memcpy(single, &field.value, width);
            run = {single, width};
        } else if (run.size() % width) {
            return fail(place, field.start, "{} bytes in packed {}", run.size(), nameOfData(number));
        }
        if (runs++ == 0 && field.type == WireType::kBytes) {
            only = run;
            return {};
        }
        if (joined.empty()) joined.assign(only.begin(), only.end());
        joined.insert(joined.end(), run.begin(), run.end());
        return {};
    }));
    out.setData(joined.empty() ? file_.view(only) : take(std::move(joined)));
    return {};
}

Status Parser::varintData(const Place& place, uint32_t number, Tensor& out) {
    const int bits = bitsOf(out.dataType);
    // Entries of sub-byte types hold a whole byte of packed elements, but for 6-bit ones, which come one by one.
    const int entryBits = bits == 6 ? 6 : std::max(bits, 8);
    std::vector<std::byte> data;
    ElementWriter writer(data);
    TRY(eachField(place, [&](const Field& field) -> Status {
        if (field.number != number) return {};
        if (field.type == WireType::kBytes) {
            size_t count = 0;
            for (const std::byte b : field.bytes) count += static_cast<uint8_t>(b) < 0x80;
            data.reserve(data.size() + count * entryBits / 8 + 1);
        }
        return eachVarint(place, field, [&](uint64_t value) -> Status {
            if (number == kInt64Data) {
                writer.bytes(value, 8);
                return {};
            }
            if (number == kUint64Data) {
                if (entryBits == 32 && value > UINT32_MAX)
                    return fail(place, field.start, "{} in a UINT32 tensor", value);
                writer.bytes(value, entryBits / 8);
                return {};
            }
            // Bit patterns may be written as signed or as unsigned numbers.
            const int64_t entry = static_cast<int32_t>(static_cast<uint32_t>(value));
            int64_t low = -(int64_t{1} << (entryBits - 1));
            int64_t high = (int64_t{1} << entryBits) - 1;
            if (out.dataType == DataType::kBool) low = 0, high = 1;
            if (entryBits == 6) low = 0;
            if (entry < low || entry > high) {
                return fail(place, field.start, "{} in int32_data of a {} tensor", entry, toString(out.dataType));
            }
            if (entryBits == 6) {
                writer.sixBits(static_cast<uint64_t>(entry));
            } else {
                writer.bytes(static_cast<uint64_t>(entry), entryBits / 8);
            }
            return {};
        });
    }));
    writer.finish();
    out.setData(take(std::move(data)));
    return {};
}

Status Parser::externalData(const Place& place, const StringPairs& entries, Tensor& out) {
    const std::byte* const start = place.message.data();
    ExternalData where;
    uint32_t seen = 0;
    for (const auto& [key, value] : entries) {
        const uint32_t bit = key == "location"   ? 1
                             : key == "offset"   ? 2
                             : key == "length"   ? 4
                             : key == "checksum" ? 8
                                                 : 0;
        if (seen & bit) return fail(place, start, "external data has {} twice", key);
        seen |= bit;
        uint64_t number = 0;
        if ((bit & 6) && !parseUnsigned(value, number)) {
            return fail(place, start, "external data has {} {}, which is no number", key, inQuotes(value));
        }
        switch (bit) {
            case 1: where.location = value; break;
            case 2: where.offset = number; break;
            case 4: where.length = number; break;
            case 8: where.checksum = value; break;
            default: break;
        }
    }
    if (where.location.empty()) return fail(place, start, "external data without a location");
    if (out.dataType == DataType::kString) return fail(place, start, "strings in external data");
    out.external = std::move(where);
    if (options_.external == ParseOptions::External::kDefer) return {};
    const Result<size_t> needed = out.byteSize();
    if (!needed.ok()) return fail(place, start, "{}", needed.status().message());
    Result<Blob> blob = external_.load(*out.external, *needed);
    if (!blob.ok()) return fail(place, start, "{}", blob.status().message());
    out.setData(blob.take());
    return {};
}

Status Parser::sparseTensor(const Place& place, SparseTensor& out) {
    bool values = false, indices = false;
    TRY(eachField(place, [&](const Field& field) -> Status {
        switch (field.number) {
            case 1:
                TRY(once(place, field, values));
                return tensor({&place, "values", -1, field.bytes, 8, 0}, out.values);
            case 2:
                TRY(once(place, field, indices));
                return tensor({&place, "indices", -1, field.bytes, 8, 0}, out.indices);
            case 3: return addNumbers(place, field, out.dims);
            default: return {};
        }
    }));
    if (!values || !indices)
        return fail(place, place.message.data(), "a sparse tensor without {}", values ? "indices" : "values");
    return {};
}

}  // namespace lathe::onnx
