// SPDX-License-Identifier: Apache-2.0
// Properties that come again and again in layers.
#pragma once

#include "common.h"

namespace lathe::python::properties {

// trt.Permutation: the first entries of the API's eight.
struct PyPermutation {
    std::vector<int32_t> order;
};
nvinfer1::Permutation toPermutation(nb::handle sequence);
nb::object fromPermutation(const nvinfer1::Permutation& p);

template <class C, class Get, class Set>
void dims(C& c, const char* name, Get get, Set set) {
    using T = typename C::Type;
    c.def_prop_rw(
        name, [get](const T& l) { return toTuple((l.*get)()); }, [set](T& l, nb::handle d) { (l.*set)(toDims(d)); });
}

template <class C, class Get, class Set>
void permutation(C& c, const char* name, Get get, Set set) {
    using T = typename C::Type;
    c.def_prop_rw(
        name, [get](const T& l) { return fromPermutation((l.*get)()); },
        [set](T& l, nb::handle p) { (l.*set)(toPermutation(p)); });
}

template <class C, class Get, class Set>
void weights(C& c, const char* name, Get get, Set set) {
    using T = typename C::Type;
    c.def_prop_rw(
        name, [get](nb::object self) { return fromWeights((nb::cast<const T&>(self).*get)(), self); },
        [set](T& l, nb::handle w) {
            nb::object keeper;
            (l.*set)(toWeights(w, keeper));
            keepForNetworkOf(l, keeper);
        },
        nb::for_setter(nb::arg("weights").none()));
}

// What convolution and deconvolution share.
template <class C>
void convolution(C& c) {
    using T = typename C::Type;
    c.def_prop_rw("num_output_maps", &T::getNbOutputMaps, &T::setNbOutputMaps)
        .def_prop_rw("num_groups", &T::getNbGroups, &T::setNbGroups)
        .def_prop_rw("padding_mode", &T::getPaddingMode, &T::setPaddingMode);
    weights(c, "kernel", &T::getKernelWeights, &T::setKernelWeights);
    weights(c, "bias", &T::getBiasWeights, &T::setBiasWeights);
    dims(c, "pre_padding", &T::getPrePadding, &T::setPrePadding);
    dims(c, "post_padding", &T::getPostPadding, &T::setPostPadding);
    dims(c, "kernel_size_nd", &T::getKernelSizeNd, &T::setKernelSizeNd);
    dims(c, "stride_nd", &T::getStrideNd, &T::setStrideNd);
    dims(c, "padding_nd", &T::getPaddingNd, &T::setPaddingNd);
    dims(c, "dilation_nd", &T::getDilationNd, &T::setDilationNd);
}

}  // namespace lathe::python::properties
