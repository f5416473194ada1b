// SPDX-License-Identifier: Apache-2.0
#include "api/run/plugin_fields.h"

#include <cstring>

namespace lathe::api {

using namespace nvinfer1;

namespace {

constexpr std::byte kSerializedForm{1}, kFieldsForm{2};
constexpr uint32_t kMostFields = 4096;

void appendRaw(std::vector<std::byte>& out, const void* data, size_t size) {
    auto* bytes = static_cast<const std::byte*>(data);
    out.insert(out.end(), bytes, bytes + size);
}

template <class T>
void appendNumber(std::vector<std::byte>& out, T value) {
    appendRaw(out, &value, sizeof value);
}

class FieldReader {
  public:
    explicit FieldReader(std::span<const std::byte> bytes) : rest_(bytes) {}
    Result<std::span<const std::byte>> take(uint64_t size) {
        if (size > rest_.size())
            return invalidArgument("the plugin's state ends after {} of {} bytes", rest_.size(), size);
        auto out = rest_.first(static_cast<size_t>(size));
        rest_ = rest_.subspan(static_cast<size_t>(size));
        return out;
    }
    template <class T>
    Result<T> number() {
        auto bytes = TRY(take(sizeof(T)));
        T value;
        std::memcpy(&value, bytes.data(), sizeof value);
        return value;
    }
    bool atEnd() const { return rest_.empty(); }

  private:
    std::span<const std::byte> rest_;
};

}  // namespace

int64_t fieldBytes(PluginFieldType type, int64_t count) {
    switch (type) {
        case PluginFieldType::kFLOAT16:
        case PluginFieldType::kINT16:
        case PluginFieldType::kBF16: return 2 * count;
        case PluginFieldType::kFLOAT32:
        case PluginFieldType::kINT32: return 4 * count;
        case PluginFieldType::kFLOAT64:
        case PluginFieldType::kINT64: return 8 * count;
        case PluginFieldType::kINT8:
        case PluginFieldType::kCHAR:
        case PluginFieldType::kFP8:
        case PluginFieldType::kUNKNOWN: return count;
        case PluginFieldType::kDIMS: return static_cast<int64_t>(sizeof(Dims)) * count;
        case PluginFieldType::kINT4:
        case PluginFieldType::kFP4: return (count + 1) / 2;
    }
    return -1;
}

std::vector<std::byte> packSerialized(std::span<const std::byte> bytes) {
    std::vector<std::byte> out;
    out.reserve(bytes.size() + 1);
    out.push_back(kSerializedForm);
    out.insert(out.end(), bytes.begin(), bytes.end());
    return out;
}

Result<std::vector<std::byte>> packFields(const PluginFieldCollection* fields) {
    std::vector<std::byte> out;
    out.reserve(256);
    out.push_back(kFieldsForm);
    int32_t count = fields ? fields->nbFields : 0;
    if (count < 0 || count > static_cast<int32_t>(kMostFields) || (count > 0 && !fields->fields))
        return invalidArgument("getFieldsToSerialize() answers {} fields", count);
    appendNumber(out, static_cast<uint32_t>(count));
    for (int32_t i = 0; i < count; ++i) {
        const PluginField& f = fields->fields[i];
        std::string_view name = f.name ? f.name : "";
        int64_t bytes = fieldBytes(f.type, f.length);
        if (f.length < 0 || bytes < 0 || (bytes > 0 && !f.data))
            return invalidArgument("field '{}' to serialize has type {}, length {} and {} data", name,
                                   static_cast<int>(f.type), f.length, f.data ? "some" : "no");
        appendNumber(out, static_cast<uint32_t>(name.size()));
        appendRaw(out, name.data(), name.size());
        appendNumber(out, static_cast<int32_t>(f.type));
        appendNumber(out, f.length);
        appendNumber(out, static_cast<uint64_t>(bytes));
        appendRaw(out, f.data, static_cast<size_t>(bytes));
    }
    return out;
}

Result<std::span<const std::byte>> unpackSerialized(std::span<const std::byte> state) {
    if (state.empty() || state[0] != kSerializedForm)
        return invalidArgument("the plugin's state is not what this kind of plugin is made from");
    return state.subspan(1);
}

Result<std::unique_ptr<StoredFields>> StoredFields::create(std::span<const std::byte> state) {
    if (state.empty() || state[0] != kFieldsForm)
        return invalidArgument("the plugin's state is not what this kind of plugin is made from");
    auto out = std::unique_ptr<StoredFields>(new StoredFields);
    FieldReader reader(state.subspan(1));
    uint32_t count = TRY(reader.number<uint32_t>());
    if (count > kMostFields) return invalidArgument("the plugin's state has {} fields", count);
    std::vector<std::pair<int32_t, int32_t>> kinds;
    for (uint32_t i = 0; i < count; ++i) {
        auto name = TRY(reader.take(TRY(reader.number<uint32_t>())));
        out->names_.emplace_back(reinterpret_cast<const char*>(name.data()), name.size());
        auto type = TRY(reader.number<int32_t>());
        auto length = TRY(reader.number<int32_t>());
        auto bytes = TRY(reader.number<uint64_t>());
        int64_t expected = fieldBytes(static_cast<PluginFieldType>(type), length);
        if (length < 0 || expected < 0 || static_cast<uint64_t>(expected) != bytes)
            return invalidArgument("field '{}' of the plugin's state has type {}, length {} and {} bytes",
                                   out->names_.back(), type, length, bytes);
        auto values = TRY(reader.take(bytes));
        auto& kept = out->values_.emplace_back(values.size() / sizeof(int64_t) + 1);
        if (!values.empty()) std::memcpy(kept.data(), values.data(), values.size());
        kinds.emplace_back(type, length);
    }
    if (!reader.atEnd()) return invalidArgument("the plugin's state goes on after its fields");
    for (uint32_t i = 0; i < count; ++i)
        out->fields_.emplace_back(out->names_[i].c_str(), out->values_[i].data(),
                                  static_cast<PluginFieldType>(kinds[i].first), kinds[i].second);
    out->collection_ = {static_cast<int32_t>(count), out->fields_.data()};
    return out;
}

}  // namespace lathe::api
