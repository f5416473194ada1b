// SPDX-License-Identifier: Apache-2.0
// Layers that become plugins: of the user's factory, by the layer's name, or of the plugin registry, by its type.
#include <algorithm>
#include <cctype>

#include "NvInferRuntime.h"
#include "base/dtype.h"
#include "frontends/caffe/importer/layer_import.h"

namespace lathe::caffe {
namespace {

using nvinfer1::PluginField;
using nvinfer1::PluginFieldType;

TensorList bottomsOf(LayerImport& c) {
    TensorList out;
    for (const Value& value : c.allBottoms()) out.push_back(value.tensor);
    return out;
}

Status takeOutputs(LayerImport& c, nvinfer1::ILayer* layer) {
    TRY(c.layer(layer, "plugin", true));
    if (layer->getNbOutputs() != c.topCount()) {
        return invalidArgument("its plugin has {} outputs and the layer {} tops", layer->getNbOutputs(), c.topCount());
    }
    for (int i = 0; i < c.topCount(); ++i) {
        ITensor* out = layer->getOutput(i);
        TRY(c.top(i, {out, c.rank(out)}));
    }
    return {};
}

// A plugin gets what it asks for; the rest is its own business.
void ignoreSettings(LayerImport& c) {
    for (const TextField& field : c.spec().message->fields) {
        if (!field.message || !field.name.ends_with("_param")) continue;
        Params& params = c.params(field.name.c_str());
        for (const TextField& inner : field.message->fields) params.ignore(inner.name);
    }
}

// "scaleFactor", "scale_factor" and "ScaleFactor" are one name.
std::string plain(std::string_view name) {
    std::string out;
    for (const char c : name) {
        if (c != '_') out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return out;
}

// Values of one field, in the element type that a plugin asks for, as bytes.
template <class T>
void append(std::vector<std::byte>& out, T value) {
    const auto* bytes = reinterpret_cast<const std::byte*>(&value);
    out.insert(out.end(), bytes, bytes + sizeof value);
}

template <class T>
Status appendInteger(std::vector<std::byte>& out, const TextField& field) {
    // true and false are integers to plugins.
    const bool named = field.kind == TextField::Kind::kWord && (field.text == "true" || field.text == "false");
    const int64_t value = named ? field.text == "true" : TRY(toInteger(field));
    if (value < std::numeric_limits<T>::min() || value > std::numeric_limits<T>::max()) {
        return invalidArgument("{} is {}, which its plugin's type cannot hold", placeOf(field), value);
    }
    append(out, static_cast<T>(value));
    return {};
}

Status appendValue(std::vector<std::byte>& out, const TextField& field, PluginFieldType type) {
    switch (type) {
        case PluginFieldType::kFLOAT16: append(out, Half(static_cast<float>(TRY(toReal(field))))); return {};
        case PluginFieldType::kFLOAT32: append(out, static_cast<float>(TRY(toReal(field)))); return {};
        case PluginFieldType::kFLOAT64: append(out, TRY(toReal(field))); return {};
        case PluginFieldType::kINT8: return appendInteger<int8_t>(out, field);
        case PluginFieldType::kINT16: return appendInteger<int16_t>(out, field);
        case PluginFieldType::kINT32: return appendInteger<int32_t>(out, field);
        case PluginFieldType::kINT64: return appendInteger<int64_t>(out, field);
        case PluginFieldType::kCHAR:
            if (field.kind == TextField::Kind::kMessage) return invalidArgument("{} is a message", placeOf(field));
            for (const char c : field.text) append(out, c);
            return {};
        default:
            return unsupported("{}: its plugin wants a type of field ({}) that a prototxt has no form for",
                               placeOf(field), static_cast<int>(type));
    }
}

size_t sizeOf(PluginFieldType type) {
    switch (type) {
        case PluginFieldType::kFLOAT16:
        case PluginFieldType::kINT16: return 2;
        case PluginFieldType::kFLOAT32:
        case PluginFieldType::kINT32: return 4;
        case PluginFieldType::kFLOAT64:
        case PluginFieldType::kINT64: return 8;
        default: return 1;
    }
}

// The layer's settings, of whichever messages it has, for the fields that a creator names.
struct PluginFields {
    std::vector<PluginField> fields;
    std::deque<std::vector<std::byte>> values;

    Status add(const PluginField& wanted, const TextMessage& layer) {
        std::vector<std::byte> bytes;
        for (const TextField& message : layer.fields) {
            if (!message.message || !message.name.ends_with("_param")) continue;
            for (const TextField& field : message.message->fields) {
                if (plain(field.name) == plain(wanted.name)) TRY(appendValue(bytes, field, wanted.type));
            }
        }
        if (bytes.empty()) return {};
        const size_t count = bytes.size() / sizeOf(wanted.type);
        values.push_back(std::move(bytes));
        fields.emplace_back(wanted.name, values.back().data(), wanted.type, static_cast<int32_t>(count));
        return {};
    }
    Status addAll(const nvinfer1::PluginFieldCollection* wanted, const TextMessage& layer) {
        for (int32_t i = 0; wanted && i < wanted->nbFields; ++i) {
            if (wanted->fields && wanted->fields[i].name) TRY(add(wanted->fields[i], layer));
        }
        return {};
    }
    nvinfer1::PluginFieldCollection view() const { return {static_cast<int32_t>(fields.size()), fields.data()}; }
};

nvinfer1::IPluginCreatorInterface* findCreator(const std::string& type, const std::string& space) {
    nvinfer1::IPluginRegistry* registry = getPluginRegistry();
    if (!registry) return nullptr;
    for (const std::string& name : {type, type + "_TRT"}) {
        for (const std::string& where : {space, std::string()}) {
            if (auto* found = registry->getCreator(name.c_str(), "1", where.c_str())) return found;
        }
    }
    return nullptr;
}

Status importByCreator(LayerImport& c, nvinfer1::IPluginCreatorInterface& creator) {
    ignoreSettings(c);
    const TensorList inputs = bottomsOf(c);
    const auto count = static_cast<int32_t>(inputs.size());
    const char* name = c.spec().name.c_str();
    const std::string kind = creator.getInterfaceInfo().kind;
    PluginFields fields;
    if (kind == "PLUGIN CREATOR_V1") {
        auto& v1 = static_cast<nvinfer1::IPluginCreator&>(creator);
        TRY(fields.addAll(v1.getFieldNames(), *c.spec().message));
        const nvinfer1::PluginFieldCollection view = fields.view();
        nvinfer1::IPluginV2* plugin = v1.createPlugin(name, &view);
        if (!plugin) return invalidArgument("the plugin creator {} made no plugin of it", quoted(v1.getPluginName()));
        c.session().networkErrors.forget();
        const Status done = takeOutputs(c, c.network().addPluginV2(inputs.data(), count, *plugin));
        plugin->destroy();  // the network has a copy
        return done;
    }
    if (kind == "PLUGIN CREATOR_V3ONE") {
        auto& v3 = static_cast<nvinfer1::IPluginCreatorV3One&>(creator);
        TRY(fields.addAll(v3.getFieldNames(), *c.spec().message));
        const nvinfer1::PluginFieldCollection view = fields.view();
        std::unique_ptr<nvinfer1::IPluginV3> plugin(v3.createPlugin(name, &view, nvinfer1::TensorRTPhase::kBUILD));
        if (!plugin) return invalidArgument("the plugin creator {} made no plugin of it", quoted(v3.getPluginName()));
        c.session().networkErrors.forget();
        return takeOutputs(c, c.network().addPluginV3(inputs.data(), count, nullptr, 0, *plugin));
    }
    return unsupported("the plugin registered for its type has a creator of the unknown kind {}", quoted(kind));
}

}  // namespace

Status importByFactory(LayerImport& c) {
    const std::vector<Weights> weights = TRY(c.allWeights());
    const ImportOptions& options = c.session().options;
    nvinfer1::IPluginV2* plugin = options.plugins->createPlugin(
        c.spec().name.c_str(), weights.data(), static_cast<int32_t>(weights.size()), options.pluginNamespace.c_str());
    if (!plugin) return invalidArgument("the plugin factory claims it, but made no plugin");
    if (!options.pluginNamespace.empty()) plugin->setPluginNamespace(options.pluginNamespace.c_str());
    ignoreSettings(c);
    const TensorList inputs = bottomsOf(c);
    c.session().networkErrors.forget();
    return takeOutputs(c, c.network().addPluginV2(inputs.data(), static_cast<int32_t>(inputs.size()), *plugin));
}

Status importByRegistry(LayerImport& c) {
    const std::string& type = c.spec().type;
    if (auto* creator = findCreator(type, c.session().options.pluginNamespace)) return importByCreator(c, *creator);
    if (const LayerRow* known = findLayer(type)) {
        return unsupported("layers of its type cannot be imported: {}", known->refusal);
    }
    return unsupported(
        "its type is not known: there is no importer, no registered plugin {} or {}, and no plugin factory "
        "that takes the layer",
        quoted(type), quoted(type + "_TRT"));
}

}  // namespace lathe::caffe
