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
void bindCalibrators(nb::module_& m);
void bindAllocators(nb::module_& m);
void bindNetwork(nb::module_& m);
void bindFactories(nb::module_& m);
void bindLayerEnums(nb::module_& m);
void bindLayers(nb::module_& m);
void bindMoreLayers(nb::module_& m);
void bindControlFlow(nb::module_& m);
void bindConfig(nb::module_& m);
void bindBuilder(nb::module_& m);
void bindEngine(nb::module_& m);
void bindContext(nb::module_& m);
void bindRuntime(nb::module_& m);
void bindRefitter(nb::module_& m);
void bindPlugins(nb::module_& m);
void bindParser(nb::module_& m);

// The class network, defined first and given its factories by bindFactories().
using NetworkClass = nb::class_<nvinfer1::INetworkDefinition>;
NetworkClass& networkClass();

// An enumeration with its values in one list.
template <class E>
void bindEnum(nb::handle scope, const char* name, std::initializer_list<std::pair<const char*, E>> values,
              bool exportValues = false) {
    nb::enum_<E> e(scope, name, nb::is_arithmetic());
    for (const auto& [n, v] : values) e.value(n, v);
    if (exportValues) e.export_values();
}

// tensorrt.Dims; None for a negative number of dimensions.
nb::object toTuple(const nvinfer1::Dims& dims);
// Errors: nb::type_error / nb::value_error for what is no shape of at most 8 integers.
nvinfer1::Dims toDims(nb::handle sequence);

// nvinfer1::Weights from Weights, a numpy array or None. `keeper` is what must stay alive: a contiguous array.
nvinfer1::Weights toWeights(nb::handle object, nb::object& keeper);
// A numpy array over the library's weights, without a copy, or Weights where numpy lacks the type. `owner` holds them.
nb::object fromWeights(const nvinfer1::Weights& weights, nb::handle owner);
// trt.Weights: an array and the view of it.
struct PyWeights {
    nb::object array;
    nvinfer1::Weights weights{nvinfer1::DataType::kFLOAT, nullptr, 0};
};

// A layer as the class of its type; it keeps `network` alive. None for null.
nb::object toLayer(nb::handle network, nvinfer1::ILayer* layer);
// Weights given to a layer must live as long as its network.
void keepForNetworkOf(const nvinfer1::ILayer& layer, nb::handle keeper);

// Names are handed to the library as char const*; None is refused by nanobind.
template <class T>
T* required(T* pointer, const char* what) {
    if (!pointer) throw std::runtime_error(std::string(what) + " failed; see the log");
    return pointer;
}

inline nb::object textOrNone(const char* text) { return text ? nb::object(nb::str(text)) : nb::none(); }

// A bytes-like object while this lives. Errors: TypeError.
class Buffer {
  public:
    explicit Buffer(nb::handle object) {
        if (PyObject_GetBuffer(object.ptr(), &view_, PyBUF_SIMPLE) != 0) throw nb::python_error();
    }
    ~Buffer() { PyBuffer_Release(&view_); }
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    void* data() const { return view_.buf; }
    size_t size() const { return static_cast<size_t>(view_.len); }

  private:
    Py_buffer view_{};
};

// An exception in a callback must not cross into the library: it is printed, and the callback answers `otherwise`.
template <class F, class T>
T callPython(F&& f, T otherwise) noexcept {
    nb::gil_scoped_acquire gil;
    try {
        return f();
    } catch (nb::python_error& e) {
        e.restore();
        PyErr_WriteUnraisable(nullptr);
    } catch (const std::exception& e) {
        PyErr_SetString(PyExc_RuntimeError, e.what());
        PyErr_WriteUnraisable(nullptr);
    }
    return otherwise;
}
template <class F>
void callPython(F&& f) noexcept {
    callPython(
        [&] {
            f();
            return 0;
        },
        0);
}

}  // namespace lathe::python
