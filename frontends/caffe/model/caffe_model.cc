// SPDX-License-Identifier: Apache-2.0
#include "frontends/caffe/model/caffe_model.h"

#include <bit>
#include <cstring>
#include <limits>

#include "base/dtype.h"
#include "frontends/caffe/text/text_message.h"
#include "frontends/common/wire.h"

namespace lathe::caffe {
namespace {

using frontends::Field;
using frontends::WireReader;
using frontends::WireType;

// Field numbers, by message.
constexpr uint32_t kNetLayersV1 = 2, kNetLayer = 100;
constexpr uint32_t kLayerName = 1, kLayerType = 2, kLayerBlobs = 7;
constexpr uint32_t kV1LayerV0 = 1, kV1LayerName = 4, kV1LayerBlobs = 6;
constexpr uint32_t kBlobNum = 1, kBlobChannels = 2, kBlobHeight = 3, kBlobWidth = 4, kBlobData = 5, kBlobShape = 7,
                   kBlobDoubleData = 8;
constexpr uint32_t kBlobRawType = 10, kBlobRawData = 12;  // a fork's
constexpr uint32_t kShapeDim = 1;

// Each costs more memory than bytes of the file.
constexpr size_t kMaxLayers = 100'000, kMaxBlobs = 1'000'000, kMaxDims = 32;

size_t sizeOf(ModelBlob::Type type) {
    switch (type) {
        case ModelBlob::Type::kNone: return 1;
        case ModelBlob::Type::kFloat: return 4;
        case ModelBlob::Type::kDouble: return 8;
        case ModelBlob::Type::kHalf: return 2;
    }
    return 1;
}

// Elements as they come: one run stays where it is, more are put together.
class Elements {
  public:
    void add(std::span<const std::byte> run) {
        if (run.empty()) return;
        if (own_.empty() && first_.empty()) {
            first_ = run;
            return;
        }
        if (own_.empty()) own_.assign(first_.begin(), first_.end());
        own_.insert(own_.end(), run.begin(), run.end());
    }
    // A single element outside of any run.
    void addValue(uint64_t value, size_t size) {
        if (own_.empty()) own_.assign(first_.begin(), first_.end());
        const auto* bytes = reinterpret_cast<const std::byte*>(&value);
        own_.insert(own_.end(), bytes, bytes + size);
    }
    bool empty() const { return own_.empty() && first_.empty(); }
    Blob take(const Blob& file) { return own_.empty() ? file.view(first_) : frontends::take(std::move(own_)); }

  private:
    std::span<const std::byte> first_;
    std::vector<std::byte> own_;
};

class ModelParser {
  public:
    explicit ModelParser(const Blob& file) : file_(file) {}

    Result<CaffeModel> net() {
        CaffeModel out;
        TRY(each(file_.bytes, "the network", [&](const Field& field) -> Status {
            if (field.number != kNetLayer && field.number != kNetLayersV1) return {};
            if (out.layers.size() == kMaxLayers) return unsupported("more than {} layers", kMaxLayers);
            const std::string place = fmt::format("layer {}", out.layers.size());
            TRY(expect(field, WireType::kBytes, place));
            out.layers.push_back(TRY(layer(field, place)));
            return {};
        }));
        return out;
    }

    Result<ModelBlob> blob(std::span<const std::byte> bytes, const std::string& place) {
        ModelBlob out;
        Elements floats, doubles, raw;
        int64_t legacy[4] = {1, 1, 1, 1};
        bool hasLegacy = false, hasRawType = false;
        uint64_t rawType = 0;
        TRY(each(bytes, place, [&](const Field& field) -> Status {
            switch (field.number) {
                case kBlobNum:
                case kBlobChannels:
                case kBlobHeight:
                case kBlobWidth:
                    TRY(expect(field, WireType::kVarint, place));
                    legacy[field.number - kBlobNum] = static_cast<int64_t>(field.value);
                    hasLegacy = true;
                    return {};
                case kBlobShape:
                    TRY(expect(field, WireType::kBytes, place));
                    out.hasShape = true;
                    return shape(field.bytes, place, out.shape);
                case kBlobData: return numbers(field, WireType::kFixed32, 4, place, floats);
                case kBlobDoubleData: return numbers(field, WireType::kFixed64, 8, place, doubles);
                case kBlobRawType:
                    TRY(expect(field, WireType::kVarint, place));
                    rawType = field.value;
                    hasRawType = true;
                    return {};
                case kBlobRawData:
                    TRY(expect(field, WireType::kBytes, place));
                    raw.add(field.bytes);
                    return {};
                default: return {};
            }
        }));
        if (!floats.empty() + !doubles.empty() + !raw.empty() > 1) {
            return invalidArgument("{}: data in more than one of the fields data, double_data and raw_data", place);
        }
        if (!floats.empty()) {
            out.type = ModelBlob::Type::kFloat;
            out.elements = floats.take(file_);
        } else if (!doubles.empty()) {
            out.type = ModelBlob::Type::kDouble;
            out.elements = doubles.take(file_);
        } else if (!raw.empty()) {
            static constexpr ModelBlob::Type kTypes[] = {ModelBlob::Type::kDouble, ModelBlob::Type::kFloat,
                                                         ModelBlob::Type::kHalf};
            if (!hasRawType || rawType >= std::size(kTypes)) {
                return unsupported("{}: raw_data of type {}; known are 0 (double), 1 (float) and 2 (half)", place,
                                   hasRawType ? std::to_string(rawType) : "unknown");
            }
            out.type = kTypes[rawType];
            out.elements = raw.take(file_);
        }
        const size_t size = sizeOf(out.type);
        if (out.elements.bytes.size() % size) {
            return invalidArgument("{}: {} bytes are no whole number of elements of {} bytes", place,
                                   out.elements.bytes.size(), size);
        }
        if (hasLegacy && !out.hasShape) {
            out.shape.assign(legacy, legacy + 4);
            out.hasShape = true;
        }
        if (out.hasShape) TRY(checkCount(out, place));
        return out;
    }

  private:
    // `body` is called with every field; its failures and those of the wire format get the place.
    template <class F>
    Status each(std::span<const std::byte> message, const std::string& place, F&& body) {
        WireReader reader(message);
        for (Field field; reader.next(field);) TRY(body(field));
        if (reader.error().empty()) return {};
        return invalidArgument("{}: at byte {}: {}", place, reader.position() - file_.bytes.data(), reader.error());
    }

    Status expect(const Field& field, WireType type, const std::string& place) {
        if (field.type == type) return {};
        return invalidArgument("{}: at byte {}: field {} is of wire type {}; expected {}", place,
                               field.start - file_.bytes.data(), field.number, toString(field.type), toString(type));
    }

    Result<ModelLayer> layer(const Field& outer, std::string place) {
        const bool v1 = outer.number == kNetLayersV1;
        ModelLayer out;
        bool v0 = false;
        const auto text = [&](const Field& field, std::string& to) -> Status {
            TRY(expect(field, WireType::kBytes, place));
            to.assign(reinterpret_cast<const char*>(field.bytes.data()), field.bytes.size());
            return {};
        };
        // The name first, so that what follows can be told apart by it.
        TRY(each(outer.bytes, place, [&](const Field& field) -> Status {
            if (field.number == (v1 ? kV1LayerName : kLayerName)) return text(field, out.name);
            if (!v1 && field.number == kLayerType) return text(field, out.type);
            v0 |= v1 && field.number == kV1LayerV0;
            return {};
        }));
        place += " " + quoted(out.name);
        if (v0 && out.name.empty()) {
            return unsupported(
                "{}: it is of the oldest format, of 2013, in which layers lie within layers; Caffe's "
                "upgrade_net_proto_binary rewrites such files",
                place);
        }
        TRY(each(outer.bytes, place, [&](const Field& field) -> Status {
            if (field.number != (v1 ? kV1LayerBlobs : kLayerBlobs)) return {};
            TRY(expect(field, WireType::kBytes, place));
            if (++blobs_ > kMaxBlobs) return unsupported("more than {} blobs", kMaxBlobs);
            out.blobs.push_back(TRY(blob(field.bytes, fmt::format("{}: blob {}", place, out.blobs.size()))));
            return {};
        }));
        return out;
    }

    Status shape(std::span<const std::byte> bytes, const std::string& place, Ints& out) {
        return each(bytes, place, [&](const Field& field) -> Status {
            if (field.number != kShapeDim) return {};
            const auto add = [&](uint64_t value) -> Status {
                if (out.size() == kMaxDims) return invalidArgument("{}: more than {} dimensions", place, kMaxDims);
                out.push_back(static_cast<int64_t>(value));
                return {};
            };
            if (field.type == WireType::kVarint) return add(field.value);
            TRY(expect(field, WireType::kBytes, place));
            const std::byte *p = field.bytes.data(), *end = p + field.bytes.size();
            while (p != end) {
                uint64_t value = 0;
                if (!frontends::readVarint(p, end, value)) {
                    return invalidArgument("{}: at byte {}: malformed or truncated dimension", place,
                                           p - file_.bytes.data());
                }
                TRY(add(value));
            }
            return {};
        });
    }

    // A run of elements, or a single one.
    Status numbers(const Field& field, WireType single, size_t size, const std::string& place, Elements& out) {
        if (field.type == single) {
            out.addValue(field.value, size);
            return {};
        }
        TRY(expect(field, WireType::kBytes, place));
        if (field.bytes.size() % size) {
            return invalidArgument("{}: at byte {}: {} bytes are no whole number of elements of {} bytes", place,
                                   field.start - file_.bytes.data(), field.bytes.size(), size);
        }
        out.add(field.bytes);
        return {};
    }

    static Status checkCount(const ModelBlob& blob, const std::string& place) {
        int64_t count = 1;
        for (const int64_t extent : blob.shape) {
            if (extent < 0 || __builtin_mul_overflow(count, extent, &count)) {
                return invalidArgument("{}: the shape [{}] is not possible", place, fmt::join(blob.shape, ", "));
            }
        }
        if (count == blob.count()) return {};
        return invalidArgument("{}: the shape [{}] has {} elements, but the data {}", place,
                               fmt::join(blob.shape, ", "), count, blob.count());
    }

    const Blob& file_;
    size_t blobs_ = 0;
};

template <class T>
void convert(std::span<const std::byte> bytes, float* to) {
    for (size_t i = 0; i < bytes.size() / sizeof(T); ++i) {
        T value;
        std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
        to[i] = static_cast<float>(value);
    }
}

}  // namespace

int64_t ModelBlob::count() const { return static_cast<int64_t>(elements.bytes.size() / sizeOf(type)); }

void ModelBlob::copyTo(float* to) const {
    switch (type) {
        case Type::kNone: return;
        case Type::kFloat: std::memcpy(to, elements.bytes.data(), elements.bytes.size()); return;
        case Type::kDouble: return convert<double>(elements.bytes, to);
        case Type::kHalf: return convert<Half>(elements.bytes, to);
    }
}

const ModelLayer* CaffeModel::find(const std::string& name) const {
    const auto found = byName.find(name);
    return found == byName.end() ? nullptr : &layers[found->second];
}

Result<CaffeModel> parseModel(const Blob& file) {
    CaffeModel out = TRY(ModelParser(file).net());
    if (out.layers.empty()) return invalidArgument("there are no layers in it; is it a caffemodel?");
    for (size_t i = 0; i < out.layers.size(); ++i) {
        const auto [known, fresh] = out.byName.try_emplace(out.layers[i].name, i);
        const bool keep = !fresh && out.layers[i].blobs.empty() && !out.layers[known->second].blobs.empty();
        if (!keep) known->second = i;
    }
    return out;
}

Result<ModelBlob> parseBlobFile(const Blob& file) { return ModelParser(file).blob(file.bytes, "the blob"); }

}  // namespace lathe::caffe
