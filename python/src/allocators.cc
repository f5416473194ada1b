// SPDX-License-Identifier: Apache-2.0
// Allocators that users implement. Addresses are integers; None or 0 is no memory.
#include <nanobind/trampoline.h>

#include "common.h"

namespace lathe::python {

using namespace nvinfer1;

namespace {

void* toAddress(const nb::object& o) { return o.is_none() ? nullptr : reinterpret_cast<void*>(nb::cast<uintptr_t>(o)); }
uintptr_t number(const void* p) { return reinterpret_cast<uintptr_t>(p); }

template <class F>
void* address(F&& f) noexcept {
    return callPython([&] { return toAddress(f()); }, static_cast<void*>(nullptr));
}

class PyIOutputAllocator : public IOutputAllocator {
  public:
    NB_TRAMPOLINE(IOutputAllocator);
    APILanguage getAPILanguage() const noexcept override { return APILanguage::kPYTHON; }
    void* reallocateOutput(char const* name, void* current, uint64_t size, uint64_t alignment) noexcept override {
        return address(
            [&] { return nb_trampoline.base().attr("reallocate_output")(name, number(current), size, alignment); });
    }
    void* reallocateOutputAsync(char const* name, void* current, uint64_t size, uint64_t alignment,
                                cudaStream_t stream) override {
        return address([&]() -> nb::object {
            nb::handle self = nb_trampoline.base();
            if (nb::hasattr(self, "reallocate_output_async"))
                return self.attr("reallocate_output_async")(name, number(current), size, alignment, number(stream));
            return self.attr("reallocate_output")(name, number(current), size, alignment);
        });
    }
    void notifyShape(char const* name, Dims const& dims) noexcept override {
        callPython([&] { nb_trampoline.base().attr("notify_shape")(name, toTuple(dims)); });
    }
};

class PyIGpuAllocator : public IGpuAllocator {
  public:
    NB_TRAMPOLINE(IGpuAllocator);
    APILanguage getAPILanguage() const noexcept override { return APILanguage::kPYTHON; }
    void* allocate(uint64_t const size, uint64_t const alignment, AllocatorFlags const flags) noexcept override {
        return address([&] { return nb_trampoline.base().attr("allocate")(size, alignment, flags); });
    }
    void* reallocate(void* const memory, uint64_t alignment, uint64_t size) noexcept override {
        return address([&]() -> nb::object {
            nb::handle self = nb_trampoline.base();
            if (!nb::hasattr(self, "reallocate")) return nb::none();
            return self.attr("reallocate")(number(memory), alignment, size);
        });
    }
    bool deallocate(void* const memory) noexcept override {
        return callPython([&] { return nb::cast<bool>(nb_trampoline.base().attr("deallocate")(number(memory))); },
                          false);
    }
    void* allocateAsync(uint64_t const size, uint64_t const alignment, AllocatorFlags const flags,
                        cudaStream_t stream) noexcept override {
        return address([&]() -> nb::object {
            nb::handle self = nb_trampoline.base();
            if (nb::hasattr(self, "allocate_async"))
                return self.attr("allocate_async")(size, alignment, flags, number(stream));
            return self.attr("allocate")(size, alignment, flags);
        });
    }
    bool deallocateAsync(void* const memory, cudaStream_t stream) noexcept override {
        return callPython(
            [&] {
                nb::handle self = nb_trampoline.base();
                return nb::cast<bool>(nb::hasattr(self, "deallocate_async")
                                          ? self.attr("deallocate_async")(number(memory), number(stream))
                                          : self.attr("deallocate")(number(memory)));
            },
            false);
    }
};

class PyIGpuAsyncAllocator : public IGpuAsyncAllocator {
  public:
    NB_TRAMPOLINE(IGpuAsyncAllocator);
    APILanguage getAPILanguage() const noexcept override { return APILanguage::kPYTHON; }
    void* allocateAsync(uint64_t const size, uint64_t const alignment, AllocatorFlags const flags,
                        cudaStream_t stream) noexcept override {
        return address(
            [&] { return nb_trampoline.base().attr("allocate_async")(size, alignment, flags, number(stream)); });
    }
    bool deallocateAsync(void* const memory, cudaStream_t stream) noexcept override {
        return callPython(
            [&] {
                return nb::cast<bool>(nb_trampoline.base().attr("deallocate_async")(number(memory), number(stream)));
            },
            false);
    }
};

}  // namespace

void bindAllocators(nb::module_& m) {
    bindEnum<AllocatorFlag>(m, "AllocatorFlag", {{"RESIZABLE", AllocatorFlag::kRESIZABLE}});
    nb::class_<IOutputAllocator, IVersionedInterface, PyIOutputAllocator>(
        m, "IOutputAllocator",
        "Allocates outputs whose size is known only while running: override reallocate_output (or "
        "reallocate_output_async) "
        "and notify_shape.")
        .def(nb::init<>());
    nb::class_<IGpuAllocator, IVersionedInterface, PyIGpuAllocator>(
        m, "IGpuAllocator", "Override allocate(self, size, alignment, flags), reallocate and deallocate(self, memory).")
        .def(nb::init<>());
    nb::class_<IGpuAsyncAllocator, IGpuAllocator, PyIGpuAsyncAllocator>(
        m, "IGpuAsyncAllocator", "Override allocate_async(self, size, alignment, flags, stream) and deallocate_async.")
        .def(nb::init<>());
}

}  // namespace lathe::python
