// SPDX-License-Identifier: Apache-2.0
// Enumerations, shapes, weights, host memory.
#include "common.h"

namespace lathe::python {

using namespace nvinfer1;

nb::object toTuple(const Dims& dims) {
    if (dims.nbDims < 0) return nb::none();
    nb::list list;
    for (int i = 0; i < dims.nbDims; ++i) list.append(dims.d[i]);
    return nb::tuple(list);
}

Dims toDims(nb::handle sequence) {
    Dims out{};
    if (nb::isinstance<nb::int_>(sequence)) {
        out.nbDims = 1;
        out.d[0] = nb::cast<int64_t>(sequence);
        return out;
    }
    size_t n = nb::len(sequence);
    if (n > Dims::MAX_DIMS) throw nb::value_error("a shape has at most 8 dimensions");
    out.nbDims = static_cast<int32_t>(n);
    for (size_t i = 0; i < n; ++i) out.d[i] = nb::cast<int64_t>(nb::int_(sequence[i]));
    return out;
}

namespace {

DataType typeOfArray(nb::handle array) {
    std::string name = nb::cast<std::string>(nb::str(array.attr("dtype").attr("name")));
    if (name == "float32") return DataType::kFLOAT;
    if (name == "float16") return DataType::kHALF;
    if (name == "bfloat16") return DataType::kBF16;
    if (name == "int8") return DataType::kINT8;
    if (name == "uint8") return DataType::kUINT8;
    if (name == "int32") return DataType::kINT32;
    if (name == "int64") return DataType::kINT64;
    if (name == "bool") return DataType::kBOOL;
    if (name == "float8_e4m3fn") return DataType::kFP8;
    throw nb::type_error(("arrays of " + name + " cannot be weights").c_str());
}

PyWeights weightsOf(nb::handle object) {
    PyWeights w;
    nb::object numpy = nb::module_::import_("numpy");
    w.array = numpy.attr("ascontiguousarray")(object);
    w.weights.type = typeOfArray(w.array);
    w.weights.count = nb::cast<int64_t>(nb::int_(w.array.attr("size")));
    w.weights.values =
        w.weights.count ? reinterpret_cast<void*>(nb::cast<uintptr_t>(w.array.attr("ctypes").attr("data"))) : nullptr;
    return w;
}

}  // namespace

Weights toWeights(nb::handle object, nb::object& keeper) {
    if (object.is_none()) return {DataType::kFLOAT, nullptr, 0};
    if (nb::isinstance<PyWeights>(object)) {
        keeper = nb::borrow(object);
        return nb::cast<PyWeights&>(object).weights;
    }
    PyWeights w = weightsOf(object);
    keeper = w.array;
    return w.weights;
}

namespace {

// IHostMemory as a buffer: memoryview(plan), bytes(plan), file.write(plan).
int getBuffer(PyObject* self, Py_buffer* view, int flags) {
    IHostMemory* memory = nb::inst_ptr<IHostMemory>(nb::handle(self));
    return PyBuffer_FillInfo(view, self, memory->data(), static_cast<Py_ssize_t>(memory->size()), /*readonly=*/1,
                             flags);
}

PyType_Slot hostMemorySlots[] = {{Py_bf_getbuffer, reinterpret_cast<void*>(getBuffer)}, {0, nullptr}};

}  // namespace

void bindTypes(nb::module_& m) {
    nb::enum_<DataType>(m, "DataType", nb::is_arithmetic())
        .value("FLOAT", DataType::kFLOAT)
        .value("HALF", DataType::kHALF)
        .value("INT8", DataType::kINT8)
        .value("INT32", DataType::kINT32)
        .value("BOOL", DataType::kBOOL)
        .value("UINT8", DataType::kUINT8)
        .value("FP8", DataType::kFP8)
        .value("BF16", DataType::kBF16)
        .value("INT64", DataType::kINT64)
        .value("INT4", DataType::kINT4)
        .value("FP4", DataType::kFP4)
        .value("E8M0", DataType::kE8M0);
    nb::enum_<TensorIOMode>(m, "TensorIOMode")
        .value("NONE", TensorIOMode::kNONE)
        .value("INPUT", TensorIOMode::kINPUT)
        .value("OUTPUT", TensorIOMode::kOUTPUT);
    nb::enum_<TensorLocation>(m, "TensorLocation")
        .value("DEVICE", TensorLocation::kDEVICE)
        .value("HOST", TensorLocation::kHOST);
    nb::enum_<TensorFormat>(m, "TensorFormat", nb::is_arithmetic())
        .value("LINEAR", TensorFormat::kLINEAR)
        .value("CHW2", TensorFormat::kCHW2)
        .value("HWC8", TensorFormat::kHWC8)
        .value("CHW4", TensorFormat::kCHW4)
        .value("CHW16", TensorFormat::kCHW16)
        .value("CHW32", TensorFormat::kCHW32)
        .value("DHWC8", TensorFormat::kDHWC8)
        .value("CDHW32", TensorFormat::kCDHW32)
        .value("HWC", TensorFormat::kHWC)
        .value("DLA_LINEAR", TensorFormat::kDLA_LINEAR)
        .value("DLA_HWC4", TensorFormat::kDLA_HWC4)
        .value("HWC16", TensorFormat::kHWC16)
        .value("DHWC", TensorFormat::kDHWC);
    nb::enum_<ErrorCode>(m, "ErrorCodeTRT", nb::is_arithmetic())
        .value("SUCCESS", ErrorCode::kSUCCESS)
        .value("UNSPECIFIED_ERROR", ErrorCode::kUNSPECIFIED_ERROR)
        .value("INTERNAL_ERROR", ErrorCode::kINTERNAL_ERROR)
        .value("INVALID_ARGUMENT", ErrorCode::kINVALID_ARGUMENT)
        .value("INVALID_CONFIG", ErrorCode::kINVALID_CONFIG)
        .value("FAILED_ALLOCATION", ErrorCode::kFAILED_ALLOCATION)
        .value("FAILED_INITIALIZATION", ErrorCode::kFAILED_INITIALIZATION)
        .value("FAILED_EXECUTION", ErrorCode::kFAILED_EXECUTION)
        .value("FAILED_COMPUTATION", ErrorCode::kFAILED_COMPUTATION)
        .value("INVALID_STATE", ErrorCode::kINVALID_STATE)
        .value("UNSUPPORTED_STATE", ErrorCode::kUNSUPPORTED_STATE);

    nb::class_<PyWeights>(m, "Weights", "A view of a numpy array, or empty weights of a type.")
        .def(
            "__init__",
            [](PyWeights* self, DataType type) {
                new (self) PyWeights{nb::none(), {type, nullptr, 0}};
            },
            "type"_a)
        .def(
            "__init__", [](PyWeights* self, nb::object array) { new (self) PyWeights(weightsOf(array)); }, "a"_a)
        .def("numpy", [](const PyWeights& w) { return w.array; })
        .def("__len__", [](const PyWeights& w) { return w.weights.count; })
        .def_prop_ro("dtype", [](const PyWeights& w) { return w.weights.type; })
        .def_prop_ro("size", [](const PyWeights& w) { return w.weights.count; });

    nb::class_<IHostMemory>(m, "IHostMemory", nb::type_slots(hostMemorySlots),
                            "Bytes that the library made, readable as a buffer.")
        .def_prop_ro("nbytes", [](const IHostMemory& h) { return h.size(); })
        .def_prop_ro("dtype", [](const IHostMemory& h) { return h.type(); })
        .def("__len__", [](const IHostMemory& h) { return h.size(); })
        .def("__bytes__", [](const IHostMemory& h) { return nb::bytes(h.data(), h.size()); });
}

}  // namespace lathe::python
