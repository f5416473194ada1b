// SPDX-License-Identifier: Apache-2.0
// lathe::addOp: any op of the catalogue as a layer.
#include "Lathe.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "api/build/network.h"
#include "ops/registry.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

// Sets attributes from plugin fields, each converted to what the attribute is.
class FieldReader final : public ir::AttrVisitor {
  public:
    explicit FieldReader(const PluginFieldCollection& fields) : fields_(fields) {}
    Status status;
    std::set<std::string> known;

    void operator()(const char* name, int64_t& v) override { scalar(name, v); }
    void operator()(const char* name, double& v) override { scalar(name, v); }
    void operator()(const char* name, bool& v) override {
        const PluginField* f = find(name);
        if (!f) return;
        if (f->type == PluginFieldType::kCHAR) {
            std::string s = text(*f);
            if (s != "true" && s != "false") return bad(name, fmt::format("'{}' is neither true nor false", s));
            v = s == "true";
            return;
        }
        int64_t i = 0;
        if (!one(*f, name, i)) return;
        if (i != 0 && i != 1) return bad(name, fmt::format("{} is neither 0 nor 1", i));
        v = i == 1;
    }
    void operator()(const char* name, std::string& v) override {
        const PluginField* f = find(name);
        if (!f) return;
        if (f->type != PluginFieldType::kCHAR) return bad(name, "it is a string: use kCHAR");
        v = text(*f);
    }
    void operator()(const char* name, DType& v) override {
        const PluginField* f = find(name);
        if (!f) return;
        if (f->type == PluginFieldType::kCHAR) {
            std::string s = text(*f);
            auto t = dtypeFromString(s);
            if (!t) return bad(name, fmt::format("'{}' is no element type", s));
            v = *t;
            return;
        }
        int64_t i = 0;
        if (!one(*f, name, i)) return;
        if (i < 0 || i >= kDTypeCount) return bad(name, fmt::format("{} is no element type", i));
        v = static_cast<DType>(i);
    }
    void operator()(const char* name, std::vector<int64_t>& v) override { list(name, v); }
    void operator()(const char* name, std::vector<double>& v) override { list(name, v); }
    void enumeration(const char* name, int64_t& v, std::span<const char* const> names) override {
        const PluginField* f = find(name);
        if (!f) return;
        if (f->type != PluginFieldType::kCHAR)
            return bad(name, "it is an enumeration: use kCHAR with one of its names");
        std::string s = text(*f), all;
        for (size_t i = 0; i < names.size(); ++i) {
            if (s == names[i]) {
                v = static_cast<int64_t>(i);
                return;
            }
            all += (i ? ", " : "") + std::string(names[i]);
        }
        bad(name, fmt::format("'{}' is none of {}", s, all));
    }

  private:
    const PluginField* find(const char* name) {
        known.insert(name);
        const PluginField* found = nullptr;
        for (int i = 0; i < fields_.nbFields; ++i)
            if (!std::strcmp(fields_.fields[i].name, name)) found = &fields_.fields[i];
        if (found && found->length < 0) {
            bad(name, fmt::format("a length of {}", found->length));
            return nullptr;
        }
        if (found && found->length > 0 && !found->data) {
            bad(name, "its data is null");
            return nullptr;
        }
        return found;
    }
    static std::string text(const PluginField& f) {
        std::string s(static_cast<const char*>(f.data), static_cast<size_t>(f.length));
        if (!s.empty() && s.back() == '\0') s.pop_back();
        return s;
    }
    void bad(const char* name, std::string why) {
        if (status.ok()) status = invalidArgument("attribute '{}': {}", name, why);
    }
    template <class T, class V>
    static std::vector<V> read(const PluginField& f) {
        std::vector<V> out(static_cast<size_t>(f.length));
        for (int i = 0; i < f.length; ++i) {
            T x;
            std::memcpy(&x, static_cast<const char*>(f.data) + i * sizeof(T), sizeof(T));
            out[i] = static_cast<V>(x);
        }
        return out;
    }
    template <class V>
    bool values(const PluginField& f, const char* name, std::vector<V>& out) {
        switch (f.type) {
            case PluginFieldType::kINT32: out = read<int32_t, V>(f); return true;
            case PluginFieldType::kINT64: out = read<int64_t, V>(f); return true;
            case PluginFieldType::kFLOAT32:
                if constexpr (std::is_same_v<V, double>) {
                    out = read<float, V>(f);
                    return true;
                }
                break;
            case PluginFieldType::kFLOAT64:
                if constexpr (std::is_same_v<V, double>) {
                    out = read<double, V>(f);
                    return true;
                }
                break;
            default: break;
        }
        bad(name, std::is_same_v<V, double> ? "it is real: use kFLOAT32, kFLOAT64, kINT32 or kINT64"
                                            : "it is an integer: use kINT64 or kINT32");
        return false;
    }
    template <class V>
    bool one(const PluginField& f, const char* name, V& out) {
        std::vector<V> all;
        if (!values(f, name, all)) return false;
        if (all.size() != 1) {
            bad(name, fmt::format("{} values where it is one", all.size()));
            return false;
        }
        out = all[0];
        return true;
    }
    template <class V>
    void scalar(const char* name, V& v) {
        if (const PluginField* f = find(name)) one(*f, name, v);
    }
    template <class V>
    void list(const char* name, std::vector<V>& v) {
        if (const PluginField* f = find(name)) values(*f, name, v);
    }

    const PluginFieldCollection& fields_;
};

class OpLayer final : public ILayer, public LayerCore {
  public:
    OpLayer(Network& network, const ir::Op& op, std::unique_ptr<ir::Attrs> attrs, std::vector<Tensor*> inputs,
            int outputs)
        : LayerCore(network, LayerType::kPLUGIN, std::move(inputs), outputs), op_(op), attrs_(std::move(attrs)) {
        mLayer = this;
        asLayer = this;
    }

    Status lower(Lowering& l) override {
        std::vector<ir::Value*> in;
        for (const Tensor* t : inputs_) in.push_back(t ? l.valueOf(*t) : nullptr);
        ir::Node* n = TRY(l.node(op_.name(), attrs_->clone(), std::move(in), outputCount()));
        for (int i = 0; i < outputCount(); ++i) l.setOutput(i, n->output(i));
        return {};
    }

  protected:
    int maxInputs() const override { return 256; }

  private:
    const ir::Op& op_;
    std::unique_ptr<ir::Attrs> attrs_;
};

Result<ILayer*> addOp(Network& network, char const* name, ITensor* const* inputs, int nbInputs, int nbOutputs,
                      const PluginFieldCollection* fields) {
    if (!name) return invalidArgument("the op's name is null");
    const ir::Op* op = ops::find(name);
    if (!op) return invalidArgument("there is no op '{}'", name);
    if (op->is(ir::Op::kRegions)) return invalidArgument("op '{}' has bodies: use addIfConditional or addLoop", name);
    if (nbInputs < 0 || nbInputs > 256 || (nbInputs > 0 && !inputs))
        return invalidArgument("op '{}': {} inputs", name, nbInputs);
    if (nbOutputs < 1 || nbOutputs > 256) return invalidArgument("op '{}': {} outputs", name, nbOutputs);
    std::unique_ptr<ir::Attrs> attrs = op->makeAttrs();
    if (fields && fields->nbFields > 0) {
        if (!fields->fields) return invalidArgument("op '{}': {} fields at a null pointer", name, fields->nbFields);
        for (int i = 0; i < fields->nbFields; ++i)
            if (!fields->fields[i].name) return invalidArgument("op '{}': field {} has no name", name, i);
        FieldReader reader(*fields);
        attrs->visit(reader);
        for (int i = 0; i < fields->nbFields; ++i)
            if (!reader.known.count(fields->fields[i].name))
                return invalidArgument("op '{}' has no attribute '{}'; it has: {}", name, fields->fields[i].name,
                                       ir::printAttrs(*op->makeAttrs()));
        reader.status.prefix(fmt::format("op '{}'", name));
        TRY(reader.status);
    }
    std::vector<Tensor*> tensors;
    for (int i = 0; i < nbInputs; ++i) {
        if (inputs[i] && !network.owns("lathe::addOp", {inputs[i]}))
            return invalidArgument("op '{}': input {}", name, i);
        tensors.push_back(inputs[i] ? &Tensor::of(*inputs[i]) : nullptr);
    }
    return network.add<OpLayer>(*op, std::move(attrs), std::move(tensors), nbOutputs);
}

}  // namespace
}  // namespace lathe::api

extern "C" __attribute__((visibility("default"))) void* latheAddOp(
    void* network, char const* op, nvinfer1::ITensor* const* inputs, int32_t nbInputs, int32_t nbOutputs,
    nvinfer1::PluginFieldCollection const* fields) noexcept {
    if (!network) return nullptr;
    auto& n = lathe::api::Network::of(*static_cast<nvinfer1::INetworkDefinition*>(network));
    return lathe::api::guarded<nvinfer1::ILayer*>(
        n.reporter(), "lathe::addOp", nullptr, [&]() -> lathe::Result<nvinfer1::ILayer*> {
            return lathe::api::addOp(n, op, inputs, nbInputs, nbOutputs, fields);
        });
}

extern "C" __attribute__((visibility("default"))) bool latheHasOp(char const* op) noexcept {
    if (!op) return false;
    const lathe::ir::Op* found = lathe::ops::find(op);
    return found && !found->is(lathe::ir::Op::kRegions);
}

extern "C" __attribute__((visibility("default"))) int32_t latheKnownIntegers(nvinfer1::ITensor const* tensor,
                                                                             int64_t* values,
                                                                             int32_t capacity) noexcept {
    if (!tensor) return -1;
    const auto& t = lathe::api::Tensor::of(*tensor);
    return lathe::api::guarded<int32_t>(
        t.network().reporter(), "lathe::knownIntegers", -1, [&]() -> lathe::Result<int32_t> {
            const auto known = TRY(t.network().integersOf(t));
            if (!known) return -1;
            for (size_t i = 0; values && i < known->size() && i < static_cast<size_t>(std::max(capacity, 0)); ++i)
                values[i] = (*known)[i];
            return static_cast<int32_t>(known->size());
        });
}

extern "C" __attribute__((visibility("default"))) void* latheCreateSimilarNetwork(void* network,
                                                                                  void* logger) noexcept {
    if (!network || !logger) return nullptr;
    auto& n = lathe::api::Network::of(*static_cast<nvinfer1::INetworkDefinition*>(network));
    return lathe::api::guarded<nvinfer1::INetworkDefinition*>(
        n.reporter(), "lathe::createSimilarNetwork", nullptr, [&]() -> lathe::Result<nvinfer1::INetworkDefinition*> {
            lathe::api::Reporter reporter(static_cast<nvinfer1::ILogger*>(logger));
            return new lathe::api::Network(n.getBuilder(), reporter, n.getFlags());
        });
}
