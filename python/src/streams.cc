// SPDX-License-Identifier: Apache-2.0
// Where plans come from and go to: readers, writers, buffers, files; and memory that users give.
#include <nanobind/trampoline.h>

#include <sys/mman.h>

#include <algorithm>
#include <cstring>

#include "Lathe.h"
#include "common.h"

namespace lathe::python {

using namespace nvinfer1;

namespace {

// An exception in a callback must not cross into the library: it is printed, and the callback answers `otherwise`.
template <class F, class T>
T call(F&& f, T otherwise) noexcept {
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

// Copies what a reader's method answered; -1 for more than was asked for.
int64_t takeBytes(nb::handle answer, void* to, int64_t most) {
    if (answer.is_none()) return 0;
    Py_buffer view;
    if (PyObject_GetBuffer(answer.ptr(), &view, PyBUF_SIMPLE) != 0) throw nb::python_error();
    int64_t n = view.len <= most ? static_cast<int64_t>(view.len) : -1;
    if (n > 0) std::memcpy(to, view.buf, static_cast<size_t>(n));
    PyBuffer_Release(&view);
    return n;
}

class PyIStreamReader : public IStreamReader {
  public:
    NB_TRAMPOLINE(IStreamReader, 1);
    int64_t read(void* to, int64_t n) override {
        return call([&] { return takeBytes(nb_trampoline.base().attr("read")(n), to, n); }, int64_t{-1});
    }
};

class PyIStreamReaderV2 : public IStreamReaderV2 {
  public:
    NB_TRAMPOLINE(IStreamReaderV2, 2);
    int64_t read(void* to, int64_t n, cudaStream_t stream) noexcept override {
        return call(
            [&] { return takeBytes(nb_trampoline.base().attr("read")(n, reinterpret_cast<uintptr_t>(stream)), to, n); },
            int64_t{-1});
    }
    bool seek(int64_t offset, SeekPosition where) noexcept override {
        return call([&] { return nb::cast<bool>(nb_trampoline.base().attr("seek")(offset, where)); }, false);
    }
};

class PyIStreamWriter : public IStreamWriter {
  public:
    NB_TRAMPOLINE(IStreamWriter, 1);
    int64_t write(void const* data, int64_t n) override {
        return call(
            [&] {
                nb::bytes copy(static_cast<const char*>(data), static_cast<size_t>(n));
                return nb::cast<int64_t>(nb_trampoline.base().attr("write")(copy));
            },
            int64_t{-1});
    }
};

void* toPointer(nb::handle address) {
    return address.is_none() ? nullptr : reinterpret_cast<void*>(nb::cast<uintptr_t>(address));
}

class PyIGpuAllocator : public IGpuAllocator {
  public:
    NB_TRAMPOLINE(IGpuAllocator, 5);
    void* allocate(uint64_t size, uint64_t alignment, AllocatorFlags flags) noexcept override {
        return call([&] { return toPointer(self().attr("allocate")(size, alignment, flags)); },
                    static_cast<void*>(nullptr));
    }
    bool deallocate(void* memory) noexcept override {
        return call([&] { return nb::cast<bool>(self().attr("deallocate")(address(memory))); }, false);
    }
    void* reallocate(void* memory, uint64_t alignment, uint64_t size) noexcept override {
        return call(
            [&]() -> void* {
                if (!nb::hasattr(self(), "reallocate")) return nullptr;
                return toPointer(self().attr("reallocate")(address(memory), alignment, size));
            },
            static_cast<void*>(nullptr));
    }
    void* allocateAsync(uint64_t size, uint64_t alignment, AllocatorFlags flags,
                        cudaStream_t stream) noexcept override {
        return call(
            [&] {
                return nb::hasattr(self(), "allocate_async")
                           ? toPointer(self().attr("allocate_async")(size, alignment, flags, address(stream)))
                           : toPointer(self().attr("allocate")(size, alignment, flags));
            },
            static_cast<void*>(nullptr));
    }
    bool deallocateAsync(void* memory, cudaStream_t stream) noexcept override {
        return call(
            [&] {
                return nb::cast<bool>(nb::hasattr(self(), "deallocate_async")
                                          ? self().attr("deallocate_async")(address(memory), address(stream))
                                          : self().attr("deallocate")(address(memory)));
            },
            false);
    }

  private:
    nb::handle self() const { return nb_trampoline.base(); }
    static uintptr_t address(const void* p) { return reinterpret_cast<uintptr_t>(p); }
};

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

ICudaEngine* deserialize(IRuntime& runtime, nb::handle plan) {
    if (IStreamReader* reader = nullptr; nb::try_cast(plan, reader) && reader) {
        nb::gil_scoped_release released;
        return runtime.deserializeCudaEngine(*reader);
    }
    if (IStreamReaderV2* reader = nullptr; nb::try_cast(plan, reader) && reader) {
        nb::gil_scoped_release released;
        return runtime.deserializeCudaEngine(*reader);
    }
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

}  // namespace

void bindStreams(nb::module_& m) {
    nb::enum_<SeekPosition>(m, "SeekPosition", nb::is_arithmetic())
        .value("SET", SeekPosition::kSET)
        .value("CUR", SeekPosition::kCUR)
        .value("END", SeekPosition::kEND);
    nb::class_<IStreamReader, PyIStreamReader>(
        m, "IStreamReader", "Where a plan is read from: override read(self, size), which answers at most size bytes.")
        .def(nb::init<>());
    nb::class_<IStreamReaderV2, PyIStreamReaderV2>(
        m, "IStreamReaderV2",
        "Where a plan is read from: override read(self, num_bytes, stream) and seek(self, offset, where).")
        .def(nb::init<>());
    nb::class_<IStreamWriter, PyIStreamWriter>(
        m, "IStreamWriter", "Where a plan is written to: override write(self, data), which answers how much it took.")
        .def(nb::init<>());
    nb::enum_<AllocatorFlag>(m, "AllocatorFlag", nb::is_arithmetic()).value("RESIZABLE", AllocatorFlag::kRESIZABLE);
    nb::class_<IGpuAllocator, PyIGpuAllocator>(
        m, "IGpuAllocator",
        "Memory for contexts: override allocate(self, size, alignment, flags) and deallocate(self, memory), or "
        "allocate_async and deallocate_async, which get the stream as well. An address, or None when there is no "
        "memory.")
        .def(nb::init<>());
}

void bindLoading(nb::class_<IRuntime>& c) {
    c.def("deserialize_cuda_engine", deserialize, "serialized_engine"_a, nb::rv_policy::take_ownership,
          nb::keep_alive<0, 1>(),
          "Loads a plan: a buffer (IHostMemory, bytes, a memory map) or a stream reader. None when it fails.")
        .def(
            "load_cuda_engine",
            [](IRuntime& r, nb::handle path) {
                nb::object encoded = nb::steal(PyUnicode_Check(path.ptr()) ? PyUnicode_EncodeFSDefault(path.ptr())
                                                                           : PyOS_FSPath(path.ptr()));
                if (encoded.is_valid() && PyUnicode_Check(encoded.ptr()))
                    encoded = nb::steal(PyUnicode_EncodeFSDefault(encoded.ptr()));
                if (!encoded.is_valid()) throw nb::python_error();
                std::string name(PyBytes_AsString(encoded.ptr()));
                nb::gil_scoped_release released;
                return lathe::loadEngine(r, name.c_str());
            },
            "path"_a, nb::rv_policy::take_ownership, nb::keep_alive<0, 1>(),
            "Loads a plan file by mapping it (an extension of Lathe): takes the least memory, and processes share its "
            "pages. The file must not be written to while the engine lives; replace it by renaming another over it.")
        .def_prop_rw(
            "gpu_allocator", [](IRuntime&) -> nb::object { return nb::none(); },
            [](IRuntime& r, IGpuAllocator* a) { r.setGpuAllocator(a); }, nb::for_setter(nb::keep_alive<1, 2>()),
            nb::for_setter(nb::arg("allocator").none()));
}

}  // namespace lathe::python
