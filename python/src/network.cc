// SPDX-License-Identifier: Apache-2.0
// Networks, tensors and the part that all layers share.
#include <nanobind/stl/pair.h>

#include "common.h"

namespace lathe::python {

using namespace nvinfer1;

NetworkClass& networkClass() {
    static auto* c = new NetworkClass;
    return *c;
}

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
        .def_prop_rw("broadcast_across_batch", &ITensor::getBroadcastAcrossBatch, &ITensor::setBroadcastAcrossBatch)
        .def_prop_rw(
            "dynamic_range",
            [](const ITensor& t) -> nb::object {
                if (!t.dynamicRangeIsSet()) return nb::none();
                return nb::make_tuple(t.getDynamicRangeMin(), t.getDynamicRangeMax());
            },
            [](ITensor& t, std::pair<float, float> range) {
                if (!t.setDynamicRange(range.first, range.second))
                    throw nb::value_error("the range is refused; see the log");
            })
        .def("set_dynamic_range", &ITensor::setDynamicRange, "min"_a, "max"_a)
        .def("reset_dynamic_range", &ITensor::resetDynamicRange)
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
        .def("reset_output_type", &ILayer::resetOutputType, "index"_a)
        .def_prop_rw("num_ranks", &ILayer::getNbRanks, &ILayer::setNbRanks);

    networkClass() = NetworkClass(m, "INetworkDefinition");
    networkClass()
        .def_prop_rw("name", &INetworkDefinition::getName, &INetworkDefinition::setName)
        .def_prop_ro("num_inputs", &INetworkDefinition::getNbInputs)
        .def_prop_ro("num_outputs", &INetworkDefinition::getNbOutputs)
        .def_prop_ro("num_layers", &INetworkDefinition::getNbLayers)
        .def("get_input", &INetworkDefinition::getInput, "index"_a, nb::rv_policy::reference_internal)
        .def("get_output", &INetworkDefinition::getOutput, "index"_a, nb::rv_policy::reference_internal)
        .def(
            "get_layer",
            [](nb::object self, int32_t i) { return toLayer(self, nb::cast<INetworkDefinition&>(self).getLayer(i)); },
            "index"_a)
        .def(
            "add_input",
            [](INetworkDefinition& n, const char* name, DataType type, nb::handle shape) {
                return n.addInput(name, type, toDims(shape));
            },
            "name"_a, "dtype"_a, "shape"_a, nb::rv_policy::reference_internal)
        .def("mark_output", &INetworkDefinition::markOutput, "tensor"_a)
        .def("unmark_output", &INetworkDefinition::unmarkOutput, "tensor"_a)
        .def("mark_output_for_shapes", &INetworkDefinition::markOutputForShapes, "tensor"_a)
        .def("unmark_output_for_shapes", &INetworkDefinition::unmarkOutputForShapes, "tensor"_a)
        .def("mark_debug", &INetworkDefinition::markDebug, "tensor"_a)
        .def("unmark_debug", &INetworkDefinition::unmarkDebug, "tensor"_a)
        .def("is_debug_tensor", &INetworkDefinition::isDebugTensor, "tensor"_a)
        .def("mark_unfused_tensors_as_debug_tensors", &INetworkDefinition::markUnfusedTensorsAsDebugTensors)
        .def("unmark_unfused_tensors_as_debug_tensors", &INetworkDefinition::unmarkUnfusedTensorsAsDebugTensors)
        .def("remove_tensor", &INetworkDefinition::removeTensor, "tensor"_a)
        .def(
            "set_weights_name",
            [](INetworkDefinition& n, nb::handle weights, const char* name) {
                nb::object keeper;
                return n.setWeightsName(toWeights(weights, keeper), name);
            },
            "weights"_a, "name"_a)
        .def("mark_weights_refittable", &INetworkDefinition::markWeightsRefittable, "name"_a)
        .def("unmark_weights_refittable", &INetworkDefinition::unmarkWeightsRefittable, "name"_a)
        .def("are_weights_marked_refittable", &INetworkDefinition::areWeightsMarkedRefittable, "name"_a)
        .def_prop_ro("has_implicit_batch_dimension", &INetworkDefinition::hasImplicitBatchDimension)
        .def_prop_ro("flags", &INetworkDefinition::getFlags)
        .def("get_flag", &INetworkDefinition::getFlag, "flag"_a)
        .def_prop_rw("error_recorder", &INetworkDefinition::getErrorRecorder, &INetworkDefinition::setErrorRecorder,
                     nb::for_setter(nb::arg("recorder").none()), nb::for_setter(nb::keep_alive<1, 2>()),
                     nb::rv_policy::reference)
        .def("__len__", &INetworkDefinition::getNbLayers)
        .def("__getitem__", [](nb::object self, int32_t i) {
            auto& n = nb::cast<INetworkDefinition&>(self);
            ILayer* l = n.getLayer(i < 0 ? i + n.getNbLayers() : i);
            if (!l) throw nb::index_error();
            return toLayer(self, l);
        });
}

}  // namespace lathe::python
