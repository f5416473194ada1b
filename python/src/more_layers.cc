// SPDX-License-Identifier: Apache-2.0
// Layer classes and their properties, second half.
#include "layer_helpers.h"

namespace lathe::python {

using namespace nvinfer1;

namespace properties {

Permutation toPermutation(nb::handle sequence) {
    Permutation p{};
    for (int32_t i = 0; i < Dims::MAX_DIMS; ++i) p.order[i] = i;
    if (nb::isinstance<PyPermutation>(sequence)) {
        const auto& order = nb::cast<PyPermutation&>(sequence).order;
        for (size_t i = 0; i < order.size(); ++i) p.order[i] = order[i];
        return p;
    }
    Dims d = toDims(sequence);
    for (int32_t i = 0; i < d.nbDims; ++i) p.order[i] = static_cast<int32_t>(d.d[i]);
    return p;
}

nb::object fromPermutation(const Permutation& p) {
    return nb::cast(PyPermutation{{p.order, p.order + Dims::MAX_DIMS}});
}

}  // namespace properties

namespace {

template <class C>
void bindQuantize(C&& c) {
    using T = typename std::remove_reference_t<C>::Type;
    c.def_prop_rw("axis", &T::getAxis, &T::setAxis).def_prop_rw("to_type", &T::getToType, &T::setToType);
    properties::dims(c, "block_shape", &T::getBlockShape, &T::setBlockShape);
}

// Alpha and beta of a fill are integers once integers were set.
template <bool alpha>
nb::object fillValue(const IFillLayer& l) {
    if (l.isAlphaBetaInt64()) return nb::int_(alpha ? l.getAlphaInt64() : l.getBetaInt64());
    return nb::float_(alpha ? l.getAlpha() : l.getBeta());
}
template <bool alpha>
void setFillValue(IFillLayer& l, nb::handle v) {
    if (nb::isinstance<nb::int_>(v)) {
        auto i = nb::cast<int64_t>(v);
        alpha ? l.setAlphaInt64(i) : l.setBetaInt64(i);
    } else {
        auto d = nb::cast<double>(nb::float_(v));
        alpha ? l.setAlpha(d) : l.setBeta(d);
    }
}

}  // namespace

void bindMoreLayers(nb::module_& m) {
    using namespace properties;
    nb::class_<PyPermutation>(m, "Permutation", "An order of axes.")
        .def("__init__",
             [](PyPermutation* self, nb::handle order) {
                 Dims d = toDims(order);
                 new (self) PyPermutation{{d.d, d.d + d.nbDims}};
             })
        .def("__init__",
             [](PyPermutation* self) {
                 new (self) PyPermutation{{0, 1, 2, 3, 4, 5, 6, 7}};
             })
        .def("__len__", [](const PyPermutation& p) { return p.order.size(); })
        .def("__getitem__",
             [](const PyPermutation& p, int64_t i) {
                 auto n = static_cast<int64_t>(p.order.size());
                 if (i < -n || i >= n) throw nb::index_error();
                 return p.order[static_cast<size_t>(i < 0 ? i + n : i)];
             })
        .def("__eq__",
             [](const PyPermutation& p, nb::handle other) {
                 nb::list mine;
                 for (int32_t i : p.order) mine.append(i);
                 return nb::hasattr(other, "__len__") && nb::list(other).equal(mine);
             })
        .def("__repr__", [](const PyPermutation& p) {
            std::string s = "(";
            for (size_t i = 0; i < p.order.size(); ++i) s += (i ? ", " : "") + std::to_string(p.order[i]);
            return s + ")";
        });

    nb::class_<IResizeLayer, ILayer> resize(m, "IResizeLayer");
    dims(resize, "shape", &IResizeLayer::getOutputDimensions, &IResizeLayer::setOutputDimensions);
    resize
        .def_prop_rw(
            "scales",
            [](const IResizeLayer& l) {
                int32_t n = l.getScales(0, nullptr);
                std::vector<float> scales(static_cast<size_t>(n < 0 ? 0 : n));
                l.getScales(n, scales.data());
                return scales;
            },
            [](IResizeLayer& l, const std::vector<float>& s) { l.setScales(s.data(), static_cast<int32_t>(s.size())); })
        .def_prop_rw("resize_mode", &IResizeLayer::getResizeMode, &IResizeLayer::setResizeMode)
        .def_prop_rw("coordinate_transformation", &IResizeLayer::getCoordinateTransformation,
                     &IResizeLayer::setCoordinateTransformation)
        .def_prop_rw("selector_for_single_pixel", &IResizeLayer::getSelectorForSinglePixel,
                     &IResizeLayer::setSelectorForSinglePixel)
        .def_prop_rw("nearest_rounding", &IResizeLayer::getNearestRounding, &IResizeLayer::setNearestRounding)
        .def_prop_rw("exclude_outside", &IResizeLayer::getExcludeOutside, &IResizeLayer::setExcludeOutside)
        .def_prop_rw("cubic_coeff", &IResizeLayer::getCubicCoeff, &IResizeLayer::setCubicCoeff);
    nb::class_<IFillLayer, ILayer> fill(m, "IFillLayer");
    dims(fill, "shape", &IFillLayer::getDimensions, &IFillLayer::setDimensions);
    fill.def_prop_rw("operation", &IFillLayer::getOperation, &IFillLayer::setOperation)
        .def_prop_rw("alpha", fillValue<true>, setFillValue<true>)
        .def_prop_rw("beta", fillValue<false>, setFillValue<false>)
        .def_prop_rw("to_type", &IFillLayer::getToType, &IFillLayer::setToType)
        .def("is_alpha_beta_int64", &IFillLayer::isAlphaBetaInt64);
    bindQuantize(nb::class_<IQuantizeLayer, ILayer>(m, "IQuantizeLayer"));
    bindQuantize(nb::class_<IDequantizeLayer, ILayer>(m, "IDequantizeLayer"));
    nb::class_<IDynamicQuantizeLayer, ILayer> dynamic(m, "IDynamicQuantizeLayer");
    dynamic.def_prop_rw("axis", &IDynamicQuantizeLayer::getAxis, &IDynamicQuantizeLayer::setAxis)
        .def_prop_rw("block_size", &IDynamicQuantizeLayer::getBlockSize, &IDynamicQuantizeLayer::setBlockSize)
        .def_prop_rw("to_type", &IDynamicQuantizeLayer::getToType, &IDynamicQuantizeLayer::setToType)
        .def_prop_rw("scale_type", &IDynamicQuantizeLayer::getScaleType, &IDynamicQuantizeLayer::setScaleType);
    dims(dynamic, "block_shape", &IDynamicQuantizeLayer::getBlockShape, &IDynamicQuantizeLayer::setBlockShape);
    nb::class_<IEinsumLayer, ILayer>(m, "IEinsumLayer")
        .def_prop_rw("equation", &IEinsumLayer::getEquation, [](IEinsumLayer& l, const char* e) {
            if (!l.setEquation(e)) throw nb::value_error("the equation is refused; see the log");
        });
    nb::class_<IScatterLayer, ILayer>(m, "IScatterLayer")
        .def_prop_rw("axis", &IScatterLayer::getAxis, &IScatterLayer::setAxis)
        .def_prop_rw("mode", &IScatterLayer::getMode, &IScatterLayer::setMode);
    nb::class_<IAssertionLayer, ILayer>(m, "IAssertionLayer")
        .def_prop_rw("message", &IAssertionLayer::getMessage, &IAssertionLayer::setMessage);
    nb::class_<IOneHotLayer, ILayer>(m, "IOneHotLayer")
        .def_prop_rw("axis", &IOneHotLayer::getAxis, &IOneHotLayer::setAxis);
    nb::class_<IGridSampleLayer, ILayer>(m, "IGridSampleLayer")
        .def_prop_rw("interpolation_mode", &IGridSampleLayer::getInterpolationMode,
                     &IGridSampleLayer::setInterpolationMode)
        .def_prop_rw("align_corners", &IGridSampleLayer::getAlignCorners, &IGridSampleLayer::setAlignCorners)
        .def_prop_rw("sample_mode", &IGridSampleLayer::getSampleMode, &IGridSampleLayer::setSampleMode);
    nb::class_<INMSLayer, ILayer>(m, "INMSLayer")
        .def_prop_rw("bounding_box_format", &INMSLayer::getBoundingBoxFormat, &INMSLayer::setBoundingBoxFormat)
        .def_prop_rw("topk_box_limit", &INMSLayer::getTopKBoxLimit, &INMSLayer::setTopKBoxLimit)
        .def_prop_rw("indices_type", &INMSLayer::getIndicesType, &INMSLayer::setIndicesType);
    nb::class_<IReverseSequenceLayer, ILayer>(m, "IReverseSequenceLayer")
        .def_prop_rw("batch_axis", &IReverseSequenceLayer::getBatchAxis, &IReverseSequenceLayer::setBatchAxis)
        .def_prop_rw("sequence_axis", &IReverseSequenceLayer::getSequenceAxis, &IReverseSequenceLayer::setSequenceAxis);
    nb::class_<INormalizationLayer, ILayer>(m, "INormalizationLayer")
        .def_prop_rw("epsilon", &INormalizationLayer::getEpsilon, &INormalizationLayer::setEpsilon)
        .def_prop_rw("axes", &INormalizationLayer::getAxes, &INormalizationLayer::setAxes)
        .def_prop_rw("num_groups", &INormalizationLayer::getNbGroups, &INormalizationLayer::setNbGroups)
        .def_prop_rw("compute_precision", &INormalizationLayer::getComputePrecision,
                     &INormalizationLayer::setComputePrecision)
        .def_prop_ro("is_v2", &INormalizationLayer::isV2);
    nb::class_<ICumulativeLayer, ILayer>(m, "ICumulativeLayer")
        .def_prop_rw("op", &ICumulativeLayer::getOperation, &ICumulativeLayer::setOperation)
        .def_prop_rw("exclusive", &ICumulativeLayer::getExclusive, &ICumulativeLayer::setExclusive)
        .def_prop_rw("reverse", &ICumulativeLayer::getReverse, &ICumulativeLayer::setReverse);
    nb::class_<IRotaryEmbeddingLayer, ILayer>(m, "IRotaryEmbeddingLayer")
        .def_prop_rw("interleaved", &IRotaryEmbeddingLayer::getInterleaved, &IRotaryEmbeddingLayer::setInterleaved)
        .def_prop_rw("rotary_embedding_dim", &IRotaryEmbeddingLayer::getRotaryEmbeddingDim,
                     [](IRotaryEmbeddingLayer& l, int32_t d) {
                         if (!l.setRotaryEmbeddingDim(d))
                             throw nb::value_error("the dimension is refused; see the log");
                     });
    nb::class_<IKVCacheUpdateLayer, ILayer>(m, "IKVCacheUpdateLayer")
        .def_prop_rw("cache_mode", &IKVCacheUpdateLayer::getCacheMode, &IKVCacheUpdateLayer::setCacheMode);
    nb::class_<IMoELayer, ILayer> moe(m, "IMoELayer");
    moe.def_prop_rw("activation_type", &IMoELayer::getActivationType, &IMoELayer::setActivationType)
        .def("set_gated_weights", &IMoELayer::setGatedWeights, "fc_gate_weights"_a, "fc_up_weights"_a,
             "fc_down_weights"_a, "activation_type"_a)
        .def("set_gated_biases", &IMoELayer::setGatedBiases, "fc_gate_biases"_a, "fc_up_biases"_a, "fc_down_biases"_a)
        .def("set_quantization_static", &IMoELayer::setQuantizationStatic, "fc_down_activation_scale"_a, "data_type"_a)
        .def(
            "set_quantization_dynamic_dbl_q",
            [](IMoELayer& l, ITensor& scale, DataType type, nb::handle block, DataType scaleType) {
                l.setQuantizationDynamicDblQ(scale, type, toDims(block), scaleType);
            },
            "fc_down_activation_dbl_q_scale"_a, "data_type"_a, "block_shape"_a, "dyn_q_output_scale_type"_a)
        .def_prop_rw("quantization_to_type", &IMoELayer::getQuantizationToType, &IMoELayer::setQuantizationToType)
        .def_prop_rw("dyn_q_output_scale_type", &IMoELayer::getDynQOutputScaleType, &IMoELayer::setDynQOutputScaleType)
        .def("set_swiglu_params", &IMoELayer::setSwigluParams, "limit"_a, "alpha"_a, "beta"_a)
        .def_prop_rw("swiglu_param_limit", &IMoELayer::getSwigluParamLimit, &IMoELayer::setSwigluParamLimit)
        .def_prop_rw("swiglu_param_alpha", &IMoELayer::getSwigluParamAlpha, &IMoELayer::setSwigluParamAlpha)
        .def_prop_rw("swiglu_param_beta", &IMoELayer::getSwigluParamBeta, &IMoELayer::setSwigluParamBeta);
    dims(moe, "quantization_block_shape", &IMoELayer::getQuantizationBlockShape, &IMoELayer::setQuantizationBlockShape);
}

}  // namespace lathe::python
