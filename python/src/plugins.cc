// SPDX-License-Identifier: Apache-2.0
// The plugin registry, its creators, and the fields that they take.
#include <dlfcn.h>
#include <nanobind/stl/optional.h>

#include "Lathe.h"
#include "NvInferPlugin.h"
#include "plugins.h"

namespace lathe::python {

using namespace nvinfer1;

namespace {

PluginFieldType typeOf(nb::handle array) {
    std::string name = nb::cast<std::string>(nb::str(array.attr("dtype").attr("name")));
    if (name == "float16") return PluginFieldType::kFLOAT16;
    if (name == "float32") return PluginFieldType::kFLOAT32;
    if (name == "float64") return PluginFieldType::kFLOAT64;
    if (name == "int8") return PluginFieldType::kINT8;
    if (name == "int16") return PluginFieldType::kINT16;
    if (name == "int32") return PluginFieldType::kINT32;
    if (name == "int64") return PluginFieldType::kINT64;
    return PluginFieldType::kUNKNOWN;
}

// What the registry keeps, as Python objects that refer to it. `get` answers an array and stores its length.
template <class Get>
nb::list listed(Get&& get) {
    int32_t n = 0;
    auto list = get(&n);
    nb::list out;
    for (int32_t i = 0; list && i < n; ++i) out.append(toCreator(list[i]));
    return out;
}

void bindRegistry(nb::module_& m) {
    using R = IPluginRegistry;
    constexpr auto reference = nb::rv_policy::reference;
    nb::class_<R>(m, "IPluginRegistry", "Finds creators of plugins by name, version and namespace.")
        .def_prop_ro("plugin_creator_list",
                     [](const R& r) { return listed([&](int32_t* n) { return r.getPluginCreatorList(n); }); })
        .def_prop_ro("all_creators", [](const R& r) { return listed([&](int32_t* n) { return r.getAllCreators(n); }); })
        .def_prop_ro("all_creators_recursive",
                     [](R& r) { return listed([&](int32_t* n) { return r.getAllCreatorsRecursive(n); }); })
        .def(
            "get_plugin_creator",
            [](R& r, const char* type, const char* version, const char* space) {
                return toCreator(r.getPluginCreator(type, version, space));
            },
            "type"_a, "version"_a, "plugin_namespace"_a = "")
        .def(
            "get_creator",
            [](R& r, const char* type, const char* version, const char* space) {
                return toCreator(r.getCreator(type, version, space));
            },
            "type"_a, "version"_a, "plugin_namespace"_a = "")
        .def(
            "register_creator",
            [](R& r, nb::object c, const char* space) {
                if (nb::isinstance<IPluginCreatorInterface>(c))
                    return r.registerCreator(nb::cast<IPluginCreatorInterface&>(c), space);
                return r.registerCreator(wrapCreator(c), space);
            },
            "creator"_a, "plugin_namespace"_a = "", nb::keep_alive<1, 2>())
        .def(
            "deregister_creator",
            [](R& r, nb::object c) {
                if (nb::isinstance<IPluginCreatorInterface>(c))
                    return r.deregisterCreator(nb::cast<const IPluginCreatorInterface&>(c));
                IPluginCreatorInterface* ours = findCreator(c);
                const bool gone = ours && r.deregisterCreator(*ours);
                if (gone) forgetCreator(c);
                return gone;
            },
            "creator"_a)
        .def(
            "load_library",
            [](R& r, const std::string& path) {
                return reinterpret_cast<uintptr_t>(required(r.loadLibrary(path.c_str()), "load_library"));
            },
            "plugin_path"_a)
        .def(
            "deregister_library", [](R& r, uintptr_t h) { r.deregisterLibrary(reinterpret_cast<void*>(h)); },
            "handle"_a)
        .def_prop_rw("parent_search_enabled", &R::isParentSearchEnabled, &R::setParentSearchEnabled)
        .def_prop_rw("error_recorder", &R::getErrorRecorder, &R::setErrorRecorder,
                     nb::for_setter(nb::arg("recorder").none()), nb::for_setter(nb::keep_alive<1, 2>()), reference);
    m.def(
        "get_plugin_registry", [] { return getPluginRegistry(); }, reference);
    m.def(
        "get_builder_plugin_registry", [](EngineCapability c) { return getBuilderPluginRegistry(c); }, "capability"_a,
        reference);
    // The library of shipped plugins is opened at run time, so that this module works without it.
    m.def(
        "init_libnvinfer_plugins",
        [](ILogger* logger, const std::string& space) {
            void* library = dlopen("libnvinfer_plugin.so.10", RTLD_NOW | RTLD_GLOBAL);
            using Init = bool (*)(void*, char const*);
            auto init = library ? reinterpret_cast<Init>(dlsym(library, "initLibNvInferPlugins")) : nullptr;
            if (init) return init(logger, space.c_str());
            const char* why = dlerror();
            if (logger)
                logger->log(ILogger::Severity::kVERBOSE,
                            (std::string("init_libnvinfer_plugins: no library of shipped plugins: ") + (why ? why : ""))
                                .c_str());
            return false;
        },
        "logger"_a.none(), "namespace"_a);
}

}  // namespace

void bindPlugins(nb::module_& m) {
    using T = PluginFieldType;
    bindEnum<T>(m, "PluginFieldType",
                {{"FLOAT16", T::kFLOAT16},
                 {"FLOAT32", T::kFLOAT32},
                 {"FLOAT64", T::kFLOAT64},
                 {"INT8", T::kINT8},
                 {"INT16", T::kINT16},
                 {"INT32", T::kINT32},
                 {"CHAR", T::kCHAR},
                 {"DIMS", T::kDIMS},
                 {"UNKNOWN", T::kUNKNOWN},
                 {"BF16", T::kBF16},
                 {"INT64", T::kINT64},
                 {"FP8", T::kFP8},
                 {"INT4", T::kINT4},
                 {"FP4", T::kFP4}});
    bindEnum<TensorRTPhase>(m, "TensorRTPhase",
                            {{"BUILD", TensorRTPhase::kBUILD}, {"RUNTIME", TensorRTPhase::kRUNTIME}});
    using P = PluginCapabilityType;
    bindEnum<P>(m, "PluginCapabilityType", {{"CORE", P::kCORE}, {"BUILD", P::kBUILD}, {"RUNTIME", P::kRUNTIME}});
    nb::class_<PyField>(m, "PluginField", "A named attribute of a plugin.")
        .def(
            "__init__",
            [](PyField* self, const std::string& name) {
                new (self) PyField{name, PluginFieldType::kUNKNOWN, 0, nb::none()};
            },
            "name"_a = "")
        .def(
            "__init__",
            [](PyField* self, const std::string& name, nb::object data, std::optional<PluginFieldType> type) {
                PyField f{name, PluginFieldType::kUNKNOWN, 0, data};
                if (nb::isinstance<nb::bytes>(data)) {
                    f.type = PluginFieldType::kCHAR;
                    f.length = static_cast<int32_t>(nb::len(data));
                } else {
                    f.data = nb::module_::import_("numpy").attr("ascontiguousarray")(data);
                    f.type = typeOf(f.data);
                    f.length = nb::cast<int32_t>(nb::int_(f.data.attr("size")));
                }
                if (type) f.type = *type;
                new (self) PyField(std::move(f));
            },
            "name"_a, "data"_a, "type"_a = nb::none())
        .def_rw("name", &PyField::name)
        .def_rw("type", &PyField::type)
        .def_ro("data", &PyField::data)
        .def_ro("size", &PyField::length);
    nb::class_<IPluginCreatorInterface, IVersionedInterface>(m, "IPluginCreatorInterface");
    nb::class_<IPluginCreator, IPluginCreatorInterface>(m, "IPluginCreator")
        .def_prop_ro("name", [](const IPluginCreator& c) { return textOrNone(c.getPluginName()); })
        .def_prop_ro("plugin_version", [](const IPluginCreator& c) { return textOrNone(c.getPluginVersion()); })
        .def_prop_rw(
            "plugin_namespace", [](const IPluginCreator& c) { return textOrNone(c.getPluginNamespace()); },
            [](IPluginCreator& c, const char* n) { c.setPluginNamespace(n); })
        .def_prop_ro("field_names", [](IPluginCreator& c) { return fieldsOf(c.getFieldNames()); })
        .def(
            "create_plugin",
            [](IPluginCreator& c, const char* name, nb::handle fields) -> nb::object {
                PluginV2Handle made{{c.createPlugin(name, FieldList(fields).collection()), {}}};
                return made.plugin ? nb::cast(std::move(made)) : nb::none();
            },
            "name"_a, "field_collection"_a)
        .def(
            "deserialize_plugin",
            [](IPluginCreator& c, const char* name, nb::handle bytes) -> nb::object {
                Buffer b(bytes);
                PluginV2Handle made{{c.deserializePlugin(name, b.data(), b.size()), {}}};
                return made.plugin ? nb::cast(std::move(made)) : nb::none();
            },
            "name"_a, "serialized_plugin"_a);
    nb::class_<PluginV2Handle>(m, "IPluginV2", "A plugin of a creator that is not written in Python.")
        .def_prop_ro("plugin_type", [](const PluginV2Handle& p) { return textOrNone(p.plugin->getPluginType()); })
        .def_prop_ro("plugin_version", [](const PluginV2Handle& p) { return textOrNone(p.plugin->getPluginVersion()); })
        .def_prop_ro("num_outputs", [](const PluginV2Handle& p) { return p.plugin->getNbOutputs(); })
        .def_prop_ro("serialization_size", [](const PluginV2Handle& p) { return p.plugin->getSerializationSize(); })
        .def_prop_rw(
            "plugin_namespace", [](const PluginV2Handle& p) { return textOrNone(p.plugin->getPluginNamespace()); },
            [](PluginV2Handle& p, const char* space) { p.plugin->setPluginNamespace(space); })
        .def("serialize",
             [](const PluginV2Handle& p) {
                 std::string bytes(p.plugin->getSerializationSize(), '\0');
                 p.plugin->serialize(bytes.data());
                 return nb::bytes(bytes.data(), bytes.size());
             })
        .def("clone", [](const PluginV2Handle& p) {
            return PluginV2Handle{{required(p.plugin->clone(), "clone"), {}}};
        });
    nb::class_<PluginV3Handle>(m, "_PluginV3");
    nb::class_<IPluginCreatorV3One, IPluginCreatorInterface>(m, "_PluginCreatorV3One")
        .def(
            "create_plugin",
            [](IPluginCreatorV3One& c, const char* name, nb::handle fields, TensorRTPhase phase) -> nb::object {
                PluginV3Handle made{
                    std::unique_ptr<IPluginV3>(c.createPlugin(name, FieldList(fields).collection(), phase))};
                return made.plugin ? nb::cast(std::move(made)) : nb::none();
            },
            "name"_a, "field_collection"_a, "phase"_a)
        .def_prop_ro("name", [](IPluginCreatorV3One& c) { return textOrNone(c.getPluginName()); })
        .def_prop_ro("plugin_version", [](IPluginCreatorV3One& c) { return textOrNone(c.getPluginVersion()); })
        .def_prop_ro("plugin_namespace", [](IPluginCreatorV3One& c) { return textOrNone(c.getPluginNamespace()); })
        .def_prop_ro("field_names", [](IPluginCreatorV3One& c) { return fieldsOf(c.getFieldNames()); });
    bindRegistry(m);
    bindPythonPlugins(m);
    auto& network = networkClass();
    auto tensors = [](const std::vector<ITensor*>& list) { return list.data(); };
    network
        .def(
            "add_plugin_v2",
            [tensors](nb::object self, std::vector<ITensor*> inputs, PluginV2Handle& plugin) {
                return toLayer(self, nb::cast<INetworkDefinition&>(self).addPluginV2(
                                         tensors(inputs), static_cast<int32_t>(inputs.size()), *plugin.plugin));
            },
            "inputs"_a, "plugin"_a)
        .def(
            "add_plugin_v3",
            [tensors](nb::object self, std::vector<ITensor*> inputs, std::vector<ITensor*> shapes, nb::object plugin) {
                std::unique_ptr<IPluginV3> own;
                IPluginV3* given = nullptr;
                if (nb::isinstance<PluginV3Handle>(plugin)) {
                    given = nb::cast<PluginV3Handle&>(plugin).plugin.get();
                } else {
                    own = wrapPlugin(plugin);
                    given = own.get();
                }
                return toLayer(self, nb::cast<INetworkDefinition&>(self).addPluginV3(
                                         tensors(inputs), static_cast<int32_t>(inputs.size()), tensors(shapes),
                                         static_cast<int32_t>(shapes.size()), *given));
            },
            "inputs"_a, "shape_inputs"_a, "plugin"_a);
    m.def(
        "set_plugin_traits",
        [](const char* name, const char* version, const char* space, bool host, bool device, bool capturable) {
            uint32_t traits = (host ? lathe::kHOST_POINTERS : 0u) | (device ? lathe::kDEVICE_POINTERS : 0u) |
                              (capturable ? lathe::kCAPTURABLE : 0u);
            if (!lathe::setPluginTraits(name, version, space, traits))
                throw nb::value_error("a plugin has a name, and takes host pointers, device pointers, or both");
        },
        "name"_a, "version"_a, "plugin_namespace"_a = "", "host"_a = false, "device"_a = false, "capturable"_a = false,
        "Says what pointers a plugin's enqueue() takes; without it, only those of a GPU. See lathe::setPluginTraits.");
}

}  // namespace lathe::python
