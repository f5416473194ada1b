// SPDX-License-Identifier: Apache-2.0
// Interfaces that users implement, in Python by subclassing: loggers, recorders, monitors, streams of bytes.
#include <nanobind/trampoline.h>

#include <cstdio>
#include <cstring>

#include "common.h"

namespace lathe::python {

using namespace nvinfer1;

namespace {

class PyILogger : public ILogger {
  public:
    NB_TRAMPOLINE(ILogger);
    void log(Severity severity, AsciiChar const* msg) noexcept override {
        callPython([&] {
            nb::str text =
                nb::steal<nb::str>(PyUnicode_DecodeUTF8(msg, static_cast<Py_ssize_t>(strlen(msg)), "replace"));
            nb_trampoline.base().attr("log")(severity, text);
        });
    }
};

// trt.Logger: prints to stderr what is at least as severe as min_severity.
class DefaultLogger : public ILogger {
  public:
    explicit DefaultLogger(Severity least) : minSeverity(least) {}
    void log(Severity severity, AsciiChar const* msg) noexcept override {
        if (severity > minSeverity) return;
        static constexpr const char* names[] = {"F", "E", "W", "I", "V"};
        fprintf(stderr, "[TRT] [%s] %s\n", names[static_cast<int>(severity)], msg);
    }
    Severity minSeverity;
};

class PyIErrorRecorder : public IErrorRecorder {
  public:
    NB_TRAMPOLINE(IErrorRecorder);
    APILanguage getAPILanguage() const noexcept override { return APILanguage::kPYTHON; }
    int32_t getNbErrors() const noexcept override {
        return callPython([&] { return nb::cast<int32_t>(nb_trampoline.base().attr("num_errors")()); }, 0);
    }
    ErrorCode getErrorCode(int32_t i) const noexcept override {
        return callPython([&] { return nb::cast<ErrorCode>(nb_trampoline.base().attr("get_error_code")(i)); },
                          ErrorCode::kUNSPECIFIED_ERROR);
    }
    ErrorDesc getErrorDesc(int32_t i) const noexcept override {
        return callPython(
            [&] {
                last_ = nb::cast<std::string>(nb_trampoline.base().attr("get_error_desc")(i));
                return last_.c_str();
            },
            "");
    }
    bool hasOverflowed() const noexcept override {
        return callPython([&] { return nb::cast<bool>(nb_trampoline.base().attr("has_overflowed")()); }, false);
    }
    void clear() noexcept override {
        callPython([&] { nb_trampoline.base().attr("clear")(); });
    }
    bool reportError(ErrorCode code, ErrorDesc desc) noexcept override {
        return callPython(
            [&] {
                nb::object r = nb_trampoline.base().attr("report_error")(code, desc);
                return !r.is_none() && nb::cast<bool>(r);
            },
            false);
    }
    // Python counts the references.
    RefCount incRefCount() noexcept override { return 1; }
    RefCount decRefCount() noexcept override { return 1; }

  private:
    mutable std::string last_;
};

class PyIProfiler : public IProfiler {
  public:
    NB_TRAMPOLINE(IProfiler);
    void reportLayerTime(AsciiChar const* layerName, float ms) noexcept override {
        callPython([&] { nb_trampoline.base().attr("report_layer_time")(layerName, ms); });
    }
};

// trt.Profiler: prints each layer's time.
class DefaultProfiler : public IProfiler {
  public:
    void reportLayerTime(AsciiChar const* name, float ms) noexcept override { printf("%s: %gms\n", name, ms); }
};

class PyIProgressMonitor : public IProgressMonitor {
  public:
    NB_TRAMPOLINE(IProgressMonitor);
    APILanguage getAPILanguage() const noexcept override { return APILanguage::kPYTHON; }
    void phaseStart(AsciiChar const* phaseName, AsciiChar const* parentPhase, int32_t nbSteps) noexcept override {
        callPython([&] { nb_trampoline.base().attr("phase_start")(phaseName, textOrNone(parentPhase), nbSteps); });
    }
    bool stepComplete(AsciiChar const* phaseName, int32_t step) noexcept override {
        return callPython([&] { return nb::cast<bool>(nb_trampoline.base().attr("step_complete")(phaseName, step)); },
                          false);
    }
    void phaseFinish(AsciiChar const* phaseName) noexcept override {
        callPython([&] { nb_trampoline.base().attr("phase_finish")(phaseName); });
    }
};

class PyIDebugListener : public IDebugListener {
  public:
    NB_TRAMPOLINE(IDebugListener);
    APILanguage getAPILanguage() const noexcept override { return APILanguage::kPYTHON; }
    bool processDebugTensor(void const* addr, TensorLocation location, DataType type, Dims const& shape,
                            char const* name, cudaStream_t stream) override {
        return callPython(
            [&] {
                nb_trampoline.base().attr("process_debug_tensor")(reinterpret_cast<uintptr_t>(addr), location, type,
                                                                  toTuple(shape), name,
                                                                  reinterpret_cast<uintptr_t>(stream));
                return true;
            },
            false);
    }
};

// What a Python reader answered, copied to where the library wants it; -1 for what is no bytes-like object.
int64_t copyBytes(const nb::object& answer, void* to, int64_t most) {
    Buffer bytes(answer);
    if (bytes.size() > static_cast<size_t>(most)) throw nb::value_error("more bytes than were asked for");
    memcpy(to, bytes.data(), bytes.size());
    return static_cast<int64_t>(bytes.size());
}

class PyIStreamReader : public IStreamReader {
  public:
    NB_TRAMPOLINE(IStreamReader);
    APILanguage getAPILanguage() const noexcept override { return APILanguage::kPYTHON; }
    int64_t read(void* destination, int64_t nbBytes) override {
        return callPython([&] { return copyBytes(nb_trampoline.base().attr("read")(nbBytes), destination, nbBytes); },
                          int64_t{-1});
    }
};

class PyIStreamReaderV2 : public IStreamReaderV2 {
  public:
    NB_TRAMPOLINE(IStreamReaderV2);
    APILanguage getAPILanguage() const noexcept override { return APILanguage::kPYTHON; }
    int64_t read(void* destination, int64_t nbBytes, cudaStream_t stream) noexcept override {
        return callPython(
            [&] {
                return copyBytes(nb_trampoline.base().attr("read")(nbBytes, reinterpret_cast<uintptr_t>(stream)),
                                 destination, nbBytes);
            },
            int64_t{-1});
    }
    bool seek(int64_t offset, SeekPosition where) noexcept override {
        return callPython(
            [&] {
                nb::object r = nb_trampoline.base().attr("seek")(offset, where);
                return r.is_none() || nb::cast<bool>(r);
            },
            false);
    }
};

class PyIStreamWriter : public IStreamWriter {
  public:
    NB_TRAMPOLINE(IStreamWriter);
    APILanguage getAPILanguage() const noexcept override { return APILanguage::kPYTHON; }
    int64_t write(void const* data, int64_t nbBytes) override {
        return callPython(
            [&] {
                nb::bytes bytes(data, static_cast<size_t>(nbBytes));
                return nb::cast<int64_t>(nb_trampoline.base().attr("write")(bytes));
            },
            int64_t{-1});
    }
};

void bindLogging(nb::module_& m) {
    auto logger = nb::class_<ILogger, PyILogger>(m, "ILogger", "Receives messages: override log(self, severity, msg).");
    bindEnum<ILogger::Severity>(logger, "Severity",
                                {{"INTERNAL_ERROR", ILogger::Severity::kINTERNAL_ERROR},
                                 {"ERROR", ILogger::Severity::kERROR},
                                 {"WARNING", ILogger::Severity::kWARNING},
                                 {"INFO", ILogger::Severity::kINFO},
                                 {"VERBOSE", ILogger::Severity::kVERBOSE}},
                                /*exportValues=*/true);
    logger.def(nb::init<>());
    nb::class_<DefaultLogger, ILogger>(m, "Logger", "Prints to stderr what is at least as severe as min_severity.")
        .def(nb::init<ILogger::Severity>(), "min_severity"_a = ILogger::Severity::kWARNING)
        .def_rw("min_severity", &DefaultLogger::minSeverity)
        .def(
            "log", [](DefaultLogger& self, ILogger::Severity s, const char* msg) { self.log(s, msg); }, "severity"_a,
            "msg"_a);
    nb::class_<IErrorRecorder, IVersionedInterface, PyIErrorRecorder>(
        m, "IErrorRecorder",
        "Receives errors: override report_error(self, code, desc), num_errors, get_error_code, get_error_desc, "
        "has_overflowed and clear.")
        .def(nb::init<>())
        .def_prop_ro_static("MAX_DESC_LENGTH", [](nb::handle) { return IErrorRecorder::kMAX_DESC_LENGTH; });
    nb::class_<IProfiler, PyIProfiler>(m, "IProfiler",
                                       "Receives layer times: override report_layer_time(self, layer_name, ms).")
        .def(nb::init<>());
    nb::class_<DefaultProfiler, IProfiler>(m, "Profiler", "Prints the time of each layer.")
        .def(nb::init<>())
        .def("report_layer_time", &DefaultProfiler::reportLayerTime, "layer_name"_a, "ms"_a);
}

}  // namespace

void bindCallbacks(nb::module_& m) {
    nb::class_<InterfaceInfo>(m, "InterfaceInfo")
        .def_prop_ro("kind", [](const InterfaceInfo& i) { return std::string(i.kind); })
        .def_ro("major", &InterfaceInfo::major)
        .def_ro("minor", &InterfaceInfo::minor);
    nb::class_<IVersionedInterface>(m, "IVersionedInterface")
        .def_prop_ro("api_language", &IVersionedInterface::getAPILanguage)
        .def_prop_ro("interface_info", &IVersionedInterface::getInterfaceInfo);
    bindEnum<SeekPosition>(m, "SeekPosition",
                           {{"SET", SeekPosition::kSET}, {"CUR", SeekPosition::kCUR}, {"END", SeekPosition::kEND}});
    bindLogging(m);
    nb::class_<IProgressMonitor, IVersionedInterface, PyIProgressMonitor>(
        m, "IProgressMonitor", "Watches a build: override phase_start, step_complete (False cancels) and phase_finish.")
        .def(nb::init<>());
    nb::class_<IDebugListener, IVersionedInterface, PyIDebugListener>(
        m, "IDebugListener",
        "Receives debug tensors: override process_debug_tensor(self, addr, location, type, shape, name, stream).")
        .def(nb::init<>());
    nb::class_<IStreamReader, IVersionedInterface, PyIStreamReader>(
        m, "IStreamReader", "A source of plan bytes: override read(self, num_bytes) to answer bytes.")
        .def(nb::init<>());
    nb::class_<IStreamReaderV2, IVersionedInterface, PyIStreamReaderV2>(
        m, "IStreamReaderV2",
        "A source of plan bytes: override read(self, num_bytes, stream) to answer bytes, and seek(self, offset, "
        "where).")
        .def(nb::init<>());
    nb::class_<IStreamWriter, IVersionedInterface, PyIStreamWriter>(
        m, "IStreamWriter", "A sink for plan bytes: override write(self, data) to answer how many bytes it took.")
        .def(nb::init<>());
}

}  // namespace lathe::python
