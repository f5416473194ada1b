// SPDX-License-Identifier: Apache-2.0
#include "NvOnnxParser.h"

#include <nanobind/stl/shared_ptr.h>

#include "common.h"

namespace lathe::python {

using namespace nvonnxparser;

namespace {

// "node 3 'conv1' (Conv): what is wrong"
std::string describe(const IParserError& e) {
    std::string text;
    if (*e.nodeOperator()) {
        text = "node " + std::to_string(e.node()) + " '" + e.nodeName() + "' (" + e.nodeOperator() + "): ";
    }
    return text + e.desc();
}

// The network refers to weights that the parser holds, so it keeps the C++ parser alive; the Python object of the
// parser keeps the network alive.
void keepWithNetwork(nb::handle network, const std::shared_ptr<IParser>& parser) {
    nb::keep_alive_cb(network, new std::shared_ptr<IParser>(parser),
                      [](void* p) noexcept { delete static_cast<std::shared_ptr<IParser>*>(p); });
}

template <class P>
nb::object errorOf(nb::object self, int32_t i) {
    const IParserError* e = nb::cast<const P&>(self).getError(i);
    if (!e) throw nb::index_error("there is no error of this index");
    return nb::cast(const_cast<IParserError*>(e), nb::rv_policy::reference_internal, self);
}

// A path object or a string; none is a null pointer.
struct Path {
    explicit Path(nb::handle h) : given(!h.is_none()) {
        if (given) text = nb::cast<std::string>(nb::module_::import_("os").attr("fspath")(h));
    }
    const char* c_str() const { return given ? text.c_str() : nullptr; }
    bool given;
    std::string text;
};

template <class C>
void bindModelProto(C& c) {
    using P = typename C::Type;
    c.def(
         "load_model_proto",
         [](P& p, nb::handle model, nb::handle path) {
             Buffer bytes(model);
             Path file(path);
             return p.loadModelProto(bytes.data(), bytes.size(), file.c_str());
         },
         "model"_a, "path"_a.none() = nb::none())
        .def(
            "load_initializer",
            [](nb::object self, const char* name, nb::handle data, nb::object size) {
                P& p = nb::cast<P&>(self);
                // An address with a size, or a bytes-like object; neither is copied.
                if (nb::isinstance<nb::int_>(data))
                    return p.loadInitializer(name, reinterpret_cast<void*>(nb::cast<uintptr_t>(data)),
                                             nb::cast<size_t>(size));
                Buffer bytes(data);
                nb::keep_alive_obj(self, data);
                return p.loadInitializer(name, bytes.data(), bytes.size());
            },
            "name"_a, "data"_a, "size"_a.none() = nb::none())
        .def_prop_ro("num_errors", &P::getNbErrors)
        .def("get_error", errorOf<P>, "index"_a)
        .def("clear_errors", &P::clearErrors);
}

}  // namespace

void bindParser(nb::module_& m) {
    using F = OnnxParserFlag;
    bindEnum<F>(m, "OnnxParserFlag",
                {{"NATIVE_INSTANCENORM", F::kNATIVE_INSTANCENORM},
                 {"ENABLE_UINT8_AND_ASYMMETRIC_QUANTIZATION_DLA", F::kENABLE_UINT8_AND_ASYMMETRIC_QUANTIZATION_DLA},
                 {"REPORT_CAPABILITY_DLA", F::kREPORT_CAPABILITY_DLA},
                 {"ENABLE_PLUGIN_OVERRIDE", F::kENABLE_PLUGIN_OVERRIDE},
                 {"ADJUST_FOR_DLA", F::kADJUST_FOR_DLA}});
    using E = ErrorCode;
    bindEnum<E>(m, "ErrorCode",
                {{"SUCCESS", E::kSUCCESS},
                 {"INTERNAL_ERROR", E::kINTERNAL_ERROR},
                 {"MEM_ALLOC_FAILED", E::kMEM_ALLOC_FAILED},
                 {"MODEL_DESERIALIZE_FAILED", E::kMODEL_DESERIALIZE_FAILED},
                 {"INVALID_VALUE", E::kINVALID_VALUE},
                 {"INVALID_GRAPH", E::kINVALID_GRAPH},
                 {"INVALID_NODE", E::kINVALID_NODE},
                 {"UNSUPPORTED_GRAPH", E::kUNSUPPORTED_GRAPH},
                 {"UNSUPPORTED_NODE", E::kUNSUPPORTED_NODE},
                 {"UNSUPPORTED_NODE_ATTR", E::kUNSUPPORTED_NODE_ATTR},
                 {"UNSUPPORTED_NODE_INPUT", E::kUNSUPPORTED_NODE_INPUT},
                 {"UNSUPPORTED_NODE_DATATYPE", E::kUNSUPPORTED_NODE_DATATYPE},
                 {"UNSUPPORTED_NODE_DYNAMIC", E::kUNSUPPORTED_NODE_DYNAMIC},
                 {"UNSUPPORTED_NODE_SHAPE", E::kUNSUPPORTED_NODE_SHAPE},
                 {"REFIT_FAILED", E::kREFIT_FAILED}});
    nb::class_<IParserError>(m, "ParserError")
        .def("code", &IParserError::code)
        .def("desc", &IParserError::desc)
        .def("file", &IParserError::file)
        .def("line", &IParserError::line)
        .def("func", &IParserError::func)
        .def("node", &IParserError::node)
        .def("node_name", &IParserError::nodeName)
        .def("node_operator", &IParserError::nodeOperator)
        .def("local_function_stack",
             [](const IParserError& e) {
                 std::vector<std::string> out;
                 for (int32_t i = 0; i < e.localFunctionStackSize(); ++i) out.emplace_back(e.localFunctionStack()[i]);
                 return out;
             })
        .def("local_function_stack_size", &IParserError::localFunctionStackSize)
        .def("__str__", &describe)
        .def("__repr__", &describe);

    nb::class_<IParser> parser(m, "OnnxParser", "Adds an ONNX model to a network.");
    parser
        .def(nb::new_([](nb::object network, nvinfer1::ILogger& l) {
                 std::shared_ptr<IParser> p(required(createParser(nb::cast<nvinfer1::INetworkDefinition&>(network), l),
                                                     "creating the parser"));
                 keepWithNetwork(network, p);
                 return p;
             }),
             "network"_a, "logger"_a, nb::keep_alive<0, 2>(), nb::keep_alive<0, 3>())
        .def(
            "parse",
            [](IParser& p, nb::handle model, nb::handle path) {
                Buffer bytes(model);
                Path file(path);
                nb::gil_scoped_release released;
                return p.parse(bytes.data(), bytes.size(), file.c_str());
            },
            "model"_a, "path"_a.none() = nb::none())
        .def(
            "parse_with_weight_descriptors",
            [](IParser& p, nb::handle model) {
                Buffer bytes(model);
                return p.parseWithWeightDescriptors(bytes.data(), bytes.size());
            },
            "model"_a)
        .def(
            "parse_from_file",
            [](IParser& p, nb::handle path, int32_t verbosity) {
                Path file(path);
                nb::gil_scoped_release released;
                return p.parseFromFile(file.c_str(), verbosity);
            },
            "model"_a, "verbosity"_a = static_cast<int32_t>(nvinfer1::ILogger::Severity::kWARNING))
        .def(
            "supports_model",
            [](IParser& p, nb::handle model, nb::handle path) {
                Buffer bytes(model);
                Path file(path);
                SubGraphCollection_t graphs;
                bool ok = p.supportsModel(bytes.data(), bytes.size(), graphs, file.c_str());
                nb::list list;
                for (const auto& [nodes, supported] : graphs) list.append(nb::make_tuple(nodes, supported));
                return nb::make_tuple(ok, list);
            },
            "model"_a, "path"_a.none() = nb::none())
        .def(
            "supports_model_v2",
            [](IParser& p, nb::handle model, nb::handle path) {
                Buffer bytes(model);
                Path file(path);
                return p.supportsModelV2(bytes.data(), bytes.size(), file.c_str());
            },
            "model"_a, "path"_a.none() = nb::none())
        .def_prop_ro("num_subgraphs", &IParser::getNbSubgraphs)
        .def("is_subgraph_supported", &IParser::isSubgraphSupported, "index"_a)
        .def(
            "get_subgraph_nodes",
            [](IParser& p, int64_t i) {
                int64_t count = 0;
                int64_t* nodes = p.getSubgraphNodes(i, count);
                return std::vector<int64_t>(nodes, nodes + (nodes ? count : 0));
            },
            "index"_a)
        .def("supports_operator", &IParser::supportsOperator, "op_name"_a)
        .def_prop_rw("flags", &IParser::getFlags, &IParser::setFlags)
        .def("set_flag", &IParser::setFlag, "flag"_a)
        .def("clear_flag", &IParser::clearFlag, "flag"_a)
        .def("get_flag", &IParser::getFlag, "flag"_a)
        .def("get_used_vc_plugin_libraries",
             [](const IParser& p) {
                 int64_t count = 0;
                 char const* const* names = p.getUsedVCPluginLibraries(count);
                 std::vector<std::string> out;
                 for (int64_t i = 0; names && i < count; ++i) out.emplace_back(names[i]);
                 return out;
             })
        .def("parse_model_proto", &IParser::parseModelProto)
        .def("set_builder_config", &IParser::setBuilderConfig, "builder_config"_a, nb::keep_alive<1, 2>())
        .def(
            "get_layer_output_tensor",
            [](IParser& p, const char* name, int64_t i) {
                return const_cast<nvinfer1::ITensor*>(p.getLayerOutputTensor(name, i));
            },
            "name"_a, "i"_a, nb::rv_policy::reference_internal);
    bindModelProto(parser);

    nb::class_<IParserRefitter> refitter(m, "OnnxParserRefitter",
                                         "Refits an engine with the weights of an ONNX model.");
    refitter
        .def(nb::new_([](nvinfer1::IRefitter& r, nvinfer1::ILogger& l) {
                 return required(createParserRefitter(r, l), "creating the parser refitter");
             }),
             "refitter"_a, "logger"_a, nb::keep_alive<0, 2>(), nb::keep_alive<0, 3>())
        .def(
            "refit_from_bytes",
            [](nb::object self, nb::handle model, nb::handle path) {
                Buffer bytes(model);
                Path file(path);
                nb::keep_alive_obj(self, model);
                return nb::cast<IParserRefitter&>(self).refitFromBytes(bytes.data(), bytes.size(), file.c_str());
            },
            "model"_a, "path"_a.none() = nb::none())
        .def(
            "refit_from_file",
            [](IParserRefitter& p, nb::handle path) {
                Path file(path);
                return p.refitFromFile(file.c_str());
            },
            "model_file"_a)
        .def("refit_model_proto", &IParserRefitter::refitModelProto);
    bindModelProto(refitter);
}

}  // namespace lathe::python
