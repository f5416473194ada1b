// SPDX-License-Identifier: Apache-2.0
// What a plugin of this library is: its fields, its outputs, and a plain computation in float on the CPU. The classes
// of the plugin interface are made of it (host_plugin.cc), so that a plugin is one small file.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "NvInferRuntime.h"

namespace lathe::plugins {

using nvinfer1::DataType;
using nvinfer1::Dims;
using nvinfer1::DimsExprs;
using nvinfer1::IDimensionExpr;
using nvinfer1::IExprBuilder;
using nvinfer1::PluginFieldType;
using Op = nvinfer1::DimensionOperation;

// A field that a creator takes. `length`: how many values, -1 for any number. Without defaults it must be given, unless
// it is optional.
struct FieldSpec {
    const char* name;
    PluginFieldType type;
    int length = 1;
    std::vector<double> defaults = {};
    bool optional = false;
};
inline FieldSpec integer(const char* name, double otherwise) { return {name, PluginFieldType::kINT32, 1, {otherwise}}; }
inline FieldSpec real(const char* name, double otherwise) { return {name, PluginFieldType::kFLOAT32, 1, {otherwise}}; }
inline FieldSpec required(const char* name, PluginFieldType type, int length = 1) { return {name, type, length}; }
inline FieldSpec optionalList(const char* name, PluginFieldType type) { return {name, type, -1, {}, true}; }

// The fields' values: numbers as float (floating types) or int64 (integers, characters).
class Values {
  public:
    struct Value {
        std::vector<float> reals;
        std::vector<int64_t> integers;
    };
    bool has(const char* name) const { return all.count(name) != 0; }
    float real(const char* name, size_t i = 0) const { return all.at(name).reals.at(i); }
    int64_t integer(const char* name, size_t i = 0) const { return all.at(name).integers.at(i); }
    const std::vector<float>& reals(const char* name) const { return all.at(name).reals; }
    const std::vector<int64_t>& integers(const char* name) const { return all.at(name).integers; }
    std::string text(const char* name) const {
        const auto& v = all.at(name).integers;
        return std::string(v.begin(), v.end());
    }
    std::map<std::string, Value> all;
};

// A tensor in host memory: float, or int32 where the kind says so.
struct View {
    void* data = nullptr;
    Dims dims{};
    float* f() const { return static_cast<float*>(data); }
    int32_t* i() const { return static_cast<int32_t*>(data); }
    int64_t d(int axis) const { return dims.d[axis]; }
    int64_t count(int from = 0) const {
        int64_t n = 1;
        for (int k = from; k < dims.nbDims; ++k) n *= dims.d[k];
        return n;
    }
};
using Views = std::vector<View>;

class Expansion;

class Kind {
  public:
    Kind(const char* name, const char* version, std::vector<FieldSpec> fields)
        : name_(name), version_(version), fields_(std::move(fields)) {}
    virtual ~Kind() = default;
    const char* name() const { return name_; }
    const char* version() const { return version_; }
    // Its plugins are made of facets (IPluginV3), not IPluginV2DynamicExt.
    virtual bool hasFacets() const { return false; }
    const std::vector<FieldSpec>& fields() const { return fields_; }

    // Empty, or what is wrong with the values.
    virtual std::string check(const Values& v) const {
        (void)v;
        return {};
    }
    // Empty, or what is wrong with the inputs; extents that vary are -1.
    virtual std::string checkInputs(const Values& v, const std::vector<Dims>& in) const = 0;
    virtual int outputs(const Values& v) const {
        (void)v;
        return 1;
    }
    // kFLOAT or kINT32; kFLOAT stands for whatever floating type the network has.
    virtual DataType inputType(const Values& v, int i) const {
        (void)v, (void)i;
        return DataType::kFLOAT;
    }
    virtual DataType outputType(const Values& v, int o) const {
        (void)v, (void)o;
        return DataType::kFLOAT;
    }
    // `in` are as checkInputs() wants them.
    virtual DimsExprs shape(const Values& v, int o, const DimsExprs* in, int n, IExprBuilder& e) const {
        (void)v, (void)o, (void)n, (void)e;
        return in[0];
    }
    // False when the data make it impossible (an index out of range).
    virtual bool run(const Values& v, const Views& in, const Views& out) const = 0;
    // Adds layers that compute the same as run() and refuse what it refuses. False where that cannot be. `v` stays as
    // long as the network that is built; the inputs are as checkInputs() wants them.
    virtual bool expand(const Values& v, Expansion& e) const {
        (void)v, (void)e;
        return false;
    }

  private:
    const char *name_, *version_;
    const std::vector<FieldSpec> fields_;
};

// The same kind under another version; `facets`: by the newer interface.
template <class K, char kNumber, bool facets = true>
class Reissued final : public Kind {
  public:
    Reissued() : Kind(K().name(), kText, K().fields()) {}
    bool hasFacets() const override { return facets; }
    std::string check(const Values& v) const override { return of_.check(v); }
    std::string checkInputs(const Values& v, const std::vector<Dims>& in) const override {
        return of_.checkInputs(v, in);
    }
    int outputs(const Values& v) const override { return of_.outputs(v); }
    DataType inputType(const Values& v, int i) const override { return of_.inputType(v, i); }
    DataType outputType(const Values& v, int o) const override { return of_.outputType(v, o); }
    DimsExprs shape(const Values& v, int o, const DimsExprs* in, int n, IExprBuilder& e) const override {
        return of_.shape(v, o, in, n, e);
    }
    bool run(const Values& v, const Views& in, const Views& out) const override { return of_.run(v, in, out); }
    bool expand(const Values& v, Expansion& e) const override { return of_.expand(v, e); }

  private:
    static constexpr char kText[] = {kNumber, '\0'};
    K of_;
};

struct KindList {
    std::vector<std::unique_ptr<Kind>> (*make)();
};

// A shape out of extents.
inline DimsExprs shapeOf(std::initializer_list<const IDimensionExpr*> extents) {
    DimsExprs out{};
    for (const IDimensionExpr* d : extents) out.d[out.nbDims++] = d;
    return out;
}
// "needs 2 inputs of rank 3 …": empty when the number of inputs lies within the bounds.
inline std::string inputCount(const std::vector<Dims>& in, size_t least, size_t most) {
    if (in.size() >= least && in.size() <= most) return {};
    return std::to_string(in.size()) + " inputs instead of " + std::to_string(least) +
           (least == most ? "" : " to " + std::to_string(most));
}
inline std::string rankOf(const std::vector<Dims>& in, size_t i, int rank) {
    if (in[i].nbDims == rank) return {};
    return "input " + std::to_string(i) + " has rank " + std::to_string(in[i].nbDims) + " instead of " +
           std::to_string(rank);
}

}  // namespace lathe::plugins

// In namespace lathe::plugins, in <name>/<name>.cc: `LATHE_PLUGINS(<name>_<name>, Class, Class…)`; each class has a
// constructor without arguments.
#define LATHE_PLUGINS(id, ...)                               \
    namespace {                                              \
    template <class... K>                                    \
    std::vector<std::unique_ptr<Kind>> id##All() {           \
        std::vector<std::unique_ptr<Kind>> out;              \
        (out.push_back(std::make_unique<K>()), ...);         \
        return out;                                          \
    }                                                        \
    constinit const KindList id##List{id##All<__VA_ARGS__>}; \
    }                                                        \
    extern const KindList* const plugin_##id;                \
    constinit const KindList* const plugin_##id = &id##List;
