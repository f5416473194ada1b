// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/plugin_import.h"

#include <cstring>
#include <deque>

#include "frontends/onnx/importer/session.h"

namespace lathe::onnx {
namespace {

using namespace nvinfer1;

std::string textOf(const Node& node, std::string_view attribute, const char* otherwise) {
    const Attribute* a = node.attribute(attribute);
    return a && a->type == AttributeType::kString ? a->s : otherwise;
}

IPluginCreatorInterface* creatorOf(Session& session, const Node& node) {
    const std::string version = textOf(node, "plugin_version", "1"), space = textOf(node, "plugin_namespace", "");
    return session.network.getBuilder().getPluginRegistry().getCreator(node.opType.c_str(), version.c_str(),
                                                                       space.c_str());
}

bool isKind(IPluginCreatorInterface& creator, const char* kind) {
    const char* own = creator.getInterfaceInfo().kind;
    return own && !std::strcmp(own, kind);
}

// The values of fields; addresses stay.
class FieldValues {
  public:
    template <class T, class S>
    void add(const char* name, PluginFieldType type, const std::vector<S>& values) {
        auto& bytes = buffers_.emplace_back(values.size() * sizeof(T) / sizeof(std::max_align_t) + 1);
        auto* to = reinterpret_cast<T*>(bytes.data());
        for (size_t i = 0; i < values.size(); ++i) to[i] = static_cast<T>(values[i]);
        fields_.emplace_back(name, to, type, static_cast<int32_t>(values.size()));
    }
    void addRaw(const char* name, PluginFieldType type, const void* data, int32_t length) {
        fields_.emplace_back(name, data, type, length);
    }
    PluginFieldCollection collection() const { return {static_cast<int32_t>(fields_.size()), fields_.data()}; }

  private:
    std::deque<std::vector<std::max_align_t>> buffers_;
    std::vector<PluginField> fields_;
};

template <class S>
bool addNumberField(FieldValues& fields, const char* name, PluginFieldType type, const std::vector<S>& v) {
    switch (type) {
        case PluginFieldType::kFLOAT32: return fields.add<float>(name, type, v), true;
        case PluginFieldType::kFLOAT64: return fields.add<double>(name, type, v), true;
        case PluginFieldType::kINT8: return fields.add<int8_t>(name, type, v), true;
        case PluginFieldType::kINT16: return fields.add<int16_t>(name, type, v), true;
        case PluginFieldType::kINT32: return fields.add<int32_t>(name, type, v), true;
        case PluginFieldType::kINT64: return fields.add<int64_t>(name, type, v), true;
        default: return false;
    }
}

Status addField(NodeImport& node, const Attribute& a, const PluginField& wanted, FieldValues& fields) {
    using T = AttributeType;
    bool added = false;
    if (a.type == T::kInt) added = addNumberField(fields, wanted.name, wanted.type, std::vector<int64_t>{a.i});
    if (a.type == T::kInts) added = addNumberField(fields, wanted.name, wanted.type, a.ints);
    if (a.type == T::kFloat) added = addNumberField(fields, wanted.name, wanted.type, std::vector<float>{a.f});
    if (a.type == T::kFloats) added = addNumberField(fields, wanted.name, wanted.type, a.floats);
    if (wanted.type == PluginFieldType::kDIMS && a.type == T::kInts) {
        if (a.ints.size() > static_cast<size_t>(Dims::MAX_DIMS))
            return node.invalid("attribute {} has {} dimensions", inQuotes(a.name), a.ints.size());
        Dims dims{};
        dims.nbDims = static_cast<int32_t>(a.ints.size());
        std::copy(a.ints.begin(), a.ints.end(), dims.d);
        fields.add<Dims>(wanted.name, wanted.type, std::vector<Dims>{dims});
        return {};
    }
    if ((wanted.type == PluginFieldType::kCHAR || wanted.type == PluginFieldType::kUNKNOWN) && a.type == T::kString) {
        fields.addRaw(wanted.name, PluginFieldType::kCHAR, a.s.c_str(), static_cast<int32_t>(a.s.size()));
        return {};
    }
    if (a.type == T::kTensor && !a.tensors.empty()) {
        const std::optional<Weights> w = TRY(node.session().weights(a.tensors[0]));
        PluginFieldType type = PluginFieldType::kUNKNOWN;
        if (w && w->type == nvinfer1::DataType::kFLOAT) type = PluginFieldType::kFLOAT32;
        if (w && w->type == nvinfer1::DataType::kHALF) type = PluginFieldType::kFLOAT16;
        if (w && w->type == nvinfer1::DataType::kINT32) type = PluginFieldType::kINT32;
        if (w && w->type == nvinfer1::DataType::kINT64) type = PluginFieldType::kINT64;
        if (w && w->type == nvinfer1::DataType::kINT8) type = PluginFieldType::kINT8;
        if (w && type != PluginFieldType::kUNKNOWN && w->count <= INT32_MAX) {
            fields.addRaw(wanted.name, type, w->values, static_cast<int32_t>(w->count));
            return {};
        }
    }
    if (!added)
        return node.fail(ErrorCode::kUNSUPPORTED_NODE_ATTR,
                         "attribute {} has type {}, which the plugin's field of type "
                         "{} cannot hold",
                         inQuotes(a.name), toString(a.type), static_cast<int>(wanted.type));
    return {};
}

Status importPlugin(NodeImport& node) {
    const Node& n = node.node();
    IPluginCreatorInterface* creator = creatorOf(node.session(), n);
    if (!creator) return node.notSupported("plugin {} is not registered any more", printable(n.opType));
    node.ignoreAttr("plugin_version");
    node.ignoreAttr("plugin_namespace");
    const bool v3 = isKind(*creator, "PLUGIN CREATOR_V3ONE");
    if (!v3 && !isKind(*creator, "PLUGIN CREATOR_V1"))
        return node.notSupported("the plugin creator of {} is of the unknown kind '{}'", printable(n.opType),
                                 creator->getInterfaceInfo().kind);
    auto* one = static_cast<IPluginCreatorV3One*>(creator);
    auto* old = static_cast<IPluginCreator*>(creator);
    const PluginFieldCollection* known = v3 ? one->getFieldNames() : old->getFieldNames();
    FieldValues fields;
    for (int32_t i = 0; known && i < known->nbFields; ++i) {
        const PluginField& wanted = known->fields[i];
        if (!wanted.name) continue;
        const Attribute* a = n.attribute(wanted.name);
        if (!a) continue;  // the plugin has a default, or says that it has none
        node.ignoreAttr(wanted.name);
        TRY(addField(node, *a, wanted, fields));
    }
    std::vector<ITensor*> inputs, shapes;
    const Ints shapeInputs = TRY(node.intsAttr("tensorrt_plugin_shape_input_indices"));
    for (int i = 0; i < node.inputCount(); ++i) {
        if (!node.has(i)) continue;  // left out: the plugin has fewer inputs
        const bool shape = std::find(shapeInputs.begin(), shapeInputs.end(), i) != shapeInputs.end();
        (shape ? shapes : inputs).push_back(TRY(node.input(i)));
    }
    const PluginFieldCollection collection = fields.collection();
    const std::string name = n.name.empty() ? n.opType : n.name;
    ILayer* layer = nullptr;
    if (v3) {
        std::unique_ptr<IPluginV3> plugin(one->createPlugin(name.c_str(), &collection, TensorRTPhase::kBUILD));
        if (!plugin) return node.invalid("the creator of plugin {} refuses the attributes", printable(n.opType));
        layer = node.network().addPluginV3(inputs.data(), static_cast<int32_t>(inputs.size()), shapes.data(),
                                           static_cast<int32_t>(shapes.size()), *plugin);
    } else {
        IPluginV2* plugin = old->createPlugin(name.c_str(), &collection);
        if (!plugin) return node.invalid("the creator of plugin {} refuses the attributes", printable(n.opType));
        if (shapes.empty())
            layer = node.network().addPluginV2(inputs.data(), static_cast<int32_t>(inputs.size()), *plugin);
        plugin->destroy();
        if (!shapes.empty()) return node.notSupported("a plugin of the older interface has no shape inputs");
    }
    TRY(node.made(layer, "the plugin layer", true));
    TRY(node.set(layer));
    if (layer->getNbOutputs() < node.outputCount())
        return node.invalid("the plugin has {} outputs, the node {}", layer->getNbOutputs(), node.outputCount());
    for (int i = 0; i < node.outputCount(); ++i) TRY(node.output(i, layer->getOutput(i)));
    return {};
}

constexpr OpRow kPluginRow{"", "plugin", importPlugin};

}  // namespace

const OpImporter* findPluginImporter(Session& session, const Node& node) {
    static constexpr OpImporter importer{&kPluginRow, __FILE__};
    return creatorOf(session, node) ? &importer : nullptr;
}

}  // namespace lathe::onnx
