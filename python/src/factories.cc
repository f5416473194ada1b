// SPDX-License-Identifier: Apache-2.0
// INetworkDefinition.add_*: a layer of its class, or None with the reason in the log. Weights are not copied; the
// network keeps their arrays alive.
#include "common.h"

namespace lathe::python {

using namespace nvinfer1;

namespace {

INetworkDefinition& of(const nb::object& self) { return nb::cast<INetworkDefinition&>(self); }

// Weights that live as long as the network.
Weights kept(const nb::object& self, nb::handle weights) {
    nb::object keeper;
    Weights w = toWeights(weights, keeper);
    if (keeper.is_valid() && !keeper.is_none()) nb::keep_alive_obj(self, keeper);
    return w;
}

void addWeighted(NetworkClass& c) {
    c.def(
         "add_convolution_nd",
         [](nb::object self, ITensor& input, int64_t maps, nb::handle kernelShape, nb::handle kernel, nb::handle bias) {
             return toLayer(self, of(self).addConvolutionNd(input, maps, toDims(kernelShape), kept(self, kernel),
                                                            kept(self, bias)));
         },
         "input"_a, "num_output_maps"_a, "kernel_shape"_a, "kernel"_a.none(), "bias"_a.none() = nb::none())
        .def(
            "add_deconvolution_nd",
            [](nb::object self, ITensor& input, int64_t maps, nb::handle kernelShape, nb::handle kernel,
               nb::handle bias) {
                return toLayer(self, of(self).addDeconvolutionNd(input, maps, toDims(kernelShape), kept(self, kernel),
                                                                 kept(self, bias)));
            },
            "input"_a, "num_output_maps"_a, "kernel_shape"_a, "kernel"_a.none(), "bias"_a.none() = nb::none())
        .def(
            "add_scale",
            [](nb::object self, ITensor& input, ScaleMode mode, nb::handle shift, nb::handle scale, nb::handle power) {
                return toLayer(self,
                               of(self).addScale(input, mode, kept(self, shift), kept(self, scale), kept(self, power)));
            },
            "input"_a, "mode"_a, "shift"_a.none() = nb::none(), "scale"_a.none() = nb::none(),
            "power"_a.none() = nb::none())
        .def(
            "add_scale_nd",
            [](nb::object self, ITensor& input, ScaleMode mode, nb::handle shift, nb::handle scale, nb::handle power,
               int32_t axis) {
                return toLayer(self, of(self).addScaleNd(input, mode, kept(self, shift), kept(self, scale),
                                                         kept(self, power), axis));
            },
            "input"_a, "mode"_a, "shift"_a.none(), "scale"_a.none(), "power"_a.none(), "channel_axis"_a)
        .def(
            "add_constant",
            [](nb::object self, nb::handle shape, nb::handle weights) {
                return toLayer(self, of(self).addConstant(toDims(shape), kept(self, weights)));
            },
            "shape"_a, "weights"_a);
}

void addComputing(NetworkClass& c) {
    c.def(
         "add_activation",
         [](nb::object self, ITensor& input, ActivationType type) {
             return toLayer(self, of(self).addActivation(input, type));
         },
         "input"_a, "type"_a)
        .def(
            "add_pooling_nd",
            [](nb::object self, ITensor& input, PoolingType type, nb::handle window) {
                return toLayer(self, of(self).addPoolingNd(input, type, toDims(window)));
            },
            "input"_a, "type"_a, "window_size"_a)
        .def(
            "add_lrn",
            [](nb::object self, ITensor& input, int64_t window, float alpha, float beta, float k) {
                return toLayer(self, of(self).addLRN(input, window, alpha, beta, k));
            },
            "input"_a, "window"_a, "alpha"_a, "beta"_a, "k"_a)
        .def(
            "add_softmax", [](nb::object self, ITensor& input) { return toLayer(self, of(self).addSoftMax(input)); },
            "input"_a)
        .def(
            "add_elementwise",
            [](nb::object self, ITensor& a, ITensor& b, ElementWiseOperation op) {
                return toLayer(self, of(self).addElementWise(a, b, op));
            },
            "input1"_a, "input2"_a, "op"_a)
        .def(
            "add_unary",
            [](nb::object self, ITensor& input, UnaryOperation op) {
                return toLayer(self, of(self).addUnary(input, op));
            },
            "input"_a, "op"_a)
        .def(
            "add_reduce",
            [](nb::object self, ITensor& input, ReduceOperation op, uint32_t axes, bool keep) {
                return toLayer(self, of(self).addReduce(input, op, axes, keep));
            },
            "input"_a, "op"_a, "axes"_a, "keep_dims"_a)
        .def(
            "add_topk",
            [](nb::object self, ITensor& input, TopKOperation op, int32_t k, uint32_t axes) {
                return toLayer(self, of(self).addTopK(input, op, k, axes));
            },
            "input"_a, "op"_a, "k"_a, "axes"_a)
        .def(
            "add_topk",
            [](nb::object self, ITensor& input, TopKOperation op, int32_t k, uint32_t axes, DataType type) {
                return toLayer(self, of(self).addTopK(input, op, k, axes, type));
            },
            "input"_a, "op"_a, "k"_a, "axes"_a, "indices_type"_a)
        .def(
            "add_matrix_multiply",
            [](nb::object self, ITensor& a, MatrixOperation opA, ITensor& b, MatrixOperation opB) {
                return toLayer(self, of(self).addMatrixMultiply(a, opA, b, opB));
            },
            "input0"_a, "op0"_a, "input1"_a, "op1"_a)
        .def(
            "add_ragged_softmax",
            [](nb::object self, ITensor& input, ITensor& bounds) {
                return toLayer(self, of(self).addRaggedSoftMax(input, bounds));
            },
            "input"_a, "bounds"_a)
        .def(
            "add_parametric_relu",
            [](nb::object self, ITensor& input, ITensor& slopes) {
                return toLayer(self, of(self).addParametricReLU(input, slopes));
            },
            "input"_a, "slopes"_a)
        .def(
            "add_resize", [](nb::object self, ITensor& input) { return toLayer(self, of(self).addResize(input)); },
            "input"_a)
        .def(
            "add_grid_sample",
            [](nb::object self, ITensor& input, ITensor& grid) {
                return toLayer(self, of(self).addGridSample(input, grid));
            },
            "input"_a, "grid"_a)
        .def(
            "add_einsum",
            [](nb::object self, std::vector<ITensor*> inputs, const char* equation) {
                return toLayer(self, of(self).addEinsum(inputs.data(), static_cast<int32_t>(inputs.size()), equation));
            },
            "inputs"_a, "equation"_a)
        .def(
            "add_normalization",
            [](nb::object self, ITensor& input, ITensor& scale, ITensor& bias, uint32_t axes) {
                return toLayer(self, of(self).addNormalization(input, scale, bias, axes));
            },
            "input"_a, "scale"_a, "bias"_a, "axesMask"_a)
        .def(
            "add_normalization_v2",
            [](nb::object self, ITensor& input, ITensor& scale, ITensor& bias, uint32_t axes) {
                return toLayer(self, of(self).addNormalizationV2(input, scale, bias, axes));
            },
            "input"_a, "scale"_a, "bias"_a, "axesMask"_a)
        .def(
            "add_cumulative",
            [](nb::object self, ITensor& input, ITensor& axis, CumulativeOperation op, bool exclusive, bool reverse) {
                return toLayer(self, of(self).addCumulative(input, axis, op, exclusive, reverse));
            },
            "input"_a, "axis"_a, "op"_a, "exclusive"_a, "reverse"_a)
        .def(
            "add_rotary_embedding",
            [](nb::object self, ITensor& input, ITensor& cos, ITensor& sin, bool interleaved, int32_t dim) {
                return toLayer(self, of(self).addRotaryEmbedding(input, cos, sin, interleaved, dim));
            },
            "input"_a, "cos_cache"_a, "sin_cache"_a, "interleaved"_a, "rotary_embedding_dim"_a)
        .def(
            "add_kv_cache_update",
            [](nb::object self, ITensor& cache, ITensor& update, ITensor& indices, KVCacheMode mode) {
                return toLayer(self, of(self).addKVCacheUpdate(cache, update, indices, mode));
            },
            "cache"_a, "update"_a, "write_indices"_a, "cache_mode"_a)
        .def(
            "add_moe",
            [](nb::object self, ITensor& hidden, ITensor& experts, ITensor& scores) {
                return toLayer(self, of(self).addMoE(hidden, experts, scores));
            },
            "hidden_states"_a, "selected_experts_for_tokens"_a, "scores_for_selected_experts"_a)
        .def(
            "add_dist_collective",
            [](nb::object self, ITensor& input, CollectiveOperation op, ReduceOperation reduce, int64_t root,
               std::vector<int64_t> groups) {
                return toLayer(self, of(self).addDistCollective(input, op, reduce, root, groups.data(),
                                                                static_cast<int64_t>(groups.size())));
            },
            "input"_a, "dist_collective_op"_a, "reduce_op"_a, "root"_a, "groups"_a);
}

void addMoving(NetworkClass& c) {
    c.def(
         "add_concatenation",
         [](nb::object self, std::vector<ITensor*> inputs) {
             return toLayer(self, of(self).addConcatenation(inputs.data(), static_cast<int32_t>(inputs.size())));
         },
         "inputs"_a)
        .def(
            "add_padding_nd",
            [](nb::object self, ITensor& input, nb::handle pre, nb::handle post) {
                return toLayer(self, of(self).addPaddingNd(input, toDims(pre), toDims(post)));
            },
            "input"_a, "pre_padding"_a, "post_padding"_a)
        .def(
            "add_shuffle", [](nb::object self, ITensor& input) { return toLayer(self, of(self).addShuffle(input)); },
            "input"_a)
        .def(
            "add_slice",
            [](nb::object self, ITensor& input, nb::handle start, nb::handle shape, nb::handle stride) {
                return toLayer(self, of(self).addSlice(input, toDims(start), toDims(shape), toDims(stride)));
            },
            "input"_a, "start"_a, "shape"_a, "stride"_a)
        .def(
            "add_gather",
            [](nb::object self, ITensor& input, ITensor& indices, int32_t axis) {
                return toLayer(self, of(self).addGather(input, indices, axis));
            },
            "input"_a, "indices"_a, "axis"_a)
        .def(
            "add_gather_v2",
            [](nb::object self, ITensor& input, ITensor& indices, GatherMode mode) {
                return toLayer(self, of(self).addGatherV2(input, indices, mode));
            },
            "input"_a, "indices"_a, "mode"_a)
        .def(
            "add_scatter",
            [](nb::object self, ITensor& data, ITensor& indices, ITensor& updates, ScatterMode mode) {
                return toLayer(self, of(self).addScatter(data, indices, updates, mode));
            },
            "data"_a, "indices"_a, "updates"_a, "mode"_a)
        .def(
            "add_identity", [](nb::object self, ITensor& input) { return toLayer(self, of(self).addIdentity(input)); },
            "input"_a)
        .def(
            "add_cast",
            [](nb::object self, ITensor& input, DataType type) { return toLayer(self, of(self).addCast(input, type)); },
            "input"_a, "to_type"_a)
        .def(
            "add_shape", [](nb::object self, ITensor& input) { return toLayer(self, of(self).addShape(input)); },
            "input"_a)
        .def(
            "add_select",
            [](nb::object self, ITensor& condition, ITensor& a, ITensor& b) {
                return toLayer(self, of(self).addSelect(condition, a, b));
            },
            "condition"_a, "then_input"_a, "else_input"_a)
        .def(
            "add_assertion",
            [](nb::object self, ITensor& condition, const char* message) {
                return toLayer(self, of(self).addAssertion(condition, message));
            },
            "condition"_a, "message"_a)
        .def(
            "add_one_hot",
            [](nb::object self, ITensor& indices, ITensor& values, ITensor& depth, int32_t axis) {
                return toLayer(self, of(self).addOneHot(indices, values, depth, axis));
            },
            "indices"_a, "values"_a, "depth"_a, "axis"_a)
        .def(
            "add_non_zero", [](nb::object self, ITensor& input) { return toLayer(self, of(self).addNonZero(input)); },
            "input"_a)
        .def(
            "add_non_zero",
            [](nb::object self, ITensor& input, DataType type) {
                return toLayer(self, of(self).addNonZero(input, type));
            },
            "input"_a, "indices_type"_a)
        .def(
            "add_nms",
            [](nb::object self, ITensor& boxes, ITensor& scores, ITensor& most) {
                return toLayer(self, of(self).addNMS(boxes, scores, most));
            },
            "boxes"_a, "scores"_a, "max_output_boxes_per_class"_a)
        .def(
            "add_nms",
            [](nb::object self, ITensor& boxes, ITensor& scores, ITensor& most, DataType type) {
                return toLayer(self, of(self).addNMS(boxes, scores, most, type));
            },
            "boxes"_a, "scores"_a, "max_output_boxes_per_class"_a, "indices_type"_a)
        .def(
            "add_reverse_sequence",
            [](nb::object self, ITensor& input, ITensor& lengths) {
                return toLayer(self, of(self).addReverseSequence(input, lengths));
            },
            "input"_a, "sequence_lens"_a)
        .def(
            "add_squeeze",
            [](nb::object self, ITensor& input, ITensor& axes) {
                return toLayer(self, of(self).addSqueeze(input, axes));
            },
            "input"_a, "axes"_a)
        .def(
            "add_unsqueeze",
            [](nb::object self, ITensor& input, ITensor& axes) {
                return toLayer(self, of(self).addUnsqueeze(input, axes));
            },
            "input"_a, "axes"_a)
        .def(
            "add_fill",
            [](nb::object self, nb::handle shape, FillOperation op) {
                return toLayer(self, of(self).addFill(toDims(shape), op));
            },
            "shape"_a, "op"_a)
        .def(
            "add_fill",
            [](nb::object self, nb::handle shape, FillOperation op, DataType type) {
                return toLayer(self, of(self).addFill(toDims(shape), op, type));
            },
            "shape"_a, "op"_a, "output_type"_a);
}

void addQuantizing(NetworkClass& c) {
    c.def(
         "add_quantize",
         [](nb::object self, ITensor& input, ITensor& scale) {
             return toLayer(self, of(self).addQuantize(input, scale));
         },
         "input"_a, "scale"_a)
        .def(
            "add_quantize",
            [](nb::object self, ITensor& input, ITensor& scale, DataType type) {
                return toLayer(self, of(self).addQuantize(input, scale, type));
            },
            "input"_a, "scale"_a, "output_type"_a)
        .def(
            "add_dequantize",
            [](nb::object self, ITensor& input, ITensor& scale) {
                return toLayer(self, of(self).addDequantize(input, scale));
            },
            "input"_a, "scale"_a)
        .def(
            "add_dequantize",
            [](nb::object self, ITensor& input, ITensor& scale, DataType type) {
                return toLayer(self, of(self).addDequantize(input, scale, type));
            },
            "input"_a, "scale"_a, "output_type"_a)
        .def(
            "add_dynamic_quantize",
            [](nb::object self, ITensor& input, int32_t axis, int32_t block, DataType type, DataType scaleType) {
                return toLayer(self, of(self).addDynamicQuantize(input, axis, block, type, scaleType));
            },
            "input"_a, "axis"_a, "block_size"_a, "output_type"_a, "scale_type"_a)
        .def(
            "add_dynamic_quantize_v2",
            [](nb::object self, ITensor& input, nb::handle block, DataType type, DataType scaleType) {
                return toLayer(self, of(self).addDynamicQuantizeV2(input, toDims(block), type, scaleType));
            },
            "input"_a, "block_shape"_a, "output_type"_a, "scale_type"_a);
}

}  // namespace

void bindFactories(nb::module_&) {
    NetworkClass& c = networkClass();
    addWeighted(c);
    addComputing(c);
    addMoving(c);
    addQuantizing(c);
    c.def(
         "add_loop", [](INetworkDefinition& n) { return n.addLoop(); }, nb::rv_policy::reference_internal)
        .def(
            "add_if_conditional", [](INetworkDefinition& n) { return n.addIfConditional(); },
            nb::rv_policy::reference_internal)
        .def(
            "add_attention",
            [](INetworkDefinition& n, ITensor& query, ITensor& key, ITensor& value, AttentionNormalizationOp op,
               bool causal) { return n.addAttention(query, key, value, op, causal); },
            "query"_a, "key"_a, "value"_a, "norm_op"_a, "causal"_a, nb::rv_policy::reference_internal);
    c = NetworkClass();  // the module holds the class from here on
}

}  // namespace lathe::python
