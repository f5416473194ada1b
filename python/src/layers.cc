// SPDX-License-Identifier: Apache-2.0
// Layer classes and their properties, first half; and how a layer finds its class.
#include <unordered_map>
#include <unordered_set>

#include "layer_helpers.h"

namespace lathe::python {

using namespace nvinfer1;

namespace {

// The Python object of a layer's network. Layers keep their networks alive, so the pointer is good as long as a layer
// can be named from Python.
std::unordered_map<const ILayer*, PyObject*>& networks() {
    static auto* map = new std::unordered_map<const ILayer*, PyObject*>;
    return *map;
}

std::unordered_set<PyObject*>& knownNetworks() {
    static auto* set = new std::unordered_set<PyObject*>;
    return *set;
}

void forgetNetwork(void* network) noexcept {
    knownNetworks().erase(static_cast<PyObject*>(network));
    std::erase_if(networks(), [&](const auto& e) { return e.second == network; });
}

template <class T>
nb::object as(ILayer* layer, nb::handle network) {
    return nb::cast(static_cast<T*>(layer), nb::rv_policy::reference_internal, network);
}

nb::object cast(nb::handle n, ILayer* l) {
    switch (l->getType()) {
        case LayerType::kCONVOLUTION: return as<IConvolutionLayer>(l, n);
        case LayerType::kCAST: return as<ICastLayer>(l, n);
        case LayerType::kACTIVATION: return as<IActivationLayer>(l, n);
        case LayerType::kPOOLING: return as<IPoolingLayer>(l, n);
        case LayerType::kLRN: return as<ILRNLayer>(l, n);
        case LayerType::kSCALE: return as<IScaleLayer>(l, n);
        case LayerType::kSOFTMAX: return as<ISoftMaxLayer>(l, n);
        case LayerType::kDECONVOLUTION: return as<IDeconvolutionLayer>(l, n);
        case LayerType::kCONCATENATION: return as<IConcatenationLayer>(l, n);
        case LayerType::kELEMENTWISE: return as<IElementWiseLayer>(l, n);
        case LayerType::kUNARY: return as<IUnaryLayer>(l, n);
        case LayerType::kPADDING: return as<IPaddingLayer>(l, n);
        case LayerType::kSHUFFLE: return as<IShuffleLayer>(l, n);
        case LayerType::kREDUCE: return as<IReduceLayer>(l, n);
        case LayerType::kTOPK: return as<ITopKLayer>(l, n);
        case LayerType::kGATHER: return as<IGatherLayer>(l, n);
        case LayerType::kMATRIX_MULTIPLY: return as<IMatrixMultiplyLayer>(l, n);
        case LayerType::kRAGGED_SOFTMAX: return as<IRaggedSoftMaxLayer>(l, n);
        case LayerType::kCONSTANT: return as<IConstantLayer>(l, n);
        case LayerType::kIDENTITY: return as<IIdentityLayer>(l, n);
        case LayerType::kPLUGIN_V2: return as<IPluginV2Layer>(l, n);
        case LayerType::kSLICE: return as<ISliceLayer>(l, n);
        case LayerType::kSHAPE: return as<IShapeLayer>(l, n);
        case LayerType::kPARAMETRIC_RELU: return as<IParametricReLULayer>(l, n);
        case LayerType::kRESIZE: return as<IResizeLayer>(l, n);
        case LayerType::kTRIP_LIMIT: return as<ITripLimitLayer>(l, n);
        case LayerType::kRECURRENCE: return as<IRecurrenceLayer>(l, n);
        case LayerType::kITERATOR: return as<IIteratorLayer>(l, n);
        case LayerType::kLOOP_OUTPUT: return as<ILoopOutputLayer>(l, n);
        case LayerType::kSELECT: return as<ISelectLayer>(l, n);
        case LayerType::kFILL: return as<IFillLayer>(l, n);
        case LayerType::kQUANTIZE: return as<IQuantizeLayer>(l, n);
        case LayerType::kDEQUANTIZE: return as<IDequantizeLayer>(l, n);
        case LayerType::kCONDITION: return as<IConditionLayer>(l, n);
        case LayerType::kCONDITIONAL_INPUT: return as<IIfConditionalInputLayer>(l, n);
        case LayerType::kCONDITIONAL_OUTPUT: return as<IIfConditionalOutputLayer>(l, n);
        case LayerType::kSCATTER: return as<IScatterLayer>(l, n);
        case LayerType::kEINSUM: return as<IEinsumLayer>(l, n);
        case LayerType::kASSERTION: return as<IAssertionLayer>(l, n);
        case LayerType::kONE_HOT: return as<IOneHotLayer>(l, n);
        case LayerType::kNON_ZERO: return as<INonZeroLayer>(l, n);
        case LayerType::kGRID_SAMPLE: return as<IGridSampleLayer>(l, n);
        case LayerType::kNMS: return as<INMSLayer>(l, n);
        case LayerType::kREVERSE_SEQUENCE: return as<IReverseSequenceLayer>(l, n);
        case LayerType::kNORMALIZATION: return as<INormalizationLayer>(l, n);
        case LayerType::kPLUGIN_V3: return as<IPluginV3Layer>(l, n);
        case LayerType::kSQUEEZE: return as<ISqueezeLayer>(l, n);
        case LayerType::kUNSQUEEZE: return as<IUnsqueezeLayer>(l, n);
        case LayerType::kCUMULATIVE: return as<ICumulativeLayer>(l, n);
        case LayerType::kDYNAMIC_QUANTIZE: return as<IDynamicQuantizeLayer>(l, n);
        case LayerType::kATTENTION_INPUT: return as<IAttentionInputLayer>(l, n);
        case LayerType::kATTENTION_OUTPUT: return as<IAttentionOutputLayer>(l, n);
        case LayerType::kROTARY_EMBEDDING: return as<IRotaryEmbeddingLayer>(l, n);
        case LayerType::kKVCACHE_UPDATE: return as<IKVCacheUpdateLayer>(l, n);
        case LayerType::kMOE: return as<IMoELayer>(l, n);
        case LayerType::kDIST_COLLECTIVE: return as<IDistCollectiveLayer>(l, n);
        default: return as<ILayer>(l, n);  // an op of the library's own catalogue
    }
}

}  // namespace

nb::object toLayer(nb::handle network, ILayer* layer) {
    if (!layer) return nb::none();
    // The first layer of a network: what is written down of it goes when it does.
    if (knownNetworks().insert(network.ptr()).second) nb::keep_alive_cb(network, network.ptr(), forgetNetwork);
    networks()[layer] = network.ptr();
    return cast(network, layer);
}

void keepForNetworkOf(const ILayer& layer, nb::handle keeper) {
    if (!keeper.is_valid()) return;
    auto at = networks().find(&layer);
    if (at != networks().end()) nb::keep_alive_obj(at->second, keeper);
}

void bindLayers(nb::module_& m) {
    using namespace properties;
    {
        nb::class_<IConvolutionLayer, ILayer> c(m, "IConvolutionLayer");
        convolution(c);
    }
    {
        nb::class_<IDeconvolutionLayer, ILayer> c(m, "IDeconvolutionLayer");
        convolution(c);
    }
    nb::class_<IActivationLayer, ILayer>(m, "IActivationLayer")
        .def_prop_rw("type", &IActivationLayer::getActivationType, &IActivationLayer::setActivationType)
        .def_prop_rw("alpha", &IActivationLayer::getAlpha, &IActivationLayer::setAlpha)
        .def_prop_rw("beta", &IActivationLayer::getBeta, &IActivationLayer::setBeta);
    nb::class_<IPoolingLayer, ILayer> pooling(m, "IPoolingLayer");
    pooling.def_prop_rw("type", &IPoolingLayer::getPoolingType, &IPoolingLayer::setPoolingType)
        .def_prop_rw("padding_mode", &IPoolingLayer::getPaddingMode, &IPoolingLayer::setPaddingMode)
        .def_prop_rw("blend_factor", &IPoolingLayer::getBlendFactor, &IPoolingLayer::setBlendFactor)
        .def_prop_rw("average_count_excludes_padding", &IPoolingLayer::getAverageCountExcludesPadding,
                     &IPoolingLayer::setAverageCountExcludesPadding);
    dims(pooling, "pre_padding", &IPoolingLayer::getPrePadding, &IPoolingLayer::setPrePadding);
    dims(pooling, "post_padding", &IPoolingLayer::getPostPadding, &IPoolingLayer::setPostPadding);
    dims(pooling, "window_size_nd", &IPoolingLayer::getWindowSizeNd, &IPoolingLayer::setWindowSizeNd);
    dims(pooling, "stride_nd", &IPoolingLayer::getStrideNd, &IPoolingLayer::setStrideNd);
    dims(pooling, "padding_nd", &IPoolingLayer::getPaddingNd, &IPoolingLayer::setPaddingNd);
    nb::class_<ILRNLayer, ILayer>(m, "ILRNLayer")
        .def_prop_rw("window_size", &ILRNLayer::getWindowSize, &ILRNLayer::setWindowSize)
        .def_prop_rw("alpha", &ILRNLayer::getAlpha, &ILRNLayer::setAlpha)
        .def_prop_rw("beta", &ILRNLayer::getBeta, &ILRNLayer::setBeta)
        .def_prop_rw("k", &ILRNLayer::getK, &ILRNLayer::setK);
    nb::class_<IScaleLayer, ILayer> scale(m, "IScaleLayer");
    scale.def_prop_rw("mode", &IScaleLayer::getMode, &IScaleLayer::setMode)
        .def_prop_rw("channel_axis", &IScaleLayer::getChannelAxis, &IScaleLayer::setChannelAxis);
    weights(scale, "shift", &IScaleLayer::getShift, &IScaleLayer::setShift);
    weights(scale, "scale", &IScaleLayer::getScale, &IScaleLayer::setScale);
    weights(scale, "power", &IScaleLayer::getPower, &IScaleLayer::setPower);
    nb::class_<ISoftMaxLayer, ILayer>(m, "ISoftMaxLayer")
        .def_prop_rw("axes", &ISoftMaxLayer::getAxes, &ISoftMaxLayer::setAxes);
    nb::class_<IConcatenationLayer, ILayer>(m, "IConcatenationLayer")
        .def_prop_rw("axis", &IConcatenationLayer::getAxis, &IConcatenationLayer::setAxis);
    nb::class_<IElementWiseLayer, ILayer>(m, "IElementWiseLayer")
        .def_prop_rw("op", &IElementWiseLayer::getOperation, &IElementWiseLayer::setOperation);
    nb::class_<IUnaryLayer, ILayer>(m, "IUnaryLayer")
        .def_prop_rw("op", &IUnaryLayer::getOperation, &IUnaryLayer::setOperation);
    nb::class_<IReduceLayer, ILayer>(m, "IReduceLayer")
        .def_prop_rw("op", &IReduceLayer::getOperation, &IReduceLayer::setOperation)
        .def_prop_rw("axes", &IReduceLayer::getReduceAxes, &IReduceLayer::setReduceAxes)
        .def_prop_rw("keep_dims", &IReduceLayer::getKeepDimensions, &IReduceLayer::setKeepDimensions);
    nb::class_<IPaddingLayer, ILayer> padding(m, "IPaddingLayer");
    dims(padding, "pre_padding_nd", &IPaddingLayer::getPrePaddingNd, &IPaddingLayer::setPrePaddingNd);
    dims(padding, "post_padding_nd", &IPaddingLayer::getPostPaddingNd, &IPaddingLayer::setPostPaddingNd);
    nb::class_<IShuffleLayer, ILayer> shuffle(m, "IShuffleLayer");
    shuffle.def_prop_rw("zero_is_placeholder", &IShuffleLayer::getZeroIsPlaceholder,
                        &IShuffleLayer::setZeroIsPlaceholder);
    dims(shuffle, "reshape_dims", &IShuffleLayer::getReshapeDimensions, &IShuffleLayer::setReshapeDimensions);
    permutation(shuffle, "first_transpose", &IShuffleLayer::getFirstTranspose, &IShuffleLayer::setFirstTranspose);
    permutation(shuffle, "second_transpose", &IShuffleLayer::getSecondTranspose, &IShuffleLayer::setSecondTranspose);
    nb::class_<ISliceLayer, ILayer> slice(m, "ISliceLayer");
    slice.def_prop_rw("mode", &ISliceLayer::getMode, &ISliceLayer::setMode);
    dims(slice, "start", &ISliceLayer::getStart, &ISliceLayer::setStart);
    dims(slice, "shape", &ISliceLayer::getSize, &ISliceLayer::setSize);
    dims(slice, "stride", &ISliceLayer::getStride, &ISliceLayer::setStride);
    dims(slice, "axes", &ISliceLayer::getAxes, &ISliceLayer::setAxes);
    nb::class_<ITopKLayer, ILayer>(m, "ITopKLayer")
        .def_prop_rw("op", &ITopKLayer::getOperation, &ITopKLayer::setOperation)
        .def_prop_rw("k", &ITopKLayer::getK, &ITopKLayer::setK)
        .def_prop_rw("axes", &ITopKLayer::getReduceAxes, &ITopKLayer::setReduceAxes)
        .def_prop_rw("indices_type", &ITopKLayer::getIndicesType, &ITopKLayer::setIndicesType);
    nb::class_<IGatherLayer, ILayer>(m, "IGatherLayer")
        .def_prop_rw("axis", &IGatherLayer::getGatherAxis, &IGatherLayer::setGatherAxis)
        .def_prop_rw("num_elementwise_dims", &IGatherLayer::getNbElementWiseDims, &IGatherLayer::setNbElementWiseDims)
        .def_prop_rw("mode", &IGatherLayer::getMode, &IGatherLayer::setMode);
    nb::class_<IMatrixMultiplyLayer, ILayer>(m, "IMatrixMultiplyLayer")
        .def_prop_rw(
            "op0", [](const IMatrixMultiplyLayer& l) { return l.getOperation(0); },
            [](IMatrixMultiplyLayer& l, MatrixOperation op) { l.setOperation(0, op); })
        .def_prop_rw(
            "op1", [](const IMatrixMultiplyLayer& l) { return l.getOperation(1); },
            [](IMatrixMultiplyLayer& l, MatrixOperation op) { l.setOperation(1, op); });
    nb::class_<IConstantLayer, ILayer> constant(m, "IConstantLayer");
    dims(constant, "shape", &IConstantLayer::getDimensions, &IConstantLayer::setDimensions);
    weights(constant, "weights", &IConstantLayer::getWeights, &IConstantLayer::setWeights);
    nb::class_<IShapeLayer, ILayer>(m, "IShapeLayer");
    nb::class_<IRaggedSoftMaxLayer, ILayer>(m, "IRaggedSoftMaxLayer");
    nb::class_<IIdentityLayer, ILayer>(m, "IIdentityLayer");
    nb::class_<IParametricReLULayer, ILayer>(m, "IParametricReLULayer");
    nb::class_<ISelectLayer, ILayer>(m, "ISelectLayer");
    nb::class_<ISqueezeLayer, ILayer>(m, "ISqueezeLayer");
    nb::class_<IUnsqueezeLayer, ILayer>(m, "IUnsqueezeLayer");
    nb::class_<IDistCollectiveLayer, ILayer>(m, "IDistCollectiveLayer");
    nb::class_<IPluginV2Layer, ILayer>(m, "IPluginV2Layer");
    nb::class_<IPluginV3Layer, ILayer>(m, "IPluginV3Layer");
    nb::class_<ICastLayer, ILayer>(m, "ICastLayer")
        .def_prop_rw("to_type", &ICastLayer::getToType, &ICastLayer::setToType);
    nb::class_<INonZeroLayer, ILayer>(m, "INonZeroLayer")
        .def_prop_rw("indices_type", &INonZeroLayer::getIndicesType, &INonZeroLayer::setIndicesType);
}

}  // namespace lathe::python
