// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/host_plugin.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <deque>
#include <mutex>
#include <optional>

#include "base/dtype.h"
#include "plugins/common/expansion.h"

namespace lathe::plugins {

extern const KindList* const* const pluginTable[];
extern const int pluginTableCount;

using namespace nvinfer1;

namespace {

std::atomic<ILogger*> logger{nullptr};

}  // namespace

bool isRealField(PluginFieldType t) {
    return t == PluginFieldType::kFLOAT16 || t == PluginFieldType::kFLOAT32 || t == PluginFieldType::kFLOAT64;
}

namespace {

// The values of a field in whatever type it was given; nothing when that type is none of numbers.
std::optional<Values::Value> readField(const PluginField& f, bool asReal) {
    Values::Value out;
    auto take = [&](auto zero) {
        using T = decltype(zero);
        const auto* v = static_cast<const T*>(f.data);
        for (int32_t i = 0; i < f.length; ++i) {
            if (asReal)
                out.reals.push_back(static_cast<float>(v[i]));
            else
                out.integers.push_back(static_cast<int64_t>(static_cast<double>(v[i])));
        }
    };
    if (f.length < 0 || (f.length > 0 && !f.data)) return std::nullopt;
    switch (f.type) {
        case PluginFieldType::kFLOAT32: take(float{}); break;
        case PluginFieldType::kFLOAT64: take(double{}); break;
        case PluginFieldType::kINT8: take(int8_t{}); break;
        case PluginFieldType::kINT16: take(int16_t{}); break;
        case PluginFieldType::kINT32: take(int32_t{}); break;
        case PluginFieldType::kINT64: take(int64_t{}); break;
        case PluginFieldType::kCHAR: take(char{}); break;
        case PluginFieldType::kFLOAT16:
            for (int32_t i = 0; i < f.length; ++i) {
                const float v = static_cast<float>(static_cast<const Half*>(f.data)[i]);
                out.reals.push_back(v);
                out.integers.push_back(static_cast<int64_t>(v));
            }
            break;
        default: return std::nullopt;
    }
    return out;
}

}  // namespace

std::string readValues(const Kind& kind, const PluginFieldCollection* fields, Values& out) {
    for (int32_t i = 0; fields && i < fields->nbFields; ++i) {
        const PluginField& f = fields->fields[i];
        const FieldSpec* spec = nullptr;
        for (const FieldSpec& s : kind.fields())
            if (f.name && !std::strcmp(s.name, f.name)) spec = &s;
        if (!spec) continue;  // newer fields, or those of another version, are not ours to refuse
        if (f.type == PluginFieldType::kCHAR && spec->type != PluginFieldType::kCHAR)
            return std::string("field '") + spec->name + "' is text, not numbers";
        auto value = readField(f, isRealField(spec->type));
        if (!value) return std::string("field '") + spec->name + "' is not made of numbers";
        const size_t length = std::max(value->reals.size(), value->integers.size());
        if (spec->length >= 0 && length != static_cast<size_t>(spec->length))
            return std::string("field '") + spec->name + "' has " + std::to_string(length) + " values instead of " +
                   std::to_string(spec->length);
        out.all[spec->name] = std::move(*value);
    }
    for (const FieldSpec& s : kind.fields()) {
        if (out.has(s.name) || s.optional) continue;
        if (s.defaults.empty()) return std::string("field '") + s.name + "' is missing";
        Values::Value& v = out.all[s.name];
        for (double d : s.defaults) {
            if (isRealField(s.type))
                v.reals.push_back(static_cast<float>(d));
            else
                v.integers.push_back(static_cast<int64_t>(d));
        }
    }
    return kind.check(out);
}

std::string checkShapes(const Kind& kind, const Values& v, const DimsExprs* in, int32_t n) {
    std::vector<Dims> dims;
    for (int32_t i = 0; i < n; ++i) {
        Dims& d = dims.emplace_back();
        d.nbDims = in[i].nbDims;
        for (int k = 0; k < d.nbDims; ++k) d.d[k] = in[i].d[k]->isConstant() ? in[i].d[k]->getConstantValue() : -1;
    }
    return kind.checkInputs(v, dims);
}

DataType outputType(const Kind& kind, const Values& v, int32_t o, const DataType* in, int32_t n) {
    const DataType t = kind.outputType(v, o);
    if (t != DataType::kFLOAT) return t;
    for (int32_t i = 0; i < n; ++i)
        if (kind.inputType(v, i) == DataType::kFLOAT) return in[i];
    return DataType::kFLOAT;
}

bool supports(const Kind& kind, const Values& v, int32_t pos, const PluginTensorDesc* io, int32_t inputs) {
    if (io[pos].format != TensorFormat::kLINEAR) return false;
    auto wanted = [&](int32_t i) { return i < inputs ? kind.inputType(v, i) : kind.outputType(v, i - inputs); };
    if (wanted(pos) != DataType::kFLOAT) return io[pos].type == wanted(pos);
    if (io[pos].type != DataType::kFLOAT && io[pos].type != DataType::kHALF) return false;
    for (int32_t i = 0; i < pos; ++i)  // all in one precision
        if (wanted(i) == DataType::kFLOAT) return io[pos].type == io[i].type;
    return true;
}

int32_t runKind(const Kind& kind, const Values& values, const PluginTensorDesc* inDesc, int32_t inputs,
                const PluginTensorDesc* outDesc, void const* const* in, void* const* out) {
    try {
        std::deque<std::vector<float>> wide;
        Views views[2];
        auto view = [&](const PluginTensorDesc& d, void* data, bool read) {
            View v{data, d.dims};
            if (d.type != DataType::kHALF) return v;
            auto& floats = wide.emplace_back(static_cast<size_t>(v.count()));
            if (read)
                for (size_t i = 0; i < floats.size(); ++i)
                    floats[i] = static_cast<float>(static_cast<const Half*>(data)[i]);
            v.data = floats.data();
            return v;
        };
        const int32_t outputs = kind.outputs(values);
        for (int32_t i = 0; i < inputs; ++i) views[0].push_back(view(inDesc[i], const_cast<void*>(in[i]), true));
        for (int32_t o = 0; o < outputs; ++o) views[1].push_back(view(outDesc[o], out[o], false));
        if (!kind.run(values, views[0], views[1])) {
            report(std::string(kind.name()) + ": the inputs do not fit each other, or hold what they must not");
            return 1;
        }
        for (int32_t o = 0; o < outputs; ++o) {
            const View& v = views[1][static_cast<size_t>(o)];
            if (outDesc[o].type != DataType::kHALF) continue;
            for (int64_t i = 0; i < v.count(); ++i) static_cast<Half*>(out[o])[i] = Half(v.f()[i]);
        }
        return 0;
    } catch (const std::exception& e) {
        report(std::string(kind.name()) + ": " + e.what());
        return 2;
    }
}

std::vector<PluginField> fieldNames(const Kind& kind) {
    std::vector<PluginField> out;
    for (const FieldSpec& f : kind.fields()) out.emplace_back(f.name, nullptr, f.type, f.length < 0 ? 0 : f.length);
    return out;
}

namespace {

// Serialized values, little-endian, for each: u32 length of the name, name, u32 reals, reals, u32 integers, integers.
void append(std::string& out, const void* data, size_t size) { out.append(static_cast<const char*>(data), size); }

std::string pack(const Values& values) {
    std::string out;
    for (const auto& [name, v] : values.all) {
        const auto length = static_cast<uint32_t>(name.size()), reals = static_cast<uint32_t>(v.reals.size()),
                   integers = static_cast<uint32_t>(v.integers.size());
        append(out, &length, 4);
        out += name;
        append(out, &reals, 4);
        append(out, v.reals.data(), 4 * v.reals.size());
        append(out, &integers, 4);
        append(out, v.integers.data(), 8 * v.integers.size());
    }
    return out;
}

bool unpack(const char* data, size_t size, Values& out) {
    size_t at = 0;
    auto take = [&](void* to, uint64_t bytes) {
        if (bytes > size - at) return false;
        if (bytes) std::memcpy(to, data + at, bytes);
        at += bytes;
        return true;
    };
    auto count = [&](uint32_t& n, uint64_t width) { return take(&n, 4) && n * width <= size - at; };
    while (at < size) {
        uint32_t n = 0;
        if (!count(n, 1)) return false;
        std::string name(n, '\0');
        Values::Value v;
        if (!take(name.data(), n) || !count(n, 4)) return false;
        v.reals.resize(n);
        if (!take(v.reals.data(), 4ull * n) || !count(n, 8)) return false;
        v.integers.resize(n);
        if (!take(v.integers.data(), 8ull * n)) return false;
        out.all[name] = std::move(v);
    }
    return true;
}

class HostPlugin final : public IPluginV2DynamicExt {
  public:
    HostPlugin(const Kind& kind, Values values) : kind_(kind), values_(std::move(values)) {}

    AsciiChar const* getPluginType() const noexcept override { return kind_.name(); }
    AsciiChar const* getPluginVersion() const noexcept override { return kind_.version(); }
    int32_t getNbOutputs() const noexcept override { return kind_.outputs(values_); }
    int32_t initialize() noexcept override { return 0; }
    void terminate() noexcept override {}
    size_t getSerializationSize() const noexcept override { return pack(values_).size(); }
    void serialize(void* buffer) const noexcept override {
        const std::string bytes = pack(values_);
        std::memcpy(buffer, bytes.data(), bytes.size());
    }
    void destroy() noexcept override { delete this; }
    IPluginV2DynamicExt* clone() const noexcept override {
        auto* copy = new HostPlugin(kind_, values_);
        copy->space_ = space_;
        return copy;
    }
    void setPluginNamespace(AsciiChar const* space) noexcept override { space_ = space ? space : ""; }
    AsciiChar const* getPluginNamespace() const noexcept override { return space_.c_str(); }
    DataType getOutputDataType(int32_t o, DataType const* in, int32_t n) const noexcept override {
        return outputType(kind_, values_, o, in, n);
    }

    DimsExprs getOutputDimensions(int32_t o, DimsExprs const* in, int32_t n, IExprBuilder& e) noexcept override {
        const std::string wrong = checkShapes(kind_, values_, in, n);
        if (!wrong.empty()) {
            report(std::string(kind_.name()) + ": " + wrong);
            DimsExprs none{};
            none.nbDims = -1;
            return none;
        }
        return kind_.shape(values_, o, in, n, e);
    }

    bool supportsFormatCombination(int32_t pos, PluginTensorDesc const* io, int32_t inputs, int32_t) noexcept override {
        return supports(kind_, values_, pos, io, inputs);
    }

    void configurePlugin(DynamicPluginTensorDesc const*, int32_t inputs, DynamicPluginTensorDesc const*,
                         int32_t) noexcept override {
        inputs_ = inputs;
    }
    size_t getWorkspaceSize(PluginTensorDesc const*, int32_t, PluginTensorDesc const*,
                            int32_t) const noexcept override {
        return 0;
    }

    int32_t enqueue(PluginTensorDesc const* inDesc, PluginTensorDesc const* outDesc, void const* const* in,
                    void* const* out, void*, cudaStream_t) noexcept override {
        return runKind(kind_, values_, inDesc, inputs_, outDesc, in, out);
    }

  private:
    const Kind& kind_;
    const Values values_;
    const Alive alive_{static_cast<IPluginV2*>(this), kind_, values_};
    std::string space_;
    int32_t inputs_ = 0;
};

class HostCreator final : public IPluginCreator {
  public:
    explicit HostCreator(const Kind& kind) : kind_(kind), fields_(fieldNames(kind)) {
        collection_ = {static_cast<int32_t>(fields_.size()), fields_.data()};
    }
    AsciiChar const* getPluginName() const noexcept override { return kind_.name(); }
    AsciiChar const* getPluginVersion() const noexcept override { return kind_.version(); }
    PluginFieldCollection const* getFieldNames() noexcept override { return &collection_; }
    IPluginV2* createPlugin(AsciiChar const* layer, PluginFieldCollection const* fields) noexcept override {
        try {
            Values values;
            const std::string wrong = readValues(kind_, fields, values);
            if (wrong.empty()) return made(std::move(values));
            report(std::string(kind_.name()) + " '" + (layer ? layer : "") + "': " + wrong);
        } catch (const std::exception& e) {
            report(std::string(kind_.name()) + ": " + e.what());
        }
        return nullptr;
    }
    IPluginV2* deserializePlugin(AsciiChar const*, void const* data, size_t size) noexcept override {
        try {
            Values values;
            if (!unpack(static_cast<const char*>(data), size, values)) return nullptr;
            // Bytes may come from anywhere: they must be what this creator would make.
            for (const FieldSpec& f : kind_.fields()) {
                if (!values.has(f.name)) {
                    if (f.optional) continue;
                    return nullptr;
                }
                const Values::Value& v = values.all[f.name];
                const size_t length = isRealField(f.type) ? v.reals.size() : v.integers.size();
                if (f.length >= 0 && length != static_cast<size_t>(f.length)) return nullptr;
            }
            return kind_.check(values).empty() ? made(std::move(values)) : nullptr;
        } catch (const std::exception&) {
            return nullptr;
        }
    }
    void setPluginNamespace(AsciiChar const* space) noexcept override { space_ = space ? space : ""; }
    AsciiChar const* getPluginNamespace() const noexcept override { return space_.c_str(); }

  private:
    IPluginV2* made(Values values) {
        auto* plugin = new HostPlugin(kind_, std::move(values));
        plugin->setPluginNamespace(space_.c_str());
        return plugin;
    }
    const Kind& kind_;
    std::string space_;
    const std::vector<PluginField> fields_;
    PluginFieldCollection collection_;
};

}  // namespace

Shipped makeCreator(const Kind& kind) {
    auto* creator = new HostCreator(kind);
    return {&kind, creator, [creator](const char* space) { creator->setPluginNamespace(space); }};
}

const std::vector<Shipped>& allShipped() {
    static const auto* shipped = [] {
        auto* out = new std::vector<Shipped>;
        for (int i = 0; i < pluginTableCount; ++i)
            for (auto& made : (*pluginTable[i])->make()) {
                const Kind& kind = *made.release();
                out->push_back(kind.hasFacets() ? makeFacetCreator(kind) : makeCreator(kind));
            }
        return out;
    }();
    return *shipped;
}

namespace {

struct Plugins {
    std::mutex mutex;
    std::map<const void*, std::pair<const Kind*, const Values*>> alive;
    static Plugins& instance() {
        static Plugins* plugins = new Plugins;
        return *plugins;
    }
};

}  // namespace

Alive::Alive(const void* plugin, const Kind& kind, const Values& values) : plugin_(plugin) {
    std::lock_guard lock(Plugins::instance().mutex);
    Plugins::instance().alive[plugin] = {&kind, &values};
}
Alive::~Alive() {
    std::lock_guard lock(Plugins::instance().mutex);
    Plugins::instance().alive.erase(plugin_);
}

bool expandPlugin(PluginToExpand& call) {
    try {
        std::pair<const Kind*, const Values*> ours{};
        {
            std::lock_guard lock(Plugins::instance().mutex);
            const auto& alive = Plugins::instance().alive;
            auto at = alive.find(call.v2 ? static_cast<const void*>(call.v2) : call.v3);
            if (at == alive.end()) return false;
            ours = at->second;
        }
        const Kind& kind = *ours.first;
        DataType real = DataType::kFLOAT;
        bool first = true;
        for (int32_t i = 0; i < call.nbInputs; ++i) {  // as supports() has it
            const DataType type = call.inputs[i]->getType(), wanted = kind.inputType(*ours.second, i);
            if (wanted != DataType::kFLOAT ? type != wanted : !first && type != real) return false;
            if (wanted != DataType::kFLOAT) continue;
            if (type != DataType::kFLOAT && type != DataType::kHALF) return false;
            real = type;
            first = false;
        }
        Expansion e(call);
        return kind.expand(*ours.second, e);
    } catch (const std::exception& e) {
        report(std::string("making layers of a plugin: ") + e.what());
        return false;
    }
}

void setLogger(ILogger* l) { logger = l; }

void report(const std::string& text) {
    if (ILogger* l = logger) l->log(ILogger::Severity::kERROR, text.c_str());
}

}  // namespace lathe::plugins
