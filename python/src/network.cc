// SPDX-License-Identifier: Apache-2.0
// Networks, tensors and the part that all layers share.
#include "common.h"

namespace lathe::python {

using namespace nvinfer1;

void bindNetwork(nb::module_& m) {
    nb::class_<ITensor>(m, "ITensor")
        .def_prop_rw("name", &ITensor::getName, &ITensor::setName)
        .def_prop_rw(
            "shape", [](const ITensor& t) { return toTuple(t.getDimensions()); },
            [](ITensor& t, nb::handle s) { t.setDimensions(toDims(s)); })
        .def_prop_rw("dtype", &ITensor::getType, &ITensor::setType)
        .def_prop_ro("is_network_input", &ITensor::isNetworkInput)
        .def_prop_ro("is_network_output", &ITensor::isNetworkOutput)
        .def_prop_ro("is_shape_tensor", &ITensor::isShapeTensor)
        .def_prop_ro("is_execution_tensor", &ITensor::isExecutionTensor)
        .def_prop_rw("allowed_formats", &ITensor::getAllowedFormats, &ITensor::setAllowedFormats)
        .def_prop_rw("location", &ITensor::getLocation, &ITensor::setLocation)
        .def("set_dynamic_range", &ITensor::setDynamicRange, "min"_a, "max"_a)
        .def("get_dimension_name", &ITensor::getDimensionName, "index"_a)
        .def("set_dimension_name", &ITensor::setDimensionName, "index"_a, "name"_a);

    nb::class_<ILayer>(m, "ILayer")
        .def_prop_rw("name", &ILayer::getName, &ILayer::setName)
        .def_prop_rw("metadata", &ILayer::getMetadata, &ILayer::setMetadata)
        .def_prop_ro("type", &ILayer::getType)
        .def_prop_ro("num_inputs", &ILayer::getNbInputs)
        .def_prop_ro("num_outputs", &ILayer::getNbOutputs)
        .def("get_input", &ILayer::getInput, "index"_a, nb::rv_policy::reference_internal)
        .def(
            "set_input", [](ILayer& l, int32_t i, ITensor& t) { l.setInput(i, t); }, "index"_a, "tensor"_a)
        .def("get_output", &ILayer::getOutput, "index"_a, nb::rv_policy::reference_internal)
        .def_prop_rw("precision", &ILayer::getPrecision, &ILayer::setPrecision)
        .def_prop_ro("precision_is_set", &ILayer::precisionIsSet)
        .def("reset_precision", &ILayer::resetPrecision)
        .def("set_output_type", &ILayer::setOutputType, "index"_a, "dtype"_a)
        .def("get_output_type", &ILayer::getOutputType, "index"_a)
        .def("output_type_is_set", &ILayer::outputTypeIsSet, "index"_a)
        .def("reset_output_type", &ILayer::resetOutputType, "index"_a);

    nb::class_<INetworkDefinition>(m, "INetworkDefinition")
        .def_prop_rw("name", &INetworkDefinition::getName, &INetworkDefinition::setName)
        .def_prop_ro("num_inputs", &INetworkDefinition::getNbInputs)
        .def_prop_ro("num_outputs", &INetworkDefinition::getNbOutputs)
        .def_prop_ro("num_layers", &INetworkDefinition::getNbLayers)
        .def("get_input", &INetworkDefinition::getInput, "index"_a, nb::rv_policy::reference_internal)
        .def("get_output", &INetworkDefinition::getOutput, "index"_a, nb::rv_policy::reference_internal)
        .def("get_layer", &INetworkDefinition::getLayer, "index"_a, nb::rv_policy::reference_internal)
        .def(
            "add_input",
            [](INetworkDefinition& n, const char* name, DataType type, nb::handle shape) {
                return n.addInput(name, type, toDims(shape));
            },
            "name"_a, "dtype"_a, "shape"_a, nb::rv_policy::reference_internal)
        .def(
            "mark_output", [](INetworkDefinition& n, ITensor& t) { n.markOutput(t); }, "tensor"_a)
        .def(
            "unmark_output", [](INetworkDefinition& n, ITensor& t) { n.unmarkOutput(t); }, "tensor"_a)
        .def(
            "remove_tensor", [](INetworkDefinition& n, ITensor& t) { n.removeTensor(t); }, "tensor"_a)
        .def_prop_ro("has_implicit_batch_dimension", &INetworkDefinition::hasImplicitBatchDimension)
        .def_prop_ro("flags", &INetworkDefinition::getFlags)
        .def("get_flag", &INetworkDefinition::getFlag, "flag"_a)
        .def("__len__", &INetworkDefinition::getNbLayers)
        .def(
            "__getitem__",
            [](INetworkDefinition& n, int32_t i) {
                ILayer* l = n.getLayer(i);
                if (!l) throw nb::index_error();
                return l;
            },
            nb::rv_policy::reference_internal);
}

}  // namespace lathe::python
