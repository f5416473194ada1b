// SPDX-License-Identifier: Apache-2.0
// Enumerations, shapes, weights, host memory.
#include "common.h"

namespace lathe::python {

using namespace nvinfer1;

namespace {

// The class that shapes are answered in; set by the package's __init__.py.
nb::object& dimsClass() {
    static auto* c = new nb::object;  // must not be destroyed after the interpreter
    return *c;
}

}  // namespace

nb::object toTuple(const Dims& dims) {
    if (dims.nbDims < 0) return nb::none();
    nb::list list;
    for (int i = 0; i < dims.nbDims; ++i) list.append(dims.d[i]);
    if (dimsClass().is_valid()) return dimsClass()(list);
    return nb::tuple(list);
}

Dims toDims(nb::handle sequence) {
    Dims out{};
    if (PyIndex_Check(sequence.ptr())) {
        out.nbDims = 1;
        out.d[0] = nb::cast<int64_t>(nb::int_(sequence));
        return out;
    }
    if (!nb::hasattr(sequence, "__len__") || nb::isinstance<nb::str>(sequence))
        throw nb::type_error("a shape is a sequence of integers");
    size_t n = nb::len(sequence);
    if (n > Dims::MAX_DIMS) throw nb::value_error("a shape has at most 8 dimensions");
    out.nbDims = static_cast<int32_t>(n);
    for (size_t i = 0; i < n; ++i) {
        nb::object item = sequence[i];
        if (!PyIndex_Check(item.ptr())) throw nb::type_error("a shape is a sequence of integers");
        out.d[i] = nb::cast<int64_t>(nb::int_(item));
    }
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
    if (name == "float8_e8m0fnu") return DataType::kE8M0;
    std::string hint = name == "int4" || name == "uint4" || name == "float4_e2m1fn"
                           ? "; pack two elements a byte and give Weights(DataType, address, count)"
                           : "";
    throw nb::type_error(("arrays of " + name + " cannot be weights" + hint).c_str());
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

int64_t bytesOf(const Weights& w) {
    switch (w.type) {
        case DataType::kFLOAT:
        case DataType::kINT32: return w.count * 4;
        case DataType::kHALF:
        case DataType::kBF16: return w.count * 2;
        case DataType::kINT64: return w.count * 8;
        case DataType::kINT4:
        case DataType::kFP4: return (w.count + 1) / 2;
        default: return w.count;
    }
}

// Memory of the library, readable through the buffer protocol while its owner lives.
struct View {
    nb::object owner;
    const void* data;
    int64_t bytes;
};

int viewBuffer(PyObject* self, Py_buffer* view, int flags) {
    View* v = nb::inst_ptr<View>(nb::handle(self));
    return PyBuffer_FillInfo(view, self, const_cast<void*>(v->data), static_cast<Py_ssize_t>(v->bytes), /*readonly=*/1,
                             flags);
}
PyType_Slot viewSlots[] = {{Py_bf_getbuffer, reinterpret_cast<void*>(viewBuffer)}, {0, nullptr}};

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

nb::object fromWeights(const Weights& w, nb::handle owner) {
    nb::object numpy = nb::module_::import_("numpy");
    const char* name = nullptr;
    switch (w.type) {
        case DataType::kFLOAT: name = "float32"; break;
        case DataType::kHALF: name = "float16"; break;
        case DataType::kINT8: name = "int8"; break;
        case DataType::kINT32: name = "int32"; break;
        case DataType::kBOOL: name = "bool"; break;
        case DataType::kUINT8: name = "uint8"; break;
        case DataType::kINT64: name = "int64"; break;
        default: break;
    }
    nb::object view = nb::cast(View{nb::borrow(owner), w.values, w.values ? bytesOf(w) : 0});
    if (!name) return nb::cast(PyWeights{view, w});
    if (!w.values || w.count == 0) return numpy.attr("empty")(0, name);
    return numpy.attr("frombuffer")(view, name);
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
    bindEnum<DataType>(m, "DataType",
                       {{"FLOAT", DataType::kFLOAT},
                        {"HALF", DataType::kHALF},
                        {"INT8", DataType::kINT8},
                        {"INT32", DataType::kINT32},
                        {"BOOL", DataType::kBOOL},
                        {"UINT8", DataType::kUINT8},
                        {"FP8", DataType::kFP8},
                        {"BF16", DataType::kBF16},
                        {"INT64", DataType::kINT64},
                        {"INT4", DataType::kINT4},
                        {"FP4", DataType::kFP4},
                        {"E8M0", DataType::kE8M0}});
    bindEnum<TensorIOMode>(
        m, "TensorIOMode",
        {{"NONE", TensorIOMode::kNONE}, {"INPUT", TensorIOMode::kINPUT}, {"OUTPUT", TensorIOMode::kOUTPUT}});
    bindEnum<TensorLocation>(m, "TensorLocation",
                             {{"DEVICE", TensorLocation::kDEVICE}, {"HOST", TensorLocation::kHOST}});
    bindEnum<TensorFormat>(m, "TensorFormat",
                           {{"LINEAR", TensorFormat::kLINEAR},
                            {"CHW2", TensorFormat::kCHW2},
                            {"HWC8", TensorFormat::kHWC8},
                            {"CHW4", TensorFormat::kCHW4},
                            {"CHW16", TensorFormat::kCHW16},
                            {"CHW32", TensorFormat::kCHW32},
                            {"DHWC8", TensorFormat::kDHWC8},
                            {"CDHW32", TensorFormat::kCDHW32},
                            {"HWC", TensorFormat::kHWC},
                            {"DLA_LINEAR", TensorFormat::kDLA_LINEAR},
                            {"DLA_HWC4", TensorFormat::kDLA_HWC4},
                            {"HWC16", TensorFormat::kHWC16},
                            {"DHWC", TensorFormat::kDHWC}});
    bindEnum<ErrorCode>(m, "ErrorCodeTRT",
                        {{"SUCCESS", ErrorCode::kSUCCESS},
                         {"UNSPECIFIED_ERROR", ErrorCode::kUNSPECIFIED_ERROR},
                         {"INTERNAL_ERROR", ErrorCode::kINTERNAL_ERROR},
                         {"INVALID_ARGUMENT", ErrorCode::kINVALID_ARGUMENT},
                         {"INVALID_CONFIG", ErrorCode::kINVALID_CONFIG},
                         {"FAILED_ALLOCATION", ErrorCode::kFAILED_ALLOCATION},
                         {"FAILED_INITIALIZATION", ErrorCode::kFAILED_INITIALIZATION},
                         {"FAILED_EXECUTION", ErrorCode::kFAILED_EXECUTION},
                         {"FAILED_COMPUTATION", ErrorCode::kFAILED_COMPUTATION},
                         {"INVALID_STATE", ErrorCode::kINVALID_STATE},
                         {"UNSUPPORTED_STATE", ErrorCode::kUNSUPPORTED_STATE}});
    bindEnum<WeightsRole>(m, "WeightsRole",
                          {{"KERNEL", WeightsRole::kKERNEL},
                           {"BIAS", WeightsRole::kBIAS},
                           {"SHIFT", WeightsRole::kSHIFT},
                           {"SCALE", WeightsRole::kSCALE},
                           {"CONSTANT", WeightsRole::kCONSTANT},
                           {"ANY", WeightsRole::kANY}});
    bindEnum<DeviceType>(m, "DeviceType", {{"GPU", DeviceType::kGPU}, {"DLA", DeviceType::kDLA}});
    bindEnum<APILanguage>(m, "APILanguage", {{"CPP", APILanguage::kCPP}, {"PYTHON", APILanguage::kPYTHON}});
    bindEnum<DimensionOperation>(m, "DimensionOperation",
                                 {{"SUM", DimensionOperation::kSUM},
                                  {"PROD", DimensionOperation::kPROD},
                                  {"MAX", DimensionOperation::kMAX},
                                  {"MIN", DimensionOperation::kMIN},
                                  {"SUB", DimensionOperation::kSUB},
                                  {"EQUAL", DimensionOperation::kEQUAL},
                                  {"LESS", DimensionOperation::kLESS},
                                  {"FLOOR_DIV", DimensionOperation::kFLOOR_DIV},
                                  {"CEIL_DIV", DimensionOperation::kCEIL_DIV}});
    m.def("_set_dims_class", [](nb::object c) { dimsClass() = std::move(c); });
    // What the class is for is over when the interpreter ends.
    m.def("_forget", [] { dimsClass() = nb::object(); });

    nb::class_<View>(m, "_View", nb::type_slots(viewSlots));
    nb::class_<PyWeights>(m, "Weights", "A view of a numpy array, of memory at an address, or empty weights of a type.")
        .def(
            "__init__",
            [](PyWeights* self, DataType type) {
                new (self) PyWeights{nb::none(), {type, nullptr, 0}};
            },
            "type"_a = DataType::kFLOAT)
        .def(
            "__init__",
            [](PyWeights* self, DataType type, uintptr_t ptr, int64_t count) {
                if (count < 0 || (count > 0 && !ptr)) throw nb::value_error("elements at a null address");
                new (self) PyWeights{nb::none(), {type, reinterpret_cast<void*>(ptr), count}};
            },
            "type"_a, "ptr"_a, "count"_a)
        .def(
            "__init__", [](PyWeights* self, nb::object array) { new (self) PyWeights(weightsOf(array)); }, "a"_a)
        .def("numpy",
             [](nb::object self) {
                 const PyWeights& w = nb::cast<PyWeights&>(self);
                 if (nb::hasattr(w.array, "dtype")) return w.array;
                 nb::object array = fromWeights(w.weights, self);
                 if (nb::isinstance<PyWeights>(array)) throw nb::type_error("numpy has no type for these weights");
                 return array;
             })
        .def("__len__", [](const PyWeights& w) { return w.weights.count; })
        .def_prop_ro("dtype", [](const PyWeights& w) { return w.weights.type; })
        .def_prop_ro("size", [](const PyWeights& w) { return w.weights.count; })
        .def_prop_ro("nbytes", [](const PyWeights& w) { return bytesOf(w.weights); });

    nb::class_<IHostMemory>(m, "IHostMemory", nb::type_slots(hostMemorySlots),
                            "Bytes that the library made, readable as a buffer.")
        .def_prop_ro("nbytes", [](const IHostMemory& h) { return h.size(); })
        .def_prop_ro("dtype", [](const IHostMemory& h) { return h.type(); })
        .def("__len__", [](const IHostMemory& h) { return h.size(); })
        .def("__bytes__", [](const IHostMemory& h) { return nb::bytes(h.data(), h.size()); });
}

}  // namespace lathe::python
