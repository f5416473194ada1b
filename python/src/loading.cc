// SPDX-License-Identifier: Apache-2.0
#include "loading.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>

#include "Lathe.h"

namespace lathe::python {

using namespace nvinfer1;

namespace {

// Reads a memory map that is not writable, and lets go of its pages as they are copied: they are the file's, so they
// come back when somebody looks at them again.
class MapReader final : public IStreamReader {
  public:
    MapReader(const void* data, size_t size) : data_(static_cast<const char*>(data)), size_(size) {}
    int64_t read(void* to, int64_t n) override {
        size_t take = std::min(static_cast<size_t>(n), size_ - at_);
        std::memcpy(to, data_ + at_, take);
        at_ += take;
        constexpr uintptr_t kPage = 4096;
        uintptr_t from = (reinterpret_cast<uintptr_t>(data_) + released_ + kPage - 1) / kPage * kPage;
        uintptr_t end = (reinterpret_cast<uintptr_t>(data_) + at_) / kPage * kPage;
        if (end > from) {
            ::madvise(reinterpret_cast<void*>(from), end - from, MADV_DONTNEED);
            released_ = end - reinterpret_cast<uintptr_t>(data_);
        }
        return static_cast<int64_t>(take);
    }

  private:
    const char* data_;
    size_t size_, at_ = 0, released_ = 0;
};

void dropReference(void* object) {
    if (!Py_IsInitialized()) return;
    nb::gil_scoped_acquire gil;
    Py_DECREF(static_cast<PyObject*>(object));
}

bool isMemoryMap(nb::handle h) {
    nb::object type = nb::module_::import_("mmap").attr("mmap");
    return PyObject_IsInstance(h.ptr(), type.ptr()) == 1;
}

}  // namespace

ICudaEngine* deserializeBuffer(IRuntime& runtime, nb::handle plan) {
    Py_buffer view;
    if (PyObject_GetBuffer(plan.ptr(), &view, PyBUF_SIMPLE) != 0) throw nb::python_error();
    size_t size = static_cast<size_t>(view.len);
    ICudaEngine* engine = nullptr;
    // These never change, so the engine may refer to them, and keeps them alive. Other buffers are copied: whoever made
    // them may write to them or close them.
    if (PyBytes_CheckExact(plan.ptr()) || nb::isinstance<IHostMemory>(plan)) {
        Py_INCREF(plan.ptr());
        nb::gil_scoped_release released;
        engine = lathe::loadEngine(runtime, view.buf, size, dropReference, plan.ptr());
    } else if (view.readonly && isMemoryMap(plan)) {
        MapReader reader(view.buf, size);
        nb::gil_scoped_release released;
        engine = runtime.deserializeCudaEngine(reader);
    } else {
        nb::gil_scoped_release released;
        engine = runtime.deserializeCudaEngine(view.buf, size);
    }
    PyBuffer_Release(&view);
    return engine;
}

ICudaEngine* loadFile(IRuntime& runtime, nb::handle path) {
    nb::object encoded =
        nb::steal(PyUnicode_Check(path.ptr()) ? PyUnicode_EncodeFSDefault(path.ptr()) : PyOS_FSPath(path.ptr()));
    if (encoded.is_valid() && PyUnicode_Check(encoded.ptr()))
        encoded = nb::steal(PyUnicode_EncodeFSDefault(encoded.ptr()));
    if (!encoded.is_valid()) throw nb::python_error();
    std::string name(PyBytes_AsString(encoded.ptr()));
    nb::gil_scoped_release released;
    return lathe::loadEngine(runtime, name.c_str());
}

}  // namespace lathe::python
