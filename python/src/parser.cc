// SPDX-License-Identifier: Apache-2.0
#include "NvOnnxParser.h"
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

}  // namespace

void bindParser(nb::module_& m) {
    nb::enum_<OnnxParserFlag>(m, "OnnxParserFlag", nb::is_arithmetic())
        .value("NATIVE_INSTANCENORM", OnnxParserFlag::kNATIVE_INSTANCENORM)
        .value("ENABLE_UINT8_AND_ASYMMETRIC_QUANTIZATION_DLA",
               OnnxParserFlag::kENABLE_UINT8_AND_ASYMMETRIC_QUANTIZATION_DLA)
        .value("REPORT_CAPABILITY_DLA", OnnxParserFlag::kREPORT_CAPABILITY_DLA)
        .value("ENABLE_PLUGIN_OVERRIDE", OnnxParserFlag::kENABLE_PLUGIN_OVERRIDE)
        .value("ADJUST_FOR_DLA", OnnxParserFlag::kADJUST_FOR_DLA);
    nb::enum_<ErrorCode>(m, "ErrorCode", nb::is_arithmetic())
        .value("SUCCESS", ErrorCode::kSUCCESS)
        .value("INTERNAL_ERROR", ErrorCode::kINTERNAL_ERROR)
        .value("MEM_ALLOC_FAILED", ErrorCode::kMEM_ALLOC_FAILED)
        .value("MODEL_DESERIALIZE_FAILED", ErrorCode::kMODEL_DESERIALIZE_FAILED)
        .value("INVALID_VALUE", ErrorCode::kINVALID_VALUE)
        .value("INVALID_GRAPH", ErrorCode::kINVALID_GRAPH)
        .value("INVALID_NODE", ErrorCode::kINVALID_NODE)
        .value("UNSUPPORTED_GRAPH", ErrorCode::kUNSUPPORTED_GRAPH)
        .value("UNSUPPORTED_NODE", ErrorCode::kUNSUPPORTED_NODE)
        .value("UNSUPPORTED_NODE_ATTR", ErrorCode::kUNSUPPORTED_NODE_ATTR)
        .value("UNSUPPORTED_NODE_INPUT", ErrorCode::kUNSUPPORTED_NODE_INPUT)
        .value("UNSUPPORTED_NODE_DATATYPE", ErrorCode::kUNSUPPORTED_NODE_DATATYPE)
        .value("UNSUPPORTED_NODE_DYNAMIC", ErrorCode::kUNSUPPORTED_NODE_DYNAMIC)
        .value("UNSUPPORTED_NODE_SHAPE", ErrorCode::kUNSUPPORTED_NODE_SHAPE)
        .value("REFIT_FAILED", ErrorCode::kREFIT_FAILED);
    nb::class_<IParserError>(m, "ParserError")
        .def("code", &IParserError::code)
        .def("desc", &IParserError::desc)
        .def("file", &IParserError::file)
        .def("line", &IParserError::line)
        .def("func", &IParserError::func)
        .def("node", &IParserError::node)
        .def("node_name", &IParserError::nodeName)
        .def("node_operator", &IParserError::nodeOperator)
        .def("__str__", &describe)
        .def("__repr__", &describe);

    nb::class_<IParser>(m, "OnnxParser", "Adds an ONNX model to a network.")
        .def(nb::new_([](nvinfer1::INetworkDefinition& n, nvinfer1::ILogger& l) {
                 return required(createParser(n, l), "creating the parser");
             }),
             "network"_a, "logger"_a, nb::keep_alive<0, 2>(), nb::keep_alive<0, 3>())
        // The network refers to the model's weights, which the parser holds: it lives as long as the network.
        .def(
            "parse",
            [](nb::object self, nb::object model, nb::object path) {
                IParser& p = nb::cast<IParser&>(self);
                Py_buffer view;
                if (PyObject_GetBuffer(model.ptr(), &view, PyBUF_SIMPLE) != 0) throw nb::python_error();
                std::string file = path.is_none() ? std::string() : nb::cast<std::string>(path);
                bool ok;
                {
                    nb::gil_scoped_release released;
                    ok = p.parse(view.buf, static_cast<size_t>(view.len), path.is_none() ? nullptr : file.c_str());
                }
                PyBuffer_Release(&view);
                return ok;
            },
            "model"_a, "path"_a.none() = nb::none())
        .def(
            "parse_from_file",
            [](IParser& p, const std::string& path, int32_t verbosity) {
                nb::gil_scoped_release released;
                return p.parseFromFile(path.c_str(), verbosity);
            },
            "model"_a, "verbosity"_a = static_cast<int32_t>(nvinfer1::ILogger::Severity::kWARNING))
        .def(
            "supports_model_v2",
            [](IParser& p, nb::bytes model, nb::object path) {
                std::string file = path.is_none() ? std::string() : nb::cast<std::string>(path);
                return p.supportsModelV2(model.c_str(), model.size(), path.is_none() ? nullptr : file.c_str());
            },
            "model"_a, "path"_a.none() = nb::none())
        .def_prop_ro("num_subgraphs", &IParser::getNbSubgraphs)
        .def(
            "is_subgraph_supported", [](IParser& p, int64_t i) { return p.isSubgraphSupported(i); }, "index"_a)
        .def(
            "get_subgraph_nodes",
            [](IParser& p, int64_t i) {
                int64_t count = 0;
                int64_t* nodes = p.getSubgraphNodes(i, count);
                return std::vector<int64_t>(nodes, nodes + (nodes ? count : 0));
            },
            "index"_a)
        .def("supports_operator", &IParser::supportsOperator, "op_name"_a)
        .def_prop_ro("num_errors", &IParser::getNbErrors)
        .def(
            "get_error",
            [](const IParser& p, int32_t i) {
                const IParserError* e = p.getError(i);
                if (!e) throw nb::index_error();
                return const_cast<IParserError*>(e);
            },
            "index"_a, nb::rv_policy::reference_internal)
        .def("clear_errors", &IParser::clearErrors)
        .def_prop_rw("flags", &IParser::getFlags, &IParser::setFlags)
        .def("set_flag", &IParser::setFlag, "flag"_a)
        .def("clear_flag", &IParser::clearFlag, "flag"_a)
        .def("get_flag", &IParser::getFlag, "flag"_a)
        .def(
            "get_layer_output_tensor",
            [](IParser& p, const char* name, int64_t i) {
                return const_cast<nvinfer1::ITensor*>(p.getLayerOutputTensor(name, i));
            },
            "name"_a, "i"_a, nb::rv_policy::reference);
}

}  // namespace lathe::python
