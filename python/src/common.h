// SPDX-License-Identifier: Apache-2.0
// What the parts of the module share.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "NvInfer.h"

namespace lathe::python {

namespace nb = nanobind;
using namespace nb::literals;

void bindTypes(nb::module_& m);
void bindCallbacks(nb::module_& m);
void bindNetwork(nb::module_& m);
void bindLayers(nb::module_& m);
void bindBuilder(nb::module_& m);
void bindRuntime(nb::module_& m);
void bindParser(nb::module_& m);

// None for a negative number of dimensions.
nb::object toTuple(const nvinfer1::Dims& dims);
// Errors: nb::type_error / nb::value_error for what is no shape of at most 8 integers.
nvinfer1::Dims toDims(nb::handle sequence);

// nvinfer1::Weights from Weights, a numpy array or None. `keeper` is what must stay alive: a contiguous array.
nvinfer1::Weights toWeights(nb::handle object, nb::object& keeper);
// trt.Weights: an array and the view of it.
struct PyWeights {
    nb::object array;
    nvinfer1::Weights weights{nvinfer1::DataType::kFLOAT, nullptr, 0};
};

// Names are handed to the library as char const*; None is refused by nanobind.
template <class T>
T* required(T* pointer, const char* what) {
    if (!pointer) throw std::runtime_error(std::string(what) + " failed; see the log");
    return pointer;
}

}  // namespace lathe::python
