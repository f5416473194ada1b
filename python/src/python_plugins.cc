// SPDX-License-Identifier: Apache-2.0
// Plugins and creators that are written in Python: objects with the methods and attributes of tensorrt.IPluginV3 and
// its facets (tensorrt/plugins.py). What they raise is printed, and the call fails.
#include <map>

#include "plugins.h"

namespace lathe::python {

using namespace nvinfer1;

namespace {

nb::object& fieldCollectionClass() {
    static auto& c = *new nb::object;
    return c;
}
nb::object& dimsExprsClass() {
    static auto& c = *new nb::object;
    return c;
}

template <class T>
nb::list copies(const T* first, int32_t n) {
    nb::list out;
    for (int32_t i = 0; i < n; ++i) out.append(nb::cast(first[i], nb::rv_policy::copy));
    return out;
}
nb::list addresses(void const* const* first, size_t n) {
    nb::list out;
    for (size_t i = 0; i < n; ++i) out.append(reinterpret_cast<uintptr_t>(first[i]));
    return out;
}
nb::list exprLists(const DimsExprs* first, int32_t n) {
    nb::list out;
    for (int32_t i = 0; i < n; ++i) {
        nb::list dims;
        for (int32_t d = 0; d < first[i].nbDims; ++d) dims.append(nb::cast(first[i].d[d], nb::rv_policy::reference));
        out.append(dimsExprsClass()(dims));
    }
    return out;
}

std::string textOf(nb::handle object, const char* name, const char* otherwise = "") {
    nb::object v = nb::getattr(object, name, nb::none());
    return v.is_none() ? otherwise : nb::cast<std::string>(v);
}

class PyPlugin final : public IPluginV3,
                       public IPluginV3OneCore,
                       public IPluginV3OneBuildV2,
                       public IPluginV3OneRuntime {
  public:
    // REQUIRES: the GIL, as for all that touches objects.
    explicit PyPlugin(nb::object plugin) : plugin_(std::move(plugin)) {
        auto facet = [&](PluginCapabilityType t) { return plugin_.attr("get_capability_interface")(t); };
        core_ = facet(PluginCapabilityType::kCORE);
        build_ = facet(PluginCapabilityType::kBUILD);
        runtime_ = facet(PluginCapabilityType::kRUNTIME);
        if (core_.is_none()) throw nb::type_error("the plugin has no core facet");
        name_ = textOf(core_, "plugin_name");
        version_ = textOf(core_, "plugin_version", "1");
        space_ = textOf(core_, "plugin_namespace");
        id_ = textOf(build_, "timing_cache_id");
        metadata_ = textOf(build_, "metadata_string");
    }
    ~PyPlugin() override {
        if (!Py_IsInitialized()) {  // nobody is left to free them
            for (nb::object* o : {&plugin_, &core_, &build_, &runtime_, &fieldsObject_}) o->release();
            return;
        }
        nb::gil_scoped_acquire gil;
        fields_.reset();
        for (nb::object* o : {&plugin_, &core_, &build_, &runtime_, &fieldsObject_}) o->reset();
    }
    nb::object object() const { return plugin_; }

    IPluginCapability* getCapabilityInterface(PluginCapabilityType type) noexcept override {
        switch (type) {
            case PluginCapabilityType::kCORE: return static_cast<IPluginV3OneCore*>(this);
            case PluginCapabilityType::kBUILD:
                return build_.is_none() ? nullptr : static_cast<v_1_0::IPluginV3OneBuild*>(this);
            case PluginCapabilityType::kRUNTIME:
                return runtime_.is_none() ? nullptr : static_cast<IPluginV3OneRuntime*>(this);
        }
        return nullptr;
    }
    IPluginV3* clone() noexcept override {
        return callPython([&]() -> IPluginV3* { return new PyPlugin(plugin_.attr("clone")()); },
                          static_cast<IPluginV3*>(nullptr));
    }

    AsciiChar const* getPluginName() const noexcept override { return name_.c_str(); }
    AsciiChar const* getPluginVersion() const noexcept override { return version_.c_str(); }
    AsciiChar const* getPluginNamespace() const noexcept override { return space_.c_str(); }

    int32_t configurePlugin(DynamicPluginTensorDesc const* in, int32_t n, DynamicPluginTensorDesc const* out,
                            int32_t m) noexcept override {
        return call([&] { return build_.attr("configure_plugin")(copies(in, n), copies(out, m)); });
    }
    int32_t getOutputDataTypes(DataType* types, int32_t m, DataType const* in, int32_t n) const noexcept override {
        return callPython(
            [&] {
                nb::list given;
                for (int32_t i = 0; i < n; ++i) given.append(in[i]);
                nb::object made = build_.attr("get_output_data_types")(given);
                if (static_cast<int32_t>(nb::len(made)) != m) throw nb::value_error("not one type an output");
                for (int32_t o = 0; o < m; ++o) types[o] = nb::cast<DataType>(made[o]);
                return 0;
            },
            -1);
    }
    int32_t getOutputShapes(DimsExprs const* in, int32_t n, DimsExprs const* shapes, int32_t k, DimsExprs* out,
                            int32_t m, IExprBuilder& exprs) noexcept override {
        return callPython(
            [&] {
                nb::object made = build_.attr("get_output_shapes")(exprLists(in, n), exprLists(shapes, k),
                                                                   nb::cast(&exprs, nb::rv_policy::reference));
                if (static_cast<int32_t>(nb::len(made)) != m) throw nb::value_error("not one shape an output");
                for (int32_t o = 0; o < m; ++o) {
                    nb::object dims = made[o];
                    const size_t rank = nb::len(dims);
                    if (rank > Dims::MAX_DIMS) throw nb::value_error("a shape has more than 8 extents");
                    out[o].nbDims = static_cast<int32_t>(rank);
                    for (size_t d = 0; d < rank; ++d)
                        out[o].d[d] = dims[d].is_none() ? nullptr : nb::cast<const IDimensionExpr*>(dims[d]);
                }
                return 0;
            },
            -1);
    }
    bool supportsFormatCombination(int32_t pos, DynamicPluginTensorDesc const* io, int32_t n,
                                   int32_t m) noexcept override {
        return callPython(
            [&] { return nb::cast<bool>(build_.attr("supports_format_combination")(pos, copies(io, n + m), n)); },
            false);
    }
    int32_t getNbOutputs() const noexcept override {
        return callPython([&] { return nb::cast<int32_t>(build_.attr("num_outputs")); }, -1);
    }
    size_t getWorkspaceSize(DynamicPluginTensorDesc const* in, int32_t n, DynamicPluginTensorDesc const* out,
                            int32_t m) const noexcept override {
        return callPython(
            [&] { return nb::cast<size_t>(build_.attr("get_workspace_size")(copies(in, n), copies(out, m))); },
            size_t{0});
    }
    int32_t getNbTactics() noexcept override {
        return callPython([&] { return static_cast<int32_t>(tactics().size()); }, -1);
    }
    int32_t getValidTactics(int32_t* to, int32_t n) noexcept override {
        return callPython(
            [&] {
                std::vector<int32_t> all = tactics();
                if (static_cast<int32_t>(all.size()) != n) throw nb::value_error("the tactics have changed");
                std::copy(all.begin(), all.end(), to);
                return 0;
            },
            -1);
    }
    char const* getTimingCacheID() noexcept override { return id_.empty() ? nullptr : id_.c_str(); }
    char const* getMetadataString() noexcept override { return metadata_.empty() ? nullptr : metadata_.c_str(); }
    int32_t getFormatCombinationLimit() noexcept override {
        return callPython([&] { return nb::cast<int32_t>(build_.attr("format_combination_limit")); },
                          static_cast<int32_t>(kDEFAULT_FORMAT_COMBINATION_LIMIT));
    }
    int32_t getAliasedInput(int32_t output) noexcept override {
        return callPython(
            [&] {
                nb::object ask = nb::getattr(build_, "get_aliased_input", nb::none());
                return ask.is_none() ? -1 : nb::cast<int32_t>(ask(output));
            },
            INT32_MAX);
    }

    int32_t setTactic(int32_t tactic) noexcept override {
        return call([&] { return runtime_.attr("set_tactic")(tactic); });
    }
    int32_t onShapeChange(PluginTensorDesc const* in, int32_t n, PluginTensorDesc const* out,
                          int32_t m) noexcept override {
        inputs_ = static_cast<size_t>(n);
        outputs_ = static_cast<size_t>(m);
        return call([&] { return runtime_.attr("on_shape_change")(copies(in, n), copies(out, m)); });
    }
    int32_t enqueue(PluginTensorDesc const* in, PluginTensorDesc const* out, void const* const* x, void* const* y,
                    void* workspace, cudaStream_t stream) noexcept override {
        return call([&] {
            return runtime_.attr("enqueue")(copies(in, static_cast<int32_t>(inputs_)),
                                            copies(out, static_cast<int32_t>(outputs_)), addresses(x, inputs_),
                                            addresses(y, outputs_), reinterpret_cast<uintptr_t>(workspace),
                                            reinterpret_cast<uintptr_t>(stream));
        });
    }
    IPluginV3* attachToContext(IPluginResourceContext* context) noexcept override {
        return callPython(
            [&]() -> IPluginV3* {
                nb::object made = runtime_.attr("attach_to_context")(nb::cast(context, nb::rv_policy::reference));
                return made.is_none() ? nullptr : new PyPlugin(made);
            },
            static_cast<IPluginV3*>(nullptr));
    }
    PluginFieldCollection const* getFieldsToSerialize() noexcept override {
        return callPython(
            [&]() -> PluginFieldCollection const* {
                fieldsObject_ = runtime_.attr("get_fields_to_serialize")();
                fields_ = std::make_unique<FieldList>(fieldsObject_);
                return fields_->collection();
            },
            static_cast<PluginFieldCollection const*>(nullptr));
    }

  private:
    // What answers None or an integer.
    template <class F>
    int32_t call(F f) const noexcept {
        return callPython(
            [&] {
                nb::object answer = f();
                return answer.is_none() ? 0 : nb::cast<int32_t>(answer);
            },
            -1);
    }
    std::vector<int32_t> tactics() const {
        nb::object all = build_.attr("get_valid_tactics")();
        return all.is_none() ? std::vector<int32_t>() : nb::cast<std::vector<int32_t>>(all);
    }

    nb::object plugin_, core_, build_, runtime_, fieldsObject_;
    std::string name_, version_, space_, id_, metadata_;
    size_t inputs_ = 0, outputs_ = 0;
    std::unique_ptr<FieldList> fields_;
};

class PyCreator final : public IPluginCreatorV3One {
  public:
    explicit PyCreator(nb::object creator) : creator_(std::move(creator)) {
        name_ = textOf(creator_, "name");
        version_ = textOf(creator_, "plugin_version", "1");
        space_ = textOf(creator_, "plugin_namespace");
        names_ = std::make_unique<FieldList>(nb::getattr(creator_, "field_names", nb::list()));
    }
    ~PyCreator() override = default;
    nb::object object() const { return creator_; }
    APILanguage getAPILanguage() const noexcept override { return APILanguage::kPYTHON; }
    IPluginV3* createPlugin(AsciiChar const* name, PluginFieldCollection const* fields,
                            TensorRTPhase phase) noexcept override {
        return callPython(
            [&]() -> IPluginV3* {
                nb::object made =
                    creator_.attr("create_plugin")(std::string(name ? name : ""), fieldsOf(fields), phase);
                return made.is_none() ? nullptr : new PyPlugin(made);
            },
            static_cast<IPluginV3*>(nullptr));
    }
    PluginFieldCollection const* getFieldNames() noexcept override { return names_->collection(); }
    AsciiChar const* getPluginName() const noexcept override { return name_.c_str(); }
    AsciiChar const* getPluginVersion() const noexcept override { return version_.c_str(); }
    AsciiChar const* getPluginNamespace() const noexcept override { return space_.c_str(); }

  private:
    nb::object creator_;
    std::string name_, version_, space_;
    std::unique_ptr<FieldList> names_;
};

// Registries may hold creators longer than the interpreter lives, so these are never deleted at its end.
std::map<PyObject*, std::unique_ptr<PyCreator>>& creators() {
    static auto& all = *new std::map<PyObject*, std::unique_ptr<PyCreator>>;
    return all;
}

}  // namespace

std::unique_ptr<IPluginV3> wrapPlugin(nb::object plugin) {
    if (!nb::hasattr(plugin, "get_capability_interface"))
        throw nb::type_error("a plugin is an IPluginV3, which has get_capability_interface()");
    return std::make_unique<PyPlugin>(std::move(plugin));
}

IPluginCreatorInterface& wrapCreator(nb::object creator) {
    if (!nb::hasattr(creator, "create_plugin") || !nb::hasattr(creator, "name"))
        throw nb::type_error("a creator is an IPluginCreatorV3One, which has a name and create_plugin()");
    auto& slot = creators()[creator.ptr()];
    if (!slot) slot = std::make_unique<PyCreator>(creator);
    return *slot;
}
IPluginCreatorInterface* findCreator(nb::handle creator) {
    auto at = creators().find(creator.ptr());
    return at == creators().end() ? nullptr : at->second.get();
}
void forgetCreator(nb::handle creator) { creators().erase(creator.ptr()); }

nb::object toCreator(IPluginCreatorInterface* creator) {
    if (!creator) return nb::none();
    for (const auto& [object, ours] : creators())
        if (ours.get() == creator) return ours->object();
    const std::string kind = creator->getInterfaceInfo().kind;
    constexpr auto reference = nb::rv_policy::reference;
    if (kind == "PLUGIN CREATOR_V1") return nb::cast(static_cast<IPluginCreator*>(creator), reference);
    if (kind == "PLUGIN CREATOR_V3ONE") return nb::cast(static_cast<IPluginCreatorV3One*>(creator), reference);
    return nb::cast(creator, reference);
}

nb::object fieldsOf(const PluginFieldCollection* c) {
    auto nameOf = [](PluginFieldType t) {
        switch (t) {
            case PluginFieldType::kFLOAT16: return "float16";
            case PluginFieldType::kFLOAT32: return "float32";
            case PluginFieldType::kFLOAT64: return "float64";
            case PluginFieldType::kINT16: return "int16";
            case PluginFieldType::kINT32: return "int32";
            case PluginFieldType::kINT64: return "int64";
            default: return "int8";
        }
    };
    nb::object out = fieldCollectionClass()();
    nb::object numpy = nb::module_::import_("numpy");
    for (int32_t i = 0; c && i < c->nbFields; ++i) {
        const PluginField& f = c->fields[i];
        PyField p{f.name ? f.name : "", f.type, f.length, nb::none()};
        if (f.data && f.length > 0) {
            const char* type = nameOf(f.type);
            auto width = nb::cast<int64_t>(numpy.attr("dtype")(type).attr("itemsize"));
            p.data = numpy.attr("frombuffer")(nb::bytes(f.data, static_cast<size_t>(width * f.length)), type);
        }
        out.attr("append")(nb::cast(std::move(p)));
    }
    return out;
}

FieldList::FieldList(nb::handle list) {
    for (nb::handle item : nb::iter(list)) {
        const PyField& f = kept_.emplace_back(nb::cast<PyField>(item));
        const void* data = nullptr;
        if (nb::isinstance<nb::bytes>(f.data))
            data = nb::cast<nb::bytes>(f.data).c_str();
        else if (!f.data.is_none())
            data = reinterpret_cast<const void*>(nb::cast<uintptr_t>(f.data.attr("ctypes").attr("data")));
        fields_.emplace_back(f.name.c_str(), data, f.type, f.length);
    }
    collection_ = {static_cast<int32_t>(fields_.size()), fields_.data()};
}

void bindPythonPlugins(nb::module_& m) {
    m.def("_set_plugin_classes", [](nb::object fields, nb::object dims) {
        fieldCollectionClass() = std::move(fields);
        dimsExprsClass() = std::move(dims);
    });
    m.def("_forget_plugin_classes", [] {
        fieldCollectionClass() = nb::object();
        dimsExprsClass() = nb::object();
    });
    nb::class_<PluginTensorDesc>(m, "PluginTensorDesc", "What a plugin knows of a tensor.")
        .def_prop_ro("dims", [](const PluginTensorDesc& d) { return toTuple(d.dims); })
        .def_ro("type", &PluginTensorDesc::type)
        .def_ro("format", &PluginTensorDesc::format)
        .def_ro("scale", &PluginTensorDesc::scale);
    nb::class_<DynamicPluginTensorDesc>(m, "DynamicPluginTensorDesc", "The same while an engine is built.")
        .def_ro("desc", &DynamicPluginTensorDesc::desc)
        .def_prop_ro("min", [](const DynamicPluginTensorDesc& d) { return toTuple(d.min); })
        .def_prop_ro("max", [](const DynamicPluginTensorDesc& d) { return toTuple(d.max); })
        .def_prop_ro("opt", [](const DynamicPluginTensorDesc& d) { return toTuple(d.opt); });
    nb::class_<IDimensionExpr>(m, "IDimensionExpr", "An extent as an expression; good during the call that gave it.")
        .def("is_constant", &IDimensionExpr::isConstant)
        .def("get_constant_value", &IDimensionExpr::getConstantValue)
        .def("is_size_tensor", &IDimensionExpr::isSizeTensor);
    constexpr auto reference = nb::rv_policy::reference;
    nb::class_<IExprBuilder>(m, "IExprBuilder", "Makes extents out of others.")
        .def("constant", &IExprBuilder::constant, "value"_a, reference)
        .def("operation", &IExprBuilder::operation, "op"_a, "first"_a, "second"_a, reference)
        .def("declare_size_tensor", &IExprBuilder::declareSizeTensor, "output_index"_a, "opt"_a, "upper"_a, reference);
    nb::class_<IPluginResourceContext>(m, "IPluginResourceContext", "What a plugin is told of its context.")
        .def_prop_ro("error_recorder", &IPluginResourceContext::getErrorRecorder, reference);
}

}  // namespace lathe::python
