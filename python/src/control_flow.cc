// SPDX-License-Identifier: Apache-2.0
// Loops, conditionals, attention: constructs of several layers.
#include "common.h"

namespace lathe::python {

using namespace nvinfer1;

namespace {

constexpr auto kInternal = nb::rv_policy::reference_internal;

}  // namespace

void bindControlFlow(nb::module_& m) {
    nb::class_<ILoop> loop(m, "ILoop", "A loop under construction: made by INetworkDefinition.add_loop().");
    nb::class_<IIfConditional> conditional(
        m, "IIfConditional", "A conditional under construction: made by INetworkDefinition.add_if_conditional().");
    nb::class_<IAttention> attention(m, "IAttention", "Attention: made by INetworkDefinition.add_attention().");

    nb::class_<ILoopBoundaryLayer, ILayer>(m, "ILoopBoundaryLayer")
        .def_prop_ro("loop", &ILoopBoundaryLayer::getLoop, kInternal);
    nb::class_<IRecurrenceLayer, ILoopBoundaryLayer>(m, "IRecurrenceLayer");
    nb::class_<ITripLimitLayer, ILoopBoundaryLayer>(m, "ITripLimitLayer")
        .def_prop_ro("kind", &ITripLimitLayer::getTripLimit);
    nb::class_<IIteratorLayer, ILoopBoundaryLayer>(m, "IIteratorLayer")
        .def_prop_rw("axis", &IIteratorLayer::getAxis, &IIteratorLayer::setAxis)
        .def_prop_rw("reverse", &IIteratorLayer::getReverse, &IIteratorLayer::setReverse);
    nb::class_<ILoopOutputLayer, ILoopBoundaryLayer>(m, "ILoopOutputLayer")
        .def_prop_rw("axis", &ILoopOutputLayer::getAxis, &ILoopOutputLayer::setAxis)
        .def_prop_ro("kind", &ILoopOutputLayer::getLoopOutput);
    loop.def_prop_rw("name", &ILoop::getName, &ILoop::setName)
        .def("add_recurrence", &ILoop::addRecurrence, "initial_value"_a, kInternal)
        .def("add_trip_limit", &ILoop::addTripLimit, "tensor"_a, "kind"_a, kInternal)
        .def("add_iterator", &ILoop::addIterator, "tensor"_a, "axis"_a = 0, "reverse"_a = false, kInternal)
        .def("add_loop_output", &ILoop::addLoopOutput, "tensor"_a, "kind"_a, "axis"_a = 0, kInternal);

    nb::class_<IIfConditionalBoundaryLayer, ILayer>(m, "IIfConditionalBoundaryLayer")
        .def_prop_ro("conditional", &IIfConditionalBoundaryLayer::getConditional, kInternal);
    nb::class_<IConditionLayer, IIfConditionalBoundaryLayer>(m, "IConditionLayer");
    nb::class_<IIfConditionalOutputLayer, IIfConditionalBoundaryLayer>(m, "IIfConditionalOutputLayer");
    nb::class_<IIfConditionalInputLayer, IIfConditionalBoundaryLayer>(m, "IIfConditionalInputLayer");
    conditional.def_prop_rw("name", &IIfConditional::getName, &IIfConditional::setName)
        .def("set_condition", &IIfConditional::setCondition, "condition"_a, kInternal)
        .def("add_output", &IIfConditional::addOutput, "true_subgraph_output"_a, "false_subgraph_output"_a, kInternal)
        .def("add_input", &IIfConditional::addInput, "input"_a, kInternal);

    nb::class_<IAttentionBoundaryLayer, ILayer>(m, "IAttentionBoundaryLayer")
        .def_prop_ro("attention", &IAttentionBoundaryLayer::getAttention, kInternal);
    nb::class_<IAttentionInputLayer, IAttentionBoundaryLayer>(m, "IAttentionInputLayer");
    nb::class_<IAttentionOutputLayer, IAttentionBoundaryLayer>(m, "IAttentionOutputLayer");
    attention.def_prop_rw("name", &IAttention::getName, &IAttention::setName)
        .def_prop_rw("metadata", &IAttention::getMetadata, &IAttention::setMetadata)
        .def_prop_rw("norm_op", &IAttention::getNormalizationOperation, &IAttention::setNormalizationOperation)
        .def_prop_rw("causal", &IAttention::getCausal, &IAttention::setCausal)
        .def_prop_rw("decomposable", &IAttention::getDecomposable, &IAttention::setDecomposable)
        .def_prop_rw(
            "mask", &IAttention::getMask,
            [](IAttention& a, ITensor& t) {
                if (!a.setMask(t)) throw nb::value_error("the mask is refused; see the log");
            },
            kInternal)
        .def_prop_rw(
            "normalization_quantize_scale", &IAttention::getNormalizationQuantizeScale,
            [](IAttention& a, ITensor& t) {
                if (!a.setNormalizationQuantizeScale(t)) throw nb::value_error("the scale is refused; see the log");
            },
            kInternal)
        .def_prop_rw("normalization_quantize_to_type", &IAttention::getNormalizationQuantizeToType,
                     &IAttention::setNormalizationQuantizeToType)
        .def_prop_ro("num_inputs", &IAttention::getNbInputs)
        .def_prop_ro("num_outputs", &IAttention::getNbOutputs)
        .def("get_input", &IAttention::getInput, "index"_a, kInternal)
        .def("set_input", &IAttention::setInput, "index"_a, "input"_a)
        .def("get_output", &IAttention::getOutput, "index"_a, kInternal);
}

}  // namespace lathe::python
