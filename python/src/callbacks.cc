// SPDX-License-Identifier: Apache-2.0
// Interfaces that users implement: in Python by subclassing.
#include <nanobind/trampoline.h>

#include <cstdio>
#include <cstring>

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

class PyILogger : public ILogger {
  public:
    NB_TRAMPOLINE(ILogger, 1);
    void log(Severity severity, AsciiChar const* msg) noexcept override {
        call(
            [&] {
                nb::str text =
                    nb::steal<nb::str>(PyUnicode_DecodeUTF8(msg, static_cast<Py_ssize_t>(strlen(msg)), "replace"));
                nb_trampoline.base().attr("log")(severity, text);
                return 0;
            },
            0);
    }
};

// trt.Logger: prints to stderr what is at least as severe as min_severity.
class DefaultLogger : public ILogger {
  public:
    explicit DefaultLogger(Severity least) : minSeverity(least) {}
    void log(Severity severity, AsciiChar const* msg) noexcept override {
        if (severity > minSeverity) return;
        static constexpr const char* names[] = {"INTERNAL ERROR", "ERROR", "WARNING", "INFO", "VERBOSE"};
        fprintf(stderr, "[TRT] [%s] %s\n", names[static_cast<int>(severity)], msg);
    }
    Severity minSeverity;
};

class PyIProfiler : public IProfiler {
  public:
    NB_TRAMPOLINE(IProfiler, 1);
    void reportLayerTime(AsciiChar const* layerName, float ms) noexcept override {
        call(
            [&] {
                nb_trampoline.base().attr("report_layer_time")(layerName, ms);
                return 0;
            },
            0);
    }
};

class PyIProgressMonitor : public IProgressMonitor {
  public:
    NB_TRAMPOLINE(IProgressMonitor, 3);
    void phaseStart(AsciiChar const* phaseName, AsciiChar const* parentPhase, int32_t nbSteps) noexcept override {
        call(
            [&] {
                nb::object parent = parentPhase ? nb::object(nb::str(parentPhase)) : nb::none();
                nb_trampoline.base().attr("phase_start")(phaseName, parent, nbSteps);
                return 0;
            },
            0);
    }
    bool stepComplete(AsciiChar const* phaseName, int32_t step) noexcept override {
        return call([&] { return nb::cast<bool>(nb_trampoline.base().attr("step_complete")(phaseName, step)); }, false);
    }
    void phaseFinish(AsciiChar const* phaseName) noexcept override {
        call(
            [&] {
                nb_trampoline.base().attr("phase_finish")(phaseName);
                return 0;
            },
            0);
    }
};

class PyIOutputAllocator : public IOutputAllocator {
  public:
    NB_TRAMPOLINE(IOutputAllocator, 3);
    void* reallocateOutput(char const* tensorName, void* currentMemory, uint64_t size,
                           uint64_t alignment) noexcept override {
        return call(
            [&] {
                nb::object r = nb_trampoline.base().attr("reallocate_output")(
                    tensorName, reinterpret_cast<uintptr_t>(currentMemory), size, alignment);
                return r.is_none() ? nullptr : reinterpret_cast<void*>(nb::cast<uintptr_t>(r));
            },
            static_cast<void*>(nullptr));
    }
    void* reallocateOutputAsync(char const* tensorName, void* currentMemory, uint64_t size, uint64_t alignment,
                                cudaStream_t stream) override {
        return call(
            [&]() -> void* {
                nb::handle self = nb_trampoline.base();
                uintptr_t at = reinterpret_cast<uintptr_t>(currentMemory);
                nb::object r = nb::hasattr(self, "reallocate_output_async")
                                   ? self.attr("reallocate_output_async")(tensorName, at, size, alignment,
                                                                          reinterpret_cast<uintptr_t>(stream))
                                   : self.attr("reallocate_output")(tensorName, at, size, alignment);
                return r.is_none() ? nullptr : reinterpret_cast<void*>(nb::cast<uintptr_t>(r));
            },
            static_cast<void*>(nullptr));
    }
    void notifyShape(char const* tensorName, Dims const& dims) noexcept override {
        call(
            [&] {
                nb_trampoline.base().attr("notify_shape")(tensorName, toTuple(dims));
                return 0;
            },
            0);
    }
};

}  // namespace

void bindCallbacks(nb::module_& m) {
    auto logger = nb::class_<ILogger, PyILogger>(m, "ILogger", "Receives messages: override log(self, severity, msg).");
    nb::enum_<ILogger::Severity> severity(logger, "Severity", nb::is_arithmetic());
    severity.value("INTERNAL_ERROR", ILogger::Severity::kINTERNAL_ERROR)
        .value("ERROR", ILogger::Severity::kERROR)
        .value("WARNING", ILogger::Severity::kWARNING)
        .value("INFO", ILogger::Severity::kINFO)
        .value("VERBOSE", ILogger::Severity::kVERBOSE)
        .export_values();
    logger.def(nb::init<>());
    auto standard =
        nb::class_<DefaultLogger, ILogger>(m, "Logger", "Prints to stderr what is at least as severe as min_severity.");
    standard.def(nb::init<ILogger::Severity>(), "min_severity"_a = ILogger::Severity::kWARNING)
        .def_rw("min_severity", &DefaultLogger::minSeverity)
        .def(
            "log", [](DefaultLogger& self, ILogger::Severity s, const char* msg) { self.log(s, msg); }, "severity"_a,
            "msg"_a);

    nb::class_<IProfiler, PyIProfiler>(m, "IProfiler",
                                       "Receives layer times: override report_layer_time(self, layer_name, ms).")
        .def(nb::init<>());
    nb::class_<IProgressMonitor, PyIProgressMonitor>(
        m, "IProgressMonitor", "Watches a build: override phase_start, step_complete (False cancels) and phase_finish.")
        .def(nb::init<>());
    nb::class_<IOutputAllocator, PyIOutputAllocator>(
        m, "IOutputAllocator",
        "Allocates outputs whose size is known only while running: override reallocate_output and notify_shape.")
        .def(nb::init<>());
}

}  // namespace lathe::python
